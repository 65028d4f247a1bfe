"""A person's own notes: saved views, the cases they have selected, how to take their last act on many back. Sealed under their
own wrap key, so that neither the database nor anybody on their team can say what they look for."""

from typing import Final, TypeVar
from uuid import UUID, uuid4

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from accounts.crypto.context import own_note_context
from accounts.crypto.padding import pad, unpad
from accounts.crypto.sealed import SealBroken
from accounts.keyring import Keyring, Locked
from casework.models import OwnNote

Note = TypeVar("Note", bound=msgspec.Struct)
# More would be no longer a list to choose from; and each is opened for every page of the list.
MOST: Final = 50


class TooMany(Exception):
    """There are MOST of this kind already. Nothing was kept."""


def keep(keyring: Keyring, kind: str, note: msgspec.Struct) -> UUID:
    """Raises TooMany."""
    note_id = uuid4()
    place = own_note_context(kind, keyring.user.pk, note_id)
    sealed = keyring.principal.seal(pad(msgspec.msgpack.encode(note)), place)
    with transaction.atomic():
        OwnNote.objects.create(
            id=note_id, user=keyring.user, kind=kind, epoch=keyring.principal.epoch, note_ciphertext=sealed
        )
        if OwnNote.objects.filter(user=keyring.user, kind=kind).count() > MOST:
            raise TooMany
    return note_id


def replace(keyring: Keyring, kind: str, note: msgspec.Struct) -> None:
    """The one note of its kind."""
    with transaction.atomic():
        OwnNote.objects.filter(user=keyring.user, kind=kind).delete()
        keep(keyring, kind, note)


def all_of(keyring: Keyring, kind: str, shape: type[Note]) -> list[tuple[UUID, Note | None]]:
    """None for one that does not open: it was altered, or belongs to a root that is gone."""
    return [(row.pk, _opened(keyring, row, shape)) for row in _mine(keyring).filter(kind=kind)]


def one(keyring: Keyring, kind: str, shape: type[Note], note_id: UUID | None = None) -> Note | None:
    """By its id, or the only one of its kind. None when it is not there, is somebody else's, or does not open."""
    rows = _mine(keyring).filter(kind=kind)
    row = (rows.filter(pk=note_id) if note_id else rows).first()
    return _opened(keyring, row, shape) if row else None


def forget(keyring: Keyring, kind: str, note_id: UUID | None = None) -> bool:
    rows = OwnNote.objects.filter(user=keyring.user, kind=kind)
    gone, _ = (rows.filter(pk=note_id) if note_id else rows).delete()
    return gone > 0


def _mine(keyring: Keyring) -> QuerySet[OwnNote]:
    return OwnNote.objects.filter(user=keyring.user).order_by("pk")


def _opened(keyring: Keyring, row: OwnNote, shape: type[Note]) -> Note | None:
    place = own_note_context(row.kind, keyring.user.pk, row.pk)
    try:
        opened = unpad(keyring.principal_at(row.epoch).open(row.note_ciphertext, place))
        return msgspec.msgpack.decode(opened, type=shape)
    except (SealBroken, Locked, msgspec.MsgspecError):
        return None
