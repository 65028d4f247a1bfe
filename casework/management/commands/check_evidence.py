"""Whether every piece of evidence has its file and every file its evidence. Names ids, opens nothing, needs no key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casework import evidencefiles


class Command(BaseCommand):
    help = "Lists evidence without a file and files without evidence; sweeps interrupted uploads."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--delete-strays", action="store_true", help="delete the files without evidence")

    def handle(self, *args: Any, **options: Any) -> None:
        swept = evidencefiles.sweep()
        missing, strays = evidencefiles.astray()
        for evidence_id in missing:
            self.stdout.write(f"evidence without a file: {evidence_id}")
        for name in strays:
            self.stdout.write(f"file without evidence: {name}")
        if options["delete_strays"]:
            evidencefiles.delete_strays(strays)
            strays = []
        self.stdout.write(f"{swept} interrupted uploads swept")
        if missing or strays:
            raise CommandError("The database and the folder of evidence are not of the same day.")
