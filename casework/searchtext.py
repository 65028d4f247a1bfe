"""The texts of a case that a search reads, each with the name of the place it stands in. Pure.

Whatever else people should find by its words is added to `texts`, and nowhere else."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from casework.folding import normalise
from casework.record import CaseRecord, Officer

# Neither stands in a folded text, so that no phrase runs from one text into the next.
BETWEEN: Final = "\n"
SECTION: Final = "\x1d"


class Text(NamedTuple):
    """`place` is a code; `casework.views.hits` has the words for it."""

    place: str
    text: str


class FileWords(NamedTuple):
    """What a piece of evidence is looked for by. `kind`: its type by content."""

    name: str
    kind: str
    description: str


# Said alike in French and English.
SORTS: Final = {"image": "photo", "audio": "audio", "video": "video"}
FORMATS: Final = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
    "application/octet-stream": "",
    "text/plain": "",
    "image/svg+xml": "SVG",
}


def texts(record: CaseRecord, files: Sequence[FileWords] = ()) -> Iterator[Text]:
    """In the order in which a hit is worth showing."""
    yield from (Text("statement", s.text) for s in record.statements)
    for person in record.persons:
        yield from (Text("step", step.note) for step in person.steps)
        yield from (Text("safety", person.safety.reach), Text("safety", person.safety.agreed))
    yield from (Text("denial", f"{d.place} {d.note}".strip()) for d in record.denials)
    yield from _follow_up(record)
    yield from (Text("file", _file_text(file)) for file in files)
    yield Text("place", record.event.place_note)
    for person in record.persons:
        yield from (Text("alias", person.alias), Text("name", person.name))
    yield from (Text("officer", officer_text(officer)) for officer in record.officers)
    yield Text("reference", record.reference)
    yield from (Text("tag", tag) for tag in record.tags)


def _follow_up(record: CaseRecord) -> Iterator[Text]:
    yield from (Text("task", task.text) for task in record.tasks)
    yield from (Text("date", date.note) for date in record.dates)
    yield from (Text("interaction", f"{talk.whom} {talk.text}".strip()) for talk in record.interactions)
    yield from (Text("referral", " ".join(filter(None, (r.name, r.what, r.note)))) for r in record.referrals)


def _file_text(file: FileWords) -> str:
    sort, _, form = file.kind.partition("/")
    kind = " ".join(filter(None, (SORTS.get(sort), FORMATS.get(file.kind, form.upper()))))
    return " · ".join(filter(None, (file.name, kind, file.description)))


def officer_text(officer: Officer) -> str:
    return " ".join(filter(None, (officer.badge, officer.name, officer.description)))


def search_text(record: CaseRecord, files: Sequence[FileWords] = ()) -> str:
    """Folded once at save, because doing it for every search of ten thousand narratives costs seconds. Names and badges
    stand in front: looking for a name reads no further."""
    people = (name for person in record.persons for name in (person.name, person.alias))
    badges = (officer.badge for officer in record.officers)
    sections = (people, badges, (text for _, text in texts(record, files)))
    return SECTION.join(map(_lines, sections))


def _lines(found: Iterable[str]) -> str:
    return BETWEEN.join(filter(None, dict.fromkeys(map(normalise, found))))


class Heading(NamedTuple):
    """What stands in front of a search text."""

    names: list[str]
    badges: list[str]


def heading(text: bytes) -> Heading:
    names, badges, *_rest = (*text.split(SECTION.encode(), 2), b"", b"")
    return Heading(names.decode().splitlines(), badges.decode().splitlines())
