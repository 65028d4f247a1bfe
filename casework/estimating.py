"""The worker's answer to "how much would be suppressed?": the same counts, without search, proof or attack."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.utils import timezone

from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from casework import disclosure, drafting, editions, estimates, protection, statistics
from casework.coarser import coarser
from casework.counting import YES, Layout, flag
from casework.disclosure import BadTable, LinkedTables
from casework.editions import Earlier
from casework.estimates import Answer, Choice, Shares
from casework.facts import TOTAL
from casework.jobs import Claim, Refused
from casework.models import Estimate
from casework.protection import ReleaseRefused
from casework.questions import Specification
from casework.tallying import Counts, Sieve, Tally, array

MOST_CHOICES: Final = 3
# A proposal that gains less is not worth a decision.
LEAST_GAIN: Final = 0.03


def run(held: Claim) -> None:
    asked = Estimate.objects.filter(pk=held.subject).first() if held.subject else None
    if asked is None:
        raise Refused("gone")
    root, question = drafting.open_root(), estimates.question_of(asked)
    if statistics.needs_compaction():
        held.stage("shuffle")
        statistics.compact(root, held.progress)
    held.stage("open")
    answer = _answer(question, root, held)
    sealed, epoch = estimates.sealed(asked.pk, answer)
    with transaction.atomic():
        held.finish()
        # Whoever withdrew meanwhile has taken the row away: then there is nothing to answer.
        Estimate.objects.filter(pk=asked.pk).update(answer_ciphertext=sealed, answer_epoch=epoch)


def _answer(question: Specification, root: Principal, held: Claim) -> Answer:
    try:
        earlier = editions.earlier_releases(question, root)
        protection.check_comparable(question, earlier)
        return _estimated(question, root, earlier, held)
    except ReleaseRefused as refused:
        return Answer(refusal=refused.code)
    except SealBroken:
        raise Refused("statistic_broken") from None


def _estimated(question: Specification, root: Principal, earlier: Sequence[Earlier], held: Claim) -> Answer:
    """The records are read twice, because only the counts tell which categories are small enough to be merged."""
    today, layout = timezone.localdate(), Layout(question)
    [counts] = _counted([Tally(layout)], question, root, today)
    if counts.number < question.threshold:
        raise ReleaseRefused("too_few")
    linked = _linked(Tally(layout), counts)
    whole = shares(layout, linked)
    held.stage("estimate")
    wanted = coarser(question, category_counts(layout, linked))
    found = [one for one in wanted if _comparable(one.question, earlier)]
    tallies = [Tally(Layout(one.question)) for one in found]
    choices = []
    for done, each in enumerate(_counted(tallies, question, root, today)):
        held.progress(done, len(found))
        one, kept = found[done], shares(tallies[done].layout, _linked(tallies[done], each))
        choices.append(Choice(one.kind, one.fact, list(one.into), one.question, kept))
    refusal = "" if whole.published else "all_suppressed"
    return Answer(refusal, whole, worth_offering(whole, choices), len(earlier))


def _comparable(question: Specification, earlier: Sequence[Earlier]) -> bool:
    """A coarser question that would be refused beside what is published is no way out."""
    try:
        protection.check_comparable(question, earlier)
    except ReleaseRefused:
        return False
    return True


def _counted(
    tallies: Sequence[Tally], question: Specification, root: Principal, today: dt.date
) -> list[Counts]:
    """Of questions that differ in their tables only, all in one go."""
    counts, sieve = [tally.nothing() for tally in tallies], Sieve(question, today)
    for chunk in statistics.rows(root) if tallies else ():
        inside = sieve.through(array(row for _name, row in chunk))
        for tally, each in zip(tallies, counts, strict=True):
            tally.add(each, inside)
    return counts


def _linked(tally: Tally, counts: Counts) -> LinkedTables:
    try:
        return tally.linked(counts, tally.layout.tables, ())
    except BadTable:
        raise ReleaseRefused("too_large") from None


def worth_offering(whole: Shares, choices: Sequence[Choice]) -> list[Choice]:
    """The one that keeps most figures, the one that hides the smallest part, and the next best: each must hide less."""
    better = [one for one in choices if one.shares.share <= whole.share - LEAST_GAIN]
    by_share = sorted(better, key=lambda one: (one.shares.share, -one.shares.published))
    by_figures = sorted(better, key=lambda one: (-one.shares.published, one.shares.share))
    wanted = [*by_figures[:1], *by_share[:1], *by_figures[1:], *by_share]
    chosen: list[Choice] = []
    for one in wanted:
        if one not in chosen and len(chosen) < MOST_CHOICES:
            chosen.append(one)
    return chosen


def shares(layout: Layout, linked: LinkedTables) -> Shares:
    filled = layout.published(linked) & (linked.values > 0)
    if layout.question.rounded:
        return Shares(0, int(filled.sum()))
    hidden = disclosure.estimate(linked, layout.question.threshold)
    return Shares(int((hidden & filled).sum()), int(filled.sum()))


def category_counts(layout: Layout, linked: LinkedTables) -> dict[str, dict[str, int]]:
    """How many each category of each fact has over all: a margin of whichever table it stands in."""
    return {
        fact.code: {
            code: _margin(linked, flag(fact.code, code) if fact.many else fact.code, code, many=fact.many)
            for code in layout.leaves(fact)
        }
        for fact in layout.question.facts
    }


def _margin(linked: LinkedTables, dimension: str, code: str, *, many: bool) -> int:
    wanted = YES if many else code
    at = tuple(wanted if d.code == dimension else TOTAL for d in linked.dimensions)
    return int(linked.values[linked.position[at]])
