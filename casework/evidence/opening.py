"""The way to a piece of evidence: permission, key and consent of its case first, each time, through the vault."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from accounts.crypto.stream import decrypt_range, file_key
from accounts.keyring import Keyring
from accounts.whole import whole
from casework import audit, custody, evidencefiles, keys, permissions, vault
from casework.custody import Piece
from casework.models import Case, Evidence


@dataclass(frozen=True)
class Viewed:
    piece: Piece
    log: list[custody.Entry]


def pieces(keyring: Keyring, case: Case) -> list[Piece]:
    """For the page of a case that was just opened through the vault."""
    if not Evidence.objects.filter(case=case).exists():
        return []
    return vault.untorn(case, lambda: custody.pieces(keys.open_key(keyring, case)))


def hold(keyring: Keyring, case_id: UUID, permission: str) -> keys.CaseKey:
    """The key of a case that stays as it is until the caller's transaction ends: nobody seals it anew meanwhile.

    Raises Http404, ConsentMissing, SealBroken."""
    case = permissions.case_to_change(keyring.user, case_id, permission)
    vault.require_read(keyring, vault.reopen(keyring, case))
    return keys.open_key(keyring, case)


def find(key: keys.CaseKey, evidence_id: UUID) -> Piece:
    """Of this case: a stranger to another case learns nothing by asking with the id of their own."""
    row = Evidence.objects.filter(pk=evidence_id, case_id=key.case_id).first()
    if row is None:
        raise permissions.Denied(key.case_id)
    return Piece(row.pk, key.case_id, custody.open_details(key, row))


@whole
def view(keyring: Keyring, case_id: UUID, evidence_id: UUID) -> Viewed:
    """Written down twice before anything is shown: in the log of the evidence, and in that of the auditors."""
    key = hold(keyring, case_id, permissions.VIEW)
    piece = find(key, evidence_id)
    note(keyring, key, evidence_id, custody.VIEWED)
    return Viewed(piece, custody.log(key, evidence_id))


def note(keyring: Keyring, key: keys.CaseKey, evidence_id: UUID, act: str, **detail: str) -> None:
    """The auditors get the number of the entry: what was cut off the end of a log, they miss."""
    number = custody.append(key, evidence_id, keyring.user, act, **detail)
    audit.append(keyring.user, f"evidence.{act}", key.case_id, evidence=str(evidence_id), entry=number)


def read(keyring: Keyring, case_id: UUID, evidence_id: UUID, permission: str = permissions.VIEW) -> Piece:
    """Without an entry, for what belongs to a viewing that has one: a film is asked for in a hundred ranges."""
    case = permissions.case_for(keyring.user, case_id, permission)
    vault.require_read(keyring, vault.reopen(keyring, case))
    return vault.untorn(case, lambda: find(keys.open_key(keyring, case), evidence_id))


@whole
def look_again(keyring: Keyring, case_id: UUID, evidence_id: UUID) -> Viewed:
    """Another page of a viewing that is noted already: whoever calls this has the proof."""
    key = hold(keyring, case_id, permissions.VIEW)
    return Viewed(find(key, evidence_id), custody.log(key, evidence_id))


def plaintext(piece: Piece, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """Chunk by chunk, straight from the encrypted file. Raises SealBroken, also when the file is cut short or not there."""
    key = file_key(piece.details.root, piece.details.sealed_in or piece.case_id, piece.id)
    wanted = piece.details.size - start if length is None else length
    with evidencefiles.open_file(piece.id) as file:
        yield from decrypt_range(key, file, start, max(wanted, 0))
