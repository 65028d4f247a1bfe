"""What a withdrawal does to releases. Whoever is no longer counted is in none that leaves from now on: what is being drafted
begins again, what waits for approval or publication is counted anew, and what is published is listed to be superseded."""

import datetime as dt

from django.db import transaction

from casework import audit, jobs, statistics
from casework.models import Job, Release

WAITING = (Release.Status.DRAFTED, Release.Status.APPROVED)


def after_withdrawal(counted_since: dt.date | None) -> None:
    """In the transaction that took the coarse records away. `counted_since`: the first day on which the person agreed to be
    counted; nothing published before it owes them anything."""
    statistics.hold_releases()
    if counted_since is not None:
        published = Release.objects.filter(status=Release.Status.PUBLISHED, owes_edition=False)
        published.filter(published_on__gte=counted_since).update(owes_edition=True)
    for release in Release.objects.filter(status__in=WAITING, outdated=True).order_by("pk"):
        _count_again(release)


def after_lessening() -> None:
    """Somebody is counted for less long than what waits to be published says."""
    statistics.outdate()
    after_withdrawal(None)


def _count_again(release: Release) -> None:
    """The same question by the same person; whoever approved it approved other figures."""
    with transaction.atomic():
        release.status, release.outdated, release.approved_by = Release.Status.DRAFTING, False, None
        release.draft_ciphertext = release.approval_ciphertext = release.ledger_ciphertext = None
        release.job = jobs.enqueue(Job.Kind.DRAFT_RELEASE, release.pk)
        release.save()
        audit.append(None, "release.draft_again", release.pk)
