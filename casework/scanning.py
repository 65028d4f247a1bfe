"""Opening one small sealed column of every case a person may open, in one pass: ten thousand rows within a page's patience.

The rows are reached through the permission rows their keys hang on, so permission is part of the query, not a check after it.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from accounts.crypto.context import field_contexts, grant_contexts
from accounts.crypto.envelope import Cipher
from accounts.crypto.padding import unpad
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.crypto.shares import join
from accounts.keyring import Keyring
from casework import keys, permissions
from casework.models import CaseTeamKey, CaseUserKey

REWRAPPED_AT_ONCE = 2000


@dataclass(frozen=True)
class Column:
    """A sealed field that every case has once, and the name its context carries."""

    name: str
    path: str


CARDS = Column("card", "case__card__ciphertext")
TEXTS = Column("search_text", "case__text__ciphertext")


class Opened(NamedTuple):
    """`plaintext` is None when the seal was broken."""

    case_id: UUID
    team_id: UUID
    plaintext: bytes | None


class Row(NamedTuple):
    key_id: int
    case_id: UUID
    team_id: UUID
    grantee: UUID
    epoch: int
    grantee_epoch: int
    wrapped: bool
    key_ciphertext: bytes
    ciphertext: bytes


def scan(keyring: Keyring, column: Column, only: Collection[UUID] | None = None) -> Iterator[Opened]:
    """Each readable case once, `only` narrows. Keys that were still sealed to a public key are rewrapped on the way, a
    bounded number at a time: the next reading is a thousand times cheaper for them."""
    rows = _rows(keyring, column, only)
    erasure = keys.erasure_shares(row.case_id for row in rows)
    openers = _Openers(keyring)
    field = field_contexts(column.name)
    for row in rows:
        try:
            people = openers.people_share(row)
            cipher = Cipher(join(people, erasure.get(row.case_id, b"")), row.epoch)
            plaintext = unpad(cipher.open(row.ciphertext, field(row.case_id, row.case_id)))
        except SealBroken:
            plaintext = None
        yield Opened(row.case_id, row.team_id, plaintext)
    openers.rewrap()


def _rows(keyring: Keyring, column: Column, only: Collection[UUID] | None) -> list[Row]:
    team = _values(permissions.team_keys_for(keyring.user), "permission__group__team__id", column, only)
    user = _values(permissions.user_keys_for(keyring.user), "permission__user_id", column, only)
    rows = {row.case_id: row for row in map(Row._make, user)}
    rows.update((row.case_id, row) for row in map(Row._make, team))
    return [row for row in rows.values() if only is None or row.case_id in only]


def _values(
    rows: QuerySet[Any], grantee: str, column: Column, only: Collection[UUID] | None
) -> QuerySet[Any, Any]:
    if only is not None and len(only) <= keys.FEW:
        rows = rows.filter(case_id__in=only)
    return rows.values_list(
        "pk",
        "case_id",
        "case__team_id",
        grantee,
        "epoch",
        "grantee_epoch",
        "wrapped",
        "key_ciphertext",
        column.path,
    )


class _Openers:
    """The grantees' principals and contexts, each worked out once, and the keys waiting to be rewrapped."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self.known: dict[tuple[UUID, int], tuple[Principal, Callable[[UUID, int], bytes]]] = {}
        self.pending: list[tuple[Row, bytes]] = []

    def people_share(self, row: Row) -> bytes:
        grantee, context = self.known.get((row.grantee, row.grantee_epoch)) or self._meet(row)
        place = context(row.case_id, row.epoch)
        if row.wrapped:
            return grantee.open(row.key_ciphertext, place)
        people = grantee.open_from(row.key_ciphertext, place)
        if len(self.pending) < REWRAPPED_AT_ONCE:
            self.pending.append((row, people))
        return people

    def _meet(self, row: Row) -> tuple[Principal, Callable[[UUID, int], bytes]]:
        grantee = self._principal(row)
        pair = grantee, grant_contexts(keys.GRANT_KIND, grantee.id, grantee.epoch)
        self.known[row.grantee, row.grantee_epoch] = pair
        return pair

    def _principal(self, row: Row) -> Principal:
        if row.grantee != self.keyring.principal.id:
            return self.keyring.team(row.grantee, row.grantee_epoch)
        if row.grantee_epoch != self.keyring.principal.epoch:
            raise SealBroken
        return self.keyring.principal

    def rewrap(self) -> None:
        for model, mine in ((CaseUserKey, True), (CaseTeamKey, False)):
            rows = [
                self._rewrapped(model, row, people)
                for row, people in self.pending
                if (row.grantee == self.keyring.principal.id) is mine
            ]
            model.objects.bulk_update(rows, ["wrapped", "key_ciphertext"], batch_size=200)

    def _rewrapped(self, model: type[Any], row: Row, people: bytes) -> Any:
        grantee, context = self.known[row.grantee, row.grantee_epoch]
        return model(
            pk=row.key_id, wrapped=True, key_ciphertext=grantee.seal(people, context(row.case_id, row.epoch))
        )
