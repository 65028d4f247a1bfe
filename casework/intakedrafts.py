"""What was typed of a case that is not kept yet, part by part, as it was typed. Sealed to its writer's own root: a draft is
nobody else's, on no team, and no search or figure sees it."""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

import msgspec
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.crypto.context import draft_context
from accounts.crypto.padding import pad, unpad
from accounts.crypto.sealed import SealBroken, Sealed
from accounts.keyring import Keyring, Locked
from casework.consent import months_after
from casework.models import IntakeDraft

Typed = dict[str, list[str]]
KEPT_MONTHS: Final = 2
VERSION: Final = 1


class Draft(msgspec.Struct):
    """`parts`: name of the part → field → values, exactly as the browser sent them, right or wrong."""

    begun: dt.date
    team: UUID
    language: str
    reference: str
    parts: dict[str, Typed] = {}
    version: int = VERSION


@dataclass(frozen=True)
class Begun:
    """`draft` is None where the seal is broken."""

    id: UUID
    draft: Draft | None


def begin(keyring: Keyring, team: UUID, language: str, reference: str) -> UUID:
    today = timezone.localdate()
    row = IntakeDraft(id=uuid4(), user=keyring.user, epoch=keyring.principal.epoch)
    row.erase_after = months_after(today.replace(day=1), KEPT_MONTHS)
    row.ciphertext = _sealed(keyring, row, Draft(today, team, language, reference))
    row.save(force_insert=True)
    return row.pk


def mine(keyring: Keyring) -> list[Begun]:
    """Newest first."""
    rows = IntakeDraft.objects.filter(user=keyring.user)
    begun = [Begun(row.pk, _opened_or_none(keyring, row)) for row in rows]
    return sorted(begun, key=lambda b: (b.draft.begun if b.draft else dt.date.min, str(b.id)), reverse=True)


def open_draft(keyring: Keyring, draft_id: UUID) -> Draft:
    """Http404 for one that is not there or somebody else's. Raises SealBroken."""
    row = IntakeDraft.objects.filter(pk=draft_id, user=keyring.user).first()
    if row is None:
        raise Http404
    return _opened(keyring, row)


@sensitive_variables()
def keep_part(keyring: Keyring, draft_id: UUID, part: str, typed: Typed) -> Draft:
    """One part at a time under a lock: two windows with two parts of one story do not undo each other."""
    with transaction.atomic():
        row = IntakeDraft.objects.select_for_update().filter(pk=draft_id, user=keyring.user).first()
        if row is None:
            raise Http404
        draft = _opened(keyring, row)
        draft.parts[part] = typed
        row.epoch = keyring.principal.epoch
        row.ciphertext = _sealed(keyring, row, draft)
        row.save(update_fields=["epoch", "ciphertext"])
    return draft


def discard(keyring: Keyring, draft_id: UUID) -> None:
    if not IntakeDraft.objects.filter(pk=draft_id, user=keyring.user).delete()[0]:
        raise Http404


def _sealed(keyring: Keyring, row: IntakeDraft, draft: Draft) -> Sealed:
    return keyring.principal.seal(pad(msgspec.msgpack.encode(draft)), draft_context(keyring.user.pk, row.pk))


def _opened(keyring: Keyring, row: IntakeDraft) -> Draft:
    """Begun before its writer renewed their own key, too: what was typed is not lost by it."""
    owner = keyring.principal_at(row.epoch)
    opened = unpad(owner.open(row.ciphertext, draft_context(keyring.user.pk, row.pk)))
    draft = msgspec.msgpack.decode(opened, type=Draft)
    if draft.version != VERSION:
        raise SealBroken
    return draft


def _opened_or_none(keyring: Keyring, row: IntakeDraft) -> Draft | None:
    try:
        return _opened(keyring, row)
    except (SealBroken, Locked, msgspec.MsgspecError):
        return None
