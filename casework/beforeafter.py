"""Counts in windows of equal length before and after what a city decided. With their windows, and without a cause: more people
may have come forward, or fewer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from casework.documents import Document, Place, key_of
from casework.vocabulary.declarations import Declaration, declarations

MOST_YEARS: Final = 3
MONTREAL: Final = "MONTREAL"


@dataclass(frozen=True)
class Windows:
    """Whole years, the year of the decision left out. A sum with a suppressed part is None."""

    declaration: Declaration
    years: int
    before: tuple[int, int]
    after: tuple[int, int]
    count_before: int | None
    count_after: int | None


def windows(document: Document) -> list[Windows]:
    """For each decision of Montreal with at least one printed year on both sides."""
    values = {key_of(cell.at): cell.value for table in document.tables for cell in table.cells}
    first, last = int(document.period.start[:4]), int(document.period.end[:4])
    first += document.period.start[5:] != "01"
    last -= document.period.end[5:] != "12"
    code = next((d.code for d in document.dimensions if d.code in ("year", "quarter")), None)
    if code is None or document.rounding is not None:
        return []
    found = [_windows(one, first, last, code, values) for one in declarations() if one.city == MONTREAL]
    return [one for one in found if one is not None]


def _windows(
    one: Declaration, first: int, last: int, code: str, values: Mapping[Place, int | None]
) -> Windows | None:
    years = min(MOST_YEARS, one.year - first, last - one.year)
    if years < 1:
        return None
    before, after = (one.year - years, one.year - 1), (one.year + 1, one.year + years)
    counts = [_sum(span, code, values) for span in (before, after)]
    return Windows(one, years, before, after, *counts)


def _sum(span: tuple[int, int], code: str, values: Mapping[Place, int | None]) -> int | None:
    parts = [values.get(key_of({code: str(year)})) for year in range(span[0], span[1] + 1)]
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
