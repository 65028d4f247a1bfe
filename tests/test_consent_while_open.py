"""Consent that ends or is taken back while somebody is in the middle of something: a page is open, or the worker is counting."""

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casework import intake, jobs, protection, receipts, vault
from casework.models import Job, Release, Revision, Statistic
from casework.record import Moment
from casework.tasks import WORK
from tests.cast import Cast, in_english, sign_in
from tests.release_pages import QUESTION
from tests.stories import person, story
from tests.test_case_pages import formset
from tests.test_consent import asked

pytestmark = pytest.mark.django_db
TOLD = ("Heron", "Zebulon", "accent")


@pytest.fixture
def case_id(cast: Cast) -> uuid.UUID:
    return intake.create_case(cast.keyring_of("alice"), cast.verdun, story())


@pytest.fixture
def alice(cast: Cast) -> Client:
    return in_english(sign_in(Client(), "alice"))


@pytest.fixture
def days_pass(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    def pass_by(number: int) -> None:
        later = timezone.localdate() + dt.timedelta(days=number)
        monkeypatch.setattr(timezone, "localdate", lambda *args: later)

    return pass_by


def says_nothing(page: str) -> None:
    assert not [word for word in TOLD if word in page]


def test_what_is_open_in_a_session_closes_on_the_day_after_the_last(
    cast: Cast, alice: Client, case_id: uuid.UUID, days_pass: Callable[[int], None]
) -> None:
    pages = [reverse(name, args=[case_id]) for name in ("case", "case-change", "case-history")]
    assert all("Heron" in alice.get(page).content.decode() for page in pages[:1])
    form = {"base": "1", "event-reference": "H-1b", "assessment-verification": "V2"}
    form |= formset("statements") | formset("denials") | formset("officers")
    days_pass(730)
    last = alice.get(pages[0])
    days_pass(8)
    assert last.status_code == 200
    for page in pages:
        shut = alice.get(page)
        assert shut.status_code == 403
        says_nothing(shut.content.decode())
    assert alice.post(pages[1], form).status_code == 403 and Revision.objects.count() == 1
    for page in ("/cases/", "/due/", "/overview/"):
        says_nothing(alice.get(page).content.decode())
    says_nothing(alice.post("/cases/", {"q": "accent", "kind": "words"}, follow=True).content.decode())


@pytest.mark.parametrize(
    ("on", "words"), [(dt.timedelta(days=1), "in the future"), (dt.timedelta(days=-20), "before the event")]
)
def test_an_answer_of_a_day_that_cannot_be_is_sent_back_and_not_kept(
    cast: Cast, alice: Client, on: dt.timedelta, words: str
) -> None:
    today = timezone.localdate()
    told = story("H-2", person("Heron", "STORE"))
    told.event.date = Moment((today - dt.timedelta(days=9)).isoformat())
    case_id = intake.create_case(cast.keyring_of("alice"), cast.verdun, told)
    someone = vault.open_case(cast.keyring_of("alice"), case_id).record.persons[0]
    address = reverse("person-consent", args=[case_id, uuid.UUID(someone.id)])
    sent = asked(STATS="GIVEN", on=(today + on).isoformat()) | {"base": "1", "known": "1"}
    answer = alice.post(address, sent)
    assert answer.status_code == 422 and words in answer.content.decode()
    kept = vault.open_case(cast.keyring_of("alice"), case_id).record.persons[0]
    assert [c.purpose for c in kept.consents] == ["STORE"] and Statistic.objects.count() == 0


# While the worker counts


@pytest.fixture
def code(cast: Cast, case_id: uuid.UUID) -> str:
    alice = cast.keyring_of("alice")
    return receipts.give(alice, case_id, vault.open_case(alice, case_id).record.persons[0].id)


@pytest.fixture
def release(cast: Cast) -> Release:
    job = Job.objects.create(kind=Job.Kind.DRAFT_RELEASE)
    made = Release.objects.create(specification=QUESTION | {"threshold": 5}, drafted_by=cast.dana, job=job)
    Job.objects.filter(pk=job.pk).update(subject=made.pk)
    for number in range(12):
        intake.create_case(cast.keyring_of("alice"), cast.verdun, story(f"M-{number}"))
    return made


def withdrawn_on_the_page(code: str) -> None:
    answer = Client().post(
        reverse("receipt-in", args=["en"]), {"code": code, "action": "withdraw", "purpose": "STATS"}
    )
    assert answer.status_code == 200 and "you withdrew" in answer.content.decode()


@pytest.mark.parametrize("stage", ["protect", "attack"])
def test_whoever_withdraws_on_the_page_while_figures_are_protected_is_in_none_of_them(
    cast: Cast, case_id: uuid.UUID, code: str, release: Release, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    step, meanwhile = getattr(protection, stage), [code]

    def with_somebody_leaving(*args: object) -> object:
        if meanwhile:
            withdrawn_on_the_page(meanwhile.pop())
        return step(*args)

    monkeypatch.setattr(protection, stage, with_somebody_leaving)
    before = Statistic.objects.count()
    jobs.run(release.job.pk, WORK)
    release.refresh_from_db()
    assert not meanwhile and Statistic.objects.count() == before - 1
    assert release.status in (Release.Status.DRAFTED, Release.Status.REFUSED) and not release.outdated
