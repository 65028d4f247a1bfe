"""What follows when somebody no longer agrees: at once, whoever wrote it down, and without anybody's key. It is the same for an
organizer who was told and for the person alone with their receipt."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from casework import audit, consent, erasing, permissions, recounting, statistics, stories
from casework.answers import Holder
from casework.models import Case, ErasureShare, Notice, Rule, ScheduledErasure
from casework.record import Person

COUNTING: Final = frozenset({"STORE", "STATS"})
SHARING: Final = frozenset({"STORE", "SHARE_PARTNER"})
# The days in which a file can still be kept after all; the person may choose none.
COOLING: Final = (0, 7)
DEFAULT_COOLING: Final = 7


@dataclass(frozen=True)
class Withdrawn:
    """What one person no longer agrees to, and their cases. `cooling`: the days before a file is erased that nobody may keep."""

    purposes: frozenset[str]
    cases: list[Holder]
    counted_since: dt.date | None = None
    cooling: int = DEFAULT_COOLING

    @property
    def closes(self) -> bool:
        return "STORE" in self.purposes


def carry_out(withdrawn: Withdrawn, by: User | None = None, told_in: UUID | None = None) -> dt.date | None:
    """In the caller's transaction. `told_in`: the case somebody is writing it down in, whose keepers need no notice.

    The day by which the last of the files is erased: today for one that is gone already, None when none is to be."""
    there = {case.pk: case for case in permissions.hold_cases(UUID(h.id) for h in withdrawn.cases)}
    if withdrawn.purposes & COUNTING:
        statistics.remove(holder.token_hash for holder in withdrawn.cases if holder.token_hash)
        recounting.after_withdrawal(withdrawn.counted_since)
    if withdrawn.purposes & stories.TELLING:
        stories.withdraw((holder.story_secret for holder in withdrawn.cases), withdrawn.purposes)
    cases = [(there[UUID(holder.id)], holder) for holder in withdrawn.cases if UUID(holder.id) in there]
    left = set(ErasureShare.objects.filter(pk__in=there).values_list("pk", flat=True))
    for case in there.values():
        if case.pk in left:
            _in_case(withdrawn, case, by, told_in)
    # Last: an erasure stays, whatever becomes of the rest.
    days = [_erase(withdrawn, case, holder, by, begun=case.pk not in left) for case, holder in cases]
    return max((day for day in days if day is not None), default=None)


def _in_case(withdrawn: Withdrawn, case: Case, by: User | None, told_in: UUID | None) -> None:
    if withdrawn.purposes & SHARING:
        _take_back(case, by, everybody=withdrawn.closes)
    if case.pk != told_in:
        notify(case, closes=withdrawn.closes)
    audit.append(by, "consent.withdraw", case.pk, purposes=" ".join(sorted(withdrawn.purposes)))


def _take_back(case: Case, by: User | None, *, everybody: bool) -> None:
    """They may have kept the key, so that whatever is written from now on is under another."""
    whose = permissions.take_back_partners(case, everybody=everybody)
    if whose:
        Case.objects.filter(pk=case.pk).update(rekey_due=True)
    for grantee in sorted(whose):
        audit.append(by, "case.revoke", case.pk, grantee=str(grantee))


def notify(case: Case, *, closes: bool = False) -> None:
    notice, new = Notice.objects.get_or_create(case=case, defaults={"closes": closes})
    if closes and not new:
        Notice.objects.filter(pk=notice.pk).update(closes=True)


def _erase(
    withdrawn: Withdrawn, case: Case, holder: Holder, by: User | None, *, begun: bool
) -> dt.date | None:
    """A file that is also about others waits in any case: whoever keeps it can take this person's part out of it. `begun`: its
    share is gone, though the act that erased it was undone; nothing more is written about it, only its end."""
    if not (withdrawn.closes or begun):
        return None
    today = timezone.localdate()
    days = max(withdrawn.cooling, DEFAULT_COOLING) if holder.others else withdrawn.cooling
    tokens = [holder.token_hash] if holder.token_hash else []
    if days == 0 or begun:
        try:
            erasing.erase(case.pk, Rule.WITHDRAWN, by=by, token_hashes=tokens)
            return today
        except erasing.UnderHold:
            days = 1
    day = today + dt.timedelta(days=days)
    return erasing.schedule(case.pk, day, Rule.WITHDRAWN, by=by, token_hashes=tokens, noes=1).on


def lessen(person: Person, purposes: Iterable[str], others: Iterable[Holder], by: User) -> list[Case]:
    """Somebody agrees to less, or not as long, and their other cases stand as they were last saved, under keys that need not be
    at hand. What is read there without being opened, lists and figures, is closed until somebody saves those cases again. Those
    that are there."""
    lost, holders = frozenset(purposes), list(others)
    cases = permissions.hold_cases(UUID(holder.id) for holder in holders)
    if lost & COUNTING:
        statistics.remove(holder.token_hash for holder in holders if holder.token_hash)
        recounting.after_withdrawal(None)
    if lost & stories.TELLING:
        stories.withdraw((holder.story_secret for holder in holders), lost)
    for case in cases:
        notify(case, closes=bool(lost & SHARING))
        audit.append(by, "consent.lessen", case.pk, purposes=" ".join(sorted(lost)))
    _erase_sooner(person, [UUID(holder.id) for holder in holders if not holder.others])
    return cases


def _erase_sooner(person: Person, alone: list[UUID]) -> None:
    """The files in which nobody else agrees to anything."""
    day = consent.first_after(consent.until(person, "STORE") or timezone.localdate())
    Case.objects.filter(pk__in=alone, erase_after__gt=day).update(erase_after=day)


def reopen(case_id: UUID) -> None:
    """The case was saved, and its card and search text say again what holds."""
    Notice.objects.filter(case=case_id, closes=True).update(closes=False)


# Agreed again


def agreed_again(
    cases: Iterable[Holder], until: dt.date, by: User | None = None, *, after_a_no: bool = False
) -> list[Case]:
    """One person agrees that each of their files is kept, until later than before or after all. In the caller's transaction, and
    without a key: what needs one is done by whoever opens the case next. `after_a_no`: they had said no. The files there are."""
    there = {holder.id: holder for holder in cases}
    kept = permissions.hold_cases(UUID(name) for name in there)
    for case in kept:
        month = consent.first_after(until)
        Case.objects.filter(pk=case.pk, erase_after__lt=month).update(erase_after=month)
        if after_a_no:
            _one_no_less(case.pk, there[case.pk.hex], by)
    return kept


def _one_no_less(case_id: UUID, holder: Holder, by: User | None) -> None:
    """Of a file about several, the others may still say no, which nobody sees without the key: they are counted."""
    ordered = ScheduledErasure.objects.filter(case=case_id, withdrawn__gt=0)
    ordered.update(withdrawn=F("withdrawn") - 1)
    if not ordered.exists():
        open_again(case_id, [holder.token_hash] if holder.token_hash else [], by)


def open_again(case_id: UUID, tokens: Iterable[bytes], by: User | None = None) -> None:
    """The file is kept after all: everyone concerned agrees."""
    # An order that keepers of the file gave stands: it was never about the person's consent.
    orders = ScheduledErasure.objects.filter(case=case_id)
    orders.update(withdrawn=0)
    if orders.filter(rule=Rule.WITHDRAWN).exists():
        erasing.cancel(case_id, by=by, token_hashes=tokens)
    reopen(case_id)
