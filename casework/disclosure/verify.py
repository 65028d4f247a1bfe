"""Check a certificate with additions and comparisons alone. It trusts neither the search nor its solver."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from casework.disclosure.certificate import Certificate
from casework.disclosure.editions import EarlierEdition
from casework.disclosure.tables import LinkedTables
from casework.disclosure.verify_editions import verify_editions

Mask = NDArray[np.bool_]


def verify(
    tables: LinkedTables,
    suppressed: Mask,
    certificate: Certificate,
    threshold: int = 5,
    group_dimensions: Collection[str] | None = None,
    earlier: Sequence[EarlierEdition] = (),
    known: Mask | None = None,
) -> list[str]:
    """What is wrong with a pattern and its certificate; an empty list when nothing is.

    suppressed: (cells,) the pattern. threshold: k. group_dimensions: codes of sensitive facts; those marked in the
    dimensions if None. earlier: the editions it was made beside, oldest first. known: (cells,) cells whose count others publish.
    """
    if suppressed.shape != tables.values.shape or certificate.witnesses.shape[1:] != tables.values.shape:
        return ["the pattern, the certificate and the tables have different sizes"]
    if (tables.matrix @ tables.values).any():
        return ["the tables do not add up"]
    if tables.values[tables.total] < threshold:
        return [] if suppressed.all() else ["the total is below the threshold, yet something is published"]
    out = np.zeros_like(suppressed) if known is None else known
    check = _Check(tables, suppressed, certificate, threshold, group_dimensions, out)
    return check.problems() + verify_editions(tables, suppressed, certificate, threshold, earlier)


class _Check:
    def __init__(
        self,
        tables: LinkedTables,
        suppressed: Mask,
        certificate: Certificate,
        threshold: int,
        group_dimensions: Collection[str] | None,
        known: Mask,
    ) -> None:
        self.tables, self.suppressed, self.threshold, self.known = tables, suppressed, threshold, known
        self.certificate = certificate
        self.values, self.floors = tables.values, tables.non_zero_inner_below
        self.moves = certificate.witnesses.astype(np.int64)
        marked = {dimension.code for dimension in tables.dimensions if dimension.sensitive}
        self.facts = marked if group_dimensions is None else set(group_dimensions)
        self.small = (self.values >= 1) & (self.values < threshold)
        # What others publish is no secret that could still be kept.
        self.sensitive = self.small & ~known

    def problems(self) -> list[str]:
        found = self._witnesses() + self._primary()
        if found:
            return found
        found = self._sensitive() + self._insiders() + self._groups()
        return found if self.certificate.complete else [*found, "the certificate says it is not complete"]

    def _name(self, cell: int | np.integer[Any]) -> str:
        return " × ".join(code for code in self.tables.cells[int(cell)] if code != "TOTAL") or "TOTAL"

    def _witnesses(self) -> list[str]:
        """Each witness is a table that an attacker cannot tell from the truth."""
        found = []
        for number, move in enumerate(self.moves):
            if (self.tables.matrix @ move).any():
                found.append(f"witness {number} does not add up")
            if move[~self.suppressed | self.known].any():
                found.append(f"witness {number} contradicts a cell that is known")
            if (self.values + move < self.floors).any():
                found.append(f"witness {number} goes below what an attacker knows")
        return found

    def _primary(self) -> list[str]:
        return [
            f"{self._name(cell)} is sensitive and published"
            for cell in np.flatnonzero(self.small & ~self.suppressed)
        ]

    def _sensitive(self) -> list[str]:
        """Both the floor and the threshold lie in what an attacker must hold possible."""
        found = []
        same = self._equal_cells((self.values > 0) | self.suppressed)
        floors = np.zeros_like(self.floors)
        np.maximum.at(floors, same, self.floors)
        floors = floors[same]
        floors[self.certificate.relaxed[:, 0]] = self.certificate.relaxed[:, 1]
        most = self.values + self.moves.max(axis=0, initial=0)
        least = self.values + self.moves.min(axis=0, initial=0)
        for cell in np.flatnonzero(self.sensitive):
            if most[cell] < self.threshold:
                found.append(f"{self._name(cell)} is not shown to reach {self.threshold}")
            if least[cell] > floors[cell]:
                found.append(f"{self._name(cell)} is not shown to reach {floors[cell]}")
        return found

    def _insiders(self) -> list[str]:
        """Who is alone in a cell holds that cell fixed; every other sensitive cell must still be able to differ."""
        same = self._equal_cells(self.values > 0)
        small = np.flatnonzero(self.sensitive)
        alone = small[self.values[small] == 1]
        still = (self.moves[:, alone] == 0).astype(np.float32)
        moved = (self.moves[:, small] != 0).astype(np.float32)
        separate = still.T @ moved > 0
        separate |= same[alone][:, None] == same[small][None, :]
        return [
            f"who is alone in {self._name(alone[row])} can compute {self._name(small[column])}"
            for row, column in np.argwhere(~separate)
        ]

    def _equal_cells(self, possible: Mask) -> NDArray[np.int64]:
        """A label for each cell, equal for a parent and its only possible child."""
        label = np.arange(self.values.size)
        pairs = []
        for row in range(self.tables.matrix.shape[0]):
            cells = self.tables.matrix.indices[
                self.tables.matrix.indptr[row] : self.tables.matrix.indptr[row + 1]
            ]
            cells = cells[possible[cells]]
            if cells.size == 2:
                pairs.append((int(cells[0]), int(cells[1])))
        changed = True
        while changed:
            changed = False
            for one, other in pairs:
                low = min(label[one], label[other])
                if label[one] != low or label[other] != low:
                    label[one] = label[other] = low
                    changed = True
        return label

    def _groups(self) -> list[str]:
        found = []
        matrix, most = self.tables.matrix, self.moves.max(axis=0, initial=0)
        for row in range(matrix.shape[0]):
            part = slice(matrix.indptr[row], matrix.indptr[row + 1])
            cells, entries = matrix.indices[part], matrix.data[part]
            parent, children = int(cells[entries < 0][0]), cells[entries > 0]
            if self._dimension(parent, int(children[0])) not in self.facts or children.size < 2:
                continue
            counts = self.values[children]
            if np.count_nonzero(counts) != 1 or not self._telling(parent, int(children[counts > 0][0])):
                continue
            need = self.threshold if self.values[parent] >= self.threshold else 1
            if not (most[children[counts == 0]] >= need).any():
                found.append(
                    f"everybody in {self._name(parent)} has the same {self._dimension(parent, int(children[0]))}"
                )
        return found

    def _dimension(self, parent: int, child: int) -> str:
        return self.tables.dimensions[self._axis(parent, child)].code

    def _telling(self, parent: int, child: int) -> bool:
        axis = self._axis(parent, child)
        code = self.tables.cells[child][axis]
        return all(c.telling for c in self.tables.dimensions[axis].categories if c.code == code)

    def _axis(self, parent: int, child: int) -> int:
        differ = self.tables.nodes[parent] != self.tables.nodes[child]
        return int(np.flatnonzero(differ)[0])
