"""A coordinator's pages: the list of releases, a new question, one release on its way."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from accounts.models import User
from accounts.sessions import SignedInRequest
from accounts.sudo import fresh_factor_required
from casework import comparing, facts, jobs, reading, releases, saidnumbers, scheduling, vocabulary
from casework.drafts import Group, Inside
from casework.editorials import Editorial
from casework.forms.releases import ApproveForm, WithdrawForm, WordsForm
from casework.models import Release
from casework.refusals import explain
from casework.rendering import shown_tables
from casework.views.asking import category_words, language, table_words
from casework.views.audience import coordinators_only
from casework.views.jobs import progress_of
from casework.views.refusals import say
from casework.views.stories import stories_context

TAGS = {
    Release.Status.DRAFTING: "warning",
    Release.Status.DRAFTED: "accent",
    Release.Status.REFUSED: "danger",
    Release.Status.APPROVED: "accent",
    Release.Status.PUBLISHED: "good",
    Release.Status.SUPERSEDED: "",
    Release.Status.WITHDRAWN: "danger",
}
MOST_CHANGES = 40


@contextmanager
def refusals_said(request: HttpRequest) -> Iterator[None]:
    """A step that cannot be taken is said in words, and whoever tried it goes on from there."""
    try:
        yield
    except releases.StepRefused as refused:
        say(request, refused.code)


@require_GET
@coordinators_only
def release_list(request: SignedInRequest) -> HttpResponse:
    rows = [_listed(release) for release in releases.releases_for(request.user)]
    open_rows = [row for row in rows if row["release"].published_on is None]
    return render(
        request,
        "casework/releases/list.html",
        {"underway": open_rows, "published": [row for row in rows if row["release"].published_on]},
    )


def _listed(release: Release) -> dict[str, Any]:
    question = releases.question_of(release)
    return {
        "release": release,
        "title": question.title[language()],
        "question": question,
        "tag": _tag(release),
    }


def _tag(release: Release) -> dict[str, str]:
    status = Release.Status(release.status)
    failed = release.job is not None and release.job.state == release.job.State.FAILED
    if status == Release.Status.DRAFTING and failed and release.job and release.job.refusal == "cancelled":
        return {"label": _("stopped"), "kind": "warning"}
    if status == Release.Status.DRAFTING and failed:
        return {"label": _("could not be drafted"), "kind": "danger"}
    if release.outdated and status in (Release.Status.DRAFTED, Release.Status.APPROVED):
        return {"label": _("outdated: draft anew"), "kind": "warning"}
    if release.owes_edition and status == Release.Status.PUBLISHED:
        return {"label": _("to be superseded: somebody withdrew since"), "kind": "warning"}
    return {"label": str(status.label), "kind": TAGS[status]}


@require_GET
@coordinators_only
@sensitive_variables()
def release_page(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    return _release_page(request, releases.release_for(request.user, release_id))


@sensitive_variables()
def _release_page(
    request: SignedInRequest, release: Release, form: ApproveForm | None = None
) -> HttpResponse:
    question = releases.question_of(release)
    inside = releases.open_draft(request.keyring, release) if release.draft_ciphertext else None
    editorial = releases.editorial_of(request.keyring, release)
    context = {
        "release": release,
        "question": question,
        "title": question.title[language()],
        "tag": _tag(release),
        "progress": _progress(release),
        "tables_asked": [table_words(table) for table in question.tables],
        "unit_words": _("persons") if question.unit == facts.PERSON else _("events"),
        "form": form or (_approving(request, release) if release.status == Release.Status.DRAFTED else None),
        "can_draft_again": release.status in releases.WITHDRAWABLE and not _alive(release),
        "schedule_problem": explain(release.schedule_problem) if release.schedule_problem else None,
        "can_withdraw": release.status in releases.VISIBLE,
        **_inside_shown(inside),
        **(words := _words_shown(inside, editorial)),
        "before_approval": _before_approval(request.user, release, editorial, words),
        **_since_before(release, inside),
        **stories_context(request.keyring, release),
    }
    return render(request, "casework/releases/detail.html", context, status=422 if form else 200)


def _alive(release: Release) -> bool:
    return release.job is not None and jobs.is_alive(release.job)


def _progress(release: Release) -> dict[str, Any] | None:
    if release.job is None or release.status != Release.Status.DRAFTING:
        return None
    cancel_at = reverse("release-cancel", args=[release.pk])
    return progress_of(release.job, reverse("release-progress", args=[release.pk]), cancel_at)


def _inside_shown(inside: Inside | None) -> dict[str, Any]:
    if inside is None:
        return {}
    if inside.document is None:
        refusal = explain(inside.refusal)
        return {"refusal": refusal, "proposals": [_proposal_words(p) for p in inside.proposals]}
    cells = sum(len(table.cells) for table in inside.document.tables)
    return {
        "inside": inside,
        "document": inside.document,
        "tables": shown_tables(inside.document, language(), inside.reasons()),
        "cells": cells,
        "hidden": sum(cell.value is None for table in inside.document.tables for cell in table.cells),
        "gap_percent": round(100 * inside.gap, 1),
    }


def _approving(request: SignedInRequest, release: Release, data: QueryDict | None = None) -> ApproveForm:
    statements = releases.to_read(request.keyring, release)
    return ApproveForm(data, statements=[(token, reading.words(one)) for token, one in statements.items()])


def _before_approval(
    user: User, release: Release, editorial: Editorial, words: dict[str, Any]
) -> dict[str, str] | None:
    """The first of what keeps this person from approving the draft."""
    if release.status != Release.Status.DRAFTED:
        return None
    outdated = _("Since this draft was counted, somebody has withdrawn. It cannot be published as it is.")
    somebody_else = _("You drafted this release, so somebody else approves it.")
    another = _("You wrote the words of this release, so somebody else approves it.")
    unwritten = _("Whoever drafted it writes them under “Words and decisions”.")
    undecided = _("Whoever drafted it decides about the groups under “Words and decisions”.")
    reasons = [
        (release.outdated, "warning", _("Draft it anew"), outdated),
        (release.drafted_by_id == user.pk, "info", _("Waiting for a second coordinator"), somebody_else),
        (editorial.by == user.pk, "info", _("Waiting for another coordinator"), another),
        (words.get("words_missing"), "info", _("Before approval: the words"), unwritten),
        (words.get("undecided"), "info", _("Before approval: the groups"), undecided),
    ]
    found = ({"kind": kind, "title": title, "text": text} for holds, kind, title, text in reasons if holds)
    return next(found, None)


FLAGS = {
    saidnumbers.SMALL: _lazy("below the threshold"),
    saidnumbers.HIDDEN: _lazy("the count of a suppressed cell"),
    saidnumbers.UNKNOWN: _lazy("in no table"),
}


def _words_shown(inside: Inside | None, editorial: Editorial) -> dict[str, Any]:
    """What is written around the figures, and what is doubtful about it."""
    if inside is None or inside.document is None:
        return {}
    undecided = [group for group in inside.groups if group.key not in editorial.groups]
    flags = [{"said": flag.said, "why": FLAGS[flag.kind]} for flag in reading.flagged(inside, editorial)]
    return {
        "editorial": editorial,
        "lead": editorial.lead.get(language(), ""),
        "notes": editorial.notes.get(language(), ""),
        "flags": flags,
        "groups": [{"words": group_words(group), "undecided": group in undecided} for group in inside.groups],
        "words_missing": not editorial.complete,
        "undecided": len(undecided),
    }


def group_words(group: Group) -> str:
    told = table_words([group.fact]), category_words(group.fact, group.category)
    said = vocabulary.told(*told, language())
    if not group.at:
        return _("everybody counted — %(said)s") % {"said": said}
    return _("%(where)s — %(said)s") % {"where": _cell_words(group.at), "said": said}


def _since_before(release: Release, inside: Inside | None) -> dict[str, Any]:
    """What whoever approves an edition has to look at first."""
    if inside is None or inside.document is None or release.supersedes is None:
        return {}
    found = comparing.compare(releases.document_of(release.supersedes), inside.document)
    changed = [*found.other, *found.hidden, *found.shown]
    rows = [
        {"where": _cell_words(one.at), "before": one.before, "now": one.now} for one in changed[:MOST_CHANGES]
    ]
    return {"comparison": found, "changed": rows, "more_changes": max(0, len(changed) - MOST_CHANGES)}


def _cell_words(at: dict[str, str]) -> str:
    words = [category_words(code, category) for code, category in at.items() if category != facts.TOTAL]
    return " × ".join(words) or facts.TOTAL_LABEL.text(language())


def _proposal_words(proposal: Any) -> dict[str, Any]:
    code, _colon, category = proposal.dimension.partition(":")
    return {
        "fact": facts.FACTS[code].label.text(language()),
        "merge": [category_words(code, c) for c in proposal.merge]
        or ([category_words(code, category)] if category else []),
        "leaves": not proposal.merge,
        "published": proposal.published,
        "cells": proposal.cells,
    }


@require_GET
@coordinators_only
def release_progress(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    """Asked every two seconds. When the draft is there the whole page is loaded anew, because everything on it changes."""
    release = releases.release_for(request.user, release_id)
    progress = _progress(release)
    if progress is None or progress["failed"]:
        return HttpResponseClientRefresh()
    return render(request, "parts/progress.html", {"progress": progress})


@coordinators_only
@sensitive_variables()
def words(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    """The words around the figures, and what to do about groups in which everybody has the same."""
    release = releases.release_for(request.user, release_id)
    if release.status != Release.Status.DRAFTED:
        return redirect("release", release_id=release_id)
    form = _words_form(request, release)
    if request.method == "POST" and form.is_valid():
        with refusals_said(request):
            releases.write_words(request.keyring, release_id, form.editorial())
        return redirect("release", release_id=release_id)
    title = releases.question_of(release).title[language()]
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "release": release, "title": title}
    return render(request, "casework/releases/words.html", context, status=status)


@sensitive_variables()
def _words_form(request: SignedInRequest, release: Release) -> WordsForm:
    inside = releases.open_draft(request.keyring, release)
    written = releases.editorial_of(request.keyring, release)
    initial = {f"lead_{code}": text for code, text in written.lead.items()}
    initial |= {f"notes_{code}": text for code, text in written.notes.items()}
    groups = [(group.key, group_words(group)) for group in inside.groups]
    return WordsForm(request.POST or None, initial={**initial, "groups": written.groups}, groups=groups)


@require_POST
@coordinators_only
@fresh_factor_required
@sensitive_variables()
def approve(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    release = releases.release_for(request.user, release_id)
    form = _approving(request, release, request.POST) if release.status == Release.Status.DRAFTED else None
    if form is not None and not form.is_valid():
        return _release_page(request, release, form)
    read = form.cleaned_data["read"] if form else ()
    with refusals_said(request):
        releases.approve(request.keyring, release_id, read=read)
        messages.success(request, _("Approved. It is not public yet: publishing it is the next step."))
    return redirect("release", release_id=release_id)


@require_POST
@coordinators_only
@fresh_factor_required
@sensitive_variables()
def publish(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    with refusals_said(request):
        releases.publish(request.keyring, release_id)
        messages.success(request, _("Published and signed. Everyone can read it now."))
    return redirect("release", release_id=release_id)


@require_POST
@coordinators_only
def draft_again(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    with refusals_said(request):
        releases.draft_again(request.user, release_id)
    return redirect("release", release_id=release_id)


@require_POST
@coordinators_only
def cancel(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    with refusals_said(request):
        releases.cancel(request.user, release_id)
        messages.success(request, _("Stopped. Nothing was kept of what had been counted."))
    return redirect("release", release_id=release_id)


@require_POST
@coordinators_only
def schedule(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    """The same button stops what it began."""
    act = scheduling.stop if "stop" in request.POST else scheduling.schedule
    with refusals_said(request):
        act(request.user, release_id)
    return redirect("release", release_id=release_id)


@require_POST
@coordinators_only
def discard(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    try:
        releases.discard(request.user, release_id)
    except releases.StepRefused as refused:
        say(request, refused.code)
        return redirect("release", release_id=release_id)
    messages.success(request, _("The draft was discarded. Nothing of it was published."))
    return redirect("releases")


@coordinators_only
@fresh_factor_required
def withdraw(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    release = releases.release_for(request.user, release_id)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_said(request):
            releases.withdraw(request.user, release_id, form.why())
            messages.success(
                request, _("Withdrawn. Its page says so from now on, and shows no figure any more.")
            )
        return redirect("release", release_id=release_id)
    title = releases.question_of(release).title[language()]
    context = {"form": form, "release": release, "title": title}
    return render(
        request, "casework/releases/withdraw.html", context, status=422 if request.method == "POST" else 200
    )


urlpatterns: list[URLPattern] = [
    path("releases/", release_list, name="releases"),
    path("releases/<uuid:release_id>/", release_page, name="release"),
    path("releases/<uuid:release_id>/progress/", release_progress, name="release-progress"),
    path("releases/<uuid:release_id>/words/", words, name="release-words"),
    path("releases/<uuid:release_id>/approve/", approve, name="release-approve"),
    path("releases/<uuid:release_id>/publish/", publish, name="release-publish"),
    path("releases/<uuid:release_id>/draft/", draft_again, name="release-draft-again"),
    path("releases/<uuid:release_id>/schedule/", schedule, name="release-schedule"),
    path("releases/<uuid:release_id>/cancel/", cancel, name="release-cancel"),
    path("releases/<uuid:release_id>/withdraw/", withdraw, name="release-withdraw"),
    path("releases/<uuid:release_id>/discard/", discard, name="release-discard"),
]
