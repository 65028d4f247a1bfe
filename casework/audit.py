"""What was done: sealed to the auditors, chained entry to entry, so that a reader of the database learns nothing and a writer of
it cannot take one entry out or put one in without breaking every later link."""

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from accounts.crypto.context import audit_context
from accounts.crypto.padding import pad, unpad
from accounts.crypto.sealed import SealBroken
from accounts.models import TeamKind, User
from accounts.publickeys import governing_recipient
from accounts.teams import KeyHolder
from accounts.whole import at_the_end
from casework import veils
from casework.models import AuditEntry, AuditHead

logger = logging.getLogger(__name__)
SHOWN: Final = 100
OPENED_AT_ONCE: Final = 5000
# The one act about a case that may not be there: veiled alike, or the length of the entry would tell which of the two it was.
DENIED: Final = "case.denied"


class Entry(msgspec.Struct):
    """What an entry says of one case, `subject` and `detail`, stands in it under that case's veil, and is lost with the case:
    `case_is_gone` then, and who did what kind of thing on which day is all that remains."""

    at: datetime
    actor: UUID | None
    action: str
    subject: UUID | None
    detail: dict[str, str | int] = {}
    veil: veils.Veiled | None = None

    @property
    def case_is_gone(self) -> bool:
        return self.veil is not None


@dataclass(frozen=True)
class Broken:
    """The first entry that does not follow from the one before it."""

    sequence: int


def link(before: bytes, sequence: int, ciphertext: bytes) -> bytes:
    return hashlib.sha256(before + sequence.to_bytes(8, "big") + ciphertext).digest()


def append(actor: User | None, action: str, subject: UUID | None = None, **detail: str | int) -> None:
    """In the caller's transaction: what is not recorded did not happen, and what is undone leaves no entry. Written at the end of
    an act, because whoever holds the head of the log keeps every other writer waiting, and must not wait for anybody then.

    `detail` holds codes, counts and ids, never content."""
    # The veil now: an act that erases the case destroys its audit key.
    veil = veils.of(subject, missing_too=action == DENIED)
    at_the_end(partial(_append, actor, action, subject, veil, detail))


def _append(
    actor: User | None, action: str, subject: UUID | None, veil: veils.Veil | None, detail: veils.Detail
) -> None:
    with transaction.atomic():
        # Before the lock.
        key = governing_recipient(TeamKind.AUDITORS)
        head = _locked_head()
        sequence = head.sequence + 1
        entry = Entry(timezone.now(), actor.pk if actor else None, action, subject, detail)
        if veil is not None and subject is not None:
            entry.subject, entry.detail, entry.veil = None, {}, veil.draw(sequence, subject, detail)
        ciphertext = key.seal(pad(msgspec.msgpack.encode(entry)), audit_context(sequence))
        chain = link(bytes(head.chain), sequence, ciphertext)
        AuditEntry.objects.create(
            sequence=sequence, epoch=key.epoch, entry_ciphertext=ciphertext, chain=chain
        )
        AuditHead.objects.filter(pk=head.pk).update(sequence=sequence, chain=chain)


def _locked_head() -> AuditHead:
    rows = AuditHead.objects.select_for_update().filter(pk=1)
    head = rows.first()
    if head is None:
        # The very first entry: several may be writing it, and whoever made the row does not hold it yet.
        AuditHead.objects.get_or_create(pk=1)
        head = rows.get()
    return head


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


def holds(written_down: str) -> bool:
    """Whether a head that somebody kept elsewhere is still a link of this chain: only then nothing before it was exchanged."""
    try:
        wanted = bytes.fromhex(written_down)
    except ValueError:
        return False
    return any(
        bytes(chain) == wanted for chain in AuditEntry.objects.values_list("chain", flat=True).iterator()
    )


def log_head() -> None:
    """The worker's daily line: whoever keeps the log elsewhere keeps a proof of everything up to here."""
    row = AuditHead.objects.filter(pk=1).first()
    logger.info("Audit chain: %s entries, head %s.", row.sequence if row else 0, head() or "-")


def entries(keys: KeyHolder, team_id: UUID) -> Iterator[Entry]:
    """Newest first, opened with the auditors' roots; raises SealBroken at an entry that was altered."""
    lifting = veils.Lifting()
    for row in AuditEntry.objects.order_by("-sequence").iterator(chunk_size=200):
        entry = _opened(keys, team_id, row)
        _unveil(lifting, {row.sequence: entry})
        yield entry


def _opened(keys: KeyHolder, team_id: UUID, row: AuditEntry) -> Entry:
    auditors = keys.team(team_id, row.epoch)
    opened = unpad(auditors.open_from(row.entry_ciphertext, audit_context(row.sequence)))
    return msgspec.msgpack.decode(opened, type=Entry)


def _unveil(lifting: veils.Lifting, entries: dict[int, Entry]) -> None:
    """With the subject and the details where the case is still there."""
    lifted = lifting.lift({number: entry.veil for number, entry in entries.items() if entry.veil})
    for number, said in lifted.items():
        entries[number].subject, entries[number].detail, entries[number].veil = *said, None


class Numbered(NamedTuple):
    """`entry` is None where the seal is broken: one altered row must not hide all others."""

    sequence: int
    entry: Entry | None


@dataclass(frozen=True)
class Page:
    """`older`: continue below this entry; 0 when there is nothing below. `opened`: how many were looked at."""

    entries: list[Numbered]
    older: int
    opened: int


def page(keys: KeyHolder, team_id: UUID, matches: Callable[[Entry], bool], before: int = 0) -> Page:
    """Newest first, those that match, and at most OPENED_AT_ONCE looked at: what is sealed can only be searched by opening."""
    rows = AuditEntry.objects.order_by("-sequence")
    rows = rows.filter(sequence__lt=before) if before else rows
    found: list[Numbered] = []
    opened = last = 0
    for row in rows[:OPENED_AT_ONCE].iterator(chunk_size=200):
        entry = _opened_or_none(keys, team_id, row)
        opened, last = opened + 1, row.sequence
        if entry is None or matches(entry):
            found.append(Numbered(row.sequence, entry))
        if len(found) == SHOWN:
            break
    _unveil(veils.Lifting(), {sequence: entry for sequence, entry in found if entry})
    more = AuditEntry.objects.filter(sequence__lt=last).exists()
    return Page(found, last if more else 0, opened)


def _opened_or_none(keys: KeyHolder, team_id: UUID, row: AuditEntry) -> Entry | None:
    try:
        return _opened(keys, team_id, row)
    except (SealBroken, msgspec.MsgspecError):
        return None
