"""What the second coordinator approved, and what they had read: under the coordinators' own key, so that whoever exchanges a
draft in the database cannot exchange this."""

import hashlib
from uuid import UUID

import msgspec

from accounts import teams
from accounts.crypto.context import release_context
from accounts.crypto.padding import pad, unpad
from accounts.crypto.sealed import SealBroken
from accounts.teams import KeyHolder
from casework import documents
from casework.documents import Document
from casework.models import Release
from casework.reading import Statement


class Approval(msgspec.Struct, frozen=True):
    digest: bytes
    by: UUID
    read: list[Statement]

    def is_of(self, document: Document, by: UUID) -> bool:
        return (self.digest, self.by) == (_digest(document), by)


def seal_into(holder: KeyHolder, release: Release, document: Document, read: list[Statement]) -> None:
    """Sets the two columns; saving them is the caller's."""
    key, approval = holder.team(teams.coordinators().pk), Approval(_digest(document), holder.user.pk, read)
    release.approval_ciphertext = key.seal(pad(msgspec.msgpack.encode(approval)), _place(release))
    release.approval_epoch = key.epoch


def opened(holder: KeyHolder, release: Release) -> Approval:
    """Raises SealBroken for an altered one, or one of another release."""
    key = holder.team(teams.coordinators().pk, release.approval_epoch)
    raw = key.open(release.approval_ciphertext or b"", _place(release))
    try:
        return msgspec.msgpack.decode(unpad(raw), type=Approval)
    except (msgspec.MsgspecError, ValueError):
        raise SealBroken from None


def _digest(document: Document) -> bytes:
    return hashlib.sha256(documents.canonical(document)).digest()


def _place(release: Release) -> bytes:
    return release_context("approval", release.pk)
