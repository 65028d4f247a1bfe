"""What happens in the processes that `test_worker` starts: each function is called by name in a process of its own, with the data
folder of that test, and prints one line of JSON."""

import json
import os
import sys
from typing import Any

PASSPHRASE = "nine llamas knit quietly"
QUESTION: dict[str, Any] = {
    "title": {"en": "Stops", "fr": "Interceptions"},
    "unit": "person",
    "period": {"from": "2015-01", "to": "2025-12"},
    "threshold": 5,
    "tables": [["borough", "year"], ["pretext", "year"]],
    "supersedes": None,
}


def begin_large() -> dict[str, Any]:
    """Long enough to be killed in the middle."""
    return _begin(300, QUESTION)


def begin_small() -> dict[str, Any]:
    return _begin(60, QUESTION | {"tables": [["pretext"]]})


def _begin(people: int, question: dict[str, Any]) -> dict[str, Any]:
    from accounts.setup import set_up_organisation
    from casework import releases
    from tests.statistics_rows import fill

    dana = set_up_organisation("Collectif", "dana", PASSPHRASE, "fr")
    fill(people)
    release = releases.request_draft(dana, question)
    assert release.job is not None
    release.job.refresh_from_db()
    return {"release": str(release.pk), "job": str(release.job.pk), "state": release.job.state}


def pick_up() -> dict[str, Any]:
    from casework import jobs

    return {"sent": jobs.pick_up()}


def compare() -> dict[str, Any]:
    """The draft the worker left, and the same made here without interruption."""
    from django.utils import timezone

    from accounts.hasher import kept_runs
    from accounts.keyring import Keyring
    from accounts.models import User
    from accounts.people import unwrapped
    from casework import documents, drafting, releases
    from casework.drafting import Identity
    from casework.models import Release
    from tests.test_drafting import Quiet

    dana = User.objects.get(username="dana")
    with kept_runs() as runs:
        assert dana.check_password(PASSPHRASE)
        keyring = Keyring(dana, unwrapped(dana, runs[0]))
    release = Release.objects.get()
    assert release.job is not None
    inside = releases.open_draft(keyring, release)
    identity = Identity(release.pk, release.edition, None, dana.pk)
    again = drafting.make(
        releases.question_of(release), identity, drafting.open_root(), Quiet(), timezone.localdate()
    )
    assert inside.document is not None and again.document is not None
    return {
        "status": release.status,
        "attempts": release.job.attempts,
        "same": documents.canonical(inside.document) == documents.canonical(again.document),
        "steps": release.steps.count(),
        "cells": sum(len(table.cells) for table in inside.document.tables),
    }


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    sys.stdout.write(json.dumps(globals()[sys.argv[1]]()) + "\n")
