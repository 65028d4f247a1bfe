"""Roughly which cells a release will suppress: milliseconds, because nothing is proved. Never to be published by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from casework.disclosure.requirements import sensitive_cells
from casework.disclosure.tables import LinkedTables, Mask


@dataclass(frozen=True)
class _Line:
    """The cells of one equation that are not zero. Everybody sees the zeros."""

    parent: int
    children: tuple[int, ...]


def estimate(tables: LinkedTables, threshold: int) -> Mask:
    """(cells,) what would be hidden: the small cells, and in each line beside them the cheapest others until the line alone
    lets every small cell reach the threshold. Groups, insiders and earlier editions can only add to it."""
    values = tables.values
    hidden = sensitive_cells(values, threshold)
    lines = list(_lines(tables))
    through: dict[int, list[int]] = {}
    for number, line in enumerate(lines):
        for cell in (line.parent, *line.children):
            through.setdefault(cell, []).append(number)
    waiting = set(range(len(lines)))
    while waiting:
        number = min(waiting)
        more = _missing(lines[number], values, tables.non_zero_inner_below, hidden, threshold)
        if more is None:
            waiting.discard(number)
        else:
            hidden[more] = True
            waiting.update(through[more])
    return hidden


def _lines(tables: LinkedTables) -> Iterator[_Line]:
    matrix = tables.matrix
    for row in range(matrix.shape[0]):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        cells, entries = matrix.indices[part], matrix.data[part]
        parent = int(cells[entries < 0][0])
        children = tuple(int(cell) for cell in cells[entries > 0] if tables.values[cell])
        if children:
            yield _Line(parent, children)


def _missing(
    line: _Line, values: np.ndarray, floor: np.ndarray, hidden: np.ndarray, threshold: int
) -> int | None:
    """The cell to hide next in this line; None when the line is enough, or has nothing left."""
    parts = [cell for cell in line.children if hidden[cell]]
    if len(line.children) == 1:
        return _twin(line.parent, line.children[0], hidden)
    if hidden[line.parent]:
        return None if parts else _cheapest(line.children, values, hidden)
    small = [cell for cell in parts if values[cell] < threshold]
    alone = len(parts) == 1
    if not alone and not small:
        return None
    # What the others can give up, so that the smallest can be as large as the threshold.
    room = sum(int(values[cell] - floor[cell]) for cell in parts)
    need = max((threshold - int(values[c]) + int(values[c] - floor[c]) for c in small), default=0)
    if not alone and room >= need:
        return None
    found = _cheapest(line.children, values, hidden)
    return line.parent if found is None else found


def _twin(parent: int, child: int, hidden: np.ndarray) -> int | None:
    """A whole and its only part are one number: hidden both, or neither."""
    return None if hidden[parent] == hidden[child] else (child if hidden[parent] else parent)


def _cheapest(cells: tuple[int, ...], values: np.ndarray, hidden: np.ndarray) -> int | None:
    open_cells = [cell for cell in cells if not hidden[cell]]
    return min(open_cells, key=lambda cell: (int(values[cell]), cell)) if open_cells else None
