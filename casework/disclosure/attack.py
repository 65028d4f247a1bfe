"""The attacker: what a patient reader with a solver learns from a published document.

For every suppressed cell it asks whether some table of whole numbers agrees with everything printed and counts at least
`threshold` there. If none does, the reader knows that the cell is small, and perhaps exactly how small.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from casework.disclosure.attack_system import System
from casework.disclosure.publication import ALL, Place, Reading, describe, read

Interval = tuple[float, float]


@dataclass(frozen=True)
class Finding:
    """where: the cell, in words. least, most: what the attacker knows about it."""

    where: str
    least: float
    most: float
    how: str = ""


@dataclass
class AuditResult:
    """exact: small cells computed. recognisable: cells proven small. insider: cells that somebody alone in another cell
    computes. group: groups of which one category is true of everybody. changes: changes between editions proven to
    count 1 to threshold - 1 persons; withdrawals: those proven negative. undecided: questions the solver did not answer.
    suppressed, published: counts of cells; insiders: how many were tried."""

    exact: list[Finding] = field(default_factory=list)
    recognisable: list[Finding] = field(default_factory=list)
    insider: list[Finding] = field(default_factory=list)
    group: list[Finding] = field(default_factory=list)
    changes: list[Finding] = field(default_factory=list)
    withdrawals: list[Finding] = field(default_factory=list)
    undecided: list[Finding] = field(default_factory=list)
    suppressed: int = 0
    published: int = 0
    insiders: int = 0

    @property
    def clean(self) -> bool:
        """Nothing was found and nothing was left undecided."""
        return not (
            self.exact
            or self.recognisable
            or self.insider
            or self.group
            or self.changes
            or self.withdrawals
            or self.undecided
        )


def audit(
    published: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    threshold: int = 5,
    *,
    insiders: Iterable[Mapping[str, str]] = (),
    group_dimensions: Collection[str] | None = None,
    known: Iterable[tuple[Mapping[str, str], int]] = (),
) -> AuditResult:
    """Attack one document (temoin-release/1), or the newest of several with all earlier ones at hand.

    insiders: coordinates, such as {"borough": "VERDUN"}, of all cells of the newest document that count one person,
    who knows it. group_dimensions: sensitive facts; those that the document marks as sensitive if None. known: coordinates
    of the newest document whose count others publish, with it.
    Raises BadTable when what is printed is no table at all.
    """
    documents = [published] if isinstance(published, Mapping) else list(published)
    result = AuditResult()
    readings = [read(document, group_dimensions) for document in documents]
    for at, value in known:
        readings[-1].learn(frozenset((d, c) for d, c in at.items() if c != ALL), value)
    systems = [System(reading) for reading in readings]
    for reading, system in zip(readings, systems, strict=True):
        _cells(reading, system, threshold, result)
        _groups(reading, system, result)
    _insiders(readings[-1], systems[-1], insiders, threshold, result)
    _changes(readings, systems, threshold, result)
    return result


def intervals(
    document: Mapping[str, Any], group_dimensions: Collection[str] | None = None
) -> dict[str, Interval]:
    """The exact whole-number interval of every suppressed cell, by its description. For small tables."""
    reading = read(document, group_dimensions)
    system = System(reading)
    return {describe(reading.names[cell]): system.interval(cell) for cell in system.unknown}


def _cells(reading: Reading, system: System, threshold: int, result: AuditResult) -> None:
    result.suppressed += len(system.unknown)
    result.published += len(reading.values) - len(system.unknown) - len(reading.complements)
    for cell in system.unknown:
        reached = system.can_reach(cell, threshold)
        if reached:
            continue
        least, most = system.interval(cell)
        finding = Finding(describe(reading.names[cell]), least, most)
        if reached is None:
            result.undecided.append(finding)
        elif least == most and least >= 1:
            result.exact.append(finding)
        elif least >= 1:
            result.recognisable.append(finding)


def _groups(reading: Reading, system: System, result: AuditResult) -> None:
    for code, parent, children in reading.facts:
        if reading.values[parent] == 0 or len(children) < 2:
            continue
        feasible = [child for child in children if system.can_reach(child, 1) is not False]
        # That a group holds nobody of a category is a published zero; that everybody is in it would be a secret told.
        if len(feasible) == 1 and feasible[0] not in reading.complements:
            what = describe(reading.names[feasible[0]])
            result.group.append(
                Finding(describe(reading.names[parent]), 0, 0, f"everybody is {what} ({code})")
            )


def _insiders(
    reading: Reading,
    system: System,
    insiders: Iterable[Mapping[str, str]],
    threshold: int,
    result: AuditResult,
) -> None:
    near = _neighbours(reading)
    places = [frozenset((d, c) for d, c in coordinate.items() if c != ALL) for coordinate in insiders]
    alone = {reading.index[place] for place in places if place in reading.index}
    for own in sorted(cell for cell in alone if reading.values[cell] is None):
        result.insiders += 1
        determined = system.determined_given(own, 1)
        ones = alone | {cell for cell, (least, _) in determined.items() if least == 1}
        themselves = _reached(own, ones, near)
        for cell, (least, most) in determined.items():
            if 1 <= least < threshold and cell not in themselves:
                how = f"by who is alone in {describe(reading.names[own])}"
                result.insider.append(Finding(describe(reading.names[cell]), least, most, how))


def _neighbours(reading: Reading) -> dict[int, set[int]]:
    near: dict[int, set[int]] = {}
    for parent, children in reading.sums:
        for child in children:
            near.setdefault(parent, set()).add(child)
            near.setdefault(child, set()).add(parent)
    return near


def _reached(own: int, ones: set[int], near: Mapping[int, set[int]]) -> set[int]:
    """Cells of count 1 joined to one's own by parts and wholes of count 1: they count oneself and nobody else."""
    found, ahead = {own}, [own]
    while ahead:
        for cell in near.get(ahead.pop(), set()) & ones - found:
            found.add(cell)
            ahead.append(cell)
    return found


def _changes(
    readings: Sequence[Reading], systems: Sequence[System], threshold: int, result: AuditResult
) -> None:
    """Differences of one coordinate between the newest document and each earlier one."""
    new, system = readings[-1], systems[-1]
    for reading, before in zip(readings[:-1], systems[:-1], strict=True):
        for place in sorted(set(reading.index) & set(new.index), key=describe):
            _change(place, reading, before, new, system, threshold, result)


def _change(
    place: Place,
    reading: Reading,
    before: System,
    new: Reading,
    system: System,
    threshold: int,
    result: AuditResult,
) -> None:
    low, high = before.range(reading.index[place])
    least, most = system.range(new.index[place])
    smallest, largest = least - high, most - low
    if smallest > 0 and largest < threshold:
        result.changes.append(Finding(describe(place), smallest, largest, "change"))
    if largest < 0 and smallest > -threshold:
        result.changes.append(Finding(describe(place), smallest, largest, "change"))
        result.withdrawals.append(Finding(describe(place), smallest, largest, "withdrawal"))
