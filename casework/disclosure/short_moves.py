"""The cheapest move of one class, split into rises and falls so that using a class has a price.

Short moves touch few classes. Most vertices of this linear program are whole even where tables of three dimensions have
fractional vertices, because a short cycle of +1 and -1 is the usual answer.
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
        if (
            lower[cell] > self.upper[cell]
            or lower[cell + self.problem.size] > self.upper[cell + self.problem.size]
        ):
            return None
        self.program.bounds(lower, upper)
        self.program.cost(-np.concatenate([price, price]))
        return self.program.solve()

    def whole_vertex(
        self, cell: int, target: int, price: Floats, still: int | None = None
    ) -> Integers | None:
        """The cheapest move, if it happens to be whole."""
        vertex = self.vertex(cell, target, price, still)
        return None if vertex is None or not is_whole(vertex) else self.checked(vertex)

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


def is_whole(values: Floats) -> bool:
    return float(np.abs(values - np.round(values)).max(initial=0.0)) <= CLOSE
