"""What is done with keys is told to whoever keeps the log, in the same transaction. accounts does not know who that is: the log
stands a floor above, and says at start that it listens."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from accounts.models import User

# Who did it (None: nobody signed in), what, whom or what it was done to; then codes and counts, never content.
Listener = Callable[..., Any]

_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Called once per listener when the application starts."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(actor: User | None, action: str, subject: UUID | None = None, **detail: str | int) -> None:
    """An error of a listener is an error of the act: what cannot be logged is not done."""
    for listener in _listeners:
        listener(actor, action, subject, **detail)
