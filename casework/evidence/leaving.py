"""What leaves: a clean copy wherever one can be made, and every leaving with its purpose, its reason and what exactly it was."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from accounts.keyring import Keyring
from accounts.whole import whole
from casework import consent, custody, permissions, registers, vault
from casework.custody import Piece
from casework.evidence import decoding, kinds, opening
from casework.record import CaseRecord

# Keeping and counting are no reasons to hand a file out.
PURPOSES: Final = tuple(purpose for purpose in consent.PURPOSES if purpose not in ("STORE", "STATS"))


@dataclass(frozen=True)
class CleanCopy:
    """`name` is neutral: the original's may be a person's. `left`: codes of what may still tell of people."""

    name: str
    kind: str
    content: bytes
    left: tuple[str, ...]


@dataclass(frozen=True)
class Leaving:
    """An original on its way out, decrypted chunk by chunk."""

    name: str
    kind: str
    size: int
    content: Iterator[bytes]


def clean_copy(keyring: Keyring, case_id: UUID, evidence_id: UUID) -> CleanCopy:
    """For whoever governs an export: the permission to view and the consent to keep are asked here, every other is theirs to ask.

    Noted in custody and audit. Raises Http404, ConsentMissing, SealBroken, and CannotDecode (`uncleaned`: no such type)."""
    piece = opening.read(keyring, case_id, evidence_id)
    made = _cleaned(piece)
    _note_clean(keyring, case_id, evidence_id, hashlib.sha256(made.content).hexdigest())
    return made


@whole
def _note_clean(keyring: Keyring, case_id: UUID, evidence_id: UUID, digest: str) -> None:
    key = opening.hold(keyring, case_id, permissions.VIEW)
    opening.find(key, evidence_id)
    opening.note(keyring, key, evidence_id, custody.CLEANED, sha256=digest)


def _cleaned(piece: Piece) -> CleanCopy:
    details = piece.details
    if details.kind not in kinds.CLEANED:
        raise decoding.CannotDecode("uncleaned")
    told, made = decoding.develop("clean", details.kind, details.size, opening.plaintext(piece))
    name = f"{neutral_name(piece)}{kinds.EXTENSIONS[told.kind]}"
    return CleanCopy(name, told.kind, made, tuple(told.left))


def neutral_name(piece: Piece) -> str:
    return f"temoin-{piece.id.hex[:8]}"


def agreed(keyring: Keyring, case_id: UUID) -> list[str]:
    """The purposes for which everybody in the case agreed that something of it leaves. Raises Http404."""
    case = permissions.case_for(keyring.user, case_id, permissions.SHARE)
    record = vault.reopen(keyring, case).record
    return [purpose for purpose in PURPOSES if _is_agreed(record, purpose)]


def _is_agreed(record: CaseRecord, purpose: str) -> bool:
    try:
        consent.require(record, purpose)
    except consent.ConsentMissing:
        return False
    return True


def may_leave(keyring: Keyring, case_id: UUID, purpose: str) -> None:
    """Whoever may export the case may hand out its evidence, for what the people in it agreed to.

    Raises Http404, ConsentMissing."""
    case = permissions.case_for(keyring.user, case_id, permissions.EXPORT)
    consent.require(vault.reopen(keyring, case).record, purpose)


class StillTells(Exception):
    """The clean copy may still tell of people, and nobody has said yet that it may leave like this. `left`: what is in it."""

    def __init__(self, left: tuple[str, ...]) -> None:
        super().__init__()
        self.left = left


def export_clean(
    keyring: Keyring, case_id: UUID, evidence_id: UUID, purpose: str, reason: str, *, accepted: bool = False
) -> CleanCopy:
    """Raises StillTells, and all that `may_leave` and `clean_copy` raise."""
    may_leave(keyring, case_id, purpose)
    made = clean_copy(keyring, case_id, evidence_id)
    if made.left and not accepted:
        raise StillTells(made.left)
    digest = hashlib.sha256(made.content).hexdigest()
    _note_export(keyring, case_id, evidence_id, purpose, reason=reason, sha256=digest, what="clean")
    return made


def export_original(keyring: Keyring, case_id: UUID, evidence_id: UUID, purpose: str, reason: str) -> Leaving:
    """Bit for bit, for a court that asks for the hash. Everything that stands in it leaves with it."""
    may_leave(keyring, case_id, purpose)
    piece = opening.read(keyring, case_id, evidence_id)
    details = piece.details
    _note_export(
        keyring, case_id, evidence_id, purpose, reason=reason, sha256=details.sha256.hex(), what="original"
    )
    return Leaving(details.name, details.kind, details.size, opening.plaintext(piece))


@whole
def _note_export(keyring: Keyring, case_id: UUID, evidence_id: UUID, purpose: str, **detail: str) -> None:
    key = opening.hold(keyring, case_id, permissions.EXPORT)
    opening.find(key, evidence_id)
    opening.note(keyring, key, evidence_id, custody.EXPORTED, purpose=purpose, **detail)
    # To whom and why stands with the evidence: coordinators read the register, and may not read about a case.
    registers.note_communication(keyring.user, f"evidence.{detail['what']}", purpose, "evidence")
