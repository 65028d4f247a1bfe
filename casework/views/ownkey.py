"""A new key for oneself."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from accounts import sessions, trustees
from accounts.factor_forms import PassphraseAgainForm
from accounts.renewal import RenewedMeanwhile
from accounts.sessions import SignedInRequest
from accounts.views.recovery import show_code
from casework import membership


@sensitive_post_parameters()
@sensitive_variables()
def own_key(request: SignedInRequest) -> HttpResponse:
    """It asks for the passphrase itself, whatever was shown minutes ago: the new root is wrapped under it."""
    form = PassphraseAgainForm(request.POST or None, user=request.user)
    if form.is_valid():
        return _renewed(request, form.data["passphrase"])
    context = {"form": form, "number": request.keyring.principal.epoch, "trustees": trustees.present()}
    return render(request, "casework/ownkey.html", context, status=422 if form.is_bound else 200)


@sensitive_variables()
def _renewed(request: SignedInRequest, passphrase: str) -> HttpResponse:
    try:
        code = membership.renew_own(request.keyring, passphrase)
    except RenewedMeanwhile:
        sessions.sign_out(request)
        messages.error(
            request, _("Your key was renewed in another session. Sign in again. Nothing else was changed.")
        )
        return redirect("account_login")
    sessions.sign_out(request)
    return show_code(request, code, "account_login")
