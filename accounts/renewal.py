"""A person's own root, renewed: a device that was unlocked is gone, or it has been a year. What they could open they still open:
the old root lies under the new one, and whatever is sealed to them where others read it is moved at once."""

from collections.abc import Callable
from contextlib import suppress

from django.db import transaction
from django.db.models import Q
from django.views.decorators.debug import sensitive_variables

from accounts import devices, events, recovery, teams, trustees
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.keyring import Keyring, Locked
from accounts.models import PastOwnRoot, Rescue, Seat, TrusteeSeal, UserKey, past_own_root_context
from accounts.people import wrap_under
from accounts.publickeys import admit

# Called with the person as they were, and their new principal, inside the same transaction.
RewrapOwn = Callable[[Keyring, Principal], None]


class RenewedMeanwhile(Exception):  # noqa: N818 - the house names it by what happened
    """Renewed or locked down in another session: this one holds a root that is no longer the newest."""


@sensitive_variables()
def renew_own(keyring: Keyring, passphrase: str, rewrap: RewrapOwn) -> str:
    """The next recovery code: the printed one opens the old root only, and is dead. Every session ends, and the person signs in
    again.

    `passphrase` was just found to be theirs. Raises RenewedMeanwhile."""
    with transaction.atomic():
        # Whoever begins a team's epoch seals it to the member's newest key, and waits until that is settled.
        teams.hold_still(keyring.teams)
        now = _next(keyring)
        wrap_under(keyring.user, now, passphrase)
        _move_seats(keyring)
        rewrap(keyring, now)
        _end_what_led_to_the_old(keyring)
        trustees.keep_sealed(now)
        events.tell(keyring.user, "root.renew", keyring.user.pk, epoch=now.epoch)
        code = recovery.new_code(Keyring(keyring.user, now))
    devices.end_all(keyring.user, keyring.user)
    return code


def _next(keyring: Keyring) -> Principal:
    before = keyring.principal
    held = UserKey.objects.select_for_update().filter(user=keyring.user, epoch=before.epoch, stale=False)
    if held.first() is None:
        raise RenewedMeanwhile
    now = Principal.generate("user", before.id, before.epoch + 1)
    admit(keyring.team(teams.organisation().pk), now)
    PastOwnRoot.objects.create(
        user=keyring.user,
        epoch=before.epoch,
        root_ciphertext=now.seal(before.root, past_own_root_context(before.id, before.epoch)),
    )
    return now


def _move_seats(keyring: Keyring) -> None:
    for seat in Seat.objects.filter(user=keyring.user).select_related("team").order_by("pk"):
        # A seat somebody tampered with opens no more than before, and keeps nobody from renewing.
        with suppress(Locked, SealBroken):
            teams.seat(seat.team, keyring.team(seat.team_id), keyring.user)


def _end_what_led_to_the_old(keyring: Keyring) -> None:
    """Trustees must not bring somebody back to a root their seats no longer open with; and shares that wait for this person were
    sealed to it."""
    TrusteeSeal.objects.filter(principal_id=keyring.user.pk).delete()
    Rescue.objects.filter(Q(user=keyring.user) | Q(begun_by=keyring.user)).delete()
