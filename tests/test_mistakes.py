"""Somebody who was written into a case by mistake is taken out of it: everything that names them is shown first, figures and
answers follow; and never somebody who can still say something about it."""

import datetime as dt
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from casework import consentrecords, intake, permissions, receipts, sameperson, vault
from casework.agenda import DateToKeep, Interaction, Referral
from casework.coarsening import token_hash
from casework.models import ConsentKey, ConsentRecord, Revision, Statistic
from casework.record import Statement
from tests.cast import sign_in
from tests.stories import person, story

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 4)


def record():
    """Heron twice: once by mistake, as Egret."""
    heron, egret = person("Heron"), person("Egret")
    made = story("H-1", heron, egret, narrative="Heron was stopped.")
    made.verification = "V2"
    made.statements[0].about = [heron.id]
    made.statements += [
        Statement("Egret was held overnight.", "FAMILY", id="s2", about=[egret.id]),
        Statement("Both were in the car.", "WITNESS", id="s3", about=[heron.id, egret.id]),
    ]
    made.dates = [DateToKeep("2" * 32, "HEARING", on=DAY, person=egret.id, note="room two")]
    made.interactions = [Interaction("3" * 32, DAY, "CALL", person=egret.id, text="Called the sister.")]
    made.referrals = [
        Referral(
            "1" * 32, egret.id, "c1", "Clinique Tilia", "HEALTH", "REFER_SERVICE", DAY, DAY, what="a name"
        )
    ]
    return made


@pytest.fixture
def case_id(cast) -> UUID:
    return intake.create_case(cast.keyring_of("alice"), cast.verdun, record())


def opened(cast, case_id):
    return vault.open_case(cast.keyring_of("alice"), case_id).record


def whose(cast, case_id, alias):
    return next(p for p in opened(cast, case_id).persons if p.alias == alias)


def page_of(cast, case_id, alias="Egret") -> str:
    return reverse("person-remove", args=[case_id, UUID(whose(cast, case_id, alias).id)])


def test_everything_that_names_them_is_shown_before_anything_goes(cast, alice, case_id):
    page = alice.get(page_of(cast, case_id)).content.decode()
    for words in (
        "Egret was held overnight.",
        "Both were in the car.",
        "room two",
        "Called the sister.",
        "Clinique Tilia",
    ):
        assert words in page, words
    assert "Heron was stopped." not in page and "Earlier revisions still hold" in page
    assert "Stop" in page and "belongs to Heron" in page
    assert [p.alias for p in opened(cast, case_id).persons] == ["Heron", "Egret"]


def test_what_named_them_goes_along_and_what_tells_of_others_stays(cast, alice, case_id):
    egret = whose(cast, case_id, "Egret").id
    assert alice.post(page_of(cast, case_id), {"base": "1", "heir": "along"}).status_code == 302
    after = opened(cast, case_id)
    assert [p.alias for p in after.persons] == ["Heron"]
    assert [s.text for s in after.statements] == ["Heron was stopped.", "Both were in the car."]
    assert all(egret not in s.about for s in after.statements) and all(s.about for s in after.statements)
    assert after.dates == [] and after.interactions == []
    # Whoever received something about them has to be told, and is still named.
    assert [r.name for r in after.referrals] == ["Clinique Tilia"]
    page = alice.get(reverse("case", args=[case_id])).content.decode()
    assert "Egret was held overnight." not in page and "Clinique Tilia" in page


def test_what_was_really_told_of_somebody_else_is_theirs_from_then_on(cast, alice, case_id):
    heron = whose(cast, case_id, "Heron").id
    assert alice.post(page_of(cast, case_id), {"base": "1", "heir": heron}).status_code == 302
    after = opened(cast, case_id)
    assert [s.about for s in after.statements] == [[heron], [heron], [heron]]
    assert {after.dates[0].person, after.interactions[0].person, after.referrals[0].person} == {heron}


def test_they_are_counted_no_more_and_the_others_are(cast, alice, case_id):
    people = {p.alias: token_hash(p) for p in opened(cast, case_id).persons}
    assert set(map(bytes, Statistic.objects.values_list("token_hash", flat=True))) == set(people.values())
    alice.post(page_of(cast, case_id), {"base": "1", "heir": "along"})
    assert [bytes(t) for t in Statistic.objects.values_list("token_hash", flat=True)] == [people["Heron"]]


def test_the_history_says_who_was_taken_out_and_earlier_revisions_stay(cast, alice, case_id):
    alice.post(page_of(cast, case_id), {"base": "1", "heir": "along"})
    page = alice.get(reverse("case-history", args=[case_id])).content.decode()
    assert "Person Egret" in page and Revision.objects.filter(case=case_id).count() == 2


def test_without_an_answer_about_what_names_them_nothing_happens(cast, alice, case_id):
    response = alice.post(page_of(cast, case_id), {"base": "1"})
    assert response.status_code == 422 and len(opened(cast, case_id).persons) == 2


def test_the_only_person_of_a_case_stays(cast, alice):
    case_id = intake.create_case(cast.keyring_of("alice"), cast.verdun, story("ONE"))
    address = page_of(cast, case_id, "Heron")
    assert "the only person of this case" in alice.get(address).content.decode()
    assert alice.post(address, {"base": "1", "heir": "along"}).status_code == 422
    assert len(opened(cast, case_id).persons) == 1


def test_somebody_with_a_receipt_is_no_mistake(cast, alice, case_id):
    receipts.give(cast.keyring_of("alice"), case_id, whose(cast, case_id, "Egret").id)
    response = alice.post(page_of(cast, case_id), {"base": "2", "heir": "along"})
    assert response.status_code == 422 and "They were given a receipt" in response.content.decode()
    after = opened(cast, case_id)
    assert len(after.persons) == 2 and len(after.statements) == 3 and ConsentRecord.objects.count() == 1


def test_in_their_other_case_their_answers_stay_and_this_case_opens_them_no_more(cast, alice, case_id):
    keyring = cast.keyring_of("alice")
    other = intake.create_case(keyring, cast.verdun, story("TWO", person("Egret")))
    there, here = whose(cast, other, "Egret").id, whose(cast, case_id, "Egret").id
    sameperson.join(keyring, (case_id, here), (other, there))
    before = ConsentRecord.objects.get().ciphertext
    assert ConsentKey.objects.count() == 2
    assert alice.post(page_of(cast, case_id), {"base": "2", "heir": "along"}).status_code == 302
    assert ConsentKey.objects.count() == 1 and ConsentRecord.objects.get().ciphertext != before
    assert whose(cast, other, "Egret").consent_for("STORE").state == "GIVEN"
    [holder] = consentrecords.of(key_of(cast, other), whose(cast, other, "Egret")).answers.holders
    assert holder.id == other.hex


def key_of(cast, case_id):
    from casework import keys

    case = permissions.case_for(cast.alice, case_id, permissions.VIEW)
    return keys.open_key(cast.keyring_of("alice"), case)


def test_somebody_else_saved_meanwhile_and_both_versions_are_shown(cast, alice, case_id):
    address = page_of(cast, case_id)
    bob = cast.keyring_of("bob")
    theirs = vault.open_case(bob, case_id)
    theirs.record.persons[1].alias = "Little Egret"
    intake.save_case(bob, case_id, theirs.record, 1)
    response = alice.post(address, {"base": "1", "heir": "along"})
    assert response.status_code == 409 and len(opened(cast, case_id).persons) == 2
    assert "Little Egret" in response.content.decode()


def test_a_reader_and_a_stranger_find_no_such_page(cast, case_id):
    assert sign_in(Client(), "charlie").get(page_of(cast, case_id)).status_code == 404
