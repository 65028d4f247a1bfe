"""Controlled rounding: every count of a very sparse table becomes a multiple of a base, and everything still adds up.

Where most cells would be suppressed, rounding keeps a picture. A rounded zero says “none, or a few”; a multiple says “about so
many”. One family of tables keeps to one method for ever: a suppressed and a rounded version of one count are an attack.

Source: Cox, Journal of the American Statistical Association 82(398), 1987 (zero-restricted controlled rounding); here as an
integer program, and loosened by one more step where three-way tables have no zero-restricted solution.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from casework.disclosure.attack import audit
from casework.disclosure.errors import BadTable, Unprotectable
from casework.disclosure.linear import IntegerProgram
from casework.disclosure.proposals import propose
from casework.disclosure.rendering import rendered
from casework.disclosure.tables import Integers, LinkedTables, Mask

NODES = 20_000
LOOSE = 4.0
# A margin is quoted more often than a cell inside, so it is moved less.
MARGIN = 3.0


@dataclass(frozen=True)
class Rounded:
    """values: (cells,) multiples of `base` that add up. within: every count lies less than this from its rounded value."""

    values: Integers
    base: int
    within: int


def round_counts(
    tables: LinkedTables, base: int = 5, *, insiders: Mask | None = None, time_budget: float = 60.0
) -> Rounded:
    """Round so that everything adds up and as little as possible is moved; then attack it as a reader would.

    base: the threshold as well. insiders: (cells,) those who are alone in a cell and know it; cells of value 1 if None.
    Raises BadTable on a base below 3, Unprotectable when no rounding adds up or the attack finds something.
    """
    if base < 3:
        raise BadTable("the base must be at least 3")
    if tables.values[tables.total] < base:
        raise Unprotectable("the total is below the base", propose(tables, base))
    found = _strict(tables, base, time_budget / 2) or _loose(tables, base, time_budget / 2)
    if found is None:
        raise Unprotectable("no rounding adds up", propose(tables, base))
    alone = tables.values == 1 if insiders is None else insiders
    coordinates = [_coordinate(tables, int(cell)) for cell in np.flatnonzero(alone)]
    if not audit(printed(tables, found), base, insiders=coordinates).clean:
        raise Unprotectable("a reader could compute a count behind the rounded ones", propose(tables, base))
    return found


def printed(tables: LinkedTables, found: Rounded) -> dict[str, Any]:
    """The document: `rounding` tells what everybody may know of the method."""
    document = rendered(tables, np.zeros(found.values.size, dtype=bool))
    place = {codes: int(found.values[cell]) for codes, cell in tables.position.items()}
    codes = [dimension.code for dimension in tables.dimensions]
    for table in document["tables"]:
        for cell in table["cells"]:
            cell["value"] = place[tuple(cell["at"].get(code, "TOTAL") for code in codes)]
    return document | {"rounding": {"base": found.base, "within": found.within}}


def _coordinate(tables: LinkedTables, cell: int) -> dict[str, str]:
    codes = [dimension.code for dimension in tables.dimensions]
    return dict(zip(codes, tables.cells[cell], strict=True))


def _weight(tables: LinkedTables) -> NDArray[np.float64]:
    return np.where(tables.inner, 1.0, MARGIN)


def _strict(tables: LinkedTables, base: int, seconds: float) -> Rounded | None:
    """Each count goes to one of its two neighbours; a multiple stays."""
    low, rest = np.divmod(tables.values, base)
    # Choosing the upper neighbour costs base - rest instead of rest.
    gain = -(base - 2.0 * rest) * _weight(tables)
    upper = low + (rest > 0)
    program = IntegerProgram(
        tables.matrix.astype(np.float64).tocsc(),
        low.astype(np.float64),
        upper.astype(np.float64),
        np.zeros(tables.matrix.shape[0]),
    )
    chosen, _ = program.solve(gain, seconds, NODES)
    return None if chosen is None else Rounded(_whole(tables, chosen) * base, base, base)


def _loose(tables: LinkedTables, base: int, seconds: float) -> Rounded | None:
    """One step further up or down where it must be, at a price."""
    low, rest = np.divmod(tables.values, base)
    size, matrix = low.size, tables.matrix.astype(np.float64).tocsc()
    weight = _weight(tables)
    gain = np.concatenate([-(base - 2.0 * rest) * weight, np.tile(-LOOSE * base * weight, 2)])
    program = IntegerProgram(
        sp.hstack([matrix, matrix, -matrix]).tocsc(),
        np.concatenate([low, np.zeros(2 * size)]).astype(np.float64),
        np.concatenate([low + (rest > 0), np.ones(size), np.minimum(1, low)]).astype(np.float64),
        np.zeros(matrix.shape[0]),
    )
    chosen, _ = program.solve(gain, seconds, NODES)
    if chosen is None:
        return None
    whole = _whole(tables, chosen[:size] + chosen[size : 2 * size] - chosen[2 * size :])
    return Rounded(whole * base, base, 2 * base)


def _whole(tables: LinkedTables, chosen: NDArray[np.float64]) -> Integers:
    whole = np.round(chosen).astype(np.int64)
    if (tables.matrix @ whole).any():
        raise ArithmeticError("the solver's rounding does not add up")
    return whole
