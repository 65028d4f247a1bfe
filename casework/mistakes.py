"""A person who was written into a case by mistake: what names them there, and the case without them. Pure.

Not for somebody who takes their consent back: earlier revisions still hold what was written down about a mistake."""

from typing import NamedTuple

from casework.agenda import DateToKeep, Interaction, Referral
from casework.record import CaseRecord, Person, Statement


class Naming(NamedTuple):
    """`alone`: told of this person and nobody else. What was passed on stays in any event: its recipient has to be told."""

    alone: list[Statement]
    shared: list[Statement]
    dates: list[DateToKeep]
    interactions: list[Interaction]
    referrals: list[Referral]


def naming(record: CaseRecord, person_id: str) -> Naming:
    told = [statement for statement in record.statements if person_id in statement.about]
    return Naming(
        [statement for statement in told if statement.about == [person_id]],
        [statement for statement in told if statement.about != [person_id]],
        [date for date in record.dates if date.person == person_id],
        [talk for talk in record.interactions if talk.person == person_id],
        [referral for referral in record.referrals if referral.person == person_id],
    )


def others(record: CaseRecord, person_id: str) -> list[Person]:
    return [person for person in record.victims() if person.id != person_id]


def take_out(record: CaseRecord, person_id: str, heir: str) -> None:
    """`heir`: of whom all of it is really told, by id; empty when it goes along. A statement that would be about nobody any more
    goes as well: about nobody means about everybody."""
    found = naming(record, person_id)
    record.persons = [person for person in record.persons if person.id != person_id]
    for statement in (*found.alone, *found.shared):
        named = (heir if who == person_id else who for who in statement.about)
        statement.about = list(dict.fromkeys(filter(None, named)))
    done: list[DateToKeep | Interaction | Referral] = [*found.dates, *found.interactions, *found.referrals]
    for item in done:
        item.person = heir or item.person
    if not heir:
        record.statements = [statement for statement in record.statements if statement not in found.alone]
        record.dates = [date for date in record.dates if date not in found.dates]
        record.interactions = [talk for talk in record.interactions if talk not in found.interactions]
