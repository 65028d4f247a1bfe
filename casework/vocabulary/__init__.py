"""The coded lists of the field, in French and English. Pure: no Django, no settings.

The data are the CSV files beside this module, one row per code. A code is never reused and never deleted: an old case must stay
readable. What is no longer used gets a `valid_to`; another spelling people use goes to `also` and is understood by `find`.
`parent` names the code one level up: borough → sector → city → province.
"""

import csv
import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
FILES: Final = (
    "encounter",
    "aftermath",
    "people",
    "places",
    "consent",
    "casefile",
    "followup",
    "figures",
    "exports",
    "stories",
)
PARENTS: Final = {
    "borough": "sector",
    "sector": "city",
    "city": "province",
    "police_district": "police_service",
}
NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Term:
    code: str
    en: str
    fr: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    parent: str = ""
    also: tuple[str, ...] = ()

    def label(self, language: str) -> str:
        return self.fr if language.startswith("fr") else self.en

    def valid_on(self, day: dt.date) -> bool:
        return (self.valid_from or day) <= day <= (self.valid_to or day)

    def spellings(self) -> tuple[str, ...]:
        return (self.code, self.en, self.fr, *self.also)


def _date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _term(row: dict[str, str]) -> Term:
    return Term(
        code=row["code"],
        en=row["label_en"],
        fr=row["label_fr"],
        valid_from=_date(row["valid_from"]),
        valid_to=_date(row["valid_to"]),
        parent=row["parent"],
        also=tuple(name for name in row["also"].split("|") if name),
    )


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one of the package's CSV files."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def _all() -> dict[str, dict[str, Term]]:
    found: dict[str, dict[str, Term]] = {}
    for row in (row for name in FILES for row in rows(name)):
        found.setdefault(row["vocabulary"], {})[row["code"]] = _term(row)
    return found


def spelling_key(text: str) -> str:
    """Case, accents, apostrophes and dashes do not count: `L’Île-Bizard` and `l ile bizard` are one spelling."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return NOT_WORD.sub(" ", plain.casefold()).strip()


@cache
def _spellings(vocabulary: str) -> dict[str, str]:
    return {spelling_key(s): t.code for t in _all()[vocabulary].values() for s in t.spellings()}


def terms(vocabulary: str, on: dt.date | None = None) -> tuple[Term, ...]:
    """In the order of the list; with `on`, only those in use that day. KeyError for an unknown vocabulary."""
    return tuple(term for term in _all()[vocabulary].values() if on is None or term.valid_on(on))


def codes(vocabulary: str) -> tuple[str, ...]:
    return tuple(_all()[vocabulary])


def term(vocabulary: str, code: str) -> Term:
    return _all()[vocabulary][code]


def label(vocabulary: str, code: str, language: str) -> str:
    """The code itself when it is unknown: a page about an old case must not fail over a word."""
    known = _all().get(vocabulary, {}).get(code)
    return known.label(language) if known else code


def told(label: str, value: str, language: str) -> str:
    """`label: value`, with the space before the colon that French and Haitian Creole have, and that no line breaks at."""
    colon = "\N{NO-BREAK SPACE}:" if language[:2] in ("fr", "ht") else ":"
    return f"{label}{colon} {value}"


def find(vocabulary: str, text: str) -> str | None:
    """The code meant by a code, a label in either language or another known spelling."""
    return _spellings(vocabulary).get(spelling_key(text))


def ancestors(vocabulary: str, code: str) -> tuple[tuple[str, str], ...]:
    """What lies above, nearest first: `("sector", "SECTOR_NORTH"), ("city", "MONTREAL"), ("province", "QC")`."""
    found: list[tuple[str, str]] = []
    known = _all()[vocabulary].get(code)
    while known and known.parent:
        vocabulary = PARENTS[vocabulary]
        found.append((vocabulary, known.parent))
        known = _all()[vocabulary].get(known.parent)
    return tuple(found)


VOCABULARIES: Final = tuple(_all())
