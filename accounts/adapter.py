"""Where allauth's sign-in meets the keys. Every way in ends at `authenticate` and `login`, every new passphrase at
`set_password`."""

import hmac
import ipaddress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts import devices, events, rescue, sessions
from accounts.crypto.sealed import SealBroken
from accounts.hasher import Run, kept_runs
from accounts.keyfiles import pepper
from accounts.keyring import Keyring
from accounts.models import User, UserKey
from accounts.people import unwrapped, wrap_under

# By allauth's name for the occasion.
SAID = {
    "account/messages/logged_out.txt": _(
        "You are signed out. Nothing of your session is left on this device."
    ),
    "account/messages/password_changed.txt": _("Your passphrase is changed. Sign in with the new one."),
}


class VaultAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """Unlocks while the passphrase is at hand, which is once, and forgets it."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("The user name or the passphrase is wrong."),
        "enter_current_password": _("This is not your present passphrase."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, then try again."),
        "root_out_of_reach": _(
            "This account's passphrase was reset, and its keys are still sealed under the earlier one. "
            "Nothing is lost. Use your recovery code to set a new passphrase."
        ),
    }

    @sensitive_variables()
    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The user when the passphrase is right, and their root kept pending. One run of Argon2id, whatever the answer."""
        with kept_runs() as runs:
            user: User | None = super().authenticate(request, **credentials)
            if user is None or not user.is_active:
                return None
            self._unlock(request, user, runs[-1])
        return user

    @sensitive_variables()
    def _unlock(self, request: HttpRequest, user: User, run: Run) -> None:
        try:
            principal = unwrapped(user, run)
            sessions.hold_pending(request, principal)
        except SealBroken:
            raise ValidationError(self.error_messages["root_out_of_reach"]) from None
        rescue.seal_all(Keyring(user, principal))

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        sessions.confirm(request)
        devices.remember(request)

    def logout(self, request: HttpRequest) -> None:
        sessions.sign_out(request)

    @sensitive_variables()
    def set_password(self, user: User, password: str) -> None:
        """Change: the same root under the new passphrase. Reset: the root stays where it is, and no other takes its place."""
        keyring = getattr(context.request, "keyring", None)
        if keyring is not None and keyring.user.pk == user.pk:
            with transaction.atomic():
                wrap_under(user, keyring.principal, password)
                events.tell(user, "passphrase.change", user.pk)
        else:
            super().set_password(user, password)
            UserKey.objects.filter(user=user).update(stale=True)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """By invitation only."""
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_login")

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *rest: Any, **more: Any
    ) -> None:
        """Our words instead of allauth's, and silence where it has something to say and we have not."""
        said = SAID.get(message_template or "")
        if said:
            messages.add_message(request, level, str(said))

    def get_client_ip(self, request: HttpRequest) -> str:
        """Only ever used to count attempts: the cache, which may be a Redis somebody seizes, never sees an address."""
        network = _network_of(super().get_client_ip(request))
        return hmac.digest(pepper(), network.encode(), "sha256").hex()


def _network_of(address: str) -> str:
    """Whoever has one IPv6 address has 2⁶⁴ of them."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)
