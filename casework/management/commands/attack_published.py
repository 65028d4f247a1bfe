"""`manage.py attack_published`: everything this installation has published, fetched as a reader gets it and attacked together."""

import json
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.test import Client
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework import releases
from casework.attacking import LANGUAGES, Copy, attack
from casework.facts import FACTS
from casework.models import Release

SENSITIVE: Final = frozenset(code for code, fact in FACTS.items() if fact.sensitive)


class Command(BaseCommand):
    help = (
        "Fetches page, PDF, CSV and JSON of each published release, signed out and in both languages, and attacks them together "
        "as a patient reader would. Exit code 1 when something is found."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        copies = [fetched(release) for release in releases.published().reverse()]
        found = attack(copies, SENSITIVE)
        for line in found:
            self.stdout.write(line)
        if found:
            raise CommandError(
                _("The attack found something. Withdraw the release, and tell whoever was counted.")
            )
        number = len(copies)
        said = ngettext(
            "%(number)s release was attacked in all its forms. Nothing was found.",
            "%(number)s releases were attacked in all their forms. Nothing was found.",
            number,
        )
        self.stdout.write(said % {"number": number})


def fetched(release: Release) -> Copy:
    """Through the same doors as everybody."""
    address = f"/published/{release.pk}"
    return Copy(
        json.loads(_get(f"{address}.json", "en")),
        [_get(f"{address}.csv", language).decode() for language in LANGUAGES],
        [_get(f"{address}/", language).decode() for language in LANGUAGES],
        [_get(f"{address}.pdf", language) for language in LANGUAGES],
    )


def _get(address: str, language: str) -> bytes:
    from django.conf import settings

    secure = not settings.DEBUG and settings.SECURE_SSL_REDIRECT
    host = next((h for h in settings.ALLOWED_HOSTS if "*" not in h), "localhost")
    response = Client(SERVER_NAME=host).get(
        address, headers={"Accept-Language": language}, secure=bool(secure)
    )
    if response.status_code != 200:
        raise CommandError(_("A published page does not answer as it should."))
    content: bytes = response.content
    return content
