"""Work outside the request: claimed once, shown while it lasts, picked up when its worker dies, ended by name."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from casework import jobs
from casework.models import Job, Release


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What went to the broker, in place of a broker."""
    messages: list[dict[str, Any]] = []

    def send_task(name: str, **options: Any) -> None:
        messages.append({"name": name, **options})

    monkeypatch.setattr(jobs.current_app, "send_task", send_task)
    return messages


@pytest.fixture
def broker_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def send_task(name: str, **options: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(jobs.current_app, "send_task", send_task)


def a_job(**changes: Any) -> Job:
    return Job.objects.create(**{"kind": Job.Kind.COMPACT, **changes})


def silent_since(seconds: float) -> dt.datetime:
    return timezone.now() - dt.timedelta(seconds=seconds)


def done(held: jobs.Claim) -> None:
    held.finish()


# The broker


@pytest.mark.django_db
def test_the_broker_is_told_after_the_commit_and_only_the_id(
    sent: list[dict[str, Any]], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.enqueue(Job.Kind.DRAFT_RELEASE, uuid.uuid4())
        assert sent == []
    [message] = sent
    assert message["kwargs"] == {"job_id": str(job.pk)}
    assert message["argsrepr"] == message["kwargsrepr"] == "-"
    assert message["ignore_result"] is True


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_for_a_save_that_was_undone(sent: list[dict[str, Any]]) -> None:
    class Undone(Exception): ...

    with pytest.raises(Undone), transaction.atomic():
        jobs.enqueue(Job.Kind.COMPACT)
        raise Undone
    assert sent == []
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_does_not_fail_the_save(broker_down: None) -> None:
    with transaction.atomic():
        job = jobs.enqueue(Job.Kind.COMPACT)
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


@pytest.mark.django_db(transaction=True)
def test_the_job_is_sent_once_the_broker_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[str] = []

    def send_task(name: str, **options: Any) -> None:
        answers.append(options["kwargs"]["job_id"])
        if len(answers) == 1:
            raise OSError("no such folder")

    monkeypatch.setattr(jobs.current_app, "send_task", send_task)
    with transaction.atomic():
        job = jobs.enqueue(Job.Kind.COMPACT)
    assert jobs.pick_up() == 1
    assert answers == [str(job.pk)] * 2


@pytest.mark.django_db
def test_a_waiting_job_is_not_sent_again_and_again(sent: list[dict[str, Any]]) -> None:
    a_job()
    assert jobs.pick_up() == 1
    assert jobs.pick_up() == 0
    Job.objects.update(heartbeat=silent_since(120))
    assert jobs.pick_up() == 1


# Claims


@pytest.mark.django_db
def test_a_message_that_comes_twice_runs_once() -> None:
    job = a_job()
    assert jobs.claim(job.pk) is not None
    assert jobs.claim(job.pk) is None


@pytest.mark.django_db
def test_a_job_that_is_done_or_gone_is_not_run() -> None:
    job = a_job(state=Job.State.DONE)
    assert jobs.claim(job.pk) is None
    assert jobs.claim(uuid.uuid4()) is None


@pytest.mark.django_db
def test_a_worker_that_was_given_up_writes_nothing_more() -> None:
    job = a_job()
    old = jobs.claim(job.pk)
    Job.objects.update(heartbeat=silent_since(120))
    new = jobs.claim(job.pk)
    assert old is not None and new is not None
    for late in (old.beat, old.finish, lambda: old.stage("count"), lambda: old.progress(1, 1)):
        with pytest.raises(jobs.LostClaim):
            late()
    new.finish()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 2)


@pytest.mark.django_db
def test_a_result_and_the_end_of_its_job_are_kept_together_or_not_at_all() -> None:
    job = a_job()
    held = jobs.claim(job.pk)
    assert held is not None
    Job.objects.update(runner=uuid.uuid4())
    with pytest.raises(jobs.LostClaim), transaction.atomic():
        a_job()  # stands for the result
        held.finish()
    assert Job.objects.count() == 1


@pytest.mark.django_db
def test_progress_is_written_in_the_row() -> None:
    job = a_job()
    held = jobs.claim(job.pk)
    assert held is not None
    held.stage("count")
    held.progress(3, 10)
    job.refresh_from_db()
    assert (job.stage, job.done, job.total) == ("count", 3, 10)


@pytest.mark.django_db
def test_progress_told_a_thousand_times_is_written_a_few(django_assert_max_num_queries: Any) -> None:
    held = jobs.claim(a_job().pk)
    assert held is not None
    held.stage("count")
    with django_assert_max_num_queries(5):
        for number in range(1000):
            held.progress(number, 1000)


# Running


@pytest.mark.django_db
def test_a_run_ends_done() -> None:
    job = a_job()
    jobs.run(job.pk, {job.kind: done})
    job.refresh_from_db()
    assert (job.state, job.refusal, job.runner) == (Job.State.DONE, "", None)


@pytest.mark.django_db
def test_a_refusal_is_kept_by_name() -> None:
    def refuses(held: jobs.Claim) -> None:
        raise jobs.Refused("no_statistics_root")

    job = a_job()
    jobs.run(job.pk, {job.kind: refuses})
    job.refresh_from_db()
    assert (job.state, job.refusal) == (Job.State.FAILED, "no_statistics_root")
    assert "TEMOIN_STATISTICS_ROOT_FILE" in str(jobs.REFUSALS[job.refusal])


@pytest.mark.django_db
def test_what_an_exception_says_reaches_neither_row_nor_log(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    from config.logs import NoContentFormatter

    def breaks(held: jobs.Claim) -> None:
        raise ValueError("seven people in Verdun")

    job = a_job()
    jobs.run(job.pk, {job.kind: breaks})
    job.refresh_from_db()
    assert (job.state, job.refusal) == (Job.State.FAILED, "went_wrong")
    written = [NoContentFormatter("%(message)s").format(record) for record in caplog.records]
    assert any("ValueError at breaks" in line for line in written)
    assert "Verdun" not in "".join(written)


@pytest.mark.django_db
def test_a_run_that_lost_its_claim_says_nothing_about_the_job() -> None:
    def taken_over(held: jobs.Claim) -> None:
        Job.objects.update(runner=uuid.uuid4())
        held.stage("count")

    job = a_job()
    jobs.run(job.pk, {job.kind: taken_over})
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING


# Picking up


@pytest.mark.django_db
def test_a_job_whose_worker_died_is_picked_up(sent: list[dict[str, Any]]) -> None:
    job = a_job(state=Job.State.RUNNING, runner=uuid.uuid4(), attempts=1, heartbeat=silent_since(120))
    assert jobs.pick_up() == 1
    job.refresh_from_db()
    assert (job.state, job.runner) == (Job.State.QUEUED, None)
    jobs.run(job.pk, {job.kind: done})
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 2)


@pytest.mark.django_db
def test_a_job_that_shows_life_is_left_alone(sent: list[dict[str, Any]]) -> None:
    job = a_job(state=Job.State.RUNNING, runner=uuid.uuid4(), attempts=1, heartbeat=silent_since(10))
    assert jobs.pick_up() == 0
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING


@pytest.mark.django_db
def test_a_job_that_kills_every_worker_is_given_up_by_name(sent: list[dict[str, Any]]) -> None:
    job = a_job(state=Job.State.RUNNING, attempts=jobs.MOST_ATTEMPTS, heartbeat=silent_since(120))
    assert jobs.pick_up() == 0
    job.refresh_from_db()
    assert (job.state, job.refusal) == (Job.State.FAILED, "worker_died")
    assert sent == []


def test_done_jobs_are_forgotten_after_a_day_and_failures_that_explain_a_draft_are_not(db: None) -> None:
    def job(state: Job.State, age: int) -> Job:
        ended = timezone.now() - dt.timedelta(days=age)
        return Job.objects.create(kind=Job.Kind.COMPACT, state=state, heartbeat=ended)

    fresh, running = job(Job.State.DONE, 0), job(Job.State.RUNNING, 90)
    recent, explains = job(Job.State.FAILED, 20), job(Job.State.FAILED, 90)
    Release.objects.create(specification={}, job=explains)
    job(Job.State.DONE, 2), job(Job.State.FAILED, 40)
    assert jobs.forget_old() == 2
    assert set(Job.objects.all()) == {fresh, running, recent, explains}
