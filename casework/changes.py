"""What differs between two states of a record, place by place, and one state made of two. Pure: no Django.

A place is a path: `("event", "city")`, `("persons", id, "alias")`. What has an id is found by it, so that order does not
count and two people who each added something have each added something. Any other list is one value."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from casework.record import CaseRecord, decode_record, encode

Path = tuple[str, ...]
# Of no meaning to a reader: tokens, ids, and what `Saved` says already.
UNSEEN: Final = frozenset({"id", "version", "event_token", "statistic_token", "consent_key", "saved"})
# What a restoration brings back. Everything else stays as it is today: consents above all, which never go back, and whatever was
# done for people in the meantime.
RESTORED: Final = ("reference", "event", "statements", "officers", "denials", "verification")
RESTORED_OF_PERSON: Final = (
    "roles", "alias", "name", "age_band", "gender", "region", "language", "minor", "immigration_basis", "status_raised",
    "suspicion_cue", "cbsa_involvement", "held_hours", "steps", "outcomes", "harms", "safety",
)  # fmt: skip
# Texts of several lines: what two people wrote may stand one under the other.
JOINED: Final = frozenset({"text", "reach", "agreed", "note"})


@dataclass(frozen=True)
class Change:
    """`before` or `after` is None where there was nothing, or is nothing any more."""

    path: Path
    before: Any
    after: Any


@dataclass(frozen=True)
class Meeting:
    """A place that two people left in different states, and how it was before either of them."""

    path: Path
    before: Any
    theirs: Any
    mine: Any

    @property
    def mine_is_new(self) -> bool:
        return bool(self.mine != self.before)

    @property
    def contested(self) -> bool:
        return self.mine_is_new and bool(self.theirs != self.before)

    @property
    def joined(self) -> Any:
        """Both, one after the other, where that makes sense: in words that were told, and in lists. Else None."""
        if isinstance(self.theirs, list) and isinstance(self.mine, list):
            return [*self.theirs, *(item for item in self.mine if item not in self.theirs)]
        if self.path[-1] in JOINED and self.theirs and self.mine:
            return f"{self.theirs}\n\n{self.mine}"
        return None


def copy_of(record: CaseRecord) -> CaseRecord:
    return decode_record(encode(record))


def differences(before: CaseRecord, after: CaseRecord) -> list[Change]:
    old, new = _values(before), _values(after)
    partly = _items(before).keys() ^ _items(after).keys()
    places = {_whole(path, partly): None for path in (*new, *old)}
    return [
        Change(path, was, now)
        for path in places
        if (was := value_at(before, path)) != (now := value_at(after, path))
    ]


def meetings(before: CaseRecord, theirs: CaseRecord, mine: CaseRecord) -> list[Meeting]:
    """Every place where mine and theirs differ. Where either of the two took something away whole, it is shown whole."""
    records = (before, theirs, mine)
    everywhere = set.intersection(*(set(_items(record)) for record in records))
    partly = {path for record in records for path in _items(record)} - everywhere
    places = {_whole(path, partly): None for record in (mine, theirs) for path in _values(record)}
    found = [Meeting(path, *(value_at(record, path) for record in records)) for path in places]
    return [meeting for meeting in found if meeting.theirs != meeting.mine]


def merged(theirs: CaseRecord, chosen: Iterable[tuple[Path, Any]]) -> CaseRecord:
    """Theirs, except for the places named, which get the value beside them."""
    record = copy_of(theirs)
    for path, value in chosen:
        _put(record, path, value)
    return record


def restored(old: CaseRecord, today: CaseRecord) -> CaseRecord:
    """An earlier state, as far as it may come back. Nobody is brought back into the file or taken out of it."""
    record, source = copy_of(today), copy_of(old)
    for name in RESTORED:
        setattr(record, name, getattr(source, name))
    for person in record.persons:
        before = source.person(person.id)
        for name in RESTORED_OF_PERSON if before else ():
            setattr(person, name, getattr(before, name))
    return record


def value_at(record: CaseRecord, path: Path) -> Any:
    """None where the path leads nowhere."""
    found: Any = record
    for name in path:
        found = _item(found, name) if isinstance(found, list) else getattr(found, name, None)
    return found


def _item(items: list[Any], item_id: str) -> Any:
    return next((item for item in items if item.id == item_id), None)


def _has_ids(value: Any) -> bool:
    return isinstance(value, list) and all(hasattr(item, "id") for item in value)


def _items(record: CaseRecord) -> dict[Path, Any]:
    """Whatever has an id, by its place."""
    lists = {name: getattr(record, name) for name in record.__struct_fields__}
    return {(name, item.id): item for name, items in lists.items() if _has_ids(items) for item in items}


def _values(record: CaseRecord) -> dict[Path, Any]:
    return dict(_walk((), record))


def _walk(path: Path, struct: Any) -> Iterable[tuple[Path, Any]]:
    for name in struct.__struct_fields__:
        if name in UNSEEN:
            continue
        value, here = getattr(struct, name), (*path, name)
        if isinstance(value, msgspec.Struct) and not value.__struct_config__.frozen:
            yield from _walk(here, value)
        elif not path and _has_ids(value):
            for item in value:
                yield from _walk((*here, item.id), item)
        else:
            yield here, value


def _whole(path: Path, partly: Iterable[Path]) -> Path:
    """The place of the item itself where it is missing on one side: it is taken or left as one."""
    return path[:2] if path[:2] in partly else path


def _put(record: CaseRecord, path: Path, value: Any) -> None:
    *way, last = path
    holder = value_at(record, tuple(way))
    if not isinstance(holder, list):
        setattr(holder, last, value)
        return
    place = next((number for number, item in enumerate(holder) if item.id == last), len(holder))
    holder[place : place + 1] = [] if value is None else [value]
