"""What coordinators add to a draft before it is approved: the words around the figures, and what they decided about groups.
Sealed to their team: a lead quotes figures that are not public yet."""

from typing import Final
from uuid import UUID

import msgspec

from accounts import teams
from accounts.crypto.context import release_context
from accounts.crypto.padding import pad, unpad
from accounts.crypto.principal import Principal
from casework import shapes
from casework.documents import LANGUAGES, Document, Words
from casework.models import Release

VERSION: Final = 1
PART: Final = "editorial"
LEAD, NOTES = "lead", "notes"
LEAD_LENGTH: Final = 300
NOTES_LENGTH: Final = 3000


class Editorial(msgspec.Struct):
    """`lead`: the one message; `notes`: what readers have to know; both in both languages. `groups`: keys of those in which
    hiding one zero more was found to be enough. `by`: whoever wrote it last, and who therefore cannot approve it."""

    lead: Words = {}
    notes: Words = {}
    groups: list[str] = []
    by: UUID | None = None
    version: int = VERSION

    @property
    def complete(self) -> bool:
        """The lead in both languages; notes in both or in none."""
        lead = all(self.lead.get(code, "").strip() for code in LANGUAGES)
        notes = {bool(self.notes.get(code, "").strip()) for code in LANGUAGES}
        return lead and len(notes) == 1

    def texts(self) -> list[str]:
        return [*self.lead.values(), *self.notes.values()]


def sealed_into(release: Release, editorial: Editorial) -> None:
    """Sets the two columns; saving them is the caller's."""
    release.editorial_ciphertext, release.editorial_epoch = teams.seal_to_principal(
        teams.coordinators().pk, pad(msgspec.msgpack.encode(editorial)), place(release.pk)
    )


def opened(coordinators: Principal, release: Release) -> Editorial:
    """Empty when nobody has written anything. Raises SealBroken."""
    if release.editorial_ciphertext is None:
        return Editorial()
    raw = unpad(coordinators.open_from(release.editorial_ciphertext, place(release.pk)))
    return shapes.read_version(raw, Editorial, VERSION)


def place(release_id: UUID) -> bytes:
    return release_context(PART, release_id)


def with_words(document: Document, editorial: Editorial) -> Document:
    """The document as it will leave."""
    words = {name: dict(getattr(editorial, name)) for name in (LEAD, NOTES)}
    filled = {name: both for name, both in words.items() if any(both.values())}
    return msgspec.structs.replace(document, text=filled)
