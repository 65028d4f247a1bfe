"""Suppress a little more, where a pattern still fails: the cheapest whole-number move that meets the requirement."""

from __future__ import annotations

import numpy as np

from casework.disclosure.deviations import CLOSE
from casework.disclosure.linear import Integers
from casework.disclosure.requirements import Problem
from casework.disclosure.short_moves import ShortMoves, is_whole
from casework.disclosure.tables import Mask

NEARLY_FREE = 1e-3


class Repair:
    """Moves that may leave the pattern, at the price of the classes they add to it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.moves = ShortMoves(problem)

    def move(self, pattern: Mask, cell: int, target: int, still: int | None = None) -> Integers | None:
        """An integer move of `cell` by `target` (down when negative) that uses few classes outside the pattern;
        `still`: a class that must not move. None when none was found."""
        price = np.where(pattern, NEARLY_FREE, self.problem.weight)
        cells, targets = np.array([cell]), np.array([target])
        vertex = self.moves.vertex(cells, targets, price, still)
        if vertex is None:
            return None
        if is_whole(vertex):
            return self.moves.checked(vertex)
        size = self.problem.size
        near = pattern | (vertex[:size] > CLOSE) | (vertex[size:] > CLOSE)
        for allowed in (near, np.ones(size, dtype=bool)):
            found = self.moves.program_within(cells, targets, price, allowed, still)
            if found is not None:
                return found
        return None
