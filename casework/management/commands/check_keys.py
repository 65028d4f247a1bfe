"""`manage.py check_keys [--as USER]`: do permissions, keys and shares agree, and does everything open that USER may open?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.keyfiles import KeysMissing
from casework import keychecks, keyproofs
from casework.management.terminal import keyring_of

EXPLAINED = keychecks.EXPLAINED | keyproofs.EXPLAINED


class Command(BaseCommand):
    help = "List every permission without its key, every key without its permission, every orphan. Exit code 1 when there is one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--as", dest="user", metavar="USER", help="ask for USER's passphrase and open all they may open"
        )
        parser.add_argument(
            "--without-erasure", action="store_true", help="where the erasure database is out of reach"
        )

    def handle(self, *args: Any, user: str | None, without_erasure: bool, **options: Any) -> None:
        try:
            found = keychecks.findings(erasure=not without_erasure)
        except KeysMissing:
            raise CommandError("This host has no organisation.pub: set TEMOIN_KEYS_DIR.") from None
        if user:
            found += keyproofs.findings(keyring_of(user))
        for finding in found:
            self.stdout.write(f"{finding.kind} {finding.subject}: {EXPLAINED[finding.kind]}")
        if found:
            raise CommandError(f"{len(found)} findings.")
        self.stdout.write("Permissions and keys agree." + (" All of it opens." if user else ""))
