"""Files on their way in or out, held sealed between two pages and gone soon after.

Two halves open one: the owner's root, and a random share in the owner's session, a store without backups. Whoever seizes an old
backup of the main database and later a passphrase still has bytes that nothing opens. Takes principals, never keyrings: the
worker calls `forget_ended`."""

import datetime as dt
import io
import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, cast
from uuid import UUID, uuid4

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts.crypto.context import context
from accounts.crypto.derivation import KEY_BYTES
from accounts.crypto.envelope import Cipher
from accounts.crypto.padding import pad, unpad
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken, Sealed, Unspoken
from casework.models import HeldFile, HeldPart

LABEL: Final = "temoin/v1/held-file"
PART: Final = 1024 * 1024
FACTS: Final = 0


class Held(Unspoken):
    """A held file that opens. `size` is the number of bytes put in so far."""

    def __init__(self, row: HeldFile, principal: Principal, share: bytes) -> None:
        self.row, self.share = row, share
        self._cipher = Cipher(principal.derive(LABEL, row.pk, share), principal.epoch)

    @property
    def id(self) -> UUID:
        return self.row.pk

    @property
    def facts(self) -> bytes:
        return unpad(self._cipher.open(self.row.facts_ciphertext, self._place(FACTS)))

    def seal(self, number: int, plaintext: bytes) -> Sealed:
        return self._cipher.seal(pad(plaintext), self._place(number))

    def keep_facts(self, facts: bytes) -> None:
        """Only over a row that is still there: the worker may have taken it away meanwhile."""
        self.row.facts_ciphertext = self.seal(FACTS, facts)
        HeldFile.objects.filter(pk=self.row.pk).update(facts_ciphertext=self.row.facts_ciphertext)

    def put(self, pieces: Iterable[bytes]) -> None:
        with transaction.atomic():
            for number, part in enumerate(_parts(pieces), start=1):
                HeldPart.objects.create(file=self.row, number=number, ciphertext=self.seal(number, part))

    def part(self, number: int) -> bytes:
        """Empty beyond the last part."""
        row = HeldPart.objects.filter(file=self.row, number=number).first()
        return unpad(self._cipher.open(row.ciphertext, self._place(number))) if row else b""

    def pieces(self) -> Iterator[bytes]:
        number = 1
        while piece := self.part(number):
            yield piece
            number += 1

    def size(self) -> int:
        """All parts but the last are full."""
        last = HeldPart.objects.filter(file=self.row).count()
        return (last - 1) * PART + len(self.part(last)) if last else 0

    def open(self) -> BinaryIO:
        """To read and seek in, a part at a time."""
        return cast(BinaryIO, io.BufferedReader(_Reader(self)))

    def forget(self) -> None:
        HeldFile.objects.filter(pk=self.row.pk).delete()

    def _place(self, number: int) -> bytes:
        return context(LABEL, self.row.pk, number)


def hold(principal: Principal, kind: str, facts: bytes, pieces: Iterable[bytes], minutes: int) -> Held:
    """The caller keeps `share` in the owner's session, and nowhere else."""
    row = HeldFile(id=uuid4(), kind=kind, owner_id=principal.id, owner_epoch=principal.epoch)
    row.ends_at = timezone.now() + dt.timedelta(minutes=minutes)
    held = Held(row, principal, os.urandom(KEY_BYTES))
    row.facts_ciphertext = held.seal(FACTS, facts)
    with transaction.atomic():
        row.save(force_insert=True)
        held.put(pieces)
    return held


def held_for(principal: Principal, kind: str, held_id: UUID, share: bytes | None) -> Held:
    """Http404 for what is not there, has ended, or is somebody else's; and when the session that held the share is over."""
    rows = HeldFile.objects.filter(kind=kind, owner=principal.id, owner_epoch=principal.epoch)
    row = rows.filter(pk=held_id, ends_at__gt=timezone.now()).first()
    if row is None or share is None:
        raise Http404
    return Held(row, principal, share)


def forget_ended() -> int:
    """What the worker does every few minutes. It needs no key to throw something away."""
    gone, _ = HeldFile.objects.filter(ends_at__lte=timezone.now()).delete()
    return gone


def _parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= PART:
            yield bytes(waiting[:PART])
            del waiting[:PART]
    if waiting:
        yield bytes(waiting)


class _Reader(io.RawIOBase):
    def __init__(self, held: Held) -> None:
        self._held, self._size, self._at = held, held.size(), 0
        self._number, self._part = 0, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._at >= self._size:
            return 0
        number, offset = self._at // PART + 1, self._at % PART
        if number != self._number:
            self._number, self._part = number, self._held.part(number)
            if not self._part:
                # A part is gone: better no file than one with a hole in it.
                raise SealBroken
        piece = self._part[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
