"""Suppress a little more, where a pattern still fails: the cheapest whole-number move that meets the requirement."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from casework.disclosure.deviations import CLOSE
from casework.disclosure.linear import Floats, IntegerProgram, Integers, LinearProgram
from casework.disclosure.requirements import Problem
from casework.disclosure.tables import Mask

NEARLY_FREE = 1e-3
SECONDS = 10.0
NODES = 2_000


class Repair:
    """Moves over all candidates, split into rises and falls so that using a class has a price."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        may = problem.candidate.astype(np.float64)
        fall = np.minimum(problem.value - problem.floor, problem.reach).astype(np.float64)
        self.upper = np.concatenate([may * problem.reach, may * fall])
        matrix = problem.matrix.astype(np.float64)
        self.matrix: sp.csc_matrix = sp.hstack([matrix, -matrix]).tocsc()
        self.right = np.zeros(matrix.shape[0])
        self.program = LinearProgram(self.matrix, np.zeros(2 * problem.size), self.upper, self.right)

    def move(self, pattern: Mask, cell: int, target: int, still: int | None = None) -> Integers | None:
        """An integer move of `cell` by at least `target` (down when negative) that uses few classes outside the
        pattern; `still`: a class that must not move. None when none was found."""
        lower, upper = self._bounds(cell, target, still)
        price = np.where(pattern, NEARLY_FREE, self.problem.weight)
        price = np.concatenate([price, price])
        vertex = self._cheapest(price, lower, upper)
        if vertex is None:
            return None
        if np.abs(vertex - np.round(vertex)).max() > CLOSE:
            vertex = self._whole(pattern, vertex, price, lower, upper)
        return None if vertex is None else self._checked(vertex)

    def _bounds(self, cell: int, target: int, still: int | None) -> tuple[Floats, Floats]:
        size, lower, upper = self.problem.size, np.zeros(2 * self.problem.size), self.upper.copy()
        wanted, other = (cell, cell + size) if target > 0 else (cell + size, cell)
        lower[wanted], upper[other] = abs(target), 0.0
        upper[wanted] = max(upper[wanted], abs(target))
        if still is not None:
            upper[[still, still + size]] = 0.0
        return lower, upper

    def _cheapest(self, price: Floats, lower: Floats, upper: Floats) -> Floats | None:
        self.program.bounds(lower, upper)
        self.program.cost(-price)
        return self.program.solve()

    def _whole(
        self, pattern: Mask, vertex: Floats, price: Floats, lower: Floats, upper: Floats
    ) -> Floats | None:
        """First among the classes the fractional move uses, then among all."""
        size = self.problem.size
        near = pattern | (vertex[:size] > CLOSE) | (vertex[size:] > CLOSE)
        for allowed in (near, np.ones(size, dtype=bool)):
            columns = np.flatnonzero(np.concatenate([allowed, allowed]) & (upper > 0))
            program = IntegerProgram(self.matrix[:, columns], lower[columns], upper[columns], self.right)
            found, _ = program.solve(-price[columns], SECONDS, NODES, gap=0.2)
            if found is not None:
                whole = np.zeros(2 * size)
                whole[columns] = found
                return whole
        return None

    def _checked(self, vertex: Floats) -> Integers | None:
        whole = np.round(vertex).astype(np.int64)
        move = whole[: self.problem.size] - whole[self.problem.size :]
        return None if (self.problem.matrix @ move).any() else move
