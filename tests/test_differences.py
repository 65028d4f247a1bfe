"""What changed is said in words, field by field: whatever a record holds has a name of its own."""

import datetime as dt
import typing

import msgspec
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from casework import changes, followup, intake
from casework.agenda import DateToKeep, Interaction, Referral, Task
from casework.record import CaseRecord, Moment, Safety, new_id
from casework.views.differences import NOT_SAID, OTHER, STRUCTS, State, change_shown, known
from tests.cast import in_english, sign_in
from tests.stories import person, story
from tests.test_costs import queries

BOB = "b" * 32
DAY = dt.date(2026, 3, 4)
SHOWN_WHOLE = {"event", "persons", "statements", "tasks", "dates", "interactions", "referrals", "told"}


def structs(kind: object) -> set[type[msgspec.Struct]]:
    """Every shape a record is made of, moments apart: those are shown as one date."""
    found = set().union(*map(structs, typing.get_args(kind)))
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind is not Moment:
        return found.union({kind}, *(structs(field.type) for field in msgspec.structs.fields(kind)))
    return found


@pytest.fixture(autouse=True)
def said_in_english():
    with translation.override("en"):
        yield


def fields() -> list[tuple[str, str]]:
    unsaid = changes.UNSEEN | NOT_SAID | SHOWN_WHOLE
    return [
        (STRUCTS.get(shape, ""), name)
        for shape in structs(CaseRecord)
        if shape.__name__ != "Saved"
        for name in shape.__struct_fields__
        if name not in unsaid
    ]


def test_every_field_of_a_record_has_words():
    assert len(fields()) > 60
    assert [field for within, field in fields() if known(field, within)[0] == OTHER] == []


def changed(change_it) -> dict[str, tuple[str, str]]:
    """Label of each change, with what was and what is."""
    before = story("A", person("Heron"))
    after = changes.copy_of(before)
    change_it(after)
    called = {BOB: "bob"}
    found = changes.differences(before, after)
    shown = [change_shown(State(after, called), State(before, called), change) for change in found]
    return {line["label"]: (line["before"], line["after"]) for line in shown}


def test_each_field_that_changed_is_a_line_with_its_words():
    def busy(record: CaseRecord) -> None:
        record.tags = ["media", "2026"]
        record.persons[0].consents[0].conditions = "Not to her employer"
        record.persons[0].safety = Safety(detained_now="YES", next_review=Moment("2026-03-04"))

    lines = changed(busy)
    assert lines["Tags"] == ("", "media, 2026")
    assert "Conditions: Not to her employer" in lines["Person Heron · Consent"][1]
    assert lines["Person Heron · Detained when the story came in"][1] == "Yes"
    assert set(lines) == {
        "Tags",
        "Person Heron · Consent",
        "Person Heron · Detained when the story came in",
        "Person Heron · Next detention review",
    }


def test_what_was_added_whole_says_each_of_its_fields():
    def follow(record: CaseRecord) -> None:
        someone = record.persons[0].id
        record.tasks = [Task("t1", "Call the clinic", owner=BOB, due=DAY)]
        record.dates = [DateToKeep("d1", "HEARING", on=DAY, person=someone, note="room 2")]
        record.interactions = [Interaction("i1", DAY, "VISIT", whom="her sister", text="She is well.")]
        record.referrals = [
            Referral(
                "r1", someone, "c1", "Clinique Tilia", "HEALTH", "REFER_SERVICE", DAY, DAY, what="a name"
            )
        ]

    lines = changed(follow)
    assert lines["Task (Call the clinic)"] == (
        "",
        "What is to be done: Call the clinic\nWho does it: bob\nUntil when: March 4, 2026",
    )
    [hearing] = [after for label, (_, after) in lines.items() if label.startswith("Date (")]
    assert "Notes: room 2" in hearing and "Whom it concerns: Heron" in hearing
    [talk] = [after for label, (_, after) in lines.items() if label.startswith("Conversation (")]
    assert "With whom: her sister" in talk and "What was said: She is well." in talk
    [referral] = [after for label, (_, after) in lines.items() if label.startswith("Referral (")]
    assert "To whom: Clinique Tilia" in referral and "What is passed on: a name" in referral
    assert not any(
        "Other details" in label or "Other details" in after for label, (_, after) in lines.items()
    )


def test_a_person_added_with_safety_answers_says_so_in_words():
    def arrive(record: CaseRecord) -> None:
        someone = person("Wren")
        someone.safety = Safety(counsel="NO")
        record.persons.append(someone)

    [(_, told)] = changed(arrive).values()
    assert "Wren" in told and "Safety: " in told and "Other details" not in told


@pytest.mark.parametrize("code", ["INTAKE", "NO_SUCH_STATUS"])
def test_a_status_is_in_words_also_when_its_code_is_gone(code):
    def move(record: CaseRecord) -> None:
        record.status = code
        record.verification = "V2"

    lines = changed(move)
    assert lines["Verification"][1] and ("Status" in lines) is (code != "INTAKE")


@pytest.mark.django_db
def test_a_history_of_many_hands_asks_as_little_as_one_of_few(cast):
    case_id = intake.create_case(cast.keyring_of("alice"), cast.verdun, story("A"))
    alice = in_english(sign_in(Client(), "alice"))

    def give(*hands: User) -> None:
        for hand in hands:
            task = Task(new_id(), f"Call {hand}", owner=hand.pk.hex)
            followup.change(cast.keyring_of("bob"), case_id, lambda r, task=task: r.tasks.append(task))

    def page() -> str:
        return alice.get(reverse("case-history", args=[case_id])).content.decode()

    give(cast.alice)
    few = queries(page)
    give(cast.bob, cast.alice, cast.bob)
    assert queries(page) == few
    assert page().count("Who does it: bob") == 2 and page().count("Who does it: alice") == 2
