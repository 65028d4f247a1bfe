"""What is done for people: each act kept as a revision, referrals only as the person agreed, and nothing half done."""

import datetime as dt
import re
import uuid

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casework import audit, contacts, followup, intake, sharing, vault
from casework.agenda import Contact, DateToKeep, Interaction, Task
from casework.models import Revision
from casework.permissions import Denied
from casework.record import Consent, Moment, Outcome, Step
from tests.cast import in_english, sign_in
from tests.stories import person, story

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 11, 10)


@pytest.fixture
def ring(cast):
    return cast.keyring_of("alice")


@pytest.fixture
def case_id(ring, cast):
    someone = person("Heron", "STORE", "STATS", "REFER_LEGAL")
    someone.outcomes = [Outcome("DETAINED")]
    someone.steps = [Step("HOLD", began=Moment("2026-11-01T10:00"), agency="SPVM")]
    return intake.create_case(ring, cast.verdun, story("H-1", someone))


@pytest.fixture
def lawyer(ring, cast):
    return contacts.add(ring, cast.verdun, Contact("Tilia Cordata", "LAWYER", phone="514 555-0147"))


@pytest.fixture
def clinic(ring, cast):
    return contacts.add(ring, cast.verdun, Contact("Clinique des Érables", "HEALTH"))


def record_of(ring, case_id):
    return vault.open_case(ring, case_id).record


def text_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def acts(cast) -> list[str]:
    from accounts.teams import auditors

    return [entry.action for entry in audit.entries(cast.keyring_of("frank"), auditors().id)]


# Tasks


def test_a_task_is_added_given_to_somebody_ticked_and_unticked(cast, alice, ring, case_id):
    sent = {"text": "Call the sister", "owner": cast.bob.pk.hex, "due": "2026-12-01"}
    answer = alice.post(reverse("task-add", args=[case_id]), sent)
    assert answer.status_code == 302 and answer.url.endswith("#follow-up")
    task = record_of(ring, case_id).tasks[0]
    assert (task.text, task.owner, task.due, task.done_on) == (
        "Call the sister",
        cast.bob.pk.hex,
        dt.date(2026, 12, 1),
        None,
    )
    page = text_of(alice.get(reverse("case", args=[case_id])))
    assert "Call the sister" in page and "bob does it" in page
    tick = reverse("task-tick", args=[case_id, uuid.UUID(task.id)])
    alice.post(tick)
    done = record_of(ring, case_id).tasks[0]
    assert (done.done_on, done.done_by) == (timezone.localdate(), cast.alice.pk.hex)
    alice.post(tick)
    assert record_of(ring, case_id).tasks[0].done_on is None
    assert Revision.objects.filter(case=case_id).count() == 4


def test_a_task_is_changed_and_taken_out_and_keeps_that_it_was_done(cast, alice, ring, case_id):
    followup.change(ring, case_id, lambda r: followup.put(r.tasks, Task("ab" * 16, "Call", done_on=DAY)))
    address = reverse("task-change", args=[case_id, uuid.UUID("ab" * 16)])
    assert alice.post(address, {"text": "Call again"}).status_code == 302
    assert record_of(ring, case_id).tasks == [Task("ab" * 16, "Call again", done_on=DAY)]
    alice.post(address, {"remove": "1"})
    assert record_of(ring, case_id).tasks == []
    assert alice.get(address).status_code == 404


def test_a_task_cannot_be_given_to_somebody_outside_the_team(cast, alice, ring, case_id):
    address, sent = reverse("task-add", args=[case_id]), {"text": "Call", "owner": cast.charlie.pk.hex}
    answer = alice.post(address, sent)
    assert answer.status_code == 422 and "Call" in answer.content.decode()
    assert "charlie" not in alice.get(address).content.decode()
    assert record_of(ring, case_id).tasks == []


def test_two_people_who_each_add_a_task_have_each_added_one(cast, ring, case_id):
    bob = cast.keyring_of("bob")

    def mine(record):
        if not record.tasks:
            # Somebody saves between the reading and the saving of this one.
            followup.change(bob, case_id, lambda r: followup.put(r.tasks, Task("b" * 32, "Of bob")))
        followup.put(record.tasks, Task("a" * 32, "Of alice"))

    followup.change(ring, case_id, mine)
    assert [task.text for task in record_of(ring, case_id).tasks] == ["Of bob", "Of alice"]


def test_when_others_are_always_faster_nothing_is_kept_and_the_page_says_so(
    cast, alice, ring, case_id, monkeypatch
):
    def late(*_args):
        raise intake.SavedMeanwhile(vault.open_case(ring, case_id))

    monkeypatch.setattr(followup.intake, "save_case", late)
    answer = alice.post(reverse("task-add", args=[case_id]), {"text": "Call"})
    assert answer.status_code == 409 and "Nothing of yours was kept" in text_of(answer)
    assert record_of(ring, case_id).tasks == []


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("task-add", {"text": ""}),
        ("task-add", {"text": "x" * 1001}),
        ("task-add", {"text": "Call", "due": "soon"}),
        ("task-add", {"text": "Call", "due": "0026-11-10"}),
        ("task-add", {"text": "Call", "owner": "somebody"}),
        ("date-add", {"kind": "REMOVAL"}),
        ("date-add", {"kind": "NONSENSE", "on": "2026-12-01"}),
        ("date-add", {"kind": "REVIEW_48H", "on": "2026-12-01"}),
        ("date-add", {"kind": "ACCESS"}),
        ("date-add", {"kind": "ACCESS", "body": "QC"}),
        ("date-add", {"kind": "ACCESS", "body": "QC", "received_on": "2999-01-01"}),
        ("date-add", {"kind": "ACCESS", "body": "FEDERAL", "received_on": "2026-11-01", "extended": "on"}),
        ("log-add", {"kind": "CALL", "on": "2999-01-01"}),
        ("log-add", {"kind": "CALL", "on": "2026-11-01", "told_outcome": "on"}),
        ("log-add", {"kind": "SHOUT", "on": "2026-11-01"}),
        ("review-add", {"began": "", "result": "CONTINUED"}),
        ("review-add", {"began": "2026-11-03", "result": "PERHAPS"}),
        ("review-add", {"began": "2999", "result": "CONTINUED"}),
    ],
)  # fmt: skip
def test_bad_input_is_answered_in_words_and_keeps_nothing(cast, alice, ring, case_id, name, sent):
    answer = alice.post(reverse(name, args=[case_id]), sent)
    assert answer.status_code == 422 and "error-summary" in answer.content.decode()
    assert Revision.objects.filter(case=case_id).count() == 1


def test_direction_controls_are_taken_out_of_what_is_typed(alice, ring, case_id):
    alice.post(reverse("task-add", args=[case_id]), {"text": "Call <b>\u202egnp</b>"})
    assert record_of(ring, case_id).tasks[0].text == "Call <b>gnp</b>"
    assert "<b>gnp" not in alice.get(reverse("case", args=[case_id])).content.decode()


def test_whoever_may_only_read_sees_what_is_due_and_no_button(cast, ring, case_id):
    followup.change(ring, case_id, lambda r: followup.put(r.tasks, Task("a" * 32, "Call the sister")))
    sharing.grant(ring, case_id, cast.charlie, may_change=False)
    charlie = in_english(sign_in(Client(), "charlie"))
    page = charlie.get(reverse("case", args=[case_id])).content.decode()
    assert "Call the sister" in page
    assert "/tick/" not in page and "/tasks/add/" not in page and "/move/" not in page
    with pytest.raises(Denied):
        followup.change(cast.keyring_of("charlie"), case_id, lambda r: None)


# Dates and reviews


def test_a_date_is_added_seen_to_and_comes_back(alice, ring, case_id):
    alice.post(reverse("date-add", args=[case_id]), {"kind": "REMOVAL", "on": "2026-12-24"})
    date = record_of(ring, case_id).dates[0]
    keep = reverse("date-keep", args=[case_id, uuid.UUID(date.id)])
    alice.post(keep)
    assert record_of(ring, case_id).dates[0].kept_on == timezone.localdate()
    alice.post(keep)
    assert record_of(ring, case_id).dates[0].kept_on is None


def test_an_access_request_is_counted_from_its_receipt(alice, ring, case_id):
    sent = {"kind": "ACCESS", "body": "QC", "received_on": "2026-11-01", "extended": "on"}
    assert alice.post(reverse("date-add", args=[case_id]), sent).status_code == 302
    assert "Dec. 1, 2026" in text_of(alice.get(reverse("case", args=[case_id])))


def test_what_belongs_to_access_requests_is_not_kept_with_another_date(alice, ring, case_id):
    sent = {
        "kind": "REMOVAL",
        "on": "2026-12-24",
        "body": "QC",
        "received_on": "2026-11-01",
        "extended": "on",
    }
    alice.post(reverse("date-add", args=[case_id]), sent)
    date = record_of(ring, case_id).dates[0]
    assert (date.body, date.received_on, date.extended) == ("", None, False)


def test_a_review_is_a_step_an_outcome_and_the_next_date(alice, ring, case_id):
    followup.change(
        ring, case_id, lambda r: r.dates.append(DateToKeep("d" * 32, "REVIEW", dt.date(2026, 11, 3)))
    )
    someone = record_of(ring, case_id).persons[0]
    sent = {"person": someone.id, "began": "2026-11-03", "result": "CONTINUED", "next_on": "2026-11-10"}
    assert alice.post(reverse("review-add", args=[case_id]), sent).status_code == 302
    record = record_of(ring, case_id)
    step = record.persons[0].steps[-1]
    assert (step.kind, step.result, step.began) == ("REVIEW", "CONTINUED", Moment("2026-11-03"))
    assert record.persons[0].outcomes[-1] == Outcome("REVIEW_CONTINUED", Moment("2026-11-03"))
    assert record.dates[0].kept_on == timezone.localdate()
    assert (record.dates[1].kind, record.dates[1].on) == ("REVIEW", dt.date(2026, 11, 10))


def test_a_release_ordered_by_a_review_ends_the_detention(ring, case_id):
    someone = record_of(ring, case_id).persons[0]
    step = Step("REVIEW", began=Moment("2026-11-03"), result="RELEASED")
    followup.change(ring, case_id, lambda r: followup.review(r, someone.id, step, None))
    card = next(listed.card for listed in vault.cards(ring).cases if listed.case_id == case_id)
    assert not card.detained_now and card.due == ()


def test_a_review_written_down_late_stands_before_the_release(ring, case_id):
    someone = record_of(ring, case_id).persons[0]

    def act(record):
        record.persons[0].steps.append(Step("RELEASE"))
        followup.review(record, someone.id, Step("REVIEW"), None)

    followup.change(ring, case_id, act)
    assert [s.kind for s in record_of(ring, case_id).persons[0].steps] == ["HOLD", "REVIEW", "RELEASE"]


def test_an_item_or_person_of_another_case_is_not_there(ring, case_id):
    record = record_of(ring, case_id)
    with pytest.raises(Http404):
        followup.tick(record, uuid.uuid4(), uuid.uuid4())
    with pytest.raises(Http404):
        followup.review(record, uuid.uuid4().hex, Step("REVIEW"), None)


# Conversations


def test_the_log_says_newest_first_who_wrote_it_and_who_was_told(cast, alice, ring, case_id):
    someone = record_of(ring, case_id).persons[0]
    assert "Heron was not told the outcome yet" in text_of(alice.get(reverse("case", args=[case_id])))
    older = {"on": "2026-11-02", "kind": "VISIT", "text": "She eats little."}
    newer = {
        "on": "2026-11-09",
        "kind": "CALL",
        "person": someone.id,
        "told_outcome": "on",
        "text": "She knows.",
    }
    for sent in (newer, older):
        assert alice.post(reverse("log-add", args=[case_id]), sent).status_code == 302
    page = text_of(alice.get(reverse("case", args=[case_id])))
    assert page.index("She knows.") < page.index("She eats little.")
    assert "Heron was told the outcome on Nov. 9, 2026" in page and "written down by alice" in page


def test_the_log_is_found_by_searching_and_restoring_an_old_revision_keeps_it(ring, case_id):
    talk = Interaction("a" * 32, DAY, "CALL", text="The sister brings the medicines")
    followup.change(ring, case_id, lambda r: followup.log(r, talk))
    assert [found.case_id for found in vault.search(ring, "medicines").cases] == [case_id]
    intake.restore(ring, case_id, 1, 2)
    assert record_of(ring, case_id).interactions == [talk]


def test_the_history_says_in_words_what_was_done(cast, alice, ring, case_id, lawyer):
    alice.post(reverse("task-add", args=[case_id]), {"text": "Call the sister", "owner": cast.bob.pk.hex})
    task = record_of(ring, case_id).tasks[0]
    alice.post(reverse("task-tick", args=[case_id, uuid.UUID(task.id)]))
    alice.post(reverse("date-add", args=[case_id]), {"kind": "REMOVAL", "on": "2026-12-24"})
    alice.post(reverse("refer", args=[case_id]), refer_to(lawyer, record_of(ring, case_id)))
    page = text_of(alice.get(reverse("case-history", args=[case_id])))
    for words in ("Task (Call the sister)", "Who does it: bob", "Done by", "Date (Removal)", "Tilia Cordata"):
        assert words in page
    assert "Other details" not in page and cast.bob.pk.hex not in page and "MADE" not in page


# Referrals


def refer_to(contact_id, record, **more: str) -> dict[str, str]:
    sent = {
        "person": record.persons[0].id,
        "contact": contact_id.hex,
        "agreed": "on",
        "agreed_on": "2026-11-10",
    }
    return sent | {"what": "Her name and where she is held"} | more


def test_a_referral_is_made_only_with_consent_for_its_purpose(cast, alice, ring, case_id, lawyer):
    answer = alice.post(reverse("refer", args=[case_id]), refer_to(lawyer, record_of(ring, case_id)))
    assert answer.status_code == 302
    referral = record_of(ring, case_id).referrals[0]
    assert (referral.name, referral.purpose, referral.state) == ("Tilia Cordata", "REFER_LEGAL", "MADE")
    assert (referral.agreed_on, referral.by) == (DAY, cast.alice.pk.hex)
    assert "case.refer" in acts(cast)


def test_without_consent_it_is_refused_in_words_and_nothing_is_kept(cast, alice, ring, case_id, clinic):
    answer = alice.post(reverse("refer", args=[case_id]), refer_to(clinic, record_of(ring, case_id)))
    assert answer.status_code == 422
    assert "Heron has not agreed" in text_of(answer) and "Nothing was passed on" in text_of(answer)
    assert "Her name and where she is held" in answer.content.decode()
    assert record_of(ring, case_id).referrals == [] and "case.refer" not in acts(cast)


def test_consent_is_asked_of_the_case_as_it_is_at_that_moment(cast, alice, ring, case_id, lawyer):
    """The page was opened while she agreed; she withdraws before it is sent."""
    record = record_of(ring, case_id)
    sent = refer_to(lawyer, record)
    record.persons[0].consents.append(Consent("REFER_LEGAL", "WITHDRAWN", timezone.localdate(), "ORAL", "fr"))
    intake.save_consents(ring, case_id, record, 1)
    assert alice.post(reverse("refer", args=[case_id]), sent).status_code == 422
    assert record_of(ring, case_id).referrals == []


@pytest.mark.parametrize(
    "changed",
    [
        {"agreed": ""},
        {"agreed_on": "2999-01-01"},
        {"what": ""},
        {"contact": uuid.uuid4().hex},
        {"person": "x"},
    ],
)
def test_a_referral_needs_the_agreement_to_this_recipient_and_what_is_passed_on(
    alice, ring, case_id, lawyer, changed
):
    sent = refer_to(lawyer, record_of(ring, case_id)) | changed
    assert alice.post(reverse("refer", args=[case_id]), sent).status_code == 422
    assert record_of(ring, case_id).referrals == []


def test_another_teams_contact_cannot_be_referred_to(cast, alice, ring, case_id):
    theirs = contacts.add(cast.keyring_of("charlie"), cast.other_team, Contact("Secret clinic", "LAWYER"))
    sent = refer_to(theirs, record_of(ring, case_id))
    answer = alice.post(reverse("refer", args=[case_id]), sent)
    assert answer.status_code in (200, 422) and "Secret clinic" not in answer.content.decode()
    assert record_of(ring, case_id).referrals == []


def test_when_consent_runs_out_the_page_says_whom_to_tell_until_it_was_called_back(
    cast, alice, ring, case_id, lawyer
):
    alice.post(reverse("refer", args=[case_id]), refer_to(lawyer, record_of(ring, case_id)))
    assert followup.to_call_back(record_of(ring, case_id)) == []
    record = record_of(ring, case_id)
    last = timezone.localdate() - dt.timedelta(days=1)
    given = next(answer for answer in record.persons[0].consents if answer.purpose == "REFER_LEGAL")
    given.on, given.expires = last, last
    intake.save_consents(ring, case_id, record, 2)
    assert "Tell Tilia Cordata" in text_of(alice.get(reverse("case", args=[case_id])))
    referral = record_of(ring, case_id).referrals[0]
    address = reverse("referral-change", args=[case_id, uuid.UUID(referral.id)])
    alice.post(address, {"state": "CANCELLED", "answered_on": "2026-11-20", "note": "They deleted it."})
    page = text_of(alice.get(reverse("case", args=[case_id])))
    assert "Tell Tilia Cordata" not in page and "They deleted it." in page


def test_every_kind_of_contact_has_its_purpose():
    from casework.consent import PURPOSES
    from casework.vocabulary import codes

    assert set(contacts.PURPOSES) == set(codes("contact_kind"))
    assert set(contacts.PURPOSES.values()) <= set(PURPOSES)


# The way of the case


def test_a_case_moves_only_along_its_ways(alice, ring, case_id):
    move = reverse("case-move", args=[case_id])
    answer = alice.post(move, {"status": "CLOSED"}, follow=True)
    assert "Nothing was changed" in text_of(answer) and record_of(ring, case_id).status == "INTAKE"
    for status in ("SAFETY", "VERIFY", "REFER", "FOLLOW_UP", "CLOSED"):
        alice.post(move, {"status": status})
        assert record_of(ring, case_id).status == status


@pytest.mark.parametrize("status", ["WITHDRAWN", "ERASED", "", "NONSENSE"])
def test_what_only_the_person_may_end_is_not_a_move(alice, ring, case_id, status):
    alice.post(reverse("case-move", args=[case_id]), {"status": status})
    assert record_of(ring, case_id).status == "INTAKE"


def test_withdrawal_moves_the_case_and_a_new_yes_brings_it_among_those_followed_up(ring, case_id):
    def answered(state: str, revision: int) -> str:
        record = vault.open_consents(ring, case_id).record
        record.persons[0].consents.append(Consent("STORE", state, timezone.localdate(), "ORAL", "fr"))
        intake.save_consents(ring, case_id, record, revision)
        return vault.open_consents(ring, case_id).record.status

    assert answered("GIVEN", 1) == "INTAKE"
    assert answered("WITHDRAWN", 2) == "WITHDRAWN"
    assert answered("GIVEN", 3) == "FOLLOW_UP"


def test_a_case_of_somebody_detained_may_skip_the_queue_and_another_may_not(cast, alice, ring, case_id):
    alice.post(reverse("case-move", args=[case_id]), {"status": "REFER"})
    assert record_of(ring, case_id).status == "REFER"
    free = person()
    free.outcomes = [Outcome("RELEASED_SCENE")]
    other = intake.create_case(ring, cast.verdun, story("H-2", free))
    alice.post(reverse("case-move", args=[other]), {"status": "REFER"})
    assert record_of(ring, other).status == "INTAKE"
