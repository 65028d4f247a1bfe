"""The sealed rows of evidence: what a file is, and the log of what was done with it, by whom and when.

Both are sealed under the case key, and so anew whenever the case is. The file itself is not: it is encrypted under a key of its
own whose root stands here, because a revocation must not have to encrypt gigabytes again (docs/decisions/0011)."""

import datetime as dt
import hashlib
import os
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final
from uuid import UUID

import msgspec
from django.utils import timezone

from accounts.crypto.context import field_context
from accounts.crypto.derivation import KEY_BYTES
from accounts.crypto.padding import pad, unpad
from accounts.crypto.sealed import SealBroken, Sealed
from accounts.models import User
from casework.keys import CaseKey
from casework.models import CustodyEntry, Evidence
from casework.searchtext import FileWords

DETAILS, CUSTODY = "evidence", "custody"
VERSION: Final = 1
RECEIVED, VIEWED, CLEANED, EXPORTED, REDACTED = "received", "viewed", "cleaned", "exported", "redacted"
MOVED: Final = "moved"
BEFORE_THE_FIRST: Final = bytes(32)


class Details(msgspec.Struct):
    """`kind`: the type by content; `also`: what else it can be read as; `made_from`: the original of a redacted copy."""

    version: int
    root: bytes
    name: str
    kind: str
    size: int
    sha256: bytes
    received: dt.datetime
    by: UUID
    description: str = ""
    also: list[str] = []
    made_from: UUID | None = None
    # The case whose id the key of the file was made with, when the evidence has gone on to another since.
    sealed_in: UUID | None = None

    def __repr__(self) -> str:
        """Holds a key: it prints as little as `Unspoken` does."""
        return "<Details>"


class Entry(msgspec.Struct):
    """`before`: the hash of the entry before it, so that one taken out or put elsewhere is missed."""

    at: dt.datetime
    by: UUID
    name: str
    act: str
    before: bytes
    detail: dict[str, str] = {}


class Piece(msgspec.Struct):
    """One piece of evidence, opened."""

    id: UUID
    case_id: UUID
    details: Details


_encoder = msgspec.msgpack.Encoder()


def new_root() -> bytes:
    return os.urandom(KEY_BYTES)


def seal_details(key: CaseKey, evidence_id: UUID, details: Details) -> Sealed:
    """Padded: the length of a name can be the name."""
    return key.cipher.seal(pad(_encoder.encode(details)), field_context(DETAILS, key.case_id, evidence_id))


def open_details(key: CaseKey, row: Evidence) -> Details:
    context = field_context(DETAILS, key.case_id, row.pk)
    details = msgspec.msgpack.decode(unpad(key.cipher.open(row.details_ciphertext, context)), type=Details)
    if details.version != VERSION:
        raise SealBroken
    return details


def pieces(key: CaseKey) -> list[Piece]:
    """All of a case, oldest first."""
    rows = Evidence.objects.filter(case_id=key.case_id)
    opened = [Piece(row.pk, key.case_id, open_details(key, row)) for row in rows]
    return sorted(opened, key=lambda piece: (piece.details.received, piece.id))


def words_of(opened: Iterable[CaseKey]) -> dict[UUID, list[FileWords]]:
    """What the evidence of these cases is found by, in one question for all of them. A row that does not open is found by
    nothing: the page of its case says so, and the case can still be saved."""
    by_case, found = {key.case_id: key for key in opened}, defaultdict[UUID, list[FileWords]](list)
    for row in Evidence.objects.filter(case_id__in=list(by_case)).order_by("pk"):
        with suppress(SealBroken):
            details = open_details(by_case[row.case_id], row)
            found[row.case_id].append(FileWords(details.name, details.kind, details.description))
    return found


def append(key: CaseKey, evidence_id: UUID, user: User, act: str, **detail: str) -> int:
    """In the caller's transaction, in which the caller holds the case. The number of the entry."""
    last = CustodyEntry.objects.filter(evidence_id=evidence_id).order_by("-number").first()
    before = _link(_opened(key, last)) if last else BEFORE_THE_FIRST
    number = last.number + 1 if last else 1
    entry = Entry(timezone.now(), user.pk, user.username, act, before, detail)
    entry_id = uuid.uuid4()
    CustodyEntry.objects.create(
        id=entry_id, evidence_id=evidence_id, number=number, entry_ciphertext=_sealed(key, entry_id, entry)
    )
    return number


def _sealed(key: CaseKey, entry_id: UUID, entry: Entry) -> Sealed:
    return key.cipher.seal(pad(_encoder.encode(entry)), field_context(CUSTODY, key.case_id, entry_id))


def _opened(key: CaseKey, row: CustodyEntry) -> Entry:
    context = field_context(CUSTODY, key.case_id, row.pk)
    return msgspec.msgpack.decode(unpad(key.cipher.open(row.entry_ciphertext, context)), type=Entry)


def _link(entry: Entry) -> bytes:
    return hashlib.sha256(_encoder.encode(entry)).digest()


def log(key: CaseKey, evidence_id: UUID) -> list[Entry]:
    """Oldest first. Raises SealBroken when an entry was altered, taken out or put elsewhere.

    Entries cut off at the end do not show here; the auditors' log has the number of each."""
    found, before = [], BEFORE_THE_FIRST
    for number, row in enumerate(CustodyEntry.objects.filter(evidence_id=evidence_id).order_by("number"), 1):
        entry = _opened(key, row)
        if row.number != number or entry.before != before:
            raise SealBroken
        found.append(entry)
        before = _link(entry)
    return found


def reseal(old: CaseKey, new: CaseKey) -> None:
    """Every sealed byte about the evidence of a case under its new key. The files stay as they are."""
    for row in Evidence.objects.filter(case_id=old.case_id):
        row.details_ciphertext = seal_details(new, row.pk, open_details(old, row))
        row.save(update_fields=["details_ciphertext"])
    _reseal_logs(old, new, CustodyEntry.objects.filter(evidence__case_id=old.case_id))


def _reseal_logs(old: CaseKey, new: CaseKey, rows: Iterable[CustodyEntry]) -> None:
    for row in rows:
        row.entry_ciphertext = _sealed(new, row.pk, _opened(old, row))
        row.save(update_fields=["entry_ciphertext"])


def move(old: CaseKey, new: CaseKey, kept: Mapping[UUID, tuple[str, str]], by: User) -> None:
    """Evidence goes on in another case, with its log, under the name and description given. The file stays as it is, encrypted
    under its own key."""
    for row in Evidence.objects.filter(case_id=old.case_id, pk__in=list(kept)):
        details = open_details(old, row)
        details.sealed_in = details.sealed_in or old.case_id
        details.name, details.description = kept[row.pk]
        details.made_from = details.made_from if details.made_from in kept else None
        row.case_id, row.details_ciphertext = new.case_id, seal_details(new, row.pk, details)
        row.save(update_fields=["case", "details_ciphertext"])
        _reseal_logs(old, new, CustodyEntry.objects.filter(evidence=row))
        append(new, row.pk, by, MOVED)
