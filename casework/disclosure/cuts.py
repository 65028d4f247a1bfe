"""Inequalities that every protected pattern satisfies, from linear-programming duality.

Source: Fischetti and Salazar-González, Management Science 47(7), 2001 (capacity and bridgeless inequalities).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from casework.disclosure.deviations import Deviations, Missed
from casework.disclosure.linear import Floats, Integers
from casework.disclosure.tables import Mask

TINY = 1e-9


@dataclass(frozen=True)
class Cut:
    """sum(coefficients * x[classes]) >= 1."""

    classes: Integers
    coefficients: Floats

    @property
    def key(self) -> bytes:
        return self.classes.tobytes() + np.round(self.coefficients, 6).tobytes()

    def short_of(self, x: Floats) -> float:
        """How much the inequality misses at x; positive when x violates it."""
        return 1.0 - float(self.coefficients @ x[self.classes])

    def satisfy(self, x: Floats, weight: Floats) -> None:
        """Suppress more in place, cheapest first for what it gives, until x satisfies the inequality."""
        for one in np.argsort(-self.coefficients / np.maximum(weight[self.classes], TINY), kind="stable"):
            if self.short_of(x) <= TINY:
                return
            x[self.classes[one]] = 1.0


def capacity(
    deviations: Deviations, cell: int, sign: int, need: float, prices: Floats, still: int | None = None
) -> Cut | None:
    """Whatever the multipliers, sign * deviation[cell] is at most the sum of what the suppressed classes allow.

    So that sum must reach `need`. `still`: a class that may not move. None when the multipliers prove nothing.
    """
    problem = deviations.problem
    reduced = -(deviations.matrix.T @ prices)
    own = sign + reduced[cell]
    if still is not None:
        reduced[still] = 0.0
    room = np.where(
        reduced > TINY, reduced * deviations.rise, np.where(reduced < -TINY, -reduced * deviations.fall, 0)
    )
    room[cell] = max(0.0, own * sign) * need
    return _scaled(np.minimum(room, need), need, problem.forced, problem.candidate)


def either(cuts: list[Cut | None], size: int) -> Cut | None:
    """An inequality implied by any one of several: the larger coefficient everywhere."""
    if any(cut is None for cut in cuts):
        return None
    room = np.zeros(size)
    for cut in cuts:
        if cut is not None:
            room[cut.classes] = np.maximum(room[cut.classes], cut.coefficients)
    used = np.flatnonzero(room)
    return Cut(used, room[used])


def from_missed(deviations: Deviations, missed: Missed) -> Cut | None:
    problem, q = deviations.problem, missed.requirement
    need = float(problem.need[q])
    return capacity(deviations, int(problem.cell[q]), int(problem.sign[q]), need, missed.prices)


def line_cuts(deviations: Deviations) -> Iterator[Cut]:
    """The capacity cut of each requirement and each single equation it takes part in."""
    problem = deviations.problem
    by_row, by_column = problem.matrix.tocsr(), problem.matrix.tocsc()
    for q in range(problem.cell.size):
        cell, sign, need = int(problem.cell[q]), int(problem.sign[q]), float(problem.need[q])
        for row in by_column.indices[by_column.indptr[cell] : by_column.indptr[cell + 1]]:
            part = slice(by_row.indptr[row], by_row.indptr[row + 1])
            classes, entries = by_row.indices[part], by_row.data[part]
            against = -entries * entries[classes == cell][0] * sign
            room = np.where(against > 0, deviations.rise[classes], deviations.fall[classes])
            room[classes == cell] = 0.0
            cut = _line(classes, np.minimum(room, need), need, problem.forced, problem.candidate)
            if cut is not None:
                yield cut


def bridges(deviations: Deviations, x: Floats) -> Iterator[tuple[int, Integers]]:
    """Classes that x suppresses more than everything else in one of their equations: a suppressed class alone in
    an equation protects nothing, so no cheapest pattern has one."""
    matrix = deviations.problem.matrix
    for row in range(matrix.shape[0]):
        classes = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
        largest = classes[np.argmax(x[classes])]
        if 2 * x[largest] > x[classes].sum() + 1e-4:
            yield int(largest), classes[classes != largest]


def _line(classes: Integers, room: Floats, need: float, forced: Mask, candidate: Mask) -> Cut | None:
    rest = need - room[forced[classes]].sum()
    if rest <= TINY:
        return None
    kept = (candidate & ~forced)[classes] & (room > TINY)
    return Cut(classes[kept].astype(np.int64), np.minimum(room[kept], rest) / rest)


def _scaled(room: Floats, need: float, forced: Mask, candidate: Mask) -> Cut | None:
    return _line(np.arange(room.size), room, need, forced, candidate)
