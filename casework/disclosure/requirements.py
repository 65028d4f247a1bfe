"""What must hold, as numbers: which cells an attacker may not pin down, and how far each must be able to move.

The attacker's view of a pattern is the set of whole-number tables that agree with everything published. A requirement
asks that this set contain a table in which one cell lies `need` above (or below) the truth.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from casework.disclosure.tables import Integers, LinkedTables, Mask


@dataclass(frozen=True)
class Problem:
    """n unknowns. An unknown is a class of cells that everybody knows to be equal (a parent and its only non-zero child).

    matrix: (equations, n) sparse, matrix @ value == 0.
    value, floor: (n,) true count, and what the attacker knows it to be at least.
    weight: (n,) cost of suppressing the class: its number of cells by default.
    candidate: (n,) may be suppressed.   forced: (n,) is suppressed whatever happens.
    sensitive: (n,) counts a small number of persons, 1 <= value < threshold.
    persons: (n,) equal labels for classes that count the very same persons (a parent and its only non-zero child,
        even where a zero beside that child is hidden); -1 for hidden zeros.
    cell, sign, need: (r,) the requirements: value[cell] + sign * need must be reachable.
    lower: (r,) the requirement is the lower end of a small count, which the structure of the tables may reveal.
    reach: how far any single class may move in a witness.
    layers: (n, m) node of one cell of the class in each dimension, -1 for other editions.
    """

    matrix: sp.csr_matrix
    value: Integers
    floor: Integers
    weight: NDArray[np.float64]
    candidate: Mask
    forced: Mask
    sensitive: Mask
    persons: Integers
    cell: Integers
    sign: Integers
    need: Integers
    lower: Mask
    reach: int
    layers: Integers

    @property
    def size(self) -> int:
        return int(self.value.size)

    @property
    def singles(self) -> Integers:
        """Classes with one person in them, who knows it: the insiders."""
        return np.flatnonzero(self.sensitive & (self.value == 1))

    def only(self, kept: Mask) -> Problem:
        """The same problem with fewer requirements."""
        return replace(
            self, cell=self.cell[kept], sign=self.sign[kept], need=self.need[kept], lower=self.lower[kept]
        )

    def within(self, pattern: Mask) -> Problem:
        """What stays unknown once everything outside the pattern is published; class i of the result is class
        np.flatnonzero(pattern)[i] of this problem. Requirements outside the pattern are dropped."""
        kept = np.flatnonzero(pattern)
        asked = pattern[self.cell]
        place = np.full(self.size, -1, dtype=np.int64)
        place[kept] = np.arange(kept.size)
        rows = self.matrix[:, kept].tocsr()
        return replace(
            self,
            matrix=rows[np.flatnonzero(np.diff(rows.indptr))],
            value=self.value[kept],
            floor=self.floor[kept],
            weight=self.weight[kept],
            candidate=self.candidate[kept],
            forced=self.forced[kept],
            sensitive=self.sensitive[kept],
            persons=self.persons[kept],
            layers=self.layers[kept],
            cell=place[self.cell[asked]],
            sign=self.sign[asked],
            need=self.need[asked],
            lower=self.lower[asked],
        )


@dataclass(frozen=True)
class Contraction:
    """owner: (cells,) class of each cell, -1 for a published zero, which is known and leaves the problem."""

    owner: Integers
    classes: int

    def expand(self, chosen: Mask) -> Mask:
        """Classes to cells."""
        return (
            np.where(self.owner >= 0, chosen[np.maximum(self.owner, 0)], False)
            if chosen.size
            else np.zeros(self.owner.size, dtype=bool)
        )


def sensitive_cells(values: Integers, threshold: int) -> Mask:
    """Cells, margins included, that count at least one and fewer than `threshold` persons."""
    return (values >= 1) & (values < threshold)


def contract(
    matrix: sp.csr_matrix, values: Integers, active: Mask, ties: Integers | None = None
) -> Contraction:
    """Join every parent with its only active child: the attacker sees the zeros and knows they are equal.

    values tells such a child from one beside which a known count stands. ties: (t, 2) pairs of active cells that are
    equal for another reason.
    """
    kept = matrix[:, np.flatnonzero(active)].tocsr()
    pairs = np.flatnonzero(np.diff(kept.indptr) == 2)
    first, second = kept.indices[kept.indptr[pairs]], kept.indices[kept.indptr[pairs] + 1]
    opposite = kept.data[kept.indptr[pairs]] + kept.data[kept.indptr[pairs] + 1] == 0
    counts = values[active]
    equal = opposite & (counts[first] == counts[second])
    first, second = first[equal], second[equal]
    if ties is not None and ties.size:
        place = np.cumsum(active) - 1
        first, second = np.append(first, place[ties[:, 0]]), np.append(second, place[ties[:, 1]])
    size = kept.shape[1]
    graph = sp.coo_matrix((np.ones(first.size), (first, second)), shape=(size, size))
    classes, label = connected_components(graph, directed=False)
    owner = np.full(active.size, -1, dtype=np.int64)
    owner[active] = label
    return Contraction(owner, int(classes))


def contracted(matrix: sp.csr_matrix, contraction: Contraction) -> sp.csr_matrix:
    """The equations between classes, without empty and repeated ones."""
    active = np.flatnonzero(contraction.owner >= 0)
    join = sp.csr_matrix(
        (np.ones(active.size, dtype=np.int64), (active, contraction.owner[active])),
        shape=(contraction.owner.size, contraction.classes),
    )
    merged = (matrix @ join).tocsr()
    merged.eliminate_zeros()
    merged.sort_indices()
    seen: dict[tuple[bytes, bytes], int] = {}
    for row in range(merged.shape[0]):
        part = slice(merged.indptr[row], merged.indptr[row + 1])
        if part.stop > part.start:
            seen.setdefault((merged.indices[part].tobytes(), merged.data[part].tobytes()), row)
    return merged[sorted(seen.values())].tocsr()


@dataclass(frozen=True)
class World:
    """Everything the attacker's equations speak of, cell by cell: one release, or one with all earlier ones.

    matrix: (equations, cells), matrix @ values == 0.   active: (cells,) not known already.
    candidate, forced: (cells,) may be, and is, suppressed.   weight: (cells,) cost of suppressing.
    small: (cells,) sensitive cells of the new release: they must reach the threshold and their floor.
    rises: (r, 3) rows (cell, sign, need): further requirements.   ties: (t, 2) pairs of equal active cells.
    fresh: how many of the cells, the first ones, are the new release's. printed: how many are cells of an edition; the
        rest are differences.
    network: witnesses never need to move a cell further than a requirement asks.
    layers: (cells, m) node of each cell in each dimension; -1 for cells of other editions.
    """

    matrix: sp.csr_matrix
    values: Integers
    floors: Integers
    active: Mask
    candidate: Mask
    forced: Mask
    weight: NDArray[np.float64]
    small: Mask
    rises: Integers
    ties: Integers
    fresh: int
    printed: int
    network: bool
    layers: Integers


def one_release(
    tables: LinkedTables,
    threshold: int,
    zeros: Integers,
    total_hidden: bool,
    weight: NDArray[np.float64] | None = None,
    known: Mask | None = None,
) -> World:
    """The world of a release that stands alone.

    known: (cells,) others publish the very same count: it is no unknown, and no secret that could still be kept.
    zeros: rows (cell, need): cells of value 0 that a group needs suppressed, and how far each must be able to rise.
    total_hidden: whether the grand total may be suppressed as well (a last resort). weight: 1 each if None.
    """
    out = np.zeros(tables.values.size, dtype=bool) if known is None else known
    small = sensitive_cells(tables.values, threshold) & ~out
    hidden = np.zeros(small.size, dtype=bool)
    hidden[zeros[:, 0]] = True
    candidate = np.ones(small.size, dtype=bool)
    candidate[tables.total] = total_hidden
    rising = zeros[zeros[:, 1] > 0]
    return World(
        tables.matrix,
        tables.values,
        tables.non_zero_inner_below,
        ((tables.values > 0) | hidden) & ~out,
        candidate,
        small | hidden,
        np.ones(small.size) if weight is None else np.asarray(weight, dtype=np.float64),
        small,
        np.column_stack([rising[:, 0], np.ones(len(rising), dtype=np.int64), rising[:, 1]]),
        np.zeros((0, 2), dtype=np.int64),
        small.size,
        small.size,
        _is_network(tables),
        tables.nodes,
    )


def state(world: World, threshold: int) -> tuple[Problem, Contraction]:
    """The problem of one world, between classes of equal cells."""
    contraction = contract(world.matrix, world.values, world.active, world.ties)
    owner, size, active = contraction.owner, contraction.classes, world.active
    value, floor = np.zeros(size, dtype=np.int64), np.full(size, np.iinfo(np.int64).min)
    value[owner[active]] = world.values[active]
    np.maximum.at(floor, owner[active], world.floors[active])
    weight = np.bincount(owner[active], world.weight[active], minlength=size).astype(np.float64)
    forced = _any(owner, world.forced & active, size)
    candidate = ~_any(owner, ~world.candidate & active, size) | forced
    small = _any(owner, world.small & active, size)
    cell, sign, need, lower = _needs(value, floor, small, threshold, owner, world.rises)
    reach = int(need.max(initial=1)) * (1 if world.network else 2)
    persons = np.full(size, -1, dtype=np.int64)
    counted = active & (world.values > 0) & (np.arange(active.size) < world.fresh)
    persons[owner[counted]] = contract(world.matrix, world.values, counted).owner[counted]
    matrix = contracted(world.matrix, contraction)
    layers = np.full((size, world.layers.shape[1]), -1, dtype=np.int64)
    layers[owner[active][::-1]] = world.layers[active][::-1]
    problem = Problem(
        matrix,
        value,
        floor,
        weight,
        candidate,
        forced,
        small,
        persons,
        cell,
        sign,
        need,
        lower,
        reach,
        layers,
    )
    return problem, contraction


def _any(owner: Integers, cells: Mask, size: int) -> Mask:
    found = np.zeros(size, dtype=bool)
    found[owner[cells]] = True
    return found


def _needs(
    value: Integers, floor: Integers, small: Mask, threshold: int, owner: Integers, rises: Integers
) -> tuple[Integers, Integers, Integers, Mask]:
    up = np.flatnonzero(small)
    low = up[value[up] > floor[up]]
    cell = np.concatenate([up, owner[rises[:, 0]], low])
    sign = np.concatenate([np.ones_like(up), rises[:, 1], -np.ones_like(low)])
    need = np.concatenate([threshold - value[up], rises[:, 2], value[low] - floor[low]])
    lower = np.arange(cell.size) >= cell.size - low.size
    _, unique = np.unique(np.stack([cell, sign, need]), axis=1, return_index=True)
    order = unique[np.lexsort((-sign[unique], cell[unique], -need[unique]))]
    return cell[order], sign[order], need[order], lower[order]


def _is_network(tables: LinkedTables) -> bool:
    """Two-way tables are network flows: a move that is not a sum of others changes each cell by at most one unit,
    so no witness ever needs to move a cell further than the requirement asks."""
    return len(tables.specs) <= 2 and all(len(spec.dimensions) <= 2 for spec in tables.specs)
