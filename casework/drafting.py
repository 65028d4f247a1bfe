"""From statistical records to a draft: open, count, protect, prove, write the document, attack it, seal it. All the worker does.

The same records and the same question give the same document, so a run that was killed and begun again changes nothing.
"""

import contextlib
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from accounts import teams
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from casework import (
    counting,
    disclosure,
    documents,
    drafts,
    editions,
    jobs,
    method,
    outside,
    protection,
    releasepaper,
    releases,
    sharedcounting,
    statistics,
    stories,
    tallying,
)
from casework.annex import annexed
from casework.counting import Layout
from casework.disclosure import BadTable, LinkedTables, propose
from casework.documents import Document
from casework.drafts import CellInside, Group, Inside
from casework.editions import Earlier
from casework.facts import NOT_RECORDED, NOT_RECORDED_LABEL, PERSON
from casework.jobs import Claim, Refused
from casework.models import DraftStep, Release
from casework.protection import Background, Protected, ReleaseRefused, Report, SideBySide
from casework.questions import Known, Specification
from casework.rendering import RenderedWrong, check_rendering
from casework.sharedcounting import SharedCount
from casework.steps import KeptSteps, Outdated, Steps, Unkept
from casework.tallying import Counts, Tally

# As often as people withdraw in the very minutes in which a draft is made; then somebody has to choose a quieter hour.
MOST_COUNTS: Final = 5


@dataclass(frozen=True)
class Identity:
    """Whose draft this is. What was published before is part of what a reader knows."""

    id: UUID
    edition: int
    supersedes: UUID | None
    drafted_by: UUID | None


# The job


def run(held: Claim) -> None:
    """Draft one release and seal the result to the coordinators, or the reason why there is none. Begun again after its worker
    was killed, it goes on after the last finished step."""
    drafting = Release.objects.filter(status=Release.Status.DRAFTING)
    release = drafting.filter(pk=held.subject).first() if held.subject else None
    if release is None:
        raise Refused("gone")
    identity = Identity(release.pk, release.edition, release.supersedes_id, release.drafted_by_id)
    root, question = open_root(), releases.question_of(release)
    kept = KeptSteps(release.pk, root, partial(jobs.ask_for_help, held.job_id))
    for _ in range(MOST_COUNTS):
        kept.begin()
        with contextlib.suppress(Outdated):
            inside = make(question, identity, root, held, timezone.localdate(), kept)
            held.stage("seal")
            if _keep(held, release.pk, inside, root):
                return
    raise Refused("withdrawn_meanwhile")


def _keep(held: Claim, release_id: UUID, inside: Inside, root: Principal) -> bool:
    """False, and nothing was kept, when somebody who was counted withdrew meanwhile: no draft may hold them."""
    sealed, epoch = teams.seal_to_principal(
        teams.coordinators().pk, drafts.packed(inside), drafts.place(release_id)
    )
    ledger = drafts.sealed_ledger(root, release_id, inside)
    status = Release.Status.REFUSED if inside.refusal else Release.Status.DRAFTED
    with transaction.atomic():
        # Locked: a withdrawal comes before this and is seen here, or after it and finds a draft to count again.
        drafting = Release.objects.select_for_update().filter(pk=release_id, status=Release.Status.DRAFTING)
        if any(release.outdated for release in drafting):
            return False
        held.finish()
        DraftStep.objects.filter(release=release_id).delete()
        Release.objects.filter(pk=release_id, status=Release.Status.DRAFTING).update(
            status=status,
            draft_ciphertext=sealed,
            draft_epoch=epoch,
            ledger_ciphertext=ledger,
            ledger_epoch=root.epoch,
        )
    return True


def run_compaction(held: Claim) -> None:
    held.stage("shuffle")
    root = open_root()
    statistics.compact(root, held.progress)
    drafts.reseal_ledgers(root)
    stories.reseal_ends(root)
    held.finish()


def open_root() -> Principal:
    """Raises Refused without the root of this organisation."""
    try:
        return statistics.worker_root()
    except statistics.NoStatisticsRoot:
        raise Refused("no_statistics_root") from None


# The work


def make(
    question: Specification,
    identity: Identity,
    root: Principal,
    report: Report,
    today: dt.date,
    kept: Steps | None = None,
) -> Inside:
    """Raises Refused when the records cannot be opened; everything else that stands in the way is a refusal inside."""
    inside = Inside(drafted_by=identity.drafted_by)
    try:
        _Draft(question, identity, root, report, today, kept or Unkept()).fill(inside)
    except ReleaseRefused as refused:
        inside.document, inside.suppressed, inside.certificate = None, [], b""
        inside.refusal, inside.proposals = refused.code, list(refused.proposals)
    except SealBroken:
        raise Refused("statistic_broken") from None
    return inside


@dataclass(frozen=True)
class _Draft:
    """One draft, step by step. What a finished step found is kept, so that none is done twice."""

    question: Specification
    identity: Identity
    root: Principal
    report: Report
    today: dt.date
    kept: Steps

    def fill(self, inside: Inside) -> None:
        question = self.question
        earlier = self.earlier()
        inside.considered = _considered()
        protection.check_comparable(question, earlier)
        layout = Layout(question)
        tally = Tally(Layout(protection.with_earlier(question, earlier)))
        counts = self.counts(tally, inside.considered)
        inside.counted, inside.lapses_on = counts.number, counts.lapses_on
        if counts.number < question.threshold:
            raise ReleaseRefused("too_few")
        linked = _linked(layout, tally, counts, earlier)
        protected = self.protected(layout, linked, earlier)
        _require_a_figure(layout, linked, protected)
        document = write(layout, linked, protected, self.identity, len(earlier), self.today)
        inside.suppressed = _suppressed(layout, linked, protected)
        inside.groups = [] if question.rounded else _groups(linked)
        inside.attack = self.attacked(
            document, earlier, _alone(layout, linked), _as_one(tally, counts, earlier)
        )
        self.draw(document)
        inside.document, inside.certificate, inside.gap = document, protected.certificate, protected.gap
        inside.proposals = list(protected.proposals)

    def earlier(self) -> list[Earlier]:
        try:
            return editions.earlier_releases(self.question, self.root)
        except SealBroken:
            raise Refused("release_broken") from None

    def counts(self, tally: Tally, considered: list[UUID]) -> Counts:
        """Those of the last run, unless another release was published since or somebody's consent has ended."""
        found = self.kept.result("count")
        if found is not None:
            before, data = msgspec.msgpack.decode(found, type=tuple[list[UUID], bytes])
            counts = tallying.unpacked(data)
            if before == considered and (counts.lapses_on is None or self.today < counts.lapses_on):
                return counts
            self.kept.forget()
        self.compact()
        self.report.stage("open")
        counts = self.counted(tally, considered)
        self.kept.keep("count", msgspec.msgpack.encode((considered, tallying.packed(counts))))
        return counts

    def counted(self, tally: Tally, considered: list[UUID]) -> Counts:
        """Events are counted once over the whole table, so that work cannot be shared."""
        kept = self.kept
        worth_it = self.question.unit == PERSON and statistics.number() >= sharedcounting.WORTH_IT
        if not worth_it or not isinstance(kept, KeptSteps) or kept.ask_for_help is None:
            return count(tally, self.root, self.today, self.report)
        run = sharedcounting.begun(kept, considered, self.today)
        kept.ask_for_help()
        return SharedCount(tally, self.root, kept, run).whole(self.report)

    def compact(self) -> None:
        """Rows as they were saved take a hundred times longer to open, and say by their place which were saved together."""
        if statistics.needs_compaction():
            self.report.stage("shuffle")
            statistics.compact(self.root, self.report.progress)

    def protected(self, layout: Layout, linked: LinkedTables, earlier: Sequence[Earlier]) -> Protected:
        before = [editions.edition(one, linked) for one in earlier]
        background = Background(before, protection.known_cells(layout, linked))
        found = self.kept.result("protect")
        if found is None:
            protected = protection.protect(linked, self.question, background, self.report)
            self.kept.keep("protect", protection.packed(protected))
        else:
            protected = protection.unpacked(found)
        self.report.stage("certify")
        protection.certify(linked, self.question, background, protected)
        return protected

    def attacked(
        self,
        document: Document,
        earlier: Sequence[Earlier],
        alone: Sequence[Mapping[str, str]],
        as_one: SideBySide | None,
    ) -> drafts.Attack:
        found = self.kept.result("attack")
        if found is not None:
            return msgspec.msgpack.decode(found, type=drafts.Attack)
        self.report.stage("attack")
        published = [one.document for one in earlier]
        attacked = attack(document, published, alone, as_one, self.question.known)
        self.kept.keep("attack", msgspec.msgpack.encode(attacked))
        return attacked

    def draw(self, document: Document) -> None:
        """Before anybody approves: what cannot be drawn must not turn out so once it is public. Raises ReleaseRefused."""
        for language in documents.LANGUAGES:
            if self.kept.result(f"draw {language}") is None:
                self.report.stage("draw")
                check_paper(document, language)
                self.kept.keep(f"draw {language}", b"")


def check_paper(document: Document, language: str) -> None:
    if not releasepaper.pdf(document, language).startswith(b"%PDF"):
        raise ReleaseRefused("rendered_wrong")


def count(tally: Tally, root: Principal, today: dt.date, report: Report) -> Counts:
    return sharedcounting.count(tally, root, today, report, statistics.EVERYTHING)


def help_counting(release_id: UUID) -> int:
    """For a worker that has nothing else to do. How many portions were counted. What goes wrong is said by whoever drafts."""
    with contextlib.suppress(Outdated, SealBroken, Refused):
        return _help_counting(release_id)
    return 0


def _help_counting(release_id: UUID) -> int:
    release = Release.objects.filter(pk=release_id, status=Release.Status.DRAFTING).first()
    kept = KeptSteps(release_id, open_root())
    run = sharedcounting.known(kept)
    if release is None or run is None or run.considered != _considered():
        return 0
    question = releases.question_of(release)
    earlier = editions.earlier_releases(question, kept.root)
    tally = Tally(Layout(protection.with_earlier(question, earlier)))
    return SharedCount(tally, kept.root, kept, run).help()


def _considered() -> list[UUID]:
    return list(releases.known().values_list("pk", flat=True))


def _linked(layout: Layout, tally: Tally, counts: Counts, earlier: Sequence[Earlier]) -> LinkedTables:
    try:
        return tally.linked(counts, layout.tables, editions.with_not_recorded(earlier))
    except BadTable:
        raise ReleaseRefused("too_large") from None


def _require_a_figure(layout: Layout, linked: LinkedTables, protected: Protected) -> None:
    """Crosses and zeros alone tell readers nothing but that few people came forward."""
    if not (layout.published(linked) & ~protected.suppressed & (protected.figures > 0)).any():
        raise ReleaseRefused("all_suppressed", propose(linked, layout.question.threshold))


def _as_one(tally: Tally, counts: Counts, earlier: Sequence[Earlier]) -> SideBySide | None:
    """None when something has changed since, or nothing was published before."""
    linked = _linked(tally.layout, tally, counts, earlier)
    if not earlier or not editions.still_agrees(earlier, tally.layout, linked):
        return None
    return SideBySide([one.document for one in earlier], _alone(tally.layout, linked))


def _alone(layout: Layout, linked: LinkedTables) -> list[dict[str, str]]:
    """Cells that count one person, who reads the release too."""
    cells = (pair for number in range(len(layout.question.tables)) for pair in layout.cells(linked, number))
    found = {documents.key_of(at): at for at, cell in cells if linked.values[cell] == 1}
    return list(found.values())


def attack(
    document: Document,
    earlier: Sequence[Document],
    alone: Sequence[Mapping[str, str]],
    as_one: SideBySide | None,
    known: Sequence[Known],
) -> drafts.Attack:
    """On what a reader really gets: every rendering read back, then attacked with all that was published before."""
    try:
        check_rendering(document)
    except RenderedWrong:
        raise ReleaseRefused("rendered_wrong") from None
    return protection.attack(document, earlier, alone, as_one, known)


# The document


def write(
    layout: Layout,
    linked: LinkedTables,
    protected: Protected,
    identity: Identity,
    editions_checked: int,
    today: dt.date,
) -> Document:
    question = layout.question
    document = Document(
        schema_name=documents.SCHEMA,
        id=identity.id,
        edition=identity.edition,
        supersedes=identity.supersedes,
        title=dict(question.title),
        unit=question.unit,
        published_on=None,
        period=documents.Months(question.period.start, question.period.end),
        threshold=question.threshold,
        method=method.words(question.unit, question.threshold, rounded=question.rounded),
        dimensions=[_dimension(layout, linked, fact.code) for fact in question.facts],
        tables=[_table(layout, linked, protected, number) for number in range(len(question.tables))],
        audit=documents.Audit(protected.requirements, protected.requirements, editions_checked),
        outside=outside.chosen(question.outside),
        annex=[annexed(request, today) for request in question.annex],
        rounding=protected.rounding,
    )
    try:
        documents.check(document)
    except documents.NotARelease:
        raise ReleaseRefused("attack_succeeded") from None
    return document


def _dimension(layout: Layout, linked: LinkedTables, code: str) -> documents.Dimension:
    fact = next(f for f in layout.question.facts if f.code == code)
    categories = [documents.Category(v.code, v.label.both(), v.parent) for v in layout.levels[code]]
    if NOT_RECORDED in layout.nodes(linked, code):
        categories.append(documents.Category(NOT_RECORDED, NOT_RECORDED_LABEL.both()))
    return documents.Dimension(code, fact.label.both(), categories, additive=not fact.many)


def _table(layout: Layout, linked: LinkedTables, protected: Protected, number: int) -> documents.Table:
    codes = layout.question.tables[number]
    labels = [fact.label for code in codes for fact in layout.question.facts if fact.code == code]
    title = {"en": " × ".join(label.en for label in labels), "fr": " × ".join(label.fr for label in labels)}
    cells = [
        documents.Cell(at, None if protected.suppressed[cell] else int(protected.figures[cell]))
        for at, cell in layout.cells(linked, number)
    ]
    return documents.Table(title, list(codes), cells)


def _suppressed(layout: Layout, linked: LinkedTables, protected: Protected) -> list[CellInside]:
    """Once each, though a cell may stand in several tables."""
    found: dict[int, CellInside] = {}
    for number in range(len(layout.question.tables)):
        for at, cell in layout.cells(linked, number):
            if protected.suppressed[cell]:
                found[cell] = CellInside(at, int(linked.values[cell]), protected.reasons[cell])
    return list(found.values())


def _groups(linked: LinkedTables) -> list[Group]:
    """For people to look at: in each of these the engine has hidden one zero more, so that nobody learns it of everybody."""
    sensitive = {dimension.code for dimension in linked.dimensions if dimension.sensitive}
    return [_group(linked, one) for one in disclosure.groups(linked, sensitive)]


def _group(linked: LinkedTables, one: disclosure.Group) -> Group:
    [filled] = one.children[linked.values[one.children] > 0]
    at = counting.published_at(linked, one.parent)
    said = counting.published_at(linked, int(filled))
    [(fact, category)] = said.items() - at.items()
    return Group(at, fact, category)


def dated(document: Document, day: dt.date) -> Document:
    return msgspec.structs.replace(document, published_on=day)
