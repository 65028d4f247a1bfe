"""Linked tables of counts: every cell of a release at one coordinate, and the equations between them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from casework.disclosure.dimensions import TOTAL, Dimension, check_dimension, with_not_recorded
from casework.disclosure.errors import BadTable

Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]
MOST_CELLS = 500_000
# Certificates are archived as 32-bit numbers, and witnesses add to the counts.
MOST_COUNTED = 1_000_000_000


@dataclass(frozen=True)
class TableSpec:
    """One table of a release: the codes of the dimensions it crosses."""

    dimensions: tuple[str, ...]


@dataclass(frozen=True)
class LinkedTables:
    """All cells of one release. A cell that two tables share is one cell.

    dimensions: m dimensions, possibly with a category NOT_RECORDED added.
    specs: the tables.
    nodes: (cells, m) node of each cell in each dimension; 0 is TOTAL.
    values: (cells,) counts, in persons (or in the release's unit).
    matrix: (equations, cells) sparse, children +1 and parent -1, so that matrix @ values == 0.
    inner: (cells,) no equation has the cell as its parent.
    non_zero_inner_below: (cells,) what an attacker who sees every zero knows each cell to be at least.
    """

    dimensions: tuple[Dimension, ...]
    specs: tuple[TableSpec, ...]
    nodes: Integers
    values: Integers
    matrix: sp.csr_matrix
    inner: Mask
    non_zero_inner_below: Integers

    @cached_property
    def cells(self) -> tuple[tuple[str, ...], ...]:
        """Category codes of each cell, one per dimension, TOTAL where its table does not use it."""
        names = [np.array(dimension.nodes, dtype=object) for dimension in self.dimensions]
        columns = [names[axis][self.nodes[:, axis]] for axis in range(len(names))]
        return tuple(zip(*columns, strict=True))

    @property
    def total(self) -> int:
        """Index of the grand total."""
        return int(np.flatnonzero((self.nodes == 0).all(axis=1))[0])

    @cached_property
    def position(self) -> dict[tuple[str, ...], int]:
        """Cell index by its tuple of codes."""
        return {codes: cell for cell, codes in enumerate(self.cells)}

    def of_table(self, spec: TableSpec) -> Integers:
        """Indices of one table's cells, in the order of its dimensions' nodes (last dimension fastest)."""
        used = [self._axis(code) for code in spec.dimensions]
        unused = [axis for axis in range(len(self.dimensions)) if axis not in used]
        found = np.flatnonzero((self.nodes[:, unused] == 0).all(axis=1))
        keys = tuple(self.nodes[found, axis] for axis in reversed(used))
        return found[np.lexsort(keys)] if keys else found

    def at(self, cell: int, spec: TableSpec) -> dict[str, str]:
        """The published coordinate of a cell in one table."""
        return {code: self.cells[cell][self._axis(code)] for code in spec.dimensions}

    def _axis(self, code: str) -> int:
        return [dimension.code for dimension in self.dimensions].index(code)


def count(columns: Sequence[Integers], sizes: Sequence[int], weights: Integers | None = None) -> Integers:
    """Count records by array arithmetic: columns[i] is a (records,) leaf index below sizes[i].

    Returns an array of shape `sizes`. weights: (records,) how many each record stands for, 1 if None.
    """
    if not columns:
        return np.array(0 if weights is None else weights.sum(), dtype=np.int64)
    flat = np.ravel_multi_index(tuple(columns), tuple(sizes))
    cells = int(np.prod(sizes))
    if weights is None:
        return np.bincount(flat, minlength=cells).reshape(sizes).astype(np.int64)
    counted = np.zeros(cells, dtype=np.int64)
    np.add.at(counted, flat, weights)
    return counted.reshape(sizes)


def build(
    dimensions: Sequence[Dimension],
    tables: Sequence[TableSpec],
    columns: Mapping[str, Integers],
    records: int | None = None,
    not_recorded: Collection[str] = (),
) -> LinkedTables:
    """Count the records into linked tables.

    columns: for every dimension used, a (records,) array of indices into `Dimension.leaves`; -1 means that the
    record has no value there: it is counted in a category NOT_RECORDED, added when needed.
    records: number of records, needed only when no table uses a dimension.
    not_recorded: dimensions that get the category even when nobody is in it, because an earlier edition had it.
    Raises BadTable on an unknown dimension or category, unequal lengths, or a table too large to protect.
    """
    _check_specs(dimensions, tables)
    used = {code for spec in tables for code in spec.dimensions}
    whole, coded = _complete([d for d in dimensions if d.code in used], columns, not_recorded)
    length = {column.size for column in coded.values()} or {records or 0}
    if len(length) > 1:
        raise BadTable("columns have different lengths")
    grids = []
    for spec in tables:
        members = [_named(whole, code) for code in spec.dimensions]
        sizes = [member.leaves.size for member in members]
        ones = np.ones(length.copy().pop(), dtype=np.int64) if not members else None
        grids.append(count([coded[code] for code in spec.dimensions], sizes, ones))
    return link(whole, tables, grids)


def link(
    dimensions: Sequence[Dimension], tables: Sequence[TableSpec], grids: Sequence[Integers]
) -> LinkedTables:
    """Link tables that were counted already. grids[i]: counts of tables[i]'s inner cells, or of all of its cells.

    An array over the leaves is summed up; an array over all nodes (TOTAL first) is checked to add up.
    Raises BadTable when a count is negative, not whole, does not add up, or differs between two tables.
    """
    _check_specs(dimensions, tables)
    for dimension in dimensions:
        check_dimension(dimension)
    whole = tuple(dimensions)
    strides = _strides(whole)
    full = [_all_nodes(whole, spec, np.asarray(grid)) for spec, grid in zip(tables, grids, strict=True)]
    support = [
        _sum_up([_named(whole, c) for c in spec.dimensions], _inner(whole, spec, grid) > 0)
        for spec, grid in zip(tables, full, strict=True)
    ]
    keys = [_keys(whole, spec, strides) for spec in tables]
    unique, inverse = np.unique(np.concatenate([k.ravel() for k in keys]), return_inverse=True)
    values = _agreed(unique.size, inverse, np.concatenate([grid.ravel() for grid in full]))
    lower = np.zeros(unique.size, dtype=np.int64)
    np.maximum.at(lower, inverse, np.concatenate([grid.ravel() for grid in support]))
    index = np.split(inverse, np.cumsum([k.size for k in keys])[:-1])
    matrix = _equations(
        whole, tables, [i.reshape(k.shape) for i, k in zip(index, keys, strict=True)], unique.size
    )
    nodes = (
        np.stack(
            [((unique // s) % len(d.nodes)).astype(np.int64) for d, s in zip(whole, strides, strict=True)],
            axis=1,
        )
        if whole
        else np.zeros((unique.size, 0), dtype=np.int64)
    )
    inner = ~np.isin(np.arange(unique.size), matrix.indices[matrix.data < 0])
    return LinkedTables(whole, tuple(tables), nodes, values, matrix, inner, _raise_floors(matrix, lower))


def _check_specs(dimensions: Sequence[Dimension], tables: Sequence[TableSpec]) -> None:
    known = [dimension.code for dimension in dimensions]
    if len(set(known)) < len(known):
        raise BadTable("two dimensions have the same code")
    if not tables:
        raise BadTable("a release needs at least one table")
    for spec in tables:
        if len(set(spec.dimensions)) < len(spec.dimensions):
            raise BadTable(f"a dimension appears twice in one table: {', '.join(spec.dimensions)}")
        for code in spec.dimensions:
            if code not in known:
                raise BadTable(f"unknown dimension {code}")
        shape = [len(_named(dimensions, code).nodes) for code in spec.dimensions]
        if np.prod([float(size) for size in shape]) > MOST_CELLS:
            raise BadTable(f"table {', '.join(spec.dimensions)} has more than {MOST_CELLS} cells")


def _named(dimensions: Sequence[Dimension], code: str) -> Dimension:
    return next(dimension for dimension in dimensions if dimension.code == code)


def _complete(
    dimensions: Sequence[Dimension], columns: Mapping[str, Integers], always: Collection[str]
) -> tuple[tuple[Dimension, ...], dict[str, Integers]]:
    """Dimensions with NOT_RECORDED where a record needs it, and columns without -1."""
    whole, coded = [], {}
    for dimension in dimensions:
        check_dimension(dimension)
        if dimension.code not in columns:
            raise BadTable(f"no column for dimension {dimension.code}")
        column = np.asarray(columns[dimension.code], dtype=np.int64)
        if column.size and (column.max() >= dimension.leaves.size or column.min() < -1):
            raise BadTable(f"dimension {dimension.code}: unknown category index")
        absent = column < 0
        coded[dimension.code] = np.where(absent, dimension.leaves.size, column)
        needed = absent.any() or dimension.code in always
        whole.append(with_not_recorded(dimension) if needed else dimension)
    return tuple(whole), coded


def _strides(dimensions: Sequence[Dimension]) -> list[int]:
    strides, step = [], 1
    for dimension in dimensions:
        strides.append(step)
        step *= len(dimension.nodes)
    return strides


def _keys(dimensions: Sequence[Dimension], spec: TableSpec, strides: Sequence[int]) -> NDArray[np.generic]:
    """Number of every cell of a table, shaped like its nodes. A few dozen yes/no dimensions need more than 62 bits: then
    Python's own integers, slower but without an end."""
    cells = strides[-1] * len(dimensions[-1].nodes) if strides else 1
    exact = np.int64 if cells < 2**62 else object
    keys: NDArray[np.generic] = np.zeros((), dtype=exact)
    for code in spec.dimensions:
        axis = [dimension.code for dimension in dimensions].index(code)
        keys = keys[..., None] + np.arange(len(dimensions[axis].nodes)).astype(exact) * strides[axis]
    return np.asarray(keys)


def _sum_up(dimensions: Sequence[Dimension], inner: NDArray[np.int64] | Mask) -> Integers:
    """From counts over leaves to counts over nodes, one axis after the other."""
    grid = inner.astype(np.int64)
    for axis, dimension in enumerate(dimensions):
        grid = np.moveaxis(np.tensordot(dimension.above, grid, axes=(1, axis)), 0, axis)
    return grid


def _inner(dimensions: Sequence[Dimension], spec: TableSpec, grid: Integers) -> Integers:
    members = [_named(dimensions, code) for code in spec.dimensions]
    return grid[np.ix_(*[member.leaves for member in members])] if members else grid


def _all_nodes(dimensions: Sequence[Dimension], spec: TableSpec, grid: NDArray[np.int64]) -> Integers:
    name = ", ".join(spec.dimensions) or TOTAL
    members = [_named(dimensions, code) for code in spec.dimensions]
    if not np.array_equal(grid, np.floor(grid)):
        raise BadTable(f"table {name} has counts that are not whole numbers")
    if grid.size and grid.max() > MOST_COUNTED:
        raise BadTable(f"table {name} has counts above {MOST_COUNTED}")
    grid = grid.astype(np.int64)
    if grid.size and grid.min() < 0:
        raise BadTable(f"table {name} has negative counts")
    if grid.shape == tuple(member.leaves.size for member in members):
        return _sum_up(members, grid)
    if grid.shape != tuple(len(member.nodes) for member in members):
        raise BadTable(f"table {name} has the wrong shape")
    if not np.array_equal(_sum_up(members, _inner(dimensions, spec, grid)), grid):
        raise BadTable(f"table {name} does not add up")
    return grid


def _agreed(cells: int, inverse: Integers, values: Integers) -> Integers:
    agreed = np.zeros(cells, dtype=np.int64)
    agreed[inverse] = values
    if not np.array_equal(agreed[inverse], values):
        raise BadTable("two tables give different counts for the same cell")
    return agreed


def _equations(
    dimensions: Sequence[Dimension], tables: Sequence[TableSpec], index: Sequence[Integers], cells: int
) -> sp.csr_matrix:
    """One row per parent cell and dimension, once even when two tables imply it."""
    rows: list[Integers] = []
    columns: list[Integers] = []
    data: list[Integers] = []
    seen: set[tuple[int, int]] = set()
    height = 0
    for spec, cell in zip(tables, index, strict=True):
        for axis, code in enumerate(spec.dimensions):
            dimension = _named(dimensions, code)
            place = dimensions.index(dimension)
            for node, below in dimension.children.items():
                parents = cell.take(node, axis=axis).ravel()
                new = np.array([(place, int(parent)) not in seen for parent in parents])
                seen.update((place, int(parent)) for parent in parents)
                parents = parents[new]
                children = np.moveaxis(cell.take(below, axis=axis), axis, 0).reshape(below.size, -1)[:, new]
                row = np.arange(height, height + parents.size)
                rows += [np.tile(row, below.size), row]
                columns += [children.ravel(), parents]
                data += [np.ones(children.size, dtype=np.int64), -np.ones(parents.size, dtype=np.int64)]
                height += parents.size
    if not rows:
        return sp.csr_matrix((0, cells), dtype=np.int64)
    entries = (np.concatenate(data), (np.concatenate(rows), np.concatenate(columns)))
    return sp.csr_matrix(entries, shape=(height, cells), dtype=np.int64)


def _raise_floors(matrix: sp.csr_matrix, lower: Integers) -> Integers:
    """A parent is at least the sum of its children's floors: repeat until nothing rises."""
    parent = np.full(matrix.shape[0], -1, dtype=np.int64)
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    parent[row[matrix.data < 0]] = matrix.indices[matrix.data < 0]
    positive = matrix.maximum(0)
    floors = lower.copy()
    while True:
        raised = floors.copy()
        np.maximum.at(raised, parent, positive @ floors)
        if np.array_equal(raised, floors):
            return floors
        floors = raised
