"""Check what a certificate says about earlier editions, with additions and comparisons alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from casework.disclosure.certificate import Certificate
from casework.disclosure.editions import EarlierEdition
from casework.disclosure.tables import LinkedTables

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]
Names = dict[frozenset[tuple[str, str]], int]


def verify_editions(
    tables: LinkedTables,
    suppressed: Mask,
    certificate: Certificate,
    threshold: int,
    earlier: Sequence[EarlierEdition],
) -> list[str]:
    """What is wrong between a release and the earlier editions, oldest first; an empty list when nothing is."""
    sizes = [edition.figures.size for edition in earlier]
    rows = certificate.witnesses.shape[0]
    if certificate.stand_ins.size != sum(sizes) or certificate.past.shape != (
        rows if sum(sizes) else 0,
        sum(sizes),
    ):
        return ["the certificate is about other editions"]
    if not earlier:
        return []
    ends = np.cumsum(sizes)[:-1]
    counts = np.split(certificate.stand_ins.astype(np.int64), ends)
    moves = np.split(certificate.past.astype(np.int64), ends, axis=1)
    present = certificate.witnesses.astype(np.int64)
    found: list[str] = []
    for number, (edition, values, shifts) in enumerate(zip(earlier, counts, moves, strict=True), 1):
        found += [f"edition {number}: {problem}" for problem in _within(edition, values, shifts, threshold)]
    names = [_names(edition.frame) for edition in earlier] + [_names(tables)]
    every, moved = [*counts, tables.values], [*moves, present]
    for one in range(len(earlier)):
        found += [f"edition {one + 1}: {p}" for p in _unchanged(names, every, moved, one)]
        found += [f"edition {one + 1}: {p}" for p in _changed(names, every, moved, one, threshold)]
    return found


def _names(tables: LinkedTables) -> Names:
    codes = [dimension.code for dimension in tables.dimensions]
    return {
        frozenset((code, kind) for code, kind in zip(codes, cell, strict=True) if kind != "TOTAL"): place
        for place, cell in enumerate(tables.cells)
    }


def _within(edition: EarlierEdition, values: Numbers, shifts: Numbers, threshold: int) -> Iterator[str]:
    """The stand-in and every witness agree with what was published, and what was small still reaches the threshold."""
    hidden = edition.figures < 0
    least = np.where(edition.zeros, 0, np.maximum(1, edition.frame.non_zero_inner_below))
    for table in [values, *(values + shift for shift in shifts)]:
        if (edition.frame.matrix @ table).any():
            yield "a table does not add up"
        if (table[~hidden] != edition.figures[~hidden]).any():
            yield "a table contradicts what was published"
        if (table[hidden] < least[hidden]).any():
            yield "a table goes below what an attacker knows"
    small = hidden & (values > 0) & (values < threshold)
    for cell in np.flatnonzero(small & (values + shifts.max(axis=0, initial=0) < threshold)):
        yield f"{edition.frame.cells[cell]} is not shown to reach {threshold} any more"


def _unchanged(
    names: Sequence[Names], values: Sequence[Numbers], shifts: Sequence[Numbers], one: int
) -> Iterator[str]:
    """Where the present edition has the same count as an earlier one, no witness may need a change."""
    for name, cell in names[one].items():
        twin = names[-1].get(name)
        if twin is None or values[one][cell] != values[-1][twin] or values[one][cell] == 0:
            continue
        if (shifts[one][:, cell] != shifts[-1][:, twin]).any():
            yield f"a witness changes {sorted(name)} between editions"


def _changed(
    names: Sequence[Names], values: Sequence[Numbers], shifts: Sequence[Numbers], one: int, threshold: int
) -> Iterator[str]:
    """For every small change some witness shows none, or one of at least the threshold."""
    for name, cell in names[one].items():
        twin = names[-1].get(name)
        if twin is None:
            continue
        change = int(values[-1][twin] - values[one][cell])
        if change == 0 or abs(change) >= threshold:
            continue
        shown = np.abs(change + shifts[-1][:, twin] - shifts[one][:, cell])
        if not ((shown == 0) | (shown >= threshold)).any():
            yield f"the change of {sorted(name)} shows"
