"""What a release asks: titles, unit, period, threshold, tables. A question that cannot be answered safely is refused by name
before anything is counted."""

import datetime as dt
import re
from collections.abc import Collection
from math import prod
from typing import Any, Final
from uuid import UUID

import msgspec

from casework import vocabulary
from casework.annex import MOST_REQUESTS, NAME_LENGTH, AccessRequest
from casework.facts import (
    FACTS,
    GRADED,
    PERSON,
    PLACES,
    TOTAL,
    UNITS,
    Fact,
    Level,
    levels,
    with_merged,
)
from casework.vocabulary.series import all_series

DEFAULT_THRESHOLD: Final = 5
LEAST_THRESHOLD: Final = 3
MOST_THRESHOLD: Final = 100
# Region of origin crossed with a place describes few people closely.
REGION_AND_PLACE_THRESHOLD: Final = 10
MOST_TABLES: Final = 12
MOST_DIMENSIONS: Final = 3
# Beyond, protecting and attacking takes hours rather than minutes.
MOST_CELLS: Final = 6000
FIRST_YEAR: Final = 1990
TITLE_LENGTH: Final = 200
# Two levels of one fact: the one is a sum of the other, which separate dimensions would not tell the audit.
SAME_FACT: Final = (frozenset({"year", "quarter"}), frozenset({"city", "sector", "borough"}))
# They overlap: what the one leaves open the other may close.
BOROUGHS: Final = frozenset({"sector", "borough"})
DISTRICTS: Final = frozenset({"police_district"})
MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
BACKQUOTED: Final = re.compile(r"`([^`]*)`")
UNSPEAKABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


class BadSpecification(ValueError):
    """`code` is one of `casework.refusals`; `where` names the part of the question, and `value` what stood there."""

    def __init__(self, code: str, where: str, value: str = "") -> None:
        super().__init__(code)
        self.code, self.where, self.value = code, where, value


class Period(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """Two months, both included; the first begins a quarter and the last ends one."""

    start: str
    end: str

    @property
    def first(self) -> tuple[int, int]:
        """Year and quarter."""
        return _quarter(self.start)

    @property
    def last(self) -> tuple[int, int]:
        return _quarter(self.end)

    def holds(self, year: int, quarter: int) -> bool:
        """A date of which only the year is known counts when the whole year is inside."""
        if quarter:
            return self.first <= (year, quarter) <= self.last
        return self.first <= (year, 1) and (year, 4) <= self.last

    def overlaps(self, other: "Period") -> bool:
        return self.first <= other.last and other.first <= self.last


class Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A figure that others publish about the very same count: from then on part of what every reader knows."""

    at: dict[str, str]
    value: int
    source: str


class Specification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: dict[str, str]
    unit: str
    period: Period
    tables: list[list[str]]
    threshold: int = DEFAULT_THRESHOLD
    supersedes: UUID | None = None
    known: list[Known] = []
    # For very sparse tables: multiples of the threshold instead of suppressions.
    rounded: bool = False
    # Of a fact, the categories that are counted as one.
    merged: dict[str, list[str]] = {}
    # Series of others that stand beside the figures; what the group asked of public bodies, and when.
    outside: list[str] = []
    annex: list[AccessRequest] = []

    @property
    def facts(self) -> list[Fact]:
        """Every fact used, in the order they are first named."""
        return [FACTS[code] for code in dict.fromkeys(code for table in self.tables for code in table)]

    def levels(self, fact: Fact) -> tuple[Level, ...]:
        """The categories of a fact, as this question tells them apart."""
        found = levels(fact, self.period.first, self.period.last)
        return with_merged(found, self.merged.get(fact.code, ()))

    def plain(self) -> dict[str, Any]:
        """As JSON would hold it."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        for name in ("known", "rounded", "merged", "outside", "annex"):
            if not plain[name]:
                del plain[name]
        return plain


def _quarter(month: str) -> tuple[int, int]:
    return int(month[:4]), (int(month[5:7]) + 2) // 3


def parse(raw: object, today: dt.date) -> Specification:
    """From JSON values to a specification that may be counted. Raises BadSpecification."""
    try:
        specification = msgspec.convert(raw, Specification)
    except msgspec.ValidationError as error:
        raise BadSpecification("spec_shape", place_of(error)) from None
    check(specification, today)
    return specification


def place_of(error: msgspec.MsgspecError) -> str:
    """Where msgspec stumbled: the path or the field its words name in backquotes. Its other words can quote a value."""
    named = BACKQUOTED.findall(str(error))
    return next(
        (name for name in named if name.startswith("$")), named[0] if "field" in str(error) and named else "$"
    )


def check(specification: Specification, today: dt.date) -> None:
    _check_title(specification.title)
    if specification.unit not in UNITS:
        raise BadSpecification("unknown_unit", "unit", specification.unit)
    _check_period(specification.period, today)
    if not LEAST_THRESHOLD <= specification.threshold <= MOST_THRESHOLD:
        raise BadSpecification("threshold_range", "threshold", str(specification.threshold))
    _check_tables(specification)
    _check_known(specification)
    _check_beside(specification, today)


def _check_beside(specification: Specification, today: dt.date) -> None:
    unknown = [code for code in specification.outside if code not in {one.code for one in all_series()}]
    if unknown or len(set(specification.outside)) < len(specification.outside):
        raise BadSpecification("outside_unknown", "outside", ", ".join(unknown))
    if len(specification.annex) > MOST_REQUESTS:
        raise BadSpecification("annex_long", "annex", str(len(specification.annex)))
    for number, request in enumerate(specification.annex, 1):
        _check_request(request, f"annex.{number}", today)


def _check_request(request: AccessRequest, where: str, today: dt.date) -> None:
    words = (request.body, *request.about.values())
    bad = any(not w.strip() or len(w) > NAME_LENGTH or UNSPEAKABLE.search(w) for w in words)
    if bad or set(request.about) != {"en", "fr"} or request.law not in vocabulary.codes("access_body"):
        raise BadSpecification("annex_words", where)
    days = [day for day in (request.asked_on, request.answered_on or today, today) if day]
    if days != sorted(days) or (request.named_on or request.asked_on) < request.asked_on:
        raise BadSpecification("annex_days", where)


def _check_title(title: dict[str, str]) -> None:
    if set(title) != {"en", "fr"}:
        raise BadSpecification("title_languages", "title")
    for language, words in title.items():
        if not words.strip() or len(words) > TITLE_LENGTH or UNSPEAKABLE.search(words):
            raise BadSpecification("title_words", f"title.{language}")


def _check_period(period: Period, today: dt.date) -> None:
    for name, month in (("from", period.start), ("to", period.end)):
        if not MONTH.fullmatch(month) or not FIRST_YEAR <= int(month[:4]) <= today.year:
            raise BadSpecification("period_month", f"period.{name}", month)
    if period.last < period.first:
        raise BadSpecification("period_order", "period", f"{period.start} – {period.end}")
    if int(period.start[5:7]) % 3 != 1 or int(period.end[5:7]) % 3 != 0:
        raise BadSpecification("period_quarters", "period", f"{period.start} – {period.end}")


def _check_tables(specification: Specification) -> None:
    tables = specification.tables
    if not 1 <= len(tables) <= MOST_TABLES:
        raise BadSpecification("table_count", "tables", str(len(tables)))
    for number, table in enumerate(tables, 1):
        _check_table(table, f"tables.{number}", specification.unit)
    for code, merged in specification.merged.items():
        _check_merged(specification, code, merged)
    if cells_of(specification) > MOST_CELLS:
        raise BadSpecification("too_large", "tables", str(cells_of(specification)))
    if len({frozenset(table) for table in tables}) < len(tables):
        raise BadSpecification("table_twice", "tables")
    used = {fact.code for fact in specification.facts}
    if used & BOROUGHS and used & DISTRICTS:
        raise BadSpecification("borough_or_district", "tables")
    if mixed := mixed_levels(used):
        raise BadSpecification("mixed_levels", "tables", ", ".join(sorted(mixed)))
    closely = any("region" in table and PLACES & set(table) for table in tables)
    if closely and specification.threshold < REGION_AND_PLACE_THRESHOLD:
        raise BadSpecification("region_and_place", "threshold", str(specification.threshold))


def mixed_levels(codes: Collection[str]) -> set[str]:
    """Those that are levels of one fact, when there are several."""
    return next((set(family & set(codes)) for family in SAME_FACT if len(family & set(codes)) > 1), set())


def _check_merged(specification: Specification, code: str, merged: list[str]) -> None:
    """Two at least and not all, of a plain list that one of the tables uses."""
    used = [fact for fact in specification.facts if fact.code == code and code not in GRADED]
    known = {v.code for f in used for v in levels(f, specification.period.first, specification.period.last)}
    if not used or not set(merged) < known or len(set(merged)) < max(2, len(merged)):
        raise BadSpecification("merged_categories", f"merged.{code}", ", ".join(merged))


def _check_known(specification: Specification) -> None:
    """Each is a cell of one of the tables; what lies outside them says nothing about them."""
    if specification.known and specification.rounded:
        raise BadSpecification("known_rounded", "known")
    codes = {f.code: {TOTAL, *(v.code for v in specification.levels(f))} for f in specification.facts}
    for number, known in enumerate(specification.known, 1):
        where = f"known.{number}"
        inside = any(set(known.at) <= set(table) for table in specification.tables)
        if not inside or any(category not in codes[code] for code, category in known.at.items()):
            raise BadSpecification("known_place", where, ", ".join(known.at.values()))
        if known.value < 0 or not 0 < len(known.source.strip()) <= TITLE_LENGTH:
            raise BadSpecification("known_figure", where, str(known.value))


def cells_of(specification: Specification) -> int:
    """How many cells the tables have, margins included."""
    sizes = {f.code: len(specification.levels(f)) + 1 for f in specification.facts}
    return sum(prod(sizes[code] for code in table) for table in specification.tables)


def _check_table(table: list[str], where: str, unit: str) -> None:
    if not 1 <= len(table) <= MOST_DIMENSIONS:
        raise BadSpecification("table_dimensions", where, str(len(table)))
    for code in table:
        if code not in FACTS:
            raise BadSpecification("unknown_dimension", where, code)
        if not FACTS[code].recorded:
            raise BadSpecification("not_recorded", where, code)
        if unit != PERSON and not FACTS[code].of_event:
            raise BadSpecification("not_of_event", where, code)
    if len(set(table)) < len(table):
        raise BadSpecification("dimension_twice", where)
    if sum(FACTS[code].many for code in table) > 1:
        raise BadSpecification("two_many_valued", where, ", ".join(table))
