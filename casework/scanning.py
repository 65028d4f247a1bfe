"""Opening the card of every case a person may open, in one pass: ten thousand rows within a page's patience.

The rows are reached through the permission rows their keys hang on, so permission is part of the query, not a check after it.
What each of the tricks below saves stands in docs/performance.md.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connections
from django.db.models import BinaryField, Model, OuterRef, QuerySet, Subquery, Value

from accounts.crypto.context import field_contexts, grant_contexts
from accounts.crypto.envelope import Cipher
from accounts.crypto.padding import unpad
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.crypto.shares import join
from accounts.keyring import Keyring, Locked
from casework import keys, permissions
from casework.models import CaseCard, CaseTeamKey, CaseText, CaseUserKey, ErasureShare

CARD: Final = "card"
TEXT: Final = "search_text"
PORTION: Final = 500

KeyRows = QuerySet[CaseTeamKey] | QuerySet[CaseUserKey]


class Opened(NamedTuple):
    """`case` is the sixteen bytes of its id; `card` is None when a seal was broken."""

    case: bytes
    card: bytes | None


class Row(NamedTuple):
    """`case_id` and `grantee` are as the driver reads them: UUID on PostgreSQL, hex digits on SQLite."""

    key_id: int
    case_id: UUID | str
    grantee: UUID | str
    epoch: int
    grantee_epoch: int
    wrapped: bool
    key_ciphertext: bytes
    card: bytes | None
    text: bytes | None


def cards(keyring: Keyring, matches: Callable[[bytes], bool] | None = None) -> Iterator[Opened]:
    """Each readable case once; with `matches`, only those whose search text it accepts, and those whose text is broken.

    Keys that were still sealed to a public key are rewrapped at the end, a bounded number: the next reading is a thousand
    times cheaper for them."""
    openers = _Openers(keyring)
    erasure = dict(_as_read(ErasureShare.objects.values_list("case_id", "share")))
    card_place, text_place = field_contexts(CARD), field_contexts(TEXT)
    for row in _rows(keyring, with_text=matches is not None):
        case = _sixteen_bytes(row.case_id)
        try:
            people = openers.people_share(row, case)
            # Not among those read above: the case is younger than they are, or was erased.
            share = erasure.get(row.case_id) or keys.erasure_share(UUID(bytes=case))
            cipher = Cipher(join(people, share), row.epoch)
            if matches and not matches(unpad(cipher.open(row.text or b"", text_place(case, case)))):
                continue
            card = unpad(cipher.open(row.card or b"", card_place(case, case)))
        except (SealBroken, Locked):
            # Locked: a grantee or an epoch that nobody here has a seat at was written into the row.
            yield Opened(case, None)
        else:
            yield Opened(case, card)
    if openers.rewrapped:
        keys.keep_rewrapped(openers.rewrapped)


def _rows(keyring: Keyring, *, with_text: bool) -> Iterator[Row]:
    team = _wanted(
        permissions.team_keys_for(keyring.user), "permission__group__team__id", with_text=with_text
    )
    user = _wanted(permissions.user_keys_for(keyring.user), "permission__user_id", with_text=with_text)
    seen = set()
    for row in map(Row._make, chain(_as_read(team), _as_read(user))):
        if row.case_id not in seen:
            seen.add(row.case_id)
            yield row


def _wanted(rows: KeyRows, grantee: str, *, with_text: bool) -> QuerySet[Any, Any]:
    text = _of_the_case(CaseText) if with_text else Value(None, BinaryField())
    fields = ("pk", "case_id", grantee, "epoch", "grantee_epoch", "wrapped", "key_ciphertext", "card", "text")
    return rows.annotate(card=_of_the_case(CaseCard), text=text).values_list(*fields)


def _of_the_case(model: type[Model]) -> Subquery:
    """By the key row's own case id: a join by way of the case's row would read ten thousand rows for nothing."""
    return Subquery(model._default_manager.filter(case_id=OuterRef("case_id")).values("ciphertext"))


def _as_read(rows: QuerySet[Any, Any]) -> Iterator[tuple[Any, ...]]:
    """Values without Django's conversion, which for ten thousand rows takes longer than opening them, and a portion at a
    time: sixty megabytes of narratives never stand in memory together."""
    connection = connections[rows.db]
    sql, parameters = rows.query.get_compiler(rows.db).as_sql()
    if connection.vendor == "postgresql":
        yield from _as_read_binary(connection, sql, parameters)
        return
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        while portion := cursor.fetchmany(PORTION):
            yield from portion


def _as_read_binary(connection: Any, sql: str, parameters: Any) -> Iterator[tuple[Any, ...]]:
    """Django's own cursors read PostgreSQL's bytes as hex digits: twice the bytes and three times the work."""
    from psycopg import ServerCursor  # not needed, and perhaps not there, on SQLite

    connection.ensure_connection()
    with ServerCursor(connection.connection, "scan", withhold=True) as cursor:
        cursor.itersize = PORTION
        cursor.execute(sql, parameters, binary=True)
        yield from cursor


def _sixteen_bytes(identifier: UUID | str) -> bytes:
    return identifier.bytes if isinstance(identifier, UUID) else bytes.fromhex(identifier)


class _Openers:
    """The grantees' principals and contexts, each worked out once, and the keys waiting to be rewrapped."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self.known: dict[tuple[UUID | str, int], tuple[Principal, Callable[[bytes, int], bytes]]] = {}
        self.rewrapped: list[keys.Rewrapped] = []

    def people_share(self, row: Row, case: bytes) -> bytes:
        grantee, context = self.known.get((row.grantee, row.grantee_epoch)) or self._meet(row)
        place = context(case, row.epoch)
        if row.wrapped:
            return grantee.open(row.key_ciphertext, place)
        people = grantee.open_from(row.key_ciphertext, place)
        if len(self.rewrapped) < keys.REWRAPPED_AT_ONCE:
            self.rewrapped.append(keys.Rewrapped(row.key_id, row.epoch, grantee, grantee.seal(people, place)))
        return people

    def _meet(self, row: Row) -> tuple[Principal, Callable[[bytes, int], bytes]]:
        grantee = self._principal(UUID(bytes=_sixteen_bytes(row.grantee)), row.grantee_epoch)
        pair = grantee, grant_contexts(keys.GRANT_KIND, grantee.id, grantee.epoch)
        self.known[row.grantee, row.grantee_epoch] = pair
        return pair

    def _principal(self, grantee: UUID, epoch: int) -> Principal:
        if grantee != self.keyring.principal.id:
            return self.keyring.team(grantee, epoch)
        if epoch != self.keyring.principal.epoch:
            raise SealBroken
        return self.keyring.principal
