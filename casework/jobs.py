"""Long work outside the request: what is to be done and how far it is stands in a row; the broker only says "look now".

A worker may be killed at any moment, a message may be lost, doubled or late. So a job is claimed by compare-and-set, whoever runs
it shows life, whoever was given up for dead finds another's name on the row and stops, and what is left lying is picked up again.
"""

import contextlib
import datetime as dt
import logging
import resource
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Final

from celery import current_app
from django.db import connections, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import KombuError, OperationalError

from casework.models import Job

logger = logging.getLogger(__name__)

TASK: Final = "casework.tasks.run"
HELP: Final = "casework.tasks.help_counting"
MOST_HELPERS: Final = 3
MOST_ATTEMPTS: Final = 3
BEAT_SECONDS: Final = 5
# What was done is forgotten after a day; why something was not stays as long as somebody may still ask.
DONE_KEPT: Final = dt.timedelta(days=1)
FAILED_KEPT: Final = dt.timedelta(days=30)
# Several missed beats: a machine under load is slow, not dead.
STALE: Final = dt.timedelta(seconds=45)
DISPATCH_AGAIN: Final = dt.timedelta(seconds=30)
# Nobody waits longer for an answer; what takes more is asked too widely.
MOST_SECONDS: Final = 3600.0
# Address space beyond what the worker has anyhow: a job that wants more must not take the machine's memory from the others.
MOST_BYTES: Final = 2 << 30

STAGES: Final = {
    "open": _("Opening the statistical records"),
    "count": _("Counting"),
    "protect": _("Choosing which cells to suppress"),
    "certify": _("Proving that nothing suppressed can be computed"),
    "attack": _("Attacking the finished document, as a reader would"),
    "estimate": _("Estimating what would be suppressed, and what coarser questions would keep"),
    "seal": _("Sealing the draft for the coordinators"),
    "shuffle": _("Shuffling the statistical records"),
    "draw": _("Drawing the charts and the paper, in both languages"),
}
REFUSALS: Final = {
    "no_statistics_root": _(
        "The worker cannot open the statistical records: its statistics root is missing or is not this organisation's. "
        "Nothing was counted. Whoever runs the server gives the worker TEMOIN_STATISTICS_ROOT_FILE and starts it again."
    ),
    "statistic_broken": _(
        "A statistical record does not open: it was altered or belongs to another key. Nothing was counted, because a figure "
        "with people missing would be wrong. Restore the database from a backup, or save the cases concerned again."
    ),
    "release_broken": _(
        "A release that was published earlier is not any more what was signed: it was altered in the database. Nothing was "
        "drafted, because nobody can say what its readers know. Restore the database from a backup, and tell whoever runs the "
        "server."
    ),
    "withdrawn_meanwhile": _(
        "Each time the records had been counted, somebody had withdrawn in the meantime. Nothing was kept, because no draft may "
        "hold people who withdrew. Try again in a quieter hour."
    ),
    "worker_died": _(
        "The worker was stopped in the middle of this work several times. Nothing was changed. Try again; if it stops again, "
        "the machine may lack memory."
    ),
    "went_wrong": _(
        "Something went wrong that was not foreseen. Nothing was changed. The server's log names the place in the code."
    ),
    "gone": _("What this work was about is no longer there."),
    "cancelled": _("Somebody stopped this work. Nothing was changed and nothing of it was kept."),
    "too_long": _(
        "This took longer than an hour and was stopped. Nothing was changed. Ask for fewer or coarser tables, or for a shorter "
        "period."
    ),
    "too_much_memory": _(
        "This needed more memory than a job may take, and was stopped. Nothing was changed. Ask for fewer or coarser tables, or "
        "give the machine more."
    ),
}


class LostClaim(Exception):
    """Somebody else runs this job now. Whatever was about to be written must not be."""


class Refused(Exception):
    """The job cannot be done and trying again would not help. `code` is one of REFUSALS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def enqueue(kind: Job.Kind, subject: uuid.UUID | None = None) -> Job:
    """In the caller's transaction: the job exists if what it is about exists. The broker is told after the commit."""
    job = Job.objects.create(kind=kind, subject=subject)
    transaction.on_commit(partial(dispatch, job.pk))
    return job


def dispatch(job_id: uuid.UUID) -> bool:
    """Tell the broker. A broker that is down must not fail a save: the job stays queued and `pick_up` tells it again."""
    waiting = Job.objects.filter(pk=job_id)
    waiting.update(heartbeat=timezone.now())
    try:
        _send(TASK, job_id)
    except (OperationalError, KombuError, OSError):
        waiting.filter(state=Job.State.QUEUED).update(heartbeat=None)
        logger.warning("The broker cannot be reached; the job waits.")
        return False
    return True


def ask_for_help(job_id: uuid.UUID) -> None:
    """Whoever has nothing to do may share this job. Nobody waits for an answer, and a broker that is down changes nothing."""
    for _each in range(MOST_HELPERS):
        with contextlib.suppress(OperationalError, KombuError, OSError):
            _send(HELP, job_id, expires=STALE.total_seconds())


def _send(task: str, job_id: uuid.UUID, **more: Any) -> None:
    """The id and nothing else, and not even that where a worker writes down what it was asked."""
    given = {"job_id": str(job_id)}
    current_app.send_task(
        task, kwargs=given, argsrepr="-", kwargsrepr="-", ignore_result=True, retry=False, **more
    )


def pick_up() -> int:
    """Called by the clock: tell the broker again about whatever nobody is working on. How many jobs."""
    now = timezone.now()
    silent = Job.objects.filter(state=Job.State.RUNNING).filter(
        Q(heartbeat=None) | Q(heartbeat__lt=now - STALE)
    )
    # A running job that was given up keeps its attempts; after too many it is the job that kills the worker.
    silent.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=Job.State.FAILED, refusal="worker_died", runner=None
    )
    silent.update(state=Job.State.QUEUED, runner=None, heartbeat=None)
    again = Q(heartbeat=None) | Q(heartbeat__lt=now - DISPATCH_AGAIN)
    waiting = Job.objects.filter(again, state=Job.State.QUEUED).order_by("pk").values_list("pk", flat=True)
    return sum(dispatch(job_id) for job_id in list(waiting))


@dataclass
class Claim:
    """One runner's hold on one job. Everything it writes is conditional on still having it."""

    job_id: uuid.UUID
    kind: str
    subject: uuid.UUID | None
    runner: uuid.UUID
    began: float = field(default_factory=monotonic, repr=False)
    _told: float = field(default=0.0, repr=False)

    def _mine(self) -> Q:
        return Q(pk=self.job_id, runner=self.runner, state=Job.State.RUNNING)

    def _write(self, **values: object) -> None:
        if not Job.objects.filter(self._mine()).update(heartbeat=timezone.now(), **values):
            raise LostClaim

    def beat(self) -> None:
        self._write()

    @property
    def overdue(self) -> bool:
        return monotonic() - self.began > MOST_SECONDS

    def stage(self, name: str) -> None:
        """Raises LostClaim, which ends a run that was given up for dead or cancelled, and Refused once it has taken too long."""
        if self.overdue:
            raise Refused("too_long")
        self._told = 0.0
        self._write(stage=name, done=0, total=0)

    def progress(self, done: int, total: int) -> None:
        """As often as one likes; the row is written once a second. Raises as `stage` does."""
        if self.overdue:
            raise Refused("too_long")
        if monotonic() - self._told >= 1 or done == total:
            self._told = monotonic()
            self._write(done=done, total=total)

    def finish(self) -> None:
        """In the transaction that keeps the result: both or neither."""
        self._write(state=Job.State.DONE, runner=None)

    def refuse(self, code: str) -> None:
        self._write(state=Job.State.FAILED, refusal=code, runner=None)


def claim(job_id: uuid.UUID) -> Claim | None:
    """None when the job is done, gone or somebody else's: a message may come twice."""
    runner = uuid.uuid4()
    stale = Q(state=Job.State.RUNNING, heartbeat__lt=timezone.now() - STALE)
    taken = Job.objects.filter(Q(state=Job.State.QUEUED) | stale, pk=job_id).update(
        state=Job.State.RUNNING,
        runner=runner,
        heartbeat=timezone.now(),
        attempts=F("attempts") + 1,
        refusal="",
    )
    if not taken:
        return None
    job = Job.objects.get(pk=job_id)
    return Claim(job.pk, job.kind, job.subject, runner)


@contextlib.contextmanager
def beating(held: Claim) -> Iterator[None]:
    """Shows life from a thread of its own: a solver can be silent for longer than a worker may be."""
    over = threading.Event()
    heart = threading.Thread(target=_beat_until, args=(held, over), daemon=True)
    heart.start()
    try:
        yield
    finally:
        over.set()
        heart.join()


def _beat_until(held: Claim, over: threading.Event) -> None:
    try:
        # A step that never comes back stops showing life: its job ends as one whose worker died.
        while not over.wait(BEAT_SECONDS) and not held.overdue:
            # A locked database is no reason to stop: the next beat may get through, and the run itself notices a lost claim.
            with contextlib.suppress(Exception):
                held.beat()
    finally:
        connections.close_all()


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """No more than MOST_BYTES beyond what this process has: then allocation fails, and the job ends in words."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = _address_space() + MOST_BYTES
    resource.setrlimit(
        resource.RLIMIT_AS, (most if soft == resource.RLIM_INFINITY else min(most, soft), hard)
    )
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def cancel(job_id: uuid.UUID) -> bool:
    """Whoever runs it finds its name gone at the next step and stops. False when it had ended already."""
    alive = Job.objects.filter(pk=job_id, state__in=[Job.State.QUEUED, Job.State.RUNNING])
    return bool(alive.update(state=Job.State.FAILED, refusal="cancelled", runner=None))


def run(job_id: uuid.UUID, work: Mapping[str, Callable[[Claim], None]]) -> None:
    """Claim, do, and end in a named state. What the exception said stays out of the row and of the log."""
    held = claim(job_id)
    if held is None:
        return
    try:
        with beating(held), bounded():
            work[held.kind](held)
    except LostClaim:
        logger.warning("A job was given up for dead and taken over.")
    except Refused as refused:
        _end(held, refused.code)
    except MemoryError:
        _end(held, "too_much_memory")
    except Exception as error:  # noqa: BLE001 - whatever it was, the person waiting must be told
        logger.error("A job went wrong.", exc_info=(type(error), error, error.__traceback__))
        _end(held, "went_wrong")


def _end(held: Claim, code: str) -> None:
    with contextlib.suppress(LostClaim):
        held.refuse(code)


def is_underway(kind: Job.Kind) -> bool:
    return Job.objects.filter(kind=kind, state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists()


def is_alive(job: Job) -> bool:
    """Waiting or running: it will end by itself."""
    return job.state in (Job.State.QUEUED, Job.State.RUNNING)


def forget_ended(kind: Job.Kind) -> None:
    """Rows of work that leaves nothing to look at; the last failure stays until the next run replaces it."""
    Job.objects.filter(kind=kind, state__in=[Job.State.DONE, Job.State.FAILED]).delete()


def forget_old() -> int:
    """Rows say which work was done on which day. How many went. One that a draft still explains itself by stays."""
    now = timezone.now()
    old = Q(state=Job.State.DONE, heartbeat__lt=now - DONE_KEPT)
    old |= Q(state=Job.State.FAILED, heartbeat__lt=now - FAILED_KEPT) & ~Q(release__status="drafting")
    gone, _each = Job.objects.filter(old).delete()
    return gone
