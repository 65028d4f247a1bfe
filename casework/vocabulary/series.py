"""Figures others have published, kept apart from what the group counts itself.

Enquiries are not persons and not handovers: each series keeps its own unit, definition and source, is never added to case
counts, and a year nobody published stays absent. It is not zero.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from casework.vocabulary import rows


class Point(NamedTuple):
    """`service` is a code of `series_service`, `measure` of `series_measure`; `whole` the measure whose printed total this is a
    part of."""

    period_start: dt.date
    period_end: dt.date
    value: int
    service: str
    measure: str
    whole: str = ""


@dataclass(frozen=True)
class Series:
    """`derived`: what may be computed from it (CHANGES from year to year, SHARES of the sum, PARTS against their printed total);
    nothing else, because its definition forbids it."""

    code: str
    title_en: str
    title_fr: str
    unit_en: str
    unit_fr: str
    definition_en: str
    definition_fr: str
    source: str
    derived: str
    points: tuple[Point, ...]

    def title(self, language: str) -> str:
        return self.title_fr if language.startswith("fr") else self.title_en

    def unit(self, language: str) -> str:
        return self.unit_fr if language.startswith("fr") else self.unit_en

    def definition(self, language: str) -> str:
        return self.definition_fr if language.startswith("fr") else self.definition_en


def _point(row: dict[str, str]) -> Point:
    start, end = (dt.date.fromisoformat(row[name]) for name in ("period_start", "period_end"))
    return Point(start, end, int(row["value"]), row["service"], row["measure"], row["whole"])


@cache
def all_series() -> tuple[Series, ...]:
    points: dict[str, list[Point]] = {}
    for row in rows("series_points"):
        points.setdefault(row["series"], []).append(_point(row))
    return tuple(Series(points=tuple(points[row["code"]]), **row) for row in rows("series"))


def series(code: str) -> Series:
    """KeyError when there is no such series."""
    return {known.code: known for known in all_series()}[code]
