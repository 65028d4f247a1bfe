"""The audit log outlives the cases it is about. What an entry says about one case lies under that case's audit key, which is kept
beside the erasure share and destroyed with it: the entry stays, the chain still holds, and nothing leads from it to the case.

Nor does one entry lead to the next: without the key nobody can tell which entries were about the same case. Whoever reads the
log on a day when the case is there still learns everything."""

import hmac
import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final
from uuid import UUID

import msgspec

from accounts.crypto.blocks import encrypt_blocks
from accounts.crypto.context import audit_veil_context, context
from accounts.crypto.envelope import Cipher
from accounts.crypto.padding import pad, unpad
from casework import shapes
from casework.models import ErasureShare

EPOCH: Final = 1
NONCE_BYTES: Final = 16
NOTHING: Final = bytes(NONCE_BYTES)
MARKS: Final = context("temoin/v1/audit/mark")
Detail = dict[str, str | int]


class Veiled(msgspec.Struct, array_like=True):
    """`mark` is the nonce encrypted under the case's key for marks: by it the key is found among those of all cases."""

    nonce: bytes
    mark: bytes
    sealed: bytes


class Veil:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def draw(self, sequence: int, subject: UUID, detail: Detail) -> Veiled:
        nonce, said = os.urandom(NONCE_BYTES), msgspec.msgpack.encode((subject, detail))
        sealed = Cipher(self._key, EPOCH).seal(pad(said), audit_veil_context(sequence))
        return Veiled(nonce, _marks(self._key, nonce), bytes(sealed))


def of(subject: UUID | None, *, missing_too: bool) -> Veil | None:
    """None for what is not about a case: teams, releases, people. `missing_too`: under a key that is thrown away at once."""
    if subject is None:
        return None
    key = ErasureShare.objects.filter(pk=subject).values_list("audit_key", flat=True).first()
    if key is None:
        return Veil(os.urandom(32)) if missing_too else None
    return Veil(bytes(key))


class Lifting:
    """The audit keys of all cases that are there, read once, and only if something is veiled."""

    @cached_property
    def _keys(self) -> list[bytes]:
        return [bytes(key) for key in ErasureShare.objects.values_list("audit_key", flat=True)]

    def lift(self, veiled: Mapping[int, Veiled]) -> dict[int, tuple[UUID, Detail]]:
        """What the entries of these numbers say of their cases; nothing of a case that is gone."""
        whole = {number: veil for number, veil in veiled.items() if _is_whole(veil)}
        return {number: _lifted(key, number, whole[number]) for number, key in self._found(whole)}

    def _found(self, veiled: dict[int, Veiled]) -> Iterator[tuple[int, bytes]]:
        """Each key is tried on all the entries in one go: a page of a hundred costs hardly more than one entry."""
        numbers, left = list(veiled), len(veiled)
        nonces = b"".join(veil.nonce for veil in veiled.values())
        wanted = int.from_bytes(b"".join(veil.mark for veil in veiled.values()))
        for key in self._keys if numbers else ():
            unlike = (int.from_bytes(_marks(key, nonces)) ^ wanted).to_bytes(len(nonces))
            if NOTHING not in unlike:
                continue
            hits = [n for place, n in enumerate(numbers) if unlike.startswith(NOTHING, place * NONCE_BYTES)]
            yield from ((number, key) for number in hits)
            left -= len(hits)
            if not left:
                return


def _is_whole(veil: Veiled) -> bool:
    return len(veil.nonce) == len(veil.mark) == NONCE_BYTES


def _lifted(key: bytes, sequence: int, veil: Veiled) -> tuple[UUID, Detail]:
    said = unpad(Cipher(key, EPOCH).open(veil.sealed, audit_veil_context(sequence)))
    return shapes.read(said, tuple[UUID, Detail])


def _marks(key: bytes, nonces: bytes) -> bytes:
    """AES-256 of each nonce, one block, under a key for this and nothing else. The nonces are random: no two blocks are alike,
    and without the key none says anything of another."""
    own = hmac.digest(key, MARKS, "sha256")
    return encrypt_blocks(own, nonces)
