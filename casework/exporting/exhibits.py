"""Evidence that goes with a copy: clean copies only, and only those in which nothing is left that may still tell of people. What
stays is counted, and leaves from its own page if somebody decides so."""

from dataclasses import dataclass, field
from typing import Final

from accounts.keyring import Keyring
from casework.custody import Piece
from casework.evidence import decoding, kinds, leaving, opening
from casework.models import Case

MOST_BYTES: Final = 50 * 1024 * 1024
# Of purposes that need the whole file; the others need no pictures.
PURPOSES: Final = ("REFER_LEGAL", "COMPLAINT")


@dataclass
class Exhibits:
    """Neutral names with the clean bytes; `kept_back`: how many did not go."""

    files: dict[str, bytes] = field(default_factory=dict)
    kept_back: int = 0

    @property
    def size(self) -> int:
        return sum(map(len, self.files.values()))


def number(keyring: Keyring, case: Case) -> tuple[int, int]:
    """Before anything is made: how many can be cleaned at all, and how many cannot."""
    found = [piece.details.kind in kinds.CLEANED for piece in opening.pieces(keyring, case)]
    return sum(found), len(found) - sum(found)


def add(keyring: Keyring, case: Case, exhibits: Exhibits) -> int:
    """How many of this case went in. Each is noted in its custody. Raises Http404, ConsentMissing, SealBroken."""
    before = len(exhibits.files)
    for piece in opening.pieces(keyring, case):
        made = _clean(keyring, case, piece, MOST_BYTES - exhibits.size)
        if made is None:
            exhibits.kept_back += 1
        else:
            exhibits.files[made.name] = made.content
    return len(exhibits.files) - before


def _clean(keyring: Keyring, case: Case, piece: Piece, room: int) -> leaving.CleanCopy | None:
    if piece.details.kind not in kinds.CLEANED or piece.details.size > room:
        return None
    try:
        made = leaving.clean_copy(keyring, case.pk, piece.id)
    except decoding.CannotDecode:
        return None
    return None if made.left or len(made.content) > room else made
