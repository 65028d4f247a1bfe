"""`manage.py exposure [--json]`: what a seizure of this server would yield today."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from casework import exposure


class Command(BaseCommand):
    help = "Print, store by store and field by field, what a seizure would yield. Exit code 1 when a field has no class."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs: temoin-exposure/1")
        parser.add_argument("--language", choices=["en", "fr"], default=None)

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"] or translation.get_language()):
            if options["json"]:
                self.stdout.write(json.dumps(exposure.report(), indent=2, ensure_ascii=False))
            else:
                self.say()
        missing = exposure.unclassified()
        if missing:
            raise CommandError(f"Nobody has said what these give away: {', '.join(missing)}")

    def say(self) -> None:
        found = exposure.tables()
        for store, words in exposure.stores(found):
            self.stdout.write(f"{store}: {words}\n")
        self.stdout.write(f"\n{exposure.not_yielded()}\n")
        for table in found:
            rows = "?" if table.rows is None else table.rows
            self.stdout.write(f"\n{table.name} ({rows})")
            for field, kind in table.fields.items():
                self.stdout.write(f"  {field:32} {kind}")
