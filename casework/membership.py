"""Leaving a team: the seat, the permission and every key go in one transaction, and what stays is out of reach from then on. And
renewing a key, a team's or one's own, though nobody leaves."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.http import Http404

from accounts import renewal, teams
from accounts.keyring import Keyring
from accounts.models import Team, TeamKind, User
from casework import audit, permissions, rekeying
from casework.models import Case


class LastMember(Exception):
    """Nobody would hold the team's key any more, and nothing sealed to it could ever be opened again."""


@dataclass(frozen=True)
class Leaving:
    """What is said before it is done: `cases` are those the person could read as a member, `by_name` those of the team that were
    granted to them by name as well, and that they lose too."""

    team: Team
    member: User
    cases: int
    by_name: int
    is_last: bool


def leaving(user: User, team_id: UUID, member_id: UUID) -> Leaving:
    """Raises Http404 unless both are members."""
    team = _team(user, team_id)
    member = teams.members(team).filter(pk=member_id).first()
    if member is None:
        raise Http404
    cases = Case.objects.filter(team_keys__permission__group=team.group).count()
    by_name = permissions.cases_by_name(team, member).count()
    return Leaving(team, member, cases, by_name, teams.members(team).count() == 1)


def _team(user: User, team_id: UUID) -> Team:
    team = teams.team_for(user, team_id)
    if team.kind == TeamKind.ORGANISATION:
        raise Http404
    return team


def remove(keyring: Keyring, team_id: UUID, member_id: UUID) -> Team:
    """Any member may remove any other, or leave. Raises Http404, LastMember; Locked when the actor was removed meanwhile."""
    with transaction.atomic():
        Team.objects.select_for_update().filter(pk=team_id).first()
        found = leaving(keyring.user, team_id, member_id)
        if found.is_last:
            raise LastMember
        teams.remove_member(keyring, found.team, found.member, rekeying.rewrap_team)
        permissions.revoke_all_by_name(found.team, found.member)
        audit.append(keyring.user, "team.remove", team_id, member=str(member_id))
    return found.team


def renew(keyring: Keyring, team_id: UUID) -> Team:
    """A new epoch of the team though nobody leaves it."""
    with transaction.atomic():
        team = _team(keyring.user, team_id)
        teams.rotate(keyring, team, rekeying.rewrap_team)
        audit.append(keyring.user, "team.rotate", team_id)
    return team


def renew_own(keyring: Keyring, passphrase: str) -> str:
    """A new root for the person themselves, and their next recovery code. Raises renewal.RenewedMeanwhile."""
    return renewal.renew_own(keyring, passphrase, rekeying.rewrap_own)
