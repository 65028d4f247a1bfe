"""A draft is made in steps, each done once: a worker that is killed goes on, and nothing small lies about in between."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.http import Http404
from django.test import Client
from django.utils import timezone

from accounts import teams
from casework import coarsening, disclosure, documents, drafting, jobs, releases, statistics
from casework.models import DraftStep, Job, Release, Statistic
from casework.releases import StepRefused
from casework.steps import KeptSteps, Outdated
from casework.tasks import WORK
from tests.cast import Cast, sign_in
from tests.statistics_rows import fill
from tests.test_drafting import ASKED
from tests.test_statistics import a_case, a_person

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """As a signal would: nothing catches it."""


@pytest.fixture
def asked(cast: Cast, django_capture_on_commit_callbacks: Callable[..., Any]) -> Callable[..., Release]:
    def ask(**changes: Any) -> Release:
        with django_capture_on_commit_callbacks():
            return releases.request_draft(cast.dana, ASKED | changes)

    return ask


def job_of(release: Release) -> Job:
    release.refresh_from_db()
    assert release.job is not None
    return release.job


def run(release: Release) -> Release:
    jobs.run(job_of(release).pk, WORK)
    release.refresh_from_db()
    return release


def run_until(release: Release, stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed as this stage begins; then a minute passes in silence."""
    whole = jobs.Claim.stage

    def until(held: jobs.Claim, name: str) -> None:
        whole(held, name)
        if name == stage:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(jobs.Claim, "stage", until)
        with pytest.raises(Killed):
            jobs.run(job_of(release).pk, WORK)
    Job.objects.filter(pk=job_of(release).pk).update(heartbeat=timezone.now() - dt.timedelta(minutes=2))


def document(cast: Cast, release: Release) -> bytes:
    inside = releases.open_draft(cast.keyring_of("dana"), release)
    assert inside.document is not None, inside.refusal
    return documents.canonical(inside.document)


def never(*arguments: Any, **options: Any) -> Any:
    raise AssertionError("this step was finished and is not done again")


def test_a_killed_worker_goes_on_after_the_last_finished_step_and_the_draft_is_the_same(
    cast: Cast, asked: Callable[..., Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(250)
    release = asked()
    run_until(release, "protect", monkeypatch)
    monkeypatch.setattr(drafting, "count", never)
    run_until(release, "certify", monkeypatch)
    monkeypatch.setattr(disclosure, "protect", never)
    run_until(release, "draw", monkeypatch)
    monkeypatch.setattr(drafting, "attack", never)
    monkeypatch.setattr(jobs, "MOST_ATTEMPTS", 9)
    run_until(release, "seal", monkeypatch)
    monkeypatch.setattr(drafting, "check_paper", never)
    assert run(release).status == Release.Status.DRAFTED
    once = document(cast, release)
    monkeypatch.undo()
    releases.draft_again(cast.dana, release.pk)
    assert document(cast, run(release)) == once


def test_a_finished_draft_leaves_nothing_of_its_steps(cast: Cast, asked: Callable[..., Release]) -> None:
    fill(250)
    assert run(asked()).status == Release.Status.DRAFTED
    assert not DraftStep.objects.exists()


def test_what_a_step_found_opens_with_the_worker_s_root_in_its_own_place_only(
    cast: Cast, asked: Callable[..., Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(250)
    release, other = asked(), asked()
    run_until(release, "certify", monkeypatch)
    root = statistics.worker_root()
    steps = {step.name: step for step in DraftStep.objects.all()}
    assert set(steps) == {"count", "protect"}
    assert KeptSteps(release.pk, root).result("count") is not None
    assert (
        KeptSteps(release.pk, cast.keyring_of("dana").team(teams.coordinators().pk)).result("count") is None
    )
    for step in steps.values():
        assert b"pretext" not in step.result_ciphertext
    steps["count"].release_id = other.pk
    steps["count"].save()
    assert KeptSteps(other.pk, root).result("count") is None, "moved to another draft it does not open"


def test_an_altered_step_is_done_again(
    cast: Cast, asked: Callable[..., Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(250)
    release = asked()
    run_until(release, "certify", monkeypatch)
    count, protect = DraftStep.objects.order_by("name")
    count.result_ciphertext, protect.result_ciphertext = protect.result_ciphertext, count.result_ciphertext
    count.save(), protect.save()
    assert run(release).status == Release.Status.DRAFTED


def test_two_drafts_at_once_do_not_disturb_each_other(
    cast: Cast, asked: Callable[..., Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(250)
    one, two = asked(), asked(tables=[["borough", "year"]])
    run_until(one, "protect", monkeypatch)
    run_until(two, "attack", monkeypatch)
    between = document(cast, run(one)), document(cast, run(two))
    for release in (one, two):
        releases.draft_again(cast.dana, release.pk)
    assert (document(cast, run(one)), document(cast, run(two))) == between


def test_a_withdrawal_between_two_steps_takes_what_was_counted_and_the_draft_begins_again(
    cast: Cast, asked: Callable[..., Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(250)
    record = a_case(a_person(), date="2019-05", pretext="FARE_CHECK")
    coarsening.replace([record])
    release = asked()
    run_until(release, "certify", monkeypatch)
    coarsening.forget([record])
    assert not DraftStep.objects.exists()
    with pytest.raises(Outdated):
        KeptSteps(release.pk, statistics.worker_root()).keep("attack", b"")
    inside = releases.open_draft(cast.keyring_of("dana"), run(release))
    assert inside.counted == 250 and not release.outdated


def test_a_consent_that_ends_between_two_steps_is_counted_no_more(
    cast: Cast, asked: Callable[..., Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(250)
    today = timezone.localdate()
    fill(9, seed=2, year=2019, counted_before=(today + dt.timedelta(days=40)).replace(day=1))
    release = asked()
    run_until(release, "certify", monkeypatch)
    monkeypatch.setattr(timezone, "localdate", lambda: today + dt.timedelta(days=62))
    inside = releases.open_draft(cast.keyring_of("dana"), run(release))
    assert inside.counted == 250


def test_a_draft_shuffles_new_records_before_it_counts_them(
    cast: Cast, asked: Callable[..., Release]
) -> None:
    coarsening.replace([a_case(*(a_person() for _ in range(6)), date="2019-05")])
    run(asked())
    assert not Statistic.objects.filter(compacted=False).exists()


# Stopping


def test_a_coordinator_stops_a_draft_and_nothing_of_it_remains(
    cast: Cast, asked: Callable[..., Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(250)
    release = asked()
    run_until(release, "certify", monkeypatch)
    releases.cancel(cast.dana, release.pk)
    job = job_of(release)
    assert (job.state, job.refusal) == (Job.State.FAILED, "cancelled")
    assert not DraftStep.objects.exists()
    assert jobs.claim(job.pk) is None
    assert run(release).status == Release.Status.DRAFTING


def test_a_worker_in_the_middle_finds_its_name_gone_and_writes_nothing(
    cast: Cast, asked: Callable[..., Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(250)
    release = asked()
    whole = jobs.Claim.stage

    def stopped(held: jobs.Claim, name: str) -> None:
        if name == "attack":
            releases.cancel(cast.dana, release.pk)
        whole(held, name)

    monkeypatch.setattr(jobs.Claim, "stage", stopped)
    assert run(release).status == Release.Status.DRAFTING
    assert release.draft_ciphertext is None
    assert job_of(release).refusal == "cancelled"


def test_what_has_ended_cannot_be_stopped(cast: Cast, asked: Callable[..., Release]) -> None:
    fill(250)
    release = run(asked())
    with pytest.raises(StepRefused, match="not_underway"):
        releases.cancel(cast.dana, release.pk)
    with pytest.raises(Http404):
        releases.cancel(cast.alice, release.pk)


def test_the_page_has_a_button_to_stop_with_or_without_javascript(
    cast: Cast, asked: Callable[..., Release], client: Client
) -> None:
    release = asked()
    sign_in(client, "dana")
    page = client.get(f"/releases/{release.pk}/").content.decode()
    assert f'action="/releases/{release.pk}/cancel/"' in page
    done = client.post(f"/releases/{release.pk}/cancel/", follow=True).content.decode()
    assert "/cancel/" not in done
    assert f'action="/releases/{release.pk}/draft/"' in done


# Bounds


def test_a_job_that_wants_too_much_memory_ends_in_words(cast: Cast) -> None:
    import numpy as np

    job = Job.objects.create(kind=Job.Kind.COMPACT)
    jobs.run(job.pk, {Job.Kind.COMPACT.value: lambda _held: np.ones(3 << 30, dtype=np.uint8)})
    job.refresh_from_db()
    assert (job.state, job.refusal) == (Job.State.FAILED, "too_much_memory")
    assert np.ones(3 << 28, dtype=np.uint8).size, "the bound is that of the job alone"


@pytest.mark.parametrize("step", ["stage", "progress"])
def test_a_job_that_takes_too_long_ends_in_words(
    cast: Cast, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(held: jobs.Claim) -> None:
        monkeypatch.setattr(jobs, "MOST_SECONDS", -1.0)
        held.stage("count") if step == "stage" else held.progress(1, 2)
        raise AssertionError("it should have been stopped")

    job = Job.objects.create(kind=Job.Kind.COMPACT)
    jobs.run(job.pk, {Job.Kind.COMPACT.value: slow})
    job.refresh_from_db()
    assert (job.state, job.refusal) == (Job.State.FAILED, "too_long")
