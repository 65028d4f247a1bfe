"""A count shared by several workers is the count of one, whoever comes, goes or dies, and nobody who withdrew is in it."""

from collections.abc import Callable
from typing import Any

import pytest

from casework import coarsening, drafting, jobs, releases, sharedcounting, statistics
from casework.models import DraftStep, Release
from casework.steps import KeptSteps
from tests.cast import Cast
from tests.statistics_rows import fill
from tests.test_statistics import a_case, a_person
from tests.test_steps import asked, document, job_of, run, run_until

__all__ = ["asked"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharedcounting, "WORTH_IT", 1)


@pytest.fixture
def portions(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Which were counted, in order, by whoever it was."""
    found: list[int] = []
    whole = sharedcounting.count

    def noted(tally: Any, root: Any, today: Any, report: Any, portion: statistics.Portion) -> Any:
        found.append(portion.part)
        return whole(tally, root, today, report, portion)

    monkeypatch.setattr(sharedcounting, "count", noted)
    return found


def helped_by(helper: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "ask_for_help", lambda _job_id: helper())


def test_whoever_helps_begins_at_the_end_and_no_portion_is_counted_twice(
    cast: Cast, asked: Callable[..., Release], portions: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(250)
    release = asked()
    helped_by(lambda: drafting.help_counting(release.pk), monkeypatch)
    together = document(cast, run(release))
    assert portions == list(reversed(range(sharedcounting.PORTIONS)))
    portions.clear()
    helped_by(lambda: None, monkeypatch)
    releases.draft_again(cast.dana, release.pk)
    assert document(cast, run(release)) == together
    assert portions == list(range(sharedcounting.PORTIONS))
    assert not DraftStep.objects.exists()


def test_a_shared_count_is_the_count_of_one(
    cast: Cast, asked: Callable[..., Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(250)
    release = asked()
    helped_by(lambda: None, monkeypatch)
    shared = document(cast, run(release))
    monkeypatch.setattr(sharedcounting, "WORTH_IT", 10**9)
    releases.draft_again(cast.dana, release.pk)
    assert document(cast, run(release)) == shared


def test_events_are_not_shared_because_each_is_counted_once(
    cast: Cast, asked: Callable[..., Release], portions: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(60)
    helped_by(lambda: pytest.fail("nobody is asked"), monkeypatch)
    run(asked(unit="event", tables=[["pretext"]]))
    assert portions == [0]


def test_a_killed_worker_goes_on_with_the_portions_that_are_there(
    cast: Cast, asked: Callable[..., Release], portions: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(250)
    release = asked()
    helped_by(lambda: None, monkeypatch)
    run_until(release, "protect", monkeypatch)
    DraftStep.objects.filter(name__in=["count", "part 3", "part 7"]).delete()
    portions.clear()
    assert run(release).status == Release.Status.DRAFTED
    assert portions == [3, 7]


def test_what_a_helper_counted_before_a_withdrawal_is_not_kept_after_it(
    cast: Cast, asked: Callable[..., Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(250)
    record = a_case(a_person(), date="2019-05", pretext="FARE_CHECK")
    coarsening.replace([record])
    release, whole = asked(), sharedcounting.count

    def withdrawn_meanwhile(*arguments: Any) -> Any:
        counted = whole(*arguments)
        monkeypatch.setattr(sharedcounting, "count", whole)
        coarsening.forget([record])
        KeptSteps(release.pk, statistics.worker_root()).begin()
        return counted

    helped: list[int] = []

    def help_once() -> None:
        if not helped:
            monkeypatch.setattr(sharedcounting, "count", withdrawn_meanwhile)
            helped.append(drafting.help_counting(release.pk))
            assert not DraftStep.objects.exists()

    helped_by(help_once, monkeypatch)
    inside = releases.open_draft(cast.keyring_of("dana"), run(release))
    assert (inside.counted, helped) == (250, [0])


def test_a_portion_of_another_run_is_counted_again(
    cast: Cast, asked: Callable[..., Release], portions: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(250)
    release = asked()
    helped_by(lambda: None, monkeypatch)
    run_until(release, "protect", monkeypatch)
    DraftStep.objects.filter(name__in=["count", "run"]).delete()
    portions.clear()
    run(release)
    assert portions == list(range(sharedcounting.PORTIONS))


def test_whoever_comes_to_help_too_late_or_for_nothing_does_nothing(
    cast: Cast, asked: Callable[..., Release], portions: list[int]
) -> None:
    from casework.tasks import help_counting

    fill(60)
    release = asked()
    help_counting(job_id=str(job_of(release).pk))
    assert drafting.help_counting(release.pk) == 0
    assert portions == [] and not DraftStep.objects.exists()
