"""What the second coordinator approved, and what they had read: under the coordinators' own key, so that whoever exchanges a
draft in the database cannot exchange this."""

import hashlib
from collections.abc import Iterable
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
from casework.passages import Checked, Opened
from casework.reading import Statement


class Approval(msgspec.Struct, frozen=True):
    """`stories`: how each that it tells was checked, for the register: a withdrawal leaves no passage to ask."""

    digest: bytes
    by: UUID
    read: list[Statement]
    stories: list[Checked] = []

    def is_of(self, document: Document, by: UUID) -> bool:
        return (self.digest, self.by) == (_digest(document), by)


def seal_into(
    holder: KeyHolder, release: Release, document: Document, read: list[Statement], told: Iterable[Opened]
) -> None:
    """Sets the two columns; saving them is the caller's. `told`: accepted, all of them."""
    key = holder.team(teams.coordinators().pk)
    approval = Approval(_digest(document), holder.user.pk, read, [one.checked for one in told])
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
