"""Symmetric seals: ``version(1) ‖ algorithm(1) ‖ epoch(4) ‖ nonce(12) ‖ ciphertext ‖ tag(16)``.

AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces; the AAD is the six header bytes followed by the context.
One key seals at most 2³² messages, far beyond what a case or a team will ever hold.
"""

import os
import struct
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accounts.crypto.derivation import KEY_BYTES
from accounts.crypto.sealed import SealBroken, Sealed, Unspoken

VERSION = 1
AES_256_GCM = 1
NONCE_BYTES = 12
TAG_BYTES = 16
LAST_EPOCH = 2**32 - 1

_HEADER = struct.Struct(">BBI")
_NONCE_ENDS = _HEADER.size + NONCE_BYTES
OVERHEAD = _NONCE_ENDS + TAG_BYTES


class Cipher(Unspoken):
    """One 32-byte key at one epoch, its key schedule computed once, for loops over thousands of rows.

    Raises ValueError for a key of another length (AES would take 16 bytes and be weaker) or an epoch that does not
    fit in 4 bytes.
    """

    __slots__ = ("_aead", "_header")

    def __init__(self, key: bytes, epoch: int) -> None:
        self._header = _header(epoch)
        self._aead = _aead(key)

    def seal(self, plaintext: bytes, context: bytes) -> Sealed:
        """Seal ``plaintext`` so that it opens only with this key, at this epoch, in this context."""
        nonce = os.urandom(NONCE_BYTES)
        ciphertext = self._aead.encrypt(nonce, plaintext, self._header + context)
        return Sealed(self._header + nonce + ciphertext)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """The plaintext of ``sealed``. Raises SealBroken unless version, epoch, key, context and tag are all right."""
        return _opened(self._aead, self._header, sealed, context)


@lru_cache(maxsize=256)
def _header(epoch: int) -> bytes:
    """Kept: ten thousand rows of a list have one epoch or a few."""
    if not 0 <= epoch <= LAST_EPOCH:
        raise ValueError("an epoch fits in 4 bytes")
    return _HEADER.pack(VERSION, AES_256_GCM, epoch)


def _aead(key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise ValueError("a key is 32 bytes long")
    return AESGCM(key)


def _opened(aead: AESGCM, header: bytes, sealed: bytes, context: bytes) -> bytes:
    if len(sealed) < OVERHEAD or sealed[:6] != header:
        raise SealBroken
    try:
        return aead.decrypt(sealed[6:18], sealed[18:], header + context)
    except InvalidTag:
        raise SealBroken from None


def seal(key: bytes, epoch: int, plaintext: bytes, context: bytes) -> Sealed:
    """Seal one value under a 32-byte key. Raises ValueError as ``Cipher`` does."""
    return Cipher(key, epoch).seal(plaintext, context)


def open_sealed(key: bytes, epoch: int, sealed: bytes, context: bytes) -> bytes:
    """Open one value. An epoch no envelope can have counts as a broken seal: it came from an altered row."""
    try:
        header = _header(epoch)
    except ValueError:
        raise SealBroken from None
    return _opened(_aead(key), header, sealed, context)
