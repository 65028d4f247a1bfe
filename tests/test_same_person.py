"""Somebody who is in two cases is asked once: one list of answers for both."""

import datetime as dt
import uuid

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casework import consent, erasing, erasureorders, intake, receipts, sameperson, sharing, vault
from casework.models import Case, ConsentKey, ConsentRecord, Notice, ScheduledErasure, Statistic
from casework.record import Consent
from tests.cast import Cast, in_english, sign_in
from tests.stories import given, person, story

pytestmark = pytest.mark.django_db
Two = tuple[sameperson.Place, sameperson.Place]


def kept(cast: Cast, reference: str, *purposes: str) -> sameperson.Place:
    alice = cast.keyring_of("alice")
    case_id = intake.create_case(alice, cast.verdun, story(reference, person("Heron", *purposes)))
    return case_id, vault.open_case(alice, case_id).record.persons[0].id


def may(cast: Cast, place: sameperson.Place, purpose: str) -> bool:
    record = vault.open_consents(cast.keyring_of("alice"), place[0]).record
    return consent.may(record.persons[0], purpose)


@pytest.fixture
def two(cast: Cast) -> Two:
    places = kept(cast, "H-1", "STORE", "STATS"), kept(cast, "H-2", "STORE", "STATS", "STORY")
    sameperson.join(cast.keyring_of("alice"), *places)
    return places


def test_what_is_answered_in_one_case_holds_in_the_other(cast, two):
    assert may(cast, two[0], "STORY") and ConsentRecord.objects.count() == 1
    alice = cast.keyring_of("alice")
    opened = vault.open_case(alice, two[0][0])
    opened.record.persons[0].consents += given("QUOTE")
    intake.save_consents(alice, two[0][0], opened.record, opened.revision)
    assert may(cast, two[1], "QUOTE")


def test_what_is_withdrawn_in_one_case_is_withdrawn_in_both_figures(cast, two):
    alice = cast.keyring_of("alice")
    assert Statistic.objects.count() == 2
    opened = vault.open_case(alice, two[0][0])
    opened.record.persons[0].consents.append(Consent("STATS", "WITHDRAWN", timezone.localdate()))
    intake.save_consents(alice, two[0][0], opened.record, opened.revision)
    assert not Statistic.objects.exists() and not may(cast, two[1], "STATS")
    assert [notice.case_id for notice in Notice.objects.all()] == [two[1][0]]


def test_one_receipt_closes_both_cases(cast, two):
    code = receipts.give(cast.keyring_of("alice"), *two[0])
    receipts.withdraw(receipts.look(code), ["STORE"], "fr", 7)
    assert ScheduledErasure.objects.count() == 2
    assert not any(row.card.open_until for row in vault.cards(cast.keyring_of("alice")).cases)
    for case_id, _person in two:
        with pytest.raises(consent.ConsentMissing):
            vault.open_case(cast.keyring_of("alice"), case_id)


def test_a_no_in_one_of_them_counts_when_they_are_joined(cast):
    alice = cast.keyring_of("alice")
    first, second = kept(cast, "H-1", "STORE", "STATS"), kept(cast, "H-2", "STORE", "STATS")
    opened = vault.open_case(alice, second[0])
    opened.record.persons[0].consents.append(Consent("STATS", "WITHDRAWN", timezone.localdate()))
    intake.save_consents(alice, second[0], opened.record, opened.revision)
    assert Statistic.objects.count() == 1
    sameperson.join(alice, first, second)
    assert not Statistic.objects.exists() and not may(cast, first, "STATS")


def test_a_receipt_of_either_still_opens_what_they_have_become(cast):
    alice = cast.keyring_of("alice")
    first, second = kept(cast, "H-1", "STORE", "STATS"), kept(cast, "H-2", "STORE", "STORY")
    codes = receipts.give(alice, *first), receipts.give(alice, *second)
    sameperson.join(alice, first, second)
    assert ConsentRecord.objects.count() == 1 and ConsentKey.objects.count() == 4
    for code in codes:
        assert receipts.look(code).given() == ["STORE", "STATS", "STORY"]
    sameperson.join(alice, first, second)
    assert ConsentKey.objects.count() == 4


def test_nobody_joins_a_case_they_may_not_change(cast):
    mine = kept(cast, "H-1")
    theirs = intake.create_case(cast.keyring_of("charlie"), cast.other_team, story("C-1"))
    other = theirs, vault.open_case(cast.keyring_of("charlie"), theirs).record.persons[0].id
    for who, places in (("alice", (mine, other)), ("alice", (other, mine)), ("charlie", (mine, other))):
        with pytest.raises(Http404):
            sameperson.join(cast.keyring_of(who), *places)
    assert not ConsentRecord.objects.exists()


def test_the_page_takes_the_other_case_by_its_name_and_guesses_nothing(cast):
    first, second = kept(cast, "H-1", "STORE"), kept(cast, "Élan 2", "STORE", "STORY")
    client = in_english(sign_in(Client(), "alice"))
    address = reverse("same-person", args=[first[0], uuid.UUID(first[1])])
    for typed in (
        {"reference": "H-9", "alias": "Heron"},
        {"reference": "H-1", "alias": "Heron"},
        {"reference": "", "alias": ""},
    ):
        answer = client.post(address, typed)
        assert (
            answer.status_code == 422
            and f'value="{typed["alias"]}"' in answer.content.decode()
            or not typed["alias"]
        )
    assert not ConsentRecord.objects.exists()
    assert client.post(address, {"reference": "elan 2", "alias": "heron"}).status_code == 302
    assert may(cast, first, "STORY") and second[0] != first[0]


# Agreed again


def withdraw_in(cast: Cast, place: sameperson.Place, *more: str) -> None:
    answer_in(cast, place, *(Consent(p, "WITHDRAWN", timezone.localdate()) for p in ("STORE", *more)))


def answer_in(cast: Cast, place: sameperson.Place, *answers: Consent, name: str = "alice") -> None:
    keyring = cast.keyring_of(name)
    opened = vault.open_consents(keyring, place[0])
    someone = opened.record.person(place[1])
    assert someone is not None
    someone.consents += answers
    intake.save_consents(keyring, place[0], opened.record, opened.revision)


def open_in_lists(cast: Cast, name: str = "alice") -> dict[str, bool]:
    rows = vault.cards(cast.keyring_of(name)).cases
    return {row.card.reference: bool(row.card.open_until) for row in rows}


def test_what_is_agreed_again_in_one_case_reopens_the_other(cast, two):
    withdraw_in(cast, two[0], "STATS")
    assert open_in_lists(cast) == {"H-1": False, "H-2": False} and not Statistic.objects.exists()
    answer_in(cast, two[0], *given("STORE", "STATS"))
    assert open_in_lists(cast) == {"H-1": True, "H-2": True}
    assert not ScheduledErasure.objects.exists() and not Notice.objects.filter(closes=True).exists()
    assert Statistic.objects.count() == 2
    assert vault.search(cast.keyring_of("alice"), "accent").cases and erasing.due() == []


def test_consent_that_ran_out_and_is_given_again_in_one_case_keeps_the_other(cast, two, monkeypatch):
    later = timezone.localdate() + dt.timedelta(days=800)
    monkeypatch.setattr(timezone, "localdate", lambda *a: later)
    assert open_in_lists(cast) == {"H-1": False, "H-2": False} and len(erasing.due()) == 2
    answer_in(cast, two[0], *given("STORE"))
    assert open_in_lists(cast) == {"H-1": True, "H-2": True} and erasing.due() == []
    assert Case.objects.get(pk=two[1][0]).erase_after > later + dt.timedelta(days=700)


def test_a_case_the_saver_may_not_change_is_kept_too_and_its_keepers_are_told(cast):
    charlie = cast.keyring_of("charlie")
    mine = kept(cast, "H-1", "STORE", "STATS")
    theirs = intake.create_case(charlie, cast.other_team, story("C-1", person("Heron", "STORE", "STATS")))
    other = theirs, vault.open_case(charlie, theirs).record.persons[0].id
    sharing.grant(charlie, theirs, cast.alice, may_change=True)
    sameperson.join(cast.keyring_of("alice"), mine, other)
    sharing.revoke(charlie, theirs, cast.alice)
    withdraw_in(cast, mine)
    answer_in(cast, mine, *given("STORE"))
    assert not ScheduledErasure.objects.exists()
    assert [(notice.case_id, notice.closes) for notice in Notice.objects.all()] == [(theirs, False)]
    assert open_in_lists(cast, "charlie") == {"C-1": True} and vault.open_case(charlie, theirs)


def test_a_file_stays_closed_until_everyone_who_said_no_agrees_again(cast):
    alice = cast.keyring_of("alice")
    case_id = intake.create_case(alice, cast.verdun, story("H-1", person("Heron"), person("Ember")))
    people = [someone.id for someone in vault.open_case(alice, case_id).record.persons]
    codes = [receipts.give(alice, case_id, who) for who in people]
    for code in codes:
        receipts.withdraw(receipts.look(code), ["STORE"], "fr", 7)
    assert receipts.keep_after_all(receipts.look(codes[0]), "fr") is not None
    assert open_in_lists(cast) == {"H-1": False}
    assert ScheduledErasure.objects.get().withdrawn == 1 and Notice.objects.get().closes
    answer_in(cast, (case_id, people[1]), *given("STORE"))
    assert open_in_lists(cast) == {"H-1": True} and not ScheduledErasure.objects.exists()


def test_a_no_that_was_there_before_the_join_is_counted_once(cast):
    places = kept(cast, "H-1", "STORE"), kept(cast, "H-2", "STORE")
    withdraw_in(cast, places[0])
    with_consent = vault.open_consents(cast.keyring_of("alice"), places[0][0])
    assert not consent.may(with_consent.record.persons[0], "STORE")
    sameperson.join(cast.keyring_of("alice"), *places)
    assert list(ScheduledErasure.objects.values_list("withdrawn", flat=True)) == [1, 1]


def test_an_erasure_the_group_ordered_is_not_taken_back_by_a_consent(cast, two):
    day = timezone.localdate() + dt.timedelta(days=3)
    erasureorders.erase_on(cast.keyring_of("alice"), two[1][0], day)
    withdraw_in(cast, two[0])
    answer_in(cast, two[0], *given("STORE"))
    assert [(order.case_id, order.on) for order in ScheduledErasure.objects.all()] == [(two[1][0], day)]
