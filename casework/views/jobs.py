"""How far a job is, in words, for `parts/progress.html`."""

from typing import Any

from django.utils.translation import gettext as _

from casework.jobs import REFUSALS, STAGES
from casework.models import Job


def progress_of(job: Job, url: str, cancel: str = "") -> dict[str, Any]:
    """`url` is asked again while the job is alive; a page without JavaScript reloads itself. `cancel`: where it is stopped."""
    alive = job.state in (Job.State.QUEUED, Job.State.RUNNING)
    return {
        "url": url,
        "cancel": cancel if alive else "",
        "running": alive,
        "failed": job.state == Job.State.FAILED,
        "words": _words(job),
        "done": job.done,
        "total": job.total or None,
        "detail": REFUSALS.get(job.refusal, "") if job.state == Job.State.FAILED else _detail(job),
    }


def _words(job: Job) -> str:
    if job.state == Job.State.RUNNING:
        return str(STAGES.get(job.stage, _("Beginning")))
    if job.refusal == "cancelled":
        return _("Stopped")
    return {
        Job.State.QUEUED.value: _("Waiting for the worker"),
        Job.State.DONE.value: _("Done"),
        Job.State.FAILED.value: _("This could not be done"),
    }[job.state]


def _detail(job: Job) -> str:
    if job.state == Job.State.RUNNING and job.attempts > 1:
        return _("The worker was stopped in the middle. It goes on after the last step it had finished.")
    return ""
