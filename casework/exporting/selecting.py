"""What of a case may go, person by person and field by field, and for what is withheld, why. The preview shows it and the copy is
made from it: there is no other way into a copy."""

from dataclasses import dataclass, field
from typing import Final

from casework import consent
from casework.exporting.fields import FIELDS, Field, Manner
from casework.exporting.purposes import COVERS, OF_EVERYBODY, WORDS_NEED
from casework.record import CaseRecord, Person

# Codes of `export_withheld`.
NO_CONSENT, NOT_NEEDED, OTHERS, NO_QUOTE = "NO_CONSENT", "NOT_NEEDED", "OTHERS", "NO_QUOTE"
CLOSED, BROKEN = "CLOSED", "BROKEN"


@dataclass(frozen=True)
class PersonCopy:
    """One person's row. `cells`: code of the field → what it says; `withheld`: code of the field → why, only where there was
    something to withhold; `refused`: why nothing of this person goes."""

    person: Person
    refused: str = ""
    conditions: str = ""
    cells: dict[str, str] = field(default_factory=dict)
    withheld: dict[str, str] = field(default_factory=dict)


def select(record: CaseRecord, purpose: str, language: str) -> list[PersonCopy]:
    """Of everybody whose story it is; witnesses and officers are not the subject of a copy."""
    return [_copy(record, person, purpose, language) for person in record.victims()]


def _copy(record: CaseRecord, person: Person, purpose: str, language: str) -> PersonCopy:
    if not consent.may(person, purpose):
        return PersonCopy(person, refused=NO_CONSENT)
    answer = person.consent_for(purpose)
    copy = PersonCopy(person, conditions=answer.conditions if answer else "")
    manner = Manner(language, exact="exact" in COVERS[purpose])
    for wanted in FIELDS:
        text = wanted.read(record, person, manner)
        if text and (why := _withheld(record, wanted, purpose)):
            copy.withheld[wanted.code] = why
        elif text:
            copy.cells[wanted.code] = text
    return copy


def _withheld(record: CaseRecord, wanted: Field, purpose: str) -> str:
    if wanted.part not in COVERS[purpose]:
        return NOT_NEEDED
    if wanted.part not in OF_EVERYBODY:
        return ""
    if not all_agree(record, purpose):
        return OTHERS
    words = WORDS_NEED.get(purpose)
    return NO_QUOTE if words and not all_agree(record, words) else ""


def all_agree(record: CaseRecord, purpose: str) -> bool:
    return all(consent.may(person, purpose) for person in record.victims())


def columns(copies: list[PersonCopy]) -> list[Field]:
    """Those in which anybody's row says something, in their order."""
    filled: Final = {code for copy in copies for code in copy.cells}
    return [wanted for wanted in FIELDS if wanted.code in filled]


def table(copies: list[PersonCopy], language: str) -> list[list[str]]:
    """A row of titles, then one for each person who agreed."""
    wanted = columns(copies)
    rows = [[copy.cells.get(f.code, "") for f in wanted] for copy in copies if not copy.refused]
    return [[f.label(language) for f in wanted], *rows]
