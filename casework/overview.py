"""Counts over the cards a person may open, in one pass. These are for the people who do the work, who see the cases anyway:
nothing here is protected against recognition, and nothing of it leaves as a release does."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from casework.coding import values_of
from casework.handover import STAGES
from casework.record import Card

MONTH, QUARTER, YEAR = "month", "quarter", "year"
# As many columns as can be told apart on a phone; the table has the rest.
DRAWN: Final = {MONTH: 24, QUARTER: 24, YEAR: 30}


@dataclass
class Counts:
    """`too_coarse`: cases whose date is less precise than the step, and those without a date: they stand in no column."""

    cases: int = 0
    too_coarse: int = 0
    over_time: Counter[str] = field(default_factory=Counter)
    pretexts: Counter[str] = field(default_factory=Counter)
    services: Counter[str] = field(default_factory=Counter)
    mechanisms: Counter[str] = field(default_factory=Counter)
    people: list[int] = field(default_factory=lambda: [0] * len(STAGES))


def count(cards: Iterable[Card], step: str) -> Counts:
    counts = Counts()
    for card in cards:
        counts.cases += 1
        if period := period_of(card.date, step):
            counts.over_time[period] += 1
        else:
            counts.too_coarse += 1
        if card.pretext:
            counts.pretexts[card.pretext] += 1
        counts.services.update(card.service_types)
        if card.service_types:
            counts.mechanisms.update(values_of(card.facts, "denial_mechanism"))
        if card.reached:
            counts.people = [a + b for a, b in zip(counts.people, card.reached, strict=True)]
    return counts


def period_of(date: str, step: str) -> str:
    """`2016-08`, `2016-Q3` or `2016` from a date of any precision; empty when the date does not say."""
    year, month = date[:4], date[5:7]
    if step == YEAR or not date:
        return year
    if not month.isdigit():
        return date[:7] if step == QUARTER and month else ""
    return f"{year}-{month}" if step == MONTH else f"{year}-Q{(int(month) + 2) // 3}"


def series(over_time: Counter[str], step: str) -> list[tuple[str, int]]:
    """Every period from the first to the last one known, those with nothing in between as nought."""
    if not over_time:
        return []
    period, last = min(over_time), max(over_time)
    found = [(period, over_time[period])]
    while period < last:
        period = _next(period, step)
        found.append((period, over_time[period]))
    return found


def _next(period: str, step: str) -> str:
    year = int(period[:4])
    if step == YEAR:
        return f"{year + 1:04}"
    number, most = (int(period[5:]), 12) if step == MONTH else (int(period[6:]), 4)
    year, number = (year + 1, 1) if number == most else (year, number + 1)
    return f"{year:04}-{number:02}" if step == MONTH else f"{year:04}-Q{number}"
