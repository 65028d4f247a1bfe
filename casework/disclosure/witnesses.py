"""Whole-number tables that prove a pattern protected: each agrees with everything published and differs where it must.

A linear program says that a cell could move; only a table of whole numbers shows that it can. One table serves many
requirements, so each is built to serve one that is still open and as many others as it can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from casework.disclosure.clock import Clock
from casework.disclosure.deviations import CLOSE, Deviations
from casework.disclosure.linear import Floats, IntegerProgram, Integers
from casework.disclosure.requirements import Problem
from casework.disclosure.short_moves import ShortMoves, apart
from casework.disclosure.tables import Mask

GOOD_ENOUGH = 0.3
NODES = 500
# Measured: 700 classes of 10 x 15 x 8 gain a third, 2 000 of 20 x 20 x 10 lose as much.
MANY = 1_000
# Unlike prices break ties, and another draw finds another move.
PRICES = 0.6, 1.4
FAR = 50.0
SECONDS = 10.0

Pair = tuple[int, int]


@dataclass
class Evidence:
    """deviations: integer moves of all classes, each (n,). refuted and unknown: requirements without a witness, proven
    impossible or not found in time. leaks: pairs (insider, cell) that no found move separates, refuted or not."""

    deviations: list[Integers] = field(default_factory=list)
    refuted: list[int] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    leaks: list[Pair] = field(default_factory=list)
    unknown_leaks: list[Pair] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not (self.refuted or self.unknown or self.leaks or self.unknown_leaks)


class WitnessSearch:
    """Finds witnesses for one pattern after another, and keeps those that still fit."""

    def __init__(self, problem: Problem, clock: Clock) -> None:
        self.problem, self.clock = problem, clock
        self.pool: list[Integers] = []

    def offer(self, deviation: Integers) -> None:
        """Keep a move found elsewhere."""
        self.pool.append(deviation)

    def prove(self, pattern: Mask, until: float) -> Evidence:
        """Witnesses for every requirement, then for every insider; `until` is a share of the clock's budget."""
        return _Proof(self, pattern, until).run()


class _Proof:
    def __init__(self, search: WitnessSearch, pattern: Mask, until: float) -> None:
        self.search, self.pattern, self.until = search, pattern, until
        self.problem = search.problem.within(pattern)
        self.kept = np.flatnonzero(pattern)
        self.deviations = Deviations(self.problem)
        self.deviations.suppress(np.ones(self.problem.size))
        self.open: Mask = np.ones(self.problem.cell.size, dtype=bool)
        self.evidence = Evidence()
        self.whole = IntegerProgram(
            self.deviations.matrix,
            self.deviations.lower,
            self.deviations.upper,
            np.zeros(self.problem.matrix.shape[0]),
        )

    def run(self) -> Evidence:
        for old in self.search.pool:
            if not old[~self.pattern].any():
                self._keep(old[self.kept], known=True)
        self._by_vertices()
        self._by_short_moves()
        self._by_integer_programs()
        Insiders(self).run()
        return self.evidence

    def _keep(self, deviation: Integers, known: bool = False, useful: bool = False) -> bool:
        """Keep a move that meets an open requirement; whether it did."""
        hits = self.open & self.deviations.met(deviation)
        if not hits.any() and not useful:
            return False
        self.open &= ~hits
        whole = np.zeros(self.search.problem.size, dtype=np.int64)
        whole[self.kept] = deviation
        self.evidence.deviations.append(whole)
        if not known:
            self.search.offer(whole)
        return True

    def _keep_vertex(self, vertex: Floats | None) -> bool:
        """Keep a vertex of the linear program if it happens to be whole; exact arithmetic decides."""
        if vertex is None or np.abs(vertex - np.round(vertex)).max(initial=0.0) > CLOSE:
            return False
        whole = np.round(vertex).astype(np.int64)
        return not (self.problem.matrix @ whole).any() and self._keep(whole)

    def _by_vertices(self) -> None:
        """Vertices of two-way tables are whole: all is proved here. Those of larger tables seldom are."""
        unmet = self.open.copy()
        for vertex in self.deviations.in_bulk(unmet):
            if not self._keep_vertex(vertex) and np.abs(vertex - np.round(vertex)).max() > CLOSE:
                break
        fractional = 0
        for q in np.flatnonzero(self.open):
            if not self.open[q]:
                continue
            found = self.deviations.furthest(int(self.problem.cell[q]), int(self.problem.sign[q]))
            fractional += not self._keep_vertex(found)
            if fractional > 3:
                break

    def _by_short_moves(self) -> None:
        """A company of requirements at a time, by one short move; what does not fit together in smaller ones, and alone at
        last, where another price finds another move."""
        if not self.open.any():
            return
        moves, generator = ShortMoves(self.problem), np.random.default_rng(0)
        for most in companies(self.problem):
            untried = self.open.copy()
            while (untried := untried & self.open).any() and self.in_time():
                q = self._company(np.flatnonzero(untried), most)
                price = generator.uniform(*PRICES, self.problem.size)
                found = moves.whole_move(self.problem.cell[q], self._targets(q), price)
                untried[q] = False
                if found is not None:
                    self._keep(found)

    def _company(self, left: Integers, most: int) -> Integers:
        """Requirements that ask for the same move of classes far from each other: their common move is most likely whole."""
        targets = self._targets(left)
        alike: Integers = left[targets == targets[0]]
        return alike[apart(self.problem, self.problem.cell[alike], most)]

    def _by_integer_programs(self) -> None:
        for q in range(self.open.size):
            if not self.open[q]:
                continue
            if not self.in_time():
                self.evidence.unknown += np.flatnonzero(self.open).tolist()
                return
            self._one(q)

    def in_time(self) -> bool:
        self.search.clock.tick("certificate", 1.0 - np.count_nonzero(self.open) / max(1, self.open.size))
        return self.search.clock.share(self.until) > 0

    def _targets(self, q: Integers) -> Integers:
        return np.asarray(self.problem.sign[q] * self.problem.need[q])

    def _one(self, q: int) -> None:
        cell, target = int(self.problem.cell[q]), int(self._targets(np.array([q]))[0])
        found, complete = self._with_others(cell, target)
        if found is None:
            found, complete = self._alone(cell, target)
        if found is not None:
            self._keep(found)
        if self.open[q]:
            self.open[q] = False
            (self.evidence.refuted if complete and found is None else self.evidence.unknown).append(q)

    def _wish(self) -> tuple[Floats, Floats]:
        """Cost and upper bounds under which every open requirement pulls, and none takes more than it asks."""
        problem, upper = self.problem, self.deviations.upper.copy()
        cost = np.zeros(problem.size)
        for sign in (-1, 1):
            wanted = np.flatnonzero(self.open & (problem.sign == sign))
            cells, needs = problem.cell[wanted], problem.need[wanted]
            cost[cells] = sign / needs
            if sign > 0:
                upper[cells] = np.minimum(upper[cells], needs)
        return cost, upper

    def _with_others(self, cell: int, target: int) -> tuple[Integers | None, bool]:
        """Move a class by what it is asked to, and meet other requirements that happen to fit."""
        cost, upper = self._wish()
        lower = self.deviations.lower.copy()
        lower[cell] = upper[cell] = target
        return self._solve(cost, lower, upper)

    def _alone(self, cell: int, target: int) -> tuple[Integers | None, bool]:
        lower, upper = self.deviations.lower.copy(), self.deviations.upper.copy()
        (lower if target > 0 else upper)[cell] = target
        return self._solve(np.zeros(self.problem.size), lower, upper)

    def _solve(
        self, cost: Floats, lower: Floats, upper: Floats, first: bool = True
    ) -> tuple[Integers | None, bool]:
        self.whole.lower, self.whole.upper = lower, upper
        seconds = min(SECONDS, max(0.1, self.search.clock.share(self.until)))
        found, complete = self.whole.solve(cost, seconds, NODES, gap=GOOD_ENOUGH, first=first)
        if found is None:
            return None, complete
        whole = found.astype(np.int64)
        return (None, False) if (self.problem.matrix @ whole).any() else (whole, complete)

    def apart(self, still: int, cell: int, sign: int) -> tuple[Integers | None, bool]:
        """Move one class by one while another stays; whether the search was complete."""
        lower, upper = self.deviations.lower.copy(), self.deviations.upper.copy()
        lower[still] = upper[still] = 0.0
        (lower if sign > 0 else upper)[cell] = sign
        if lower[cell] > upper[cell]:
            return None, True
        return self._solve(np.zeros(self.problem.size), lower, upper)

    def keep_useful(self, move: Integers) -> None:
        """Keep a move that separates an insider from something, whether or not it meets a requirement."""
        self._keep(move, useful=True)


class Insiders:
    """For every person alone in a cell, every other sensitive cell must still be able to differ from the truth while
    that person's cell does not move."""

    def __init__(self, proof: _Proof) -> None:
        self.proof, self.problem = proof, proof.problem
        self.singles = proof.problem.singles
        self.others = np.flatnonzero(proof.problem.sensitive)
        persons = proof.problem.persons
        self.left: Mask = persons[self.singles][:, None] != persons[self.others][None, :]

    def run(self) -> None:
        if not self.left.any():
            return
        if self.proof.evidence.deviations:
            self._clear(np.array(self.proof.evidence.deviations)[:, self.proof.kept])
        if self.left.any():
            self._by_short_moves()
        for row, column in np.argwhere(self.left):
            if self.left[row, column]:
                self._one(int(row), int(column))

    def _clear(self, moves: NDArray[np.int64]) -> None:
        self.left &= ~separated(moves, self.singles, self.others)

    def _by_short_moves(self) -> None:
        """Short moves of a company of cells, then of one, priced to avoid the insiders they must be separated from, settle
        nearly all."""
        moves, generator = ShortMoves(self.problem), np.random.default_rng(0)
        for attempt, most in enumerate(companies(self.problem)):
            untried = np.ones(self.others.size, dtype=bool)
            while (asked := np.flatnonzero(untried & self.left.any(axis=0))).size and self.proof.in_time():
                company = asked[apart(self.problem, self.others[asked], most)]
                untried[company] = False
                price = generator.uniform(*PRICES, self.problem.size)
                price[self.singles[self.left[:, company].any(axis=1)]] = FAR
                sign = 1 if attempt % 2 == 0 else -1
                found = moves.whole_move(self.others[company], np.full(company.size, sign), price)
                if found is not None:
                    self._accept(found)

    def _accept(self, move: Integers) -> None:
        before = np.count_nonzero(self.left)
        self._clear(move[None, :])
        if np.count_nonzero(self.left) < before:
            self.proof.keep_useful(move)

    def _one(self, row: int, column: int) -> None:
        still, cell, complete = int(self.singles[row]), int(self.others[column]), True
        for sign in (1, -1):
            if not self.proof.in_time():
                complete = False
                break
            found, sure = self.proof.apart(still, cell, sign)
            if found is not None:
                self._accept(found)
                return
            complete &= sure
        pair = (int(self.proof.kept[still]), int(self.proof.kept[cell]))
        (self.proof.evidence.leaks if complete else self.proof.evidence.unknown_leaks).append(pair)
        self.left[row, column] = False


def companies(problem: Problem) -> Sequence[int]:
    """How many cells are asked to move at once, and then how many of those that failed. Among many classes one common move
    takes longer to find than one for each."""
    return (8, 4, 2, 1, 1, 1) if problem.size <= MANY else (1, 1, 1, 1)


def separated(moves: NDArray[np.generic], singles: Integers, others: Integers) -> Mask:
    """(singles, others): whether some move changes the other cell by at least one and leaves the single's alone."""
    still = (np.abs(moves[:, singles]) < CLOSE).astype(np.float32)
    moved = (np.abs(moves[:, others]) >= 1 - CLOSE).astype(np.float32)
    return np.asarray(still.T @ moved > 0)
