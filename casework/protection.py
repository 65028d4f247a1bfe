"""Between a release and the disclosure engine: what is asked of it, what its answers mean, and the attack on the finished
document together with everything published before."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from casework import disclosure, documents
from casework.counting import Layout
from casework.disclosure import AuditResult, EarlierEdition, LinkedTables
from casework.documents import Document
from casework.drafts import Attack, Proposal
from casework.editions import Earlier
from casework.facts import FACTS
from casework.questions import Known, Specification, mixed_levels

TIME_BUDGET: Final = 180.0
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
    """What is printed, which cells are suppressed, why, and the proof."""

    figures: NDArray[np.int64]
    suppressed: NDArray[np.bool_]
    reasons: Sequence[str]
    certificate: bytes
    requirements: int
    gap: float
    proposals: Sequence[Proposal] = field(default_factory=tuple)
    rounding: documents.Rounding | None = None


# Earlier releases


def check_comparable(question: Specification, earlier: Sequence[Earlier]) -> None:
    """Only releases of the very same period and the same levels can be protected as one: with anything else beside it, this
    one is not published. Raises ReleaseRefused."""
    codes = {code for one in earlier for table in one.document.tables for code in table.dimensions}
    codes |= {fact.code for fact in question.facts}
    mixed = mixed_levels(codes) or any(_merged_otherwise(question, one) for one in earlier)
    other_periods = any(one.period != question.period for one in earlier)
    # Without the worker's ledger nobody can say what a release hid.
    unknown = any(one.zeros is None for one in earlier)
    if earlier and (mixed or other_periods or unknown):
        raise ReleaseRefused("earlier_editions")
    # Two roundings of one count, or a rounded and a suppressed version of it, are an attack.
    if earlier and (question.rounded or any(one.document.rounding for one in earlier)):
        raise ReleaseRefused("rounded_before")


def _merged_otherwise(question: Specification, earlier: Earlier) -> bool:
    shared = {f.code for f in question.facts} & {d.code for d in earlier.document.dimensions}
    return any(set(question.merged.get(c, ())) != set(earlier.merged.get(c, ())) for c in shared)


def with_earlier(question: Specification, earlier: Sequence[Earlier]) -> Specification:
    """What is asked now and what was answered before, as one question: a reader lays them side by side."""
    tables = [*question.tables, *(table.dimensions for e in earlier for table in e.document.tables)]
    merged = {code: codes for e in earlier for code, codes in e.merged.items()} | question.merged
    return msgspec.structs.replace(question, tables=tables, merged=merged)


# Protection


@dataclass(frozen=True)
class Background:
    """What a reader knows beside the release: earlier editions, and (cells,) which cells others publish."""

    earlier: Sequence[EarlierEdition]
    known: NDArray[np.bool_]


def known_cells(layout: Layout, linked: LinkedTables) -> NDArray[np.bool_]:
    """Raises ReleaseRefused when a figure of others is not what was counted here: then it is about other people, and a reader
    who believed otherwise would compute nothing true."""
    cells = np.zeros(linked.values.size, dtype=bool)
    for known in layout.question.known:
        cell = layout.places(linked, known.at)[0]
        if linked.values[cell] != known.value:
            raise ReleaseRefused("known_differs")
        cells[cell] = True
    return cells


def protect(
    linked: LinkedTables, question: Specification, background: Background, report: Report
) -> Protected:
    """Raises ReleaseRefused when nothing can be published. What it found is not proved before `certify` has said so."""
    report.stage("protect")
    if question.rounded:
        return _rounded(linked, question)
    found = _searched(linked, question, background, report)
    if found.nothing:
        raise ReleaseRefused("too_few")
    if not found.certificate.complete:
        raise ReleaseRefused("certificate_incomplete", disclosure.propose(linked, question.threshold))
    return Protected(
        linked.values,
        found.suppressed,
        [reason.value for reason in found.reason],
        found.certificate.to_bytes(),
        found.requirements,
        found.gap,
        _proposals(linked, found.suppressed, question.threshold),
    )


def certify(
    linked: LinkedTables, question: Specification, background: Background, protected: Protected
) -> None:
    """Additions alone, no solver: whatever the search believed, this is what must hold. Raises ReleaseRefused."""
    if protected.rounding is not None:
        return
    wrong = disclosure.verify(
        linked,
        protected.suppressed,
        disclosure.Certificate.from_bytes(protected.certificate),
        question.threshold,
        earlier=background.earlier,
        known=background.known,
    )
    if wrong:
        raise ReleaseRefused("certificate_incomplete", disclosure.propose(linked, question.threshold))


def _searched(
    linked: LinkedTables, question: Specification, background: Background, report: Report
) -> disclosure.Protection:
    try:
        return disclosure.protect(
            linked,
            question.threshold,
            earlier=background.earlier,
            known=background.known,
            time_budget=TIME_BUDGET,
            weight=_weight(linked),
            progress=lambda _step, share: report.progress(round(100 * share), 100),
        )
    except disclosure.Unprotectable as hopeless:
        if background.earlier:
            raise ReleaseRefused("changes_show", hopeless.proposals) from None
        raise ReleaseRefused("unprotectable", hopeless.proposals) from None
    except disclosure.BadTable:
        # No table of counts agrees with what an earlier release printed.
        raise ReleaseRefused("earlier_editions") from None


def _rounded(linked: LinkedTables, question: Specification) -> Protected:
    """Its proof is the attack: on the document, and with all editions side by side."""
    try:
        found = disclosure.round_counts(linked, question.threshold, time_budget=TIME_BUDGET)
    except disclosure.Unprotectable as hopeless:
        raise ReleaseRefused("unprotectable", hopeless.proposals) from None
    nothing, rounding = np.zeros(linked.values.size, dtype=bool), documents.Rounding(found.base, found.within)
    return Protected(found.values, nothing, [], b"", 0, 0.0, rounding=rounding)


def _weight(linked: LinkedTables) -> NDArray[np.float64]:
    """What suppressing a cell costs. Readers quote totals, so a margin costs more than a cell inside."""
    crossed = (linked.nodes != 0).sum(axis=1)
    cost: NDArray[np.float64] = np.array(COSTS)[np.minimum(crossed, len(COSTS) - 1)]
    return cost


def _proposals(linked: LinkedTables, suppressed: NDArray[np.bool_], threshold: int) -> list[Proposal]:
    """When more is hidden than shown, what would show more."""
    if not disclosure.hides_too_much(linked, suppressed):
        return []
    return sensible(disclosure.propose(linked, threshold))


class _Kept(msgspec.Struct, array_like=True):
    figures: list[int]
    suppressed: list[bool]
    reasons: list[str]
    certificate: bytes
    requirements: int
    gap: float
    proposals: list[Proposal]
    rounding: documents.Rounding | None


def packed(protected: Protected) -> bytes:
    """Sealed and read again, between two steps of a draft."""
    kept = _Kept(
        protected.figures.tolist(),
        protected.suppressed.tolist(),
        list(protected.reasons),
        protected.certificate,
        protected.requirements,
        protected.gap,
        list(protected.proposals),
        protected.rounding,
    )
    return msgspec.msgpack.encode(kept)


def unpacked(data: bytes) -> Protected:
    kept = msgspec.msgpack.decode(data, type=_Kept)
    return Protected(
        np.array(kept.figures, dtype=np.int64),
        np.array(kept.suppressed, dtype=bool),
        kept.reasons,
        kept.certificate,
        kept.requirements,
        kept.gap,
        kept.proposals,
        kept.rounding,
    )


# The attack


@dataclass(frozen=True)
class SideBySide:
    """All tables of all releases as one, for a reader who supposes that nothing has changed and is right. `alone`: its cells
    that count one person."""

    documents: Sequence[Document]
    alone: Sequence[Mapping[str, str]]


def attack(
    document: Document,
    earlier: Sequence[Document],
    alone: Sequence[Mapping[str, str]],
    as_one: SideBySide | None = None,
    known: Sequence[Known] = (),
) -> Attack:
    """As a patient reader would, with every earlier release at hand. `alone`: the cells that count one person, who reads
    the release too and knows that cell. `known`: what others publish.
    Raises ReleaseRefused unless nothing is found and nothing left undecided."""
    found = _attacked([plain(d) for d in (*earlier, document)], document.threshold, alone, known)
    if as_one is not None:
        both = together([*as_one.documents, document])
        found = _attacked([both], document.threshold, as_one.alone, known)
    return _summary(found)


def _attacked(
    read: Sequence[Mapping[str, Any]],
    threshold: int,
    alone: Sequence[Mapping[str, str]],
    known: Sequence[Known],
) -> AuditResult:
    telling = {code for code, fact in FACTS.items() if fact.sensitive}
    outside = [(figure.at, figure.value) for figure in known]
    try:
        found = disclosure.audit(read, threshold, insiders=alone, group_dimensions=telling, known=outside)
    except disclosure.BadTable:
        # A document that contradicts itself.
        raise ReleaseRefused("attack_succeeded") from None
    if not found.clean:
        raise ReleaseRefused("attack_succeeded")
    return found


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
