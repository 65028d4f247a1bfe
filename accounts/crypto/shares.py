"""A case key in two halves: people's share under their keys, the erasure share in a database of its own.

A 2-of-2 split by XOR: each half alone is uniformly random. Destroying the erasure share closes the case for ever,
in every backup of the main database too.
"""

import os

from accounts.crypto.derivation import KEY_BYTES
from accounts.crypto.sealed import SealBroken


def split(case_key: bytes) -> tuple[bytes, bytes]:
    """``(people, erasure)``, 32 bytes each, fresh at every call. Raises ValueError for a key of another length."""
    if len(case_key) != KEY_BYTES:
        raise ValueError("a key is 32 bytes long")
    erasure = os.urandom(KEY_BYTES)
    return _exclusive_or(case_key, erasure), erasure


def join(people: bytes, erasure: bytes) -> bytes:
    """The case key. Raises SealBroken for a half of the wrong length; a wrong half opens nothing."""
    if len(people) != KEY_BYTES or len(erasure) != KEY_BYTES:
        raise SealBroken
    return _exclusive_or(people, erasure)


def _exclusive_or(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(KEY_BYTES, "big")
