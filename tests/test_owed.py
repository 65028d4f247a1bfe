"""What a withdrawal leaves to be done: on the board, in the list, on the page of the case or of its consents."""

import datetime as dt
import re
import uuid

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from casework import intake, keys, notices, owed, receipts, register, vault
from casework.agenda import Referral
from casework.models import Case, Notice
from casework.record import Consent
from casework.register import Exported
from tests.cast import Cast, in_english, sign_in
from tests.stories import person, story

pytestmark = pytest.mark.django_db


@pytest.fixture
def case_id(cast: Cast) -> uuid.UUID:
    record = story("H-1", person("Heron", "STORE", "STATS", "REFER_LEGAL", "MEDIA", "CONTACT"))
    day = timezone.localdate()
    record.referrals = [
        Referral(uuid.uuid4().hex, record.persons[0].id, "c", "Me Salix", "LAWYER", "REFER_LEGAL", day, day)
    ]
    return intake.create_case(cast.keyring_of("alice"), cast.verdun, record)


@pytest.fixture
def alice(cast: Cast) -> Client:
    return in_english(sign_in(Client(), "alice"))


def copied(cast: Cast, case_id: uuid.UUID, to: str, recipient: str, purpose: str, days: int = 30) -> None:
    alice = cast.keyring_of("alice")
    opened = vault.open_case(alice, case_id)
    someone, day = opened.record.persons[0].id, timezone.localdate() + dt.timedelta(days=days)
    entry = Exported(timezone.now(), cast.alice.pk, recipient, to, purpose, "", "csv", [someone], day)
    register.enter(keys.open_key(alice, opened.case), entry)


def left(cast: Cast, case_id: uuid.UUID) -> set[str]:
    alice = cast.keyring_of("alice")
    opened = vault.open_consents(alice, case_id)
    return {one.passed.name for one in owed.to_tell(keys.open_key(alice, opened.case), opened.record)}


def said_by_receipt(cast: Cast, case_id: uuid.UUID, *purposes: str) -> None:
    alice = cast.keyring_of("alice")
    someone = vault.open_case(alice, case_id).record.persons[0].id
    receipts.withdraw(receipts.look(receipts.give(alice, case_id, someone)), list(purposes), "fr", 7)


def written_down(cast: Cast, case_id: uuid.UUID, *purposes: str, who: int = 0) -> None:
    alice = cast.keyring_of("alice")
    opened = vault.open_consents(alice, case_id)
    day = timezone.localdate()
    opened.record.persons[who].consents += [Consent(p, "WITHDRAWN", day) for p in purposes]
    intake.save_consents(alice, case_id, opened.record, opened.revision)


def board(client: Client) -> str:
    """Without the names of the filter."""
    return re.sub("<option.*?</option>", "", client.get(reverse("due")).content.decode())


def test_whoever_received_it_for_that_purpose_is_to_be_told_and_nobody_else(cast, case_id):
    copied(cast, case_id, "Me Tremblay", "LAWYER", "REFER_LEGAL")
    copied(cast, case_id, "Le Journal", "MEDIA", "MEDIA")
    copied(cast, case_id, "Me Gagnon", "LAWYER", "REFER_LEGAL", days=-1)
    copied(cast, case_id, "Heron", "PERSON", "STORE")
    assert left(cast, case_id) == set()
    written_down(cast, case_id, "STATS")
    assert left(cast, case_id) == set()
    written_down(cast, case_id, "REFER_LEGAL")
    assert left(cast, case_id) == {"Me Salix", "Me Tremblay"}, "not who was to destroy theirs by yesterday"
    written_down(cast, case_id, "STORE")
    assert left(cast, case_id) == {"Me Salix", "Me Tremblay", "Le Journal"}


def test_a_withdrawal_by_receipt_stands_on_the_board_until_somebody_takes_note_and_has_told_everybody(
    cast, case_id, alice
):
    assert "receipt" not in board(alice)
    said_by_receipt(cast, case_id, "REFER_LEGAL")
    page = board(alice)
    assert "Something said by receipt" in page and "1 thing cannot wait" in page
    assert "1 thing cannot wait" in alice.get(reverse("cases")).content.decode()
    case = alice.get(reverse("case", args=[case_id])).content.decode()
    assert case.count("Something said by receipt") == 1 and case.count("tell whoever received") == 1
    assert alice.post(reverse("notice-read", args=[case_id])).status_code == 302
    page = board(alice)
    assert "Something said by receipt" not in page and "tell whoever received something" in page
    assert not Notice.objects.exists()
    opened = vault.open_case(cast.keyring_of("alice"), case_id)
    item, someone = opened.record.referrals[0].id, opened.record.persons[0].id
    answer = alice.post(reverse("told", args=[case_id, uuid.UUID(item), uuid.UUID(someone)]), follow=True)
    assert "Nobody is left to be told." in answer.content.decode()
    assert "tell whoever received" not in board(alice)
    told = vault.open_case(cast.keyring_of("alice"), case_id).record.told
    assert [(one.name, one.by, one.on) for one in told] == [
        ("Me Salix", cast.alice.pk.hex, timezone.localdate())
    ]
    assert alice.post(reverse("told-undo", args=[case_id, uuid.UUID(told[0].id)])).status_code == 302
    assert left(cast, case_id) == {"Me Salix"} and "tell whoever received" in board(alice)


def test_in_a_case_that_is_closed_it_can_be_done_and_the_board_says_the_day_and_nothing_else(
    cast, case_id, alice
):
    copied(cast, case_id, "Me Tremblay", "LAWYER", "REFER_LEGAL")
    said_by_receipt(cast, case_id, "STORE")
    page = board(alice)
    assert "Something said by receipt" in page and reverse("case-consent", args=[case_id]) in page
    alice.post(reverse("notice-read", args=[case_id]))
    page = board(alice)
    assert "tell whoever received something" in page and "Something said" not in page
    assert not any(word in page for word in ("Heron", "Tremblay", "Salix"))
    assert Notice.objects.get().closes
    assert alice.get(reverse("case", args=[case_id])).status_code == 403
    asking = alice.get(reverse("case-consent", args=[case_id]), follow=True).content.decode()
    assert "Me Tremblay" in asking and "Me Salix" in asking and "accent" not in asking
    for one in owed.to_tell(*key_and_record(cast, case_id)):
        notices.tell(cast.keyring_of("alice"), case_id, uuid.UUID(one.passed.item), uuid.UUID(one.person.id))
    assert "tell whoever received" not in board(alice)
    assert vault.search(cast.keyring_of("alice"), "accent").cases == []


def key_and_record(cast: Cast, case_id: uuid.UUID):
    opened = vault.open_consents(cast.keyring_of("alice"), case_id)
    return keys.open_key(cast.keyring_of("alice"), opened.case), opened.record


def test_an_organizer_who_writes_it_down_has_the_same_to_do_at_once(cast, case_id, alice):
    written_down(cast, case_id, "REFER_LEGAL")
    assert "tell whoever received something" in board(alice) and not Notice.objects.exists()
    assert "Me Salix" in alice.get(reverse("case", args=[case_id])).content.decode()


def test_whoever_agrees_again_and_withdraws_again_has_to_be_heard_again(cast, case_id, monkeypatch):
    written_down(cast, case_id, "REFER_LEGAL")
    one = owed.to_tell(*key_and_record(cast, case_id))[0]
    notices.tell(cast.keyring_of("alice"), case_id, uuid.UUID(one.passed.item), uuid.UUID(one.person.id))
    later = timezone.localdate() + dt.timedelta(days=3)
    monkeypatch.setattr(timezone, "localdate", lambda *a: later)
    alice = cast.keyring_of("alice")
    opened = vault.open_case(alice, case_id)
    opened.record.persons[0].consents.append(Consent("REFER_LEGAL", "GIVEN", later))
    intake.save_consents(alice, case_id, opened.record, opened.revision)
    assert left(cast, case_id) == set()
    written_down(cast, case_id, "REFER_LEGAL")
    assert left(cast, case_id) == {"Me Salix"}


def test_only_who_may_change_the_case_says_that_somebody_was_told(cast, case_id):
    written_down(cast, case_id, "REFER_LEGAL")
    one = owed.to_tell(*key_and_record(cast, case_id))[0]
    wanted = uuid.UUID(one.passed.item), uuid.UUID(one.person.id)
    for name in ("charlie", "dana", "frank", "root_user"):
        with pytest.raises(Http404):
            notices.tell(cast.keyring_of(name), case_id, *wanted)
        with pytest.raises(Http404):
            notices.take_note(cast.keyring_of(name), case_id)
    with pytest.raises(Http404):
        notices.tell(cast.keyring_of("alice"), case_id, uuid.uuid4(), wanted[1])
    notices.tell(cast.keyring_of("bob"), case_id, *wanted)
    with pytest.raises(Http404):
        notices.tell(cast.keyring_of("alice"), case_id, *wanted)


def test_taking_note_of_a_file_kept_after_all_opens_it_in_the_lists(cast, case_id):
    """Its card was written while it was closed."""
    alice = cast.keyring_of("alice")
    someone = vault.open_case(alice, case_id).record.persons[0].id
    code = receipts.give(alice, case_id, someone)
    receipts.withdraw(receipts.look(code), ["STORE"], "fr", 7)
    notices.take_note(alice, case_id)
    receipts.keep_after_all(receipts.look(code), "fr")
    assert [(bool(row.card.open_until), row.news) for row in vault.cards(alice).cases] == [(False, True)]
    notices.take_note(alice, case_id)
    assert [(bool(row.card.open_until), row.news) for row in vault.cards(alice).cases] == [(True, False)]


def test_an_answer_given_in_another_case_can_be_taken_note_of(cast, case_id, alice):
    Notice.objects.create(case=Case.objects.get(pk=case_id))
    page = alice.get(reverse("case", args=[case_id])).content.decode()
    assert "answered in another case" in page and "I have taken note" in page
    alice.post(reverse("notice-read", args=[case_id]))
    assert not Notice.objects.exists()
    assert "taken note" not in alice.get(reverse("case", args=[case_id])).content.decode()


def test_a_file_about_several_says_whose_part_is_to_be_taken_out_and_by_when(cast, alice):
    ring = cast.keyring_of("alice")
    case_id = intake.create_case(ring, cast.verdun, story("H-2", person("Heron"), person("Ember")))
    written_down(cast, case_id, "STORE")
    page = board(alice)
    assert "take their part out" in page and "in <strong>7</strong> days" in page
    assert "Heron" not in page and "Ember" not in page
    asking = alice.get(reverse("case-consent", args=[case_id])).content.decode()
    assert "Heron no longer agrees that this file is kept" in asking
    written_down(cast, case_id, "STORE", who=1)
    assert "take their part out" not in board(alice), "nobody is left whose file it would be"


def test_a_case_in_which_nobody_withdrew_costs_no_question_more(cast, case_id):
    alice = cast.keyring_of("alice")
    opened = vault.open_case(alice, case_id)
    key = keys.open_key(alice, opened.case)
    with CaptureQueriesContext(connection) as asked:
        assert owed.to_tell(key, opened.record) == []
    assert len(asked) == 0
