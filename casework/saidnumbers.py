"""Numbers in what is written around the tables: a sentence can give away what a table suppresses. Pure: no Django.

It flags and does not decide: a street, a law or a date has numbers too, and a person can tell.
"""

import itertools
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from casework.documents import Document, Place, Table, key_of
from casework.facts import TOTAL

SMALL, HIDDEN, UNKNOWN = "small", "hidden", "unknown"
# With what either language puts between thousands, and at most one decimal.
NUMBER: Final = re.compile(r"(?<![\w.,])(\d{1,3}(?:[ \u00a0\u202f,.'’]\d{3})+|\d+)([.,]\d)?(?![\w])(\s?%)?")
# "un", "une", "one" and "a" say nothing by themselves; "neuf" is also "new".
WORDS: Final = {
    word: number
    for number, words in {
        2: "two deux", 3: "three trois", 4: "four quatre", 5: "five cinq", 6: "six", 7: "seven sept", 8: "eight huit",
        9: "nine neuf", 10: "ten dix", 11: "eleven onze", 12: "twelve douze",
    }.items()
    for word in words.split()
}  # fmt: skip
SPOKEN: Final = re.compile(rf"\b({'|'.join(WORDS)})\b", re.IGNORECASE)
YEARS: Final = range(1990, 2100)


@dataclass(frozen=True)
class Flag:
    """`said`: as it was written. `kind`: below the threshold, equal to a suppressed count, or not in the tables."""

    said: str
    kind: str


@dataclass(frozen=True)
class Said:
    words: str
    value: float
    digits: int
    percent: bool


def flags(texts: Collection[str], document: Document, hidden: Collection[int]) -> list[Flag]:
    """`hidden`: what the suppressed cells really count."""
    printed = {cell.value for table in document.tables for cell in table.cells if cell.value is not None}
    shares = list(_shares(document))
    found = [_flag(said, document, printed, shares, hidden) for text in texts for said in numbers(text)]
    return list(dict.fromkeys(flag for flag in found if flag))


def numbers(text: str) -> Iterator[Said]:
    for match in NUMBER.finditer(text):
        whole, part, percent = match.groups()
        value = int(re.sub(r"\D", "", whole)) + (int(part[1]) / 10 if part else 0)
        yield Said(match.group().strip(), value, 1 if part else 0, bool(percent))
    for match in SPOKEN.finditer(text):
        yield Said(match.group(), WORDS[match.group().lower()], 0, percent=False)


def _flag(
    said: Said, document: Document, printed: set[int], shares: list[float], hidden: Collection[int]
) -> Flag | None:
    if said.percent:
        near = 0.5 * 10**-said.digits + 1e-9
        return None if any(abs(share - said.value) <= near for share in shares) else Flag(said.words, UNKNOWN)
    if said.value in printed or said.value == document.threshold or _is_year(said, document, printed):
        return None
    if 0 < said.value < document.threshold:
        return Flag(said.words, SMALL)
    return Flag(said.words, HIDDEN if said.value in hidden else UNKNOWN)


def _is_year(said: Said, document: Document, printed: set[int]) -> bool:
    """Any year, unless so many people are counted that it could be one of their numbers."""
    inside = int(document.period.start[:4]) <= said.value <= int(document.period.end[:4])
    looks = said.words.isdigit() and said.value in YEARS
    return looks and (inside or max(printed, default=0) < YEARS.start)


def _shares(document: Document) -> Iterator[float]:
    """Every printed figure as a percentage of every printed total over it: what a reader can work out."""
    values = {key_of(cell.at): cell.value for table in document.tables for cell in table.cells}
    for table in document.tables:
        yield from _shares_of(table, values)


def _shares_of(table: Table, values: Mapping[Place, int | None]) -> Iterator[float]:
    for cell in table.cells:
        for size in range(1, len(table.dimensions) + 1):
            for codes in itertools.combinations(table.dimensions, size):
                over = values.get(key_of(cell.at | dict.fromkeys(codes, TOTAL)))
                if over and cell.value is not None:
                    yield 100 * cell.value / over
