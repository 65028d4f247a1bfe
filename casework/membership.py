"""Leaving a team: the seat, the permission and every key go in one transaction, and what stays is out of reach from then on. And
renewing a key, a team's or one's own, though nobody leaves."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404

from accounts import renewal, teams
from accounts.keyring import Keyring
from accounts.models import Team, TeamKind, User
from accounts.teams import LastSteward as LastSteward
from accounts.whole import whole
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
    is_last_steward: bool

    @property
    def is_possible(self) -> bool:
        return not (self.is_last or self.is_last_steward)


def leaving(user: User, team_id: UUID, member_id: UUID) -> Leaving:
    """Stewards remove, and everybody may leave. Raises Http404 for anybody else, and unless both are members."""
    team = teams.team_for(user, team_id) if user.pk == member_id else teams.team_to_steward(user, team_id)
    member = teams.members(team).filter(pk=member_id).first()
    if member is None or team.kind == TeamKind.ORGANISATION:
        raise Http404
    cases = Case.objects.filter(team_keys__permission__group=team.group).count()
    by_name = permissions.cases_by_name(team, member).count()
    is_last = teams.members(team).count() == 1
    return Leaving(team, member, cases, by_name, is_last, not is_last and _is_last_steward(team, member))


def _is_last_steward(team: Team, member: User) -> bool:
    return list(teams.stewards(team)) == [member]


@whole
def remove(keyring: Keyring, team_id: UUID, member_id: UUID) -> Team:
    """Raises Http404, LastMember, LastSteward; Locked when the actor was removed meanwhile."""
    Team.objects.select_for_update().filter(pk=team_id).first()
    found = leaving(keyring.user, team_id, member_id)
    if found.is_last:
        raise LastMember
    if found.is_last_steward:
        raise LastSteward
    teams.remove_member(keyring, found.team, found.member, rekeying.rewrap_team)
    permissions.revoke_all_by_name(found.team, found.member)
    audit.append(keyring.user, "team.remove", team_id, member=str(member_id))
    return found.team


@whole
def renew(keyring: Keyring, team_id: UUID) -> Team:
    """A new epoch of the team though nobody leaves it. Raises Http404 unless by a steward."""
    team = teams.team_to_steward(keyring.user, team_id)
    teams.rotate(keyring, team, rekeying.rewrap_team)
    audit.append(keyring.user, "team.rotate", team_id)
    return team


@whole
def set_steward(keyring: Keyring, team_id: UUID, member_id: UUID, *, steward: bool) -> User:
    """By a steward. Raises Http404, LastSteward."""
    team = teams.team_to_steward(keyring.user, team_id)
    member = teams.members(team).filter(pk=member_id).first()
    if member is None:
        raise Http404
    teams.set_steward(team, member, steward=steward)
    audit.append(keyring.user, "team.steward", team_id, member=str(member_id), steward=int(steward))
    return member


def renew_own(keyring: Keyring, passphrase: str) -> str:
    """A new root for the person themselves, and their next recovery code. Raises renewal.RenewedMeanwhile."""
    return renewal.renew_own(keyring, passphrase, rekeying.rewrap_own)
