"""The cheapest move of one class, split into rises and falls so that using a class has a price.

Short moves touch few classes. More than half of the vertices of this linear program are whole even where tables of three
dimensions have fractional vertices, because a short cycle of +1 and -1 is the usual answer; the others become whole after a few
fractions were raised.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from casework.disclosure.deviations import CLOSE
from casework.disclosure.linear import Floats, IntegerProgram, Integers, LinearProgram
from casework.disclosure.requirements import Problem
from casework.disclosure.tables import Mask

CHOOSE_SIMPLEX = 0
SECONDS = 10.0
NODES = 2_000
NEARLY_UP = 0.66
DEEP = 60


class ShortMoves:
    """Moves over all candidates of a problem; warm, not thread-safe."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        may = problem.candidate.astype(np.float64)
        fall = np.minimum(problem.value - problem.floor, problem.reach).astype(np.float64)
        self.upper = np.concatenate([may * problem.reach, may * fall])
        matrix = problem.matrix.astype(np.float64)
        self.matrix: sp.csc_matrix = sp.hstack([matrix, -matrix]).tocsc()
        self.right = np.zeros(matrix.shape[0])
        self.program = LinearProgram(self.matrix, np.zeros(2 * problem.size), self.upper, self.right)
        self.program.highs.setOptionValue("simplex_strategy", CHOOSE_SIMPLEX)

    def vertex(self, cell: int, target: int, price: Floats, still: int | None = None) -> Floats | None:
        """Rises and falls, (2n,), of the cheapest move of `cell` by `target` (down when negative); `still`: a class that
        must not move. None when there is none."""
        lower, upper = self._bounds(cell, target, still)
        if (lower > self.upper).any():
            return None
        self.program.restart()
        self.program.bounds(lower, upper)
        self.program.cost(-np.concatenate([price, price]))
        return self.program.solve()

    def whole_move(self, cell: int, target: int, price: Floats, still: int | None = None) -> Integers | None:
        """A cheap move in whole numbers: the cheapest one, its fractions raised to the next whole number one after the other.
        None when that leads nowhere."""
        vertex = self.vertex(cell, target, price, still)
        lower, upper = self._bounds(cell, target, still)
        for _ in range(DEEP):
            if vertex is None:
                return None
            if is_whole(vertex):
                return self.checked(vertex)
            lower = _raised(lower, vertex)
            self.program.bounds(lower, upper)
            vertex = self.program.solve()
        return None

    def program_within(
        self, cell: int, target: int, price: Floats, allowed: Mask, still: int | None = None
    ) -> Integers | None:
        """A whole move that uses allowed classes only, from a small integer program."""
        lower, upper = self._bounds(cell, target, still)
        columns = np.flatnonzero(np.concatenate([allowed, allowed]) & (upper > 0))
        program = IntegerProgram(self.matrix[:, columns], lower[columns], upper[columns], self.right)
        found, _ = program.solve(-np.concatenate([price, price])[columns], SECONDS, NODES, gap=0.2)
        if found is None:
            return None
        whole = np.zeros(2 * self.problem.size)
        whole[columns] = found
        return self.checked(whole)

    def checked(self, vertex: Floats) -> Integers | None:
        """As one signed move, if it satisfies the equations exactly."""
        whole = np.round(vertex).astype(np.int64)
        move = whole[: self.problem.size] - whole[self.problem.size :]
        return None if (self.problem.matrix @ move).any() else move

    def _bounds(self, cell: int, target: int, still: int | None) -> tuple[Floats, Floats]:
        size, lower, upper = self.problem.size, np.zeros(2 * self.problem.size), self.upper.copy()
        wanted, other = (cell, cell + size) if target > 0 else (cell + size, cell)
        lower[wanted], upper[other] = abs(target), 0.0
        if still is not None:
            upper[[still, still + size]] = 0.0
        return lower, upper


def _raised(lower: Floats, vertex: Floats) -> Floats:
    """The fractions that are nearly whole from below are asked to be so; if there are none, the largest one."""
    fraction = np.abs(vertex - np.round(vertex)) > CLOSE
    part = np.where(fraction, vertex - np.floor(vertex), 0.0)
    up = part >= NEARLY_UP
    if not up.any():
        up[np.argmax(np.where(fraction, vertex, 0.0))] = True
    return np.where(up, np.ceil(vertex), lower)


def is_whole(values: Floats) -> bool:
    return float(np.abs(values - np.round(values)).max(initial=0.0)) <= CLOSE
