"""Case keys. A case key is the people's share XOR the erasure share; the people's share is what is granted, the erasure share
lives in a database whose backups die within days."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import NamedTuple, Protocol, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.crypto import shares
from accounts.crypto.context import context as encoded
from accounts.crypto.context import grant_context
from accounts.crypto.derivation import KEY_BYTES, derive
from accounts.crypto.envelope import Cipher
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken, Sealed, Unspoken
from accounts.keyring import Keyring, Locked
from accounts.models import Team, User
from accounts.publickeys import recipient
from accounts.teams import hold_still
from casework import permissions
from casework.models import Case, CaseTeamKey, CaseUserKey, ErasureShare

GRANT_KIND = "case"
ROOT = "temoin/v1/case/root"
KeyRow = TypeVar("KeyRow", CaseUserKey, CaseTeamKey)
# Ten thousand make one page of a second and a half; more would keep whoever meets them first waiting, and the rows locked.
REWRAPPED_AT_ONCE = 10_000


class EpochEnded(Exception):
    """A new epoch of the team began while keys were being sealed to the old one. Nothing was kept; doing it again helps."""


@dataclass(frozen=True, repr=False, eq=False)
class Share(Unspoken):
    """The half of a case's key that is granted to people."""

    case_id: UUID
    epoch: int
    people: bytes


@dataclass(frozen=True, repr=False, eq=False)
class CaseKey(Share):
    """One case's whole key at one epoch."""

    cipher: Cipher
    # The case as somebody others can seal to: whoever opens the case opens that.
    principal: Principal


def _whole(case_id: UUID, epoch: int, people: bytes, erasure: bytes) -> CaseKey:
    secret = shares.join(people, erasure)
    root = derive(secret, encoded(ROOT, case_id, epoch))
    return CaseKey(case_id, epoch, people, Cipher(secret, epoch), Principal("case", case_id, epoch, root))


@dataclass(frozen=True)
class GrantedKey:
    """The people's share sealed to one grantee; `wrapped`: under their wrap key rather than to their public key."""

    key_ciphertext: Sealed
    grantee_epoch: int
    wrapped: bool


class Grantor(Protocol):
    """Seals a people's share to one grantee."""

    def __call__(self, share: Share) -> GrantedKey: ...


def mint(case_id: UUID, epoch: int, erasure: bytes) -> CaseKey:
    people = os.urandom(KEY_BYTES)
    return _whole(case_id, epoch, people, erasure)


def new_erasure_share() -> bytes:
    return os.urandom(KEY_BYTES)


def erasure_share(case_id: UUID) -> bytes:
    """Raises SealBroken when the share is gone: the case was erased, whatever a restored backup still holds."""
    row = ErasureShare.objects.filter(pk=case_id).first()
    if row is None:
        raise SealBroken
    return bytes(row.share)


def to_principal(grantee: Principal) -> Grantor:
    """For a grantee whose root is at hand: under its wrap key."""

    def seal(share: Share) -> GrantedKey:
        context = grant_context(GRANT_KIND, share.case_id, share.epoch, grantee.id, grantee.epoch)
        return GrantedKey(grantee.seal(share.people, context), grantee.epoch, wrapped=True)

    return seal


def to_public_key(grantee_id: UUID) -> Grantor:
    """For a grantee who is somebody else: to their public key, whose signature is checked here, once."""
    public = recipient(grantee_id)

    def seal(share: Share) -> GrantedKey:
        context = grant_context(GRANT_KIND, share.case_id, share.epoch, grantee_id, public.epoch)
        return GrantedKey(public.seal(share.people, context), public.epoch, wrapped=False)

    return seal


def to_team(keyring: Keyring, team: Team) -> Grantor:
    if team.pk not in keyring.teams:
        return to_public_key(team.pk)
    epoch = Team.objects.values_list("epoch", flat=True).get(pk=team.pk)
    return to_principal(keyring.team(team.pk, epoch))


def hang_team_keys(cases: list[Case], team: Team, minted: list[CaseKey], grantor: Grantor) -> None:
    """Permission row and key row together, for new cases; the database refuses the one without the other. Raises EpochEnded."""
    view_rows = permissions.grant_team_all(cases, team)
    epoch = hold_still([team.pk])[team.pk]
    granted = [(key, grantor(key)) for key in minted]
    if any(sealed.grantee_epoch != epoch for _, sealed in granted):
        raise EpochEnded
    CaseTeamKey.objects.bulk_create(
        CaseTeamKey(permission=view_rows[key.case_id], case_id=key.case_id, epoch=key.epoch, **vars(sealed))
        for key, sealed in granted
    )


class Rewrapped(NamedTuple):
    """A key row's people's share, now under the grantee's wrap key instead of sealed to their public key."""

    key_id: int
    epoch: int
    grantee: Principal
    key_ciphertext: Sealed


def keep_rewrapped(rows: Sequence[Rewrapped]) -> None:
    """Only over what was read: a row that somebody has sealed anew meanwhile, or is about to, stays theirs."""
    with transaction.atomic():
        _update(CaseUserKey, {row.key_id: row for row in rows if row.grantee.kind == "user"})
        _update(CaseTeamKey, {row.key_id: row for row in rows if row.grantee.kind != "user"})


def _update(model: type[KeyRow], rewrapped: dict[int, Rewrapped]) -> None:
    unread = model._default_manager.filter(pk__in=list(rewrapped), wrapped=False)
    found: list[KeyRow] = []
    # Waiting for a lock here could end in a deadlock with a revocation, which takes this lock before that of the audit log.
    for row in unread.select_for_update(skip_locked=True):
        new = rewrapped[row.pk]
        if (row.epoch, row.grantee_epoch) == (new.epoch, new.grantee.epoch):
            row.wrapped, row.key_ciphertext = True, new.key_ciphertext
            found.append(row)
    # All of them are there and locked. `bulk_update` would write a CASE of as many branches, and take twenty times as long.
    model._default_manager.bulk_create(
        found,
        update_conflicts=True,
        unique_fields=["permission"],
        update_fields=["wrapped", "key_ciphertext"],
        batch_size=500,
    )


def hang_user_key(
    case: Case,
    user: User,
    key: CaseKey,
    *,
    may_change: bool,
    may_export: bool = False,
    expires_on: date | None = None,
) -> None:
    granted = to_public_key(user.pk)(key)
    CaseUserKey.objects.update_or_create(
        permission=permissions.grant_user(
            case, user, may_change=may_change, may_export=may_export, expires_on=expires_on
        ),
        defaults={"case": case, "epoch": key.epoch, **vars(granted)},
    )


def hang_team_key(
    case: Case,
    team: Team,
    key: CaseKey,
    *,
    may_change: bool,
    may_export: bool = False,
    expires_on: date | None = None,
) -> None:
    """For a team that does not keep the case, and whose epoch the caller holds still: to its public key."""
    granted = to_public_key(team.pk)(key)
    CaseTeamKey.objects.update_or_create(
        permission=permissions.grant_team(
            case, team, may_change=may_change, may_export=may_export, expires_on=expires_on
        ),
        defaults={"case": case, "epoch": key.epoch, **vars(granted)},
    )


def grant_again(keyring: Keyring, case: Case, key: CaseKey) -> None:
    """To everyone who holds a key of the case: the rows stay, what is in them is sealed anew. Raises EpochEnded."""
    team_rows = CaseTeamKey.objects.filter(case=case).select_related("permission__group__team").order_by("pk")
    epochs = hold_still(row.permission.group.team.pk for row in team_rows)
    for row in team_rows:
        team = row.permission.group.team
        granted = to_team(keyring, team)(key)
        if granted.grantee_epoch != epochs[team.pk]:
            raise EpochEnded
        CaseTeamKey.objects.filter(pk=row.pk).update(epoch=key.epoch, **vars(granted))
    for user_row in CaseUserKey.objects.filter(case=case).select_related("permission").order_by("pk"):
        granted = to_public_key(user_row.permission.user_id)(key)
        CaseUserKey.objects.filter(pk=user_row.pk).update(epoch=key.epoch, **vars(granted))


def open_key(keyring: Keyring, case: Case) -> CaseKey:
    """Raises SealBroken when no granted key opens, or the erasure share is gone."""
    return _whole(case.pk, case.epoch, _people_share(keyring, case), erasure_share(case.pk))


def _people_share(keyring: Keyring, case: Case) -> bytes:
    team_row = (
        permissions.team_keys_for(keyring.user)
        .filter(case=case, epoch=case.epoch)
        .values_list("permission__group__team__id", "grantee_epoch", "wrapped", "key_ciphertext")
        .first()
    )
    if team_row is not None:
        team_id, grantee_epoch, wrapped, ciphertext = team_row
        return open_share(
            keyring.team(team_id, grantee_epoch), case.pk, case.epoch, ciphertext, wrapped=wrapped
        )
    row = permissions.user_keys_for(keyring.user).filter(case=case, epoch=case.epoch).first()
    if row is None:
        raise SealBroken
    own = keyring.principal_at(row.grantee_epoch)
    return open_share(own, case.pk, case.epoch, row.key_ciphertext, wrapped=row.wrapped)


def open_many(keyring: Keyring, case_ids: Sequence[UUID]) -> dict[UUID, CaseKey]:
    """Those that open, of those the person may view."""
    shares_left = dict(ErasureShare.objects.filter(pk__in=case_ids).values_list("case_id", "share"))
    columns = "case_id", "grantee", "epoch", "grantee_epoch", "key_ciphertext", "wrapped"
    by_name = permissions.user_keys_for(keyring.user).annotate(grantee=F("permission__user_id"))
    by_team = permissions.team_keys_for(keyring.user).annotate(grantee=F("permission__group__team__id"))
    found = {}
    for case_id, grantee, epoch, grantee_epoch, sealed, wrapped in chain(
        by_name.filter(case__in=case_ids).values_list(*columns),
        by_team.filter(case__in=case_ids).values_list(*columns),
    ):
        with suppress(SealBroken, Locked, KeyError):
            principal = keyring.grantee(grantee, grantee_epoch)
            people = open_share(principal, case_id, epoch, sealed, wrapped=wrapped)
            found[case_id] = _whole(case_id, epoch, people, bytes(shares_left[case_id]))
    return found


def open_share(grantee: Principal, case_id: UUID, epoch: int, ciphertext: bytes, *, wrapped: bool) -> bytes:
    context = grant_context(GRANT_KIND, case_id, epoch, grantee.id, grantee.epoch)
    opener: Callable[[bytes, bytes], bytes] = grantee.open if wrapped else grantee.open_from
    return opener(ciphertext, context)
