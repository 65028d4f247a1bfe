"""Opening the card of every case a person may open, in one pass: ten thousand rows within a page's patience.

The rows are reached through the permission rows their keys hang on, so permission is part of the query, not a check after it.
What each of the tricks below saves stands in docs/performance.md.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import count
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

from django.db import connection, connections, transaction
from django.db.models import BinaryField, F, Model, OuterRef, QuerySet, Subquery, Value

from accounts.crypto.context import field_contexts, grant_contexts
from accounts.crypto.envelope import open_sealed
from accounts.crypto.padding import unpad
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.crypto.shares import join
from accounts.keyring import Keyring, Locked
from accounts.models import Team
from casework import keys, permissions
from casework.models import CaseCard, CaseTeamKey, CaseText, CaseUserKey, ErasureShare

CARD: Final = "card"
TEXT: Final = "search_text"
PORTION: Final = 500
# What one page reads at most: a fifth of a second for a list, half a second for a search.
AT_ONCE: Final = 10_000
NONE: Final = (0, 0)
SCANS: Final = count()

Made = TypeVar("Made")
KeyRows = QuerySet[CaseTeamKey] | QuerySet[CaseUserKey]
# The sixteen bytes of a case's id, its card, and what opens its search text when it is to be read; that raises SealBroken.
Row = tuple[bytes, bytes | None, Callable[[], bytes] | None]


def cards(keyring: Keyring, *, with_text: bool = False, part: int = 0) -> Iterator[Row]:
    """Each readable case once, or of one part; a row whose card is None when a seal was broken. Keys that were still sealed to a
    public key are rewrapped at the end, a bounded number: the next reading is a thousand times cheaper for them."""
    scan = _Scan(keyring)
    for rows in _wanted(keyring, with_text=with_text, part=part):
        yield from _as_read(rows, partial(scan.opened, with_text=with_text))
    if scan.openers.rewrapped:
        keys.keep_rewrapped(scan.openers.rewrapped)


class _Scan:
    """What opens one row after another, and which cases were met already."""

    def __init__(self, keyring: Keyring) -> None:
        self.openers = _Openers(keyring)
        self.erasure = dict(_as_read(ErasureShare.objects.values_list("case_id", "share"), list))
        self.seen: set[Any] = set()

    def opened(self, portion: list[tuple[Any, ...]], *, with_text: bool) -> list[Row]:
        """One long loop on purpose: with a class for the row and a function for each step it took an eighth longer."""
        made: list[Row] = []
        openers, erasure, seen = self.openers, self.erasure, self.seen
        card_place, text_place = field_contexts(CARD), field_contexts(TEXT)
        for key_id, case_id, grantee, epoch, grantee_epoch, wrapped, key, card, text in portion:
            if case_id in seen:
                continue
            seen.add(case_id)
            case = _sixteen(case_id)
            try:
                opener = openers.get((grantee, grantee_epoch)) or openers.meet(grantee, grantee_epoch)
                place = opener.place(case, epoch)
                people = (
                    opener.open(key, place) if wrapped else openers.rewrap(opener, key_id, epoch, key, place)
                )
                # Not among those read above: the case is younger than they are, or was erased.
                case_key = join(people, erasure.get(case_id) or keys.erasure_share(UUID(bytes=case)))
                opened = unpad(open_sealed(case_key, epoch, card or b"", card_place(case, case)))
            except (SealBroken, Locked):
                # Locked: a grantee or an epoch that nobody here has a seat at was written into the row.
                made.append((case, None, None))
                continue
            words = (
                partial(_opened, case_key, epoch, text or b"", text_place(case, case)) if with_text else None
            )
            made.append((case, opened, words))
        return made


def _opened(key: bytes, epoch: int, sealed: bytes, place: bytes) -> bytes:
    return unpad(open_sealed(key, epoch, sealed, place))


def parts(keyring: Keyring) -> int:
    """In how many parts of AT_ONCE cases they are read, the newest first. Cases granted by name belong to the first."""
    return max(1, -(-permissions.many_team_cases(keyring.user) // AT_ONCE))


def _wanted(keyring: Keyring, *, with_text: bool, part: int) -> tuple[QuerySet[Any, Any], ...]:
    """`part` 0: all of them, because there are few or because the caller keeps none."""
    user, team = permissions.user_keys_for(keyring.user), permissions.team_keys_for(keyring.user)
    if part:
        # Numbers alone are put in order, not the rows: those carry six kilobytes each.
        numbers = list(team.order_by("-permission_id").values_list("permission_id", flat=True))[
            (part - 1) * AT_ONCE : part * AT_ONCE
        ]
        team = team.filter(permission__id__range=(numbers[-1], numbers[0]) if numbers else NONE)
        user = user if part == 1 else user.filter(permission__id__range=NONE)
    by_team = _with_card(team, "permission__group_id", with_text=with_text)
    return by_team, _with_card(user, "permission__user_id", with_text=with_text)


def _with_card(rows: KeyRows, grantee: str, *, with_text: bool) -> QuerySet[Any, Any]:
    text = _of_the_case(CaseText) if with_text else Value(None, BinaryField())
    found = rows.annotate(grantee=F(grantee), card=_of_the_case(CaseCard), text=text)
    return found.values_list(
        "pk", "case_id", "grantee", "epoch", "grantee_epoch", "wrapped", "key_ciphertext", "card", "text"
    )


def _of_the_case(model: type[Model]) -> Subquery:
    """By the key row's own case id: a join by way of the case's row would read ten thousand rows for nothing."""
    return Subquery(model._default_manager.filter(case_id=OuterRef("case_id")).values("ciphertext"))


def ids(rows: QuerySet[Any, UUID]) -> set[bytes]:
    """Of many cases, as they stand in `Row`: ten thousand UUIDs would take longer to make than their cards to open."""
    return set(_as_read(rows, lambda portion: [_sixteen(case_id) for (case_id,) in portion]))


def _sixteen(case_id: bytes | str) -> bytes:
    """As the driver reads an id: bytes from PostgreSQL, hex digits from SQLite."""
    return case_id if isinstance(case_id, bytes) else bytes.fromhex(case_id)


def gathering() -> AbstractContextManager[object]:
    """Around a whole reading. On PostgreSQL a transaction: without one, all rows come at once and stand in memory together. On
    SQLite that would keep everybody else from writing meanwhile."""
    return transaction.atomic() if connection.vendor == "postgresql" else nullcontext()


def _as_read(rows: QuerySet[Any, Any], work: Callable[[list[Any]], list[Made]]) -> Iterator[Made]:
    """What `work` makes of values without Django's conversion, which for ten thousand rows takes longer than opening them. A
    portion at a time: sixty megabytes of narratives never stand in memory together."""
    database = connections[rows.db]
    sql, parameters = rows.query.get_compiler(rows.db).as_sql()
    if database.vendor == "postgresql":
        yield from _as_read_binary(database, sql, parameters, work)
        return
    with database.cursor() as cursor:
        cursor.execute(sql, parameters)
        while portion := cursor.fetchmany(PORTION):
            yield from work(portion)


def _as_read_binary(
    database: Any, sql: str, parameters: Any, work: Callable[[list[Any]], list[Made]]
) -> Iterator[Made]:
    """Django's own cursors read PostgreSQL's bytes as hex digits: twice the bytes and three times the work. Ids stay bytes: a
    UUID is made, hashed and compared in Python, and twenty thousand of them set off the collector of cycles. While one portion is
    worked on, the server gathers the next: a pipeline, in which `work` may ask the database and must not write to it."""
    from psycopg import Cursor  # not needed, and perhaps not there, on SQLite
    from psycopg.types.string import ByteaBinaryLoader

    database.ensure_connection()
    with Cursor(database.connection) as cursor:
        cursor.adapters.register_loader("uuid", ByteaBinaryLoader)
        if not database.in_atomic_block:
            # All at once: a cursor that outlives its statement is gathered whole before it gives the first row.
            cursor.execute(sql, parameters, binary=True)
            yield from work(cursor.fetchall())
            return
        name = f"scan_{next(SCANS)}"
        cursor.execute(f"DECLARE {name} NO SCROLL CURSOR FOR {sql}", parameters, binary=True)
        portion = cursor.execute(f"FETCH {PORTION} FROM {name}", binary=True).fetchall()
        while portion:
            with database.connection.pipeline():
                cursor.execute(f"FETCH {PORTION} FROM {name}", binary=True)
                made = work(portion)
                portion = cursor.fetchall()
            yield from made


class _Opener(NamedTuple):
    """A grantee at an epoch: what opens a key under their wrap key, and the context of a case's key granted to them."""

    principal: Principal
    open: Callable[[bytes, bytes], bytes]
    place: Callable[[bytes, int], bytes]


def _identity(grantee: int | bytes | str) -> UUID:
    """A team stands in the rows as guardian's group, a person as the driver reads an id."""
    if isinstance(grantee, int):
        team = Team.objects.filter(group=grantee).values_list("pk", flat=True).first()
        if team is None:
            raise Locked
        return team
    return UUID(bytes=grantee) if isinstance(grantee, bytes) else UUID(grantee)


class _Openers(dict[tuple[int | bytes | str, int], _Opener]):
    """Each grantee worked out once, by id and epoch as they stand in the rows; and the keys waiting to be rewrapped."""

    def __init__(self, keyring: Keyring) -> None:
        super().__init__()
        self.keyring = keyring
        self.rewrapped: list[keys.Rewrapped] = []

    def meet(self, grantee: int | bytes | str, epoch: int) -> _Opener:
        principal = self.keyring.grantee(_identity(grantee), epoch)
        place = grant_contexts(keys.GRANT_KIND, principal.id, principal.epoch)
        self[grantee, epoch] = opener = _Opener(principal, principal.cipher.open, place)
        return opener

    def rewrap(self, opener: _Opener, key_id: int, epoch: int, sealed: bytes, place: bytes) -> bytes:
        people = opener.principal.open_from(sealed, place)
        if len(self.rewrapped) < keys.REWRAPPED_AT_ONCE:
            wrapped = opener.principal.seal(people, place)
            self.rewrapped.append(keys.Rewrapped(key_id, epoch, opener.principal, wrapped))
        return people
