"""Every revision with who, when and what; the way back to one; and two people who save the same case."""

import re
import uuid
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from casework import changes, history, intake, vault
from casework.consent import PURPOSES, ConsentMissing
from casework.models import Revision
from casework.record import Consent, Moment, Statement
from tests.cast import in_english, sign_in
from tests.stories import given, person, story
from tests.test_case_pages import formset

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(cast):
    return in_english(sign_in(Client(), "bob"))


def changed(cast, case_id, who="bob", **values):
    keyring = cast.keyring_of(who)
    opened = vault.open_case(keyring, case_id)
    for name, value in values.items():
        setattr(opened.record.event, name, value)
    return intake.save_case(keyring, case_id, opened.record, opened.revision)


def form_of(**values: str) -> dict[str, str]:
    sent = {
        "event-reference": "H-1",
        "event-date": "2016-Q3",
        "event-city": "MONTREAL",
        "event-reason_given": "NO",
    }
    sent |= {"event-borough": "VILLERAY_SAINT_MICHEL_PARC_EXTENSION", "event-police_services": "SPVM"}
    sent |= {
        "event-pretext": "TRAFFIC_MOVING",
        "assessment-verification": "V1",
    }
    sent |= formset("denials") | formset("officers") | {"base": "1"}
    return sent | values


# What changed


def test_every_change_is_named_by_its_place_and_order_is_none():
    before, after = story("A", person("Heron"), person("Wren")), None
    before.statements.append(Statement("second", "WITNESS", id="s2"))
    after = changes.copy_of(before)
    after.persons.reverse()
    after.event.city = "LAVAL"
    after.persons[0].alias = "Robin"
    after.persons[0].safety.counsel = "NO"
    del after.statements[1]
    wren = before.persons[1].id
    assert [change.path for change in changes.differences(before, after)] == [
        ("event", "city"),
        ("persons", wren, "alias"),
        ("persons", wren, "safety", "counsel"),
        ("statements", "s2"),
    ]
    assert changes.differences(before, changes.copy_of(before)) == []


def test_the_history_says_who_when_and_what_field_by_field(cast, alice, case_id):
    changed(cast, case_id, pretext="FARE_CHECK", place_note="behind the laundry")
    page = alice.get(reverse("case-history", args=[case_id])).content.decode()
    page = page[page.index("<main") :]
    assert page.index("Revision 2") < page.index("bob") < page.index('id="revision-1"') < page.index("alice")
    newest = page[: page.index('id="revision-1"')]
    assert "How it began" in newest and "Place, in words" in newest and "behind the laundry" in newest
    assert "are check" in newest and "The event · City" not in newest
    assert page.count("Go back to revision 1") == 1 and "Go back to revision 2" not in page


def test_the_database_does_not_say_who_saved_or_when(cast, case_id):
    assert {field.name for field in Revision._meta.local_fields} == {
        "id",
        "case",
        "number",
        "record_ciphertext",
    }


def test_a_restoration_is_a_new_revision_and_consent_never_goes_back(cast, alice, case_id):
    keyring = cast.keyring_of("alice")
    opened = vault.open_case(keyring, case_id)
    opened.record.event.city, opened.record.status = "LAVAL", "FOLLOW_UP"
    opened.record.persons[0].alias = "Robin"
    opened.record.persons[0].consents.append(Consent("STATS", "WITHDRAWN", given("STATS")[0].on))
    opened.record.persons.append(person("Wren"))
    intake.save_case(keyring, case_id, opened.record, 1)
    address = reverse("case-restore", args=[case_id, 1])
    offered = alice.get(address).content.decode()
    assert "Robin" in offered and "Heron" in offered and Revision.objects.count() == 2
    assert alice.post(address, {"base": "2"}).status_code == 302
    back = vault.open_case(keyring, case_id)
    assert (back.revision, back.record.event.city, back.record.status) == (3, "MONTREAL", "FOLLOW_UP")
    assert [someone.alias for someone in back.record.persons] == ["Heron", "Wren"]
    assert back.record.persons[0].consent_for("STATS").state == "WITHDRAWN"
    assert back.record.saved.restored == 1
    assert "went back to an earlier revision (to 1)" in " ".join(
        alice.get(reverse("case-history", args=[case_id])).content.decode().split()
    )


def test_whoever_restores_over_a_newer_saving_is_asked_again(cast, alice, case_id):
    changed(cast, case_id, city="LAVAL")
    changed(cast, case_id, city="LONGUEUIL")
    response = alice.post(reverse("case-restore", args=[case_id, 1]), {"base": "2"})
    assert response.status_code == 409 and "Nothing was changed" in response.content.decode()
    assert Revision.objects.count() == 3


def test_there_is_no_way_to_a_revision_that_is_not_there(cast, alice, case_id):
    for number in (0, 1, 2, 99):
        assert alice.get(reverse("case-restore", args=[case_id, number])).status_code == 404
    assert alice.get(reverse("case-history", args=[case_id]) + "?before=nonsense").status_code == 200
    assert alice.get(reverse("case-history", args=[case_id]) + "?before=1").status_code == 200


def test_consent_that_has_ended_closes_the_history_too(cast, alice, case_id):
    keyring = cast.keyring_of("alice")
    changed(cast, case_id, place_note="behind the laundry")
    opened = vault.open_case(keyring, case_id)
    opened.record.persons[0].consents.append(Consent("STORE", "WITHDRAWN", given("STORE")[0].on))
    intake.save_consents(keyring, case_id, opened.record, 2)
    with pytest.raises(ConsentMissing):
        history.open_history(keyring, case_id)
    for address in (reverse("case-history", args=[case_id]), reverse("case-restore", args=[case_id, 1])):
        shut = alice.get(address)
        assert shut.status_code == 403 and "laundry" not in shut.content.decode()


def test_a_long_history_comes_in_parts_and_asks_as_little_for_many_as_for_few(
    cast, alice, case_id, django_assert_max_num_queries, monkeypatch
):
    monkeypatch.setattr(history, "SHOWN", 3)
    for number in range(5):
        changed(cast, case_id, place_note=f"place {number}")
    with django_assert_max_num_queries(40):
        page = alice.get(reverse("case-history", args=[case_id])).content.decode()
    assert [f"Revision {n}" in page for n in (6, 5, 4, 3)] == [True, True, True, False]
    older = alice.get(reverse("case-history", args=[case_id]) + "?before=4").content.decode()
    assert "Revision 3" in older and "Revision 1" in older and 'href="?before=' not in older


def test_a_revision_saved_before_authors_were_kept_says_so(cast, alice, case_id):
    keyring = cast.keyring_of("alice")
    case = vault.open_case(keyring, case_id).case
    row, key = Revision.objects.get(), history.keys.open_key(keyring, case)
    record = vault.open_revision(key, row)
    record.saved = None
    Revision.objects.update(record_ciphertext=vault.seal_record(key, record, row.pk))
    assert "author not kept" in alice.get(reverse("case-history", args=[case_id])).content.decode()


# Two people


def test_the_second_of_two_is_shown_both_versions_and_nothing_is_lost(cast, alice, bob, case_id):
    address = reverse("case-change", args=[case_id])
    theirs = form_of(**{"event-city": "LAVAL", "event-place_note": "behind the laundry"})
    theirs |= formset("statements", {"text": "Bob heard this.", "source": "WITNESS", "id": "1"})
    assert bob.post(address, theirs).status_code == 302
    mine = form_of(**{"event-city": "LONGUEUIL", "assessment-verification": "V2"})
    mine |= formset("statements", {"text": "Alice heard that.", "source": "WITNESS", "id": "1"})
    met = alice.post(address, mine)
    page = met.content.decode()
    assert met.status_code == 409 and Revision.objects.count() == 2
    for words in ("bob", "Laval", "Longueuil", "behind the laundry", "Bob heard this.", "Alice heard that."):
        assert words in page
    assert page.count("both of you changed this") == 2
    typed = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    typed = {name: unescape(value) for name, value in typed.items()}
    names = re.findall(r'name="(choice-\d+)" value="theirs"', page)
    labels = [unescape(found) for found in re.findall(r"<legend><bdi>([^<]+)", page)]
    undecided = alice.post(address, typed)
    assert undecided.status_code == 409 and "not decided yet" in undecided.content.decode()
    wanted = {"The event · City": "mine", "Verification": "mine", "The event · Place, in words": "theirs"}
    choices = {n: wanted.get(name, "both") for n, name in zip(names, labels, strict=True)}
    assert set(wanted) < set(labels) and "both" in choices.values()
    assert alice.post(address, typed | choices).status_code == 302
    kept = vault.open_case(cast.keyring_of("alice"), case_id)
    assert (kept.revision, kept.record.event.city, kept.record.verification) == (3, "LONGUEUIL", "V2")
    assert kept.record.event.place_note == "behind the laundry"
    assert kept.record.statements[0].text == "Bob heard this.\n\nAlice heard that."


def test_what_only_one_changed_is_ticked_already(cast, alice, bob, case_id):
    address = reverse("case-change", args=[case_id])
    told = formset(
        "statements",
        {
            "text": vault.open_case(cast.keyring_of("alice"), case_id).record.statements[0].text,
            "source": "SELF",
            "id": "1",
        },
    )
    told["statements-INITIAL_FORMS"] = "1"
    assert bob.post(address, form_of(**{"event-city": "LAVAL"}) | told).status_code == 302
    page = alice.post(address, form_of(**{"assessment-verification": "V2"}) | told).content.decode()
    assert "both of you changed this" not in page
    assert page.count(" checked>") == page.count("<legend>") == 2


def test_a_third_saving_meanwhile_shows_the_choice_again(cast, alice, bob, case_id):
    address = reverse("case-change", args=[case_id])
    changed(cast, case_id, city="LAVAL")
    mine = form_of() | formset("statements")
    assert alice.post(address, mine).status_code == 409
    changed(cast, case_id, city="LONGUEUIL")
    choices = {f"choice-{number}": "mine" for number in range(9)}
    again = alice.post(address, mine | choices | {"seen": "2"})
    assert again.status_code == 409 and "Longueuil" in again.content.decode()
    assert Revision.objects.count() == 3


def test_two_people_who_each_add_somebody_have_added_two(cast, alice, case_id):
    keyring = cast.keyring_of("bob")
    opened = vault.open_case(keyring, case_id)
    opened.record.persons.append(person("Wren"))
    intake.save_case(keyring, case_id, opened.record, 1)
    form = {f"consent-{purpose}": "NOT_ASKED" for purpose in PURPOSES} | {"base": "1", "person-alias": "Moss"}
    form |= {
        "consent-on": "2026-11-01",
        "consent-mode": "ORAL",
        "consent-language": "fr",
        "consent-STORE": "GIVEN",
    }
    form |= formset("steps")
    address = reverse("person-add", args=[case_id])
    met = alice.post(address, form)
    assert met.status_code == 409 and "Moss" in met.content.decode()
    assert alice.post(address, form | {"seen": "2", "choice-0": "mine"}).status_code == 302
    people = vault.open_case(keyring, case_id).record.persons
    assert sorted(p.alias for p in people) == ["Heron", "Moss", "Wren"]


def test_a_withdrawal_meanwhile_keeps_neither_version(cast, alice, case_id):
    keyring = cast.keyring_of("bob")
    opened = vault.open_case(keyring, case_id)
    opened.record.persons[0].consents.append(Consent("STORE", "WITHDRAWN", given("STORE")[0].on))
    intake.save_consents(keyring, case_id, opened.record, 1)
    shut = alice.post(reverse("case-change", args=[case_id]), form_of() | formset("statements"))
    assert shut.status_code == 403 and "Heron" not in shut.content.decode()


def test_a_yes_on_an_older_page_does_not_undo_a_no_that_was_given_meanwhile(cast, alice, case_id):
    keyring = cast.keyring_of("bob")
    opened = vault.open_case(keyring, case_id)
    someone = opened.record.persons[0]
    someone.consents.append(Consent("STATS", "WITHDRAWN", given("STATS")[0].on))
    intake.save_consents(keyring, case_id, opened.record, 1)
    here = reverse("person-consent", args=[case_id, uuid.UUID(someone.id)])
    answers = dict.fromkeys(PURPOSES, "NOT_ASKED") | {"STORE": "GIVEN", "STATS": "GIVEN", "QUOTE": "REFUSED"}
    answers |= {"on": given("STATS")[0].on.isoformat(), "mode": "ORAL", "language": "fr"}
    met = alice.post(here, answers | {"base": "1"})
    page = met.content.decode()
    assert met.status_code == 409 and Revision.objects.count() == 2
    assert 'name="base" value="2"' in page and "Withdrawn" in page
    assert 'name="QUOTE" value="REFUSED" id="id_QUOTE_1" checked' in " ".join(page.split()).replace(
        " required", ""
    )
    assert vault.open_case(keyring, case_id).record.persons[0].consent_for("STATS").state == "WITHDRAWN"
    assert alice.post(here, answers | {"base": "2", "STATS": "WITHDRAWN"}).status_code == 302


def test_a_base_that_never_was_is_not_there(cast, alice, case_id):
    form = form_of(base="99") | formset("statements")
    assert alice.post(reverse("case-change", args=[case_id]), form).status_code == 404


def test_merging_takes_each_place_from_where_it_was_chosen():
    before = story("A")
    before.statements.append(Statement("second", "WITNESS", id="s2"))
    before.statements[0].id = "s1"
    theirs, mine = changes.copy_of(before), changes.copy_of(before)
    theirs.event.date = Moment("2017")
    mine.statements[0].text = "mine"
    del theirs.statements[0]
    mine.statements.append(Statement("third", "SELF", id="s3"))
    found = changes.meetings(before, theirs, mine)
    assert [(m.path, m.contested) for m in found] == [
        (("event", "date"), False),
        (("statements", "s1"), True),
        (("statements", "s3"), False),
    ]
    record = changes.merged(theirs, [(m.path, m.mine) for m in found if m.mine_is_new])
    assert record.event.date == Moment("2017")
    assert sorted(s.text for s in record.statements) == ["mine", "second", "third"]
    assert changes.merged(theirs, [(("statements", "s2"), None)]).statements == []
    assert uuid.UUID(record.persons[0].id)
