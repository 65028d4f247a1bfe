"""`manage.py rotate_statistics_key`: a new root, made where the worker runs and vouched for where people's keys open."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.crypto.sealed import SealBroken
from accounts.keyfiles import KeysMissing, later_statistics_path
from accounts.keyring import Locked
from casework import statisticskeys
from casework.management.terminal import keyring_of


class Command(BaseCommand):
    help = "Make a new statistics root beside the old (--out FILE), vouch for it (--admit FILE --as USER), or both (--as USER)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, help="on the worker's host: where the public half goes")
        parser.add_argument(
            "--admit", type=Path, help="on the web host: the public half that was carried there"
        )
        parser.add_argument(
            "--as", dest="user", metavar="USER", help="a coordinator, asked for their passphrase"
        )
        parser.add_argument("--status", action="store_true", help="how much is still sealed under each root")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.run(options)
        except (KeysMissing, SealBroken):
            raise CommandError("The statistics root is not on this host, or nobody vouches for it.") from None
        except (statisticskeys.NotTheNext, Locked):
            raise CommandError(
                "Nothing was changed: this is not the next key of these statistics, or you are not a coordinator."
            ) from None
        except OSError as error:
            raise CommandError(f"The file cannot be read or written: {error.strerror}.") from None

    def run(self, options: dict[str, Any]) -> None:
        if options["status"]:
            self.status()
        elif options["admit"]:
            self.admit(options["user"], options["admit"].read_text())
        elif options["out"]:
            made = statisticskeys.prepare()
            options["out"].write_text(statisticskeys.line(made) + "\n")
            self.stdout.write(
                f"{later_statistics_path(made.epoch)} is made. Carry {options['out']} to the web host."
            )
        else:
            self.admit(options["user"], "")

    def admit(self, user: str | None, carried: str) -> None:
        if not user:
            raise CommandError("Say --out FILE on the worker's host, or --as USER.")
        keyring = keyring_of(user)
        epoch = statisticskeys.admit(keyring, carried or statisticskeys.line(statisticskeys.prepare()))
        self.stdout.write(
            f"Root {epoch} of the statistics is in force. Keep the old one until --status says 0."
        )

    def status(self) -> None:
        for epoch, number in statisticskeys.waiting().items():
            self.stdout.write(f"root {epoch}: {number} rows")
