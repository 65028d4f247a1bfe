"""The pages of trustees: appointing, rehearsing, bringing somebody back."""

from typing import Any, Final
from uuid import UUID

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from accounts import rescue, teams, trustees
from accounts.crypto.sealed import SealBroken
from accounts.crypto.trustee_shares import ShareRefused
from accounts.forms import AppointForm, NewPassphraseForm, RehearseForm, ShareForm, TeamRescueForm
from accounts.models import Rescue, Team, TeamKind, User
from accounts.rescue import RescueRefused
from accounts.sessions import SignedInRequest, sign_out
from accounts.sudo import fresh_factor_required, fresh_factor_to_post
from accounts.views.entrance import link_cookie, set_link_cookie
from accounts.views.recovery import show_code
from accounts.views.safety import coordinators_only

LINK: Final = "rescue"


def what_is_wrong(refused: ShareRefused) -> str:
    """Named, so that a trustee can mend it on the spot."""
    said = {
        "word": _("“%(word)s” is in no share. Look at the card again."),
        "length": _("A share has 33 words."),
        "damaged": _("These words do not go together: one is wrong, or two have changed places."),
        "foreign": _("This share belongs to another set of trustees."),
        "repeated": _("This share has been entered already. Another trustee's is needed."),
        "few": _("There are not enough shares yet."),
        "wrong": _("The shares do not fit together. They are forgotten; enter them again, from the cards."),
    }[refused.reason]
    return said % {"word": refused.word}


@fresh_factor_to_post
@sensitive_variables()
def trustee_page(request: SignedInRequest) -> HttpResponse:
    coordinators_only(request)
    form = AppointForm(request.POST or None)
    if form.is_valid():
        try:
            shares = rescue.appoint(
                request.keyring, form.cleaned_data["threshold"], form.cleaned_data["count"]
            )
            return _cards(request, shares, form.cleaned_data["threshold"])
        except OSError:
            form.add_error(
                None, _("The server may not write its keys folder. Use “manage.py trustees appoint” there.")
            )
    return render(request, "accounts/trustees.html", {"form": form, **_state()})


@require_POST
@fresh_factor_required
def begin_for_team(request: SignedInRequest) -> HttpResponse:
    coordinators_only(request)
    form = TeamRescueForm(request.POST)
    if form.is_valid():
        try:
            found = rescue.begin_for_team(
                request.keyring, form.cleaned_data["team"], form.cleaned_data["username"]
            )
            return redirect("rescue", found.pk)
        except RescueRefused:
            form.add_error(None, _why_not(request.user, form))
    context = {"form": AppointForm(), **_state(), "team_form": form}
    return render(request, "accounts/trustees.html", context, status=422)


def _why_not(user: User, form: TeamRescueForm) -> str:
    if form.cleaned_data["username"].pk == user.pk:
        return _("Not for yourself: another coordinator begins it. Nothing was changed.")
    return _(
        "The trustees do not have this team's present key: they get it when a member of the team signs in. Nothing was changed."
    )


def _state() -> dict[str, Any]:
    everybody = teams.members(teams.organisation()).filter(is_active=True)
    of_teams = Team.objects.exclude(kind=TeamKind.ORGANISATION).order_by("name")
    return {
        "team_form": TeamRescueForm(),
        "unsealed_teams": [team for team in of_teams if not trustees.is_team_sealed(team)],
        "set": trustees.present(),
        "key_matches": _key_matches(),
        "unsealed": [person for person in everybody if not trustees.is_sealed(person)],
        "rescues": Rescue.objects.select_related("user", "team"),
    }


def _key_matches() -> bool:
    try:
        return trustees.key() is not None
    except SealBroken:
        return False


@sensitive_variables()
def _cards(request: HttpRequest, shares: list[str], threshold: int) -> HttpResponse:
    cards = [
        {"words": words, "qr": segno.make(words, error="m").svg_data_uri(scale=3, light="#fff")}
        for words in shares
    ]
    return render(request, "accounts/trustee_cards.html", {"cards": cards, "threshold": threshold})


@sensitive_post_parameters()
@sensitive_variables()
def rehearse(request: SignedInRequest) -> HttpResponse:
    coordinators_only(request)
    form = RehearseForm(request.POST or None)
    if form.is_valid() and _fit(form):
        messages.success(request, _("The shares work. Nothing was opened."))
        return redirect("trustees")
    return render(request, "accounts/trustees_rehearse.html", {"form": _blank(form, RehearseForm())})


@sensitive_variables()
def _fit(form: RehearseForm) -> bool:
    try:
        rescue.rehearse(line for line in form.cleaned_data["shares"].splitlines() if line.strip())
    except ShareRefused as refused:
        form.add_error("shares", what_is_wrong(refused))
    except (RescueRefused, SealBroken):
        form.add_error(None, _("There are no trustees, or their key is not the one pinned on this server."))
    return form.is_valid()


def _blank(form: Form, empty: Form) -> Form:
    """A share that was refused is not written back into the page."""
    for name in empty.fields:
        form.fields[name].widget.attrs["value"] = ""
    if form.is_bound:
        form.data = {}
    return form


@require_POST
@fresh_factor_required
@sensitive_variables()
def begin(request: SignedInRequest, person: UUID) -> HttpResponse:
    coordinators_only(request)
    found = teams.members(teams.organisation()).filter(pk=person).first()
    if found is None:
        raise Http404
    try:
        token = rescue.begin(request.keyring, found)
    except RescueRefused:
        raise Http404 from None
    context = {
        "rescue": found.rescue,
        "days": rescue.VALID_DAYS,
        "link": request.build_absolute_uri(reverse("rescue-link", args=[token])),
    }
    return render(request, "accounts/rescue_begun.html", context)


@sensitive_post_parameters()
@sensitive_variables()
def detail(request: SignedInRequest, rescue_id: UUID) -> HttpResponse:
    found = _rescue(request, rescue_id)
    form = ShareForm(request.POST or None)
    if form.is_valid():
        try:
            rescue.add_share(request.user, found, form.cleaned_data["share"])
            messages.success(request, _("The share was entered."))
            return redirect("rescue", found.pk)
        except ShareRefused as refused:
            form.add_error("share", what_is_wrong(refused))
    return render(request, "accounts/rescue.html", _shown(request.user, found, form))


def _shown(user: User, found: Rescue, form: Form) -> dict[str, Any]:
    entered = [member + 1 for member in found.shares.order_by("member").values_list("member", flat=True)]
    enough = len(entered) >= found.trustee_set.threshold
    return {
        "rescue": found,
        "form": _blank(form, ShareForm()),
        "entered": entered,
        "enough": enough,
        "done": found.root_ciphertext is not None,
        "may_approve": user.pk not in (found.begun_by_id, found.user_id),
        "may_finish": enough and found.approved_by_id and user.pk == found.begun_by_id,
    }


@require_POST
@fresh_factor_required
def approve(request: SignedInRequest, rescue_id: UUID) -> HttpResponse:
    found = _rescue(request, rescue_id)
    try:
        rescue.approve(request.user, found)
    except RescueRefused:
        raise Http404 from None
    return redirect("rescue", found.pk)


@require_POST
@fresh_factor_required
def finish(request: SignedInRequest, rescue_id: UUID) -> HttpResponse:
    found = _rescue(request, rescue_id)
    try:
        rescue.finish(request.keyring, found)
    except RescueRefused:
        raise Http404 from None
    except ShareRefused as refused:
        messages.error(request, what_is_wrong(refused))
    except SealBroken:
        messages.error(
            request, _("The trustees' key is not the one pinned on this server. Nothing was opened.")
        )
    else:
        return _finished(request, found)
    return redirect("rescue", found.pk)


def _finished(request: SignedInRequest, found: Rescue) -> HttpResponse:
    if found.team is None:
        return redirect("rescue", found.pk)
    said = _("%(name)s has a seat in the team %(team)s, and may invite the others again.")
    messages.success(request, said % {"name": found.user.get_username(), "team": found.team.name})
    return redirect("trustees")


def _rescue(request: SignedInRequest, rescue_id: UUID) -> Rescue:
    coordinators_only(request)
    found = (
        Rescue.objects.select_related("user", "team", "begun_by", "approved_by", "trustee_set")
        .filter(pk=rescue_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


@login_not_required
@never_cache
@require_GET
def link(request: HttpRequest, token: str) -> HttpResponse:
    return set_link_cookie(redirect("rescue-accept"), LINK, token)


@login_not_required
@never_cache
@sensitive_post_parameters()
@sensitive_variables()
def accept(request: HttpRequest) -> HttpResponse:
    token = request.COOKIES.get(link_cookie(LINK), "")
    form = NewPassphraseForm(request.POST or None)
    try:
        if rescue.find(token).root_ciphertext is None:
            raise RescueRefused
        if not form.is_valid():
            return render(request, "accounts/rescue_accept.html", {"form": form})
        code = rescue.accept(token, form.cleaned_data["password1"])
    except RescueRefused:
        return render(request, "accounts/rescue_refused.html", status=404)
    sign_out(request)
    response = show_code(request, code, "account_login")
    response.delete_cookie(link_cookie(LINK), samesite="Lax")
    return response
