"""A copy that is being prepared: which cases, for whom, why. Held sealed to whoever prepares it, and gone within the hour."""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec
from django.utils import timezone

from accounts.keyring import Keyring
from casework import heldfiles, permissions
from casework.models import HeldFile

MINUTES: Final = 60
MOST_CASES: Final = 200


class TooMany(Exception):
    """More cases than one copy may hold."""


class Facts(msgspec.Struct):
    """`person`: whose own file it is, by id; then there is one case. `made`: the copy is there to be fetched, while everybody
    agrees to what they agreed to then, `agreed`: case, person and purpose."""

    cases: list[UUID]
    person: str = ""
    recipient: str = ""
    to: str = ""
    reason: str = ""
    form: str = "xlsx"
    language: str = "fr"
    destroy_by: dt.date | None = None
    evidence: bool = False
    made: bool = False
    agreed: list[tuple[UUID, str, str]] = []


@dataclass(frozen=True)
class Draft:
    held: heldfiles.Held
    facts: Facts

    def keep(self, facts: Facts) -> "Draft":
        self.held.keep_facts(msgspec.msgpack.encode(facts))
        return Draft(self.held, facts)


def begin(keyring: Keyring, cases: list[UUID], *, person: str = "", language: str = "fr") -> Draft:
    """Http404 unless each of them may be exported by this person; TooMany."""
    wanted = sorted(set(cases))
    if len(wanted) > MOST_CASES:
        raise TooMany
    may_export(keyring, wanted)
    recipient = "PERSON" if person else ""
    facts = Facts(wanted, person=person, recipient=recipient, language=language)
    facts.destroy_by = timezone.localdate() + dt.timedelta(days=30)
    held = heldfiles.hold(keyring.principal, HeldFile.Kind.EXPORT, msgspec.msgpack.encode(facts), (), MINUTES)
    return Draft(held, facts)


def may_export(keyring: Keyring, cases: list[UUID]) -> None:
    """One question for all of them. Http404 for the first that is missing or forbidden."""
    allowed = permissions.cases_for(keyring.user, permissions.EXPORT).filter(pk__in=cases)
    missing = set(cases) - set(allowed.values_list("pk", flat=True))
    if missing or not cases:
        raise permissions.Denied(min(missing, default=UUID(int=0)))


def draft_for(keyring: Keyring, held_id: UUID, share: bytes | None) -> Draft:
    """Http404 to a stranger, after its time, and in another session."""
    held = heldfiles.held_for(keyring.principal, HeldFile.Kind.EXPORT, held_id, share)
    return Draft(held, msgspec.msgpack.decode(held.facts, type=Facts))
