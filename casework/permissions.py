"""Who may do what with which case. The only module that reads guardian's rows, and the only way to fetch a case: fetch and check
are one call, and to a stranger a case that exists and one that does not look alike."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone

from accounts.models import Team, User
from accounts.teams import hold_still
from accounts.whole import to_hold
from casework.models import Case, CaseTeamKey, CaseTeamPermission, CaseUserKey, CaseUserPermission

VIEW: Final = "view_case"
CHANGE: Final = "change_case"
SHARE: Final = "share_case"
EXPORT: Final = "export_case"
# What the team that keeps a case has; exporting too (docs/decisions/0013).
ALL: Final = (VIEW, CHANGE, SHARE, EXPORT)


def cases_for(user: User, permission: str = VIEW) -> QuerySet[Case]:
    """Superusers are people without keys here, and no permission holds for every case at once.

    By guardian's rows, not by its shortcut: that knows of no last day, and for one case it reads the rows of ten thousand."""
    if permission not in ALL:
        raise ValueError("not a permission on cases")
    by_name, by_team = _rows_of(user, content_object=OuterRef("pk"), permission__codename=permission)
    return Case.objects.filter(Exists(by_name) | Exists(by_team))


def _rows_of(user: User, **wanted: Any) -> tuple[QuerySet[CaseUserPermission], QuerySet[CaseTeamPermission]]:
    """What holds today: granted by name, and to the person's teams."""
    return (
        CaseUserPermission.objects.filter(holds_today(), user=user, **wanted),
        CaseTeamPermission.objects.filter(holds_today(), group__user=user, **wanted),
    )


def holds_today(prefix: str = "") -> Q:
    """The worker takes away what has ended; until it has, nothing that ended opens anything."""
    return Q(**{f"{prefix}expires_on": None}) | Q(**{f"{prefix}expires_on__gte": timezone.localdate()})


def still_there(case_ids: Iterable[UUID]) -> list[UUID]:
    """Those that were not erased. For whoever holds a receipt and was told their ids by the consent record."""
    return list(Case.objects.filter(pk__in=list(case_ids)).order_by("pk").values_list("pk", flat=True))


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
    hold_case(case_id)
    return case_for(user, case_id, permission)


def hold_case(case_id: UUID, *more: UUID) -> None:
    """The one order of locks: the teams that hold a key to the case, and those about to, then the case."""
    hold_cases([case_id], *more)


def hold_cases(case_ids: Iterable[UUID], *more: UUID) -> list[Case]:
    """All of them at once, in that same order. Those that are there.

    An act that holds other cases already, and comes to these only now, is undone and begins again with all of them."""
    wanted = set(case_ids)
    held = to_hold(wanted)
    groups = CaseTeamPermission.objects.filter(content_object__in=held).values("group")
    hold_still([*more, *Team.objects.filter(group__in=groups).values_list("pk", flat=True)])
    there = list(Case.objects.select_for_update().filter(pk__in=held).order_by("pk"))
    return [case for case in there if case.pk in wanted]


def kept_by(teams: Iterable[Team]) -> QuerySet[Case, UUID]:
    """Ids of all cases these teams keep: to choose among cases that were opened, never to show."""
    return Case.objects.filter(team__in=list(teams)).values_list("pk", flat=True)


def allowed(user: User, case_id: UUID) -> set[str]:
    """Everything the person may do with a case, to show or leave out what a page offers; whoever presses it is asked again."""
    rows = _rows_of(user, content_object=case_id)
    return {name for found in rows for name in found.values_list("permission__codename", flat=True)}


def codename_row(codename: str) -> Permission:
    return _codename(codename).get()


def _codename(codename: str) -> QuerySet[Permission]:
    return Permission.objects.filter(
        codename=codename, content_type__app_label="casework", content_type__model="case"
    )


def _may_view() -> Subquery:
    """The row of `view_case`, to stand in another query."""
    return Subquery(_codename(VIEW).values("pk"))


def team_keys_for(user: User) -> QuerySet[CaseTeamKey]:
    """Keys hang on `view_case` rows, so whoever reaches a key row this way has the permission too."""
    return CaseTeamKey.objects.filter(
        holds_today("permission__"),
        permission__permission=_may_view(),
        permission__group__user=user,
    )


def many_team_cases(user: User) -> int:
    """How many cases the person's teams may view; one that two of them may counts twice."""
    return _team_rows(user).count()


def _team_rows(user: User) -> QuerySet[CaseTeamPermission]:
    return CaseTeamPermission.objects.filter(holds_today(), permission=_may_view(), group__user=user)


def user_keys_for(user: User) -> QuerySet[CaseUserKey]:
    return CaseUserKey.objects.filter(
        holds_today("permission__"), permission__permission=_may_view(), permission__user=user
    )


def grant_team_all(cases: list[Case], team: Team) -> dict[UUID, CaseTeamPermission]:
    """For many new cases: three statements instead of six a case. Returns the `view_case` row of each."""
    made = [
        CaseTeamPermission(group=team.group, permission=permission, content_object=case)
        for permission in map(codename_row, ALL)
        for case in cases
    ]
    CaseTeamPermission.objects.bulk_create(made)
    return {row.content_object_id: row for row in made[: len(cases)]}


def granted_names(*, may_change: bool, may_export: bool) -> list[str]:
    return [VIEW, *[CHANGE] * may_change, *[EXPORT] * may_export]


def grant_user(
    case: Case, user: User, *, may_change: bool, may_export: bool = False, expires_on: date | None = None
) -> CaseUserPermission:
    """Exactly this from now on, whatever it was before. Returns the row the key has to hang on."""
    wanted = granted_names(may_change=may_change, may_export=may_export)
    mine = CaseUserPermission.objects.filter(user=user, content_object=case)
    mine.exclude(permission__codename__in=wanted).delete()
    rows: dict[str, CaseUserPermission] = {
        name: CaseUserPermission.objects.get_or_create(
            user=user, permission=codename_row(name), content_object=case
        )[0]
        for name in wanted
    }
    mine.update(expires_on=expires_on)
    return rows[VIEW]


def grant_team(
    case: Case, team: Team, *, may_change: bool, may_export: bool = False, expires_on: date | None = None
) -> CaseTeamPermission:
    """The same for a team that does not keep the case."""
    wanted = granted_names(may_change=may_change, may_export=may_export)
    theirs = CaseTeamPermission.objects.filter(group=team.group, content_object=case)
    theirs.exclude(permission__codename__in=wanted).delete()
    rows: dict[str, CaseTeamPermission] = {
        name: CaseTeamPermission.objects.get_or_create(
            group=team.group, permission=codename_row(name), content_object=case
        )[0]
        for name in wanted
    }
    theirs.update(expires_on=expires_on)
    return rows[VIEW]


def revoke_user(case: Case, user: User) -> bool:
    """The key row goes with the permission row it hangs on. False when there was nothing to revoke."""
    gone, _ = CaseUserPermission.objects.filter(user=user, content_object=case).delete()
    return gone > 0


def revoke_team(case: Case, team: Team) -> bool:
    """Never from the team that keeps the case."""
    rows = CaseTeamPermission.objects.filter(group=team.group, content_object=case)
    gone, _ = rows.exclude(group__team=case.team_id).delete()
    return gone > 0


def cases_with_ended_grants() -> list[UUID]:
    rows = (
        model._default_manager.filter(~holds_today()) for model in (CaseUserPermission, CaseTeamPermission)
    )
    return sorted(
        {case_id for found in rows for case_id in found.values_list("content_object_id", flat=True)}
    )


def take_back_ended(case_id: UUID) -> set[UUID]:
    """Permission and key of every grant of the case that has ended. Whose they were."""
    users = CaseUserPermission.objects.filter(~holds_today(), content_object=case_id)
    teams = CaseTeamPermission.objects.filter(~holds_today(), content_object=case_id)
    whose = {*users.values_list("user_id", flat=True), *teams.values_list("group__team__id", flat=True)}
    users.delete()
    teams.delete()
    return whose


def take_back_partners(case: Case, *, everybody: bool) -> set[UUID]:
    """Permission and key of the other teams, and of people who have it until a day; with `everybody`, of all but the team that
    keeps the case. Whose they were."""
    teams = CaseTeamPermission.objects.filter(content_object=case).exclude(group__team=case.team_id)
    users = CaseUserPermission.objects.filter(content_object=case)
    users = users if everybody else users.exclude(expires_on=None)
    whose = {*users.values_list("user_id", flat=True), *teams.values_list("group__team__id", flat=True)}
    users.delete()
    teams.delete()
    return whose


def partner_cases(user: User, case_id: UUID | None = None) -> set[UUID]:
    """What the person reaches through another team than the one that keeps it, and in no other way: a partner group reads it."""
    rows = _team_rows(user)
    rows = rows.filter(content_object=case_id) if case_id else rows
    # The team that keeps a case always has it (`revoke_team`), so whoever is in that team reads it as one of them.
    mine = Team.objects.filter(group__user=user).values("pk")
    partner = set(rows.exclude(content_object__team__in=mine).values_list("content_object_id", flat=True))
    if not partner:
        return partner
    named = CaseUserPermission.objects.filter(holds_today(), permission=_may_view(), user=user)
    return partner.difference(
        named.filter(content_object__in=partner).values_list("content_object_id", flat=True)
    )


def cases_by_name(team: Team, user: User) -> QuerySet[CaseUserPermission]:
    """What was granted by name, before they joined or after, of the cases the team keeps: one row a case."""
    return CaseUserPermission.objects.filter(
        user=user, content_object__team=team, permission=codename_row(VIEW)
    )


def revoke_all_by_name(team: Team, user: User) -> None:
    CaseUserPermission.objects.filter(user=user, content_object__team=team).delete()


def users_with(case: Case) -> QuerySet[CaseUserPermission]:
    return (
        CaseUserPermission.objects.filter(holds_today(), content_object=case)
        .select_related("user", "permission")
        .order_by("user__username", "permission__codename")
    )


def teams_with(case: Case) -> QuerySet[CaseTeamPermission]:
    """Other teams than the one that keeps it."""
    return (
        CaseTeamPermission.objects.filter(holds_today(), content_object=case)
        .exclude(group__team=case.team_id)
        .select_related("group__team", "permission")
        .order_by("group__team__name", "permission__codename")
    )
