"""Somebody or something that can hold keys: a user, a team, the organisation, the recovery quorum, the statistics worker, a case,
whoever has a receipt.

Each has one 32-byte root, and everything else follows from it: one thing to wrap, seal, split and rotate.
"""

import os
from functools import cached_property
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from accounts.crypto import derivation
from accounts.crypto.context import Part, context
from accounts.crypto.envelope import LAST_EPOCH, Cipher
from accounts.crypto.sealed import SealBroken, Sealed, Unspoken
from accounts.crypto.sealing import KeyPair

KINDS = frozenset({"user", "team", "organisation", "recovery", "statistics", "case", "receipt"})
ROOT_BYTES = derivation.KEY_BYTES

WRAP = "temoin/v1/principal/wrap"
XWING = "temoin/v1/principal/x-wing"
SIGNING = "temoin/v1/principal/signing"
DERIVED = "temoin/v1/principal/derived"


class Principal(Unspoken):
    """A holder of keys at one epoch. Never stored, printed or pickled: it holds its root in the open.

    ``kind`` is one of KINDS, ``epoch`` lies between 1 and 2³² − 1, ``root`` is 32 bytes; ValueError otherwise.
    """

    def __init__(self, kind: str, id: UUID, epoch: int, root: bytes) -> None:  # noqa: A002 - the contract's name
        if kind not in KINDS:
            raise ValueError("no such kind of principal")
        if not 1 <= epoch <= LAST_EPOCH:
            raise ValueError("epochs begin at 1 and fit in 4 bytes")
        if len(root) != ROOT_BYTES:
            raise ValueError("a root is 32 bytes long")
        self.kind, self.id, self.epoch, self._root = kind, id, epoch, bytes(root)

    @classmethod
    def generate(cls, kind: str, id: UUID | None = None, epoch: int = 1) -> "Principal":  # noqa: A002
        """A principal with a fresh random root; ``id`` is a new UUIDv4 unless given."""
        return cls(kind, id or uuid4(), epoch, os.urandom(ROOT_BYTES))

    def __repr__(self) -> str:
        return f"<Principal {self.kind}, epoch {self.epoch}>"

    @property
    def root(self) -> bytes:
        """The 32 bytes everything follows from. Only to seal them for somebody else."""
        return self._root

    @property
    def public_key(self) -> bytes:
        """1217 bytes: suite ‖ ML-KEM-768 public key ‖ X25519 public key."""
        return self._key_pair.public_key

    @property
    def signing_public_key(self) -> bytes:
        """32 bytes, Ed25519 (RFC 8032)."""
        return self._signing_key.public_key().public_bytes_raw()

    def seal(self, plaintext: bytes, context: bytes) -> Sealed:
        """Seal under this principal's own wrap key: much faster than to its public key, and needs its root."""
        return self.cipher.seal(plaintext, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """Open what ``seal`` made at this same epoch; raises SealBroken otherwise."""
        return self.cipher.open(sealed, context)

    def open_from(self, sealed: bytes, context: bytes) -> bytes:
        """Open what anybody sealed to ``public_key``; raises SealBroken otherwise."""
        return self._key_pair.open(sealed, context)

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature, 64 bytes. ``message`` is a context, so that its purpose is signed with it."""
        return self._signing_key.sign(message)

    def derive(self, label: str, *parts: Part, length: int = 32) -> bytes:
        """Another key for the use ``label`` names; bound to kind, id, epoch, ``parts`` and ``length``."""
        info = context(DERIVED, label, length, self.kind, self.id, self.epoch, *parts)
        return derivation.derive(self._root, info, length=length)

    @cached_property
    def cipher(self) -> Cipher:
        """The wrap key at this epoch, ready for loops."""
        return Cipher(self._own(WRAP), self.epoch)

    @cached_property
    def _key_pair(self) -> KeyPair:
        return KeyPair(self._own(XWING))

    @cached_property
    def _signing_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._own(SIGNING))

    def _own(self, label: str) -> bytes:
        return derivation.derive(self._root, context(label, self.kind, self.id, self.epoch))


def verify_signature(public_key: bytes, signature: bytes, message: bytes) -> None:
    """Return when ``signature`` (64 bytes) over ``message`` is by ``public_key`` (32 bytes); else SealBroken."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise SealBroken from None
