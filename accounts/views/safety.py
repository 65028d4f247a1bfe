"""The pages of where somebody is signed in, and of locking accounts down."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import devices, lockdown, teams, trustees
from accounts.models import User
from accounts.sessions import SignedInRequest, sign_out
from accounts.sudo import fresh_factor_required, fresh_factor_to_post


def session_list(request: SignedInRequest) -> HttpResponse:
    """Mine. One form ends one or all the others."""
    this = request.session.session_key
    if request.method == "POST":
        _end(request, request.POST.get("device", ""), this)
        return redirect("sessions")
    return render(request, "accounts/sessions.html", {"devices": devices.devices(request.user, this)})


def _end(request: SignedInRequest, device: str, this: str | None) -> None:
    if device == "others":
        devices.end_all(request.user, request.user, but=this)
        messages.success(request, _("Every other session of yours has ended."))
    elif devices.end(request.user, device):
        messages.success(request, _("The session has ended."))
    else:
        raise Http404


@fresh_factor_to_post
def lock_down(request: SignedInRequest) -> HttpResponse:
    """My own account; coordinators find the whole organisation here, too."""
    me = User.objects.filter(pk=request.user.pk)
    if request.method == "POST" and _is_certain(request, me):
        lockdown.lock_account(request.user, request.user)
        return _locked_out(request)
    everybody = User.objects.filter(is_active=True) if teams.is_coordinator(request.user) else me.none()
    return render(request, "accounts/lockdown.html", {
        "no_way_back": lockdown.without_way_back(me),
        "may_lock_everybody": teams.is_coordinator(request.user),
        "everybody": everybody.count(),
        "without": lockdown.without_way_back(everybody),
    })  # fmt: skip


@require_POST
@fresh_factor_required
def lock_everybody(request: SignedInRequest) -> HttpResponse:
    if not teams.is_coordinator(request.user):
        raise Http404
    if not _is_certain(request, User.objects.all()):
        return redirect("lockdown")
    lockdown.lock_everybody(request.user)
    return _locked_out(request)


def _is_certain(request: SignedInRequest, people: "QuerySet[User]") -> bool:
    """Somebody without a code on paper would be locked out for good: that takes one more tick."""
    if not lockdown.without_way_back(people) or "certain" in request.POST:
        return True
    messages.error(request, _("Nothing was locked. Read the warning and tick the box first."))
    return False


def _locked_out(request: Any) -> HttpResponse:
    sign_out(request)
    return redirect("account_login")


def people(request: SignedInRequest) -> HttpResponse:
    coordinators_only(request)
    found = teams.members(teams.organisation()).filter(is_active=True)
    without = {person.pk for person in lockdown.without_way_back(found)}
    shown = [{"person": p, "has_code": p.pk not in without, "sealed": trustees.is_sealed(p)} for p in found]
    return render(request, "accounts/people.html", {"people": shown})


@require_POST
@fresh_factor_required
def end_sessions(request: SignedInRequest, person: UUID) -> HttpResponse:
    """Anybody's, for a phone that was taken from them."""
    found = _person(request, person)
    devices.end_all(request.user, found)
    messages.success(request, _("Every session of %(name)s has ended.") % {"name": found.get_username()})
    return redirect("people")


@require_POST
@fresh_factor_required
def lock_person(request: SignedInRequest, person: UUID) -> HttpResponse:
    found = _person(request, person)
    if _is_certain(request, User.objects.filter(pk=found.pk)):
        lockdown.lock_account(request.user, found)
        said = _("The account of %(name)s is locked. Only their recovery code opens it again.")
        messages.success(request, said % {"name": found.get_username()})
    return redirect("people")


def _person(request: SignedInRequest, person: UUID) -> User:
    coordinators_only(request)
    found = teams.members(teams.organisation()).filter(pk=person).first()
    if found is None:
        raise Http404
    return found


def coordinators_only(request: SignedInRequest) -> None:
    if not teams.is_coordinator(request.user):
        raise Http404
