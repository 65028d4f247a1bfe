"""A coordinator's pages: the list of releases, a new question, one release on its way."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from accounts import teams
from accounts.sessions import SignedInRequest
from accounts.sudo import fresh_factor_required
from casework import comparing, facts, jobs, releases
from casework.drafts import Inside
from casework.forms.releases import ApproveForm, DraftForm, WithdrawForm
from casework.models import Release
from casework.questions import BadSpecification
from casework.refusals import explain
from casework.rendering import shown_tables
from casework.views.audience import only
from casework.views.jobs import progress_of
from casework.views.stories import read_by_approver, stories_context

coordinators_only = only(teams.is_coordinator)
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


def language() -> str:
    return (get_language() or "fr")[:2]


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


@coordinators_only
def draft(request: SignedInRequest) -> HttpResponse:
    form = DraftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            release = releases.request_draft(request.user, form.question())
        except BadSpecification as bad:
            form.show(bad)
        else:
            return redirect("release", release_id=release.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "casework/releases/draft.html", {"form": form}, status=status)


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
    context = {
        "release": release,
        "question": question,
        "title": question.title[language()],
        "tag": _tag(release),
        "progress": _progress(release),
        "tables_asked": [_table_words(table) for table in question.tables],
        "unit_words": _("persons") if question.unit == facts.PERSON else _("events"),
        "mine": release.drafted_by_id == request.user.pk,
        "form": form or ApproveForm(),
        "can_draft_again": release.status in releases.WITHDRAWABLE and not _alive(release),
        "can_withdraw": release.status in releases.VISIBLE,
        **_inside_shown(inside),
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
    words = [_category_words(code, category) for code, category in at.items() if category != facts.TOTAL]
    return " × ".join(words) or facts.TOTAL_LABEL.text(language())


def _table_words(table: list[str]) -> str:
    return " × ".join(facts.FACTS[code].label.text(language()) for code in table)


def _proposal_words(proposal: Any) -> dict[str, Any]:
    code, _colon, category = proposal.dimension.partition(":")
    return {
        "fact": facts.FACTS[code].label.text(language()),
        "merge": [_category_words(code, c) for c in proposal.merge]
        or ([_category_words(code, category)] if category else []),
        "leaves": not proposal.merge,
        "published": proposal.published,
        "cells": proposal.cells,
    }


def _category_words(fact_code: str, category: str) -> str:
    if category in (facts.TOTAL, facts.NOT_RECORDED):
        return facts.label_of(fact_code, category, {}).text(language())
    return facts.category_label(fact_code, category).text(language())


@require_GET
@coordinators_only
def release_progress(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    """Asked every two seconds. When the draft is there the whole page is loaded anew, because everything on it changes."""
    release = releases.release_for(request.user, release_id)
    progress = _progress(release)
    if progress is None or progress["failed"]:
        return HttpResponseClientRefresh()
    return render(request, "parts/progress.html", {"progress": progress})


@require_POST
@coordinators_only
@fresh_factor_required
@sensitive_variables()
def approve(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    form = ApproveForm(request.POST)
    if not form.is_valid():
        return _release_page(request, releases.release_for(request.user, release_id), form)
    try:
        releases.approve(
            request.keyring,
            release_id,
            read=form.cleaned_data["read"],
            stories=read_by_approver(request),
        )
    except releases.StepRefused as refused:
        _say(request, refused)
    else:
        messages.success(request, _("Approved. It is not public yet: publishing it is the next step."))
    return redirect("release", release_id=release_id)


@require_POST
@coordinators_only
@fresh_factor_required
@sensitive_variables()
def publish(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    try:
        releases.publish(request.keyring, release_id)
    except releases.StepRefused as refused:
        _say(request, refused)
    else:
        messages.success(request, _("Published and signed. Everyone can read it now."))
    return redirect("release", release_id=release_id)


@require_POST
@coordinators_only
def draft_again(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    try:
        releases.draft_again(request.user, release_id)
    except releases.StepRefused as refused:
        _say(request, refused)
    return redirect("release", release_id=release_id)


@require_POST
@coordinators_only
def cancel(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    try:
        releases.cancel(request.user, release_id)
    except releases.StepRefused as refused:
        _say(request, refused)
    else:
        messages.success(request, _("Stopped. Nothing was kept of what had been counted."))
    return redirect("release", release_id=release_id)


@require_POST
@coordinators_only
def discard(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    try:
        releases.discard(request.user, release_id)
    except releases.StepRefused as refused:
        _say(request, refused)
        return redirect("release", release_id=release_id)
    messages.success(request, _("The draft was discarded. Nothing of it was published."))
    return redirect("releases")


@coordinators_only
@fresh_factor_required
def withdraw(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    release = releases.release_for(request.user, release_id)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            releases.withdraw(request.user, release_id, form.why())
        except releases.StepRefused as refused:
            _say(request, refused)
        else:
            messages.success(
                request, _("Withdrawn. Its page says so from now on, and shows no figure any more.")
            )
        return redirect("release", release_id=release_id)
    title = releases.question_of(release).title[language()]
    context = {"form": form, "release": release, "title": title}
    return render(
        request, "casework/releases/withdraw.html", context, status=422 if request.method == "POST" else 200
    )


def _say(request: HttpRequest, refused: releases.StepRefused) -> None:
    refusal = explain(refused.code)
    messages.error(request, f"{refusal.what} {refusal.do}")


urlpatterns: list[URLPattern] = [
    path("releases/", release_list, name="releases"),
    path("releases/draft/", draft, name="release-draft"),
    path("releases/<uuid:release_id>/", release_page, name="release"),
    path("releases/<uuid:release_id>/progress/", release_progress, name="release-progress"),
    path("releases/<uuid:release_id>/approve/", approve, name="release-approve"),
    path("releases/<uuid:release_id>/publish/", publish, name="release-publish"),
    path("releases/<uuid:release_id>/draft/", draft_again, name="release-draft-again"),
    path("releases/<uuid:release_id>/cancel/", cancel, name="release-cancel"),
    path("releases/<uuid:release_id>/withdraw/", withdraw, name="release-withdraw"),
    path("releases/<uuid:release_id>/discard/", discard, name="release-discard"),
]
