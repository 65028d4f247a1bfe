"""The attacker's equations: unknown counts under everything printed, and a solver to ask what they can be."""

from __future__ import annotations

from math import ceil, floor, inf

import highspy
import numpy as np
from numpy.typing import NDArray

from casework.disclosure.errors import BadTable
from casework.disclosure.publication import Reading, describe

SECONDS = 20.0
WHOLE = 1e-6
Floats = NDArray[np.float64]


class System:
    """unknown: indices of suppressed cells. Every solution met on the way that is whole is kept as a witness."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.unknown = [cell for cell, value in enumerate(reading.values) if value is None]
        self.column = {cell: column for column, cell in enumerate(self.unknown)}
        self.rows, self.right = self._equations()
        least = {cell: 0 if cell in reading.zero_possible else 1 for cell in self.unknown}
        told = [reading.bounds.get(cell, (least[cell], highspy.kHighsInf)) for cell in self.unknown]
        self.lower = np.array([float(low) for low, _ in told])
        self.upper = np.array([float(high) for _, high in told])
        self.seen_low = np.full(len(self.unknown), inf)
        self.seen_high = np.full(len(self.unknown), -inf)
        self._ranges: dict[int, tuple[float, float]] = {}
        self.program = self._program()
        if self.unknown:
            self._solve(self.program, 0, 0.0)

    def _equations(self) -> tuple[list[dict[int, float]], list[float]]:
        rows, right = [], []
        for parent, children in self.reading.sums:
            entries: dict[int, float] = {}
            known = 0.0
            for cell, sign in [(parent, -1.0), *((child, 1.0) for child in children)]:
                value = self.reading.values[cell]
                if value is None:
                    entries[self.column[cell]] = entries.get(self.column[cell], 0.0) + sign
                else:
                    known += sign * value
            if not entries and known:
                raise BadTable(f"the counts under {describe(self.reading.names[parent])} do not add up")
            if entries:
                rows.append(entries)
                right.append(-known)
        return rows, right

    def _program(self) -> highspy.Highs:
        highs = highspy.Highs()  # type: ignore[no-untyped-call]
        highs.setOptionValue("output_flag", False)
        highs.setOptionValue("threads", 1)
        highs.setOptionValue("presolve", "off")
        highs.addVars(len(self.unknown), self.lower, self.upper)
        for entries, right in zip(self.rows, self.right, strict=True):
            columns = np.array(list(entries), dtype=np.int32)
            highs.addRow(right, right, columns.size, columns, np.array(list(entries.values())))
        return highs

    def range(self, cell: int) -> tuple[float, float]:
        """Bounds from linear programming, rounded inwards; the count itself when it is printed."""
        value = self.reading.values[cell]
        if value is not None:
            return float(value), float(value)
        if cell not in self._ranges:
            column = self.column[cell]
            low, high = self._bound(self.program, column, -1.0), self._bound(self.program, column, 1.0)
            self._ranges[cell] = (ceil(low - WHOLE), high if high == inf else floor(high + WHOLE))
        return self._ranges[cell]

    def can_reach(self, cell: int, target: int) -> bool | None:
        """Whether the cell can be at least `target` in whole numbers; None when the solver gave up."""
        value = self.reading.values[cell]
        if value is not None:
            return value >= target
        column = self.column[cell]
        if self.seen_high[column] >= target:
            return True
        if self._bound(self.program, column, 1.0) < target - WHOLE:
            return False
        if self.seen_high[column] >= target:
            return True
        return self._whole(column, float(target), inf)

    def interval(self, cell: int) -> tuple[float, float]:
        """The exact interval in whole numbers, by closing in from the linear one."""
        low, high = self.range(cell)
        column = self.column[cell]
        while self.seen_low[column] > low and self._whole(column, low, low) is not True:
            low += 1
        while self.seen_high[column] < high < inf and self._whole(column, high, high) is not True:
            high -= 1
        return low, high

    def determined_given(self, own: int, value: int) -> dict[int, tuple[float, float]]:
        """Cells that have one possible count left once the attacker knows one cell."""
        column = self.column[own]
        self.program.changeColBounds(column, float(value), float(value))
        found: dict[int, tuple[float, float]] = {}
        seen = [self._solution(0, 0.0)]
        for other, cell in enumerate(self.unknown):
            points = {round(float(point[other]), 6) for point in seen if point is not None}
            if other == column or (points and max(points) - min(points) >= 1 - WHOLE):
                continue
            ends = []
            for sign in (1.0, -1.0):
                point = self._solution(other, sign)
                seen.append(point)
                ends.append(inf * sign if point is None else float(point[other]))
            if ends[0] < inf and floor(ends[0] + WHOLE) <= ceil(ends[1] - WHOLE):
                found[cell] = (ceil(ends[1] - WHOLE), floor(ends[0] + WHOLE))
        self.program.changeColBounds(column, self.lower[column], self.upper[column])
        return found

    def _bound(self, program: highspy.Highs, column: int, sign: float) -> float:
        point = self._solve(program, column, sign)
        return inf * sign if point is None else float(point[column])

    def _solution(self, column: int, sign: float) -> Floats | None:
        return self._solve(self.program, column, sign, keep=False)

    def _solve(self, program: highspy.Highs, column: int, sign: float, keep: bool = True) -> Floats | None:
        """Maximise sign * x[column]; None when there is no limit. Raises BadTable when nothing agrees."""
        program.changeObjectiveSense(highspy.ObjSense.kMaximize)
        program.changeColCost(column, sign)
        program.run()
        status = program.getModelStatus()
        if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kUnbounded):
            program.clearSolver()
            program.run()
            status = program.getModelStatus()
        program.changeColCost(column, 0.0)
        if status == highspy.HighsModelStatus.kOptimal:
            point = np.array(program.getSolution().col_value)
            if keep:
                self._remember(point)
            return point
        if status in (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return None
        raise BadTable("no table of counts agrees with what is printed")

    def _remember(self, point: Floats) -> None:
        """Whole solutions are tables the attacker must hold possible."""
        if point.size and np.abs(point - np.round(point)).max() < WHOLE:
            np.minimum(self.seen_low, np.round(point), out=self.seen_low)
            np.maximum(self.seen_high, np.round(point), out=self.seen_high)

    def _whole(self, column: int, least: float, most: float) -> bool | None:
        program = self._program()
        program.setOptionValue("presolve", "choose")
        program.setOptionValue("time_limit", SECONDS)
        program.changeColBounds(column, least, min(most, self.upper[column]))
        every = np.arange(len(self.unknown), dtype=np.int32)
        program.changeColsIntegrality(every.size, every, np.ones(every.size, dtype=np.uint8))
        program.run()
        if program.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            self._remember(np.round(np.array(program.getSolution().col_value)))
            return True
        return False if program.getModelStatus() == highspy.HighsModelStatus.kInfeasible else None
