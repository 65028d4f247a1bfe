"""A printed code of 130 random bits that opens a user's root when the passphrase is lost.

28 symbols of Crockford's base 32 (no I, L, O, U; read aloud or from paper, I and L are 1, O is 0): 26 random, then 2 of a check
sum, so that a slip of the pen is told apart from a wrong code before anything is stretched.
"""

import hashlib
import secrets
from typing import Final
from uuid import UUID

from accounts.crypto.context import context, recovery_code_context
from accounts.crypto.envelope import open_sealed, seal
from accounts.crypto.passphrase import KdfParameters, Stretched
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import Sealed

CHECK: Final = "temoin/v1/recovery-code/check"
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_SYMBOLS: Final = 26
CHECK_SYMBOLS: Final = 2
GROUP: Final = 4

_READ_ALIKE: Final = str.maketrans("ILO", "110")


class Mistyped(Exception):
    """Not a code at all: a symbol is missing, too many, or wrong."""


def new_code() -> str:
    """28 symbols without separators."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_SYMBOLS))
    return code + _check(code)


def written(code: str) -> str:
    """In groups of four, as it is printed."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def read(typed: str) -> str:
    """The code as ``new_code`` gave it, from any spelling of it. Raises Mistyped."""
    code = "".join(typed.upper().split()).replace("-", "").replace("‑", "").translate(_READ_ALIKE)
    if len(code) != RANDOM_SYMBOLS + CHECK_SYMBOLS or not set(code) <= set(ALPHABET):
        raise Mistyped
    if _check(code[:RANDOM_SYMBOLS]) != code[RANDOM_SYMBOLS:]:
        raise Mistyped
    return code


def _check(code: str) -> str:
    """The first ten bits of a hash: one slip in a thousand passes unseen."""
    number = int.from_bytes(hashlib.sha256(context(CHECK, code)).digest()[:2], "big") >> 6
    return ALPHABET[number >> 5] + ALPHABET[number & 31]


def wrap_root(stretched: Stretched, principal: Principal, salt: bytes, parameters: KdfParameters) -> Sealed:
    """A user's root under their code; ``stretched`` comes from ``passphrase.stretch`` with the code in place of a passphrase."""
    if principal.kind != "user":
        raise ValueError("only users have a recovery code")
    place = recovery_code_context(principal.id, salt, parameters)
    return seal(stretched.wrap_key, principal.epoch, principal.root, place)


def unwrap_root(
    stretched: Stretched, user: UUID, epoch: int, sealed: bytes, salt: bytes, parameters: KdfParameters
) -> Principal:
    """The user whose root ``wrap_root`` sealed. Raises SealBroken for another code, user, epoch or cost."""
    place = recovery_code_context(user, salt, parameters)
    return Principal("user", user, epoch, open_sealed(stretched.wrap_key, epoch, sealed, place))
