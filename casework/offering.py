"""A passage offered out of an open case: by somebody who keeps it, for one person who agrees today, typed anew and flagged.

It can be looked for, taken back and written again by whoever has the case open; nobody else finds its way back to the case.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.http import Http404
from django.utils import timezone

from accounts.crypto.sealed import SealBroken
from accounts.keyring import Keyring
from accounts.models import User
from accounts.whole import whole
from casework import (
    audit,
    consent,
    consentrecords,
    keys,
    narrating,
    neverleaves,
    passages,
    permissions,
    vault,
)
from casework import stories as rows
from casework.models import Story
from casework.neverleaves import Flag, Known
from casework.passages import Answer, Passage
from casework.record import CaseRecord, Person
from casework.vault import OpenCase


class Flagged(Exception):
    """Something stands in the text that must not leave, or that nobody has said a reason for. Nothing was kept."""


@dataclass(frozen=True, repr=False)
class Typed:
    """`text`: by language, those that were filled in. `instead`: the passage that was sent back, which this one replaces."""

    person: str
    kind: str
    text: dict[str, str]
    changed: list[str]
    answers: list[Answer] = field(default_factory=list)
    instead: UUID | None = None


@dataclass(frozen=True, repr=False)
class Offered:
    """A passage of a person of this case, as whoever has the case open reads it."""

    row: Story
    person: Person
    passage: Passage
    reply: str
    # It stands in a release that everybody reads.
    published: bool


def open_for(keyring: Keyring, case_id: UUID) -> OpenCase:
    """A case of the person's own team, or one granted to them by name. A partner group, which the people agreed reads it,
    publishes nothing of it: to them this does not exist. Raises Http404, ConsentMissing, SealBroken."""
    permissions.case_for(keyring.user, case_id)
    if permissions.partner_cases(keyring.user, case_id):
        raise Http404
    return vault.open_case(keyring, case_id)


def known_of(keyring: Keyring, record: CaseRecord) -> Known:
    """What is looked for in every text: what stands in the case, and who works here, who never leaves either."""
    return neverleaves.known(record, User.objects.order_by("pk").values_list("username", flat=True))


def flags(typed: Typed, known: Known) -> dict[str, list[Flag]]:
    return {language: neverleaves.flags(text, typed.kind, known) for language, text in typed.text.items()}


def standing(typed: Typed, known: Known) -> list[Flag]:
    """What still stands in the way, in all languages."""
    answers = [(a.flag, a.words, a.reason) for a in typed.answers]
    return [f for found in flags(typed, known).values() for f in neverleaves.unanswered(found, answers)]


def offer(keyring: Keyring, case_id: UUID, typed: Typed) -> UUID:
    """Raises ConsentMissing when the person does not agree to this today, Flagged, Http404."""
    _make_findable(keyring, case_id, typed.person)
    return _offer(keyring, case_id, typed)


@whole
def _offer(keyring: Keyring, case_id: UUID, typed: Typed) -> UUID:
    permissions.hold_case(case_id)
    opened = open_for(keyring, case_id)
    person, ends = _agreeing(opened.record, typed)
    if standing(typed, known_of(keyring, opened.record)):
        raise Flagged
    if typed.instead:
        _take_back(opened.record, typed.instead)
    story = _keep(keyring, person, typed, ends)
    audit.append(keyring.user, "story.offer", case_id)
    return story.pk


@whole
def _make_findable(keyring: Keyring, case_id: UUID, person_id: str) -> None:
    """In a transaction of its own: rows written together can be told by the database to have been."""
    permissions.hold_case(case_id)
    opened = open_for(keyring, case_id)
    person = opened.record.person(person_id)
    if person is not None and person.consent_key:
        consentrecords.make_findable(keys.open_key(keyring, opened.case), opened.record, person)


def _agreeing(record: CaseRecord, typed: Typed) -> tuple[Person, dt.date]:
    person = record.person(typed.person)
    ends = (
        narrating.ends(person, typed.kind)
        if person and typed.kind in narrating.kinds(record, person)
        else None
    )
    if person is None or ends is None:
        raise consent.ConsentMissing(typed.kind)
    return person, ends


def _keep(keyring: Keyring, person: Person, typed: Typed, ends: dt.date) -> Story:
    story_id, token = uuid4(), person.statistic_token
    passage = Passage(
        kind=typed.kind,
        text=typed.text,
        changed=typed.changed,
        author=keyring.user.pk,
        offered_on=timezone.localdate(),
        ends=ends,
        answers=typed.answers,
    )
    owner = rows.owner(rows.owner_secret(token), typed.kind, story_id)
    row = passages.sealed_row(rows.content_key(token, story_id), story_id, owner, passage)
    row.save(force_insert=True)
    return row


# What was offered of a case


def offered(record: CaseRecord) -> list[Offered]:
    """Of everybody in the case that is open. One that was altered is left out: it can be neither read nor told."""
    tokens = {narrating.secret(p): p for p in record.persons if p.statistic_token}
    found = {pk: person for secret, person in tokens.items() for pk in rows.found([secret])} if tokens else {}
    shown = []
    for row in Story.objects.filter(pk__in=found).order_by("pk").prefetch_related("uses") if found else ():
        try:
            shown.append(_offered(row, found[row.pk]))
        except SealBroken:
            continue
    return shown


def _offered(row: Story, person: Person) -> Offered:
    key = rows.content_key(person.statistic_token, row.pk)
    published = any(use.place is not None for use in row.uses.all())
    return Offered(row, person, passages.passage_of(key, row), passages.reply_of(key, row), published)


@whole
def take_back(keyring: Keyring, case_id: UUID, story_id: UUID) -> None:
    """By anybody who could have offered it: from what waits, from drafts, from the words of what is published. Raises Http404."""
    permissions.hold_case(case_id)
    _take_back(open_for(keyring, case_id).record, story_id)
    audit.append(keyring.user, "story.take_back", case_id)


def _take_back(record: CaseRecord, story_id: UUID) -> None:
    if story_id not in rows.found(narrating.secrets([record])):
        raise Http404
    rows.remove([story_id])


def one(record: CaseRecord, story_id: UUID) -> Offered:
    """Raises Http404 for one that is not of this case."""
    return _only(story for story in offered(record) if story.row.pk == story_id)


def _only(found: Iterable[Offered]) -> Offered:
    story = next(iter(found), None)
    if story is None:
        raise Http404
    return story
