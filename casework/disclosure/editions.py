"""A release beside all earlier ones: one world, with what was published before fixed for ever.

A reader lays editions side by side and asks two things. How much did a count change? A change of one to threshold - 1
persons must not be provable. And, where nothing changed: what do all patterns of suppression say together? So a cell
whose count is the same as in an earlier edition is one cell of both: publishing it now publishes it for then.

The ledger keeps what was published and which cells were hidden, never what they hid: that could count somebody who has
withdrawn since. Hidden counts of the past are stood in for by the whole-number table nearest to the present one that
agrees with everything published then; a reader cannot tell it from the truth.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from casework.disclosure.dimensions import NOT_RECORDED, TOTAL, Dimension
from casework.disclosure.errors import BadTable, Impossible
from casework.disclosure.linear import IntegerProgram
from casework.disclosure.requirements import World
from casework.disclosure.tables import Integers, LinkedTables, Mask, TableSpec, link

HIDDEN = -1
UNBOUNDED = 1_000_000
Place = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class EarlierEdition:
    """frame: the cells and equations of an earlier release; its counts are not used.
    figures: (cells,) what was published, HIDDEN where it was suppressed.
    zeros: (cells,) suppressed cells that may be a hidden zero."""

    frame: LinkedTables
    figures: Integers
    zeros: Mask

    @classmethod
    def of(
        cls,
        dimensions: Sequence[Dimension],
        tables: Sequence[TableSpec],
        cells: Iterable[tuple[Mapping[str, str], int | None]],
        hidden_zeros: Iterable[Mapping[str, str]] = (),
    ) -> EarlierEdition:
        """From the ledger: every cell's coordinate with its figure, None where suppressed. Raises BadTable on a gap."""
        used = {code for spec in tables for code in spec.dimensions}
        members = [d for d in dimensions if d.code in used]
        sizes = {d.code: d.leaves.size for d in members}
        blank = [np.zeros([sizes[code] for code in spec.dimensions], dtype=np.int64) for spec in tables]
        frame = link(members, tables, blank)
        index = {place: cell for cell, place in enumerate(places(frame))}
        figures = np.full(frame.values.size, HIDDEN - 1, dtype=np.int64)
        for at, figure in cells:
            cell = index.get(_place(at))
            if cell is None:
                raise BadTable(f"an earlier edition has a cell that its tables do not: {dict(at)}")
            figures[cell] = HIDDEN if figure is None else figure
        if (figures < HIDDEN).any():
            raise BadTable("an earlier edition leaves out cells")
        zeros = np.zeros(figures.size, dtype=bool)
        zeros[[index[_place(at)] for at in hidden_zeros]] = True
        return cls(frame, figures, zeros)

    @classmethod
    def published(cls, tables: LinkedTables, suppressed: Mask) -> EarlierEdition:
        """What the ledger keeps of a release that is published now."""
        figures = np.where(suppressed, HIDDEN, tables.values)
        return cls(tables, figures, suppressed & (tables.values == 0))

    @property
    def hidden(self) -> Mask:
        return np.asarray(self.figures == HIDDEN)


def places(tables: LinkedTables) -> list[Place]:
    """Coordinates that mean the same in every edition, whatever other dimensions it has."""
    codes = [dimension.code for dimension in tables.dimensions]
    return [_place(dict(zip(codes, cell, strict=True))) for cell in tables.cells]


def _place(at: Mapping[str, str]) -> Place:
    return frozenset((code, category) for code, category in at.items() if category != TOTAL)


def stand_in(edition: EarlierEdition, near: Mapping[Place, int]) -> Integers:
    """The whole-number table that agrees with the edition and is nearest to the given counts.

    Raises BadTable when no table agrees.
    """
    hidden = np.flatnonzero(edition.hidden)
    figures = np.where(edition.hidden, 0, edition.figures)
    if not hidden.size and not (edition.frame.matrix @ figures).any():
        return figures
    names = places(edition.frame)
    least = np.where(edition.zeros[hidden], 0, np.maximum(1, edition.frame.non_zero_inner_below[hidden]))
    aim = np.array([near.get(names[cell], least[i]) for i, cell in enumerate(hidden)], dtype=np.int64)
    rows = edition.frame.matrix[:, hidden].astype(np.float64)
    right = -(edition.frame.matrix @ figures) - rows @ aim
    matrix = sp.hstack([rows, -rows]).tocsc()
    upper = np.concatenate([np.full(hidden.size, float(UNBOUNDED)), np.maximum(0, aim - least)])
    lower = np.concatenate([np.maximum(0, least - aim), np.zeros(hidden.size)]).astype(np.float64)
    known = np.array([names[cell] in near for cell in hidden])
    price = np.concatenate([np.where(known, 1.0, 0.01)] * 2)
    found, _ = IntegerProgram(matrix, lower, upper, right).solve(-price, 30.0, 5_000)
    if found is None:
        raise BadTable("no table agrees with an earlier edition")
    whole = found.astype(np.int64)
    figures[hidden] = aim + whole[: hidden.size] - whole[hidden.size :]
    if (edition.frame.matrix @ figures).any():
        raise BadTable("no table agrees with an earlier edition")
    return figures


@dataclass(frozen=True)
class Block:
    """One edition inside the joint world: its cells start at `start`, and count `values` (stood in where hidden)."""

    edition: EarlierEdition
    start: int
    values: Integers


def blocks(tables: LinkedTables, earlier: Sequence[EarlierEdition]) -> list[Block]:
    """Earlier editions, oldest first, each stood in for by the table nearest to the edition after it. Raises BadTable when a
    dimension has other categories now: what was merged or parted since could be computed by subtraction."""
    for edition in earlier:
        _check_same_categories(tables.dimensions, edition.frame.dimensions)
    found: list[Block] = []
    near = dict(zip(places(tables), tables.values.tolist(), strict=True))
    for edition in reversed(earlier):
        values = stand_in(edition, near)
        found.insert(0, Block(edition, 0, values))
        near = dict(zip(places(edition.frame), values.tolist(), strict=True))
    start = tables.values.size
    for place, block in enumerate(found):
        found[place] = replace(block, start=start)
        start += block.values.size
    return found


def _check_same_categories(now: Sequence[Dimension], then: Sequence[Dimension]) -> None:
    known = {dimension.code: _tree(dimension) for dimension in then}
    for dimension in now:
        if known.get(dimension.code, _tree(dimension)) != _tree(dimension):
            raise BadTable(f"dimension {dimension.code} has other categories than in an earlier edition")


def _tree(dimension: Dimension) -> set[tuple[str, str]]:
    """“Not recorded” aside: nobody in it is as good as no such category."""
    return {(c.code, c.parent) for c in dimension.categories if c.code != NOT_RECORDED}


def joined(
    new: World,
    tables: LinkedTables,
    threshold: int,
    earlier: Sequence[Block],
    turned: Collection[int] = (),
) -> World:
    """The world of a release and all earlier ones. turned: changes, by their cells in this world, that shall go the
    longer way. Raises Impossible when a count that must be hidden is out already."""
    if not earlier:
        return new
    world = _side_by_side(new, earlier, threshold)
    index = {place: cell for cell, place in enumerate(places(tables))}
    shared = [_shared(index, block) for block in earlier]
    world = _tied(world, np.concatenate(shared))
    for block, pairs in zip(earlier, shared, strict=True):
        world = _with_changes(world, block, pairs, threshold, turned)
    if (world.forced & ~world.active).any():
        raise Impossible
    return world


def _shared(index: Mapping[Place, int], block: Block) -> Integers:
    """(pairs, 2): the cells of an earlier edition that the present one has too, each with its cell there."""
    pairs = [
        (block.start + cell, index[place])
        for cell, place in enumerate(places(block.edition.frame))
        if place in index
    ]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _side_by_side(new: World, earlier: Sequence[Block], threshold: int) -> World:
    """The editions as blocks that do not know each other yet. What was hidden stays hidden, at no cost, and what was
    small must stay able to reach the threshold."""
    hidden = [block.edition.hidden for block in earlier]
    values = np.concatenate([new.values, *(block.values for block in earlier)])
    least = [
        np.where(b.edition.zeros, 0, np.maximum(1, b.edition.frame.non_zero_inner_below)) for b in earlier
    ]
    small = [
        np.column_stack([block.start + cells, np.ones_like(cells), threshold - block.values[cells]])
        for block, gone in zip(earlier, hidden, strict=True)
        for cells in [np.flatnonzero(gone & (block.values < threshold) & (block.values > 0))]
    ]
    old = int(sum(block.values.size for block in earlier))
    past: Mask = np.concatenate(hidden)
    return World(
        sp.block_diag([new.matrix, *(block.edition.frame.matrix for block in earlier)], format="csr"),
        values,
        np.concatenate([new.floors, *least]),
        np.concatenate([new.active, past]),
        np.concatenate([new.candidate, past]),
        np.concatenate([new.forced, past]),
        np.concatenate([new.weight, np.zeros(old)]),
        np.concatenate([new.small, np.zeros(old, dtype=bool)]),
        np.concatenate([new.rises, *small]),
        new.ties,
        new.fresh,
        values.size,
        False,
        np.concatenate([new.layers, np.full((old, new.layers.shape[1]), -1)]),
    )


def _tied(world: World, pairs: Integers) -> World:
    """A cell with the same count in the present edition and in an earlier one is one cell. Where one of the two is printed, so
    is the other: whoever believes that nothing changed there reads it, and is right.

    Two earlier editions are not tied to each other: that was done when the later of them was the present one, with its counts
    at hand. Stood in for, they would be found equal where they were not, and the past would contradict itself.
    """
    same = pairs[(world.values[pairs[:, 0]] == world.values[pairs[:, 1]]) & (world.values[pairs[:, 0]] > 0)]
    active = world.active.copy()
    while (out := same[active[same[:, 0]] != active[same[:, 1]]]).size:
        active[out.ravel()] = False
    past = np.arange(active.size) >= world.fresh
    if (world.active & ~active)[world.rises[:, 0]].any():
        raise Impossible
    kept = same[active[same].all(axis=1)]
    forced = world.forced & (active | ~past)
    # A cell of the past that did not change is hidden only while the present one is: that is the choice to make.
    forced[past & _with_fresh(kept, active.size, world.fresh)] = False
    return replace(world, active=active, forced=forced, ties=np.concatenate([world.ties, kept]))


def _with_fresh(ties: Integers, size: int, fresh: int) -> Mask:
    """Cells tied, directly or not, to one of the new release."""
    graph = sp.coo_matrix((np.ones(len(ties)), (ties[:, 0], ties[:, 1])), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    return np.asarray(np.isin(label, label[:fresh]))


def _with_changes(
    world: World, block: Block, pairs: Integers, threshold: int, turned: Collection[int]
) -> World:
    """No change of one to threshold - 1 persons may be provable: either no change at all, or one of at least the
    threshold, must remain possible.

    Each such change becomes an unknown of its own, its size, which nobody prints: new - old or old - new.
    """
    change = world.values[pairs[:, 1]] - world.values[pairs[:, 0]]
    forced, changes = world.forced.copy(), []
    for one in np.flatnonzero((change != 0) & (np.abs(change) < threshold)):
        old, new, shift = int(pairs[one, 0]), int(pairs[one, 1]), int(change[one])
        if not world.active[old] and not world.active[new]:
            raise Impossible
        # What is hidden in the past is hidden already; what was printed leaves only the present cell to hide.
        if not world.active[old]:
            forced[new] = True
        changes.append(_Change(new, old, shift, bool(world.active[new])))
    world = replace(world, forced=forced, candidate=world.candidate | forced)
    return _with_sizes(world, changes, threshold, turned)


@dataclass(frozen=True)
class _Change:
    """back: whether no change at all can be believed, because the present cell can be hidden."""

    new: int
    old: int
    shift: int
    back: bool

    def way(self, threshold: int, room: int, turned: bool) -> tuple[int, int]:
        """Sign and length of the way for the size of the change, down to none or up to the threshold: the shorter one,
        or the longer one if `turned`.

        room: how far the present cell may fall, when the past one is known.
        """
        size = abs(self.shift)
        ways = [(threshold - size, 1)] if self.shift > 0 or room >= threshold - size else []
        if self.back and (self.shift < 0 or room >= size):
            ways.append((size, -1))
        if not ways:
            raise Impossible
        length, sign = max(ways) if turned else min(ways)
        return sign, length


def _with_sizes(world: World, changes: Sequence[_Change], threshold: int, turned: Collection[int]) -> World:
    if not changes:
        return world
    size, more = world.values.size, len(changes)
    entries, floors, rises = [], [], []
    for row, change in enumerate(changes):
        sign = 1 if change.shift > 0 else -1
        entries += [(row, change.new, sign), (row, change.old, -sign), (row, size + row, -1)]
        known = not world.active[change.old]
        room = int(world.values[change.new] - world.floors[change.new]) if known else UNBOUNDED
        way, length = change.way(threshold, room, size + row in turned)
        # Below none the size would be a change the other way, and small again: a witness has to stop there.
        floors.append(0 if way < 0 else -UNBOUNDED)
        rises.append((size + row, way, length))
    at = np.array(entries, dtype=np.int64)
    equations = sp.csr_matrix((at[:, 2], (at[:, 0], at[:, 1])), shape=(more, size + more), dtype=np.int64)
    wide = sp.hstack([world.matrix, sp.csr_matrix((world.matrix.shape[0], more), dtype=np.int64)])
    yes, no = np.ones(more, dtype=bool), np.zeros(more, dtype=bool)
    return replace(
        world,
        matrix=sp.vstack([wide, equations], format="csr"),
        values=np.concatenate([world.values, [abs(change.shift) for change in changes]]),
        floors=np.concatenate([world.floors, floors]),
        active=np.concatenate([world.active, yes]),
        candidate=np.concatenate([world.candidate, yes]),
        forced=np.concatenate([world.forced, yes]),
        weight=np.concatenate([world.weight, np.zeros(more)]),
        small=np.concatenate([world.small, no]),
        rises=np.concatenate([world.rises, np.array(rises, dtype=np.int64)]),
        layers=np.concatenate([world.layers, np.full((more, world.layers.shape[1]), -1)]),
    )
