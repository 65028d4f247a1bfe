"""The worker's answer to "how much would be suppressed?": the same records, counted once, without search, proof or attack."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from django.db import transaction
from django.utils import timezone

from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from casework import disclosure, drafting, editions, estimates, protection, statistics
from casework.coarser import Coarser, coarser
from casework.counting import Column, Layout, coarser_columns, counted, flag
from casework.disclosure import BadTable, LinkedTables
from casework.estimates import Answer, Choice, Shares
from casework.jobs import Claim, Refused
from casework.models import Estimate
from casework.protection import ReleaseRefused
from casework.questions import Specification

MOST_CHOICES: Final = 3
# A proposal that gains less is not worth a decision.
LEAST_GAIN: Final = 0.03
Columns = dict[str, Column]


def run(held: Claim) -> None:
    asked = Estimate.objects.filter(pk=held.subject).first() if held.subject else None
    if asked is None:
        raise Refused("gone")
    root, question = drafting.open_root(), estimates.question_of(asked)
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
        layout = Layout(question)
        columns, number = layout.columns(counted(statistics.records(root), question, timezone.localdate()))
        if number < question.threshold:
            raise ReleaseRefused("too_few")
        held.stage("estimate")
        return _estimated(layout, columns, len(earlier), held)
    except ReleaseRefused as refused:
        return Answer(refusal=refused.code)
    except SealBroken:
        raise Refused("statistic_broken") from None


def _estimated(layout: Layout, columns: Columns, beside: int, held: Claim) -> Answer:
    whole = shares(layout, columns)
    if whole is None:
        return Answer(refusal="too_large")
    found = coarser(layout.question, _counts(layout, columns))
    choices = []
    for done, one in enumerate(found):
        held.progress(done, len(found))
        choices += _choice(layout, columns, one)
    refusal = "" if whole.published else "all_suppressed"
    return Answer(refusal, whole, worth_offering(whole, choices), beside)


def _choice(layout: Layout, columns: Columns, one: Coarser) -> list[Choice]:
    coarse = Layout(one.question)
    kept = shares(coarse, coarser_columns(layout, columns, coarse))
    return [] if kept is None else [Choice(one.kind, one.fact, list(one.into), one.question, kept)]


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


def shares(layout: Layout, columns: Columns) -> Shares | None:
    """None for tables that are too large to be counted."""
    linked = linked_tables(layout, columns)
    if linked is None:
        return None
    hidden = disclosure.estimate(linked, layout.question.threshold)
    filled = layout.published(linked) & (linked.values > 0)
    if layout.question.rounded:
        return Shares(0, int(filled.sum()))
    return Shares(int((hidden & filled).sum()), int(filled.sum()))


def linked_tables(layout: Layout, columns: Columns) -> LinkedTables | None:
    try:
        return disclosure.build(layout.dimensions, layout.tables, columns)
    except BadTable:
        return None


def _counts(layout: Layout, columns: Columns) -> dict[str, dict[str, int]]:
    """How many each category of each fact has over all."""
    found: dict[str, dict[str, int]] = {}
    for fact in layout.question.facts:
        codes = [level.code for level in layout.levels[fact.code]]
        if fact.many:
            found[fact.code] = {code: int((columns[flag(fact.code, code)] == 0).sum()) for code in codes}
        else:
            column = columns[fact.code]
            counts = np.bincount(column[column >= 0], minlength=len(codes))
            found[fact.code] = {code: int(counts[place]) for code, place in layout.leaves(fact).items()}
    return found
