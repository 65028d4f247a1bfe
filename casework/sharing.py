"""Permission and key are one thing: grant gives both, revoke takes both and seals everything anew."""

from uuid import UUID

from django.db import transaction

from accounts.keyring import Keyring
from accounts.models import User
from casework import audit, keys, permissions
from casework.models import Case, CaseUserPermission
from casework.rekeying import rekey as rekey
from casework.rekeying import rewrap_team as rewrap_team


class HasItAlready(Exception):
    """The grantee is on the team that keeps the case."""


def grant(keyring: Keyring, case_id: UUID, user: User, *, may_change: bool) -> None:
    """Raises Http404 for a case the person may not share; HasItAlready for a member of the team."""
    with transaction.atomic():
        case = permissions.case_to_change(keyring.user, case_id, permissions.SHARE)
        if case.team.seats.filter(user=user).exists():
            raise HasItAlready
        keys.hang_user_key(case, user, keys.open_key(keyring, case), may_change=may_change)
        audit.append(keyring.user, "case.grant", case.pk, grantee=str(user.pk), change=int(may_change))


def revoke(keyring: Keyring, case_id: UUID, user: User) -> None:
    """What the person has read stays read; what is written from now on, and every sealed byte kept, is out of reach."""
    with transaction.atomic():
        case = permissions.case_to_change(keyring.user, case_id, permissions.SHARE)
        old = keys.open_key(keyring, case)
        if permissions.revoke_user(case, user):
            rekey(keyring, case, old)
            audit.append(keyring.user, "case.revoke", case.pk, grantee=str(user.pk))


def people_with(case: Case) -> dict[User, bool]:
    """Everyone the case was granted to by name, and whether they may change it."""
    rows: list[CaseUserPermission] = list(permissions.users_with(case))
    changing = {row.user_id for row in rows if row.permission.codename == permissions.CHANGE}
    return {row.user: row.user_id in changing for row in rows if row.permission.codename == permissions.VIEW}
