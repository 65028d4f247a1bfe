"""One act on many cases, looked at first and taken back the same day; and questions kept under a name of one's own."""

import datetime as dt
import re
import uuid

import msgspec
import pytest
from django.test import Client
from django.utils import timezone

from accounts.crypto.sealed import Sealed
from casework import bulk, expiry, intake, notes, savedviews, sharing, vault
from casework.models import Case, CaseUserKey, OwnNote
from casework.record import Consent
from tests.cast import in_english, sign_in
from tests.stories import story

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases(cast):
    return [
        intake.create_case(cast.keyring_of("alice"), cast.verdun, story(f"S-{number}")) for number in range(3)
    ]


@pytest.fixture
def charlie(cast):
    return in_english(sign_in(Client(), "charlie"))


def record(cast, case_id):
    return vault.open_case(cast.keyring_of("alice"), case_id).record


def choose(client, cases, **more):
    return client.post("/cases/selection/", {"case": [str(case) for case in cases], **more})


def planned(client, act: str, **fields):
    response = client.post("/cases/selection/", {"act": act, **{f"{act}-{k}": v for k, v in fields.items()}})
    assert response.status_code == 302, response.content.decode()
    return client.get(response.url).content.decode()


def do_it(client, preview: str):
    sent = dict(re.findall(r'name="(revision-[^"]+)" value="(\d+)"', preview))
    response = client.post("/cases/selection/preview/", sent)
    assert response.status_code == 302
    return client.get(response.url).content.decode()


def taken_back(client):
    return client.get(client.post("/cases/selection/undo/").url).content.decode()


def test_a_tag_is_looked_at_put_on_and_taken_back(cast, alice, cases):
    assert choose(alice, cases[:2]).status_code == 302
    preview = planned(alice, "tag", add="Médias, to call,, médias ")
    assert "S-0" in preview and "S-2" not in preview and "Do it in 2 cases" in preview
    assert record(cast, cases[0]).tags == []
    assert "Done in 2 cases" in do_it(alice, preview)
    assert record(cast, cases[0]).tags == ["Médias", "to call", "médias"]
    assert record(cast, cases[2]).tags == []
    assert "to call" in alice.get("/cases/").content.decode()
    assert "Taken back in 2 cases" in taken_back(alice)
    assert record(cast, cases[0]).tags == []
    # Once only.
    before = Case.objects.get(pk=cases[0]).revisions.count()
    taken_back(alice)
    assert Case.objects.get(pk=cases[0]).revisions.count() == before


def test_whoever_looks_after_a_case_is_on_the_team_that_keeps_it(cast, alice, cases):
    choose(alice, cases)
    preview = planned(alice, "assign", who=cast.bob.pk.hex)
    do_it(alice, preview)
    assert {record(cast, case).owner for case in cases} == {cast.bob.pk.hex}
    page = alice.get(f"/cases/?owner={cast.bob.pk.hex}").content.decode()
    assert "S-0" in page and "bob looks after it" in page
    assert "S-0" not in alice.get("/cases/?owner=mine").content.decode()
    choose(alice, cases)
    stranger = {"act": "assign", "assign-who": cast.charlie.pk.hex}
    assert alice.post("/cases/selection/", stranger).status_code == 422
    planned_anyway = bulk.Act(bulk.ASSIGN, who=cast.charlie.pk.hex)
    chosen = bulk.Selection(cases, planned_anyway)
    assert {p.refusal for p in bulk.preview(cast.keyring_of("alice"), chosen)} == {"not_on_team"}


def test_a_status_goes_only_where_the_work_goes_and_each_case_is_reported(cast, alice, cases):
    ready = record(cast, cases[0])
    ready.status = "SAFETY"
    intake.save_case(cast.keyring_of("alice"), cases[0], ready, 1)
    choose(alice, cases)
    preview = planned(alice, "status", status="VERIFY")
    assert "Do it in 1 case" in preview and preview.count("cannot go there") == 2
    page = do_it(alice, preview)
    assert "Done in 1 case" in page and "2 cases stay as they were." in page
    assert record(cast, cases[0]).status == "VERIFY" and record(cast, cases[1]).status == "INTAKE"
    assert "ERASED" not in alice.get("/cases/selection/").content.decode()


def test_a_case_saved_between_the_look_and_the_act_is_refused(cast, alice, cases):
    choose(alice, cases)
    preview = planned(alice, "tag", add="late")
    bob = cast.keyring_of("bob")
    opened = vault.open_case(bob, cases[0])
    intake.save_case(bob, cases[0], opened.record, opened.revision)
    page = do_it(alice, preview)
    assert "Done in 2 cases" in page and "somebody has changed it since" in page
    assert record(cast, cases[0]).tags == []


def test_taking_back_refuses_a_case_that_was_changed_since(cast, alice, cases):
    choose(alice, cases[:2])
    do_it(alice, planned(alice, "tag", add="x1"))
    bob = cast.keyring_of("bob")
    opened = vault.open_case(bob, cases[0])
    opened.record.reference = "MOVED-ON"
    intake.save_case(bob, cases[0], opened.record, opened.revision)
    page = taken_back(alice)
    assert "Taken back in 1 case" in page and "somebody has changed it since" in page
    assert record(cast, cases[0]).tags == ["x1"] and record(cast, cases[1]).tags == []
    assert record(cast, cases[0]).reference == "MOVED-ON"


def test_an_act_cannot_be_taken_back_on_another_day(cast, cases):
    alice = cast.keyring_of("alice")
    chosen = bulk.Selection(cases, bulk.Act(bulk.TAG, add=["x1"]))
    last = bulk.perform(alice, chosen, bulk.preview(alice, chosen))
    last.day -= dt.timedelta(1)
    notes.replace(alice, OwnNote.Kind.UNDO, last)
    assert bulk.undo(alice) is None
    assert record(cast, cases[0]).tags == ["x1"]


def test_a_selection_is_shared_after_proof_and_taken_back_with_key_and_permission(cast, alice, cases):
    sharing.grant(cast.keyring_of("alice"), cases[0], cast.charlie, may_change=False)
    choose(alice, cases)
    preview = planned(alice, "share", whom="person", username="charlie")
    page = do_it(alice, preview)
    assert "Done in 2 cases" in page and "it is so already" in page
    assert len(vault.cards(cast.keyring_of("charlie")).cases) == 3
    assert "Taken back in 2 cases" in taken_back(alice)
    # What charlie had before the act stays his.
    assert [row.case_id for row in vault.cards(cast.keyring_of("charlie")).cases] == [cases[0]]
    assert CaseUserKey.objects.count() == 1


def test_sharing_a_selection_asks_who_is_there(cast, alice, cases, monkeypatch):
    choose(alice, cases)
    preview = planned(alice, "share", whom="person", username="charlie")
    sent = dict(re.findall(r'name="(revision-[^"]+)" value="(\d+)"', preview))
    monkeypatch.setattr("accounts.sudo.FRESH_SECONDS", -1)
    here = "http://testserver/cases/selection/preview/"
    response = alice.post("/cases/selection/preview/", sent, HTTP_REFERER=here)
    assert response.status_code == 302 and "preview" in response.url and response.url[:7] != "/cases/"
    assert vault.cards(cast.keyring_of("charlie")).cases == []
    # Nothing that was chosen is lost meanwhile.
    assert "S-0" in alice.get("/cases/selection/preview/").content.decode()


def test_a_reader_may_not_change_what_was_only_shown_to_them(cast, charlie, cases):
    for case in cases[:2]:
        sharing.grant(cast.keyring_of("alice"), case, cast.charlie, may_change=case == cases[0])
    choose(charlie, cases)
    page = charlie.get("/cases/selection/").content.decode()
    assert "S-0" in page and "S-1" in page and "S-2" not in page
    preview = planned(charlie, "tag", add="mine")
    assert "Do it in 1 case" in preview and "you may not do this" in preview
    do_it(charlie, preview)
    assert record(cast, cases[0]).tags == ["mine"] and record(cast, cases[1]).tags == []
    choose(charlie, cases)
    preview = planned(charlie, "share", whom="person", username="bob")
    assert "It can be done in none of these cases." in preview


def test_a_stranger_chooses_nothing_and_is_told_nothing(cast, charlie, cases):
    choose(charlie, [*cases, uuid.uuid4()])
    page = charlie.get("/cases/selection/").content.decode()
    assert "0 chosen cases" in page and "S-0" not in page
    assert charlie.get("/cases/selection/preview/").status_code == 302
    charlie.post("/cases/selection/", {"case": ["nonsense", ""]})
    assert bulk.selection(cast.keyring_of("charlie")).cases == []


def test_all_found_are_chosen_by_the_question_they_answer(cast, alice, cases):
    tagged = record(cast, cases[1])
    tagged.status = "SAFETY"
    intake.save_case(cast.keyring_of("alice"), cases[1], tagged, 1)
    alice.post("/cases/selection/", {"all": "1", "status": "SAFETY"})
    assert bulk.selection(cast.keyring_of("alice")).cases == [cases[1]]
    alice.post("/cases/selection/", {"all": "1", "words": "heron", "kind": "words"})
    assert set(bulk.selection(cast.keyring_of("alice")).cases) == set(cases)


def test_a_case_whose_consent_has_ended_is_left_alone(cast, alice, cases):
    opened = vault.open_case(cast.keyring_of("alice"), cases[0])
    opened.record.persons[0].consents.append(Consent("STORE", "WITHDRAWN", timezone.localdate()))
    intake.save_consents(cast.keyring_of("alice"), cases[0], opened.record, 1)
    choose(alice, cases)
    preview = planned(alice, "tag", add="x1")
    assert "consent has ended" in preview and "S-0" not in preview
    assert "Done in 2 cases" in do_it(alice, preview)


@pytest.mark.parametrize(
    "wrong",
    [{"tag-add": "x" * 41}, {"tag-add": "", "tag-remove": ""}, {"tag-add": " , ,"}],
)
def test_a_tag_that_is_no_tag_is_refused_in_words(alice, cases, wrong):
    choose(alice, cases)
    response = alice.post("/cases/selection/", {"act": "tag", **wrong})
    assert response.status_code == 422 and "Nothing was changed" in response.content.decode()


def test_a_case_has_at_most_twenty_tags(cast, cases):
    alice = cast.keyring_of("alice")
    many = bulk.Act(bulk.TAG, add=[f"t{n}" for n in range(21)])
    assert {p.refusal for p in bulk.preview(alice, bulk.Selection(cases, many))} == {"too_many_tags"}


def test_looking_at_many_costs_as_many_queries_as_looking_at_one(cast, cases):
    from tests.test_costs import queries

    alice, act = cast.keyring_of("alice"), bulk.Act(bulk.ASSIGN, who=cast.bob.pk.hex)
    one = queries(lambda: bulk.preview(alice, bulk.Selection(cases[:1], act)))
    assert queries(lambda: bulk.preview(alice, bulk.Selection(cases, act))) == one


# Saved views


def keep_view(client, name: str, **asked: str):
    return client.post("/cases/views/add/", {"view-name": name, **asked})


def test_a_view_is_kept_opened_and_removed_and_its_words_stand_in_no_address(cast, alice, cases):
    response = keep_view(alice, "Élise’s cases", words="elise", kind="words", status="INTAKE")
    assert response.status_code == 302
    assert "elise" not in response.url and "INTAKE" not in response.url
    page = alice.get(response.url).content.decode()
    assert "S-0" in page and "<mark>Élise</mark>" in page and "Élise’s cases" in page
    assert "Élise’s cases" in alice.get("/cases/").content.decode()
    assert alice.post(f"{response.url}remove/").status_code == 302
    assert alice.get(response.url).status_code == 404
    assert not OwnNote.objects.exists()


def test_a_view_that_names_a_removed_code_says_so_and_shows_the_rest(cast, alice, cases):
    moved = record(cast, cases[1])
    moved.status = "SAFETY"
    intake.save_case(cast.keyring_of("alice"), cases[1], moved, 1)
    view = savedviews.SavedView("Old", {"pretext": "BEWITCHED", "status": "SAFETY"})
    view_id = savedviews.keep(cast.keyring_of("alice"), view)
    page = alice.get(f"/cases/views/{view_id}/").content.decode()
    assert "no longer used" in page
    assert "S-1" in page and "S-0" not in page


def test_a_view_belongs_to_one_person_and_the_database_tells_nothing_of_it(cast, alice, charlie, cases):
    url = keep_view(alice, "Quillfeather", words="quillfeather", kind="names").url
    bob = sign_in(Client(), "bob")
    for other in (charlie, bob):
        assert other.get(url).status_code == 404
        assert other.post(f"{url}remove/").status_code == 404
        assert "Quillfeather" not in other.get("/cases/").content.decode()
    row = OwnNote.objects.get()
    assert b"uillfeather" not in bytes(row.note_ciphertext)
    # Moved to bob's row, it does not open for him either.
    OwnNote.objects.update(user=cast.bob)
    assert savedviews.one(cast.keyring_of("bob"), row.pk) is None
    assert bob.get(url).status_code == 404
    assert bob.get("/cases/").status_code == 200


def test_a_view_of_another_epoch_or_altered_does_not_open_and_hides_no_other(cast, alice):
    ring = cast.keyring_of("alice")
    for name in ("One", "Two", "Three"):
        savedviews.keep(ring, savedviews.SavedView(name, {"status": "INTAKE"}))
    first, second = OwnNote.objects.all()[:2]
    OwnNote.objects.filter(pk=first.pk).update(epoch=2)
    OwnNote.objects.filter(pk=second.pk).update(note_ciphertext=Sealed(b""))
    assert [view is None for _, view in savedviews.all_of(ring)].count(True) == 2
    assert alice.get("/cases/").status_code == 200


def test_the_same_name_replaces_and_there_is_an_end_to_it(cast, alice, monkeypatch):
    keep_view(alice, "Mine", status="INTAKE")
    keep_view(alice, "mine", status="VERIFY")
    assert [v.asked for _, v in savedviews.all_of(cast.keyring_of("alice")) if v] == [{"status": "VERIFY"}]
    monkeypatch.setattr(notes, "MOST", 1)
    response = keep_view(alice, "One more", status="INTAKE")
    assert response.status_code == 422 and "Remove one first" in response.content.decode()
    assert keep_view(alice, "", status="INTAKE").status_code == 422
    assert OwnNote.objects.count() == 1


def test_what_is_good_for_a_day_is_gone_the_day_after_and_views_stay(cast, alice, cases):
    choose(alice, cases)
    do_it(alice, planned(alice, "tag", add="x1"))
    choose(alice, cases)
    keep_view(alice, "Stays", status="INTAKE")
    assert OwnNote.objects.count() == 3
    expiry.forget_notes_of_the_day()
    assert [row.kind for row in OwnNote.objects.all()] == ["view"]


def test_no_note_says_in_the_clear_which_cases_it_is_about(cast, alice, cases):
    choose(alice, cases)
    note = bytes(OwnNote.objects.get().note_ciphertext)
    assert cases[0].bytes not in note and cases[0].hex.encode() not in note
    assert msgspec.msgpack.encode(cases[0]) not in note
