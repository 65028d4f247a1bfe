"""`manage.py migrate_all`: Django's `migrate` on each of the three databases, what the worker may do with the erasure shares, and
what a restored backup must not bring back."""

from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import connections

from accounts.keyfiles import KeysMissing
from casework import erasing, ledger
from config.worker_rights import grant


class Command(BaseCommand):
    help = "Bring the main, the erasure and the sessions database up to date, and carry out erasures again."

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        for database in settings.DATABASES:
            call_command("migrate", database=database, interactive=False, verbosity=verbosity)
        grant()
        self.replay(verbosity)
        connections.close_all()

    def replay(self, verbosity: int) -> None:
        if ledger.agrees():
            return
        try:
            again = erasing.replay()
        except (KeysMissing, ledger.LedgerKeyWrong) as error:
            raise CommandError(WRONG_KEY) from error
        if verbosity:
            self.stdout.write(f"Erased again: {again}.")


WRONG_KEY = (
    "Ledger and main database disagree about what was erased, and the file “ledger.key” is missing or another one. "
    "Put it back into TEMOIN_KEYS_DIR, then run this again: until then nobody can sign in."
)
