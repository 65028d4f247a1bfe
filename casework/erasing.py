"""Erasing a case for good. No key is needed for it, so the worker does it too.

The erasure share goes first, together with an entry in the ledger: from then on no passphrase and no backup of the main database
opens the case. Then its rows go, and a tombstone without content stays. Stopped anywhere in between, `replay` finishes it.

Coarse records lead back to no case, and no link is kept for this module's sake (docs/decisions/0015): whoever can open the
case names them when they order the erasure; of a file that only grew old, the consent to be counted has ended as well, and
the worker drops every coarse record whose time is over.
"""

import datetime as dt
import logging
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.crypto.sealed import SealBroken
from accounts.keyfiles import KeysMissing
from accounts.models import User
from accounts.whole import whole
from casework import audit, ledger, permissions, statistics, stories
from casework.models import (
    Case,
    ErasedCase,
    ErasureShare,
    LedgerEntry,
    LegalHold,
    Rule,
    ScheduledErasure,
    Statistic,
    Story,
)

logger = logging.getLogger(__name__)
CHUNK = 1000


class UnderHold(Exception):
    """A legal hold stops the erasure until the day it ends."""

    def __init__(self, until: dt.date) -> None:
        super().__init__()
        self.until = until


class NoSuchCase(Exception):
    """Neither there nor erased."""


class NotAhead(ValueError):
    """An erasure is scheduled for tomorrow or later."""


@whole
def erase(
    case_id: UUID, rule: Rule, *, by: User | None = None, token_hashes: Iterable[bytes] = ()
) -> ErasedCase:
    """For good, at once; a second time changes nothing. `token_hashes` name the coarse records of its people.

    Raises UnderHold, NoSuchCase; KeysMissing and LedgerKeyWrong before anything was touched. Should the caller's transaction be
    undone afterwards, the case is closed all the same, and its rows go at the next `replay`."""
    hashes, tokens = ledger.Hashes(), list(token_hashes)
    permissions.hold_case(case_id)
    if not Case.objects.filter(pk=case_id).exists():
        return _erased_before(hashes, case_id)
    refuse_under_hold(case_id)
    if ledger.has(hashes, case_id):
        # Begun before and undone halfway: nobody can open the case any more to name its people, and the ledger can.
        _uncount_again(hashes)
    ledger.enter_statistics(hashes, tokens)
    entry = ledger.enter(hashes, case_id, rule)
    return _finish(case_id, entry, by, tokens)


def _erased_before(hashes: ledger.Hashes, case_id: UUID) -> ErasedCase:
    found = ErasedCase.objects.filter(pk=hashes.case(case_id)).first()
    if found is None:
        raise NoSuchCase
    return found


def _finish(case_id: UUID, entry: LedgerEntry, by: User | None, tokens: Iterable[bytes]) -> ErasedCase:
    """What can no longer be opened goes. In the caller's transaction, with the lock on the case."""
    statistics.remove(tokens)
    Case.objects.filter(pk=case_id).delete()
    made = ledger.tombstone(entry)
    audit.append(by, "case.erase", None, number=entry.number, rule=entry.rule)
    return made


# Under a hold


def held_until(case_id: UUID) -> dt.date | None:
    return holds().filter(case=case_id).values_list("until", flat=True).first()


def holds() -> QuerySet[LegalHold]:
    return LegalHold.objects.filter(agreed=True, until__gte=timezone.localdate())


def refuse_under_hold(case_id: UUID) -> None:
    until = held_until(case_id)
    if until is not None:
        raise UnderHold(until)


# Ordered for a later day


@whole
def schedule(
    case_id: UUID,
    on: dt.date,
    rule: Rule,
    *,
    by: User | None = None,
    token_hashes: Iterable[bytes] = (),
    noes: int = 0,
) -> ScheduledErasure:
    """The worker erases the case on that day. Its people are not counted from now on: the coarse records named go at once.

    An earlier day that stands already is kept. A hold does not stop the order, only its execution. `noes`: how many more of its
    people no longer agree that it is kept. Raises NotAhead, NoSuchCase."""
    if on <= timezone.localdate():
        raise NotAhead("an erasure is scheduled for a day to come")
    hashes, tokens = ledger.Hashes(), list(token_hashes)
    permissions.hold_case(case_id)
    if not Case.objects.filter(pk=case_id).exists():
        raise NoSuchCase
    made, new = ScheduledErasure.objects.get_or_create(case_id=case_id, defaults={"on": on, "rule": rule})
    if not new and on < made.on:
        made.on, made.rule = on, rule
    made.withdrawn += noes
    made.save(update_fields=["on", "rule", "withdrawn"])
    statistics.remove(tokens)
    ledger.enter_statistics(hashes, tokens)
    audit.append(by, "erasure.schedule", case_id, on=made.on.isoformat(), rule=made.rule)
    return made


@whole
def cancel(case_id: UUID, *, by: User | None = None, token_hashes: Iterable[bytes] = ()) -> bool:
    """False when nothing was scheduled. Whoever can open the case has its people counted again, where they still agree."""
    hashes, tokens = ledger.Hashes(), list(token_hashes)
    permissions.hold_case(case_id)
    gone, _each = ScheduledErasure.objects.filter(case=case_id).delete()
    if gone:
        ledger.strike_statistics(hashes, tokens)
        audit.append(by, "erasure.cancel", case_id)
    return gone > 0


# What the worker does by itself


def due(today: dt.date | None = None) -> list[tuple[UUID, Rule]]:
    """Cases whose day has come, by order or because consent to keep them has ended; those under a hold wait."""
    day = today or timezone.localdate()
    ordered = ScheduledErasure.objects.filter(on__lte=day).exclude(case__in=holds().values("case"))
    by_order = {case: Rule(rule) for case, rule in ordered.values_list("case", "rule")}
    old = Case.objects.filter(erase_after__lte=day).exclude(pk__in=holds().values("case"))
    by_age = dict.fromkeys(old.values_list("pk", flat=True), Rule.RETENTION)
    return sorted((by_age | by_order).items())


def erase_due() -> int:
    """How many were erased. One that is saved meanwhile is waited for, one that fails stops no other."""
    done = 0
    for case_id, rule in due():
        try:
            done += _erase_if_still_due(case_id, rule)
        except (UnderHold, NoSuchCase):
            continue
        except Exception as error:  # noqa: BLE001 - the rest must not wait for one that cannot be erased today
            logger.error("A case could not be erased.", exc_info=(type(error), error, error.__traceback__))
    return done


@whole
def _erase_if_still_due(case_id: UUID, rule: Rule) -> bool:
    """Somebody may have asked for consent again, or taken the order back, while this waited for the lock."""
    permissions.hold_case(case_id)
    today = timezone.localdate()
    due_still = Q(erase_after__lte=today) | Q(scheduled_erasure__on__lte=today)
    if not Case.objects.filter(due_still, pk=case_id).exists():
        return False
    erase(case_id, rule)
    return True


def drop_ended_statistics() -> int:
    """Coarse records of people whose consent to be counted has ended, and passages of those who are not to be told of any more:
    nobody may use them, so nobody keeps them."""
    try:
        root = statistics.worker_root()
        return stories.drop_ended(root) + statistics.drop_ended(root)
    except (statistics.NoStatisticsRoot, SealBroken):
        logger.error(
            "Coarse records whose time is over were not dropped: the statistics root is missing, or a record does not open."
        )
        return 0


# After a restore, or a crash between the two databases


def replay() -> int:
    """Carries out again whatever the ledger or the tombstones say was erased and is there. How many cases were.

    Raises KeysMissing, LedgerKeyWrong: nothing is said to be in order then."""
    hashes = ledger.Hashes()
    known = ledger.cases()
    missing = ErasedCase.objects.exclude(pk__in=list(known))
    ledger.take_over(missing)
    known |= {mark.pk: ledger.cases()[mark.pk] for mark in missing}
    done = _erase_again(hashes, known)
    _destroy_again(hashes, known)
    for digest in set(known) - set(ErasedCase.objects.values_list("pk", flat=True)):
        ledger.tombstone(known[digest])
    return done


def _erase_again(hashes: ledger.Hashes, known: dict[bytes, LedgerEntry]) -> int:
    done = 0
    for case_id in list(Case.objects.values_list("pk", flat=True)):
        entry = known.get(hashes.case(case_id))
        if entry is None:
            continue
        _erase_once_more(case_id, entry)
        done += 1
    return done


@whole
def _erase_once_more(case_id: UUID, entry: LedgerEntry) -> None:
    permissions.hold_case(case_id)
    ledger.destroy_shares([case_id])
    _finish(case_id, entry, None, ())


def _destroy_again(hashes: ledger.Hashes, known: dict[bytes, LedgerEntry]) -> None:
    """Shares that an older erasure database brought back, and coarse records that an older main database did."""
    shares = list(ErasureShare.objects.values_list("pk", flat=True))
    ledger.destroy_shares(case_id for case_id in shares if hashes.case(case_id) in known)
    _uncount_again(hashes)


def _uncount_again(hashes: ledger.Hashes) -> None:
    kind = LedgerEntry.Kind.STATISTIC
    gone = set(LedgerEntry.objects.filter(kind=kind).values_list("pk", flat=True))
    if gone:
        rows = list(Statistic.objects.values_list("pk", flat=True))
        statistics.remove(row for row in rows if hashes.statistic(row) in gone)
    untold = set(LedgerEntry.objects.filter(kind=LedgerEntry.Kind.STORY).values_list("pk", flat=True))
    if untold:
        passages = Story.objects.values_list("pk", flat=True)
        stories.remove([one for one in passages if hashes.story(one) in untold])


def replay_if_needed() -> bool:
    """Whether ledger and main database agree now. Needs no key but the ledger's; the clock calls it every few seconds."""
    if ledger.agrees():
        return True
    try:
        replay()
    except (KeysMissing, ledger.LedgerKeyWrong):
        logger.error(
            "Erasures cannot be carried out again: the ledger's key is missing or another. Nobody can sign in."
        )
        return False
    return ledger.agrees()
