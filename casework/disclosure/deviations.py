"""How far each cell can move from the truth while every equation holds: the attacker's view, as one warm linear program.

Unknowns are deviations: matrix @ deviation == 0, and -fall * x <= deviation <= reach * x, where x says how much of
each class is suppressed (0 or 1 for a pattern, between them during the search) and fall = min(value - floor, reach).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from casework.disclosure.linear import Floats, Integers, LinearProgram
from casework.disclosure.requirements import Problem
from casework.disclosure.tables import Mask

CLOSE = 1e-6
FEW_HITS = 0.02


@dataclass(frozen=True)
class Missed:
    """A requirement that the pattern does not meet, with the multipliers that prove it."""

    requirement: int
    reached: float
    prices: Floats


class Deviations:
    """All deviations that a (possibly fractional) pattern leaves possible. Not thread-safe; reuse it, it is warm."""

    def __init__(self, problem: Problem, tick: Callable[[], None] = lambda: None) -> None:
        """tick: called before every linear program; may raise to end the work."""
        self.problem, self.tick = problem, tick
        self.rise = np.full(problem.size, float(problem.reach))
        self.fall = np.minimum(problem.value - problem.floor, problem.reach).astype(np.float64)
        self.matrix: sp.csc_matrix = problem.matrix.astype(np.float64).tocsc()
        nothing = np.zeros(problem.size)
        self.program = LinearProgram(self.matrix, nothing, nothing, np.zeros(problem.matrix.shape[0]))
        self.lower, self.upper = nothing, nothing

    def suppress(self, x: Floats) -> None:
        """Let each class move as far as it is suppressed."""
        self.lower, self.upper = -self.fall * x, self.rise * x
        self.program.bounds(self.lower, self.upper)

    def together(self, wanted: Integers, sign: int) -> Floats | None:
        """One deviation that meets as many of the wanted requirements as a linear program finds at once.

        Each moves at most as far as it asks, so that none takes what another needs.
        """
        problem, cells = self.problem, self.problem.cell[wanted]
        lower, upper = self.lower.copy(), self.upper.copy()
        if sign > 0:
            upper[cells] = np.minimum(upper[cells], problem.need[wanted])
        else:
            lower[cells] = np.maximum(lower[cells], -problem.need[wanted])
        cost = np.zeros(problem.size)
        cost[cells] = sign
        self.tick()
        self.program.bounds(lower, upper)
        self.program.cost(cost)
        found = self.program.solve()
        self.program.bounds(self.lower, self.upper)
        return found

    def furthest(self, cell: int, sign: int) -> Floats | None:
        """The deviation that moves one class as far as it goes."""
        cost = np.zeros(self.problem.size)
        cost[cell] = sign
        self.tick()
        self.program.cost(cost)
        return self.program.solve()

    def met(self, deviation: Floats | Integers) -> Mask:
        """Which requirements a deviation meets."""
        problem = self.problem
        return problem.sign * deviation[problem.cell] >= problem.need - CLOSE

    def in_bulk(self, unmet: Mask) -> Iterator[Floats]:
        """Deviations that meet many requirements each; clears `unmet` in place, stops when a pass gains little."""
        for sign in (1, -1):
            while (wanted := np.flatnonzero(unmet & (self.problem.sign == sign))).size:
                found = self.together(wanted, sign)
                if found is None:
                    break
                yield found
                unmet &= ~self.met(found)
                if wanted.size - np.count_nonzero(unmet[wanted]) <= max(2.0, FEW_HITS * wanted.size):
                    break

    def missed(self, unmet: Mask, seen: Callable[[Floats], None] = lambda _: None) -> Iterator[Missed]:
        """Requirements among `unmet` that the suppressions do not meet, with proof; clears what is met in place. More may be
        suppressed between one and the next. seen: shown every deviation on the way."""
        for together in self.in_bulk(unmet):
            seen(together)
        problem = self.problem
        for requirement in np.flatnonzero(unmet):
            if not unmet[requirement]:
                continue
            cell, sign = int(problem.cell[requirement]), int(problem.sign[requirement])
            found = self.furthest(cell, sign)
            if found is None:
                raise ArithmeticError("the truth itself is always possible, yet the solver found nothing")
            seen(found)
            unmet &= ~self.met(found)
            if unmet[requirement]:
                yield Missed(int(requirement), float(sign * found[cell]), self.program.prices())
