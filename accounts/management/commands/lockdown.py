"""From the server's console, when no coordinator can reach the page."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import lockdown
from accounts.models import User


class Command(BaseCommand):
    help = (
        "End every session and delete every key under a passphrase, of one account or of all. Nothing else is "
        "deleted. Recovery codes open the accounts again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--user", help="user name of the account to lock")
        whose.add_argument("--everybody", action="store_true")
        parser.add_argument("--certain", action="store_true", help="also those who have no recovery code")

    def handle(self, *args: Any, **options: Any) -> None:
        people = User.objects.all()
        if options["user"]:
            people = people.filter(username=User.normalize_username(options["user"]))
        if not people.exists():
            raise CommandError("There is no such account. Nothing was changed.")
        lost = [person.get_username() for person in lockdown.without_way_back(people)]
        if lost and not options["certain"]:
            raise CommandError(
                f"No recovery code: {', '.join(lost)}. Nothing was changed; --certain locks them too."
            )
        if options["everybody"]:
            lockdown.lock_everybody(None)
        else:
            lockdown.lock_account(None, people.get())
        self.stdout.write("Locked. Recovery codes open the accounts again, at /recovery/.")
