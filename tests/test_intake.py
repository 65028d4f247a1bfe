"""A case told in the order of a conversation: sealed as it is typed, left and taken up again, and never lost."""

import datetime as dt
import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.crypto.sealed import Sealed
from casework import expiry, intake, intakedrafts, vault
from casework.consent import PURPOSES
from casework.models import AuditEntry, Case, IntakeDraft
from casework.record import CaseRecord, is_detained_now
from tests.cast import PASSPHRASE, in_english, sign_in
from tests.intake_pages import address, begin, of_part, tell
from tests.test_alike import tale
from tests.test_case_pages import filled_in, formset

pytestmark = pytest.mark.django_db
STORY = "They were asked for their papers at a crossing."
CONSENT = {f"consent-{purpose}": "NOT_ASKED" for purpose in PURPOSES} | {
    "consent-STORE": "GIVEN", "consent-on": "2026-11-01", "consent-mode": "ORAL", "consent-language": "fr",
}  # fmt: skip
TOLD = formset("statements", {"text": STORY, "source": "SELF"}) | formset("denials") | {
    "event-reference": "F-9", "event-reason_given": "NO"
}  # fmt: skip


@pytest.fixture
def draft(cast, alice):
    """Consent is given; nothing is told yet."""
    begun = begin(alice, cast.verdun.pk)
    assert alice.post(address(begun, "consent"), CONSENT).status_code == 302
    return begun


def kept(cast) -> CaseRecord:
    return vault.open_case(cast.keyring_of("alice"), Case.objects.get().pk).record


# The order of a conversation


def test_the_parts_follow_each_other_and_the_page_says_where_one_is(cast, alice):
    begun = begin(alice, cast.verdun.pk)
    going = []
    here = address(begun, "consent")
    for number, sent in enumerate((CONSENT, {}, TOLD, {"person-alias": "Fern"} | formset("steps"), {}), 1):
        page = alice.get(here).content.decode()
        assert f"Part {number} of 5" in page
        sent = sent or {f"safety-{name}": "NOT_ASKED" for name in ("detained_now", "counsel", "minors")}
        here = alice.post(here, sent)["Location"]
        going.append(here.rstrip("/").rpartition("/")[2])
    assert going == ["safety", "event", "people", "next", begun]
    assert "Keep the case, encrypted" in alice.get(here).content.decode()
    assert not Case.objects.exists()


def test_nothing_is_told_before_consent(cast, alice):
    begun = begin(alice, cast.verdun.pk)
    for part in ("safety", "event", "people", "next", "summary"):
        for response in (alice.get(address(begun, part)), alice.post(address(begun, part), TOLD)):
            assert response.status_code == 302 and response["Location"] == address(begun, "consent")
    assert list(intakedrafts.open_draft(cast.keyring_of("alice"), IntakeDraft.objects.get().pk).parts) == []


def test_a_refusal_lets_the_draft_go_and_nothing_is_kept(cast, alice):
    begun = begin(alice, cast.verdun.pk)
    refused = alice.post(address(begun, "consent"), CONSENT | {"consent-STORE": "REFUSED"})
    assert refused.status_code == 422 and "Let it go" in refused.content.decode()
    assert alice.post(reverse("intake-discard", args=[begun])).status_code == 302
    assert not IntakeDraft.objects.exists() and not Case.objects.exists()


def test_a_short_case_takes_three_answers(cast, alice, draft):
    """Consent, the story, an alias: the summary can be reached from anywhere, and the rest is as if nobody had asked."""
    told = formset("statements", {"text": STORY, "source": "SELF"}) | {
        "event-reference": "F-9",
        "event-reason_given": "NOT_ASKED",
    }
    assert (
        alice.post(address(draft, "event"), told | formset("denials") | {"go": "people"}).status_code == 302
    )
    named = alice.post(address(draft, "people"), {"person-alias": "Fern", "go": "summary"} | formset("steps"))
    assert named["Location"] == address(draft, "summary")
    response = alice.post(address(draft, "summary"))
    record = kept(cast)
    assert response.status_code == 302 and not IntakeDraft.objects.exists()
    person = record.persons[0]
    assert (person.alias, person.safety.detained_now, record.statements[0].text) == (
        "Fern",
        "NOT_ASKED",
        STORY,
    )
    assert record.statements[0].about == [person.id]


def test_what_cannot_wait_is_kept_apart_by_answer_and_shown_first(cast, alice):
    coming = (timezone.localdate() + dt.timedelta(days=5)).isoformat()
    answers = {"safety-detained_now": "YES", "safety-counsel": "REFUSED", "safety-minors": "UNK"}
    answers |= {"safety-removal": coming, "safety-next_review": coming, "next-agreed": "Call the clinic."}
    assert tell(alice, cast.verdun.pk, filled_in(cast, **answers)).status_code == 302
    person = kept(cast).persons[0]
    safety = person.safety
    assert (safety.detained_now, safety.counsel, safety.minors) == ("YES", "REFUSED", "UNK")
    assert safety.removal.text == coming and safety.agreed == "Call the clinic."
    assert is_detained_now(person)
    page = alice.get(reverse("case", args=[Case.objects.get().pk])).content.decode()
    assert page.index("Fern is detained now.") < page.index("She was stopped")
    for words in ("Preferred not to say", "Unknown", "Call the clinic."):
        assert words in page
    assert vault.cards(cast.keyring_of("alice")).cases[0].card.detained_now


def test_what_cannot_wait_is_changed_on_a_page_of_its_own(cast, alice):
    tell(alice, cast.verdun.pk, filled_in(cast, **{"safety-detained_now": "YES", "next-agreed": "Call."}))
    case, person = Case.objects.get().pk, kept(cast).persons[0]
    here = reverse("person-safety", args=[case, uuid.UUID(person.id)])
    page = alice.get(here).content.decode()
    assert "Call." in page and "Write down no address" in page
    answers = {f"safety-{name}": "NO" for name in ("detained_now", "counsel", "minors")} | {"base": "1"}
    assert alice.post(here, answers | {"safety-removal": "soon"}).status_code == 422
    assert alice.post(here, answers | {"next-agreed": "Write."}).status_code == 302
    changed = kept(cast).persons[0]
    assert (changed.safety.detained_now, changed.safety.agreed) == ("NO", "Write.")
    assert (changed.alias, changed.consents) == (person.alias, person.consents)


def test_keep_and_add_another_goes_on_to_the_next_person_of_the_event(cast, alice, draft):
    alice.post(address(draft, "event"), TOLD)
    alice.post(address(draft, "people"), {"person-alias": "Fern"} | formset("steps"))
    response = alice.post(address(draft, "summary"), {"go": "another"})
    assert response["Location"] == reverse("person-add", args=[Case.objects.get().pk])


def test_a_case_that_was_told_already_is_shown_before_it_is_kept_and_only_to_whom_it_is_open(
    cast, alice, draft
):
    for team, teller, reference in (
        (cast.verdun, "alice", "OURS-1"),
        (cast.other_team, "charlie", "THEIRS-1"),
    ):
        intake.create_case(cast.keyring_of(teller), team, tale(reference, date="2024-03-14"))
    alice.post(
        address(draft, "event"),
        TOLD
        | {"event-date": "2024-03-14", "event-city": "MONTREAL", "event-borough": "VERDUN"}
        | {"event-police_services": "SPVM", "event-pretext": "TRAFFIC_MOVING"},
    )
    alice.post(address(draft, "people"), {"person-alias": "Fern"} | formset("steps"))
    page = alice.get(address(draft, "summary")).content.decode()
    assert "Perhaps it was told already" in page and "OURS-1" in page
    assert "THEIRS-1" not in page


def test_what_is_wrong_is_named_before_it_is_kept_and_the_draft_stays(cast, alice, draft):
    alice.post(address(draft, "event"), TOLD | {"event-date": "last summer", "go": "summary"})
    page = alice.get(address(draft, "summary")).content.decode()
    assert "not a date we can read" in page and "Alias – This field is required." in page
    assert "Keep the case, encrypted" not in page
    assert alice.post(address(draft, "summary")).status_code == 422
    assert IntakeDraft.objects.count() == 1 and not Case.objects.exists()


def test_an_answer_given_before_the_event_is_sent_back_to_the_part_about_consent(cast, alice, draft):
    alice.post(address(draft, "event"), TOLD | {"event-date": timezone.localdate().isoformat()})
    alice.post(address(draft, "people"), {"person-alias": "Fern"} | formset("steps"))
    page = alice.post(address(draft, "summary"))
    assert page.status_code == 422 and "before the event" in page.content.decode()
    assert not Case.objects.exists()


def test_pressing_twice_keeps_one_case(cast, alice, draft):
    alice.post(address(draft, "event"), TOLD)
    alice.post(address(draft, "people"), {"person-alias": "Fern"} | formset("steps"))
    assert alice.post(address(draft, "summary")).status_code == 302
    assert alice.post(address(draft, "summary")).status_code == 404
    assert Case.objects.count() == 1


# Left and taken up again


def test_a_part_that_was_left_half_typed_is_there_again_without_reproach(cast, alice, draft):
    half = TOLD | {"event-date": "some time in", "statements-0-source": "", "go": "later"}
    assert alice.post(address(draft, "event"), half)["Location"] == "/cases/"
    again = in_english(sign_in(Client(), "alice"))
    begun = again.get("/cases/add/").content.decode()
    assert address(draft, "safety") in begun
    page = again.get(address(draft, "event")).content.decode()
    assert STORY in page and "some time in" in page
    assert "errorlist" not in page and "error-summary" not in page
    refused = again.post(address(draft, "event"), half | {"go": "next"})
    assert refused.status_code == 422 and STORY in refused.content.decode()
    assert "error-summary" in refused.content.decode()


def test_it_is_sealed_as_it_is_typed_and_answered_without_a_page(cast, alice, draft):
    answer = alice.post(address(draft, "event"), TOLD | {"event-date": "20"}, headers={"X-Draft": "1"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert STORY in alice.get(address(draft, "event")).content.decode()


def test_a_draft_is_its_writer_s_own_and_its_bytes_say_nothing(cast, alice, draft):
    alice.post(address(draft, "event"), TOLD)
    row = IntakeDraft.objects.get()
    assert STORY.encode() not in bytes(row.ciphertext) and row.user_id == cast.alice.pk
    assert {field.name for field in IntakeDraft._meta.local_fields} == {
        "id",
        "user",
        "epoch",
        "erase_after",
        "ciphertext",
    }
    assert row.erase_after.day == 1
    for name in ("bob", "charlie", "dana"):
        stranger = sign_in(Client(), name)
        for part in ("consent", "event", "summary"):
            assert stranger.get(address(draft, part)).status_code == 404
            assert stranger.post(address(draft, part), TOLD).status_code == 404
        assert "F-9" not in stranger.get("/cases/add/").content.decode()
    assert not any(b"draft" in bytes(entry.entry_ciphertext) for entry in AuditEntry.objects.all())


def test_a_draft_moved_to_somebody_else_or_altered_does_not_open(cast, alice, draft):
    row = IntakeDraft.objects.get()
    IntakeDraft.objects.update(user=cast.bob)
    assert "could not be opened" in in_english(sign_in(Client(), "bob")).get("/cases/add/").content.decode()
    IntakeDraft.objects.update(user=cast.alice, ciphertext=Sealed(bytes(row.ciphertext)[::-1]))
    assert alice.get(address(draft, "event")).status_code == 409
    assert "could not be opened" in alice.get("/cases/add/").content.decode()


def test_only_what_belongs_to_the_part_is_kept(cast, alice, draft):
    alice.post(address(draft, "safety"), {"safety-counsel": "NO", "person-alias": "Fern", "word": "stray"})
    opened = intakedrafts.open_draft(cast.keyring_of("alice"), IntakeDraft.objects.get().pk)
    assert opened.parts["safety"] == {"safety-counsel": ["NO"]}


def test_a_draft_that_nobody_went_on_with_is_let_go(cast, draft):
    assert expiry.let_drafts_go() == 0
    IntakeDraft.objects.update(erase_after=timezone.localdate())
    assert expiry.let_drafts_go() == 1 and not IntakeDraft.objects.exists()


def test_a_part_that_is_none_is_not_there(cast, alice, draft):
    assert alice.get(address(draft, "nonsense")).status_code == 404
    assert alice.post(address(draft, "event"), TOLD | {"go": "nonsense"}).status_code == 404
    assert STORY in alice.get(address(draft, "event")).content.decode()


# A session that has ended


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(name|sealed)" value="([^"]+)"', page))


def test_words_sent_after_the_session_has_ended_come_back_sealed_and_are_sent_again(
    cast, alice, draft, settings
):
    late = alice
    before = late.cookies["sessionid"].value
    settings.TEMOIN_IDLE_SECONDS = -1
    answer = late.post(address(draft, "event"), TOLD)
    page = answer.content.decode()
    assert answer.status_code == 401 and answer["Cache-Control"] == "no-store"
    assert STORY not in page and "F-9" not in page and "nothing is lost" in page
    settings.TEMOIN_IDLE_SECONDS = 900
    carried = hidden(page)
    still = late.post(reverse("send-again"), carried)
    assert still.status_code == 401 and hidden(still.content.decode()) == carried
    late.post("/sign-in/", {"login": "alice", "password": PASSPHRASE})
    assert late.cookies["sessionid"].value != before
    again = late.post(reverse("send-again"), carried)
    assert again.status_code == 302 and again["Location"] == address(draft, "people")
    assert STORY in late.get(address(draft, "event")).content.decode()
    twice = late.post(reverse("send-again"), carried)
    assert twice.status_code == 403 and STORY not in twice.content.decode()


def test_the_script_is_told_in_a_number_and_keeps_the_words_itself(cast, draft):
    answer = Client().post(address(draft, "event"), TOLD, headers={"X-Draft": "1"})
    assert (answer.status_code, answer.content, answer.cookies.get("carried")) == (401, b"", None)


def test_without_the_cookie_the_page_that_was_found_says_nothing(cast, draft):
    page = Client().post(address(draft, "event"), TOLD).content.decode()
    stranger = sign_in(Client(), "alice")
    refused = stranger.post(reverse("send-again"), hidden(page))
    assert refused.status_code == 403 and STORY not in refused.content.decode()


def test_whoever_signs_in_instead_gets_the_words_into_nothing_of_their_own(cast, draft):
    late = Client()
    carried = hidden(late.post(address(draft, "event"), TOLD).content.decode())
    sign_in(late, "bob")
    assert late.post(reverse("send-again"), carried).status_code == 404
    opened = intakedrafts.open_draft(cast.keyring_of("alice"), IntakeDraft.objects.get().pk)
    assert "event" not in opened.parts


@pytest.mark.parametrize("forged", [{}, {"name": "x", "sealed": "AAAA"}, {"name": "0" * 32, "sealed": "é"}])
def test_a_form_that_nobody_handed_back_is_not_taken(cast, alice, forged):
    alice.cookies[f"carried-{'0' * 32}"] = "AAAA"
    assert alice.post(reverse("send-again"), forged).status_code == 403


def test_the_form_of_a_case_survives_the_end_of_a_session_too(cast, alice):
    tell(alice, cast.verdun.pk, filled_in(cast))
    here = reverse("case-change", args=[Case.objects.get().pk])
    late = Client()
    form = (
        TOLD
        | formset("officers")
        | {"base": "1", "assessment-status": "VERIFY", "assessment-verification": "V2"}
    )
    carried = hidden(late.post(here, form | {"event-reference": "F-10"}).content.decode())
    sign_in(late, "bob")
    assert late.post(reverse("send-again"), carried).status_code == 302
    assert kept(cast).reference == "F-10"


def test_pages_that_hold_no_words_lead_to_the_sign_in_page_as_before(cast, draft):
    assert Client().post(reverse("intake-discard", args=[draft])).status_code == 302


def test_every_part_costs_the_same_few_questions(cast, alice, draft, django_assert_max_num_queries):
    alice.post(address(draft, "event"), TOLD)
    with django_assert_max_num_queries(16):
        alice.get(address(draft, "event"))
    assert of_part(TOLD, type("Part", (), {"prefixes": ("event-",)})) == {
        "event-reference": "F-9",
        "event-reason_given": "NO",
    }
