"""Somebody's keys at the server's console: asked for there, and gone when the command ends."""

import getpass
import sys

from django.core.management.base import CommandError
from django.views.decorators.debug import sensitive_variables

from accounts.crypto.sealed import SealBroken
from accounts.hasher import kept_runs
from accounts.keyfiles import KeysMissing
from accounts.keyring import Keyring
from accounts.models import User
from accounts.people import unwrapped


@sensitive_variables()
def keyring_of(username: str) -> Keyring:
    """Raises CommandError; it does not say whether the name or the passphrase was wrong."""
    passphrase = _asked(username)
    user = User.objects.filter(username=User.normalize_username(username), is_active=True).first()
    try:
        with kept_runs() as runs:
            if user is not None and user.check_password(passphrase):
                return Keyring(user, unwrapped(user, runs[0]))
    except (SealBroken, KeysMissing):
        raise CommandError(
            "This person's root does not open on this host: the pepper is not here, or they must recover first."
        ) from None
    raise CommandError("User name or passphrase is not right.")


def _asked(username: str) -> str:
    """On a terminal it is not echoed; a script hands it in on standard input."""
    if sys.stdin.isatty():
        return getpass.getpass(f"Passphrase of {username}: ")
    return sys.stdin.readline().rstrip("\n")
