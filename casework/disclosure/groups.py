"""Which zeros to hide so that no published group has one feasible category of a sensitive fact.

If everybody counted in 2017 was deported, the row "2017" of outcome shows one count and zeros elsewhere: who knows that
somebody is in the group knows what became of them. Suppressing the count does not help while the zeros stand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from casework.disclosure.tables import Integers, LinkedTables, Mask


@dataclass(frozen=True)
class Group:
    """One group and the categories of one sensitive fact in it: parent and children are cells of the tables."""

    dimension: str
    parent: int
    children: Integers


def groups(tables: LinkedTables, sensitive: Collection[str]) -> Iterator[Group]:
    """Every non-empty group that has one non-zero category among at least two, and a telling one, largest groups first."""
    matrix, found = tables.matrix, []
    for row in range(matrix.shape[0]):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        cells, entries = matrix.indices[part], matrix.data[part]
        parent, children = int(cells[entries < 0][0]), cells[entries > 0]
        axis = int(np.flatnonzero(tables.nodes[parent] != tables.nodes[children[0]])[0])
        code = tables.dimensions[axis].code
        if code in sensitive and children.size > 1 and says_it_of_everybody(tables, axis, children):
            found.append(Group(code, parent, children.astype(np.int64)))
    found.sort(key=lambda group: (-int(np.count_nonzero(tables.nodes[group.parent] == 0)), group.parent))
    yield from found


def says_it_of_everybody(tables: LinkedTables, axis: int, children: Integers) -> bool:
    """Whether one category alone is not empty, and belonging to it says something."""
    filled = children[tables.values[children] > 0]
    return filled.size == 1 and bool(tables.dimensions[axis].telling[tables.nodes[filled[0], axis]])


def hidden_zeros(tables: LinkedTables, sensitive: Collection[str], threshold: int) -> Integers:
    """(zeros, 2) rows (cell, need): the zeros to hide, and how far an attacker must believe each can rise.

    The category with the largest count elsewhere is the most believable one. Margins of a hidden zero that are zero
    too are hidden with it, with a need of 0.
    """
    chosen: dict[int, int] = {}
    parents = _parents(tables)
    for group in groups(tables, sensitive):
        need = threshold if tables.values[group.parent] >= threshold else 1
        zeros = [int(cell) for cell in group.children if tables.values[cell] == 0]
        best = max(zeros, key=lambda cell: _believable(tables, parents, chosen, cell, group))
        chosen[best] = max(need, chosen.get(best, 0))
        for margin in _zeros_above(tables, parents, best):
            chosen.setdefault(margin, 0)
    return np.array(sorted(chosen.items()), dtype=np.int64).reshape(-1, 2)


def _zeros_above(tables: LinkedTables, parents: dict[int, list[int]], cell: int) -> set[int]:
    """Margins of a hidden zero that are zero themselves: printed, they would give it away."""
    found: set[int] = set()
    ahead = [cell]
    while ahead:
        above = {parent for parent in parents.get(ahead.pop(), []) if tables.values[parent] == 0} - found
        found |= above
        ahead += above
    return found


def _believable(
    tables: LinkedTables, parents: dict[int, list[int]], chosen: dict[int, int], cell: int, group: Group
) -> tuple[bool, bool, int, int]:
    """Already hidden first, then those with no margin known to be zero, then the largest smallest margin."""
    above = [parent for parent in parents.get(cell, []) if parent != group.parent]
    known = [parent for parent in above if tables.values[parent] == 0 and parent not in chosen]
    margins = [int(tables.values[parent]) for parent in above]
    return cell in chosen, not known, min(margins, default=0), -cell


def _parents(tables: LinkedTables) -> dict[int, list[int]]:
    """Cells that each cell is part of, one for each of its equations as a child."""
    above: dict[int, list[int]] = {}
    matrix = tables.matrix
    for row in range(matrix.shape[0]):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        cells, entries = matrix.indices[part], matrix.data[part]
        parent = int(cells[entries < 0][0])
        for child in cells[entries > 0]:
            above.setdefault(int(child), []).append(parent)
    return above


def open_groups(tables: LinkedTables, sensitive: Collection[str], suppressed: Mask) -> list[Group]:
    """Groups in which no zero is hidden."""
    return [
        g
        for g in groups(tables, sensitive)
        if not (suppressed[g.children] & (tables.values[g.children] == 0)).any()
    ]
