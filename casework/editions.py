"""What was published before, as the engine needs it: figures and patterns, read from the signed documents themselves, never the
counts under them. Those could include somebody who has withdrawn since."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from accounts.crypto.principal import Principal
from casework import documents, drafts, releases
from casework.counting import NO, YES, Layout, flag
from casework.disclosure import NOT_RECORDED, Category, Dimension, EarlierEdition, LinkedTables, TableSpec
from casework.documents import Document, Place
from casework.facts import TOTAL
from casework.models import Release
from casework.questions import Period, Specification

At = dict[str, str]


@dataclass(frozen=True)
class Earlier:
    """A published document, and which of its suppressed cells hide a zero. None: the worker's ledger does not open. `merged`: the
    categories that were counted as one."""

    document: Document
    zeros: frozenset[Place] | None
    merged: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def period(self) -> Period:
        return Period(self.document.period.start, self.document.period.end)


def earlier_releases(question: Specification, root: Principal) -> list[Earlier]:
    """Published releases that count some of the same people, oldest first. Superseded and withdrawn ones too: what was read
    once stays known."""
    found = [_earlier(release, root) for release in releases.known().reverse()]
    unit, period = question.unit, question.period
    return [e for e in found if e.document.unit == unit and period.overlaps(e.period)]


def _earlier(release: Release, root: Principal) -> Earlier:
    merged = releases.question_of(release).merged
    return Earlier(releases.document_of(release), drafts.ledger(root, release), merged)


def edition(earlier: Earlier, linked: LinkedTables) -> EarlierEdition:
    """With the categories “not recorded” that the new tables have: in those nobody was counted then."""
    document, zeros = earlier.document, earlier.zeros or frozenset()
    filled = {d.code for d in linked.dimensions if NOT_RECORDED in d.position}
    dimensions = [d for known in document.dimensions for d in _dimensions(known, filled)]
    cells = [cell for table in document.tables for cell in _cells(document, table, zeros, filled)]
    specs = dict.fromkeys(TableSpec(codes) for table in document.tables for codes in _split(document, table))
    hidden_zeros = [at for at, _value, zero in cells if zero]
    return EarlierEdition.of(dimensions, list(specs), ((at, value) for at, value, _ in cells), hidden_zeros)


def with_not_recorded(earlier: Sequence[Earlier]) -> set[str]:
    """Dimensions that had the category once: left out now, it would be told to be empty."""
    known = (dimension for one in earlier for dimension in one.document.dimensions)
    return {d.code for d in known if any(category.code == NOT_RECORDED for category in d.categories)}


def still_agrees(earlier: Sequence[Earlier], layout: Layout, linked: LinkedTables) -> bool:
    """Whether the present counts could have been the ones of every earlier release. Then a reader may lay all of them side by
    side as one; otherwise whoever does so is mistaken, and what is computed that way is not so."""
    return all(
        _agrees(cell, one.zeros or frozenset(), layout.places(linked, cell.at), linked)
        for one in earlier
        for table in one.document.tables
        for cell in table.cells
    )


def _agrees(cell: documents.Cell, zeros: frozenset[Place], places: list[int], linked: LinkedTables) -> bool:
    now = int(linked.values[places[0]]) if places else 0
    if cell.value is None:
        return now > 0 or documents.key_of(cell.at) in zeros
    return now == cell.value


def _dimensions(known: documents.Dimension, filled: set[str]) -> Iterator[Dimension]:
    if not known.additive:
        both = (Category(YES), Category(NO, telling=False))
        yield from (Dimension(flag(known.code, c.code), both) for c in known.categories)
        return
    categories = tuple(Category(c.code, c.parent) for c in known.categories)
    missing = known.code in filled and all(c.code != NOT_RECORDED for c in known.categories)
    yield Dimension(known.code, (*categories, Category(NOT_RECORDED)) if missing else categories)


def _split(document: Document, table: documents.Table) -> Iterator[tuple[str, ...]]:
    many = _many(document, table)
    if many is None:
        yield tuple(table.dimensions)
        return
    for category in many.categories:
        yield tuple(flag(code, category.code) if code == many.code else code for code in table.dimensions)


def _many(document: Document, table: documents.Table) -> documents.Dimension | None:
    return next((d for code in table.dimensions if not (d := document.dimension(code)).additive), None)


def _cells(
    document: Document, table: documents.Table, zeros: frozenset[Place], filled: set[str]
) -> Iterator[tuple[At, int | None, bool]]:
    """Every cell of one table in the engine's coordinates, its figure, and whether it may hide a zero."""
    many = _many(document, table)
    figures = {documents.key_of(cell.at): cell.value for cell in table.cells}
    for cell in table.cells:
        hides_zero = cell.value is None and documents.key_of(cell.at) in zeros
        if many is None or cell.at[many.code] == TOTAL:
            yield cell.at, cell.value, hides_zero
        else:
            yield from _answers(cell, many.code, figures, hides_zero=hides_zero)
    yield from _nobody(document, table, filled)


def _answers(
    cell: documents.Cell, code: str, figures: Mapping[Place, int | None], *, hides_zero: bool
) -> Iterator[tuple[At, int | None, bool]]:
    """The “yes” that was printed, and the “no” that anybody can subtract."""
    rest = {key: category for key, category in cell.at.items() if key != code}
    whole, answer = figures[documents.key_of(rest)], flag(code, cell.at[code])
    yield rest | {answer: YES}, cell.value, hides_zero
    no = None if whole is None or cell.value is None else whole - cell.value
    yield rest | {answer: NO}, no, no is None


def _nobody(
    document: Document, table: documents.Table, filled: set[str]
) -> Iterator[tuple[At, int | None, bool]]:
    """Zeros for a category that was not there."""
    missing = [code for code in table.dimensions if code in filled and _lacks(document, code)]
    if not missing:
        return
    many = _many(document, table)
    for codes in _split(document, table):
        axes = [
            [YES, NO, TOTAL]
            if many is not None and ":" in code
            else [c.code for c in document.dimension(code).categories]
            + ([NOT_RECORDED] if code in missing else [])
            + [TOTAL]
            for code in codes
        ]
        for places in itertools.product(*axes):
            at = dict(zip(codes, places, strict=True))
            if any(at[code] == NOT_RECORDED for code in missing):
                yield at, 0, False


def _lacks(document: Document, code: str) -> bool:
    dimension = document.dimension(code)
    return dimension.additive and all(category.code != NOT_RECORDED for category in dimension.categories)
