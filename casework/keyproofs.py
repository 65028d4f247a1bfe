"""That what is there also opens, proved with somebody's own keys: every epoch of every team they sit in, and every case key that
was granted to them, by name or through a team. Nothing of a case is read further than its card, and nothing is shown."""

from collections.abc import Callable, Iterator
from typing import Final
from uuid import UUID

from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.keychecks import Finding
from accounts.keyring import Keyring, Locked
from accounts.models import PublicKey, Team
from accounts.teams import teams_of
from casework import scanning

EXPLAINED: Final = {
    "own_root_is_another": "this person's root of that epoch does not belong to the public key others sealed to",
    "own_epoch_does_not_open": "this person cannot reach their own root of that epoch any more",
    "team_epoch_does_not_open": "this epoch of the team does not open with the seat this person holds",
    "team_root_is_another": "this epoch of the team opens to a root that does not belong to its public key",
    "case_does_not_open": "this person may open this case, and it does not open",
}


def findings(keyring: Keyring) -> list[Finding]:
    return sorted({*_own(keyring), *_teams(keyring), *_cases(keyring)})


def _own(keyring: Keyring) -> Iterator[Finding]:
    for epoch in range(keyring.principal.epoch, 0, -1):
        try:
            own = keyring.principal_at(epoch)
        except (SealBroken, Locked):
            yield Finding("own_epoch_does_not_open", f"{keyring.user.pk} {epoch}")
            return
        if not _is_vouched(own):
            yield Finding("own_root_is_another", f"{keyring.user.pk} {epoch}")


def _teams(keyring: Keyring) -> Iterator[Finding]:
    for team in teams_of(keyring.user):
        for epoch in range(team.epoch, 0, -1):
            yield from _epoch(keyring, team, epoch)


def _epoch(keyring: Keyring, team: Team, epoch: int) -> Iterator[Finding]:
    try:
        principal = keyring.team(team.pk, epoch)
    except (SealBroken, Locked):
        yield Finding("team_epoch_does_not_open", f"{team.pk} {epoch}")
        return
    if not _is_vouched(principal):
        yield Finding("team_root_is_another", f"{team.pk} {epoch}")


def _is_vouched(principal: Principal) -> bool:
    """That the row itself is signed is among the checks from outside."""
    row = PublicKey.objects.filter(principal_id=principal.id, epoch=principal.epoch).first()
    return row is not None and row.public_key == principal.public_key


def _cases(keyring: Keyring) -> Iterator[Finding]:
    with scanning.gathering():
        for case, card, text in scanning.cards(keyring, with_text=True):
            if card is None or text is None or not _opens(text):
                yield Finding("case_does_not_open", str(UUID(bytes=case)))


def _opens(text: Callable[[], bytes]) -> bool:
    """A case whose list entry opens and whose search text does not is found too."""
    try:
        text()
    except SealBroken:
        return False
    return True
