"""Small secrets the server must read by itself, before anybody is signed in: authenticator secrets, seeds of spare codes.

Their key comes from the pepper, which lies outside the database; each is bound to its owner, so that a row moved to another
account does not open.
"""

from typing import Final
from uuid import UUID

from accounts.crypto.context import context
from accounts.crypto.derivation import derive
from accounts.crypto.envelope import open_sealed, seal
from accounts.crypto.sealed import Sealed

KEY: Final = "temoin/v1/second-factor/key"
PLACE: Final = "temoin/v1/second-factor"


def seal_for(pepper: bytes, owner: UUID, secret: bytes) -> Sealed:
    """``pepper``: 32 bytes or more."""
    return seal(derive(pepper, context(KEY)), 1, secret, context(PLACE, owner))


def open_for(pepper: bytes, owner: UUID, sealed: bytes) -> bytes:
    """What ``seal_for`` sealed for this owner. Raises SealBroken."""
    return open_sealed(derive(pepper, context(KEY)), 1, sealed, context(PLACE, owner))
