"""A way in that is handed over outside the system. The link holds the only key to two roots; the row is useless without it."""

import base64
import hashlib
import os
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.crypto.context import context, grant_context
from accounts.crypto.derivation import derive
from accounts.crypto.envelope import open_sealed, seal
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken, Sealed
from accounts.keyring import Keyring
from accounts.models import Invitation, Team, User
from accounts.people import new_person
from accounts.teams import KeyHolder, found_team, organisation, seat

VALID_DAYS: Final = 7
TOKEN_BYTES: Final = 32
KEY: Final = "temoin/v1/invitation/key"
HASH: Final = "temoin/v1/invitation/hash"


class InvitationRefused(Exception):  # noqa: N818 - the house names it by what happened
    """Unknown, used, expired, outdated by a new epoch: whoever tries links learns nothing from the difference."""


@sensitive_variables()
def invite(actor: KeyHolder, team: Team) -> str:
    """The link's token. Raises Locked unless the actor has a seat in the team: nobody hands out a key they do not hold."""
    return _invite(team, actor.team(team.id), actor.team(organisation().id))


@sensitive_variables()
def invite_to_new_team(actor: KeyHolder, name: str, kind: str) -> tuple[Team, str]:
    """A team whose only key is in the link: whoever founds it never holds it."""
    whole = actor.team(organisation().id)
    with transaction.atomic():
        team, principal = found_team(whole, name, kind)
        return team, _invite(team, principal, whole)


@sensitive_variables()
def _invite(team: Team, principal: Principal, whole: Principal) -> str:
    token = os.urandom(TOKEN_BYTES)
    invitation = Invitation(team=team, team_epoch=principal.epoch, organisation_epoch=whole.epoch)
    invitation.token_hash = _hash(token)
    invitation.team_root_ciphertext = _sealed(token, invitation, principal)
    invitation.organisation_root_ciphertext = _sealed(token, invitation, whole)
    invitation.expires_on = timezone.localdate() + timedelta(days=VALID_DAYS)
    Invitation.objects.filter(expires_on__lt=timezone.localdate()).delete()
    invitation.save(force_insert=True)
    return base64.urlsafe_b64encode(token).decode().rstrip("=")


@sensitive_variables()
def find(token: str) -> Invitation:
    """Raises InvitationRefused."""
    valid = Invitation.objects.filter(expires_on__gte=timezone.localdate()).select_related("team")
    invitation = valid.filter(token_hash=_hash(_decoded(token))).first()
    if invitation is None or invitation.team_epoch != invitation.team.epoch:
        raise InvitationRefused
    return invitation


@sensitive_variables()
def accept_as_new_person(token: str, username: str, passphrase: str, language: str) -> User:
    """An account, its keys and its two seats at once. Raises InvitationRefused; IntegrityError for a name just taken."""
    with transaction.atomic():
        invitation, team, whole = _use(token)
        user, _ = new_person(username, passphrase, language, whole)
        seat(organisation(), whole, user)
        seat(invitation.team, team, user)
    return user


@sensitive_variables()
def accept_as(keyring: Keyring, token: str) -> Team:
    """One more seat for somebody who has an account. Raises InvitationRefused."""
    with transaction.atomic():
        invitation, team, _ = _use(token)
        seat(invitation.team, team, keyring.user)
    return invitation.team


@sensitive_variables()
def _use(token: str) -> tuple[Invitation, Principal, Principal]:
    """Once: of two people with the same link, the row goes to whoever deletes it."""
    invitation = find(token)
    gone, _ = Invitation.objects.filter(pk=invitation.pk).delete()
    if not gone:
        raise InvitationRefused
    try:
        return invitation, *_opened(_decoded(token), invitation)
    except SealBroken:
        raise InvitationRefused from None


@sensitive_variables()
def _opened(token: bytes, invitation: Invitation) -> tuple[Principal, Principal]:
    team, whole = invitation.team, organisation()
    return (
        _principal(token, invitation, team, invitation.team_epoch, invitation.team_root_ciphertext),
        _principal(
            token, invitation, whole, invitation.organisation_epoch, invitation.organisation_root_ciphertext
        ),
    )


@sensitive_variables()
def _principal(token: bytes, invitation: Invitation, team: Team, epoch: int, sealed: Sealed) -> Principal:
    place = grant_context("invitation", team.id, epoch, invitation.id, 1)
    root = open_sealed(_key(token, invitation), 1, sealed, place)
    return Principal(team.principal_kind, team.id, epoch, root)


@sensitive_variables()
def _sealed(token: bytes, invitation: Invitation, principal: Principal) -> Sealed:
    place = grant_context("invitation", principal.id, principal.epoch, invitation.id, 1)
    return seal(_key(token, invitation), 1, principal.root, place)


def _key(token: bytes, invitation: Invitation) -> bytes:
    return derive(token, context(KEY, invitation.id))


def _hash(token: bytes) -> bytes:
    return hashlib.sha256(context(HASH, token)).digest()


def _decoded(token: str) -> bytes:
    try:
        decoded = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise InvitationRefused from None
    if len(decoded) != TOKEN_BYTES:
        raise InvitationRefused
    return decoded
