"""What one person may open during one request. Never stored: it is made when the request begins and ends with it."""

from uuid import UUID

from accounts.crypto.principal import Principal
from accounts.crypto.sealed import Unspoken
from accounts.models import (
    PastOwnRoot,
    PastRoot,
    Seat,
    User,
    past_own_root_context,
    past_root_context,
    seat_context,
)


class Locked(Exception):  # noqa: N818 - the house names it by what happened
    """This person holds no key of that team, or there never was such an epoch."""


class Keyring(Unspoken):
    """A person's own keys, and those of the teams they have a seat in, opened when first asked for."""

    def __init__(self, user: User, principal: Principal) -> None:
        self.user, self.principal = user, principal
        self._opened: dict[tuple[UUID, int], Principal] = {}
        self._newest: dict[UUID, int] = {}

    @property
    def teams(self) -> list[UUID]:
        """Ids of the teams this person has a seat in."""
        return list(Seat.objects.filter(user=self.user).values_list("team_id", flat=True))

    def principal_at(self, epoch: int) -> Principal:
        """This person themselves at an epoch: each root opens the one before it. Raises Locked for an epoch that never was,
        SealBroken for an altered row."""
        opened = self.principal
        rows = PastOwnRoot.objects.filter(user=self.user, epoch__gte=epoch) if epoch < opened.epoch else ()
        for row in sorted(rows, key=lambda row: -row.epoch):
            opened = self._opened.get((opened.id, row.epoch)) or self._one_back(opened, row)
        if opened.epoch != epoch:
            raise Locked
        return opened

    def _one_back(self, opened: Principal, row: PastOwnRoot) -> Principal:
        root = opened.open(row.root_ciphertext, past_own_root_context(opened.id, row.epoch))
        return self._remember(Principal("user", opened.id, row.epoch, root))

    def grantee(self, grantee: UUID, epoch: int) -> Principal:
        """Whom a row was sealed to: this person or a team of theirs, at that epoch. Raises Locked, SealBroken."""
        return self.principal_at(epoch) if grantee == self.principal.id else self.team(grantee, epoch)

    def team(self, team_id: UUID, epoch: int | None = None) -> Principal:
        """The team at an epoch, the newest unless given. Raises Locked without a seat, SealBroken for an altered row."""
        if team_id not in self._newest or self._newest[team_id] < (epoch or 1):
            # Not opened yet, or a new epoch began while this request was under way.
            self._open_seat(team_id)
        newest = self._newest[team_id]
        wanted = newest if epoch is None else epoch
        if not 1 <= wanted <= newest:
            raise Locked
        return self._opened.get((team_id, wanted)) or self._reach_back(team_id, wanted)

    def _open_seat(self, team_id: UUID) -> None:
        seat = Seat.objects.filter(team_id=team_id, user=self.user).select_related("team").first()
        if seat is None:
            raise Locked
        own = self.principal_at(seat.user_epoch)
        root = own.open_from(seat.root_ciphertext, seat_context(team_id, seat.epoch, own.id, own.epoch))
        self._remember(Principal(seat.team.principal_kind, team_id, seat.epoch, root))
        self._newest[team_id] = seat.epoch

    def _reach_back(self, team_id: UUID, epoch: int) -> Principal:
        """Each root opens the one before it, down to the epoch asked for."""
        opened = self.team(team_id)
        for row in PastRoot.objects.filter(team_id=team_id, epoch__gte=epoch).order_by("-epoch"):
            root = opened.open(row.root_ciphertext, past_root_context(team_id, row.epoch))
            opened = self._remember(Principal(opened.kind, team_id, row.epoch, root))
        if opened.epoch != epoch:
            raise Locked
        return opened

    def _remember(self, principal: Principal) -> Principal:
        return self._opened.setdefault((principal.id, principal.epoch), principal)
