"""What is done for people after their story came in: tasks, dates, conversations, reviews, referrals, the way of the case.

Each act is a small change of the record, made on the case as it is at that moment: two people who each add a task have each
added a task. It is kept as any change is, as a new revision with its audit entry, or not at all.
"""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Final, TypeVar
from uuid import UUID

from django.http import Http404
from django.utils import timezone

from accounts.keyring import Keyring
from accounts.whole import whole
from casework import audit, consent, intake, permissions, registers, vault, workflow
from casework.agenda import DateToKeep, Interaction, Referral, Task
from casework.contacts import PURPOSES, Kept
from casework.record import CaseRecord, Moment, Outcome, Person, Step, is_detained_now

TRIES: Final = 3
Item = TypeVar("Item", Task, DateToKeep, Referral)
# A review that ends or continues a detention is also what became of it.
OUTCOMES: Final = {"CONTINUED": "REVIEW_CONTINUED", "RELEASED": "REVIEW_RELEASED"}


class NotAgreed(Exception):
    """The person has not agreed that anything is passed on for this purpose, or does no longer. Nothing was passed on."""

    def __init__(self, person: Person, purpose: str) -> None:
        super().__init__(purpose)
        self.person, self.purpose = person, purpose


class NoSuchMove(Exception):
    """The case does not go from where it is to there; somebody else may have moved it meanwhile."""


def new_id() -> str:
    return uuid.uuid4().hex


def change(
    keyring: Keyring,
    case_id: UUID,
    act: Callable[[CaseRecord], None],
    entry: str = "",
    passed_on: str = "",
    **detail: str,
) -> None:
    """Raises what the act raises, with nothing kept; SavedMeanwhile when others saved faster TRIES times in a row.

    `entry`: a second audit entry for an act that reaches further than the case. `passed_on`: the purpose for which something
    of it leaves, for the register of communications."""
    for tries_left in reversed(range(TRIES)):
        case = permissions.case_for(keyring.user, case_id, permissions.CHANGE)
        opened = vault.reopen(keyring, case)
        vault.require_read(keyring, opened)
        act(opened.record)
        try:
            _keep(keyring, case_id, opened, entry, passed_on, detail)
            return
        except intake.SavedMeanwhile:
            if not tries_left:
                raise


@whole
def _keep(
    keyring: Keyring,
    case_id: UUID,
    opened: vault.OpenCase,
    entry: str,
    passed_on: str,
    detail: dict[str, str],
) -> None:
    intake.save_case(keyring, case_id, opened.record, opened.revision)
    if entry:
        audit.append(keyring.user, entry, case_id, **detail)
    if passed_on:
        registers.note_communication(keyring.user, "copy.referral", passed_on, "referral")


def item_of(items: list[Item], item_id: UUID) -> Item:
    """Raises Http404: an id of another case, or one that somebody has taken out."""
    found = next((item for item in items if item.id == item_id.hex), None)
    if found is None:
        raise Http404
    return found


def tick(record: CaseRecord, task_id: UUID, by: UUID) -> None:
    """Done today, or not done after all."""
    task = item_of(record.tasks, task_id)
    done = task.done_on is None
    task.done_on, task.done_by = (timezone.localdate(), by.hex) if done else (None, "")


def keep_date(record: CaseRecord, date_id: UUID) -> None:
    """It has been seen to, or not after all."""
    date = item_of(record.dates, date_id)
    date.kept_on = None if date.kept_on else timezone.localdate()


def put(items: list[Item], item: Item) -> None:
    """In the place of the one with its id, or at the end."""
    place = next((number for number, old in enumerate(items) if old.id == item.id), len(items))
    items[place : place + 1] = [item]


def take_out(items: list[Item], item_id: UUID) -> None:
    items.remove(item_of(items, item_id))


def log(record: CaseRecord, interaction: Interaction) -> None:
    """Newest first, by the day it took place."""
    record.interactions.append(interaction)
    record.interactions.sort(key=lambda talk: talk.on, reverse=True)


# Detention reviews


def review(record: CaseRecord, person_id: str, step: Step, next_on: dt.date | None) -> None:
    """Writes down a review and its result, sees to the date that announced it, and adds the next one if it was named."""
    person = record.person(person_id)
    if person is None:
        raise Http404
    person.steps.insert(_place_of_review(person), step)
    if step.result in OUTCOMES:
        person.outcomes.append(Outcome(OUTCOMES[step.result], step.began))
    for date in record.dates:
        if date.kind == "REVIEW" and date.kept_on is None and _announced(date, person, step.began):
            date.kept_on = timezone.localdate()
    if next_on is not None:
        record.dates.append(DateToKeep(new_id(), "REVIEW", next_on, person.id))


def _place_of_review(person: Person) -> int:
    """After everything but what ended the detention."""
    last = len(person.steps)
    while last and person.steps[last - 1].kind in ("RELEASE", "REMOVAL"):
        last -= 1
    return last


def _announced(date: DateToKeep, person: Person, held: Moment | None) -> bool:
    mine = date.person in ("", person.id)
    return mine and date.on is not None and held is not None and date.on <= held.latest.date()


# Referrals


def refer(record: CaseRecord, person_id: str, to: Kept, agreed_on: dt.date, what: str, by: UUID) -> None:
    """Asked at the moment it is passed on, of the case as it is then. Raises NotAgreed; there is no override."""
    person = record.person(person_id)
    if person is None:
        raise Http404
    purpose = PURPOSES[to.contact.kind]
    if not consent.may(person, purpose):
        raise NotAgreed(person, purpose)
    record.referrals.append(
        Referral(
            id=new_id(),
            person=person.id,
            contact=to.id.hex,
            name=to.contact.name,
            kind=to.contact.kind,
            purpose=purpose,
            on=timezone.localdate(),
            agreed_on=agreed_on,
            what=what,
            by=by.hex,
        )
    )


def to_call_back(record: CaseRecord) -> list[Referral]:
    """What was passed on to somebody while the person agreed, whose consent has run out since. What was withdrawn is `owed`."""
    return [referral for referral in record.referrals if _has_ended(record, referral)]


def _has_ended(record: CaseRecord, referral: Referral) -> bool:
    person = record.person(referral.person)
    open_still = referral.state not in ("CANCELLED", "DECLINED")
    return open_still and (person is None or _has_run_out(person, referral.purpose))


def _has_run_out(person: Person, purpose: str) -> bool:
    withdrawn = any(consent.withdrawn_on(person, asked) for asked in (purpose, "STORE"))
    return not withdrawn and not consent.may(person, purpose)


# The way of the case


def is_detained(record: CaseRecord) -> bool:
    return any(is_detained_now(person) for person in record.victims())


def move(record: CaseRecord, status: str) -> None:
    if not workflow.may_move(record.status, status, detained=is_detained(record)):
        raise NoSuchMove
    record.status = status
