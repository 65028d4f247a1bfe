"""Every text of a record that somebody typed in their own words, each at its place. Pure.

Where a text tells of whom, only people can say: they are shown each of these before one person's part leaves a file, and a field
that is missing here would stay unread. `tests/test_parting.py` fails when a record has a text that is named in neither list."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec

from casework.agenda import DateToKeep, Interaction, Referral, Task
from casework.record import CaseRecord, Event, Officer, Person, Safety, ServiceDenial, Statement, Step

WORDS: Final[dict[type, tuple[str, ...]]] = {
    CaseRecord: ("reference",),
    Event: ("place_note",),
    Statement: ("text",),
    Officer: ("description", "name", "badge"),
    ServiceDenial: ("place", "note"),
    Person: ("alias", "name"),
    Step: ("note",),
    Safety: ("reach", "agreed"),
    Task: ("text",),
    DateToKeep: ("note",),
    Interaction: ("whom", "text"),
    Referral: ("what", "note"),
}
# Without these words, nothing is left of the thing they stand in.
ALL_THERE_IS: Final = {"statements": "text", "tasks": "text", "interactions": "text"}


class Text(NamedTuple):
    """`way`: where it stands, as field names and numbers; `field`: the last of them."""

    way: tuple[str | int, ...]
    text: str

    @property
    def field(self) -> str:
        return str(self.way[-1])


def texts(record: CaseRecord) -> list[Text]:
    """In the order of the record, which is the same for the same record."""
    return list(_texts(record, ()))


def _texts(struct: msgspec.Struct, way: tuple[str | int, ...]) -> Iterator[Text]:
    for name in struct.__struct_fields__:
        value, here = getattr(struct, name), (*way, name)
        if name in WORDS.get(type(struct), ()) and value:
            yield Text(here, value)
        elif isinstance(value, msgspec.Struct):
            yield from _texts(value, here)
        elif isinstance(value, list):
            for number, item in enumerate(value):
                if isinstance(item, msgspec.Struct):
                    yield from _texts(item, (*here, number))


def rewrite(record: CaseRecord, words: dict[tuple[str | int, ...], str]) -> None:
    """Each text at its place as it is to be from now on; what has lost all its words goes."""
    for (*way, last), text in words.items():
        setattr(_at(record, way), str(last), text)
    for name, field in ALL_THERE_IS.items():
        setattr(record, name, [item for item in getattr(record, name) if getattr(item, field).strip()])


def _at(holder: Any, way: list[str | int]) -> Any:
    for step in way:
        holder = holder[step] if isinstance(step, int) else getattr(holder, step)
    return holder
