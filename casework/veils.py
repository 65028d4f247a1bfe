"""The audit log outlives the cases it is about. What an entry says about one case lies under that case's audit key, which is kept
beside the erasure share and destroyed with it: the entry stays, the chain still holds, and nothing leads from it to the case.

Nor does one entry lead to the next: without the key nobody can tell which entries were about the same case. Whoever reads the
log on a day when the case is there still learns everything."""

import hmac
import os
from functools import cached_property
from typing import Final
from uuid import UUID

import msgspec

from accounts.crypto.context import audit_veil_context
from accounts.crypto.envelope import Cipher
from accounts.crypto.padding import pad, unpad
from accounts.crypto.sealed import SealBroken
from casework.models import ErasureShare

EPOCH: Final = 1
NONCE_BYTES: Final = 16
Detail = dict[str, str | int]


class Veiled(msgspec.Struct, array_like=True):
    """`mark` is the nonce's MAC under the audit key: by it the key is found among those of all cases."""

    nonce: bytes
    mark: bytes
    sealed: bytes


class Veil:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def draw(self, sequence: int, subject: UUID, detail: Detail) -> Veiled:
        nonce, said = os.urandom(NONCE_BYTES), msgspec.msgpack.encode((subject, detail))
        sealed = Cipher(self._key, EPOCH).seal(pad(said), audit_veil_context(sequence))
        return Veiled(nonce, _mark(self._key, nonce), bytes(sealed))


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

    def lift(self, sequence: int, veiled: Veiled) -> tuple[UUID, Detail] | None:
        """None once the case is gone."""
        key = next((key for key in self._keys if _mark(key, veiled.nonce) == veiled.mark), None)
        if key is None:
            return None
        said = unpad(Cipher(key, EPOCH).open(veiled.sealed, audit_veil_context(sequence)))
        try:
            return msgspec.msgpack.decode(said, type=tuple[UUID, Detail])
        except msgspec.MsgspecError:
            raise SealBroken from None


def _mark(key: bytes, nonce: bytes) -> bytes:
    return hmac.digest(key, nonce, "sha256")
