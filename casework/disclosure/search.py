"""From requirements to a protected pattern: cuts until the relaxation is tight, then whole choices, then proof.

Within its time the result is the cheapest pattern; over its time it is a protected pattern and a bound that says how
far from the cheapest it can be at most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from casework.disclosure.clock import Clock
from casework.disclosure.cuts import Cut, capacity, either, from_missed, line_cuts
from casework.disclosure.deviations import Deviations
from casework.disclosure.linear import Floats, Integers
from casework.disclosure.master import Choice, Master
from casework.disclosure.repair import Repair
from casework.disclosure.requirements import Problem
from casework.disclosure.tables import Mask
from casework.disclosure.witnesses import Evidence, Pair, WitnessSearch

VIOLATED = 1e-5
CUTS_PER_ROUND = 400
LARGE = 1_500
NEAR_ENOUGH = 0.03
SEARCH_SHARE = 0.4
REPAIR_ROUNDS = 12


@dataclass(frozen=True)
class Found:
    """pattern: (n,) suppressed classes. bound: weight that no protected pattern goes below. evidence: its proof."""

    pattern: Mask
    bound: float
    evidence: Evidence


class Search:
    def __init__(self, problem: Problem, clock: Clock) -> None:
        self.problem, self.clock = problem, clock
        self.deviations = Deviations(problem)
        self.master = Master(problem)
        self.witnesses = WitnessSearch(problem, clock)
        self.hot: Mask = np.ones(problem.cell.size, dtype=bool)
        self.bound = 0.0
        self.missed = 0

    def run(self) -> Found:
        self.master.add(line_cuts(self.deviations))
        self._relax()
        found = self._choose()
        return found if found is not None else self._mend()

    def unreachable(self) -> Integers:
        """Requirements that fail even with every candidate suppressed."""
        self.deviations.suppress(self.problem.candidate.astype(np.float64))
        unmet = np.ones(self.problem.cell.size, dtype=bool)
        return np.array([m.requirement for m in self.deviations.missed(unmet, unmet.size)], dtype=np.int64)

    def _relax(self) -> None:
        while self.clock.share(SEARCH_SHARE) > 0:
            choice = self.master.relaxed()
            self.bound = max(self.bound, choice.bound)
            self.clock.tick("suppressions", 0.0)
            if not self._separate(choice.x):
                return

    def _choose(self) -> Found | None:
        """Whole choices until one is protected; None when that would take too long."""
        start: Floats | None = None
        while (seconds := self.clock.share(SEARCH_SHARE)) > 0:
            choice = self.master.whole(seconds, 0.0, start)
            if choice is None:
                return None
            self._raise(choice)
            self.last = choice
            self.clock.tick("suppressions", 0.5)
            start = choice.x
            if self._separate(choice.x):
                if self._near_enough(choice):
                    return None
                continue
            pattern = choice.x > 0.5
            evidence = self.witnesses.prove(pattern, 1.0)
            if evidence.complete:
                return Found(pattern, self.bound, evidence)
            if not self._learn(pattern, evidence):
                return None
        return None

    def _raise(self, choice: Choice) -> None:
        self.bound = max(self.bound, choice.bound)

    def _near_enough(self, choice: Choice) -> bool:
        """On a large problem, mending the few requirements that are missed costs less than searching on."""
        return self.problem.size > LARGE and self.missed <= max(2.0, NEAR_ENOUGH * self.bound)

    def _separate(self, x: Floats) -> int:
        """Cuts that x violates, looking first where earlier choices failed; how many there were."""
        self.deviations.suppress(x)
        added = self._cuts(self.hot.copy(), x)
        if not added and not self.hot.all():
            added = self._cuts(np.ones(self.problem.cell.size, dtype=bool), x)
        return added + self.master.add_bridges(self.deviations, x)

    def _cuts(self, unmet: Mask, x: Floats) -> int:
        missed = list(self.deviations.missed(unmet, CUTS_PER_ROUND))
        everything = bool(self.hot.all())
        if everything:
            self.hot[:] = False
        self.hot[[m.requirement for m in missed]] = True
        self.missed = len(missed)
        cuts = (from_missed(self.deviations, m) for m in missed)
        return self.master.add([cut for cut in cuts if cut is not None and cut.short_of(x) > VIOLATED])

    def _learn(self, pattern: Mask, evidence: Evidence) -> bool:
        """Cuts from what was refuted; whether there were any."""
        cuts: list[Cut | None] = [self._insider_cut(pattern, pair) for pair in evidence.leaks]
        if evidence.refuted or (evidence.leaks and not any(cuts)):
            cuts.append(self._one_more(pattern))
        return self.master.add(cuts) > 0

    def _one_more(self, pattern: Mask) -> Cut:
        """Every protected pattern suppresses something outside a pattern that was refuted: less never helps."""
        outside = np.flatnonzero(self.problem.candidate & ~pattern)
        return Cut(outside, np.ones(outside.size))

    def _insider_cut(self, pattern: Mask, pair: Pair) -> Cut | None:
        """The other cell can rise by one or fall by one while the insider's stays: the larger of both inequalities."""
        still, cell = pair
        x = pattern.astype(np.float64)
        x[still] = 0.0
        self.deviations.suppress(x)
        cuts: list[Cut | None] = []
        for sign in (1, -1):
            room = self.deviations.rise if sign > 0 else self.deviations.fall
            if room[cell] < 1 or self.deviations.furthest(cell, sign) is None:
                continue
            cuts.append(capacity(self.deviations, cell, sign, 1.0, self.deviations.program.prices(), still))
        cut = either(cuts, self.problem.size) if cuts else None
        return cut if cut is not None and cut.short_of(pattern.astype(np.float64)) > VIOLATED else None

    def _mend(self) -> Found:
        """Add the cheapest moves for what is still missed until the proof is complete or the time is over."""
        pattern = self.last.x > 0.5 if hasattr(self, "last") else self.problem.forced.copy()
        repair = Repair(self.problem)
        self._meet_relaxations(pattern, repair)
        for _ in range(REPAIR_ROUNDS):
            evidence = self.witnesses.prove(pattern, 1.0)
            self.clock.tick("suppressions", 0.9)
            if evidence.complete or self.clock.left <= 0:
                break
            before = pattern.sum()
            self._meet(pattern, repair, evidence)
            if pattern.sum() == before:
                break
        return Found(pattern, self.bound, evidence)

    def _meet_relaxations(self, pattern: Mask, repair: Repair) -> None:
        self.deviations.suppress(pattern.astype(np.float64))
        unmet = np.ones(self.problem.cell.size, dtype=bool)
        for missed in list(self.deviations.missed(unmet, unmet.size)):
            self._add(pattern, repair, int(missed.requirement))

    def _meet(self, pattern: Mask, repair: Repair, evidence: Evidence) -> None:
        for q in evidence.refuted + evidence.unknown:
            self._add(pattern, repair, q)
        for still, cell in evidence.leaks + evidence.unknown_leaks:
            self._widen(pattern, repair.move(pattern, cell, 1, still))

    def _add(self, pattern: Mask, repair: Repair, q: int) -> None:
        target = int(self.problem.sign[q] * self.problem.need[q])
        self._widen(pattern, repair.move(pattern, int(self.problem.cell[q]), target))

    def _widen(self, pattern: Mask, move: Integers | None) -> None:
        if move is not None:
            pattern |= move != 0
            self.witnesses.offer(move)
