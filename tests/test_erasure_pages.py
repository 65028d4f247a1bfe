"""Erasing, keeping as evidence and the calendar, as people meet them on a page."""

import datetime as dt
import re
import uuid
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.crypto.sealed import Sealed
from casework import erasureorders, holding, intake, retention, vault
from casework.models import Case, CaseCard, ErasedCase, ErasureShare, LegalHold, ScheduledErasure
from tests.cast import Cast, in_english, sign_in
from tests.stories import given, person, story

pytestmark = pytest.mark.django_db
NOW = {"why": "withdrawn", "when": "0", "reference": "H-1"}


@pytest.fixture
def bob(cast: Cast) -> Client:
    return in_english(sign_in(Client(), "bob"))


def text_of(answer: Any) -> str:
    return answer.content.decode()


def tomorrow() -> dt.date:
    return timezone.localdate() + dt.timedelta(days=1)


def test_a_case_is_erased_at_once_and_a_certificate_remains(alice: Client, case_id: uuid.UUID) -> None:
    answer = alice.post(reverse("case-erase", args=[case_id]), NOW, follow=True)
    erased = ErasedCase.objects.get()
    assert answer.redirect_chain == [(f"/erased/{erased.number}/", 302)]
    assert "The case is erased." in text_of(answer) and erased.number in text_of(answer)
    assert "H-1" not in text_of(answer) and str(case_id) not in text_of(answer)
    assert alice.get(reverse("case", args=[case_id])).status_code == 404


@pytest.mark.parametrize("reference", ["", "H-2", "H-11", "h 1"])
def test_a_wrong_reference_erases_nothing_and_keeps_what_was_chosen(
    alice: Client, case_id: uuid.UUID, reference: str
) -> None:
    answer = alice.post(reverse("case-erase", args=[case_id]), NOW | {"reference": reference})
    assert answer.status_code == 422 and Case.objects.filter(pk=case_id).exists()
    assert re.search(r'value="withdrawn"[^>]*checked', text_of(answer))


def test_erasing_asks_again_who_it_is(
    alice: Client, case_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = timezone.now().timestamp() + 400
    monkeypatch.setattr("accounts.sessions.time.time", lambda: later)
    for name, form in (("case-erase", NOW), ("case-hold", {"words": "x", "until": tomorrow().isoformat()})):
        answer = alice.post(reverse(name, args=[case_id]), form)
        assert answer.status_code == 302 and answer["Location"].startswith("/prove/")
    assert Case.objects.filter(pk=case_id).exists() and not LegalHold.objects.exists()


def test_a_scheduled_erasure_stands_on_the_case_and_can_be_taken_back(
    alice: Client, case_id: uuid.UUID
) -> None:
    page = alice.post(reverse("case-erase", args=[case_id]), NOW | {"when": "7", "why": "asked"}, follow=True)
    assert "This case will be erased" in text_of(page) and "no longer counted" in text_of(page)
    assert ScheduledErasure.objects.get().on == timezone.localdate() + dt.timedelta(days=7)
    page = alice.post(reverse("case-keep", args=[case_id]), follow=True)
    assert "This case will be erased" not in text_of(page) and not ScheduledErasure.objects.exists()


def test_a_hold_needs_a_second_person_and_then_stops_the_erasure_in_words(
    alice: Client, bob: Client, case_id: uuid.UUID
) -> None:
    form = {"words": "A court asked for it", "until": tomorrow().isoformat()}
    page = alice.post(reverse("case-hold", args=[case_id]), form, follow=True)
    assert "waits for a second person" in text_of(page) and "Agree to the hold" not in text_of(page)
    alice.post(reverse("case-hold-agree", args=[case_id]))
    assert not LegalHold.objects.get().agreed
    assert "A court asked for it" in text_of(bob.get(reverse("case", args=[case_id])))
    page = bob.post(reverse("case-hold-agree", args=[case_id]), follow=True)
    assert "alice asked for it, bob agreed" in text_of(page)
    answer = alice.post(reverse("case-erase", args=[case_id]), NOW)
    assert answer.status_code == 422 and "Nothing was erased" in text_of(answer)
    assert vault.Case.objects.filter(pk=case_id).exists()
    page = bob.post(reverse("case-hold-lift", args=[case_id]), follow=True)
    assert "The hold is lifted" in text_of(page) and not LegalHold.objects.exists()


@pytest.mark.parametrize("until", ["", "2001-01-01", "2199-01-01", "tomorrow"])
def test_a_hold_with_an_impossible_end_is_refused_and_what_was_written_stays(
    alice: Client, case_id: uuid.UUID, until: str
) -> None:
    answer = alice.post(reverse("case-hold", args=[case_id]), {"words": "A court asked", "until": until})
    assert answer.status_code == 422 and "A court asked" in text_of(answer) and not LegalHold.objects.exists()


def test_a_case_that_does_not_open_is_erased_without_its_reference(alice: Client, case_id: uuid.UUID) -> None:
    ErasureShare.objects.all().delete()
    page = alice.get(reverse("case-erase", args=[case_id]))
    assert page.status_code == 200 and 'name="reference"' not in text_of(page)
    alice.post(reverse("case-erase", args=[case_id]), {"why": "asked", "when": "0"})
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("language", "title"), [("fr", "Attestation d'effacement"), ("en", "Certificate of erasure")]
)
def test_the_certificate_is_a_tagged_sheet_in_the_reader_s_language_and_names_nobody(
    cast: Cast, case_id: uuid.UUID, language: str, title: str
) -> None:
    erased = erasureorders.erase_now(cast.keyring_of("alice"), case_id)
    client = sign_in(Client(), "dana")
    client.cookies["django_language"] = language
    answer = client.get(reverse("erasure-certificate", args=[erased.number]))
    assert answer["Content-Type"] == "application/pdf" and answer["Cache-Control"].count("no-store")
    sheet = pypdfium2.PdfDocument(answer.content)
    words = "\n".join(page.get_textpage().get_text_bounded() for page in sheet)
    assert title in words and erased.number in words and "2026" in words
    for absent in ("H-1", "Heron", "Zebulon", "alice", "Verdun", str(case_id)):
        assert absent not in words
    assert sheet.is_tagged() and sheet.get_metadata_dict()["Title"] == title


def test_the_list_of_erased_cases_is_a_number_a_day_and_a_rule(cast: Cast, case_id: uuid.UUID) -> None:
    erased = erasureorders.erase_now(cast.keyring_of("alice"), case_id)
    page = text_of(in_english(sign_in(Client(), "dana")).get(reverse("erased-cases")))
    assert erased.number in page and "decided by the group" in page
    assert not any(word in page for word in ("H-1", "Verdun", "alice", str(case_id)))


# The calendar


def kept(cast: Cast, reference: str, days: int, purpose: str = "STATS") -> uuid.UUID:
    """Consent to keep it for two years, and for one more purpose for so many days."""
    someone = person("Wren")
    someone.consents = given("STORE", purpose)
    someone.consents[1].expires = timezone.localdate() + dt.timedelta(days=days)
    return intake.create_case(cast.keyring_of("alice"), cast.verdun, story(reference, someone))


def test_the_calendar_names_what_ends_within_sixty_days_purpose_by_purpose(cast: Cast, bob: Client) -> None:
    kept(cast, "SOON-1", 60), kept(cast, "LATER-1", 61, "MEDIA")
    lines = retention.calendar(cast.keyring_of("alice")).lines
    assert [line.reference for line in lines] == ["SOON-1", "LATER-1"]
    assert [line.reference for line in retention.due_now(lines)] == ["SOON-1"]
    assert [purpose for purpose, _day in lines[1].ends] == ["MEDIA", "STORE"]
    page = text_of(bob.get(reverse("retention")))
    now, _rest = page.split("SOON-1")
    assert "To ask again now" in now and "LATER-1" in page


def test_those_to_ask_again_now_fill_the_first_pages_of_the_calendar(
    cast: Cast, bob: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casework.views.retention.PAGE", 2)
    for number in range(3):
        kept(cast, f"SOON-{number}", 10 + number)
    kept(cast, "LATER-1", 200)
    first, second = (text_of(bob.get(reverse("retention"), {"page": page})) for page in (1, 2))
    assert "SOON-0" in first and "SOON-1" in first and "SOON-2" not in first and "LATER-1" not in first
    assert "SOON-2" in second and "LATER-1" in second and "SOON-1" not in second
    assert "To ask again now" in first and "To ask again now" in second


def test_a_later_page_of_the_calendar_does_not_say_that_nothing_ends_soon(
    cast: Cast, bob: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casework.views.retention.PAGE", 1)
    kept(cast, "SOON-1", 10)
    kept(cast, "LATER-1", 200)
    second = text_of(bob.get(reverse("retention"), {"page": 2}))
    assert "LATER-1" in second and "SOON-1" not in second and "Nothing ends" not in second


def test_the_calendar_says_that_a_case_could_not_be_opened(
    cast: Cast, bob: Client, case_id: uuid.UUID
) -> None:
    """Otherwise nobody is asked again before the case with the altered seal is erased by itself."""
    CaseCard.objects.filter(pk=case_id).update(ciphertext=Sealed(bytes(64)))
    assert "1 case could not be opened" in text_of(bob.get(reverse("retention")))


def test_the_calendar_shows_orders_and_holds_and_only_cases_one_may_open(
    cast: Cast, case_id: uuid.UUID
) -> None:
    alice = cast.keyring_of("alice")
    erasureorders.erase_on(alice, case_id, tomorrow())
    holding.ask(alice, case_id, "A court", holding.last_day())
    holding.agree(cast.keyring_of("bob"), case_id)
    line = retention.calendar(alice).lines[0]
    assert (line.is_ordered, line.erased_on, line.held_until) == (True, tomorrow(), holding.last_day())
    assert retention.due_now([line]) == [line]
    assert retention.calendar(cast.keyring_of("charlie")).lines == []


def test_a_file_whose_consent_has_ended_says_so_and_nothing_else(
    cast: Cast, case_id: uuid.UUID, alice: Client
) -> None:
    opened = vault.open_case(cast.keyring_of("alice"), case_id)
    for answer in opened.record.persons[0].consents:
        answer.state = "WITHDRAWN"
    intake.save_consents(cast.keyring_of("alice"), case_id, opened.record, opened.revision)
    page = text_of(alice.get(reverse("retention")))
    assert "consent to keep it has ended" in page and "Heron" not in page
    assert reverse("case-consent", args=[case_id]) in page


def test_a_longer_calendar_asks_the_database_no_more_questions(
    cast: Cast, case_id: uuid.UUID, alice: Client, django_assert_num_queries: Any
) -> None:
    address = reverse("retention")
    alice.get(address)
    with django_assert_num_queries(100, exact=False) as queries:
        alice.get(address)
        few = len(queries)
    for number in range(5):
        kept(cast, f"R-{number}", 30 + number)
    alice.get(address)
    with django_assert_num_queries(few):
        alice.get(address)
