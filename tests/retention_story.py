"""What happens in the processes of `test_worker_erases`: called by name, in the environment of one process; prints
one line of JSON."""

import datetime as dt
import json
import os
import sys
from typing import Any
from uuid import UUID


def furnish() -> dict[str, Any]:
    """As web: a case that is due by its age, one that is ordered, one under a hold, one that stays."""
    from django.utils import timezone

    from casework import erasing, erasureorders, holding, intake
    from casework.models import Case, ScheduledErasure
    from tests.cast import build_cast
    from tests.stories import story

    cast = build_cast()
    alice, bob = cast.keyring_of("alice"), cast.keyring_of("bob")
    ids = {
        name: intake.create_case(alice, cast.verdun, story(name))
        for name in ("old", "ordered", "held", "kept")
    }
    today = timezone.localdate()
    holding.ask(alice, ids["held"], "A lawsuit", holding.last_day())
    holding.agree(bob, ids["held"])
    Case.objects.filter(pk__in=[ids["old"], ids["held"]]).update(erase_after=today)
    erasureorders.erase_on(alice, ids["ordered"], today + dt.timedelta(days=1))
    ScheduledErasure.objects.update(on=today)
    assert len(erasing.due()) == 2
    return {name: str(case) for name, case in ids.items()}


def work() -> dict[str, Any]:
    """As worker: the daily chores, and what it can reach."""
    from django.db import DatabaseError

    from accounts import keyfiles
    from casework import tasks
    from casework.models import ErasureShare

    def reads() -> bool:
        try:
            return bool(list(ErasureShare.objects.values_list("share", flat=True)))
        except DatabaseError:
            return False

    told = {"pepper": keyfiles.path_of(keyfiles.PEPPER).exists(), "reads a share": reads()}
    tasks.chores()
    return told


def look(ids: dict[str, str]) -> dict[str, Any]:
    """As web: what is there afterwards."""
    from casework import audit, keychecks, ledger
    from casework.models import Case, ErasedCase, ErasureShare, Statistic

    return {
        "cases": sorted(name for name, case in ids.items() if Case.objects.filter(pk=UUID(case)).exists()),
        "shares": sorted(
            name for name, case in ids.items() if ErasureShare.objects.filter(pk=UUID(case)).exists()
        ),
        "rules": sorted(ErasedCase.objects.values_list("rule", flat=True)),
        "agrees": ledger.agrees(),
        "chain": audit.verify() is None,
        "findings": [finding.kind for finding in keychecks.findings()],
        "counted": Statistic.objects.count(),
    }


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    given = [json.loads(word) for word in sys.argv[2:]]
    sys.stdout.write(json.dumps(globals()[sys.argv[1]](*given)) + "\n")
