"""`manage.py migrate_all`: Django's `migrate` on each of the three databases."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections


class Command(BaseCommand):
    help = "Bring the main, the erasure and the sessions database up to date."

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        for database in settings.DATABASES:
            call_command("migrate", database=database, interactive=False, verbosity=verbosity)
        connections.close_all()
