"""What was done: sealed to the auditors, chained entry to entry, so that a reader of the database learns nothing and a writer of
it cannot take one entry out or put one in without breaking every later link."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.utils import timezone

from accounts import teams
from accounts.crypto.context import audit_context
from accounts.crypto.padding import pad, unpad
from accounts.models import User
from accounts.publickeys import recipient
from accounts.teams import KeyHolder
from casework.models import AuditEntry, AuditHead


class Entry(msgspec.Struct):
    at: datetime
    actor: UUID | None
    action: str
    subject: UUID | None
    detail: dict[str, str | int] = {}


@dataclass(frozen=True)
class Broken:
    """The first entry that does not follow from the one before it."""

    sequence: int


def link(before: bytes, sequence: int, ciphertext: bytes) -> bytes:
    return hashlib.sha256(before + sequence.to_bytes(8, "big") + ciphertext).digest()


def append(actor: User | None, action: str, subject: UUID | None = None, **detail: str | int) -> int:
    """In the caller's transaction: what is not recorded did not happen, and what is undone leaves no entry.

    `detail` holds codes, counts and ids, never content."""
    entry = Entry(timezone.now(), actor.pk if actor else None, action, subject, detail)
    with transaction.atomic():
        head = _locked_head()
        sequence = head.sequence + 1
        key = recipient(teams.auditors().pk)
        ciphertext = key.seal(pad(msgspec.msgpack.encode(entry)), audit_context(sequence))
        head.sequence, head.chain = sequence, link(bytes(head.chain), sequence, ciphertext)
        AuditEntry.objects.create(
            sequence=sequence, epoch=key.epoch, entry_ciphertext=ciphertext, chain=head.chain
        )
        head.save()
    return sequence


def _locked_head() -> AuditHead:
    rows = AuditHead.objects.all()
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    head = rows.filter(pk=1).first()
    return head or AuditHead.objects.get_or_create(pk=1)[0]


def verify() -> Broken | None:
    """Walks the whole chain; needs no key."""
    before, expected = bytes(32), 0
    for row in AuditEntry.objects.order_by("sequence").iterator(chunk_size=1000):
        expected += 1
        before = link(before, row.sequence, row.entry_ciphertext)
        if row.sequence != expected or bytes(row.chain) != before:
            return Broken(expected)
    head = AuditHead.objects.filter(pk=1).first()
    return None if (head.sequence if head else 0) == expected else Broken(expected + 1)


def head() -> str:
    """The newest link, in hex: written down elsewhere once a day, it proves that nothing before it was taken out."""
    row = AuditHead.objects.filter(pk=1).first()
    return bytes(row.chain).hex() if row else ""


def entries(keys: KeyHolder, team_id: UUID) -> Iterator[Entry]:
    """Newest first, opened with the auditors' roots; raises SealBroken at an entry that was altered."""
    for row in AuditEntry.objects.order_by("-sequence").iterator(chunk_size=200):
        auditors = keys.team(team_id, row.epoch)
        opened = unpad(auditors.open_from(row.entry_ciphertext, audit_context(row.sequence)))
        yield msgspec.msgpack.decode(opened, type=Entry)
