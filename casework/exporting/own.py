"""A person's own file, as they have a right to see it: everything that is kept about them, in their language, and nothing that
others confided. One document, from which the paper and the file for programs are both made."""

import csv
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

from casework import consent, vocabulary
from casework.exporting.fields import FIELDS, Manner, step_line
from casework.record import CaseRecord, Moment, Person, Statement
from casework.register import Exported

LANGUAGES: Final = ("fr", "en", "es", "ht", "ar")
RIGHT_TO_LEFT: Final = ("ar",)
# Told by the person themself, or by nobody in particular in a file that is about them alone.
THEIR_OWN: Final = ("SELF", "")
SECTIONS: Final = {
    "about": ("person_alias", "person_name", "age_band", "gender", "region", "language", "immigration_basis"),
    "event": (
        "reference", "event_date", "city", "borough", "place_type", "place_note", "police_service", "pretext", "reason_given",
        "status_raised", "suspicion_cue", "cbsa_involvement", "held_hours", "officers", "denials", "verification",
    ),
    "aftermath": ("outcome", "harm"),
}  # fmt: skip
# Links a person to their row among the figures: no paper may carry it.
NEVER: Final = ("statistic_token",)


class Section(msgspec.Struct):
    """`facts`: labels with values; `lines`: what has no label; `texts`: a person's own words, with
    their paragraphs, and whether their letters run from right to left."""

    heading: str
    facts: list[tuple[str, str]] = []
    lines: list[str] = []
    texts: list[tuple[str, bool]] = []


class Document(msgspec.Struct):
    language: str
    right_to_left: bool
    title: str
    colon: str
    lead: list[str]
    facts: list[tuple[str, str]]
    sections: list[Section]


@cache
def headings(language: str) -> dict[str, str]:
    with (Path(__file__).parent / "headings.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row[language] for row in csv.DictReader(file)}


def document(
    record: CaseRecord, person: Person, copies: list[Exported], language: str, made: dict[str, str]
) -> Document:
    """`made`: who made it, on which day, and until when it may be kept."""
    words = headings(language)
    manner = Manner("en" if language == "en" else "fr", exact=True)
    sections = [
        *(_facts(record, person, manner, words, name) for name in ("about", "event")),
        Section(words["chain"], lines=[step_line(step, manner) for step in person.steps]),
        _facts(record, person, manner, words, "aftermath"),
        _safety(person, manner, words),
        Section(
            words["statements"],
            texts=[(s.text, runs_left(s.text)) for s in own_statements(record, person) if s.text],
        ),
        _consents(person, manner, words),
        _copies(person, copies, manner, words),
        Section(words["withheld"], lines=_withheld(record, person, words)),
        Section(words["your_rights"], lines=[words["rights"]]),
    ]
    return Document(
        language,
        language in RIGHT_TO_LEFT,
        words["title"],
        words["colon"],
        [text for text in (words["explained"], words["lists"]) if text],
        [(words[name], value) for name, value in made.items()],
        [s for s in sections if s.facts or s.lines or s.texts],
    )


def _facts(record: CaseRecord, person: Person, manner: Manner, words: dict[str, str], name: str) -> Section:
    read = {field.code: field.read for field in FIELDS}
    told = ((words[code], read[code](record, person, manner)) for code in SECTIONS[name])
    return Section(words[name], facts=[fact for fact in told if fact[1]])


def _safety(person: Person, manner: Manner, words: dict[str, str]) -> Section:
    read = (
        (name, _said(name, getattr(person.safety, name), manner)) for name in person.safety.__struct_fields__
    )
    return Section(words["safety"], facts=[(words[name], text) for name, text in read if text])


def _said(name: str, value: Any, manner: Manner) -> str:
    if isinstance(value, Moment):
        return manner.moment(value)
    if name == "detained_where":
        return manner.label("detention_place", value)
    return manner.label("answer", value) if value in vocabulary.codes("answer") else value or ""


def runs_left(text: str) -> bool:
    """By the first letter that has a direction."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind in ("R", "AL") for kind in strong if kind in ("L", "R", "AL")), False)


def own_statements(record: CaseRecord, person: Person) -> list[Statement]:
    alone = len(record.victims()) == 1
    mine = (s for s in record.statements if not s.about or person.id in s.about)
    return [s for s in mine if s.source in (THEIR_OWN if alone else ("SELF",)) and (alone or s.about)]


def _consents(person: Person, manner: Manner, words: dict[str, str]) -> Section:
    """The latest answer to each purpose, and until when it holds."""
    found = []
    for purpose in consent.PURPOSES:
        answer = person.consent_for(purpose)
        if answer is None or answer.state == "NOT_ASKED":
            continue
        parts = [manner.label("consent_state", answer.state), answer.on.isoformat() if answer.on else ""]
        if consent.may(person, purpose):
            parts.append(f"{words['until']} {consent.expiry(answer).isoformat()}")
        found.append((manner.label("purpose", purpose), ", ".join(filter(None, [*parts, answer.conditions]))))
    return Section(words["consents"], facts=found)


def _copies(person: Person, copies: list[Exported], manner: Manner, words: dict[str, str]) -> Section:
    told = [
        (
            entry.at.date().isoformat(),
            vocabulary.told(manner.label("export_recipient", entry.recipient), entry.to, manner.language),
        )
        for entry in copies
        if person.id in entry.people
    ]
    return Section(words["copies"], facts=told)


def _withheld(record: CaseRecord, person: Person, words: dict[str, str]) -> list[str]:
    others = len(record.persons) > 1
    untold = len([s for s in record.statements if s.text]) > len(own_statements(record, person))
    return [words["told_by_others"]] * untold + [words["other_people"]] * others


def for_programs(made: Document, person: Person) -> dict[str, Any]:
    """What stands on the paper, and the same in codes."""
    coded = msgspec.to_builtins(person)
    return {
        "schema": "temoin-person/1",
        "document": msgspec.to_builtins(made),
        "coded": {name: value for name, value in coded.items() if name not in NEVER},
    }
