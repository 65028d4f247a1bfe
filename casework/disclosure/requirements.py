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
    reach: how far any single class may move in a witness.
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
    reach: int

    @property
    def size(self) -> int:
        return int(self.value.size)

    @property
    def singles(self) -> Integers:
        """Classes with one person in them, who knows it: the insiders."""
        return np.flatnonzero(self.sensitive & (self.value == 1))

    def only(self, kept: Mask) -> Problem:
        """The same problem with fewer requirements."""
        return replace(self, cell=self.cell[kept], sign=self.sign[kept], need=self.need[kept])

    def within(self, pattern: Mask) -> Problem:
        """What stays unknown once everything outside the pattern is published. The pattern holds all that is forced;
        class i of the result is class np.flatnonzero(pattern)[i] of this problem."""
        kept = np.flatnonzero(pattern)
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
            cell=place[self.cell],
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


def contract(matrix: sp.csr_matrix, active: Mask) -> Contraction:
    """Join every parent with its only active child: the attacker sees the zeros and knows they are equal."""
    kept = matrix[:, np.flatnonzero(active)].tocsr()
    pairs = np.flatnonzero(np.diff(kept.indptr) == 2)
    first, second = kept.indices[kept.indptr[pairs]], kept.indices[kept.indptr[pairs] + 1]
    opposite = kept.data[kept.indptr[pairs]] + kept.data[kept.indptr[pairs] + 1] == 0
    size = kept.shape[1]
    graph = sp.coo_matrix((np.ones(opposite.sum()), (first[opposite], second[opposite])), shape=(size, size))
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


def state(
    tables: LinkedTables,
    threshold: int,
    *,
    hidden_zeros: Integers | None = None,
    total_hidden: bool = False,
    weight: NDArray[np.float64] | None = None,
) -> tuple[Problem, Contraction]:
    """The problem of one release.

    hidden_zeros: cells of value 0 that a group needs suppressed, with how far each must be able to rise, as rows
        (cell, need).
    total_hidden: whether the grand total may be suppressed as well (a last resort).
    weight: (cells,) cost of each suppression, 1 if None.
    """
    zeros = np.zeros((0, 2), dtype=np.int64) if hidden_zeros is None else hidden_zeros
    active = tables.values > 0
    active[zeros[:, 0]] = True
    contraction = contract(tables.matrix, active)
    owner, size = contraction.owner, contraction.classes
    value, floor = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    value[owner[active]] = tables.values[active]
    np.maximum.at(floor, owner[active], tables.non_zero_inner_below[active])
    cost = np.bincount(owner[active], None if weight is None else weight[active], minlength=size).astype(
        np.float64
    )
    candidate = np.ones(size, dtype=bool)
    if owner[tables.total] >= 0:
        candidate[owner[tables.total]] = total_hidden
    sensitive = sensitive_cells(value, threshold)
    forced = sensitive.copy()
    forced[owner[zeros[:, 0]]] = True
    cell, sign, need = _needs(value, floor, sensitive, threshold, owner[zeros[:, 0]], zeros[:, 1])
    reach = int(need.max(initial=1)) * (1 if _is_network(tables) else 2)
    matrix = contracted(tables.matrix, contraction)
    persons = np.full(size, -1, dtype=np.int64)
    persons[owner[tables.values > 0]] = contract(tables.matrix, tables.values > 0).owner[tables.values > 0]
    return Problem(
        matrix, value, floor, cost, candidate | forced, forced, sensitive, persons, cell, sign, need, reach
    ), contraction


def _needs(
    value: Integers, floor: Integers, sensitive: Mask, threshold: int, zeros: Integers, rises: Integers
) -> tuple[Integers, Integers, Integers]:
    small = np.flatnonzero(sensitive)
    low = small[value[small] > floor[small]]
    zeros, rises = zeros[rises > 0], rises[rises > 0]
    cell = np.concatenate([small, low, zeros])
    sign = np.repeat(np.array([1, -1, 1]), [small.size, low.size, zeros.size])
    need = np.concatenate([threshold - value[small], value[low] - floor[low], rises])
    order = np.lexsort((-sign, cell, -need))
    return cell[order], sign[order], need[order]


def _is_network(tables: LinkedTables) -> bool:
    """Two-way tables are network flows: a move that is not a sum of others changes each cell by at most one unit,
    so no witness ever needs to move a cell further than the requirement asks."""
    return len(tables.specs) <= 2 and all(len(spec.dimensions) <= 2 for spec in tables.specs)
