"""The contacts of a team: lawyers, clinics, shelters, partner groups. Whoever has a seat in the team reads and changes them; each
row opens with the root of the team at the epoch it names, and is sealed anew when a new epoch begins."""

import uuid
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404

from accounts.crypto.context import contact_context
from accounts.crypto.padding import pad, unpad
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken, Sealed
from accounts.keyring import Keyring, Locked
from accounts.models import Team, TeamKind
from accounts.teams import hold_still, teams_of
from casework import audit
from casework.agenda import Contact
from casework.models import Contact as Row

# What a person must have agreed to before anything is passed on to a contact of this kind.
PURPOSES: Final = {
    "LAWYER": "REFER_LEGAL",
    "LEGAL_CLINIC": "REFER_LEGAL",
    "HEALTH": "REFER_SERVICE",
    "SHELTER": "REFER_SERVICE",
    "VICTIM_SUPPORT": "REFER_SERVICE",
    "SERVICE": "REFER_SERVICE",
    "PARTNER": "SHARE_PARTNER",
}


@dataclass(frozen=True)
class Kept:
    id: UUID
    team: Team
    contact: Contact


@dataclass(frozen=True)
class Book:
    """`broken`: rows whose sealed bytes were altered; they are counted, never silently left out."""

    contacts: list[Kept]
    broken: int


def _rows(keyring: Keyring) -> QuerySet[Row]:
    teams = teams_of(keyring.user, TeamKind.ORGANIZERS)
    return Row.objects.filter(team__in=teams).select_related("team")


def book(keyring: Keyring) -> Book:
    """Every contact of the person's teams, by name."""
    found, broken = [], 0
    for row in _rows(keyring):
        try:
            found.append(_opened(keyring, row))
        except (SealBroken, Locked):
            broken += 1
    return Book(sorted(found, key=lambda kept: kept.contact.name.casefold()), broken)


def contact_for(keyring: Keyring, contact_id: UUID) -> Kept:
    """Fetch and check in one call: to a stranger, missing and forbidden look alike."""
    row = _rows(keyring).filter(pk=contact_id).first()
    if row is None:
        raise Http404
    return _opened(keyring, row)


def _opened(keyring: Keyring, row: Row) -> Kept:
    return Kept(row.pk, row.team, _open(keyring.team(row.team_id, row.epoch), row))


def _open(team: Principal, row: Row) -> Contact:
    opened = unpad(team.open(row.contact_ciphertext, contact_context(row.team_id, row.pk)))
    return msgspec.msgpack.decode(opened, type=Contact)


def _sealed(team: Principal, row_id: UUID, contact: Contact) -> Sealed:
    return team.seal(pad(msgspec.msgpack.encode(contact)), contact_context(team.id, row_id))


def add(keyring: Keyring, team: Team, contact: Contact) -> UUID:
    row_id = uuid.uuid4()
    with transaction.atomic():
        principal = keyring.team(team.pk, hold_still([team.pk])[team.pk])
        sealed = _sealed(principal, row_id, contact)
        Row.objects.create(pk=row_id, team=team, epoch=principal.epoch, contact_ciphertext=sealed)
        audit.append(keyring.user, "contact.add", row_id)
    return row_id


def save(keyring: Keyring, contact_id: UUID, contact: Contact) -> None:
    with transaction.atomic():
        kept = contact_for(keyring, contact_id)
        principal = keyring.team(kept.team.pk, hold_still([kept.team.pk])[kept.team.pk])
        sealed = _sealed(principal, kept.id, contact)
        Row.objects.filter(pk=kept.id).update(epoch=principal.epoch, contact_ciphertext=sealed)
        audit.append(keyring.user, "contact.save", kept.id)


def remove(keyring: Keyring, contact_id: UUID) -> None:
    """The row goes; the name stays in the cases of those who were referred there, because a withdrawal has to reach it."""
    with transaction.atomic():
        row = _rows(keyring).filter(pk=contact_id).first()
        if row is None:
            raise Http404
        Row.objects.filter(pk=contact_id).delete()
        audit.append(keyring.user, "contact.remove", contact_id)


def reseal(team: Team, before: Principal, now: Principal) -> None:
    """In the transaction in which a new epoch of the team begins. An altered row stays as it is: it must not keep a leaver in."""
    for row in Row.objects.filter(team=team, epoch=before.epoch).select_for_update(of=("self",)):
        try:
            sealed = _sealed(now, row.pk, _open(before, row))
        except SealBroken:
            continue
        Row.objects.filter(pk=row.pk).update(epoch=now.epoch, contact_ciphertext=sealed)
