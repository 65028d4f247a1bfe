"""Seals to a public key: ``version(1) ‖ suite(1) ‖ enc(1120) ‖ ciphertext ‖ tag(16)``.

HPKE base mode (RFC 9180) with KEM 0x647A, MLKEM768-X25519, also known as X-Wing (draft-connolly-cfrg-xwing-kem,
draft-ietf-hpke-pq), HKDF-SHA256 and AES-256-GCM. The hybrid stays secret if either half holds: traffic and disks
are kept for decades by people who hope for a quantum computer.
"""

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from accounts.crypto.sealed import SealBroken, Sealed, Unspoken

VERSION = 1
MLKEM768_X25519 = 1
MLKEM_PUBLIC_BYTES = 1184
PUBLIC_KEY_BYTES = 1 + MLKEM_PUBLIC_BYTES + 32
SEED_BYTES = 32

_HEADER = bytes([VERSION, MLKEM768_X25519])
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
OVERHEAD = len(_HEADER) + KEM.MLKEM768_X25519.enc_length() + 16


class KeyPair(Unspoken):
    """The hybrid key pair grown from a 32-byte X-Wing seed, so that any implementation of X-Wing can load it.

    ``public_key`` is ``suite(1) ‖ ML-KEM-768 public key(1184) ‖ X25519 public key(32)``.
    """

    __slots__ = ("_private", "public_key")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_BYTES:
            raise ValueError("an X-Wing seed is 32 bytes long")
        expanded = hashlib.shake_256(seed).digest(96)
        mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        x25519 = X25519PrivateKey.from_private_bytes(expanded[64:])
        public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        self._private = MLKEM768X25519PrivateKey(mlkem, x25519)
        self.public_key = bytes([MLKEM768_X25519]) + public

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """The plaintext of a value sealed to this public key in this context; raises SealBroken otherwise."""
        if len(sealed) < OVERHEAD or sealed[:2] != _HEADER:
            raise SealBroken
        try:
            return _SUITE.decrypt(sealed[2:], self._private, info=context)
        except (InvalidTag, ValueError):
            raise SealBroken from None


def seal_to(public_key: bytes, plaintext: bytes, context: bytes) -> Sealed:
    """Seal to a public key whose signature was verified; anyone can, only the holder of the root opens.

    ``context`` is the HPKE ``info``. Raises SealBroken for a malformed public key or one of another suite.
    """
    recipient = _parsed(public_key)
    try:
        return Sealed(_HEADER + _SUITE.encrypt(plaintext, recipient, info=context))
    except ValueError:
        # A point of small order: the shared secret would be known to everybody.
        raise SealBroken from None


def _parsed(public_key: bytes) -> MLKEM768X25519PublicKey:
    if len(public_key) != PUBLIC_KEY_BYTES or public_key[0] != MLKEM768_X25519:
        raise SealBroken
    try:
        mlkem = MLKEM768PublicKey.from_public_bytes(public_key[1 : 1 + MLKEM_PUBLIC_BYTES])
        x25519 = X25519PublicKey.from_public_bytes(public_key[1 + MLKEM_PUBLIC_BYTES :])
    except ValueError:
        raise SealBroken from None
    return MLKEM768X25519PublicKey(mlkem, x25519)
