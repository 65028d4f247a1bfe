"""The trustees' ceremony in a room without a network: appointing, rehearsing, sealing, bringing somebody back."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import rescue
from accounts.crypto.sealed import SealBroken
from accounts.crypto.trustee_shares import ShareRefused
from accounts.forms import AppointForm, NewPassphraseForm
from accounts.hasher import kept_runs
from accounts.keyring import Keyring
from accounts.models import Team, User
from accounts.people import unwrapped
from accounts.rescue import RescueRefused
from accounts.teams import is_coordinator
from accounts.views.rescues import what_is_wrong


class Command(BaseCommand):
    help = (
        "appoint: make new shares (a coordinator's passphrase is asked). rehearse: try shares, open nothing. recover: bring one "
        "person back with shares and a new passphrase. seat: give one person a seat in a team nobody can open any more. seal: "
        "seal one person and their teams to the trustees. Shares are read one per line; passphrases and shares are never taken "
        "as arguments, which stand in the list of processes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["appoint", "rehearse", "recover", "seat", "seal"])
        parser.add_argument("--user", help="who appoints, seals, is brought back or gets the seat")
        parser.add_argument("--team", help="the name of the team that gets somebody back")
        parser.add_argument("--threshold", type=int, default=3)
        parser.add_argument("--count", type=int, default=5)

    @sensitive_variables()
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['act']}")(options)
        except ShareRefused as refused:
            raise CommandError(what_is_wrong(refused)) from None
        except (RescueRefused, SealBroken):
            raise CommandError(
                _("Nothing was opened: there are no trustees, or a key does not match.")
            ) from None

    @sensitive_variables()
    def _appoint(self, options: dict[str, Any]) -> None:
        form = AppointForm({"threshold": options["threshold"], "count": options["count"]})
        if not form.is_valid():
            raise CommandError(_("Two or more trustees of at most sixteen."))
        keyring = self._keyring(options["user"])
        if not is_coordinator(keyring.user):
            raise CommandError(_("Only a coordinator appoints trustees."))
        shares = rescue.appoint(keyring, options["threshold"], options["count"])
        for number, words in enumerate(shares, 1):
            self.stdout.write(f"{number}/{len(shares)}: {words}")

    @sensitive_variables()
    def _rehearse(self, options: dict[str, Any]) -> None:
        rescue.rehearse(self._shares())
        self.stdout.write(_("The shares work. Nothing was opened."))

    @sensitive_variables()
    def _seal(self, options: dict[str, Any]) -> None:
        rescue.seal_all(self._keyring(options["user"]))
        self.stdout.write(_("Sealed."))

    @sensitive_variables()
    def _recover(self, options: dict[str, Any]) -> None:
        user, passphrase = self._user(options["user"]), self._secret(_("New passphrase: "))
        form = NewPassphraseForm({"password1": passphrase, "password2": passphrase})
        if not form.is_valid():
            raise CommandError(" ".join(str(text) for texts in form.errors.values() for text in texts))
        code = rescue.recover_at_console(user, self._shares(), passphrase)
        self.stdout.write(_("Recovery code: %(code)s") % {"code": code})

    @sensitive_variables()
    def _seat(self, options: dict[str, Any]) -> None:
        user, found = self._user(options["user"]), Team.objects.filter(name=options["team"] or "")
        if len(found) != 1:
            raise CommandError(_("There is no such team, or more than one. Nothing was changed."))
        rescue.seat_at_console(found[0], user, self._shares())
        self.stdout.write(_("%(name)s has the seat.") % {"name": user.get_username()})

    def _user(self, name: str | None) -> User:
        user = User.objects.filter(username=User.normalize_username(name or ""), is_active=True).first()
        if user is None:
            raise CommandError(_("There is no such account. Nothing was changed."))
        return user

    @sensitive_variables()
    def _keyring(self, name: str | None) -> Keyring:
        user = self._user(name)
        with kept_runs() as runs:
            if not user.check_password(self._secret(_("Passphrase: "))):
                raise CommandError(_("The user name or the passphrase is wrong."))
            return Keyring(user, unwrapped(user, runs[-1]))

    @sensitive_variables()
    def _secret(self, question: str) -> str:
        return getpass.getpass(question) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")

    @sensitive_variables()
    def _shares(self) -> list[str]:
        """Up to an empty line."""
        if sys.stdin.isatty():
            return list(iter(lambda: getpass.getpass(_("Share: ")), ""))
        return [line for line in sys.stdin.read().splitlines() if line.strip()]
