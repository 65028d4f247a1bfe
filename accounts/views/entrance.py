"""The pages of coming in, going out and inviting. Each reads the request, calls one function and renders."""

from typing import Any
from uuid import UUID

from allauth.account.internal.flows.password_change import change_password, finalize_password_change
from allauth.account.views import LoginView, LogoutView
from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from accounts import invitations, teams
from accounts.forms import ChangePassphraseForm, NewPersonForm, NewTeamForm, SetupForm, SignInForm
from accounts.gate import open_before_enrolment
from accounts.invitations import InvitationRefused
from accounts.models import Invitation, Team, TeamKind
from accounts.sessions import CLEAR_AT_QUICK_EXIT, SignedInRequest, sign_out
from accounts.setup import AlreadySetUp, is_set_up, set_up_organisation
from accounts.sudo import fresh_factor_required, fresh_factor_to_post

INVITATION = "invitation"
LINK_SECONDS = 3600


class SignIn(LoginView):  # type: ignore[misc]  # allauth carries no types
    """allauth counts attempts before our form hashes anything."""

    form_class = SignInForm
    template_name = "accounts/sign_in.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_set_up():
            return redirect("setup")
        page: HttpResponseBase = super().get(request, *args, **kwargs)
        return page

    def form_valid(self, form: SignInForm) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        if self.request.user.is_authenticated:
            speak(response, self.request.user.language)
        return response


class SignOut(LogoutView):  # type: ignore[misc]  # allauth carries no types
    template_name = "accounts/sign_out.html"


sign_in_page = SignIn.as_view()
sign_out_page = open_before_enrolment(SignOut.as_view())


def speak(response: HttpResponse, language: str) -> None:
    """Somebody else may have used this browser last: their own language comes with the person."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )


@sensitive_post_parameters()
@rate_limit(action="change_password")  # type: ignore[untyped-decorator]  # allauth carries no types
def change_passphrase(request: SignedInRequest) -> HttpResponse:
    form = ChangePassphraseForm(request.POST or None, user=request.user)
    if form.is_valid():
        change_password(request.user, form.cleaned_data["password1"])
        finalize_password_change(request, request.user)
        return redirect("account_login")
    return render(request, "accounts/passphrase.html", {"form": form})


@open_before_enrolment
@login_not_required
@csrf_exempt
@require_POST
def quick_exit(request: HttpRequest) -> HttpResponse:
    """Always leads away, even from a page whose CSRF token has lapsed: somebody is standing in the room.

    A page of a stranger's may send people here too, but it only moves them on: their cookies do not come along, and
    nothing is cleared."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none"):
        sign_out(request, CLEAR_AT_QUICK_EXIT)
    response = HttpResponse(status=303)
    response["Location"] = settings.TEMOIN_QUICK_EXIT_URL
    return response


@login_not_required
@never_cache
@sensitive_post_parameters()
def setup(request: HttpRequest) -> HttpResponse:
    """Open to whoever has the code from the server's console, until there is an organisation."""
    if is_set_up():
        raise Http404
    form = SetupForm(request.POST or None, initial={"language": request.LANGUAGE_CODE})
    if form.is_valid():
        return _set_up(request, form.cleaned_data)
    return render(request, "accounts/setup.html", {"form": form})


@sensitive_variables()
def _set_up(request: HttpRequest, given: dict[str, Any]) -> HttpResponse:
    try:
        set_up_organisation(given["organisation"], given["username"], given["password1"], given["language"])
    except AlreadySetUp:
        raise Http404 from None
    messages.success(request, _("The organisation is set up. Sign in."))
    return redirect("account_login")


@login_not_required
@never_cache
@require_GET
def invitation_link(request: HttpRequest, token: str) -> HttpResponse:
    """The link's secret moves from the address bar, which stays in histories and screenshots, into a cookie."""
    return set_link_cookie(redirect("invitation"), INVITATION, token)


def set_link_cookie(response: HttpResponse, name: str, token: str) -> HttpResponse:
    # Lax: the link is followed from a message, and a Strict cookie would not survive the redirect that follows.
    response.set_cookie(
        link_cookie(name),
        token,
        max_age=LINK_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def link_cookie(name: str) -> str:
    return f"__Host-{name}" if settings.SESSION_COOKIE_SECURE else name


def invitation_cookie() -> str:
    return link_cookie(INVITATION)


@login_not_required
@never_cache
@sensitive_post_parameters()
@sensitive_variables()
def invitation(request: HttpRequest) -> HttpResponse:
    token = request.COOKIES.get(invitation_cookie(), "")
    try:
        found = invitations.find(token)
        answer = _join if request.user.is_authenticated else _begin
        return answer(request, token, found)
    except InvitationRefused:
        return _forget(render(request, "accounts/invitation_refused.html", status=404))


@sensitive_variables()
def _begin(request: HttpRequest, token: str, found: Invitation) -> HttpResponse:
    form = NewPersonForm(request.POST or None, initial={"language": request.LANGUAGE_CODE})
    if form.is_valid() and _made(form, token):
        messages.success(request, _("Your account is ready. Sign in with your new passphrase."))
        return _forget(redirect("account_login"))
    return render(request, "accounts/invitation.html", {"form": form, "team": found.team})


@sensitive_variables()
def _made(form: NewPersonForm, token: str) -> bool:
    given = form.cleaned_data
    try:
        invitations.accept_as_new_person(token, given["username"], given["password1"], given["language"])
    except IntegrityError:
        # Somebody took the name between the check and now; the invitation was put back with everything else.
        form.add_error("username", _("This user name is taken. Choose another."))
        return False
    return True


@sensitive_variables()
def _join(request: Any, token: str, found: Invitation) -> HttpResponse:
    """For somebody who has an account already: one more seat."""
    if request.method != "POST":
        return render(request, "accounts/invitation_join.html", {"team": found.team})
    joined = invitations.accept_as(request.keyring, token)
    return _forget(redirect("team", joined.id))


def _forget(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(invitation_cookie(), samesite="Lax")
    return response


@fresh_factor_to_post
def team_list(request: SignedInRequest) -> HttpResponse:
    """My teams; coordinators found new ones here, by a link that holds the new team's only key."""
    may_found = teams.is_coordinator(request.user)
    if request.method == "POST" and not may_found:
        raise Http404
    form = NewTeamForm(request.POST or None)
    if form.is_valid():
        found = invitations.invite_to_new_team(
            request.keyring, form.cleaned_data["name"], TeamKind.ORGANIZERS
        )
        return _show_link(request, *found)
    context = {"teams": teams.teams_of(request.user), "form": form if may_found else None}
    return render(request, "accounts/teams.html", context)


def team(request: SignedInRequest, team_id: UUID) -> HttpResponse:
    found = teams.team_for(request.user, team_id)
    context = {
        "team": found,
        "members": teams.members(found),
        "stewards": list(teams.stewards(found)),
        "has_own_key": found.kind != TeamKind.ORGANISATION,
    }
    return render(request, "accounts/team.html", context)


@require_POST
@fresh_factor_required
def invite(request: SignedInRequest, team_id: UUID) -> HttpResponse:
    found = teams.team_to_steward(request.user, team_id)
    return _show_link(request, found, invitations.invite(request.keyring, found))


@sensitive_variables()
def _show_link(request: HttpRequest, found: Team, token: str) -> HttpResponse:
    """Shown once: only its hash is stored."""
    link = request.build_absolute_uri(reverse("invitation-link", args=[token]))
    context = {"team": found, "link": link, "days": invitations.VALID_DAYS}
    return render(request, "accounts/invited.html", context)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/too_many_requests.html", status=429)
