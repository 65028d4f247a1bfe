"""`manage.py verify_audit [--head HEX]`: does every entry of the audit log follow from the one before it?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casework import audit


class Command(BaseCommand):
    help = "Walk the chain of the audit log and name the first broken entry. Needs no key. Exit code 1 when it is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--head", help="a head written down earlier: is it still a link of the chain?")

    def handle(self, *args: Any, head: str | None, **options: Any) -> None:
        broken = audit.verify()
        if broken:
            raise CommandError(
                f"The chain is broken at entry {broken.sequence}: something was taken out, put in or altered there."
            )
        if head and not audit.holds(head.strip()):
            raise CommandError("The chain follows, but the head you kept is not in it: it was written anew.")
        self.stdout.write(f"The chain is whole. Head: {audit.head() or '-'}")
