"""The second half of what opens a held file, in the session of whoever brought it: signing out makes it unreadable."""

import base64
from typing import Final
from uuid import UUID

from accounts.sessions import SignedInRequest
from casework.heldfiles import Held

SLOT: Final = "held"
MOST: Final = 12


def remember(request: SignedInRequest, held: Held) -> None:
    kept = {**request.session.get(SLOT, {}), str(held.id): base64.b64encode(held.share).decode()}
    request.session[SLOT] = dict(list(kept.items())[-MOST:])


def share_of(request: SignedInRequest, held_id: UUID) -> bytes | None:
    share = request.session.get(SLOT, {}).get(str(held_id))
    return base64.b64decode(share) if share else None


def forget(request: SignedInRequest, held: Held) -> None:
    held.forget()
    request.session[SLOT] = {k: v for k, v in request.session.get(SLOT, {}).items() if k != str(held.id)}
