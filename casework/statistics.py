"""Coarse records: what the worker may read of the people who agreed to be counted, and nothing else.

A row is known by the hash of a random token, has the size of every other row, and opens only with the statistics root, which
the worker's environment alone names. `casework.coarsening` makes the records; this module never sees a case.
"""

import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils import timezone

from accounts.crypto.context import statistic_context
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken, Sealed
from accounts.keyfiles import KeysMissing, statistics_principals
from accounts.models import PublicKey
from accounts.publickeys import Recipient, statistics_recipient
from casework.models import Estimate, Release, Statistic

COARSE_VERSION: Final = 1
# Larger than the longest record the vocabularies allow (a test adds them all up), so that length says nothing.
ROW_BYTES: Final = 2048
CHUNK: Final = 1000
# Up to this many rows are shuffled all together; beyond, new rows are hidden among a random portion of the old ones.
SHUFFLED_AT_ONCE: Final = 20_000
_LENGTH_BYTES: Final = 2


class CoarseRecord(msgspec.Struct, array_like=True, frozen=True):
    """One person, as coarse as figures need. Codes are those of `casework.vocabulary`; "" means not recorded.

    `event` is shared by everyone the event happened to and tells no more. `quarter` is 1 to 4, or 0 when only the year is
    known; `year` is 0 when not even that. `counted_before` is the first of the month in which the consent ends: from then on
    the person is not counted, whether or not anybody has touched the case since.
    """

    event: bytes
    counted_before: dt.date
    year: int = 0
    quarter: int = 0
    city: str = ""
    borough: str = ""
    police_service: tuple[str, ...] = ()
    pretext: str = ""
    place_type: str = ""
    status_raised: tuple[str, ...] = ()
    cbsa_involvement: str = ""
    held: str = ""
    outcome: tuple[str, ...] = ()
    detention_place: tuple[str, ...] = ()
    harm: tuple[str, ...] = ()
    service_type: tuple[str, ...] = ()
    denial_mechanism: tuple[str, ...] = ()
    age_band: str = ""
    gender: str = ""
    region: str = ""
    verification: str = ""
    version: int = COARSE_VERSION


class RowTooLong(ValueError):
    """A coarse record does not fit a row: it holds more than the vocabularies know. Carries no content."""


class NoStatisticsRoot(Exception):
    """The statistics root is not in this environment, or is not the one the organisation vouches for."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(CoarseRecord)


def encode(record: CoarseRecord) -> bytes:
    """`length(2) ‖ msgpack ‖ zeros`, always ROW_BYTES long."""
    body = _encoder.encode(record)
    if len(body) + _LENGTH_BYTES > ROW_BYTES:
        raise RowTooLong
    return (len(body).to_bytes(_LENGTH_BYTES, "big") + body).ljust(ROW_BYTES, b"\0")


def decode(row: bytes) -> CoarseRecord:
    """Raises SealBroken for anything `encode` does not make, other versions included."""
    length = int.from_bytes(row[:_LENGTH_BYTES], "big")
    try:
        record = _decoder.decode(row[_LENGTH_BYTES : _LENGTH_BYTES + length])
    except msgspec.MsgspecError:
        raise SealBroken from None
    if len(row) != ROW_BYTES or record.version != COARSE_VERSION:
        raise SealBroken
    return record


# Writing: the web process and the import, which know the public key only.


@dataclass(frozen=True)
class Sealer:
    """Seals rows to the statistics key, whose signature was checked once: an import seals ten thousand."""

    recipient: Recipient

    @classmethod
    def newest(cls) -> "Sealer":
        """Raises SealBroken when nobody vouches for a statistics key."""
        return cls(statistics_recipient())

    def row(self, token_hash: bytes, record: CoarseRecord) -> Statistic:
        sealed = self.recipient.seal(encode(record), statistic_context(token_hash))
        return Statistic(token_hash=token_hash, epoch=self.recipient.epoch, coarse_ciphertext=sealed)


def seal_rows(rows: Iterable[tuple[bytes, CoarseRecord]], sealer: Sealer) -> list[Statistic]:
    """Unsaved rows, in an order that is not the order of the people in the case."""
    sealed = [sealer.row(token_hash, record) for token_hash, record in rows]
    secrets.SystemRandom().shuffle(sealed)
    return sealed


def write_rows(rows: Sequence[Statistic], known: Iterable[bytes]) -> None:
    """In the caller's transaction: the rows of `known` tokens go, these come. A person who was counted and is no longer makes
    every draft that waits for publication outdated: withdrawal holds for the figure that is about to leave as well."""
    gone, kept = set(known), {row.token_hash for row in rows}
    with transaction.atomic():
        remove(gone - kept)
        _delete(kept & gone)
        Statistic.objects.bulk_create(rows, batch_size=CHUNK)


def remove(token_hashes: Iterable[bytes]) -> int:
    """How many people were counted and no longer are."""
    with transaction.atomic():
        gone = _delete(token_hashes)
        if gone:
            waiting = (Release.Status.DRAFTING, Release.Status.DRAFTED, Release.Status.APPROVED)
            Release.objects.filter(status__in=waiting).update(outdated=True)
            Estimate.objects.all().delete()
    return gone


def _delete(token_hashes: Iterable[bytes]) -> int:
    wanted = sorted(set(token_hashes))
    parts = (wanted[start : start + CHUNK] for start in range(0, len(wanted), CHUNK))
    return sum(Statistic.objects.filter(pk__in=part).delete()[0] for part in parts)


# Reading: the worker, whose environment names the root.


class WorkerRoot(Principal):
    """The root others seal to now, and those of ended epochs that old rows still wait for."""

    def __init__(self, newest: Principal, earlier: dict[int, Principal]) -> None:
        super().__init__(newest.kind, newest.id, newest.epoch, newest.root)
        self.earlier = earlier


def at_epoch(root: Principal, epoch: int) -> Principal:
    """Raises SealBroken for an epoch whose root is not here."""
    earlier = root.earlier if isinstance(root, WorkerRoot) else {}
    found = root if root.epoch == epoch else earlier.get(epoch)
    if found is None:
        raise SealBroken
    return found


def worker_root() -> WorkerRoot:
    """Raises NoStatisticsRoot when the file is missing or wrong: a root nobody vouches for would open nothing, and the
    figures would be of nobody."""
    try:
        roots, vouched = statistics_principals(), statistics_recipient()
    except (KeysMissing, SealBroken):
        raise NoStatisticsRoot from None
    known = {root.epoch: root for root in roots if root.id == vouched.id}
    # One that was made and is not admitted yet is not the newest yet.
    newest = known.get(vouched.epoch)
    if newest is None or newest.public_key != vouched.public_key:
        raise NoStatisticsRoot
    return WorkerRoot(newest, {epoch: root for epoch, root in known.items() if epoch < vouched.epoch})


def open_row(
    newest: Principal, token_hash: bytes, *, epoch: int, compacted: bool, ciphertext: Sealed
) -> bytes:
    place, root = statistic_context(token_hash), at_epoch(newest, epoch)
    return root.open(ciphertext, place) if compacted else root.open_from(ciphertext, place)


def records(root: Principal) -> Iterator[list[CoarseRecord]]:
    """Every row, a chunk at a time, in the order of their random names. Raises SealBroken at a row that was altered."""
    rows = Statistic.objects.order_by("pk").values_list("pk", "epoch", "compacted", "coarse_ciphertext")
    chunk: list[CoarseRecord] = []
    for token_hash, epoch, compacted, ciphertext in rows.iterator(chunk_size=CHUNK):
        opened = open_row(root, bytes(token_hash), epoch=epoch, compacted=compacted, ciphertext=ciphertext)
        chunk.append(decode(opened))
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    yield chunk


def drop_ended(root: Principal, today: dt.date | None = None) -> int:
    """Rows of people who may no longer be counted. How many. Raises SealBroken at a row that was altered."""
    day = today or timezone.localdate()
    rows = Statistic.objects.order_by("pk").values_list("pk", "epoch", "compacted", "coarse_ciphertext")
    ended = [
        bytes(name)
        for name, epoch, compacted, sealed in rows.iterator(chunk_size=CHUNK)
        if decode(
            open_row(root, bytes(name), epoch=epoch, compacted=compacted, ciphertext=sealed)
        ).counted_before
        <= day
    ]
    return remove(ended)


# Compaction: neither the order of rows nor their form may say which were saved together.


def needs_compaction() -> bool:
    return Statistic.objects.filter(_is_new()).exists()


def _is_new() -> Q:
    """Never compacted, or under a root that has ended."""
    vouched = PublicKey.objects.filter(kind="statistics").aggregate(newest=Max("epoch"))["newest"] or 1
    return Q(compacted=False) | Q(epoch__lt=vouched)


def compact(root: Principal, progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Rewrites every new row, and old ones to hide them among, in a random order. How many rows were new.

    Killed between two portions it leaves rows that are still new, and the next run takes them. Raises SealBroken at a row
    that does not open, and leaves its portion as it was.
    """
    chosen = _rows_to_shuffle()
    new = Statistic.objects.filter(_is_new()).count()
    for start in range(0, len(chosen), CHUNK):
        progress(start, len(chosen))
        with transaction.atomic():
            _rewrite(root, chosen[start : start + CHUNK])
    progress(len(chosen), len(chosen))
    return new


def _rows_to_shuffle() -> list[bytes]:
    rows = Statistic.objects.values_list("pk", flat=True)
    is_new = _is_new()
    new = [bytes(pk) for pk in rows.filter(is_new)]
    if not new:
        return []
    old = [bytes(pk) for pk in rows.exclude(is_new)]
    random = secrets.SystemRandom()
    if len(new) + len(old) > SHUFFLED_AT_ONCE:
        old = random.sample(old, min(len(old), max(SHUFFLED_AT_ONCE, 4 * len(new))))
    chosen = new + old
    random.shuffle(chosen)
    return chosen


def _rewrite(root: Principal, tokens: Sequence[bytes]) -> None:
    """Deleted and inserted again: an update would leave each row in the place where its saving put it."""
    rows = Statistic.objects.filter(pk__in=tokens)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    found = {bytes(row.pk): row for row in rows}
    # Rows erased since the choice was made are simply not there any more.
    again = [_resealed(root, token, found[token]) for token in tokens if token in found]
    rows.delete()
    Statistic.objects.bulk_create(again, batch_size=CHUNK)


def _resealed(root: Principal, token_hash: bytes, row: Statistic) -> Statistic:
    """A fresh nonce for old rows too, so that two copies of the database do not tell which rows stayed."""
    opened = open_row(
        root, token_hash, epoch=row.epoch, compacted=row.compacted, ciphertext=row.coarse_ciphertext
    )
    sealed = root.seal(opened, statistic_context(token_hash))
    return Statistic(token_hash=token_hash, epoch=root.epoch, compacted=True, coarse_ciphertext=sealed)
