"""A release's way: a coordinator asks, the worker drafts, a second coordinator approves, it is published, it may be superseded.

Fetch and check are one call, and each step changes the row and writes the audit entry in one transaction. The keys come from
whoever is signed in; nothing here can open a case, and the worker, which imports this, has no such keys at all.
"""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from accounts import teams
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.models import User
from accounts.teams import KeyHolder
from casework import (
    approvals,
    audit,
    documents,
    drafts,
    editorials,
    jobs,
    passages,
    questions,
    reading,
    statistics,
)
from casework.approvals import Approval
from casework.documents import Document
from casework.drafts import Inside
from casework.editorials import Editorial
from casework.models import DraftStep, Estimate, Job, Release
from casework.questions import BOROUGHS, DISTRICTS, BadSpecification, Specification
from casework.reading import Statement

VISIBLE = (Release.Status.PUBLISHED, Release.Status.SUPERSEDED)
# What was read once stays known, whatever the group says of it later.
KNOWN = (*VISIBLE, Release.Status.WITHDRAWN)
WITHDRAWABLE = (
    Release.Status.DRAFTING,
    Release.Status.DRAFTED,
    Release.Status.REFUSED,
    Release.Status.APPROVED,
)


class StepRefused(Exception):
    """The step cannot be taken, and nothing was changed. `code` is one of `casework.refusals`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# Reading


def releases_for(user: User) -> QuerySet[Release]:
    """All of them for a coordinator, none for anybody else."""
    if not teams.is_coordinator(user):
        return Release.objects.none()
    return Release.objects.select_related("job", "drafted_by", "approved_by").order_by("-published_on", "pk")


def release_for(user: User, release_id: UUID) -> Release:
    release = releases_for(user).filter(pk=release_id).first()
    if release is None:
        raise Http404
    return release


def published() -> QuerySet[Release]:
    """What everybody may read, newest first; superseded ones stay readable for ever."""
    return Release.objects.filter(status__in=VISIBLE).order_by("-publication", "pk")


def known() -> QuerySet[Release]:
    """All that ever left: later releases are protected and attacked beside each of them."""
    return Release.objects.filter(status__in=KNOWN).order_by("-publication", "pk")


def withdrawn() -> QuerySet[Release]:
    return Release.objects.filter(status=Release.Status.WITHDRAWN).order_by("-withdrawn_on", "pk")


def published_release(release_id: UUID) -> Release:
    """A withdrawn one as well: its address says that it was withdrawn."""
    release = known().filter(pk=release_id).first()
    if release is None:
        raise Http404
    return release


def document_of(release: Release) -> Document:
    """Raises SealBroken when the stored bytes are not what was signed: nothing altered is shown."""
    try:
        document = documents.read(bytes(release.document or b""))
    except documents.NotARelease:
        raise SealBroken from None
    documents.verify(document)
    return document


def signing_keys() -> list[str]:
    """The keys that published releases are signed with, the newest first: it changes whenever a coordinator leaves."""
    keys = (_signing_key(release) for release in known())
    return list(dict.fromkeys(filter(None, keys)))


def _signing_key(release: Release) -> str:
    """Empty for one that was altered: how to check the others must not go down with it."""
    try:
        signature = document_of(release).signature
    except SealBroken:
        return ""
    return signature.key if signature else ""


def question_of(release: Release) -> Specification:
    return msgspec.convert(release.specification, Specification)


def open_draft(holder: KeyHolder, release: Release) -> Inside:
    """Raises Locked without a seat among the coordinators, SealBroken for an altered row, StepRefused before there is a draft."""
    if release.draft_ciphertext is None:
        raise StepRefused("not_drafted")
    coordinators = holder.team(teams.coordinators().pk, release.draft_epoch)
    return drafts.opened(coordinators, release.pk, release.draft_ciphertext)


def editorial_of(holder: KeyHolder, release: Release) -> Editorial:
    return editorials.opened(holder.team(teams.coordinators().pk, release.editorial_epoch or None), release)


def to_read(holder: KeyHolder, release: Release) -> dict[str, Statement]:
    """What has to be read before this draft is approved, by the token that says it was. Raises StepRefused without a draft."""
    inside, editorial = open_draft(holder, release), editorial_of(holder, release)
    if inside.document is None:
        raise StepRefused("not_drafted")
    inside.document = passages.telling(inside.document, passages.chosen(holder, release))
    before = document_of(release.supersedes) if release.supersedes else None
    return reading.tokens(reading.statements(inside, editorial, before), inside, editorial)


def approval_of(holder: KeyHolder, release: Release) -> Approval | None:
    """What whoever approved it had read, and how its stories were checked. None before that."""
    return approvals.opened(holder, release) if release.approval_ciphertext else None


# Asking


def request_draft(user: User, raw: object) -> Release:
    """Checks the question, keeps it and hands it to the worker. Raises BadSpecification."""
    question = questions.parse(raw, timezone.localdate())
    with transaction.atomic():
        _require_coordinator(user)
        before = check_question(question)
        release = Release(
            specification=question.plain(),
            supersedes=before,
            edition=before.edition + 1 if before else 1,
            drafted_by=user,
        )
        release.job = jobs.enqueue(Job.Kind.DRAFT_RELEASE, release.pk)
        release.save(force_insert=True)
        audit.append(user, "release.draft", release.pk, edition=release.edition)
    return release


def draft_again(user: User, release_id: UUID) -> Release:
    """The same question, counted anew. Whoever asks is now the drafter."""
    with transaction.atomic():
        release = _locked(user, release_id)
        _require_status(release, WITHDRAWABLE, "already_published")
        if release.job and jobs.is_alive(release.job):
            return release
        release.status, release.outdated = Release.Status.DRAFTING, False
        release.drafted_by, release.approved_by = user, None
        release.draft_ciphertext = release.approval_ciphertext = None
        release.job = jobs.enqueue(Job.Kind.DRAFT_RELEASE, release.pk)
        release.save()
        audit.append(user, "release.draft_again", release.pk)
    return release


def cancel(user: User, release_id: UUID) -> None:
    """The worker stops at its next step; the question stays, to be drafted anew or discarded. Raises StepRefused."""
    with transaction.atomic():
        release = _locked(user, release_id)
        if release.job is None or not jobs.cancel(release.job.pk):
            raise StepRefused("not_underway")
        DraftStep.objects.filter(release=release).delete()
        audit.append(user, "release.cancel", release.pk)


def discard(user: User, release_id: UUID) -> None:
    """A draft that will not be published. What is published stays."""
    with transaction.atomic():
        release = _locked(user, release_id)
        _require_status(release, WITHDRAWABLE, "already_published")
        job = release.job
        release.delete()
        if job:
            job.delete()
        audit.append(user, "release.discard", release_id)


# Approving and publishing


def write_words(holder: KeyHolder, release_id: UUID, editorial: Editorial) -> None:
    """Beside figures that stand. Whoever wrote last cannot approve. Raises StepRefused once it is approved."""
    with transaction.atomic():
        release = _locked(holder.user, release_id)
        _require_status(release, [Release.Status.DRAFTED], "not_drafted")
        editorial.by = holder.user.pk
        editorials.sealed_into(release, editorial)
        release.save(update_fields=["editorial_ciphertext", "editorial_epoch"])
        audit.append(holder.user, "release.words", release.pk, groups=len(editorial.groups))


def approve(holder: KeyHolder, release_id: UUID, *, read: Collection[str]) -> None:
    """By a second coordinator who has ticked every statement of `to_read`, for exactly these words and stories. What was approved
    is kept under the coordinators' key, because anybody who can write the database can seal another draft to them. Raises
    StepRefused."""
    user = holder.user
    with transaction.atomic():
        release = _locked(user, release_id)
        _require_status(release, [Release.Status.DRAFTED], "not_drafted")
        inside = open_draft(holder, release)
        editorial = editorial_of(holder, release)
        _require_a_second(user.pk, release, inside, editorial)
        wanted = to_read(holder, release)
        if set(read) != set(wanted):
            raise StepRefused("not_read")
        told = passages.chosen(holder, release)
        document = _publishable(release, inside, editorial, told)
        approvals.seal_into(holder, release, document, list(wanted.values()), told)
        release.approved_by, release.status = user, Release.Status.APPROVED
        release.save()
        audit.append(user, "release.approve", release.pk, edition=release.edition, statements=len(wanted))


def _require_a_second(user_id: UUID, release: Release, inside: Inside, editorial: Editorial) -> None:
    """Neither who asked for the figures nor who wrote the words."""
    if user_id in (release.drafted_by_id, inside.drafted_by):
        raise StepRefused("same_person")
    if user_id == editorial.by:
        raise StepRefused("own_words")


def publish(holder: KeyHolder, release_id: UUID) -> Document:
    """Signs, stores for ever, and retires the edition it supersedes. Raises StepRefused, and then nothing has changed."""
    user = holder.user
    with transaction.atomic():
        release = _locked(user, release_id)
        _require_status(release, [Release.Status.APPROVED], "not_approved")
        inside = open_draft(holder, release)
        editorial = editorial_of(holder, release)
        document = _publishable(release, inside, editorial, passages.chosen(holder, release))
        _check_approval(holder, release, inside, editorial, document)
        signer = holder.team(teams.coordinators().pk)
        final = _final(document, signer, timezone.localdate())
        _store(release, final)
        passages.keep_places(release)
        audit.append(user, "release.publish", release.pk, edition=release.edition)
    return final


def _final(document: Document, signer: Principal, today: date) -> Document:
    final = documents.signed(msgspec.structs.replace(document, published_on=today), signer)
    documents.check(final)
    return final


def _store(release: Release, final: Document) -> None:
    release.document, release.published_on = documents.canonical(final), final.published_on
    release.publication, release.status = known().count() + 1, Release.Status.PUBLISHED
    release.save()
    # They were made without this one beside them.
    Estimate.objects.all().delete()
    if release.supersedes_id:
        _hand_over(release.supersedes_id, release.pk)


def _hand_over(before_id: UUID, release_id: UUID) -> None:
    """The edition before is superseded, and the day of the next one is now this one's."""
    before = Release.objects.filter(pk=before_id)
    for day, who in before.values_list("next_draft_on", "scheduled_by"):
        Release.objects.filter(pk=release_id).update(next_draft_on=day, scheduled_by=who)
    before.update(status=Release.Status.SUPERSEDED, next_draft_on=None, scheduled_by=None)


def withdraw(user: User, release_id: UUID, why: dict[str, str]) -> None:
    """The whole release is taken back: its figures are no longer shown, and its page says so. Whoever has read them knows them,
    so later releases are still protected beside it. `why`: public words, in both languages. Raises StepRefused."""
    with transaction.atomic():
        release = _locked(user, release_id)
        _require_status(release, VISIBLE, "not_published")
        release.status, release.withdrawal = Release.Status.WITHDRAWN, why
        release.withdrawn_on = timezone.localdate()
        release.save()
        audit.append(user, "release.withdraw", release.pk, edition=release.edition)


def choose_stories(holder: KeyHolder, release_id: UUID, story_ids: Collection[UUID]) -> None:
    """By whoever drafted it, before somebody else approves: the first of the two who answer for what it tells."""
    with transaction.atomic():
        release = _locked(holder.user, release_id)
        _require_status(release, [Release.Status.DRAFTED], "not_drafted")
        if release.drafted_by_id != holder.user.pk:
            raise StepRefused("stories_drafter")
        passages.choose(holder, release, story_ids)
        audit.append(holder.user, "release.stories", release.pk)


def _publishable(
    release: Release, inside: Inside, editorial: Editorial, told: Collection[passages.Opened]
) -> Document:
    """Checked at approval and again at publication: a withdrawal or another release may have come between."""
    if inside.document is None:
        raise StepRefused("not_drafted")
    lapsed = inside.lapses_on is not None and timezone.localdate() >= inside.lapses_on
    if release.outdated or lapsed:
        raise StepRefused("outdated")
    if sorted(inside.considered) != sorted(known().values_list("pk", flat=True)):
        raise StepRefused("other_published")
    if inside.document.id != release.pk or inside.document.edition != release.edition:
        raise StepRefused("changed")
    if inside.document.supersedes != release.supersedes_id:
        raise StepRefused("changed")
    if not editorial.complete:
        raise StepRefused("words_missing")
    if {group.key for group in inside.groups} - set(editorial.groups):
        raise StepRefused("groups_undecided")
    try:
        return passages.laid_in(editorials.with_words(inside.document, editorial), told)
    except passages.NotToBeTold as refused:
        raise StepRefused(refused.code) from None


def _check_approval(
    holder: KeyHolder, release: Release, inside: Inside, editorial: Editorial, document: Document
) -> None:
    """The draft is the one a second person read, whoever may have written to the database since."""
    if release.approval_ciphertext is None or release.approved_by_id is None:
        raise StepRefused("not_approved")
    try:
        approved = approvals.opened(holder, release)
    except SealBroken:
        raise StepRefused("changed") from None
    second = release.approved_by_id not in (release.drafted_by_id, inside.drafted_by, editorial.by)
    if not approved.is_of(document, release.approved_by_id) or not second:
        raise StepRefused("changed")


def _locked(user: User, release_id: UUID) -> Release:
    """Every release is locked, not only this one: two that were each checked against what was published before must not be
    published side by side."""
    _require_coordinator(user)
    statistics.hold_releases()
    return release_for(user, release_id)


def _require_coordinator(user: User) -> None:
    if not teams.is_coordinator(user):
        raise Http404


def _require_status(release: Release, wanted: Iterable[str], code: str) -> None:
    if release.status not in list(wanted):
        raise StepRefused(code)


# Rules between releases


def check_question(question: Specification) -> Release | None:
    """Against everything published so far. The release it is to supersede, if any. Raises BadSpecification."""
    before = _superseded_by(question)
    check_places(question, _published_questions())
    return before


def _superseded_by(question: Specification) -> Release | None:
    if question.supersedes is None:
        return None
    before = Release.objects.filter(pk=question.supersedes, status=Release.Status.PUBLISHED).first()
    if before is None:
        raise BadSpecification("supersedes_unknown", "supersedes", str(question.supersedes))
    return before


def _published_questions() -> list[Specification]:
    return [msgspec.convert(raw, Specification) for raw in known().values_list("specification", flat=True)]


def check_places(question: Specification, others: Iterable[Specification]) -> None:
    """Borough or police district, never both, in all releases together."""
    mine = {fact.code for fact in question.facts}
    theirs = {fact.code for other in others for fact in other.facts}
    for one, other_kind in ((BOROUGHS, DISTRICTS), (DISTRICTS, BOROUGHS)):
        if mine & one and theirs & other_kind:
            raise BadSpecification("borough_or_district", "tables", ", ".join(sorted(mine & one)))
