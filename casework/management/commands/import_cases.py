"""`manage.py import_cases FILE --team TEAM`: a group's spreadsheet, from the command line. It seals to the team's public key and
opens nothing, so it needs no passphrase."""

import sys
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from accounts.keyfiles import KeysMissing
from accounts.models import Team, TeamKind
from casework import keys
from casework.importing import FileRefused, keeping


class Command(BaseCommand):
    help = "Import cases from a CSV or XLSX file into a team, encrypted. Nothing is imported unless the whole file is good."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--team", required=True, help="the team's name or id")
        parser.add_argument("--dry-run", action="store_true", help="check the file and keep nothing")
        parser.add_argument(
            "--keep-good", action="store_true", help="import the good rows of a file that has bad ones"
        )
        parser.add_argument("--language", choices=["en", "fr"], default=None, help="language of the messages")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"] or translation.get_language()):
            team = self.team(options["team"])
            try:
                with options["file"].open("rb") as file:
                    self.run(file, team, options)
            except FileRefused as refused:
                raise CommandError(str(refused)) from None
            except KeysMissing:
                raise CommandError(
                    "This host has no pepper: set TEMOIN_KEYS_DIR, or run manage.py setup first."
                ) from None
            except OSError as error:
                raise CommandError(f"The file cannot be read: {error.strerror}.") from None

    def team(self, asked: str) -> Team:
        organizers = Team.objects.filter(kind=TeamKind.ORGANIZERS)
        found = [team for team in organizers if asked in (team.name, str(team.pk))]
        if len(found) != 1:
            reason = "is the name of several teams; give the id" if found else "is no team here"
            raise CommandError(
                f"“{asked}” {reason}. Teams: {', '.join(t.name for t in organizers) or 'none'}."
            )
        return found[0]

    def run(self, file: BinaryIO, team: Team, options: dict[str, Any]) -> None:
        today = timezone.localdate()
        found = keeping.check(file, options["file"].name, today)
        self.name_bad_rows(found)
        if found.bad_rows and not options["keep_good"]:
            raise CommandError(
                f"{found.bad_rows} bad rows, {found.good_rows} good ones. Nothing was imported."
            )
        if options["dry_run"]:
            self.stdout.write(f"{found.good_rows} good rows. Dry run: nothing was imported.")
            return
        bar = Bar(found.good_rows)
        kept = keeping.Kept()
        for kept in keeping.keep(file, options["file"].name, today, team, keys.to_public_key(team.pk), None):
            bar.show(kept.rows)
        bar.end()
        self.stdout.write(
            f"{kept.new} cases imported, {kept.unchanged} were there already and were left as they are."
        )

    def name_bad_rows(self, found: keeping.Checked) -> None:
        for row in found.bad:
            for problem in row.problems:
                self.stderr.write(str(problem))
        if found.bad_rows > len(found.bad):
            self.stderr.write(f"… and {found.bad_rows - len(found.bad)} more bad rows.")


class Bar:
    """A progress bar on a terminal; silent elsewhere."""

    WIDTH = 40

    def __init__(self, total: int) -> None:
        self.total, self.shown = max(total, 1), sys.stderr.isatty()

    def show(self, done: int) -> None:
        if self.shown:
            filled = self.WIDTH * done // self.total
            sys.stderr.write(f"\r[{'#' * filled}{'.' * (self.WIDTH - filled)}] {done}/{self.total}")
            sys.stderr.flush()

    def end(self) -> None:
        if self.shown:
            sys.stderr.write("\n")
