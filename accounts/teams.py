"""Teams, their roots and who has a seat. Seat and group membership are one thing said twice, and only this module says it."""

from collections.abc import Callable, Iterable
from typing import Protocol
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import Http404

from accounts import trustees
from accounts.crypto.principal import Principal
from accounts.models import Invitation, PastRoot, Seat, Team, TeamKind, User, past_root_context, seat_context
from accounts.publickeys import Recipient as Recipient
from accounts.publickeys import admit, recipient
from accounts.publickeys import seal_to_principal as seal_to_principal
from accounts.publickeys import statistics_recipient as statistics_recipient

# Called with the team as it is now, its principal before and its principal now, inside the same transaction.
Rewrap = Callable[[Team, Principal, Principal], None]


class LastSteward(Exception):  # noqa: N818 - the house names it by what happened
    """Nobody would be left who may invite, remove and renew."""


class KeyHolder(Protocol):
    """A keyring, by its shape: what the worker imports must not reach the module that opens things."""

    user: User

    def team(self, team_id: UUID, epoch: int | None = None) -> Principal: ...


def create_team(actor: KeyHolder, name: str, kind: str, first_member: User | None = None) -> Team:
    """The first member holds the team's root, and whoever founds the team does not, unless they are the same person."""
    with transaction.atomic():
        team, principal = found_team(actor.team(organisation().id), name, kind)
        seat(team, principal, first_member or actor.user)
    return team


def found_team(organisation_principal: Principal, name: str, kind: str) -> tuple[Team, Principal]:
    """A team nobody has a seat in yet: its root exists only in what is returned."""
    team = Team(name=name, kind=kind)
    principal = Principal.generate(team.principal_kind, team.id)
    with transaction.atomic():
        keep_team(team, principal)
        admit(organisation_principal, principal)
        trustees.keep_sealed(principal)
    return team, principal


def keep_team(team: Team, principal: Principal) -> None:
    team.epoch = principal.epoch
    team.group = Group.objects.create(name=str(team.id))
    team.save(force_insert=True)


def seat(team: Team, principal: Principal, user: User) -> None:
    """Seal the team's root to a member and put them in the group; whoever is the first there is its steward. Raises
    SealBroken for a public key nobody vouches for."""
    to = recipient(user.id)
    place = seat_context(team.id, principal.epoch, user.id, to.epoch)
    sealed = {
        "epoch": principal.epoch,
        "user_epoch": to.epoch,
        "root_ciphertext": to.seal(principal.root, place),
    }
    with transaction.atomic():
        first = {"steward": not Seat.objects.filter(team=team).exists()}
        Seat.objects.update_or_create(
            team=team, user=user, defaults=sealed, create_defaults={**sealed, **first}
        )
        team.group.user_set.add(user)


def add_member(actor: KeyHolder, team: Team, user: User) -> None:
    """Someone who has an account already. Raises Locked unless the actor holds the team's root."""
    seat(team, actor.team(team.id), user)


def remove_member(actor: KeyHolder, team: Team, user: User, rewrap: Rewrap) -> None:
    """Seat and membership go, and a new epoch begins under a root the leaver never saw; `rewrap` moves what hangs on the old one.

    Nobody leaves the organisation this way: its key is pinned outside the database (docs/decisions/0001).
    """
    if team.kind == TeamKind.ORGANISATION:
        raise ValueError("the organisation's key is pinned: rotate it there")
    with transaction.atomic():
        locked = Team.objects.select_for_update().get(pk=team.pk)
        before = actor.team(team.id, locked.epoch)
        _unseat(locked, user)
        now = _begin_epoch(locked, before, actor.team(organisation().id))
        rewrap(locked, before, now)


def rotate(actor: KeyHolder, team: Team, rewrap: Rewrap) -> None:
    """A new epoch though nobody leaves: a laptop was lost, or it has been a year. Open invitations end with the old one."""
    if team.kind == TeamKind.ORGANISATION:
        raise ValueError("the organisation's key is pinned: rotate it there")
    with transaction.atomic():
        locked = Team.objects.select_for_update().get(pk=team.pk)
        Invitation.objects.filter(team=locked).delete()
        before = actor.team(team.id, locked.epoch)
        rewrap(locked, before, _begin_epoch(locked, before, actor.team(organisation().id)))


def hold_still(team_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The epochs of these teams, and no new one begins before the caller's transaction ends: a key sealed meanwhile to an epoch
    that is ending would be one more that the leaver opens, and the sweep that follows would not know of it."""
    # In one order everywhere, so that two that hold several never wait for each other.
    wanted = sorted(set(team_ids))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Django's own lock excludes; this one lets everybody who saves through, and only a new epoch waits.
            cursor.execute(
                "SELECT id, epoch FROM accounts_team WHERE id = ANY(%s) ORDER BY id FOR SHARE", [wanted]
            )
            return dict(cursor.fetchall())
    return dict(Team.objects.filter(pk__in=wanted).values_list("pk", "epoch"))


def _unseat(team: Team, user: User) -> None:
    Seat.objects.filter(team=team, user=user).delete()
    team.group.user_set.remove(user)
    # A pending link carries the old root, and may be one the leaver made for themselves.
    Invitation.objects.filter(team=team).delete()


def _begin_epoch(team: Team, before: Principal, organisation_principal: Principal) -> Principal:
    now = Principal.generate(before.kind, team.id, before.epoch + 1)
    admit(organisation_principal, now)
    trustees.keep_sealed(now)
    PastRoot.objects.create(
        team=team,
        epoch=before.epoch,
        root_ciphertext=now.seal(before.root, past_root_context(team.id, before.epoch)),
    )
    team.epoch = now.epoch
    team.save(update_fields=["epoch"])
    for member in members(team):
        seat(team, now, member)
    return now


def members(team: Team) -> QuerySet[User]:
    return User.objects.filter(seats__team=team).order_by("username")


def teams_of(user: User, kind: str | None = None) -> QuerySet[Team]:
    """The teams someone has a seat in; all kinds unless one is named."""
    found = Team.objects.filter(seats__user=user).order_by("name", "id")
    return found.filter(kind=kind) if kind else found


def team_for(user: User, team_id: UUID) -> Team:
    """Fetch and check in one call: to a stranger, missing and forbidden look alike."""
    team = teams_of(user).filter(pk=team_id).first()
    if team is None:
        raise Http404
    return team


def stewards(team: Team) -> QuerySet[User]:
    """Who may invite, remove and renew."""
    return User.objects.filter(seats__team=team, seats__steward=True).order_by("username")


def is_steward(user: User, team: Team) -> bool:
    return Seat.objects.filter(team=team, user=user, steward=True).exists()


def team_to_steward(user: User, team_id: UUID) -> Team:
    """The same for its stewards. Nobody is steward of the organisation: its members come and go with their teams."""
    team = team_for(user, team_id)
    if team.kind == TeamKind.ORGANISATION or not is_steward(user, team):
        raise Http404
    return team


def set_steward(team: Team, user: User, *, steward: bool) -> None:
    """Raises LastSteward: somebody must be left who may invite and remove."""
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)
        if not steward and not stewards(team).exclude(pk=user.pk).exists():
            raise LastSteward
        Seat.objects.filter(team=team, user=user).update(steward=steward)


def organisation() -> Team:
    """Raises Team.DoesNotExist before set-up."""
    return Team.objects.get(kind=TeamKind.ORGANISATION)


def coordinators() -> Team:
    return Team.objects.get(kind=TeamKind.COORDINATORS)


def auditors() -> Team:
    return Team.objects.get(kind=TeamKind.AUDITORS)


def kinds_of(user: User) -> set[str]:
    """Of the teams the person is in."""
    return set(Team.objects.filter(seats__user=user).values_list("kind", flat=True))


def is_coordinator(user: User) -> bool:
    return teams_of(user, TeamKind.COORDINATORS).exists()


def is_organizer(user: User) -> bool:
    return teams_of(user, TeamKind.ORGANIZERS).exists()


def is_auditor(user: User) -> bool:
    return teams_of(user, TeamKind.AUDITORS).exists()
