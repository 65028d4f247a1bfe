"""A receipt: 24 random digits, and the principal they stand for. Digits, because they are alike in every script and can be read
out, copied and typed by somebody who reads neither French nor English.

80 bits, stretched by Argon2id with the pepper: whoever takes the database without the pepper cannot guess at all, and whoever has
both needs 10²³ runs of half a second.
"""

import secrets
import unicodedata
from typing import Final
from uuid import UUID

from accounts.crypto.context import context
from accounts.crypto.derivation import derive
from accounts.crypto.passphrase import SALT_BYTES, KdfParameters, stretch
from accounts.crypto.principal import Principal

SALT: Final = "temoin/v1/receipt/salt"
NAME: Final = "temoin/v1/receipt/name"
ROOT: Final = "temoin/v1/receipt/root"
DIGITS: Final = 24
GROUP: Final = 4
# Fixed with the format: receipts on paper outlive every later choice of a cost for passphrases.
RECEIPT_KDF: Final = KdfParameters(iterations=3, memory_kib=262144, lanes=2)
# Whoever typed this much did not copy a receipt.
LONGEST: Final = 200

_READ_ALIKE: Final = str.maketrans("OoIlL", "00111")
_BETWEEN: Final = frozenset("-‐‑‒–—.,_/\N{MIDDLE DOT}")


class Mistyped(Exception):
    """Not a receipt at all. ``digits``: how many there were, or None when something else stood among them."""

    def __init__(self, digits: int | None) -> None:
        super().__init__()
        self.digits = digits


def new_code() -> str:
    return "".join(secrets.choice("0123456789") for _ in range(DIGITS))


def written(code: str) -> str:
    """In groups of four, as it is printed."""
    return " ".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def read(typed: str) -> str:
    """The code as ``new_code`` gave it, from digits of any script, with anything people put between them. Raises Mistyped."""
    if len(typed) > LONGEST:
        raise Mistyped(None)
    kept = [c for c in typed.translate(_READ_ALIKE) if not _is_between(c)]
    values = [unicodedata.decimal(c, None) for c in kept]
    if any(value is None for value in values):
        raise Mistyped(None)
    if len(values) != DIGITS:
        raise Mistyped(len(values))
    return "".join(map(str, values))


def _is_between(character: str) -> bool:
    """Spaces, hyphens, and the invisible marks that come along with digits copied out of a right-to-left text."""
    return character.isspace() or character in _BETWEEN or unicodedata.category(character) == "Cf"


def principal(code: str, parameters: KdfParameters, pepper: bytes) -> Principal:
    """Who holds the receipt. Its id names the row, and says nothing: it comes out of the stretched code as the root does.

    One salt for all, made of the pepper: the row has to be found before anything about it is known."""
    salt = derive(pepper, context(SALT), length=SALT_BYTES)
    secret = stretch(code, salt, parameters, pepper).wrap_key
    name = UUID(bytes=derive(secret, context(NAME), length=16))
    return Principal("receipt", name, 1, derive(secret, context(ROOT)))
