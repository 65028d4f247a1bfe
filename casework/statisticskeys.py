"""A new root for the statistics, in two steps, because no machine should hold both what makes it and what vouches for it.

Where the worker runs, the root is made in a file beside the old one; where people's keys open, a coordinator vouches for its
public half. From then on people seal to it, and compaction moves what is there."""

from typing import Final
from uuid import UUID

from django.db import transaction

from accounts import keyfiles, teams
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.keyring import Keyring
from accounts.models import PublicKey
from accounts.publickeys import admit_public, statistics_recipient
from casework import audit
from casework.models import Release, Statistic, Story

LABEL: Final = "temoin-statistics-public/1"


class NotTheNext(Exception):
    """Not the public key of the next epoch of this organisation's statistics. Nothing was changed."""


def prepare() -> Principal:
    """Makes the next root beside the newest, or finds the one that was made and not yet admitted. Raises KeysMissing."""
    newest = keyfiles.statistics_principals()[-1]
    if newest.epoch > statistics_recipient().epoch:
        return newest
    made = Principal.generate("statistics", newest.id, newest.epoch + 1)
    keyfiles.keep_statistics_root(made)
    return made


def line(made: Principal) -> str:
    """What is carried to where people's keys open: public, but it must not be exchanged on the way."""
    return f"{LABEL} {made.id} {made.epoch} {made.public_key.hex()}"


def admit(keyring: Keyring, carried: str) -> int:
    """The new epoch. Raises NotTheNext, Locked for somebody without a seat in the organisation."""
    principal_id, epoch, public_key = _parsed(carried)
    organisation = keyring.team(teams.organisation().pk)
    with transaction.atomic():
        try:
            now = statistics_recipient()
        except SealBroken:
            raise NotTheNext from None
        if not teams.is_coordinator(keyring.user) or (principal_id, epoch) != (now.id, now.epoch + 1):
            raise NotTheNext
        admit_public(organisation, "statistics", principal_id, epoch, public_key)
        audit.append(keyring.user, "statistics.rotate", principal_id, epoch=epoch)
    return epoch


def _parsed(carried: str) -> tuple[UUID, int, bytes]:
    try:
        label, principal_id, epoch, public_key = carried.split()
        parsed = UUID(principal_id), int(epoch), bytes.fromhex(public_key)
    except ValueError:
        raise NotTheNext from None
    if label != LABEL or len(parsed[2]) != len(statistics_recipient().public_key):
        raise NotTheNext
    return parsed


def waiting() -> dict[int, int]:
    """How many rows, ledgers and days of passages are still sealed under each epoch: a root is needed until it is none."""
    epochs = PublicKey.objects.filter(kind="statistics").order_by("epoch").values_list("epoch", flat=True)
    return {
        epoch: Statistic.objects.filter(epoch=epoch).count()
        + Release.objects.filter(ledger_epoch=epoch).count()
        + Story.objects.filter(ends_epoch=epoch).count()
        for epoch in epochs
    }
