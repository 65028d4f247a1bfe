"""Who may do what with which case. The only module that asks guardian, and the only way to fetch a case: fetch and check are
one call, and to a stranger a case that exists and one that does not look alike."""

from typing import Final
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import Http404
from guardian.shortcuts import get_objects_for_user

from accounts.models import Team, User
from accounts.teams import hold_still
from casework.models import Case, CaseTeamKey, CaseTeamPermission, CaseUserKey, CaseUserPermission

VIEW: Final = "view_case"
CHANGE: Final = "change_case"
SHARE: Final = "share_case"
ALL: Final = (VIEW, CHANGE, SHARE)


def cases_for(user: User, permission: str = VIEW) -> QuerySet[Case]:
    """Superusers are people without keys here, and no permission holds for every case at once."""
    if permission not in ALL:
        raise ValueError("not a permission on cases")
    found: QuerySet[Case] = get_objects_for_user(
        user, permission, Case, with_superuser=False, accept_global_perms=False
    )
    return found


class Denied(Http404):
    """Missing or forbidden: whoever asked is told the same, and `casework.views.refusals` writes down that they asked."""

    def __init__(self, case_id: UUID) -> None:
        super().__init__()
        self.case_id = case_id


def case_for(user: User, case_id: UUID, permission: str = VIEW) -> Case:
    case = cases_for(user, permission).filter(pk=case_id).first()
    if case is None:
        raise Denied(case_id)
    return case


def case_to_change(user: User, case_id: UUID, permission: str = CHANGE) -> Case:
    """The case as it is now and stays until the caller's transaction ends, with the epochs of the teams that hold a key to it.

    Asked twice: somebody may have revoked, rekeyed or erased while this waited for the lock."""
    case_for(user, case_id, permission)
    groups = CaseTeamPermission.objects.filter(content_object=case_id).values("group")
    hold_still(Team.objects.filter(group__in=groups).values_list("pk", flat=True))
    Case.objects.select_for_update().filter(pk=case_id).first()
    return case_for(user, case_id, permission)


def may(user: User, case: Case, permission: str) -> bool:
    return cases_for(user, permission).filter(pk=case.pk).exists()


def codename_row(codename: str) -> Permission:
    return Permission.objects.get(
        codename=codename, content_type__app_label="casework", content_type__model="case"
    )


def team_keys_for(user: User) -> QuerySet[CaseTeamKey]:
    """Keys hang on `view_case` rows, so whoever reaches a key row this way has the permission too."""
    return CaseTeamKey.objects.filter(
        permission__permission=codename_row(VIEW),
        permission__group__user=user,
        permission__group__team__isnull=False,
    )


def user_keys_for(user: User) -> QuerySet[CaseUserKey]:
    return CaseUserKey.objects.filter(permission__permission=codename_row(VIEW), permission__user=user)


def grant_team(case: Case, team: Team) -> CaseTeamPermission:
    """Everything, for the team that keeps the case. Returns the row the key has to hang on."""
    rows: dict[str, CaseTeamPermission] = {
        name: CaseTeamPermission.objects.get_or_create(
            group=team.group, permission=codename_row(name), content_object=case
        )[0]
        for name in ALL
    }
    return rows[VIEW]


def grant_team_all(cases: list[Case], team: Team) -> dict[UUID, CaseTeamPermission]:
    """For many new cases: three statements instead of six a case. Returns the `view_case` row of each."""
    made = [
        CaseTeamPermission(group=team.group, permission=permission, content_object=case)
        for permission in map(codename_row, ALL)
        for case in cases
    ]
    CaseTeamPermission.objects.bulk_create(made)
    return {row.content_object_id: row for row in made[: len(cases)]}


def grant_user(case: Case, user: User, *, may_change: bool) -> CaseUserPermission:
    wanted = (VIEW, CHANGE) if may_change else (VIEW,)
    CaseUserPermission.objects.filter(user=user, content_object=case).exclude(
        permission__codename__in=wanted
    ).delete()
    rows: dict[str, CaseUserPermission] = {
        name: CaseUserPermission.objects.get_or_create(
            user=user, permission=codename_row(name), content_object=case
        )[0]
        for name in wanted
    }
    return rows[VIEW]


def revoke_user(case: Case, user: User) -> bool:
    """The key row goes with the permission row it hangs on. False when there was nothing to revoke."""
    gone, _ = CaseUserPermission.objects.filter(user=user, content_object=case).delete()
    return gone > 0


def cases_by_name(team: Team, user: User) -> QuerySet[CaseUserPermission]:
    """What was granted by name, before they joined or after, of the cases the team keeps: one row a case."""
    return CaseUserPermission.objects.filter(
        user=user, content_object__team=team, permission=codename_row(VIEW)
    )


def revoke_all_by_name(team: Team, user: User) -> None:
    CaseUserPermission.objects.filter(user=user, content_object__team=team).delete()


def users_with(case: Case) -> QuerySet[CaseUserPermission]:
    return (
        CaseUserPermission.objects.filter(content_object=case)
        .select_related("user", "permission")
        .order_by("user__username", "permission__codename")
    )
