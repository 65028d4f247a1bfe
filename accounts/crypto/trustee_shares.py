"""A 32-byte root split into n shares of 33 words, any m of which give it back (SLIP-39: Shamir's scheme with a check sum).

Fewer than m shares say nothing about the root. The words carry the number of their set, so that a share of another set is
told at once.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.wordlist import WORDLIST

from accounts.crypto.context import context

FINGERPRINT: Final = "temoin/v1/trustees"
FEWEST: Final = 2
MOST: Final = 16
WORDS: Final = 33
_KNOWN: Final = frozenset(WORDLIST)


class ShareRefused(Exception):
    """``reason``: ``length``, ``word`` (then ``word`` is the one that is in no share), ``damaged``, ``foreign``, ``repeated``,
    ``few`` or ``wrong``."""

    def __init__(self, reason: str, word: str = "") -> None:
        super().__init__(reason)
        self.reason, self.word = reason, word


@dataclass(frozen=True, repr=False)
class ReadShare:
    """One share as it was read: its words, the number of its set, its own number in it and how many are needed."""

    words: str
    set_number: int
    member: int
    threshold: int


def fingerprint(trustees: UUID, public_key: bytes) -> str:
    """What is pinned outside the database: 64 hexadecimal digits over the trustees' id and public key."""
    return hashlib.sha256(context(FINGERPRINT, trustees, public_key)).hexdigest()


def split(root: bytes, threshold: int, count: int) -> list[str]:
    """``count`` shares of 33 words. Raises ValueError outside 2 ≤ threshold ≤ count ≤ 16."""
    if not FEWEST <= threshold <= count <= MOST:
        raise ValueError("at least two of at most sixteen shares")
    (group,) = generate_mnemonics(1, [(threshold, count)], root, iteration_exponent=0)
    return list(group)


def read(typed: str) -> ReadShare:
    """A share from any spelling with spaces. Raises ShareRefused: ``length``, ``word``, ``damaged``."""
    words = typed.lower().split()
    for word in words:
        if word not in _KNOWN:
            raise ShareRefused("word", word)
    if len(words) != WORDS:
        raise ShareRefused("length")
    try:
        share = Share.from_mnemonic(" ".join(words))
    except MnemonicError:
        raise ShareRefused("damaged") from None
    return ReadShare(" ".join(words), share.identifier, share.index, share.member_threshold)


def check_one_more(share: ReadShare, set_number: int, members: Sequence[int]) -> None:
    """Raises ShareRefused: ``foreign`` for another set's, ``repeated`` for one that is among ``members``."""
    if share.set_number != set_number:
        raise ShareRefused("foreign")
    if share.member in members:
        raise ShareRefused("repeated")


def combine(shares: Sequence[ReadShare]) -> bytes:
    """The root. Raises ShareRefused: ``few``, or ``wrong`` when they do not fit together."""
    if not shares or len(shares) < shares[0].threshold:
        raise ShareRefused("few")
    try:
        return bytes(combine_mnemonics([share.words for share in shares[: shares[0].threshold]]))
    except MnemonicError:
        raise ShareRefused("wrong") from None
