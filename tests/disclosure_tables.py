"""Random tables for the disclosure tests, and an oracle that enumerates instead of solving."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from casework.disclosure import (
    Category,
    Dimension,
    LinkedTables,
    Protection,
    TableSpec,
    audit,
    build,
    intervals,
    link,
    protect,
    rendered,
    verify,
)
from casework.disclosure.publication import describe


def flat(code: str, size: int, *, sensitive: bool = False) -> Dimension:
    return Dimension(code, tuple(Category(f"{code}{i}") for i in range(size)), sensitive=sensitive)


def tree(code: str, size: int) -> Dimension:
    """Two sectors, each with half of the leaves."""
    sectors = (Category(f"{code}-north"), Category(f"{code}-south"))
    leaves = (Category(f"{code}{i}", f"{code}-{'north' if i < size // 2 else 'south'}") for i in range(size))
    return Dimension(code, (*sectors, *leaves))


def one_table(grid: np.ndarray) -> LinkedTables:
    dimensions = [flat("abcd"[axis], size) for axis, size in enumerate(grid.shape)]
    return link(dimensions, [TableSpec(tuple(d.code for d in dimensions))], [grid])


def skewed(shape: tuple[int, ...], records: int, seed: int) -> LinkedTables:
    """Counts as uneven as the field's: lognormal margins, a third or more of the cells empty."""
    chance = np.random.default_rng(seed)
    expected = np.ones(shape)
    for axis, size in enumerate(shape):
        side = [1] * len(shape)
        side[axis] = size
        expected = expected * chance.lognormal(0, 1.0, size).reshape(side)
    expected = expected * chance.lognormal(0, 0.6, shape)
    return one_table(chance.multinomial(records, (expected / expected.sum()).ravel()).reshape(shape))


def any_tables(seed: int, largest: int = 5) -> LinkedTables:
    """One to three linked tables of one to three dimensions, flat or in a tree, one of them sensitive at times."""
    chance = np.random.default_rng(seed)
    size = [int(s) for s in chance.integers(2, largest + 1, 3)]
    place = tree("a", max(4, size[0])) if chance.random() < 0.4 else flat("a", size[0])
    dimensions = [place, flat("b", size[1]), flat("c", size[2], sensitive=bool(chance.random() < 0.4))]
    shapes = (
        [("a", "b")],
        [("a", "c")],
        [("a", "b"), ("b", "c")],
        [("a", "b", "c")],
        [("a", "b"), ("a", "c"), ("b", "c")],
        [("a",), ("b", "c")],
    )
    specs = [TableSpec(codes) for codes in shapes[int(chance.integers(len(shapes)))]]
    records = int(chance.integers(5, 40 * largest))
    columns = {}
    for dimension in dimensions:
        share = chance.dirichlet(np.full(dimension.leaves.size, 0.7))
        columns[dimension.code] = chance.choice(dimension.leaves.size, records, p=share)
    return build(dimensions, specs, columns)


def alone(tables: LinkedTables) -> list[dict[str, str]]:
    """Coordinates of the cells that count one person."""
    return [at(tables, cell) for cell in np.flatnonzero(tables.values == 1)]


def at(tables: LinkedTables, cell: int) -> dict[str, str]:
    codes = [dimension.code for dimension in tables.dimensions]
    return dict(zip(codes, tables.cells[cell], strict=True))


def leaks(
    tables: LinkedTables, protection: Protection, threshold: int = 5, known: np.ndarray | None = None
) -> list[str]:
    """Everything that verify or the attacker, who may know some cells from elsewhere, has against a protection."""
    if protection.nothing:
        return [] if protection.suppressed.all() else ["something is published below the threshold"]
    found = verify(tables, protection.suppressed, protection.certificate, threshold, known=known)
    attack = audit(
        rendered(tables, protection.suppressed),
        threshold,
        insiders=alone(tables),
        known=[]
        if known is None
        else [(at(tables, c), int(tables.values[c])) for c in np.flatnonzero(known)],
    )
    for kind in ("exact", "recognisable", "insider", "group", "undecided"):
        found += [f"{kind}: {finding}" for finding in getattr(attack, kind)]
    return found


class Oracle:
    """Every table with the same zeros and the same total as the truth: what an attacker could hold possible."""

    def __init__(self, tables: LinkedTables) -> None:
        self.tables, self.k = tables, 5
        inner = np.flatnonzero(tables.inner & (tables.values > 0))
        total = int(tables.values[tables.total])
        counts = np.array(list(_compositions(total, inner.size)))
        below = np.zeros((inner.size, tables.values.size), dtype=np.int64)
        for row, cell in enumerate(inner):
            inside = (tables.nodes == tables.nodes[cell]) | (tables.nodes == 0)
            below[row] = inside.all(axis=1)
        self.possible = counts @ below
        self.small = np.flatnonzero((tables.values >= 1) & (tables.values < self.k))
        self.floor = below.sum(axis=0)

    def agreeing(self, suppressed: np.ndarray) -> np.ndarray:
        shown = ~suppressed
        return self.possible[(self.possible[:, shown] == self.tables.values[shown]).all(axis=1)]

    def holds(self, suppressed: np.ndarray) -> bool:
        seen = self.agreeing(suppressed)
        small, values = self.small, self.tables.values
        if (seen[:, small].max(axis=0) < self.k).any() or (
            seen[:, small].min(axis=0) > self.floor[small]
        ).any():
            return False
        for single in small[values[small] == 1]:
            mine = seen[seen[:, single] == 1]
            for other in small:
                same = (self.possible[:, single] == self.possible[:, other]).all()
                if not same and (mine[:, other] == values[other]).all():
                    return False
        return True

    def cheapest(self) -> int | None:
        """Fewest suppressed cells of a pattern that holds with the total printed; None when there is none."""
        values, total = self.tables.values, self.tables.total
        forced = np.zeros(values.size, dtype=bool)
        forced[self.small] = True
        free = np.flatnonzero((values >= self.k) & (np.arange(values.size) != total))
        for extra in range(free.size + 1):
            for chosen in itertools.combinations(free, extra):
                pattern = forced.copy()
                pattern[list(chosen)] = True
                if self.holds(pattern):
                    return int(pattern.sum())
        return None


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    for bars in itertools.combinations(range(1, total), parts - 1):
        edges = (0, *bars, total)
        yield tuple(edges[i + 1] - edges[i] for i in range(parts))


def tiny(seed: int) -> LinkedTables:
    """Few enough non-zero cells to enumerate everything."""
    chance = np.random.default_rng(seed)
    while True:
        shape = ((2, 2), (2, 3), (3, 3), (2, 2, 2))[int(chance.integers(4))]
        grid = chance.choice([0, 0, 1, 2, 3, 5, 6, 8], size=shape)
        if 5 <= grid.sum() <= 18 and 2 <= np.count_nonzero(grid) <= 6:
            return one_table(grid)


def optimum_differs(seed: int) -> str | None:
    """What is wrong with the optimum of one tiny table, if anything."""
    tables = tiny(seed)
    best = Oracle(tables).cheapest()
    protection = protect(tables)
    wrong = leaks(tables, protection)
    if wrong:
        return f"seed {seed}: {wrong[0]}"
    hides_total = bool(protection.suppressed[tables.total])
    if best is None:
        return None if hides_total else f"seed {seed}: protected what enumeration says cannot be"
    found = int(protection.suppressed.sum())
    return (
        None if found == best and protection.optimal else f"seed {seed}: {found} suppressed, {best} would do"
    )


def _described(tables: LinkedTables, cell: int) -> str:
    return describe(frozenset((d, c) for d, c in at(tables, cell).items() if c != "TOTAL"))


def intervals_compared(seed: int) -> tuple[int, str | None]:
    """How many suppressed cells of one tiny table were compared with enumeration, and what is wrong with them, if anything."""
    # Without a printed total there is nothing to enumerate: take the next table.
    tables, protection = next(
        (tables, protection)
        for tables in (tiny(seed + 1_000 * more) for more in itertools.count())
        if not (protection := protect(tables)).suppressed[tables.total] and protection.suppressed.any()
    )
    seen = Oracle(tables).agreeing(protection.suppressed)
    hidden = np.flatnonzero(protection.suppressed)
    found = intervals(rendered(tables, protection.suppressed))
    expected = {
        _described(tables, int(cell)): (int(seen[:, cell].min()), int(seen[:, cell].max())) for cell in hidden
    }
    return hidden.size, None if found == expected else f"seed {seed}: {found}, enumeration says {expected}"
