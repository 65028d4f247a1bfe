"""An unlocked vault between two requests: half in the session store, half in the browser's cookie.

Whoever seizes the server holds the sealed root and no key; whoever seizes the cookie holds a key and no root.
"""

import os
from uuid import UUID

from accounts.crypto.context import session_context
from accounts.crypto.derivation import KEY_BYTES
from accounts.crypto.envelope import open_sealed, seal
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken, Sealed


def lock(principal: Principal, session: bytes) -> tuple[bytes, Sealed]:
    """A fresh 32-byte key for the cookie, and the user's root sealed under it for the store.

    ``session`` identifies this session. Raises ValueError when the principal is not a user.
    """
    if principal.kind != "user":
        raise ValueError("only users have sessions")
    cookie_key = os.urandom(KEY_BYTES)
    place = session_context(principal.id, session)
    return cookie_key, seal(cookie_key, principal.epoch, principal.root, place)


def unlock(cookie_key: bytes, user: UUID, epoch: int, sealed: bytes, session: bytes) -> Principal:
    """The user both halves belong to. Raises SealBroken for another cookie, user, epoch or session."""
    if len(cookie_key) != KEY_BYTES:
        # The cookie is the browser's to alter.
        raise SealBroken
    return Principal(
        "user", user, epoch, open_sealed(cookie_key, epoch, sealed, session_context(user, session))
    )
