"""The pages of the printed code: making it, and coming back with it."""

from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.account.internal.decorators import login_stage_required
from allauth.core import ratelimit
from allauth.mfa.stages import AuthenticateStage
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from accounts import recovery, sessions
from accounts.forms import LostFactorForm, RecoverForm
from accounts.gate import open_before_enrolment
from accounts.models import User
from accounts.recovery import RecoveryRefused
from accounts.sessions import SignedInRequest
from accounts.sudo import fresh_factor_to_post


@open_before_enrolment
@fresh_factor_to_post
@sensitive_variables()
def recovery_code(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        return show_code(request, recovery.new_code(request.keyring), "home")
    return render(request, "accounts/recovery_code.html", {"has_code": recovery.has_code(request.user)})


@sensitive_variables()
def show_code(request: HttpRequest, code: str, onward: str) -> HttpResponse:
    """Once: only what it opens is stored."""
    return render(request, "accounts/recovery_code_shown.html", {"code": code, "onward": onward})


@login_not_required
@never_cache
@sensitive_post_parameters()
@sensitive_variables()
def recover(request: HttpRequest) -> HttpResponse:
    """A lost passphrase, or a lockdown: user name and code, and the same root lies under a new passphrase."""
    form = RecoverForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        code = _attempt(
            request,
            form,
            given["username"],
            lambda: recovery.set_passphrase(given["username"], given["code"], given["password1"]),
        )
        if code:
            sessions.sign_out(request)
            return show_code(request, code, "account_login")
    return render(request, "accounts/recover.html", {"form": form})


@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
@sensitive_post_parameters()
@sensitive_variables()
def lost_factor(request: Any) -> HttpResponse:
    """The passphrase was right a moment ago, and the code stands in for what was lost: two proofs, as ever."""
    user: User = request._login_stage.login.user
    form = LostFactorForm(request.POST or None)
    if form.is_valid():
        code = _attempt(
            request, form, user.username, lambda: recovery.forget_factors(user, form.cleaned_data["code"])
        )
        if code:
            sessions.sign_out(request)
            return show_code(request, code, "account_login")
    return render(request, "accounts/lost_factor.html", {"form": form})


@sensitive_variables()
def _attempt(request: HttpRequest, form: forms.Form, username: str, recover_by: Any) -> str:
    """The next code; or empty, and the form says why. Counted before anything is hashed, by name and by address."""
    counted = {"action": "login_failed", "key": f"recover-{User.normalize_username(username)}"}
    if not ratelimit.consume(request, **counted):
        form.add_error(None, account_adapter().error_messages["too_many_login_attempts"])
        return ""
    try:
        code: str = recover_by()
    except RecoveryRefused:
        form.add_error(None, _("The user name or the recovery code is wrong, or the code was used already."))
        return ""
    ratelimit.clear(request, **counted)
    return code
