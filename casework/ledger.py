"""The ledger of erasures: keyed hashes of what must never come back, beside the erasure shares, whose backups die within days.

The hashes are keyed with a file outside every database, which web and worker both hold: an erasure needs no passphrase and no
pepper, and a seized ledger alone does not say which addresses in a laptop's history were cases.
"""

import datetime as dt
import hmac
import secrets
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import keyfiles
from accounts.crypto.context import erased_context
from casework.models import ErasedCase, ErasureShare, LedgerEntry, Rule

ERASURE: Final = "erasure"
CHUNK: Final = 500


class LedgerKeyWrong(Exception):
    """The ledger was made with another key than the one on disk: nothing in it would be recognised."""


class Hashes:
    """Raises KeysMissing, LedgerKeyWrong: whoever cannot recognise an erased case must not say that there is none."""

    def __init__(self) -> None:
        self._key = keyfiles.ledger_key()
        self.check = self._of(LedgerEntry.Kind.KEY, b"")
        others = LedgerEntry.objects.filter(kind=LedgerEntry.Kind.KEY).exclude(pk=self.check)
        if others.exists():
            raise LedgerKeyWrong

    def _of(self, kind: LedgerEntry.Kind, name: bytes) -> bytes:
        return hmac.digest(self._key, erased_context(kind.value, name), "sha256")

    def case(self, case_id: UUID) -> bytes:
        return self._of(LedgerEntry.Kind.CASE, case_id.bytes)

    def statistic(self, token_hash: bytes) -> bytes:
        return self._of(LedgerEntry.Kind.STATISTIC, token_hash)

    def story(self, story_id: UUID) -> bytes:
        return self._of(LedgerEntry.Kind.STORY, story_id.bytes)


def has(hashes: Hashes, case_id: UUID) -> bool:
    return LedgerEntry.objects.filter(pk=hashes.case(case_id)).exists()


def enter(hashes: Hashes, case_id: UUID, rule: Rule) -> LedgerEntry:
    """The entry, and the share gone, both or neither; what was entered before stays as it was. From here on nothing opens the
    case any more, whatever becomes of its rows."""
    with transaction.atomic(using=ERASURE):
        _sign(hashes)
        entry, _new = LedgerEntry.objects.get_or_create(
            digest=hashes.case(case_id),
            defaults={
                "kind": LedgerEntry.Kind.CASE,
                "number": new_number(),
                "erased_on": timezone.localdate(),
                "rule": rule,
            },
        )
        destroy_shares([case_id])
    return entry


def destroy_shares(case_ids: Iterable[UUID]) -> None:
    """Without looking at them: the worker's role may delete a share and may not read one."""
    wanted = list(case_ids)
    for start in range(0, len(wanted), CHUNK):
        ErasureShare.objects.filter(pk__in=wanted[start : start + CHUNK])._raw_delete(ERASURE)


def enter_statistics(hashes: Hashes, token_hashes: Iterable[bytes]) -> None:
    kind = LedgerEntry.Kind.STATISTIC
    _enter(hashes, [LedgerEntry(digest=hashes.statistic(name), kind=kind) for name in token_hashes])


def enter_stories(hashes: Hashes, story_ids: Iterable[UUID]) -> None:
    """Passages that nobody may tell any more, whatever a backup says."""
    _enter(hashes, [LedgerEntry(digest=hashes.story(one), kind=LedgerEntry.Kind.STORY) for one in story_ids])


def _enter(hashes: Hashes, entries: list[LedgerEntry]) -> None:
    """In an order that is not that of the people in the case."""
    if entries:
        secrets.SystemRandom().shuffle(entries)
        with transaction.atomic(using=ERASURE):
            _sign(hashes)
            LedgerEntry.objects.bulk_create(entries, ignore_conflicts=True)


def strike_statistics(hashes: Hashes, token_hashes: Iterable[bytes]) -> None:
    """The order to erase was taken back."""
    LedgerEntry.objects.filter(pk__in=[hashes.statistic(name) for name in token_hashes]).delete()


def _sign(hashes: Hashes) -> None:
    LedgerEntry.objects.get_or_create(digest=hashes.check, defaults={"kind": LedgerEntry.Kind.KEY})


def new_number() -> str:
    """As written on a certificate. Random: a counted one would tell everybody how many there are."""
    digits = f"{secrets.randbelow(10**8):08}"
    return f"E-{digits[:4]}-{digits[4:]}"


def cases() -> dict[bytes, LedgerEntry]:
    return {entry.pk: entry for entry in LedgerEntry.objects.filter(kind=LedgerEntry.Kind.CASE)}


def agrees() -> bool:
    """Whether ledger and tombstones say the same. They do not after one of the two databases was restored from a backup, and for
    the moment between the two halves of an erasure."""
    there = set(LedgerEntry.objects.filter(kind=LedgerEntry.Kind.CASE).values_list("number", flat=True))
    return there == set(ErasedCase.objects.values_list("number", flat=True))


def tombstone(entry: LedgerEntry) -> ErasedCase:
    made, _new = ErasedCase.objects.get_or_create(
        digest=entry.digest,
        defaults={
            "number": entry.number,
            "erased_on": entry.erased_on or timezone.localdate(),
            "rule": entry.rule,
        },
    )
    return made


# Kept elsewhere: lines of text that say nothing without the key.


def lines() -> list[str]:
    """One line an entry; what `read_lines` takes back into a ledger that was lost."""
    return [
        " ".join([e.digest.hex(), e.kind, e.number or "-", str(e.erased_on or "-"), e.rule or "-"])
        for e in LedgerEntry.objects.order_by("digest")
    ]


def read_lines(found: Iterable[str]) -> int:
    """How many entries were not there before. Raises ValueError for a line that is none, and keeps nothing then."""
    entries = [_entry(line) for line in found if line.strip()]
    with transaction.atomic(using=ERASURE):
        known = LedgerEntry.objects.filter(pk__in=[entry.pk for entry in entries]).count()
        LedgerEntry.objects.bulk_create(entries, ignore_conflicts=True)
    return len({entry.pk for entry in entries}) - known


def _entry(line: str) -> LedgerEntry:
    digest, kind, number, day, rule = line.split()
    entry = LedgerEntry(
        digest=bytes.fromhex(digest),
        kind=LedgerEntry.Kind(kind).value,
        number="" if number == "-" else number,
        erased_on=None if day == "-" else dt.date.fromisoformat(day),
        rule="" if rule == "-" else Rule(rule).value,
    )
    if len(entry.digest) != 32 or (kind == LedgerEntry.Kind.CASE and not (entry.number and entry.rule)):
        raise ValueError("not a line of the ledger")
    return entry


def take_over(marks: Iterable[ErasedCase]) -> None:
    """The ledger is older than the main database, or lost: what the tombstones say goes back into it."""
    with transaction.atomic(using=ERASURE):
        LedgerEntry.objects.bulk_create(
            [
                LedgerEntry(
                    digest=mark.digest,
                    kind=LedgerEntry.Kind.CASE,
                    number=mark.number,
                    erased_on=mark.erased_on,
                    rule=mark.rule,
                )
                for mark in marks
            ],
            ignore_conflicts=True,
        )
