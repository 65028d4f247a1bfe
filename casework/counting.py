"""Between a question and the engine: which dimensions it is given, and which of its cells stand in the published tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from casework.disclosure import Category, Dimension, LinkedTables, TableSpec
from casework.facts import MERGED, NOT_RECORDED, TOTAL, Fact, Level
from casework.questions import Specification

YES: Final = "YES"
NO: Final = "NO"


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

    def leaves(self, fact: Fact) -> dict[str, int]:
        """The leaf of each category along its dimension; for a fact with several values, the bit."""
        parents = {level.parent for level in self.levels[fact.code]}
        leaves = [level.code for level in self.levels[fact.code] if level.code not in parents]
        return {code: place for place, code in enumerate(leaves)}

    def index(self, fact: Fact) -> dict[str, int]:
        """The same for each code that a record can hold: merged ones share a place."""
        places = self.leaves(fact)
        return places | dict.fromkeys(self.question.merged.get(fact.code, ()), places.get(MERGED, -1))

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


def flag(fact: str, category: str) -> str:
    """The name of the yes/no dimension for one category."""
    return f"{fact}:{category}"


def published_at(linked: LinkedTables, cell: int) -> dict[str, str]:
    """Where one of the engine's cells stands in the published tables, without the dimensions at TOTAL. A "yes" is its category;
    a "no" stands nowhere."""
    pairs = zip(linked.dimensions, linked.cells[cell], strict=True)
    named = ((dimension.code.partition(":"), code) for dimension, code in pairs if code not in (TOTAL, NO))
    return {fact: category or code for (fact, _colon, category), code in named}
