"""Permission and key are one thing: grant gives both, revoke takes both and seals everything anew."""

from uuid import UUID, uuid4

from django.db import transaction

from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.keyring import Keyring
from accounts.models import Team, User
from casework import audit, keys, permissions, vault
from casework.models import Case, CaseTeamKey, CaseUserPermission


class HasItAlready(Exception):
    """The grantee is on the team that keeps the case."""


def grant(keyring: Keyring, case_id: UUID, user: User, *, may_change: bool) -> None:
    """Raises Http404 for a case the person may not share; HasItAlready for a member of the team."""
    with transaction.atomic():
        case = permissions.case_for(keyring.user, case_id, permissions.SHARE)
        if case.team.seats.filter(user=user).exists():
            raise HasItAlready
        keys.hang_user_key(case, user, keys.open_key(keyring, case), may_change=may_change)
        audit.append(keyring.user, "case.grant", case.pk, grantee=str(user.pk), change=int(may_change))


def revoke(keyring: Keyring, case_id: UUID, user: User) -> None:
    """What the person has read stays read; what is written from now on, and every sealed byte kept, is out of reach."""
    with transaction.atomic():
        case = permissions.case_for(keyring.user, case_id, permissions.SHARE)
        old = keys.open_key(keyring, case)
        if permissions.revoke_user(case, user):
            rekey(keyring, case, old)
            audit.append(keyring.user, "case.revoke", case.pk, grantee=str(user.pk))


def rekey(keyring: Keyring, case: Case, old: keys.CaseKey) -> keys.CaseKey:
    """A new epoch: every sealed byte of the case under a new key, granted to whoever still has the permission."""
    new = keys.mint(case.pk, case.epoch + 1, keys.erasure_share(case.pk))
    newest = None
    for revision in case.revisions.order_by("number"):
        newest = vault.open_revision(old, revision)
        revision.record_ciphertext = vault.seal_record(new, newest, revision.pk)
        revision.save(update_fields=["record_ciphertext"])
    if newest is None:
        raise SealBroken
    vault.replace_card_and_text(case, vault.seal(new, newest, uuid4()))
    case.epoch, case.rekey_due = new.epoch, False
    case.save(update_fields=["epoch", "rekey_due"])
    _grant_again(keyring, case, new)
    return new


def _grant_again(keyring: Keyring, case: Case, key: keys.CaseKey) -> None:
    keys.hang_team_key(case, case.team, key, keys.to_team(keyring, case.team))
    for user, may_change in people_with(case).items():
        keys.hang_user_key(case, user, key, may_change=may_change)


def people_with(case: Case) -> dict[User, bool]:
    """Everyone the case was granted to by name, and whether they may change it."""
    rows: list[CaseUserPermission] = list(permissions.users_with(case))
    changing = {row.user_id for row in rows if row.permission.codename == permissions.CHANGE}
    return {row.user: row.user_id in changing for row in rows if row.permission.codename == permissions.VIEW}


def rewrap_team(team: Team, before: Principal, now: Principal) -> None:
    """What `accounts.teams.remove_member` calls: every case key of the team under its new root, and the cases marked to be
    sealed anew at their next saving, because the one who left may have kept the old keys."""
    to_now = keys.to_principal(now)
    rows = CaseTeamKey.objects.filter(permission__group=team.group, grantee_epoch=before.epoch)
    for row in rows.select_for_update().iterator(chunk_size=500):
        people = keys.open_share(before, row.case_id, row.epoch, row.key_ciphertext, wrapped=row.wrapped)
        granted = to_now(keys.Share(row.case_id, row.epoch, people))
        CaseTeamKey.objects.filter(pk=row.pk).update(**vars(granted))
    Case.objects.filter(team=team).update(rekey_due=True)
