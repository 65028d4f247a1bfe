"""Coarse records: what the worker may read of the people who agreed to be counted, and nothing else.

A row is known by the hash of a random token, has the size of every other row, and opens only with the statistics root, which
the worker's environment alone names. `casework.coarsening` makes the records; this module never sees a case.
"""

import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from django.db import connection, transaction
from django.db.models import BinaryField, ExpressionWrapper, F, IntegerField, Max, Q, QuerySet
from django.utils import timezone

from accounts.crypto.context import statistic_context, statistic_contexts
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.keyfiles import KeysMissing, statistics_principals
from accounts.models import PublicKey
from accounts.publickeys import Recipient, statistics_recipient
from accounts.whole import whole
from casework import coarse
from casework.coarse import CoarseRecord
from casework.models import DraftStep, Estimate, Release, Statistic

CHUNK: Final = 1000
# Up to this many rows are shuffled all together; beyond, new rows are hidden among a random portion of the old ones.
SHUFFLED_AT_ONCE: Final = 20_000


class NoStatisticsRoot(Exception):
    """The statistics root is not in this environment, or is not the one the organisation vouches for."""


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
        sealed = self.recipient.seal(coarse.encode(record), statistic_context(token_hash))
        return Statistic(
            token_hash=token_hash,
            epoch=self.recipient.epoch,
            version=coarse.VERSION,
            coarse_ciphertext=sealed,
        )


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


@whole
def remove(token_hashes: Iterable[bytes]) -> int:
    """How many people were counted and no longer are."""
    gone = _delete(token_hashes)
    if gone:
        outdate()
    return gone


def outdate() -> None:
    """What waits to be published holds somebody no longer, or not as long as it says."""
    hold_releases()
    waiting = (Release.Status.DRAFTING, Release.Status.DRAFTED, Release.Status.APPROVED)
    Release.objects.filter(status__in=waiting).update(outdated=True)
    Estimate.objects.all().delete()
    DraftStep.objects.filter(release__status__in=waiting).delete()


def hold_releases() -> None:
    """All of them, in one order: whoever holds one and comes to another must not wait for somebody who did it the other way."""
    if connection.features.has_select_for_update:
        list(Release.objects.order_by("pk").select_for_update().values_list("pk", flat=True))


def _delete(token_hashes: Iterable[bytes]) -> int:
    wanted = sorted(set(token_hashes))
    return sum(_delete_all(wanted[start : start + CHUNK]) for start in range(0, len(wanted), CHUNK))


def _delete_all(wanted: Sequence[bytes]) -> int:
    """Until none is left: compaction takes a row out and puts it in again, and a deletion that waited for the one does not see
    the other. Somebody who withdrew would stay counted."""
    rows = Statistic.objects.filter(pk__in=wanted)
    _hold(rows)
    gone = rows.delete()[0]
    while rows.exists():
        _hold(rows)
        gone += rows.delete()[0]
    return gone


def _hold(rows: QuerySet[Statistic]) -> None:
    if connection.features.has_select_for_update:
        list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))


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


Row = tuple[bytes, int, int, bytes]


def opener(root: Principal) -> Callable[[Row], bytes]:
    """Opens the rows of the table, each as one coarse record in its newest form. Raises SealBroken at one that was altered."""
    place = statistic_contexts()

    def opened(row: Row) -> bytes:
        name, epoch, compacted, ciphertext = row
        at = root if epoch == root.epoch else at_epoch(root, epoch)
        if compacted:
            return coarse.renewed(at.cipher.open(ciphertext, place(name)))
        return coarse.renewed(at.open_from(ciphertext, place(name)))

    return opened


@dataclass(frozen=True)
class Portion:
    """One of `of` equal parts of the table, by the first byte of the random names."""

    part: int = 0
    of: int = 1

    def chosen(self) -> Q:
        first, end = (256 * part // self.of for part in (self.part, self.part + 1))
        below = Q(pk__lt=bytes([end])) if end < 256 else Q()
        return Q(pk__gte=bytes([first])) & below


EVERYTHING: Final = Portion()


def rows(root: Principal, portion: Portion = EVERYTHING) -> Iterator[list[tuple[bytes, bytes]]]:
    """Every row with its name, a chunk at a time, in the order of the random names: of an event that two cases tell of, the same
    one speaks each time. Raises SealBroken at a row that was altered."""
    opened = opener(root)
    stored = _stored(Statistic.objects.filter(portion.chosen()).order_by("pk")).iterator(chunk_size=CHUNK)
    while chunk := list(islice(stored, CHUNK)):
        yield [(row[0], opened(row)) for row in map(_as_bytes, chunk)]


def _stored(found: QuerySet[Statistic]) -> QuerySet[Statistic, Row]:
    """As the driver hands it out: the columns' own types cost more than the deciphering, a million times over."""
    name, ciphertext = (
        ExpressionWrapper(F(column), BinaryField()) for column in ("token_hash", "coarse_ciphertext")
    )
    compacted = ExpressionWrapper(F("compacted"), IntegerField())
    return found.values_list(name, "epoch", compacted, ciphertext)


def _as_bytes(row: Row) -> Row:
    return bytes(row[0]), row[1], row[2], bytes(row[3])


def number() -> int:
    return Statistic.objects.count()


def drop_ended(root: Principal, today: dt.date | None = None) -> int:
    """Rows of people who may no longer be counted. How many. Raises SealBroken at a row that was altered."""
    day = today or timezone.localdate()
    return remove(
        [name for chunk in rows(root) for name, record in chunk if coarse.counted_before(record) <= day]
    )


# Compaction: neither the order of rows nor their form may say which were saved together.


def needs_compaction() -> bool:
    return Statistic.objects.filter(_is_new()).exists()


def _is_new() -> Q:
    """Never compacted, under a root that has ended, or in an older form: that would tell how old a row is."""
    vouched = PublicKey.objects.filter(kind="statistics").aggregate(newest=Max("epoch"))["newest"] or 1
    return Q(compacted=False) | Q(epoch__lt=vouched) | Q(version__lt=coarse.VERSION)


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
    _hold(rows)
    found = {row[0]: row for row in map(_as_bytes, _stored(rows))}
    opened = opener(root)
    # Rows erased since the choice was made are simply not there any more.
    again = [_resealed(root, token, opened(found[token])) for token in tokens if token in found]
    rows.delete()
    Statistic.objects.bulk_create(again, batch_size=CHUNK)


def _resealed(root: Principal, token_hash: bytes, opened: bytes) -> Statistic:
    """A fresh nonce for old rows too, so that two copies of the database do not tell which rows stayed."""
    sealed = root.seal(opened, statistic_context(token_hash))
    return Statistic(
        token_hash=token_hash,
        epoch=root.epoch,
        version=coarse.VERSION,
        compacted=True,
        coarse_ciphertext=sealed,
    )
