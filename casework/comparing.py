"""What a new edition shows otherwise than the one it supersedes, for whoever approves it. Both documents as readers get them."""

from dataclasses import dataclass

from casework.documents import Document, Place, key_of


@dataclass(frozen=True)
class Changed:
    """`before` or `now` None: suppressed then, or now."""

    at: dict[str, str]
    before: int | None
    now: int | None


@dataclass(frozen=True)
class Comparison:
    """Cells that both have: `other` show another figure, `hidden` were shown and are suppressed now, `shown` the reverse."""

    same: int
    other: list[Changed]
    hidden: list[Changed]
    shown: list[Changed]


def compare(before: Document, now: Document) -> Comparison:
    known = {key_of(cell.at): cell.value for table in before.tables for cell in table.cells}
    cells = {key_of(cell.at): cell for table in now.tables for cell in table.cells}
    shared = [_changed(place, cell.at, known, cell.value) for place, cell in cells.items() if place in known]
    return Comparison(
        same=sum(one.before == one.now for one in shared),
        other=[one for one in shared if one.before != one.now and None not in (one.before, one.now)],
        hidden=[one for one in shared if one.now is None and one.before is not None],
        shown=[one for one in shared if one.before is None and one.now is not None],
    )


def _changed(place: Place, at: dict[str, str], known: dict[Place, int | None], now: int | None) -> Changed:
    return Changed(at, known[place], now)
