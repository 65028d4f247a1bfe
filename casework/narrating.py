"""From a case to who may be told of: whom it happened to, if they agree today, once what they told was corroborated.

Beside `casework.coarsening`, the one module that sees both sides: the record of a case, and the names of its passages.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Final

from django.utils import timezone

from casework import consent, stories
from casework.record import CaseRecord, Person

# Unreviewed, single-source and contradicted accounts are not told.
TOLD_VERIFICATIONS: Final = frozenset({"V2", "V3", "V4"})


def kinds(record: CaseRecord, person: Person) -> list[str]:
    """As what this person may be told of today: retold, in their own words, both or neither."""
    if record.verification not in TOLD_VERIFICATIONS or "VICTIM" not in person.roles:
        return []
    return [kind for kind in stories.KINDS if person.statistic_token and ends(person, kind)]


def ends(person: Person, kind: str) -> dt.date | None:
    """The first of the month in which the consent ends, for what is told as for what is counted: from then on, no more. None when
    that is today or over."""
    last = consent.until(person, kind)
    first = last.replace(day=1) if last else dt.date.min
    return first if first > timezone.localdate() else None


def secrets(records: Iterable[CaseRecord]) -> set[bytes]:
    """Of everybody in them."""
    return {secret(person) for record in records for person in record.persons if person.statistic_token}


def secret(person: Person) -> bytes:
    return stories.owner_secret(person.statistic_token) if person.statistic_token else b""


def follow(before: CaseRecord, now: CaseRecord) -> int:
    """After a saving: who was taken out of the case, agrees for a shorter time, or is no longer corroborated is not told of any
    more. How many passages are gone. Whoever never agreed to be told of costs no question."""
    gone = []
    for person in before.persons:
        lost = [kind for kind in _ever_given(person) if _lost(now, person, kind)]
        gone += stories.found([secret(person)], lost) if lost else []
    return stories.remove(gone)


def _ever_given(person: Person) -> list[str]:
    given = {answer.purpose for answer in person.consents if answer.state == "GIVEN"}
    return [kind for kind in stories.KINDS if kind in given]


def _lost(now: CaseRecord, before: Person, kind: str) -> bool:
    person = now.person(before.id)
    if person is None or kind not in kinds(now, person):
        return True
    earlier, later = ends(before, kind), ends(person, kind)
    return earlier is not None and later is not None and later < earlier
