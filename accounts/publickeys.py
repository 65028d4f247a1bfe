"""Public keys and who vouches for them. Fetching one and checking its signature are one call: an unchecked key is a key that
a database writer chose."""

from dataclasses import dataclass
from uuid import UUID

from accounts.crypto.context import public_key_context
from accounts.crypto.principal import Principal, verify_signature
from accounts.crypto.sealed import SealBroken, Sealed
from accounts.crypto.sealing import seal_to
from accounts.keyfiles import organisation_key
from accounts.models import PublicKey, Team


@dataclass(frozen=True)
class Recipient:
    """Somebody whose public key the organisation vouches for."""

    id: UUID
    kind: str
    epoch: int
    public_key: bytes

    def seal(self, plaintext: bytes, context: bytes) -> Sealed:
        return seal_to(self.public_key, plaintext, context)


def admit(organisation: Principal, principal: Principal) -> PublicKey:
    """Vouch for a principal's public key. Needs the organisation's root, which every member can open."""
    return admit_public(organisation, principal.kind, principal.id, principal.epoch, principal.public_key)


def admit_public(
    organisation: Principal, kind: str, principal_id: UUID, epoch: int, public_key: bytes
) -> PublicKey:
    """The same for somebody whose root is elsewhere. Whoever calls this has made sure whose key it is."""
    message = public_key_context(kind, principal_id, epoch, public_key)
    return PublicKey.objects.create(
        principal_id=principal_id,
        kind=kind,
        epoch=epoch,
        public_key=public_key,
        signature=organisation.sign(message),
    )


def recipient(principal_id: UUID) -> Recipient:
    """The newest public key of a principal. Raises SealBroken when there is none or nobody vouches for it."""
    return _verified(PublicKey.objects.filter(principal_id=principal_id).order_by("-epoch").first())


def governing_recipient(kind: str) -> Recipient:
    """The team of that governing kind, found and checked in one query. Raises SealBroken before set-up."""
    team = Team.objects.filter(kind=kind).values("pk")
    return _verified(PublicKey.objects.filter(principal_id__in=team).order_by("-epoch").first())


def statistics_recipient() -> Recipient:
    """Whoever counts. Raises SealBroken when there is none or nobody vouches for it."""
    return _verified(PublicKey.objects.filter(kind="statistics").order_by("-epoch", "principal_id").first())


def seal_to_principal(principal_id: UUID, plaintext: bytes, context: bytes) -> tuple[Sealed, int]:
    """Sealed to a principal's newest public key, and that key's epoch."""
    found = recipient(principal_id)
    return found.seal(plaintext, context), found.epoch


def _verified(row: PublicKey | None) -> Recipient:
    if row is None:
        raise SealBroken
    message = public_key_context(row.kind, row.principal_id, row.epoch, row.public_key)
    verify_signature(organisation_key(), row.signature, message)
    return Recipient(row.principal_id, row.kind, row.epoch, row.public_key)
