"""What a coordinator does with passages: reads them, checks them line by line, chooses among them for a release."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from accounts.keyring import Keyring
from accounts.models import User
from accounts.sessions import SignedInRequest
from casework import neverleaves, passages, releases
from casework.forms.fields import ids_in
from casework.forms.stories import CheckForm, SendBackForm
from casework.models import Release, Story
from casework.passages import Opened
from casework.views.audience import coordinators_only
from casework.views.refusals import say
from casework.views.telling import TAGS, own_language_first
from casework.views.timeline import named


@require_GET
@coordinators_only
@sensitive_variables()
def story_list(request: SignedInRequest) -> HttpResponse:
    read = passages.opened_all(request.keyring)
    mine = request.user.pk
    groups = {
        "waiting": [one for one in read if one.row.status == Story.Status.OFFERED],
        "accepted": [one for one in read if one.accepted and not one.ended],
        "returned": [one for one in read if one.row.status == Story.Status.RETURNED],
    }
    context = {name: [_listed(one, mine) for one in group] for name, group in groups.items()}
    return render(request, "casework/stories/list.html", context)


def _listed(one: Opened, user_id: UUID) -> dict[str, Any]:
    status = Story.Status(one.row.status)
    return {
        "id": one.row.pk,
        "kind": named("story_kind", one.passage.kind),
        "texts": own_language_first(one.passage.text),
        "tag": {"label": str(status.label), "kind": TAGS[status]},
        "own": one.passage.author == user_id,
        "offered_on": one.passage.offered_on,
    }


@require_GET
@coordinators_only
@sensitive_variables()
def story_page(request: SignedInRequest, story_id: UUID) -> HttpResponse:
    return _page(request, passages.opened_for(request.keyring, story_id))


def _page(request: SignedInRequest, one: Opened, back: SendBackForm | None = None) -> HttpResponse:
    passage = one.passage
    by = [who for who in (passage.author, one.checker) if who]
    names = dict(User.objects.filter(pk__in=by).values_list("pk", "username"))
    context = {
        "one": one,
        "shown": _listed(one, request.user.pk),
        "author": names.get(passage.author, ""),
        "checker": names.get(one.checker, "") if one.checker else "",
        "changed": [named("story_change", code) for code in passage.changed],
        "answers": [
            {"words": a.words, "what": named("story_flag", a.flag), "reason": a.reason}
            for a in passage.answers
        ],
        "flags": _flags(one),
        "may_check": one.row.status == Story.Status.OFFERED and passage.author != request.user.pk,
        "check": CheckForm(),
        "back": back or SendBackForm(),
    }
    return render(request, "casework/stories/check.html", context, status=422 if back else 200)


def _flags(one: Opened) -> list[dict[str, str]]:
    """Raised again here, without the case: what nobody gave a reason for."""
    given = [(a.flag, a.words, a.reason) for a in one.passage.answers]
    found = [f for text in one.passage.text.values() for f in neverleaves.flags(text, one.passage.kind)]
    return [
        {"words": f.words, "what": named("story_flag", f.code)} for f in neverleaves.unanswered(found, given)
    ]


@require_POST
@coordinators_only
@sensitive_variables()
def story_accept(request: SignedInRequest, story_id: UUID) -> HttpResponse:
    form = CheckForm(request.POST)
    ticked = form.cleaned_data["lines"] if form.is_valid() else []
    try:
        passages.accept(request.keyring, story_id, ticked)
    except passages.NotToBeTold as refused:
        say(request, refused.code)
        return redirect("story", story_id)
    messages.success(request, _("Accepted. Whoever drafts a release can choose it now."))
    return redirect("stories")


@require_POST
@coordinators_only
@sensitive_variables()
@sensitive_post_parameters()
def story_send_back(request: SignedInRequest, story_id: UUID) -> HttpResponse:
    form = SendBackForm(request.POST)
    if not form.is_valid():
        return _page(request, passages.opened_for(request.keyring, story_id), form)
    try:
        passages.send_back(request.keyring, story_id, form.cleaned_data["why"])
    except passages.NotToBeTold as refused:
        say(request, refused.code)
        return redirect("story", story_id)
    messages.success(request, _("Sent back. Whoever has the case open reads why."))
    return redirect("stories")


# In a release


@require_POST
@coordinators_only
def release_stories(request: SignedInRequest, release_id: UUID) -> HttpResponse:
    try:
        releases.choose_stories(request.keyring, release_id, ids_in(request.POST.getlist("story")))
    except releases.StepRefused as refused:
        say(request, refused.code)
    else:
        messages.success(request, _("The stories are chosen. Whoever approves the release reads them too."))
    return redirect("release", release_id=release_id)


def stories_context(keyring: Keyring, release: Release) -> dict[str, Any]:
    """For the page of a release that is not published yet: what it tells, and, for whoever drafted it, what it could tell."""
    if release.status not in (Release.Status.DRAFTED, Release.Status.APPROVED):
        return {}
    drafter = release.status == Release.Status.DRAFTED and release.drafted_by_id == keyring.user.pk
    chosen = {one.row.pk: one for one in passages.chosen(keyring, release)}
    could = [one for one in passages.opened_all(keyring) if one.accepted and not one.ended] if drafter else []
    shown = {one.row.pk: one for one in could} | chosen
    listed = [_told(one, one.row.pk in chosen) for one in shown.values()]
    return {"stories": listed, "may_choose": drafter}


def _told(one: Opened, chosen: bool) -> dict[str, Any]:  # noqa: FBT001 - a row of a list
    return {
        "id": one.row.pk.hex,
        "kind": named("story_kind", one.passage.kind),
        "texts": own_language_first(one.passage.text),
        "changed": [named("story_change", code) for code in one.passage.changed],
        "chosen": chosen,
        "ended": one.ended,
    }


urlpatterns: list[URLPattern] = [
    path("stories/", story_list, name="stories"),
    path("stories/<uuid:story_id>/", story_page, name="story"),
    path("stories/<uuid:story_id>/accept/", story_accept, name="story-accept"),
    path("stories/<uuid:story_id>/send-back/", story_send_back, name="story-send-back"),
    path("releases/<uuid:release_id>/stories/", release_stories, name="release-stories"),
]
