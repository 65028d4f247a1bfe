"""From coarse records to linked tables: which dimensions the engine is given, which column each record falls into, and which of
the engine's cells stand in the published tables."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from casework.disclosure import Category, Dimension, LinkedTables, TableSpec
from casework.facts import ISLAND, ISLAND_UNKNOWN, NOT_RECORDED, OUTSIDE, PERSON, TOTAL, Fact, Level, levels
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
    value: str = getattr(record, fact.code)
    return value


def _borough(record: CoarseRecord) -> str:
    if record.borough and record.borough != "UNK":
        return record.borough
    if record.city == ISLAND:
        return ISLAND_UNKNOWN
    return OUTSIDE if record.city and record.city != "UNK" else ""


@dataclass(frozen=True)
class Layout:
    """The engine's view of one question. A fact with several values becomes one yes/no dimension for each category, because
    its categories do not add up."""

    question: Specification

    @cached_property
    def levels(self) -> dict[str, tuple[Level, ...]]:
        period = self.question.period
        return {fact.code: levels(fact, period.first, period.last) for fact in self.question.facts}

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
        index = {fact.code: self._index(fact) for fact in self.question.facts}
        number = 0
        for number, record in enumerate(records, 1):  # noqa: B007 - counted after the loop
            for fact in self.question.facts:
                gathered[fact.code] += _encoded(record, fact, index[fact.code])
        columns: dict[str, Column] = {}
        for fact in self.question.facts:
            columns |= self._unpacked(fact, bytes(gathered[fact.code]))
        return columns, number

    def _index(self, fact: Fact) -> dict[str, int]:
        parents = {level.parent for level in self.levels[fact.code]}
        leaves = [level.code for level in self.levels[fact.code] if level.code not in parents]
        return {code: place for place, code in enumerate(leaves)}

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


def flag(fact: str, category: str) -> str:
    """The name of the yes/no dimension for one category."""
    return f"{fact}:{category}"


def _encoded(record: CoarseRecord, fact: Fact, index: dict[str, int]) -> bytes:
    if not fact.many:
        return index.get(value_of(record, fact), -1).to_bytes(2, "little", signed=True)
    codes: tuple[str, ...] = getattr(record, fact.code)
    return sum(1 << index[code] for code in set(codes) if code in index).to_bytes(8, "little")
