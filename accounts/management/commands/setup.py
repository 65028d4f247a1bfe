"""Set the organisation up from the server's console: what the page on first start does."""

import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.views.decorators.debug import sensitive_variables

from accounts import keyfiles
from accounts.forms import NewPersonForm
from accounts.setup import is_set_up, set_up_organisation, setup_code


class Command(BaseCommand):
    help = (
        "Set up the organisation and its first coordinator. What is not given by an option or the environment is asked. "
        "The passphrase is asked, or read from standard input: an argument would stand in the list of processes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", default=os.environ.get("TEMOIN_SETUP_ORGANISATION"))
        parser.add_argument("--username", default=os.environ.get("TEMOIN_SETUP_USERNAME"))
        parser.add_argument(
            "--language", default=os.environ.get("TEMOIN_SETUP_LANGUAGE", settings.LANGUAGE_CODE)
        )
        parser.add_argument("--code", action="store_true", help="print the code the set-up page asks for")

    @sensitive_variables()
    def handle(self, *args: Any, **options: Any) -> None:
        if is_set_up():
            raise CommandError("There is an organisation already. Nothing was changed.")
        if options["code"]:
            self.stdout.write(setup_code())
            return
        organisation = (options["organisation"] or self._ask("Name of the organisation: ")).strip()
        username = options["username"] or self._ask("User name of the first coordinator: ")
        self._set_up(organisation, username, options["language"], self._passphrase())
        self.stdout.write(f"Set up. Keys were written to {settings.TEMOIN_KEYS_DIR}.")
        self.stdout.write(f"Only the worker may keep {keyfiles.statistics_path()}.")

    @sensitive_variables()
    def _set_up(self, organisation: str, username: str, language: str, passphrase: str) -> None:
        given = {"username": username, "language": language, "password1": passphrase, "password2": passphrase}
        form = NewPersonForm(given)
        if not organisation or len(organisation) > 80:
            raise CommandError("The organisation needs a name of at most 80 characters.")
        if not form.is_valid():
            raise CommandError(_told(form))
        set_up_organisation(organisation, form.cleaned_data["username"], passphrase, language)

    def _ask(self, question: str) -> str:
        if not sys.stdin.isatty():
            raise CommandError("--organisation and --username are needed when nobody is there to be asked.")
        return input(question)

    @sensitive_variables()
    def _passphrase(self) -> str:
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\r\n")
        first = getpass.getpass("Passphrase: ")
        if first != getpass.getpass("The same passphrase again: "):
            raise CommandError("The two passphrases differ. Nothing was changed.")
        return first


def _told(form: NewPersonForm) -> str:
    lines = [f"{field}: {text}" for field, texts in form.errors.items() for text in texts]
    return "Nothing was changed. " + " ".join(lines)
