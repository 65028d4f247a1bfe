"""From requirements to a protected pattern: cuts until the relaxation is tight, then whole choices, then proof.

Within its time the result is the cheapest pattern; over its time it is a protected pattern and a bound that says how
far from the cheapest it can be at most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from casework.disclosure.clock import Clock, OutOfTime
from casework.disclosure.cuts import Cut, capacity, either, from_missed, line_cuts
from casework.disclosure.deviations import Deviations
from casework.disclosure.linear import Floats, Integers
from casework.disclosure.master import Master
from casework.disclosure.repair import Repair
from casework.disclosure.requirements import Problem
from casework.disclosure.short_moves import is_whole
from casework.disclosure.tables import Mask
from casework.disclosure.witnesses import Evidence, Pair, WitnessSearch

VIOLATED = 1e-5
SEARCH_SHARE = 0.5
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
        self.deviations = Deviations(problem, self._tick)
        self.searching = False
        self.master = Master(problem)
        self.witnesses = WitnessSearch(problem, clock)
        self.hot: Mask = np.zeros(problem.cell.size, dtype=bool)
        self.bound = 0.0
        self.last: Mask = problem.forced
        self.whole: list[Integers] = []
        self.best: Mask | None = None
        self.cost = np.inf

    def run(self) -> Found:
        found = self._searched()
        return found if found is not None else self._mend()

    def _searched(self) -> Found | None:
        """The cheapest pattern; None when its time is over."""
        self.searching = True
        try:
            self.master.add(line_cuts(self.deviations))
            self._relax()
            return self._choose()
        except OutOfTime:
            return None
        finally:
            self.searching = False

    def _tick(self) -> None:
        used = self.clock.used(SEARCH_SHARE)
        self.clock.tick("suppressions", used)
        if self.searching and used >= 1.0:
            raise OutOfTime

    def unreachable(self) -> Integers:
        """Requirements that fail even with every candidate suppressed."""
        self.deviations.suppress(self.problem.candidate.astype(np.float64))
        unmet = np.ones(self.problem.cell.size, dtype=bool)
        return np.array([m.requirement for m in self.deviations.missed(unmet)], dtype=np.int64)

    def _relax(self) -> None:
        while self.clock.share(SEARCH_SHARE) > 0:
            choice = self.master.relaxed()
            self.bound = max(self.bound, choice.bound)
            if not self._separate(choice.x, quick=True):
                return

    def _choose(self) -> Found | None:
        """Whole choices until one is protected; None when that would take too long."""
        start: Floats | None = None
        while (seconds := self.clock.share(SEARCH_SHARE)) > 0:
            choice = self.master.whole(seconds, self.bound, start)
            if choice is None:
                return None
            self.bound = max(self.bound, choice.bound)
            self.last = choice.x > 0.5
            start = choice.x
            if self._separate(choice.x):
                continue
            pattern = choice.x > 0.5
            for move in self.whole:
                self.witnesses.offer(move)
            evidence = self.witnesses.prove(pattern, 1.0)
            if evidence.complete:
                return Found(pattern, self.bound, evidence)
            if not self._learn(pattern, evidence):
                return None
        return None

    def _separate(self, x: Floats, quick: bool = False) -> int:
        """Cuts that x violates; how many there were. quick: ask only what was missed once already.

        After each cut enough more is suppressed to satisfy it, so that the next one is about something else. Less suppressed
        never helps: a cut that the larger choice violates, x violates too. What it has grown to meets everything asked.
        """
        grown, added, self.whole = x.copy(), 0, []
        self.deviations.suppress(grown)
        for asked in self._questions(quick):
            while cuts := self._grow(grown, asked):
                added += cuts
            if added:
                break
        else:
            self._remember(grown)
        self.master.favour(grown)
        return added + self.master.add_bridges(self.deviations, x)

    def _questions(self, quick: bool) -> list[Mask]:
        """Where earlier choices failed comes first: there the next one fails most likely."""
        if not self.hot.any():
            return [np.ones(self.hot.size, dtype=bool)]
        return [self.hot.copy()] if quick else [self.hot.copy(), ~self.hot]

    def _grow(self, grown: Floats, asked: Mask) -> int:
        """Look once at what is asked, growing the choice in place; leaves in `asked` what was missed. How many cuts."""
        added = 0
        for missed in self.deviations.missed(asked, self._note):
            self.hot[missed.requirement] = True
            cut = from_missed(self.deviations, missed)
            if cut is not None and cut.short_of(grown) > VIOLATED and self.master.add([cut]):
                cut.satisfy(grown, self.problem.weight)
                self.deviations.suppress(grown)
                added += 1
        return added

    def _note(self, deviation: Floats) -> None:
        """Keep whole solutions: where nothing was missed they prove what they met."""
        if is_whole(deviation):
            move = np.round(deviation).astype(np.int64)
            if not (self.problem.matrix @ move).any():
                self.whole.append(move)

    def _remember(self, grown: Floats) -> None:
        """Keep the cheapest whole choice that met everything."""
        pattern = grown > 0.5
        cost = float(self.problem.weight[pattern & ~self.problem.forced].sum())
        if is_whole(grown) and cost < self.cost:
            self.best, self.cost = pattern, cost

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
        pattern = (self.last if self.best is None else self.best).copy()
        repair = Repair(self.problem)
        self._meet_relaxations(pattern, repair)
        for _ in range(REPAIR_ROUNDS):
            evidence = self.witnesses.prove(pattern, 1.0)
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
        for missed in list(self.deviations.missed(unmet)):
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
