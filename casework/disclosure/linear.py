"""One warm HiGHS model: bounds and costs change, the matrix does not. One thread, no output, no presolve."""

from __future__ import annotations

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
PRIMAL_SIMPLEX = 4
FEASIBLE = 2


class LinearProgram:
    """maximise cost @ x with matrix @ x == right and lower <= x <= upper."""

    def __init__(self, matrix: sp.csc_matrix, lower: Floats, upper: Floats, right: Floats) -> None:
        self.columns = matrix.shape[1]
        self._every = np.arange(self.columns, dtype=np.int32)
        self.highs = quiet_solver()
        self.highs.setOptionValue("presolve", "off")
        self.highs.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)
        self.highs.passModel(_model(matrix, lower, upper, right))
        self.highs.changeObjectiveSense(highspy.ObjSense.kMaximize)

    def cost(self, cost: Floats) -> None:
        self.highs.changeColsCost(self.columns, self._every, cost)

    def bounds(self, lower: Floats, upper: Floats) -> None:
        self.highs.changeColsBounds(self.columns, self._every, lower, upper)

    def restart(self) -> None:
        """Forget the last vertex: from “nothing moves” a short move is five times nearer than from another one."""
        self.highs.setBasis()

    def solve(self) -> Floats | None:
        """The optimal vertex, or None when there is none."""
        self.highs.run()
        if self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            return np.array(self.highs.getSolution().col_value)
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kInfeasible:
            self.highs.clearSolver()
            self.highs.run()
            if self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
                return np.array(self.highs.getSolution().col_value)
        return None

    def prices(self) -> Floats:
        """Row multipliers of the last solution."""
        return np.array(self.highs.getSolution().row_dual)


class IntegerProgram:
    """maximise cost @ x over whole x, with matrix @ x == right and lower <= x <= upper."""

    def __init__(self, matrix: sp.csc_matrix, lower: Floats, upper: Floats, right: Floats) -> None:
        self.matrix, self.lower, self.upper, self.right = matrix, lower, upper, right

    def solve(
        self, cost: Floats, seconds: float, nodes: int, gap: float = 0.0, first: bool = False
    ) -> tuple[Floats | None, bool]:
        """The best whole solution found (the first one if `first`), and whether the search was complete.

        None and True: there is none.
        """
        highs = quiet_solver()
        highs.setOptionValue("time_limit", max(0.01, seconds))
        highs.setOptionValue("mip_max_nodes", nodes)
        highs.setOptionValue("mip_rel_gap", gap)
        model = _model(self.matrix, self.lower, self.upper, self.right)
        model.col_cost_ = cost
        model.integrality_ = [highspy.HighsVarType.kInteger] * self.matrix.shape[1]
        highs.passModel(model)
        highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
        if first:
            highs.setOptionValue("mip_max_improving_sols", 1)
        highs.run()
        status = highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None, True
        found = highs.getInfo().primal_solution_status == FEASIBLE
        values = np.round(np.array(highs.getSolution().col_value)) if found else None
        return values, status == highspy.HighsModelStatus.kOptimal


def quiet_solver() -> highspy.Highs:
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    return highs


def _model(matrix: sp.csc_matrix, lower: Floats, upper: Floats, right: Floats) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = matrix.shape[1], matrix.shape[0]
    model.col_cost_ = np.zeros(matrix.shape[1])
    model.col_lower_, model.col_upper_ = lower, upper
    model.row_lower_, model.row_upper_ = right, right
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = matrix.indptr
    model.a_matrix_.index_ = matrix.indices
    model.a_matrix_.value_ = matrix.data.astype(np.float64)
    return model
