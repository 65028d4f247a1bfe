"""Roots sealed to a key that nobody holds: its shares are on paper, with people who trust each other enough to disagree. The
key's fingerprint is pinned on disk, because whoever writes to the database could put a key of their own in its place."""

import logging
from uuid import UUID

from django.db import transaction

from accounts import events, keyfiles
from accounts.crypto.context import grant_context
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.crypto.trustee_shares import fingerprint
from accounts.models import PublicKey, Team, TrusteeSeal, TrusteeSet, User
from accounts.publickeys import Recipient, admit, recipient

logger = logging.getLogger(__name__)


def present() -> TrusteeSet | None:
    return TrusteeSet.objects.first()


def replace(actor: User, organisation: Principal, principal: Principal, made: TrusteeSet) -> None:
    """The earlier set's shares open nothing from here on: what was sealed to them goes. Raises OSError when the pin cannot be
    written."""
    with transaction.atomic():
        for old in TrusteeSet.objects.all():
            PublicKey.objects.filter(principal_id=old.pk).delete()
            old.delete()
        made.save(force_insert=True)
        admit(organisation, principal)
        events.tell(actor, "trustees.appoint", made.pk, threshold=made.threshold, count=made.count)
        keyfiles.pin_trustees(fingerprint(principal.id, principal.public_key))


def key() -> Recipient | None:
    """None when there are no trustees. Raises SealBroken for a key that is not the pinned one."""
    made = present()
    if made is None:
        return None
    found = recipient(made.pk)
    if fingerprint(found.id, found.public_key) != keyfiles.trustees_pin():
        raise SealBroken
    return found


def keep_sealed(*principals: Principal) -> None:
    """Seal what is not sealed yet. A key that does not match its pin gets nothing, and nobody is kept from working by it."""
    try:
        found = key()
        for principal in principals if found else ():
            _keep_sealed(found, principal)  # type: ignore[arg-type]  # not None inside this loop
    except SealBroken:
        logger.error("the trustees' key is not the pinned one; nothing was sealed to it")


def _keep_sealed(to: Recipient, principal: Principal) -> None:
    place = {"principal_id": principal.id, "principal_epoch": principal.epoch, "trustee_set_id": to.id}
    if not TrusteeSeal.objects.filter(**place).exists():
        sealed = to.seal(principal.root, _context(principal.kind, principal.id, principal.epoch, to.id))
        TrusteeSeal.objects.get_or_create(
            **place, defaults={"kind": principal.kind, "root_ciphertext": sealed}
        )


def open_root(trustees: Principal, kind: str, principal_id: UUID) -> Principal:
    """The newest sealed root of somebody. Raises SealBroken when there is none or it does not open."""
    row = (
        TrusteeSeal.objects.filter(principal_id=principal_id, kind=kind, trustee_set_id=trustees.id)
        .order_by("-principal_epoch")
        .first()
    )
    if row is None:
        raise SealBroken
    place = _context(kind, principal_id, row.principal_epoch, trustees.id)
    return Principal(kind, principal_id, row.principal_epoch, trustees.open_from(row.root_ciphertext, place))


def _context(kind: str, principal_id: UUID, epoch: int, trustees: UUID) -> bytes:
    return grant_context(f"trustees-{kind}", principal_id, epoch, trustees, 1)


def is_team_sealed(team: Team) -> bool:
    """Its present root, to the present trustees: an ended one would seat nobody."""
    sealed = TrusteeSeal.objects.filter(principal_id=team.pk, principal_epoch=team.epoch)
    return sealed.exists()


def is_sealed(user: User) -> bool:
    return TrusteeSeal.objects.filter(principal_id=user.pk, kind="user").exists()
