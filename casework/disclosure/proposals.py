"""Coarser specifications to offer when a release hides too much, with a quick estimate of what each would keep."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from casework.disclosure.dimensions import TOTAL, Category, Dimension
from casework.disclosure.errors import Proposal
from casework.disclosure.requirements import sensitive_cells
from casework.disclosure.tables import LinkedTables, TableSpec, link

# Not OTHER: most coded lists have a category of that name already.
MERGED = "MERGED"
TOO_MUCH = 0.4
MOST = 5


def hides_too_much(tables: LinkedTables, suppressed: np.ndarray) -> bool:
    """More than 40 % of the non-zero cells would be hidden."""
    return bool(suppressed[tables.values > 0].sum() > TOO_MUCH * np.count_nonzero(tables.values))


def propose(tables: LinkedTables, threshold: int) -> tuple[Proposal, ...]:
    """Merge the small categories of one dimension, or leave the dimension out: the best five by share published.

    The estimate counts primary suppressions only, so the release itself will keep a little less.
    """
    found = []
    for dimension in tables.dimensions:
        for merge in _merges(tables, dimension, threshold):
            coarse = coarsened(tables, dimension, merge)
            shown = (coarse.values > 0) & ~sensitive_cells(coarse.values, threshold)
            found.append(
                Proposal(dimension.code, merge, int(shown.sum()), int(np.count_nonzero(coarse.values)))
            )
    found.sort(key=lambda p: (-p.published / max(1, p.cells), -p.published, p.dimension, p.merge))
    return tuple(found[:MOST])


def _merges(tables: LinkedTables, dimension: Dimension, threshold: int) -> Iterator[tuple[str, ...]]:
    """Top-level categories from the smallest up, two at least and not all; then the whole dimension."""
    top = [category.code for category in dimension.categories if category.parent == TOTAL]
    counts = {code: _count_of(tables, dimension, code) for code in top}
    order = sorted(top, key=lambda code: (counts[code], code))
    small = [code for code in order if counts[code] < 2 * threshold * max(1, len(tables.dimensions))]
    for size in sorted({2, len(small), len(order) // 2}):
        # One such category at most: a second would take its name.
        if 2 <= size < len(order) and MERGED not in dimension.position:
            yield tuple(order[:size])
    if len(tables.dimensions) > 1:
        yield ()


def _count_of(tables: LinkedTables, dimension: Dimension, code: str) -> int:
    axis = tables.dimensions.index(dimension)
    here = tables.nodes[:, axis] == dimension.position[code]
    return int(tables.values[here].max(initial=0))


def coarsened(tables: LinkedTables, dimension: Dimension, merge: tuple[str, ...]) -> LinkedTables:
    """The same counts with some categories of a dimension merged into one, or without the dimension when `merge` is empty."""
    kept = tuple(d for d in tables.dimensions if merge or d is not dimension)
    into = {dimension.code: _merged(dimension, merge)} if merge else {}
    dimensions = [into.get(d.code, d) for d in kept]
    specs, grids, seen = [], [], set()
    for spec in tables.specs:
        codes = tuple(code for code in spec.dimensions if merge or code != dimension.code)
        if codes not in seen:
            seen.add(codes)
            specs.append(TableSpec(codes))
            grids.append(_grid(tables, spec, dimension, merge))
    return link(dimensions, specs, grids)


def _merged(dimension: Dimension, merge: tuple[str, ...]) -> Dimension:
    gone = set(merge)
    kept = []
    for category in dimension.categories:
        if category.code in gone or category.parent in gone:
            gone.add(category.code)
        else:
            kept.append(category)
    return Dimension(dimension.code, (*kept, Category(MERGED)), sensitive=dimension.sensitive)


def _grid(tables: LinkedTables, spec: TableSpec, dimension: Dimension, merge: tuple[str, ...]) -> np.ndarray:
    """Counts over all nodes of the coarser table."""
    members = [d for code in spec.dimensions for d in tables.dimensions if d.code == code]
    grid = tables.values[tables.of_table(spec)].reshape([len(d.nodes) for d in members])
    if dimension.code not in spec.dimensions:
        return grid
    axis = spec.dimensions.index(dimension.code)
    if not merge:
        return np.asarray(grid.take(0, axis=axis))
    coarse = _merged(dimension, merge)
    kept = grid.take([dimension.position[code] for code in coarse.nodes[:-1]], axis=axis)
    other = grid.take([dimension.position[code] for code in merge], axis=axis).sum(axis=axis, keepdims=True)
    return np.concatenate([kept, other], axis=axis)
