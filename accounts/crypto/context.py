"""The place a ciphertext belongs to, as bytes that no other place encodes to.

The context is authenticated with every ciphertext (as AAD, or as HPKE ``info``), so that a database writer who
moves a value to another row, field, person or epoch gets something that no longer opens.
"""

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from accounts.crypto.passphrase import KdfParameters

Part = bytes | str | int | UUID

FIELD = "temoin/v1/field"
GRANT = "temoin/v1/grant"
USER_ROOT = "temoin/v1/user-root"
RECOVERY_CODE = "temoin/v1/recovery-code"
SESSION = "temoin/v1/session"
STATISTIC = "temoin/v1/statistic"
AUDIT = "temoin/v1/audit"
AUDIT_VEIL = "temoin/v1/audit/veil"
ERASED = "temoin/v1/erased"
REGISTER = "temoin/v1/register"
RECEIPT = "temoin/v1/receipt"
RELEASE = "temoin/v1/release"
DRAFT = "temoin/v1/draft"
CARRIED = "temoin/v1/carried"
CONTACT = "temoin/v1/contact"
PUBLIC_KEY = "temoin/v1/public-key"
OWN_NOTE = "temoin/v1/own-note"
STORY = "temoin/v1/story"
STORY_OWNER = "temoin/v1/story/owner"
STORY_PERSON = "temoin/v1/story/person"

_LENGTH = struct.Struct(">I")
_UUID_LENGTH = _LENGTH.pack(16)
_INTEGER = struct.Struct(">IQ")


def context(label: str, *parts: Part) -> bytes:
    """Encode a label and its parts, each prefixed with its length as 4 bytes, big-endian.

    Integers are 8 bytes big-endian (0 to 2⁶⁴ − 1), UUIDs 16 bytes, text UTF-8. The type of a part is not encoded:
    the label fixes it. Raises ValueError for an empty label, an integer out of range or text that is not Unicode,
    TypeError for any other type.
    """
    if not label:
        raise ValueError("a context begins with a label")
    return b"".join([_prefixed(part) for part in (label, *parts)])


def _prefixed(part: Part) -> bytes:
    encoded = _encoded(part)
    return _LENGTH.pack(len(encoded)) + encoded


def _encoded(part: Part) -> bytes:
    if isinstance(part, UUID):
        return part.bytes
    if isinstance(part, str):
        return _utf8(part)
    if isinstance(part, bool):
        raise TypeError("a context part is bytes, text, a whole number or a UUID")
    if isinstance(part, int):
        return _eight_bytes(part)
    if isinstance(part, bytes):
        return part
    raise TypeError("a context part is bytes, text, a whole number or a UUID")


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        # The original error quotes the text.
        raise ValueError("a context part is not valid Unicode") from None


def _eight_bytes(number: int) -> bytes:
    if not 0 <= number < 1 << 64:
        raise ValueError("a context number lies between 0 and 2^64 - 1")
    return number.to_bytes(8, "big")


def field_context(name: str, case: UUID, row: UUID) -> bytes:
    """A sealed column ``name`` of row ``row`` that belongs to case ``case``."""
    return context(FIELD, name, case, row)


def field_contexts(name: str) -> Callable[[bytes, bytes], bytes]:
    """``field_context`` with the name fixed: the same bytes, five times as fast, for loops over thousands of rows.

    The function returned takes case and row as the 16 bytes of their ids, and does not count them.
    """
    before_case = context(FIELD, name) + _UUID_LENGTH
    before_row = _UUID_LENGTH

    def of(case: bytes, row: bytes) -> bytes:
        return before_case + case + before_row + row

    return of


def grant_context(kind: str, object_id: UUID, epoch: int, grantee: UUID, grantee_epoch: int) -> bytes:
    """A key of object ``object_id`` at ``epoch``, handed to ``grantee`` at the grantee's own epoch."""
    return context(GRANT, kind, object_id, epoch, grantee, grantee_epoch)


def grant_contexts(kind: str, grantee: UUID, grantee_epoch: int) -> Callable[[bytes, int], bytes]:
    """``grant_context`` with kind and grantee fixed: the same bytes, for opening thousands of case keys.

    The function returned takes the 16 bytes of the object's id, and raises struct.error for an epoch outside 0 to 2⁶⁴ − 1.
    """
    before_object = context(GRANT, kind) + _UUID_LENGTH
    after_epoch = _prefixed(grantee) + _prefixed(grantee_epoch)
    integer = _INTEGER.pack

    def of(object_id: bytes, epoch: int) -> bytes:
        return before_object + object_id + integer(8, epoch) + after_epoch

    return of


def user_root_context(user: UUID, salt: bytes, parameters: "KdfParameters") -> bytes:
    """A user's root under their passphrase; names the cost, so that a downgraded row does not open."""
    return context(USER_ROOT, user, salt, parameters.iterations, parameters.memory_kib, parameters.lanes)


def recovery_code_context(user: UUID, salt: bytes, parameters: "KdfParameters") -> bytes:
    """A user's root under their printed code: a label of its own, so that neither wrap can stand in for the other."""
    return context(RECOVERY_CODE, user, salt, parameters.iterations, parameters.memory_kib, parameters.lanes)


def session_context(user: UUID, session: bytes) -> bytes:
    """A user's root kept for one session; ``session`` identifies it and is never reused."""
    return context(SESSION, user, session)


def statistic_context(token_hash: bytes) -> bytes:
    """A coarse row sealed to the statistics key, known only by the hash of its random token."""
    return context(STATISTIC, token_hash)


def statistic_contexts() -> Callable[[bytes], bytes]:
    """``statistic_context``: the same bytes, five times as fast, for a million rows. The function returned takes the 32 bytes of
    a token hash, and does not count them.
    """
    before_hash = context(STATISTIC) + _LENGTH.pack(32)
    return before_hash.__add__


def audit_context(sequence: int) -> bytes:
    """An entry of the audit chain, at its place in the sequence."""
    return context(AUDIT, sequence)


def audit_veil_context(sequence: int) -> bytes:
    """What an entry says about one case, under a key that is destroyed with the case."""
    return context(AUDIT_VEIL, sequence)


def erased_context(kind: str, name: bytes) -> bytes:
    """What is hashed for the ledger of erasures: a case's id, or the name of a coarse record."""
    return context(ERASED, kind, name)


def register_context(kind: str, line: UUID) -> bytes:
    """One line of a register that the law asks for."""
    return context(REGISTER, kind, line)


def receipt_context(receipt: bytes) -> bytes:
    """A message kept for whoever holds ``receipt``."""
    return context(RECEIPT, receipt)


def release_context(part: str, release: UUID) -> bytes:
    """One sealed part (``draft``, ``ledger`` …) of a release."""
    return context(RELEASE, part, release)


def draft_context(user: UUID, draft: UUID) -> bytes:
    """A case that ``user`` has begun to write down, under their own wrap key."""
    return context(DRAFT, user, draft)


def carried_context(name: str) -> bytes:
    """A form that was sent after its session had ended, handed back under a key of its own."""
    return context(CARRIED, name)


def contact_context(team: UUID, contact: UUID) -> bytes:
    """A contact that a team keeps, under the team's wrap key."""
    return context(CONTACT, team, contact)


def public_key_context(kind: str, principal: UUID, epoch: int, public_key: bytes) -> bytes:
    """What the organisation signs to vouch for a public key: whose it is, of which kind and epoch."""
    return context(PUBLIC_KEY, kind, principal, epoch, public_key)


def own_note_context(kind: str, user: UUID, note: UUID) -> bytes:
    """What somebody keeps for themselves, such as a saved view."""
    return context(OWN_NOTE, kind, user, note)


def story_context(part: str, story: UUID) -> bytes:
    """One part (``passage``, ``key``, ``ends`` …) of a passage that may be published."""
    return context(STORY, part, story)


def story_owner_context(purpose: str, story: UUID) -> bytes:
    """What is hashed under a person's secret, so that a withdrawal finds what was told for ``purpose``."""
    return context(STORY_OWNER, purpose, story)


def story_person_context() -> bytes:
    """What is derived from a person's random token to find their passages by."""
    return context(STORY_PERSON)
