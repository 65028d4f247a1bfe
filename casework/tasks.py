"""What the worker is asked to do. Messages name a job at most; everything else stands in its row."""

import uuid

from celery import shared_task
from django.db import transaction

from casework import (
    audit,
    drafting,
    erasing,
    estimates,
    estimating,
    expiry,
    health,
    heldfiles,
    jobs,
    keychecks,
    scheduling,
    statistics,
)
from casework.models import Job

WORK = {
    Job.Kind.DRAFT_RELEASE.value: drafting.run,
    Job.Kind.COMPACT.value: drafting.run_compaction,
    Job.Kind.ESTIMATE.value: estimating.run,
}


@shared_task(name="casework.tasks.run", ignore_result=True)
def run(*, job_id: str) -> None:
    jobs.run(uuid.UUID(job_id), WORK)


@shared_task(name="casework.tasks.help_counting", ignore_result=True)
def help_counting(*, job_id: str) -> None:
    """Nothing depends on it: whoever asked counts what nobody else has counted."""
    job = Job.objects.filter(pk=uuid.UUID(job_id), state=Job.State.RUNNING).first()
    if job is not None and job.subject is not None:
        with jobs.bounded():
            drafting.help_counting(job.subject)


@shared_task(name="casework.tasks.pick_up", ignore_result=True)
def pick_up() -> None:
    health.worker_shows_itself()
    heldfiles.forget_ended()
    estimates.forget_old()
    erasing.replay_if_needed()
    jobs.pick_up()


@shared_task(name="casework.tasks.compact", ignore_result=True)
def compact() -> None:
    if statistics.needs_compaction() and not jobs.is_underway(Job.Kind.COMPACT):
        with transaction.atomic():
            jobs.forget_ended(Job.Kind.COMPACT)
            jobs.enqueue(Job.Kind.COMPACT)


@shared_task(name="casework.tasks.chores", ignore_result=True)
def chores() -> None:
    if health.is_first_today():
        keychecks.log_findings()
        expiry.take_back()
        expiry.forget_notes_of_the_day()
        expiry.let_drafts_go()
        expiry.forget_consent_records()
        expiry.forget_batches()
        erasing.erase_due()
        erasing.drop_ended_statistics()
        scheduling.draft_due()
        audit.log_head()
        jobs.forget_old()
