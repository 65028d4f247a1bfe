"""What a withdrawal leaves to be done by people: to tell whoever received something, to take one person's part out of a file.

Worked out, each time, from the answers and from what left: a person with a receipt withdraws while nobody with a key is there, so
that no list of tasks could be written then. What is written down is only who was told, by whom and when."""

import datetime as dt
from collections.abc import Iterator
from typing import Final, NamedTuple
from uuid import UUID

from django.utils import timezone

from casework import consent, register
from casework.agenda import Told
from casework.deadlines import Due, whole_day
from casework.keys import CaseKey
from casework.record import CaseRecord, Person, new_id

TELL: Final = "TELL"
TAKE_OUT: Final = "TAKE_OUT"
# The days in which a file about several stays closed before all of it is erased.
DAYS_TO_TAKE_OUT: Final = dt.timedelta(days=7)


class Passed(NamedTuple):
    """Something that left: a copy, or a referral. `item`: the row or the referral, as hexadecimal digits."""

    item: str
    name: str
    recipient: str
    purpose: str
    people: tuple[str, ...]


class Owed(NamedTuple):
    """Somebody to be told that a person no longer agrees, `since` a day."""

    passed: Passed
    person: Person
    since: dt.date


def to_tell(key: CaseKey, record: CaseRecord) -> list[Owed]:
    """Nearly always nothing, and then without a question to the database: this is asked at every saving."""
    if not any(consent.has_withdrawn(person) for person in record.persons):
        return []
    told = {(t.item, t.person): t.on for t in sorted(record.told, key=lambda t: t.on)}
    return [
        owed
        for owed in _owed(record, _passed(key, record))
        if told.get((owed.passed.item, owed.person.id), dt.date.min) < owed.since
    ]


def _owed(record: CaseRecord, passed: list[Passed]) -> Iterator[Owed]:
    for item in passed:
        for person in record.persons:
            days = [consent.withdrawn_on(person, purpose) for purpose in (item.purpose, "STORE")]
            known = [day for day in days if day]
            if known and person.id in item.people:
                yield Owed(item, person, min(known))


def _passed(key: CaseKey, record: CaseRecord) -> list[Passed]:
    """A person's own copy is theirs; one that was to be destroyed by now is nobody's any more."""
    today = timezone.localdate()
    copies = [
        Passed(row.hex, entry.to, entry.recipient, entry.purpose, tuple(entry.people))
        for row, entry in register.rows(key)
        if entry.recipient != register.PERSON and entry.destroy_by >= today
    ]
    referrals = [
        Passed(one.id, one.name, "", one.purpose, (one.person,))
        for one in record.referrals
        if one.state not in ("CANCELLED", "DECLINED")
    ]
    return [*copies, *referrals]


def for_card(key: CaseKey, record: CaseRecord) -> list[Due]:
    return [*(whole_day(owed.since, TELL, "", "") for owed in to_tell(key, record)), *to_take_out(record)]


def to_take_out(record: CaseRecord) -> list[Due]:
    """Somebody in a file about several no longer agrees that it is kept: it is erased whole unless their part is taken out."""
    people = record.victims()
    days = [day for person in people if (day := consent.withdrawn_on(person, "STORE"))]
    if not days or len(days) == len(people):
        return []
    return [whole_day(min(days) + DAYS_TO_TAKE_OUT, TAKE_OUT, "", "")]


def told(record: CaseRecord, owed: Owed, by: UUID) -> None:
    today = timezone.localdate()
    record.told.append(Told(new_id(), owed.passed.item, owed.person.id, owed.passed.name, today, by.hex))
