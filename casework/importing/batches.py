"""Each import by itself, so that it can be undone as a whole: sealed to the team, gone after a month."""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

import msgspec
from django.http import Http404
from django.utils import timezone

from accounts import teams
from accounts.crypto.context import context
from accounts.crypto.padding import pad, unpad
from accounts.crypto.sealed import SealBroken
from accounts.keyring import Keyring
from accounts.models import Team, TeamKind, User
from accounts.publickeys import recipient
from casework.models import ImportBatch

LABEL: Final = "temoin/v1/import-batch"
DAYS: Final = 30


class Facts(msgspec.Struct):
    """`cases`: their ids, sixteen bytes each: fifty thousand of them are one megabyte."""

    at: dt.datetime
    by: UUID | None
    name: str
    cases: bytes

    def ids(self) -> list[UUID]:
        return [UUID(bytes=self.cases[n : n + 16]) for n in range(0, len(self.cases), 16)]


@dataclass(frozen=True)
class Batch:
    row: ImportBatch
    facts: Facts


def enter(team: Team, actor: User | None, name: str, cases: list[UUID]) -> None:
    """To the public key: whoever imports from the command line opens nothing. An import that brought nothing in is none."""
    if not cases:
        return
    to = recipient(team.pk)
    row = ImportBatch(
        id=uuid4(), team=team, epoch=to.epoch, ends_on=timezone.localdate() + dt.timedelta(DAYS)
    )
    by = actor.pk if actor else None
    facts = Facts(timezone.now(), by, name, b"".join(case.bytes for case in cases))
    row.facts_ciphertext = to.seal(pad(msgspec.msgpack.encode(facts)), _place(row))
    row.save(force_insert=True)


def of_teams(keyring: Keyring) -> list[Batch]:
    """The imports that can still be undone by this person, newest first. One whose seal is broken is left out: it cannot be."""
    own = teams.teams_of(keyring.user, TeamKind.ORGANIZERS)
    rows = ImportBatch.objects.filter(team__in=own, ends_on__gte=timezone.localdate()).select_related("team")
    opened = (_opened_or_none(keyring, row) for row in rows)
    return sorted((b for b in opened if b), key=lambda batch: batch.facts.at, reverse=True)


def batch_for(keyring: Keyring, batch_id: UUID) -> Batch:
    """Fetch and check in one call. Http404 to a stranger and after its month; SealBroken for an altered row."""
    own = teams.teams_of(keyring.user, TeamKind.ORGANIZERS)
    rows = ImportBatch.objects.filter(team__in=own, ends_on__gte=timezone.localdate()).select_related("team")
    row = rows.filter(pk=batch_id).first()
    if row is None:
        raise Http404
    return _opened(keyring, row)


def _opened(keyring: Keyring, row: ImportBatch) -> Batch:
    plaintext = keyring.team(row.team_id, row.epoch).open_from(row.facts_ciphertext, _place(row))
    return Batch(row, msgspec.msgpack.decode(unpad(plaintext), type=Facts))


def _opened_or_none(keyring: Keyring, row: ImportBatch) -> Batch | None:
    try:
        return _opened(keyring, row)
    except SealBroken:
        return None


def _place(row: ImportBatch) -> bytes:
    return context(LABEL, row.pk, row.team_id, row.epoch)
