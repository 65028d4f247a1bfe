"""What an attacker reads: the cells and equations of a published document (temoin-release/1), and nothing else.

Shares no code with the tables that were protected, so that a mistake there, or in rendering, is not repeated here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from casework.disclosure.errors import BadTable

Place = frozenset[tuple[str, str]]
ALL = "TOTAL"


@dataclass
class Reading:
    """names: place of each cell (dimension, category), without the dimensions at TOTAL. values: what is printed, None
    if suppressed. sums: (parent, children) index lists. zero_possible: suppressed cells that may be a hidden zero.
    bounds: what a rounded figure tells of the count, least and most. facts: the sums over one sensitive fact.
    complements: cells that nobody prints but everybody can subtract."""

    names: list[Place] = field(default_factory=list)
    values: list[int | None] = field(default_factory=list)
    sums: list[tuple[int, list[int]]] = field(default_factory=list)
    facts: list[tuple[str, int, list[int]]] = field(default_factory=list)
    zero_possible: set[int] = field(default_factory=set)
    bounds: dict[int, tuple[int, int]] = field(default_factory=dict)
    complements: set[int] = field(default_factory=set)
    index: dict[Place, int] = field(default_factory=dict)

    def cell(self, place: Place, value: int | None) -> int:
        known = self.index.get(place)
        if known is None:
            self.index[place] = len(self.names)
            self.names.append(place)
            self.values.append(value)
            return len(self.names) - 1
        if self.values[known] is None or value is None:
            # One table prints what the other suppresses: the attacker takes the number.
            self.values[known] = value if self.values[known] is None else self.values[known]
        elif self.values[known] != value:
            raise BadTable(f"two tables print different counts for {describe(place)}")
        return known

    def learn(self, place: Place, value: int) -> None:
        """From elsewhere. A place that the document does not have says nothing about it; a figure that contradicts a printed
        one is about something else, and raises BadTable."""
        if place in self.index:
            self.cell(place, value)


def describe(place: Place) -> str:
    return " × ".join(f"{dimension}={code}" for dimension, code in sorted(place)) or ALL


def read(document: Mapping[str, Any], group_dimensions: Collection[str] | None = None) -> Reading:
    """Read one document. group_dimensions: sensitive facts; those the document marks `"sensitive": true` if None.

    Raises BadTable on a cell or category the document does not declare, a count that is no whole number, or a gap.
    """
    dimensions = {dimension["code"]: dimension for dimension in document["dimensions"]}
    facts = (
        {c for c, d in dimensions.items() if d.get("sensitive")}
        if group_dimensions is None
        else group_dimensions
    )
    reading = Reading()
    for table in document["tables"]:
        _read_table(reading, dimensions, table, set(facts), document.get("rounding"))
    _mark_possible_zeros(reading)
    return reading


def _read_table(
    reading: Reading,
    dimensions: Mapping[str, Any],
    table: Mapping[str, Any],
    facts: Collection[str],
    rounding: Mapping[str, int] | None,
) -> None:
    codes = list(table["dimensions"])
    here: dict[tuple[str, ...], int] = {}
    for entry in table["cells"]:
        at = tuple(entry["at"].get(code, ALL) for code in codes)
        _check(dimensions, codes, at, entry)
        place = frozenset(
            (code, category) for code, category in zip(codes, at, strict=True) if category != ALL
        )
        here[at] = _figure(reading, place, entry["value"], rounding)
    for axis, code in enumerate(codes):
        below = _children(dimensions[code])
        for at, cell in here.items():
            children = [at[:axis] + (child,) + at[axis + 1 :] for child in below.get(at[axis], [])]
            if not children:
                continue
            if any(child not in here for child in children):
                raise BadTable(f"the table leaves out cells under {describe(reading.names[cell])}")
            _sum(reading, dimensions[code], code in facts, cell, [here[child] for child in children])


def _figure(reading: Reading, place: Place, value: int | None, rounding: Mapping[str, int] | None) -> int:
    """A rounded figure is an unknown between two bounds."""
    if rounding is None or value is None:
        return reading.cell(place, value)
    if value % rounding["base"]:
        raise BadTable(f"{value} is not a multiple of {rounding['base']}")
    cell, reach = reading.cell(place, None), rounding["within"] - 1
    bounds = max(0, value - reach), value + reach
    if reading.bounds.setdefault(cell, bounds) != bounds:
        raise BadTable(f"two tables print different counts for {describe(place)}")
    return cell


def _sum(
    reading: Reading, dimension: Mapping[str, Any], sensitive: bool, parent: int, children: list[int]
) -> None:
    if dimension.get("additive", True):
        reading.sums.append((parent, children))
        if sensitive:
            reading.facts.append((dimension["code"], parent, children))
        return
    for child in children:
        rest = reading.cell(reading.names[child] | {(dimension["code"] + " not", "")}, None)
        reading.complements.add(rest)
        reading.sums.append((parent, [child, rest]))
        if sensitive:
            reading.facts.append((dimension["code"], parent, [child, rest]))


def _check(
    dimensions: Mapping[str, Any], codes: list[str], at: tuple[str, ...], entry: Mapping[str, Any]
) -> None:
    for code, category in zip(codes, at, strict=True):
        if code not in dimensions:
            raise BadTable(f"the document does not declare dimension {code}")
        if category != ALL and category not in {c["code"] for c in dimensions[code]["categories"]}:
            raise BadTable(f"the document does not declare category {category} of {code}")
    value = entry["value"]
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise BadTable(f"{value!r} is not a count")


def _children(dimension: Mapping[str, Any]) -> dict[str, list[str]]:
    below: dict[str, list[str]] = {}
    for category in dimension["categories"]:
        below.setdefault(category.get("parent", ALL), []).append(category["code"])
    return below


def _mark_possible_zeros(reading: Reading) -> None:
    """The method hides a zero only beside the single non-zero category of a sensitive fact: so a suppressed cell may be
    zero only where exactly two categories are not printed as zero. Everywhere else suppressed means at least one."""
    reading.zero_possible |= reading.complements | reading.bounds.keys()
    for _, _, children in reading.facts:
        possible = [child for child in children if reading.values[child] != 0]
        # Of a yes/no question only a "no" is ever a hidden zero, and nobody prints it.
        if len(possible) == 2 and reading.complements.isdisjoint(children):
            reading.zero_possible |= {child for child in possible if reading.values[child] is None}
    _spread_possible_zeros(reading)


def _spread_possible_zeros(reading: Reading) -> None:
    """A suppressed sum of cells that may all be zero may be zero."""
    grew = True
    while grew:
        grew = False
        for parent, children in reading.sums:
            possible = {child for child in children if reading.values[child] != 0}
            unmarked = reading.values[parent] is None and parent not in reading.zero_possible
            if unmarked and possible <= reading.zero_possible:
                reading.zero_possible.add(parent)
                grew = True
