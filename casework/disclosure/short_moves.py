"""The cheapest move of one class or of several, split into rises and falls so that using a class has a price.

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

    def vertex(
        self, cells: Integers, targets: Integers, price: Floats, still: int | None = None
    ) -> Floats | None:
        """Rises and falls, (2n,), of the cheapest move of each of `cells` by its target (down when negative); `still`: a class
        that must not move. None when there is none."""
        lower, upper = self._bounds(cells, targets, still)
        if (lower > self.upper).any():
            return None
        self.program.restart()
        self.program.bounds(lower, upper)
        self.program.cost(-np.concatenate([price, price]))
        return self.program.solve()

    def whole_move(self, cells: Integers, targets: Integers, price: Floats) -> Integers | None:
        """A cheap move in whole numbers: the cheapest one, its fractions raised to the next whole number one after the other.
        None when that leads nowhere."""
        vertex = self.vertex(cells, targets, price)
        lower, upper = self._bounds(cells, targets)
        for _ in range(DEEP):
            if vertex is None:
                return None
            if is_whole(vertex):
                return self.checked(vertex)
            lower = self._raised(lower, vertex, most=(cells.size + 1) // 2)
            self.program.bounds(lower, upper)
            vertex = self.program.solve()
        return None

    def program_within(
        self, cells: Integers, targets: Integers, price: Floats, allowed: Mask, still: int | None = None
    ) -> Integers | None:
        """A whole move that uses allowed classes only, from a small integer program."""
        lower, upper = self._bounds(cells, targets, still)
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

    def _raised(self, lower: Floats, vertex: Floats, most: int) -> Floats:
        """The fractions that are nearly whole from below are asked to be so; if there are none, the largest ones, `most` of
        them at most, and far from each other: each belongs to another cell's share of the move."""
        fraction = np.abs(vertex - np.round(vertex)) > CLOSE
        part = np.where(fraction, vertex - np.floor(vertex), 0.0)
        up = part >= NEARLY_UP
        if not up.any():
            large = np.argsort(np.where(fraction, -vertex, 0.0), kind="stable")[: np.count_nonzero(fraction)]
            up[large[apart(self.problem, large % self.problem.size, most)]] = True
        return np.where(up, np.ceil(vertex), lower)

    def _bounds(self, cells: Integers, targets: Integers, still: int | None = None) -> tuple[Floats, Floats]:
        size, lower, upper = self.problem.size, np.zeros(2 * self.problem.size), self.upper.copy()
        falls = size * (targets < 0)
        lower[cells + falls], upper[cells + size - falls] = np.abs(targets), 0.0
        if still is not None:
            upper[[still, still + size]] = 0.0
        return lower, upper


def apart(problem: Problem, cells: Integers, most: int) -> Integers:
    """Which of `cells`, the first and at most as many, share no node of any dimension: they get least in each other's way."""
    layers, free = problem.layers[cells], np.ones(cells.size, dtype=bool)
    chosen: list[int] = []
    while free.any() and len(chosen) < most:
        chosen.append(int(np.argmax(free)))
        free &= (layers != layers[chosen[-1]]).all(axis=1)
    return np.array(chosen, dtype=np.int64)


def is_whole(values: Floats) -> bool:
    return float(np.abs(values - np.round(values)).max(initial=0.0)) <= CLOSE
