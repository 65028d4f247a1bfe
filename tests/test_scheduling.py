"""The next edition, drafted on its day by the worker, which can draft and no more."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from casework import releases, scheduling, tasks
from casework.models import Job, Release, WorkerSign
from casework.releases import StepRefused
from tests.cast import Cast, in_english, sign_in
from tests.statistics_rows import fill
from tests.test_drafting import ASKED, publish, run_next_job

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 23)
DUE = dt.date(2027, 1, 15)


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.date], None]:
    def set_to(today: dt.date) -> None:
        monkeypatch.setattr(timezone, "localdate", lambda *_a, **_k: today)

    set_to(TODAY)
    return set_to


@pytest.fixture
def release(cast: Cast, day: Callable[[dt.date], None], django_capture_on_commit_callbacks: Any) -> Release:
    fill(250)
    with django_capture_on_commit_callbacks():
        asked = releases.request_draft(cast.dana, ASKED | {"tables": [["held"]]})
    run_next_job()
    asked.refresh_from_db()
    return publish(cast, asked)


def page(client: Client, address: str) -> str:
    return in_english(client).get(address).content.decode()


def drafts() -> list[Release]:
    return list(Release.objects.filter(status=Release.Status.DRAFTING))


@pytest.mark.parametrize(
    ("today", "day"),
    [
        ("2026-11-23", "2027-01-15"),
        ("2027-01-14", "2027-01-15"),
        ("2027-01-15", "2027-04-15"),
        ("2027-03-31", "2027-04-15"),
        ("2027-07-15", "2027-10-15"),
        ("2027-10-15", "2028-01-15"),
    ],
)
def test_the_day_is_the_fifteenth_of_the_first_month_of_a_quarter(today: str, day: str) -> None:
    assert scheduling.next_day(dt.date.fromisoformat(today)) == dt.date.fromisoformat(day)


def test_nothing_is_drafted_before_its_day_and_once_on_it_however_often_beat_fires(
    cast: Cast, release: Release, day: Callable[[dt.date], None]
) -> None:
    scheduling.schedule(cast.dana, release.pk)
    assert scheduling.draft_due() == 0
    day(DUE)
    assert [scheduling.draft_due() for _ in range(3)] == [1, 0, 0]
    [draft] = drafts()
    assert (draft.supersedes_id, draft.edition, draft.drafted_by) == (release.pk, 2, cast.dana)
    release.refresh_from_db()
    assert release.next_draft_on == dt.date(2027, 4, 15)


def test_a_day_on_which_nothing_ran_is_made_up_for_once(
    cast: Cast, release: Release, day: Callable[[dt.date], None]
) -> None:
    scheduling.schedule(cast.dana, release.pk)
    day(dt.date(2027, 8, 2))
    assert [scheduling.draft_due(), scheduling.draft_due()] == [1, 0]
    release.refresh_from_db()
    assert (len(drafts()), release.next_draft_on) == (1, dt.date(2027, 10, 15))


def test_the_worker_drafts_and_whoever_asked_cannot_approve_alone(
    cast: Cast, release: Release, day: Callable[[dt.date], None], django_capture_on_commit_callbacks: Any
) -> None:
    scheduling.schedule(cast.dana, release.pk)
    day(DUE)
    WorkerSign.objects.all().delete()
    with django_capture_on_commit_callbacks():
        tasks.chores()
    run_next_job()
    draft = Release.objects.exclude(pk=release.pk).get()
    assert draft.status == Release.Status.DRAFTED
    with pytest.raises(StepRefused):
        releases.approve(cast.keyring_of("dana"), draft.pk, read=[])
    edition = publish(cast, draft)
    release.refresh_from_db()
    assert (edition.next_draft_on, edition.scheduled_by) == (dt.date(2027, 4, 15), cast.dana)
    assert (release.status, release.next_draft_on) == (Release.Status.SUPERSEDED, None)


def test_a_release_about_one_quarter_is_followed_by_the_quarter_that_has_just_ended(
    cast: Cast, day: Callable[[dt.date], None], django_capture_on_commit_callbacks: Any
) -> None:
    fill(60, year=2026, quarter=3)
    fill(60, seed=2, year=2026, quarter=4)
    period = {"from": "2026-07", "to": "2026-09"}
    with django_capture_on_commit_callbacks():
        asked = releases.request_draft(cast.dana, ASKED | {"tables": [["held"]], "period": period})
    run_next_job()
    asked.refresh_from_db()
    release = publish(cast, asked)
    scheduling.schedule(cast.erin, release.pk)
    day(DUE)
    assert scheduling.draft_due() == 1
    [draft] = drafts()
    assert draft.specification["period"] == {"from": "2026-10", "to": "2026-12"}
    assert (draft.supersedes_id, draft.edition) == (None, 1)


def test_what_is_being_prepared_already_is_not_drafted_twice_and_the_page_says_why(
    cast: Cast,
    release: Release,
    day: Callable[[dt.date], None],
    django_capture_on_commit_callbacks: Any,
    client: Client,
) -> None:
    scheduling.schedule(cast.dana, release.pk)
    with django_capture_on_commit_callbacks():
        releases.request_draft(cast.erin, ASKED | {"tables": [["held"]], "supersedes": str(release.pk)})
    day(DUE)
    assert scheduling.draft_due() == 0 and len(drafts()) == 1
    sign_in(client, "dana")
    assert "it is being prepared already" in page(client, f"/releases/{release.pk}/")


def test_what_cannot_be_asked_any_more_is_said_in_words_and_tried_again_next_quarter(
    cast: Cast, release: Release, day: Callable[[dt.date], None], client: Client
) -> None:
    scheduling.schedule(cast.dana, release.pk)
    Release.objects.filter(pk=release.pk).update(
        specification=release.specification | {"tables": [["police_district"]]}
    )
    day(DUE)
    assert scheduling.draft_due() == 0 and not drafts() and not Job.objects.filter(state="queued")
    release.refresh_from_db()
    assert (release.schedule_problem, release.next_draft_on) == ("not_recorded", dt.date(2027, 4, 15))


def test_it_is_stopped_on_the_page_and_nothing_is_drafted_any_more(
    cast: Cast, release: Release, day: Callable[[dt.date], None], client: Client
) -> None:
    sign_in(client, "dana")
    address = f"/releases/{release.pk}/"
    client.post(f"{address}schedule/")
    assert "Draft no next edition" in page(client, address)
    client.post(f"{address}schedule/", {"stop": "1"})
    assert "Draft the next edition each quarter" in page(client, address)
    day(DUE)
    assert scheduling.draft_due() == 0


def test_a_release_that_was_withdrawn_or_is_not_published_is_not_followed(
    cast: Cast, release: Release, day: Callable[[dt.date], None]
) -> None:
    scheduling.schedule(cast.dana, release.pk)
    releases.withdraw(cast.dana, release.pk, {"en": "Wrong.", "fr": "Faux."})
    day(DUE)
    assert scheduling.draft_due() == 0
    with pytest.raises(StepRefused):
        scheduling.schedule(cast.dana, release.pk)
