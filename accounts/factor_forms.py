"""What people show beside their passphrase. Every attempt is counted before it is looked at, and every refusal reads the same."""

from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.core import context, ratelimit
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts import second_factor
from accounts.forms import PassphraseField
from accounts.models import User
from accounts.second_factor import FactorAdapter

# What the WebAuthn library raises over bytes that are no answer at all, beside the refusals allauth translates.
NO_ANSWER = (ValueError, TypeError, KeyError, AttributeError)


def wrong() -> ValidationError:
    return ValidationError(FactorAdapter.error_messages["incorrect_code"], code="incorrect_code")


class ForOnePerson(forms.Form):
    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user


class CodeForm(ForOnePerson):
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Six digits from the app, or one of the spare codes."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    @sensitive_variables()
    def clean_code(self) -> str:
        forgive = check_rate_limit(self.user)
        if not second_factor.use_code(self.user, self.cleaned_data["code"]):
            raise wrong()
        forgive()
        return ""


class EnrolAppForm(ForOnePerson):
    """The first code of an app shows that it holds the secret."""

    code = forms.CharField(
        label=_("Code shown by the app"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, secret: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.secret = secret

    @sensitive_variables()
    def clean_code(self) -> str:
        forgive = check_rate_limit(self.user)
        if not second_factor.enrol_app(self.user, self.secret, self.cleaned_data["code"]):
            raise wrong()
        forgive()
        return ""


class EnrolPasskeyForm(ForOnePerson):
    name = forms.CharField(
        label=_("Name of the passkey"), max_length=40, help_text=_("So that you can tell it from others.")
    )
    credential = forms.JSONField(widget=forms.HiddenInput)

    def clean_credential(self) -> dict[str, Any]:
        credential: dict[str, Any] = self.cleaned_data["credential"]
        try:
            webauthn.parse_registration_response(credential)
            webauthn.complete_registration(credential)
        except NO_ANSWER:
            raise wrong() from None
        return credential


class PasskeyForm(ForOnePerson):
    credential = forms.JSONField(widget=forms.HiddenInput)

    def clean_credential(self) -> dict[str, Any]:
        forgive = check_rate_limit(self.user)
        try:
            webauthn.parse_authentication_response(self.cleaned_data["credential"])
            webauthn.complete_authentication(self.user, self.cleaned_data["credential"])
        except NO_ANSWER:
            raise wrong() from None
        forgive()
        return {}


class PassphraseAgainForm(ForOnePerson):
    passphrase = PassphraseField(label=_("Passphrase"), autocomplete="current-password")

    @sensitive_variables()
    def clean_passphrase(self) -> str:
        """Counted before it is hashed, on the same count as signing in."""
        counted = {"action": "login_failed", "key": f"prove-{self.user.pk}"}
        if not ratelimit.consume(context.request, **counted):
            raise account_adapter().validation_error("too_many_login_attempts")
        if not self.user.check_password(self.cleaned_data["passphrase"]):
            raise ValidationError(account_adapter().error_messages["enter_current_password"])
        ratelimit.clear(context.request, **counted)
        return ""
