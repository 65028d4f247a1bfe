"""Somebody who is in two cases: their answers become one list, and what is withdrawn in one case is withdrawn in both."""

from uuid import UUID

from django.http import Http404

from accounts.keyring import Keyring
from accounts.whole import whole
from casework import audit, consent, consentrecords, intake, permissions, vault, withdrawing
from casework.answers import Holder
from casework.consentrecords import Opened
from casework.record import Consent, Person

# A case, and the id of the person in it.
Place = tuple[UUID, str]


@whole
def join(keyring: Keyring, first: Place, second: Place) -> None:
    """Whoever may change both cases may say so. What one list says no to, the other loses. Raises Http404."""
    # Asked before anything is locked: what somebody may not change does not exist for them.
    for case_id, _person in (first, second):
        permissions.case_for(keyring.user, case_id, permissions.CHANGE)
    both = permissions.hold_cases([first[0], second[0]])
    consentrecords.hold(person for case in both for person in vault.reopen(keyring, case).record.persons)
    held = [(place, intake.hold(keyring, place[0])) for place in (first, second)]
    people = [_whose(one, place[1]) for place, one in held]
    records = [_record(one, person) for (_place, one), person in zip(held, people, strict=True)]
    before = [
        (list(person.consents), record.answers.cases())
        for person, record in zip(people, records, strict=True)
    ]
    joined = consentrecords.join(*records)
    for (_place, one), person in zip(held, people, strict=True):
        person.consents = list(joined.answers.consents)
        intake.keep_held(keyring, one, "consent.record")
    audit.append(keyring.user, "consent.join", first[0])
    for person, (told, cases) in zip(people, before, strict=True):
        _follow(keyring, cases, person, told)


def _whose(held: intake.Held, person_id: str) -> Person:
    person = held.record.person(person_id)
    if person is None:
        raise Http404
    return person


def _record(held: intake.Held, person: Person) -> Opened:
    found = consentrecords.of(held.key, person, lock=True)
    return found or consentrecords.begin(held.key, held.record, person)


def _follow(keyring: Keyring, cases: list[Holder], person: Person, told: list[Consent]) -> None:
    """In those of their cases for which it is news."""
    gone = consent.no_longer(Person(id="", consents=told), person)
    if gone:
        since = consent.counted_since(person)
        withdrawing.carry_out(withdrawing.Withdrawn(gone, cases, since), keyring.user)
