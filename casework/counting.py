"""From coarse records to linked tables: which dimensions the engine is given, which column each record falls into, and which of
the engine's cells stand in the published tables."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from casework import vocabulary
from casework.disclosure import Category, Dimension, LinkedTables, TableSpec
from casework.facts import (
    FACTS,
    ISLAND,
    ISLAND_UNKNOWN,
    MERGED,
    NOT_RECORDED,
    OUTSIDE,
    PERSON,
    TOTAL,
    Fact,
    Level,
)
from casework.questions import Specification
from casework.statistics import CoarseRecord

YES: Final = "YES"
NO: Final = "NO"
Column = NDArray[np.int64]


def counted(
    records: Iterable[list[CoarseRecord]], question: Specification, today: dt.date
) -> Iterator[CoarseRecord]:
    """The records of the period whose consent still holds; one per event when events are counted."""
    seen: set[bytes] = set()
    for chunk in records:
        for record in chunk:
            if today >= record.counted_before or not question.period.holds(record.year, record.quarter):
                continue
            if question.unit != PERSON:
                if record.event in seen:
                    continue
                seen.add(record.event)
            yield record


def value_of(record: CoarseRecord, fact: Fact) -> str:
    """The leaf category a record belongs to in a fact with one value; "" when it was not recorded."""
    match fact.code:
        case "year":
            return str(record.year)
        case "quarter":
            return f"{record.year}-Q{record.quarter}" if record.quarter else f"{record.year}-UNK"
        case "borough":
            return _borough(record)
        case "sector":
            return _sector(_borough(record))
    value: str = getattr(record, fact.code)
    return value


def _borough(record: CoarseRecord) -> str:
    if record.borough and record.borough != "UNK":
        return record.borough
    if record.city == ISLAND:
        return ISLAND_UNKNOWN
    return OUTSIDE if record.city and record.city != "UNK" else ""


def _sector(borough: str) -> str:
    """The one the borough lies in; what is no borough stays what it is."""
    return vocabulary.term("borough", borough).parent if borough in vocabulary.codes("borough") else borough


@dataclass(frozen=True)
class Layout:
    """The engine's view of one question. A fact with several values becomes one yes/no dimension for each category, because
    its categories do not add up."""

    question: Specification

    @cached_property
    def levels(self) -> dict[str, tuple[Level, ...]]:
        return {fact.code: self.question.levels(fact) for fact in self.question.facts}

    @cached_property
    def dimensions(self) -> tuple[Dimension, ...]:
        return tuple(d for fact in self.question.facts for d in self._of(fact))

    def _of(self, fact: Fact) -> Iterator[Dimension]:
        if fact.many:
            for level in self.levels[fact.code]:
                both = (Category(YES), Category(NO, telling=False))
                yield Dimension(flag(fact.code, level.code), both, sensitive=fact.sensitive)
        else:
            categories = tuple(Category(level.code, level.parent) for level in self.levels[fact.code])
            yield Dimension(fact.code, categories, sensitive=fact.sensitive)

    @cached_property
    def tables(self) -> tuple[TableSpec, ...]:
        found = [TableSpec(codes) for table in self.question.tables for codes in self._split(table)]
        return tuple(dict.fromkeys(found))

    def _split(self, table: list[str]) -> Iterator[tuple[str, ...]]:
        """`outcome × year` is `outcome:REMOVED × year`, `outcome:DETAINED × year`, …"""
        many = next((fact.code for fact in self.question.facts if fact.many and fact.code in table), None)
        if many is None:
            yield tuple(table)
            return
        for level in self.levels[many]:
            yield tuple(flag(many, level.code) if code == many else code for code in table)

    def columns(self, records: Iterable[CoarseRecord]) -> tuple[dict[str, Column], int]:
        """Leaf index of every record in every dimension, and how many records. One byte or two per record and dimension
        until the end: a million records must not fill the memory."""
        gathered = {fact.code: bytearray() for fact in self.question.facts}
        index = {fact.code: self.index(fact) for fact in self.question.facts}
        number = 0
        for number, record in enumerate(records, 1):  # noqa: B007 - counted after the loop
            for fact in self.question.facts:
                gathered[fact.code] += _encoded(record, fact, index[fact.code])
        columns: dict[str, Column] = {}
        for fact in self.question.facts:
            columns |= self._unpacked(fact, bytes(gathered[fact.code]))
        return columns, number

    def leaves(self, fact: Fact) -> dict[str, int]:
        """The place of each category that has no parts."""
        parents = {level.parent for level in self.levels[fact.code]}
        leaves = [level.code for level in self.levels[fact.code] if level.code not in parents]
        return {code: place for place, code in enumerate(leaves)}

    def index(self, fact: Fact) -> dict[str, int]:
        """The place of each category that is recorded, merged or not."""
        places = self.leaves(fact)
        return places | dict.fromkeys(self.question.merged.get(fact.code, ()), places.get(MERGED, -1))

    def _unpacked(self, fact: Fact, packed: bytes) -> dict[str, Column]:
        if not fact.many:
            return {fact.code: np.frombuffer(packed, dtype="<i2").astype(np.int64)}
        bits = np.frombuffer(packed, dtype="<u8")
        names = [level.code for level in self.levels[fact.code]]
        # Leaf 0 is YES, leaf 1 is NO.
        return {
            flag(fact.code, code): (1 - (bits >> np.uint64(i) & np.uint64(1))).astype(np.int64)
            for i, code in enumerate(names)
        }

    def cells(self, linked: LinkedTables, number: int) -> list[tuple[dict[str, str], int]]:
        """The coordinates of published table `number`, in the order of its categories, and the engine's cell of each."""
        table = self.question.tables[number]
        axes = [self.nodes(linked, code) for code in table]
        grid = np.stack(np.meshgrid(*[np.arange(len(axis)) for axis in axes], indexing="ij"), axis=-1)
        found = []
        for places in grid.reshape(-1, len(axes)):
            at = {code: axis[place] for code, axis, place in zip(table, axes, places, strict=True)}
            found.append((at, linked.position[self._engine_cell(linked, at)]))
        return found

    def published(self, linked: LinkedTables) -> NDArray[np.bool_]:
        """The engine's cells that stand in a table: without the "no" of every yes/no question."""
        shown = np.zeros(linked.values.size, dtype=bool)
        for number in range(len(self.question.tables)):
            shown[[cell for _at, cell in self.cells(linked, number)]] = True
        return shown

    def nodes(self, linked: LinkedTables, code: str) -> list[str]:
        """TOTAL last, as people read a table."""
        codes = [level.code for level in self.levels[code]]
        if any(d.code == code and NOT_RECORDED in d.position for d in linked.dimensions):
            codes.append(NOT_RECORDED)
        return [*codes, TOTAL]

    def places(self, linked: LinkedTables, at: dict[str, str]) -> list[int]:
        """The engine's cells that a published cell tells: the one itself and, of a yes/no question, the "no" that anybody
        can subtract. Empty when there is no such cell."""
        cells = (self._engine_cell(linked, at, answer) for answer in (YES, NO))
        return [linked.position[cell] for cell in dict.fromkeys(cells) if cell in linked.position]

    def _engine_cell(self, linked: LinkedTables, at: dict[str, str], answer: str = YES) -> tuple[str, ...]:
        many = {fact.code for fact in self.question.facts if fact.many}
        wanted = {
            flag(code, category) if code in many else code: answer if code in many else category
            for code, category in at.items()
            if category != TOTAL
        }
        return tuple(wanted.get(dimension.code, TOTAL) for dimension in linked.dimensions)


# What a coarser question can be counted from, when the finer one has been counted.
FINER: Final = {"year": "quarter", "sector": "borough"}


def coarser_columns(fine: Layout, columns: Mapping[str, Column], coarse: Layout) -> dict[str, Column]:
    """The columns of a coarser question, without opening a record again."""
    found: dict[str, Column] = {}
    for fact in coarse.question.facts:
        if fact.many:
            found |= _coarser_answers(fact, fine, columns, coarse)
        else:
            source = fact.code if fact.code in fine.levels else FINER[fact.code]
            found[fact.code] = _leaf_map(fine, source, coarse, fact)[columns[source]]
    return found


def _coarser_answers(
    fact: Fact, fine: Layout, columns: Mapping[str, Column], coarse: Layout
) -> dict[str, Column]:
    known = {level.code for level in fine.levels[fact.code]}
    found = {}
    for level in coarse.levels[fact.code]:
        merged = coarse.question.merged.get(fact.code, ()) if level.code == MERGED else (level.code,)
        parts = [columns[flag(fact.code, code if code in known else MERGED)] for code in merged]
        # 0 is YES: whoever is in one of them is in all of them together.
        found[flag(fact.code, level.code)] = np.minimum.reduce(parts)
    return found


def _leaf_map(fine: Layout, source: str, coarse: Layout, fact: Fact) -> Column:
    """For every leaf of the finer fact its leaf in the coarser one; -1, as the last, for what was not recorded."""
    parent = {level.code: level.parent for level in fine.levels[source]}
    wanted = coarse.index(fact)
    places = []
    for code in fine.leaves(FACTS[source]):
        above = code
        while above not in wanted:
            above = parent[above]
        places.append(wanted[above])
    return np.array([*places, -1], dtype=np.int64)


def flag(fact: str, category: str) -> str:
    """The name of the yes/no dimension for one category."""
    return f"{fact}:{category}"


def _encoded(record: CoarseRecord, fact: Fact, index: dict[str, int]) -> bytes:
    if not fact.many:
        return index.get(value_of(record, fact), -1).to_bytes(2, "little", signed=True)
    codes: tuple[str, ...] = getattr(record, fact.code)
    return sum(1 << place for place in {index[code] for code in codes if code in index}).to_bytes(8, "little")
