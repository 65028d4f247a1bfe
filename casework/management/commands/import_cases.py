"""`manage.py import_cases FILE --team TEAM`: a group's spreadsheet, from the command line. It seals to the team's public key and
opens nothing, so it needs no passphrase."""

import sys
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

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
                    _("This host has no pepper: set TEMOIN_KEYS_DIR, or run manage.py setup first.")
                ) from None
            except OSError as error:
                raise CommandError(_("The file cannot be read (%s).") % error.strerror) from None

    def team(self, asked: str) -> Team:
        organizers = Team.objects.filter(kind=TeamKind.ORGANIZERS)
        found = [team for team in organizers if asked in (team.name, str(team.pk))]
        if len(found) == 1:
            return found[0]
        several = _("“%(asked)s” is the name of several teams. Give the id.")
        none = _("“%(asked)s” is no team here. Teams: %(teams)s.")
        names = ", ".join(team.name for team in organizers) or "–"
        raise CommandError((several if found else none) % {"asked": asked, "teams": names})

    def run(self, file: BinaryIO, team: Team, options: dict[str, Any]) -> None:
        name, today = options["file"].name, timezone.localdate()
        found = keeping.check(file, name, today)
        counts = {"good": found.good_rows, "bad": found.bad_rows}
        self.name_bad_rows(found)
        if found.bad_rows and not options["keep_good"]:
            raise CommandError(_("%(bad)s bad rows, %(good)s good ones. Nothing was imported.") % counts)
        if options["dry_run"]:
            self.stdout.write(_("%(good)s good rows. Dry run: nothing was imported.") % counts)
            return
        kept, bar = keeping.Kept(), Bar(found.good_rows)
        for kept in keeping.keep(file, name, today, team, keys.to_public_key(team.pk), None):
            bar.show(kept.rows)
        bar.end()
        text = _("%(new)s cases imported, %(unchanged)s were there already and were left as they are.")
        self.stdout.write(text % {"new": kept.new, "unchanged": kept.unchanged})

    def name_bad_rows(self, found: keeping.Checked) -> None:
        for row in found.bad:
            for problem in row.problems:
                self.stderr.write(str(problem))
        if found.bad_rows > len(found.bad):
            self.stderr.write(_("… and %s more bad rows.") % (found.bad_rows - len(found.bad)))


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
