"""What changes a team's key: removing a member, renewing the key, sealing anew what the old one opened."""

import logging
from collections.abc import Iterator
from time import monotonic
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from accounts import teams
from accounts.models import Team, TeamKind
from accounts.sessions import SignedInRequest
from accounts.sudo import fresh_factor_required, fresh_factor_to_post
from casework import membership, rekeying

logger = logging.getLogger(__name__)
MARK = "<!-- progress -->"
TOLD_SECONDS = 1.0


@fresh_factor_to_post
def member_remove(request: SignedInRequest, team_id: UUID, member_id: UUID) -> HttpResponse:
    """First what it means, then the act."""
    found = membership.leaving(request.user, team_id, member_id)
    if request.method == "POST" and found.is_possible:
        return _removed(request, found)
    context = {**vars(found), "yourself": found.member.pk == request.user.pk}
    status = 409 if request.method == "POST" else 200
    return render(request, "casework/teams/remove.html", context, status=status)


def _removed(request: SignedInRequest, found: membership.Leaving) -> HttpResponse:
    try:
        team = membership.remove(request.keyring, found.team.pk, found.member.pk)
    except (membership.LastMember, membership.LastSteward):
        # Somebody else was removed between the question and the answer.
        return redirect("member-remove", found.team.pk, found.member.pk)
    if found.member.pk == request.user.pk:
        messages.success(request, _("You have left the team. It has a new key."))
        return redirect("teams")
    messages.success(
        request,
        _("%(name)s is no longer on the team, which has a new key.") % {"name": found.member.username},
    )
    return redirect("team-keys", team.pk)


def _own(request: SignedInRequest, team_id: UUID) -> Team:
    team = teams.team_for(request.user, team_id)
    if team.kind == TeamKind.ORGANISATION:
        raise Http404
    return team


def team_keys(request: SignedInRequest, team_id: UUID) -> HttpResponse:
    team = _own(request, team_id)
    context = {"team": team, "due": rekeying.due(team), "may_renew": teams.is_steward(request.user, team)}
    return render(request, "casework/teams/keys.html", context)


@require_POST
@fresh_factor_required
def member_steward(request: SignedInRequest, team_id: UUID, member_id: UUID) -> HttpResponse:
    steward = "appoint" in request.POST
    try:
        member = membership.set_steward(request.keyring, team_id, member_id, steward=steward)
    except membership.LastSteward:
        messages.error(request, _("A team needs a steward. Appoint another one first. Nothing was changed."))
        return redirect("team", team_id)
    said = _("%(name)s is a steward now.") if steward else _("%(name)s is no longer a steward.")
    messages.success(request, said % {"name": member.username})
    return redirect("team", team_id)


@require_POST
@fresh_factor_required
def team_renew(request: SignedInRequest, team_id: UUID) -> HttpResponse:
    team = membership.renew(request.keyring, team_id)
    messages.success(request, _("The team has a new key."))
    return redirect("team-keys", team.pk)


@require_POST
@sensitive_variables()
def team_sweep(request: SignedInRequest, team_id: UUID) -> StreamingHttpResponse:
    """The page is sent piece by piece while cases are sealed anew: only a member's own keys can do it, so no worker could."""
    team = _own(request, team_id)
    page = render_to_string("casework/teams/keys.html", {"team": team, "streaming": True}, request)
    head, _mark, tail = page.partition(MARK)
    response = StreamingHttpResponse(_pieces(request, team, head, tail))
    response["X-Accel-Buffering"] = "no"
    return response


def _pieces(request: SignedInRequest, team: Team, head: str, tail: str) -> Iterator[str]:
    language = translation.get_language() or "fr"
    yield head
    with translation.override(language):
        yield from _sweeping(request, team)
    yield tail


def _sweeping(request: SignedInRequest, team: Team) -> Iterator[str]:
    """A line of words a second. A person who leaves the page stops it after the case that is being sealed."""
    swept, told = rekeying.Swept(0), monotonic()
    try:
        for swept in rekeying.sweep(request.keyring, team):
            if monotonic() - told >= TOLD_SECONDS:
                told = monotonic()
                words = _("%(done)s of %(total)s cases") % {"done": swept.seen, "total": swept.total}
                yield format_html("<p>{}</p>", words)
    except Exception as error:  # noqa: BLE001 - the page has begun: it must end with words, whatever happened
        logger.error("A sweep went wrong.", exc_info=(type(error), error, error.__traceback__))
        yield render_to_string("casework/teams/swept.html", {"team": team, "interrupted": True, "left": True})
        return
    context = {"team": team, "swept": swept, "left": rekeying.due(team)}
    yield render_to_string("casework/teams/swept.html", context)
