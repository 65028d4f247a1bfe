"""The next edition each quarter, drafted by the worker while nobody is signed in. It drafts and can do no more: a second
coordinator approves, and whoever asked for the schedule counts as the drafter.

A release about one quarter is followed by one about the last quarter that is over; any other by a new edition of the same period.
A day on which no worker ran is made up for once, and beat firing twice drafts nothing twice.
"""

import datetime as dt
import logging
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from casework import audit, jobs, questions, releases
from casework.models import Job, Release
from casework.questions import BadSpecification, Specification
from casework.releases import StepRefused

logger = logging.getLogger(__name__)

# Two weeks into a quarter: who tells late still tells in time.
DAY: Final = 15
UNDERWAY: Final = (Release.Status.DRAFTING, Release.Status.DRAFTED, Release.Status.APPROVED)


def next_day(after: dt.date) -> dt.date:
    """The 15th of the first month of a quarter, later than `after`."""
    first = dt.date(after.year, 3 * ((after.month - 1) // 3) + 1, DAY)
    return first if first > after else _next_quarter(first)


def _next_quarter(day: dt.date) -> dt.date:
    return day.replace(year=day.year + (day.month == 10), month=(day.month + 2) % 12 + 1)


def schedule(user: User, release_id: UUID) -> None:
    """Raises StepRefused for a release that is not published."""
    with transaction.atomic():
        release = releases.release_for(user, release_id)
        if release.status != Release.Status.PUBLISHED:
            raise StepRefused("not_published")
        day = next_day(timezone.localdate())
        Release.objects.filter(pk=release.pk).update(
            next_draft_on=day, scheduled_by=user, schedule_problem=""
        )
        audit.append(user, "release.schedule", release.pk, on=day.isoformat())


def stop(user: User, release_id: UUID) -> None:
    with transaction.atomic():
        release = releases.release_for(user, release_id)
        Release.objects.filter(pk=release.pk).update(
            next_draft_on=None, scheduled_by=None, schedule_problem=""
        )
        audit.append(user, "release.unschedule", release.pk)


def draft_due() -> int:
    """How many were drafted. One transaction each: what cannot be drafted keeps no other from it."""
    today = timezone.localdate()
    due = Release.objects.filter(status=Release.Status.PUBLISHED, next_draft_on__lte=today)
    return sum(_draft(release_id, today) for release_id in list(due.values_list("pk", flat=True)))


def _draft(release_id: UUID, today: dt.date) -> int:
    with transaction.atomic():
        # Whoever comes second finds the day moved.
        mine = Release.objects.select_for_update().filter(pk=release_id, next_draft_on__lte=today)
        release = mine.select_related(None).first()
        if release is None:
            return 0
        release.next_draft_on = next_day(today)
        release.schedule_problem = _drafted(release, today)
        release.save(update_fields=["next_draft_on", "schedule_problem"])
        return int(not release.schedule_problem)


def _drafted(release: Release, today: dt.date) -> str:
    """A code of `casework.refusals`, empty when the draft was handed to the worker."""
    try:
        question = questions.parse(next_question(release, today), today)
        before = releases.check_question(question)
    except BadSpecification as bad:
        return bad.code
    if _is_underway(question):
        return "next_underway"
    draft = Release(
        specification=question.plain(),
        supersedes=before,
        edition=before.edition + 1 if before else 1,
        drafted_by=release.scheduled_by,
    )
    draft.job = jobs.enqueue(Job.Kind.DRAFT_RELEASE, draft.pk)
    draft.save(force_insert=True)
    audit.append(None, "release.draft_scheduled", draft.pk, edition=draft.edition)
    return ""


def next_question(release: Release, today: dt.date) -> dict[str, Any]:
    """As JSON would hold it."""
    asked: dict[str, Any] = dict(release.specification)
    period = releases.question_of(release).period
    if period.first != period.last:
        return asked | {"supersedes": str(release.pk)}
    end = today.replace(day=1, month=3 * ((today.month - 1) // 3) + 1) - dt.timedelta(days=1)
    return asked | {
        "period": {"from": f"{end.year:04d}-{end.month - 2:02d}", "to": f"{end.year:04d}-{end.month:02d}"},
        "supersedes": None,
    }


def _is_underway(question: Specification) -> bool:
    """The same was asked for already, by hand or on the day before."""
    asked = (releases.question_of(r) for r in Release.objects.filter(status__in=UNDERWAY))
    return any(
        other.supersedes == question.supersedes
        and other.period == question.period
        and other.tables == question.tables
        for other in asked
    )
