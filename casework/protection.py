"""Between a release and the disclosure engine: what is asked of it, what its answers mean, and the attack on the finished
document together with everything published before."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from accounts.crypto.principal import Principal
from casework import disclosure, documents, drafts, releases
from casework.counting import Layout
from casework.disclosure import AuditResult, LinkedTables
from casework.documents import Document, Place
from casework.drafts import Attack, Proposal
from casework.facts import FACTS
from casework.questions import SAME_FACT, Period, Specification

TIME_BUDGET: Final = 180.0
EDITION: Final = "edition"
# By how many dimensions a cell crosses: the grand total, a margin, a cell of two dimensions, of three.
COSTS: Final = (20.0, 6.0, 2.0, 1.0)


class ReleaseRefused(Exception):
    """No release can be made of this. `code` is one of `casework.refusals`."""

    def __init__(self, code: str, proposals: Sequence[disclosure.Proposal] = ()) -> None:
        super().__init__(code)
        self.code, self.proposals = code, sensible(proposals)


def sensible(proposals: Sequence[disclosure.Proposal]) -> list[Proposal]:
    """Those a coordinator can follow: a single yes/no question of a fact with several values cannot be left out alone."""
    return [
        Proposal(p.dimension, list(p.merge), p.published, p.cells)
        for p in proposals
        if ":" not in p.dimension
    ]


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


# Earlier releases


@dataclass(frozen=True)
class Earlier:
    """A published document, and what its cells counted when it was drafted, the suppressed ones too."""

    document: Document
    truth: Mapping[Place, int]


def earlier_releases(question: Specification, root: Principal) -> list[Earlier]:
    """Published releases that count some of the same people. Raises ReleaseRefused when the worker cannot open what one of
    them counted: then nobody can say whether it has changed."""
    found = [Earlier(releases.document_of(r), drafts.ledger(root, r)) for r in releases.published()]
    near = [
        e for e in found if e.document.unit == question.unit and question.period.overlaps(_period(e.document))
    ]
    if any(not e.truth for e in near):
        raise ReleaseRefused("earlier_editions")
    return near


def _period(document: Document) -> Period:
    return Period(document.period.start, document.period.end)


def check_comparable(question: Specification, earlier: Sequence[Document]) -> None:
    """Only releases of the very same period and the same levels can be protected as one: with anything else beside it, this
    one is not published. Raises ReleaseRefused."""
    codes = {code for d in earlier for table in d.tables for code in table.dimensions}
    codes |= {fact.code for fact in question.facts}
    mixed = any(pair <= codes for pair in SAME_FACT)
    other_periods = any(_period(d) != question.period for d in earlier)
    if earlier and (mixed or other_periods):
        raise ReleaseRefused("earlier_editions")


def with_earlier(question: Specification, earlier: Sequence[Document]) -> Specification:
    """What is asked now and what was answered before, as one question: a reader lays them side by side."""
    tables = [*question.tables, *(table.dimensions for d in earlier for table in d.tables)]
    return msgspec.structs.replace(question, tables=tables)


@dataclass(frozen=True)
class Before:
    """What earlier releases say of each cell. Whatever they show cannot be taken back; whatever they hide stays hidden."""

    shown: NDArray[np.bool_]
    hidden: NDArray[np.bool_]

    def weight(self, linked: LinkedTables) -> NDArray[np.float64]:
        """What suppressing a cell costs. Readers quote totals, so a margin costs more than a cell inside; a cell that is
        hidden already costs next to nothing, one that is out more than anything."""
        crossed = (linked.nodes != 0).sum(axis=1)
        usual = np.array(COSTS)[np.minimum(crossed, len(COSTS) - 1)]
        return np.where(self.shown, 1000.0, np.where(self.hidden, 0.1, usual))


def known_before(layout: Layout, linked: LinkedTables, earlier: Sequence[Earlier]) -> Before:
    """Raises ReleaseRefused when a cell, suppressed or not, has changed since: how many came or went is a figure of its own,
    and nothing here proves yet that a reader of both editions cannot work it out."""
    shown, hidden = np.zeros(linked.values.size, bool), np.zeros(linked.values.size, bool)
    for one in earlier:
        for cell in (cell for table in one.document.tables for cell in table.cells):
            places = layout.places(linked, cell.at)
            if not places or linked.values[places[0]] != one.truth.get(documents.key_of(cell.at)):
                raise ReleaseRefused("earlier_editions")
            (hidden if cell.value is None else shown)[places] = True
    return Before(shown, hidden & ~shown)


# Protection


def protect(linked: LinkedTables, question: Specification, before: Before, report: Report) -> Protected:
    """Raises ReleaseRefused when nothing can be published, or nothing could be proved in time."""
    report.stage("protect")
    try:
        found = disclosure.protect(
            linked,
            question.threshold,
            time_budget=TIME_BUDGET,
            weight=before.weight(linked),
            progress=lambda _step, share: report.progress(round(100 * share), 100),
        )
    except disclosure.Unprotectable as hopeless:
        raise ReleaseRefused("unprotectable", hopeless.proposals) from None
    if found.nothing:
        raise ReleaseRefused("too_few")
    if (found.suppressed & before.shown).any():
        raise ReleaseRefused("earlier_editions")
    report.stage("certify")
    # More suppressed than was chosen leaves a reader with less: the proof still holds.
    suppressed = found.suppressed | before.hidden
    # Additions alone, no solver: whatever the search believed, this is what must hold.
    wrong = disclosure.verify(linked, suppressed, found.certificate, question.threshold)
    if wrong or not found.certificate.complete:
        raise ReleaseRefused("certificate_incomplete", disclosure.propose(linked, question.threshold))
    return Protected(
        suppressed,
        [
            EDITION if more else reason.value
            for reason, more in zip(found.reason, suppressed & ~found.suppressed, strict=True)
        ],
        found.certificate.to_bytes(),
        found.requirements,
        found.gap,
        _proposals(linked, suppressed, question.threshold),
    )


def _proposals(linked: LinkedTables, suppressed: NDArray[np.bool_], threshold: int) -> list[Proposal]:
    """When more is hidden than shown, what would show more."""
    if not disclosure.hides_too_much(linked, suppressed):
        return []
    return sensible(disclosure.propose(linked, threshold))


# The attack


def attack(document: Document, earlier: Sequence[Document], alone: Sequence[Mapping[str, str]]) -> Attack:
    """As a patient reader would, with every earlier release at hand. `alone`: the cells that count one person, who reads
    the release too and knows that cell. Raises ReleaseRefused unless nothing is found and nothing left undecided."""
    telling = {code for code, fact in FACTS.items() if fact.sensitive}
    try:
        merged = together([*earlier, document])
        found = disclosure.audit(merged, document.threshold, insiders=alone, group_dimensions=telling)
        changes = [plain(d) for d in (*earlier, document)] if earlier else []
        before = disclosure.audit(changes, document.threshold, group_dimensions=telling) if earlier else found
    except disclosure.BadTable:
        # Editions that contradict each other, or a document that contradicts itself.
        raise ReleaseRefused("earlier_editions" if earlier else "attack_succeeded") from None
    if not (found.clean and before.clean):
        raise ReleaseRefused("earlier_editions" if earlier else "attack_succeeded")
    return _summary(found)


def _summary(found: AuditResult) -> Attack:
    return Attack(
        found.suppressed,
        len(found.exact),
        len(found.recognisable),
        len(found.insider),
        len(found.group),
        found.insiders,
    )


def plain(document: Document) -> dict[str, Any]:
    """As a reader's own program would load the file."""
    read: dict[str, Any] = json.loads(documents.canonical(document))
    return read


def together(publications: Sequence[Document]) -> dict[str, Any]:
    """Several documents about the same people as one: a reader lays them side by side."""
    dimensions: dict[str, Any] = {}
    tables: list[Any] = []
    for one in map(plain, publications):
        tables += one["tables"]
        for dimension in one["dimensions"]:
            known = dimensions.setdefault(dimension["code"], dimension)
            seen = {category["code"] for category in known["categories"]}
            known["categories"] += [c for c in dimension["categories"] if c["code"] not in seen]
    return {"dimensions": list(dimensions.values()), "tables": tables}
