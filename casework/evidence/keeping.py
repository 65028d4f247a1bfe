"""What arrived whole becomes evidence of a case: rows, custody and audit entry in one transaction, then the file its name."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from accounts.keyring import Keyring
from accounts.whole import whole
from casework import custody, evidencefiles, permissions, rekeying, vault
from casework.custody import Piece
from casework.evidence import decoding, opening
from casework.evidence.receiving import Received, receive
from casework.keys import CaseKey
from casework.models import Case, Evidence

Area = tuple[int, float, float, float, float]


@whole
def keep(keyring: Keyring, case_id: UUID, received: Sequence[Received], description: str = "") -> None:
    """All of them or none. Asked again, because the permission may have gone while the file arrived."""
    case, key = _hold_to_write(keyring, case_id)
    for file in received:
        _insert(key, file, file.details(keyring.user.pk, description))
        opening.note(keyring, key, file.id, custody.RECEIVED, sha256=file.sha256.hex())
    vault.replace_text(keyring, case)


def _hold_to_write(keyring: Keyring, case_id: UUID) -> tuple[Case, CaseKey]:
    """Whoever left the team since may hold the old key: nothing new is sealed under it."""
    case = permissions.case_to_change(keyring.user, case_id)
    rekeying.rekey_if_due(keyring, case)
    return case, opening.hold(keyring, case_id, permissions.CHANGE)


def _insert(key: CaseKey, file: Received, details: custody.Details) -> None:
    Evidence.objects.create(
        id=file.id, case_id=key.case_id, details_ciphertext=custody.seal_details(key, file.id, details)
    )
    transaction.on_commit(lambda: evidencefiles.keep(file.id))


def redact(keyring: Keyring, case_id: UUID, evidence_id: UUID, areas: Sequence[Area]) -> UUID:
    """A copy without what lies under the areas, as evidence of its own; the original stays. Its id.

    `areas`: page from 1, left, top, width, height in parts of the page. Raises CannotDecode."""
    piece = opening.read(keyring, case_id, evidence_id, permissions.CHANGE)
    details = piece.details
    _told, made = decoding.develop(
        "redact", details.kind, details.size, opening.plaintext(piece), areas=list(areas)
    )
    copy = receive(case_id, details.name, made)
    try:
        _keep_redacted(keyring, case_id, piece, copy)
    except BaseException:
        evidencefiles.discard(copy.id)
        raise
    return copy.id


@whole
def _keep_redacted(keyring: Keyring, case_id: UUID, piece: Piece, copy: Received) -> None:
    case, key = _hold_to_write(keyring, case_id)
    opening.find(key, piece.id)
    _insert(key, copy, copy.details(keyring.user.pk, piece.details.description, piece.id))
    opening.note(keyring, key, piece.id, custody.REDACTED, copy=str(copy.id))
    opening.note(keyring, key, copy.id, custody.RECEIVED, sha256=copy.sha256.hex())
    vault.replace_text(keyring, case)
