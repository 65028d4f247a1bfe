"""The pages of the second factor: enrolling, showing it at sign-in, showing it again."""

import json
from typing import Any

import segno
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal import auth as webauthn
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from accounts import gate, second_factor, sessions
from accounts.crypto.sealed import SealBroken
from accounts.factor_forms import CodeForm, EnrolAppForm, EnrolPasskeyForm, PasskeyForm, PassphraseAgainForm
from accounts.gate import open_before_enrolment
from accounts.models import User
from accounts.second_factor import LastFactor
from accounts.sessions import SignedInRequest
from accounts.sudo import fresh_factor_required, safe_address
from accounts.views.entrance import speak

ENROLLING = "factor_secret"


@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
@sensitive_post_parameters()
def second_step(request: Any) -> HttpResponse:
    """Between the passphrase and the vault, which stays pending until this has passed."""
    stage = request._login_stage
    user: User = stage.login.user
    forms = _forms(request, user)
    if _shown(request, forms):
        record_authentication(request, user, "mfa")
        response: HttpResponse = stage.exit()
        speak(response, user.language)
        return response
    return render(request, "accounts/second_step.html", _asked(user, forms))


@open_before_enrolment
@sensitive_post_parameters()
def prove(request: SignedInRequest) -> HttpResponse:
    """Again, before something that cannot be taken back: passphrase or second factor, either will do."""
    forms = {"passphrase": _form(PassphraseAgainForm, request, "passphrase"), **_forms(request, request.user)}
    back = safe_address(request, request.GET.get(REDIRECT_FIELD_NAME, ""))
    if _shown(request, forms):
        sessions.prove(request)
        messages.success(request, _("Thank you. For five minutes you are not asked again."))
        return redirect(back)
    return render(request, "accounts/prove.html", {**_asked(request.user, forms), "back": back})


def _forms(request: HttpRequest, user: User) -> dict[str, Form]:
    """What this person can show; only the form that was sent is bound."""
    forms: dict[str, Form] = {}
    if second_factor.has_factor(user):
        forms["code"] = _form(CodeForm, request, "code", user)
    if second_factor.has_passkey(user):
        forms["passkey"] = _form(PasskeyForm, request, "credential", user)
    return forms


def _form(form: type[Any], request: Any, field: str, user: User | None = None) -> Any:
    sent = request.method == "POST" and field in request.POST
    return form(request.POST if sent else None, user=user or request.user)


def _shown(request: HttpRequest, forms: dict[str, Form]) -> bool:
    return any(form.is_valid() for form in forms.values() if form.is_bound)


def _asked(user: User, forms: dict[str, Form]) -> dict[str, Any]:
    options = json.dumps(webauthn.begin_authentication(user)) if "passkey" in forms else ""
    return {"forms": forms, "passkey_options": options, "has_app": second_factor.has_app(user)}


@open_before_enrolment
def overview(request: SignedInRequest) -> HttpResponse:
    user = request.user
    context = {
        "factors": second_factor.factors(user),
        "spare_codes": second_factor.spare_codes_left(user),
        "has_app": second_factor.has_app(user),
        "missing": gate.missing_step(user),
    }
    return render(request, "accounts/second_factor.html", context)


@open_before_enrolment
@fresh_factor_required
@sensitive_post_parameters()
@sensitive_variables()
def enrol_app(request: SignedInRequest) -> HttpResponse:
    """The secret waits in this session, sealed for this person: another account's page cannot use it."""
    if second_factor.has_app(request.user):
        return redirect("second-factor")
    secret = _waiting_secret(request)
    form = EnrolAppForm(request.POST or None, user=request.user, secret=secret)
    if form.is_valid():
        request.session.pop(ENROLLING)
        return _enrolled(request)
    qr = segno.make(second_factor.app_address(request.user, secret), error="m")
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    context = {"form": form, "qr": qr.svg_data_uri(scale=5, border=4, light="#fff"), "secret": grouped}
    return render(request, "accounts/enrol_app.html", context)


@sensitive_variables()
def _waiting_secret(request: SignedInRequest) -> str:
    """The same one when a code was mistyped."""
    waiting = request.session.get(ENROLLING)
    if waiting is not None:
        try:
            return second_factor.opened_for(request.user, waiting)
        except SealBroken:
            pass
    secret = second_factor.new_secret()
    request.session[ENROLLING] = second_factor.sealed_for(request.user, secret)
    return secret


@open_before_enrolment
@fresh_factor_required
def enrol_passkey(request: SignedInRequest) -> HttpResponse:
    form = EnrolPasskeyForm(request.POST or None, user=request.user)
    if form.is_valid():
        second_factor.keep_passkey(request.user, form.cleaned_data["name"], form.cleaned_data["credential"])
        return _enrolled(request)
    options = json.dumps(webauthn.begin_registration(request.user, False))
    return render(request, "accounts/enrol_passkey.html", {"form": form, "passkey_options": options})


def _enrolled(request: SignedInRequest) -> HttpResponse:
    """With the first factor come the spare codes; with a later one they stay as they are."""
    if second_factor.spare_codes_left(request.user):
        messages.success(request, _("Added. You can sign in with it from now on."))
        return redirect("second-factor")
    return _show_codes(request)


@open_before_enrolment
@require_POST
@fresh_factor_required
def spare_codes(request: SignedInRequest) -> HttpResponse:
    if not second_factor.has_factor(request.user):
        raise Http404
    return _show_codes(request)


@sensitive_variables()
def _show_codes(request: SignedInRequest) -> HttpResponse:
    """Shown once: the next time there are new ones."""
    codes = second_factor.new_spare_codes(request.user)
    context = {"codes": codes, "missing": gate.missing_step(request.user)}
    return render(request, "accounts/spare_codes.html", context)


@require_POST
@fresh_factor_required
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    try:
        second_factor.remove(request.user, pk)
    except Authenticator.DoesNotExist:
        raise Http404 from None
    except LastFactor:
        messages.error(request, _("Nothing was removed: it is your only one. Add another first."))
    else:
        messages.success(request, _("Removed. It no longer opens your account."))
    return redirect("second-factor")
