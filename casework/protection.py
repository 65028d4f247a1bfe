"""Between a release and the disclosure engine: what is asked of it, what its answers mean, and the attack on the finished
document together with everything published before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from casework import disclosure, documents, releases
from casework.counting import YES, Layout
from casework.disclosure import LinkedTables
from casework.disclosure.groups import groups
from casework.documents import Document
from casework.drafts import Proposal
from casework.questions import SAME_FACT, Period, Specification

TIME_BUDGET: Final = 180.0


class ReleaseRefused(Exception):
    """No release can be made of this. `code` is one of `casework.refusals`."""

    def __init__(self, code: str, proposals: Sequence[disclosure.Proposal] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.proposals = [Proposal(p.dimension, list(p.merge), p.published, p.cells) for p in proposals]


class Report(Protocol):
    """Told how far the work is; may raise to end it."""

    def stage(self, name: str) -> None: ...

    def progress(self, done: int, total: int) -> None: ...


@dataclass(frozen=True)
class Protected:
    """Which cells are suppressed, why, and the proof."""

    suppressed: NDArray[np.bool_]
    reasons: Sequence[str]
    certificate: bytes
    requirements: int
    gap: float
    proposals: Sequence[Proposal] = field(default_factory=tuple)


def protect(layout: Layout, linked: LinkedTables, report: Report) -> Protected:
    """Raises ReleaseRefused when nothing can be published, or nothing could be proved in time."""
    question = layout.question
    report.stage("protect")
    telling = telling_dimensions(layout, linked)
    try:
        found = disclosure.protect(
            linked,
            question.threshold,
            group_dimensions=telling,
            time_budget=TIME_BUDGET,
            progress=lambda _step, share: report.progress(round(100 * share), 100),
        )
    except disclosure.Unprotectable as hopeless:
        raise ReleaseRefused("unprotectable", hopeless.proposals) from None
    if found.nothing:
        raise ReleaseRefused("too_few")
    report.stage("certify")
    if not found.certificate.complete:
        raise ReleaseRefused("certificate_incomplete", disclosure.propose(linked, question.threshold))
    # Additions alone, no solver: whatever the search believed, this is what must hold.
    if disclosure.verify(linked, found.suppressed, found.certificate, question.threshold, telling):
        raise ReleaseRefused("certificate_incomplete", disclosure.propose(linked, question.threshold))
    return Protected(
        found.suppressed,
        [reason.value for reason in found.reason],
        found.certificate.to_bytes(),
        found.requirements,
        found.gap,
        _proposals(linked, found.suppressed, question.threshold),
    )


def _proposals(linked: LinkedTables, suppressed: NDArray[np.bool_], threshold: int) -> Sequence[Proposal]:
    """When more is hidden than shown, what would show more."""
    if not disclosure.hides_too_much(linked, suppressed):
        return ()
    return [
        Proposal(p.dimension, list(p.merge), p.published, p.cells)
        for p in disclosure.propose(linked, threshold)
    ]


def telling_dimensions(layout: Layout, linked: LinkedTables) -> set[str]:
    """The dimensions in which a whole group must not be seen to have one value. Of a yes/no dimension only those in which
    some whole group is a "yes": that nobody in a group was deported tells nothing that must be hidden, and hiding every
    such zero would leave little."""
    sensitive = {fact.code for fact in layout.question.facts if fact.sensitive}
    flags = {d.code for d in linked.dimensions if d.code.partition(":")[0] in sensitive}
    telling = {code for code in flags if ":" not in code}
    axes = {dimension.code: axis for axis, dimension in enumerate(linked.dimensions)}
    for group in groups(linked, flags - telling):
        one = group.children[linked.values[group.children] > 0][0]
        if linked.cells[one][axes[group.dimension]] == YES:
            telling.add(group.dimension)
    return telling


# Earlier releases


def earlier_releases(question: Specification) -> list[Document]:
    """Published documents that count some of the same people."""
    found = [releases.document_of(release) for release in releases.published()]
    return [d for d in found if d.unit == question.unit and question.period.overlaps(_period(d))]


def _period(document: Document) -> Period:
    return Period(document.period.start, document.period.end)


def check_comparable(document: Document, earlier: Sequence[Document]) -> None:
    """Only releases of the very same period and the same levels can be attacked as one: with anything else beside it, this one
    is not published. Raises ReleaseRefused."""
    codes = {code for d in (document, *earlier) for table in d.tables for code in table.dimensions}
    mixed = any(pair <= codes for pair in SAME_FACT)
    other_periods = any(_period(d) != _period(document) for d in earlier)
    if earlier and (mixed or other_periods):
        raise ReleaseRefused("earlier_editions")
    _check_same_cells(document, earlier)


def _check_same_cells(document: Document, earlier: Sequence[Document]) -> None:
    """A cell that has changed since is a figure of its own: how many came or went. Editions with changes wait for the ledger."""
    seen: dict[frozenset[tuple[str, str]], int] = {}
    for one in (*earlier, document):
        for table in one.tables:
            for cell in table.cells:
                if (
                    cell.value is not None
                    and seen.setdefault(documents.key_of(cell.at), cell.value) != cell.value
                ):
                    raise ReleaseRefused("earlier_editions")


Reading = Sequence[Mapping[frozenset[tuple[str, str]], int | None]]
