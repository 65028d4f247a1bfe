"""The choice of suppressions: a 0/1 program over the candidates, tightened by cuts until its answer is protected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from casework.disclosure.cuts import TINY, Cut, bridges
from casework.disclosure.deviations import Deviations
from casework.disclosure.errors import Impossible
from casework.disclosure.linear import FEASIBLE, Floats, Integers, quiet_solver
from casework.disclosure.requirements import Problem

FAVOUR = 1e-3


@dataclass(frozen=True)
class Choice:
    """x: (n,) how much of each class is suppressed. bound: no protected pattern costs less. whole: x is 0/1."""

    x: Floats
    bound: float
    whole: bool


class Master:
    """Minimise the weight of suppressed candidates subject to the cuts known so far."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.free: Integers = np.flatnonzero(problem.candidate & ~problem.forced)
        self.column = np.full(problem.size, -1, dtype=np.int32)
        self.column[self.free] = np.arange(self.free.size)
        self.highs = quiet_solver()
        self.highs.addVars(self.free.size, np.zeros(self.free.size), np.ones(self.free.size))
        self._every = np.arange(self.free.size, dtype=np.int32)
        self.highs.changeColsCost(self.free.size, self._every, problem.weight[self.free])
        self.counted = not (problem.weight[self.free] % 1).any()
        self._known: set[bytes] = set()

    def add(self, cuts: Iterable[Cut | None]) -> int:
        """Add the cuts that are new; how many there were. Raises Impossible on a cut that nothing satisfies."""
        added = 0
        for cut in cuts:
            if cut is None or cut.key in self._known:
                continue
            if not cut.classes.size or cut.coefficients.sum() < 1 - TINY:
                raise Impossible("fails even with every candidate suppressed")
            self._known.add(cut.key)
            self._row(1.0, self.column[cut.classes], cut.coefficients)
            added += 1
        return added

    def add_bridges(self, deviations: Deviations, x: Floats) -> int:
        """Forbid a suppressed class that is alone in an equation, where x has one."""
        added = 0
        for alone, others in bridges(deviations, x):
            if self.column[alone] < 0 or self.problem.forced[others].any():
                continue
            company = self.column[others[self.column[others] >= 0]]
            columns = np.concatenate([[self.column[alone]], company]).astype(np.int32)
            self._row(0.0, columns, np.concatenate([[-1.0], np.ones(company.size)]))
            added += 1
        return added

    def favour(self, x: Floats) -> None:
        """Of choices that cost the same, take the one nearest to x: then the next one differs little from the last."""
        little = min(FAVOUR, 0.5 / max(1, self.free.size))
        self.highs.changeColsCost(
            self.free.size, self._every, self.problem.weight[self.free] - little * x[self.free]
        )

    def relaxed(self) -> Choice:
        """The cheapest fractional choice."""
        self.highs.run()
        bound = float(self.highs.getInfo().objective_function_value)
        return Choice(self._full(np.array(self.highs.getSolution().col_value)), bound, False)

    def whole(self, seconds: float, bound: float, start: Floats | None) -> Choice | None:
        """The cheapest 0/1 choice found in time, with its proven bound; None when none was found. `bound`: a choice that costs
        no more is as cheap as any, and need not be proven so again."""
        kinds = np.ones(self.free.size, dtype=np.uint8)
        self.highs.changeColsIntegrality(self.free.size, self._every, kinds)
        self.highs.setOptionValue("time_limit", self.highs.getRunTime() + max(0.05, seconds))
        self.highs.setOptionValue("mip_rel_gap", 0.0)
        self.highs.setOptionValue("objective_target", bound if self.counted else -highspy.kHighsInf)
        if start is not None:
            solution = highspy.HighsSolution()
            solution.col_value = start[self.free].tolist()
            self.highs.setSolution(solution)
        self.highs.run()
        info = self.highs.getInfo()
        if info.primal_solution_status != FEASIBLE:
            return None
        values = np.round(np.array(self.highs.getSolution().col_value))
        return Choice(self._full(values), self._proven(float(info.mip_dual_bound)), True)

    def _proven(self, bound: float) -> float:
        """What is favoured makes the bound a little too low; where every weight is whole, so is the truth."""
        return float(np.ceil(bound - TINY)) if self.counted else bound

    def _row(self, least: float, columns: NDArray[np.int32], coefficients: Floats) -> None:
        self.highs.addRow(least, highspy.kHighsInf, columns.size, columns, coefficients)

    def _full(self, values: Floats) -> Floats:
        x = self.problem.forced.astype(np.float64)
        x[self.free] = np.clip(values, 0.0, 1.0)
        return x
