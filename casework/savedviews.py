"""A question somebody asks of the list every morning, kept under a name of their own. The name and the words may say whom they
look for: all of it is sealed to them."""

from uuid import UUID

import msgspec

from accounts.keyring import Keyring
from casework import notes
from casework.models import OwnNote


class SavedView(msgspec.Struct):
    """`asked`: filters, order and words as a form sends them. A code that is gone by now is said when the view is opened."""

    name: str
    asked: dict[str, str]


def keep(keyring: Keyring, view: SavedView) -> UUID:
    """Under a name that is there already it replaces that one. Raises notes.TooMany."""
    for view_id, known in all_of(keyring):
        if known and known.name.casefold() == view.name.casefold():
            forget(keyring, view_id)
    return notes.keep(keyring, OwnNote.Kind.VIEW, view)


def all_of(keyring: Keyring) -> list[tuple[UUID, SavedView | None]]:
    found = notes.all_of(keyring, OwnNote.Kind.VIEW, SavedView)
    return sorted(found, key=lambda pair: pair[1].name.casefold() if pair[1] else "")


def one(keyring: Keyring, view_id: UUID) -> SavedView | None:
    return notes.one(keyring, OwnNote.Kind.VIEW, SavedView, view_id)


def forget(keyring: Keyring, view_id: UUID) -> bool:
    return notes.forget(keyring, OwnNote.Kind.VIEW, view_id)
