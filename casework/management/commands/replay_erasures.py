"""`manage.py replay_erasures [--export FILE | --import FILE]`: what was erased must not come back with a backup."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.keyfiles import KeysMissing
from casework import erasing, ledger

SAME_KEY = (
    "The file “ledger.key” in TEMOIN_KEYS_DIR is missing, or is not the one this ledger was made with. Nothing was changed; "
    "put the right one back."
)


class Command(BaseCommand):
    help = (
        "Erase again what a restored backup brought back. --export writes the ledger of erasures into a file to keep elsewhere "
        "(it says nothing about anybody); --import takes such a file in first, when the ledger itself was lost."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        file = parser.add_mutually_exclusive_group()
        file.add_argument("--export", type=Path, metavar="FILE")
        file.add_argument("--import", type=Path, metavar="FILE", dest="taken_in")

    def handle(self, *args: Any, export: Path | None, taken_in: Path | None, **options: Any) -> None:
        if export:
            return self.export(export)
        if taken_in:
            self.take_in(taken_in)
        try:
            again = erasing.replay()
        except (KeysMissing, ledger.LedgerKeyWrong) as error:
            raise CommandError(SAME_KEY) from error
        self.stdout.write(f"Erased again: {again}. Ledger and main database agree.")
        return None

    def export(self, path: Path) -> None:
        lines = ledger.lines()
        path.write_text("".join(f"{line}\n" for line in lines))
        self.stdout.write(f"Lines written: {len(lines)}.")

    def take_in(self, path: Path) -> None:
        try:
            new = ledger.read_lines(path.read_text().splitlines())
        except (OSError, ValueError) as error:
            raise CommandError(
                f"{path.name} is not a ledger that was exported here. Nothing was changed."
            ) from error
        self.stdout.write(f"Entries taken in: {new}.")
