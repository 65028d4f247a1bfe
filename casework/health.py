"""The worker shows itself now and then; the front door says whether it did lately."""

import datetime as dt
from typing import Final

from django.db import connections
from django.db.models import Q
from django.utils import timezone

from casework.models import WorkerSign

ALIVE: Final = dt.timedelta(seconds=60)


def worker_shows_itself() -> None:
    WorkerSign.objects.update_or_create(pk=1, defaults={"seen": timezone.now()})


def is_first_today() -> bool:
    """True once a day, whoever asks first: beat keeps its own clock in memory and forgets it with every start."""
    worker_shows_itself()
    today = timezone.localdate()
    waiting = WorkerSign.objects.filter(Q(chores_on=None) | Q(chores_on__lt=today), pk=1)
    return bool(waiting.update(chores_on=today))


def worker_is_alive() -> bool:
    return WorkerSign.objects.filter(seen__gte=timezone.now() - ALIVE).exists()


def database_answers(alias: str) -> bool:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # noqa: BLE001 - any failure of a driver means the same to whoever asks
        return False
    return True
