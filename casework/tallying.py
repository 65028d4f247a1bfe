"""From coarse records to the counts of linked tables: arrays, a portion at a time. Counts add up, so a million records never lie
in memory at once, and several processes can share the work."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from casework import coarse, vocabulary
from casework.counting import Layout, flag
from casework.disclosure import Dimension, LinkedTables, TableSpec, link, with_not_recorded
from casework.facts import ISLAND, ISLAND_UNKNOWN, OUTSIDE, PERSON, Fact
from casework.questions import Specification

# A row as `casework.coarse` packs it.
_FIELDS: Final = [
    ("version", "u1"),
    ("event", f"V{coarse.EVENT_BYTES}"),
    ("counted_before", ">u4"),
    ("year", ">u2"),
    ("quarter", "u1"),
    *((name, ">u2") for name in coarse.SINGLE),
    *((name, ">u2", (places,)) for name, places in coarse.MANY.items()),
]
ROW: Final = np.dtype([*_FIELDS, ("rest", f"V{coarse.ROW_BYTES - np.dtype(_FIELDS).itemsize}")])
# Every number a code can have.
NUMBERS: Final = 1 << 16
NOWHERE: Final = -1
QUARTERS: Final = 5
UNKNOWN: Final = coarse.number("UNK")
Rows = NDArray[np.void]
Places = NDArray[np.int64]


def array(rows: Iterable[bytes]) -> Rows:
    return np.frombuffer(b"".join(rows), ROW)


@dataclass(frozen=True)
class Sieve:
    """The records of the period whose consent still holds; one per event when events are counted."""

    question: Specification
    today: dt.date
    seen: set[bytes] = field(default_factory=set)

    def through(self, rows: Rows) -> Rows:
        inside = rows[self._inside(rows)]
        return inside if self.question.unit == PERSON else inside[self._unseen(inside)]

    def _inside(self, rows: Rows) -> NDArray[np.bool_]:
        """A date of which only the year is known counts when the whole year is inside, as `Period.holds` says."""
        period, year = self.question.period, rows["year"].astype(np.int64) * QUARTERS
        first, last = (y * QUARTERS + q for y, q in (period.first, period.last))
        quarter = rows["quarter"].astype(np.int64)
        earliest, latest = np.where(quarter, quarter, 1), np.where(quarter, quarter, 4)
        agreed = rows["counted_before"] > self.today.toordinal()
        return np.asarray(agreed & (first <= year + earliest) & (year + latest <= last))

    def _unseen(self, rows: Rows) -> NDArray[np.bool_]:
        events = rows["event"].tolist()
        new = np.zeros(len(events), dtype=bool)
        for number, event in enumerate(events):
            new[number] = event not in self.seen
            self.seen.add(event)
        return new


@dataclass
class Counts:
    """What was counted so far: for each of the engine's tables its inner cells, NOT_RECORDED last along each dimension that can
    have it. `lapses_on`: the first day on which the consent of somebody counted ends."""

    grids: list[NDArray[np.int64]]
    number: int = 0
    lapses_on: dt.date | None = None

    def add(self, other: "Counts") -> None:
        """What was counted of other people."""
        for grid, more in zip(self.grids, other.grids, strict=True):
            grid += more
        self.number += other.number
        self.lapses_on = min(filter(None, (self.lapses_on, other.lapses_on)), default=None)


@dataclass(frozen=True)
class Tally:
    """Counts for one layout. Start with `nothing`, and `add` portions to it."""

    layout: Layout

    def nothing(self) -> Counts:
        return Counts([np.zeros(self._shape(spec), dtype=np.int64) for spec in self.layout.tables])

    def add(self, counts: Counts, rows: Rows) -> None:
        if not rows.size:
            return
        columns = {code: places for fact in self._facts for code, places in self._columns(fact, rows)}
        for spec, grid in zip(self.layout.tables, counts.grids, strict=True):
            at = np.ravel_multi_index(tuple(columns[code] for code in spec.dimensions), grid.shape)
            grid += np.bincount(at, minlength=grid.size).reshape(grid.shape)
        counts.number += rows.size
        ends = dt.date.fromordinal(int(rows["counted_before"].min()))
        counts.lapses_on = min(ends, counts.lapses_on or ends)

    def linked(self, counts: Counts, specs: Collection[TableSpec], always: Collection[str]) -> LinkedTables:
        """Some of the tables, linked. `always`: dimensions that get NOT_RECORDED even when nobody is in it. Raises BadTable."""
        counted = {s: g for s, g in zip(self.layout.tables, counts.grids, strict=True) if s in specs}
        whole = {code: self._whole(code, counted, always) for spec in specs for code in spec.dimensions}
        cut = [
            counted[spec][tuple(slice(whole[code].leaves.size) for code in spec.dimensions)] for spec in specs
        ]
        used = [whole[d.code] for d in self.layout.dimensions if d.code in whole]
        return link(used, list(specs), cut)

    def _whole(
        self, code: str, counted: dict[TableSpec, NDArray[np.int64]], always: Collection[str]
    ) -> Dimension:
        dimension = self._dimensions[code]
        spec, grid = next((s, g) for s, g in counted.items() if code in s.dimensions)
        axis = spec.dimensions.index(code)
        missing = grid.shape[axis] > dimension.leaves.size and grid.take(-1, axis=axis).any()
        return with_not_recorded(dimension) if missing or code in always else dimension

    @cached_property
    def _dimensions(self) -> dict[str, Dimension]:
        return {dimension.code: dimension for dimension in self.layout.dimensions}

    @cached_property
    def _facts(self) -> list[Fact]:
        return self.layout.question.facts

    def _shape(self, spec: TableSpec) -> list[int]:
        """A yes/no question is answered for everybody; anything else may not have been recorded."""
        return [self._dimensions[code].leaves.size + (":" not in code) for code in spec.dimensions]

    # Columns: the place of each record along one dimension.

    def _columns(self, fact: Fact, rows: Rows) -> Iterable[tuple[str, Places]]:
        index = self.layout.index(fact)
        if not fact.many:
            found = _single(fact, index, rows)
            yield fact.code, np.where(found < 0, self._dimensions[fact.code].leaves.size, found)
            return
        bits = np.bitwise_or.reduce(_bits(index)[rows[fact.code]], axis=1)
        for code, place in self.layout.leaves(fact).items():
            # Leaf 0 is YES, leaf 1 is NO.
            yield flag(fact.code, code), (1 - (bits >> np.uint64(place) & np.uint64(1))).astype(np.int64)


def _single(fact: Fact, index: dict[str, int], rows: Rows) -> Places:
    match fact.code:
        case "year":
            return _looked_up({int(code): place for code, place in index.items()}, rows["year"])
        case "quarter":
            known = {_quarter(code): place for code, place in index.items()}
            return _looked_up(known, rows["year"].astype(np.int64) * QUARTERS + rows["quarter"])
        case "sector" | "borough":
            return _borough(index, rows)
    return _looked_up({coarse.number(code): place for code, place in index.items()}, rows[fact.code])


def _quarter(code: str) -> int:
    year, _dash, quarter = code.partition("-")
    return int(year) * QUARTERS + (0 if quarter == "UNK" else int(quarter[1:]))


def _borough(index: dict[str, int], rows: Rows) -> Places:
    """Its borough, or the sector that lies in; else that it was in the city, or elsewhere; else nowhere."""
    boroughs = (
        (term, term.code if term.code in index else term.parent) for term in vocabulary.terms("borough")
    )
    known = {coarse.number(term.code): index[place] for term, place in boroughs if place in index}
    city = rows["city"]
    elsewhere = np.where((city != 0) & (city != UNKNOWN), index.get(OUTSIDE, NOWHERE), NOWHERE)
    without = np.where(city == coarse.number(ISLAND), index.get(ISLAND_UNKNOWN, NOWHERE), elsewhere)
    named = (rows["borough"] != 0) & (rows["borough"] != UNKNOWN)
    return np.where(named, _looked_up(known, rows["borough"]), without)


def _looked_up(known: dict[int, int], numbers: NDArray[np.integer[Any]]) -> Places:
    """The place of each number; NOWHERE for one that is not known."""
    table = np.full(NUMBERS, NOWHERE, dtype=np.int64)
    table[list(known)] = list(known.values())
    return np.asarray(table[numbers])


def _bits(index: dict[str, int]) -> NDArray[np.uint64]:
    table = np.zeros(NUMBERS, dtype=np.uint64)
    for code, place in index.items():
        table[coarse.number(code)] = np.uint64(1 << place)
    return table


# Sealed and read again, between two steps of a draft.


def packed(counts: Counts) -> bytes:
    grids = [(list(grid.shape), grid.astype(">i8").tobytes()) for grid in counts.grids]
    return msgspec.msgpack.encode((grids, counts.number, counts.lapses_on))


def unpacked(data: bytes) -> Counts:
    """Raises msgspec.MsgspecError."""
    kept = tuple[list[tuple[list[int], bytes]], int, dt.date | None]
    grids, number, lapses_on = msgspec.msgpack.decode(data, type=kept)
    read = [np.frombuffer(raw, dtype=">i8").astype(np.int64).reshape(shape) for shape, raw in grids]
    return Counts(read, number, lapses_on)
