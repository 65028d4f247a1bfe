"""Permission and key are one thing: grant gives both, revoke takes both and seals everything anew."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accounts.keyring import Keyring
from accounts.models import Team, User
from accounts.whole import whole
from casework import audit, consent, keys, permissions, vault
from casework.models import Case, CaseTeamPermission, CaseUserPermission
from casework.rekeying import rekey as rekey
from casework.rekeying import rewrap_team as rewrap_team


class HasItAlready(Exception):
    """The grantee is on the team that keeps the case, or is that team."""


@dataclass(frozen=True)
class Granted:
    """Who has the case beside the team that keeps it; `expires_on` is the last day, None: until it is revoked."""

    id: UUID
    name: str
    is_team: bool
    may_change: bool
    expires_on: date | None
    may_export: bool = False


@whole
def grant(
    keyring: Keyring,
    case_id: UUID,
    grantee: User | Team,
    *,
    may_change: bool,
    may_export: bool = False,
    expires_on: date | None = None,
) -> None:
    """Exactly this from now on. Raises Http404 for a case the person may not share; HasItAlready; ConsentMissing for another team
    unless everyone concerned agrees to partners."""
    if isinstance(grantee, Team):
        permissions.case_for(keyring.user, case_id, permissions.SHARE)
        permissions.hold_case(case_id, grantee.pk)
    case = permissions.case_to_change(keyring.user, case_id, permissions.SHARE)
    if _has_it(case, grantee):
        raise HasItAlready
    if isinstance(grantee, Team):
        consent.require(vault.reopen(keyring, case).record, "SHARE_PARTNER")
    key = keys.open_key(keyring, case)
    _hang(case, grantee, key, may_change=may_change, may_export=may_export, expires_on=expires_on)
    until = {"until": expires_on.isoformat()} if expires_on else {}
    audit.append(
        keyring.user,
        "case.grant",
        case.pk,
        grantee=str(grantee.pk),
        change=int(may_change),
        export=int(may_export),
        **until,
    )


def _has_it(case: Case, grantee: User | Team) -> bool:
    if isinstance(grantee, Team):
        return grantee.pk == case.team_id
    return case.team.seats.filter(user=grantee).exists()


def _hang(
    case: Case,
    grantee: User | Team,
    key: keys.CaseKey,
    *,
    may_change: bool,
    may_export: bool,
    expires_on: date | None,
) -> None:
    if isinstance(grantee, Team):
        keys.hang_team_key(
            case, grantee, key, may_change=may_change, may_export=may_export, expires_on=expires_on
        )
    else:
        keys.hang_user_key(
            case, grantee, key, may_change=may_change, may_export=may_export, expires_on=expires_on
        )


@whole
def revoke(keyring: Keyring, case_id: UUID, grantee: User | Team) -> None:
    """What was read stays read; what is written from now on, and every sealed byte kept, is out of reach."""
    case = permissions.case_to_change(keyring.user, case_id, permissions.SHARE)
    old = keys.open_key(keyring, case)
    if _revoked(case, grantee):
        rekey(keyring, case, old)
        audit.append(keyring.user, "case.revoke", case.pk, grantee=str(grantee.pk))


def _revoked(case: Case, grantee: User | Team) -> bool:
    if isinstance(grantee, Team):
        return permissions.revoke_team(case, grantee)
    return permissions.revoke_user(case, grantee)


def granted(case: Case) -> list[Granted]:
    """Teams first, then people, each once."""
    rows: list[tuple[Team | User, str, bool, CaseTeamPermission | CaseUserPermission]] = [
        *((row.group.team, row.group.team.name, True, row) for row in permissions.teams_with(case)),
        *((row.user, row.user.username, False, row) for row in permissions.users_with(case)),
    ]
    changing, exporting = (
        {who.pk for who, _, _, row in rows if row.permission.codename == name}
        for name in (permissions.CHANGE, permissions.EXPORT)
    )
    return [
        Granted(who.pk, name, is_team, who.pk in changing, row.expires_on, who.pk in exporting)
        for who, name, is_team, row in rows
        if row.permission.codename == permissions.VIEW
    ]
