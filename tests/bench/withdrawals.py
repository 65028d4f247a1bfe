"""Ten thousand people withdraw, one after the other, while a draft waits and a release is published: how long each waits."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tests.bench.measuring import Benchmark

PEOPLE = 10_000
AT_ONCE = 500
PURPOSES = frozenset({"STATS", "SHARE_PARTNER"})


def benchmarks(folder: Path) -> Iterator[Benchmark]:
    from casework import withdrawing
    from casework.models import Notice, Statistic

    waiting = kept()

    def all_withdraw() -> None:
        for one in waiting:
            with transaction.atomic():
                withdrawing.carry_out(one)

    yield Benchmark(f"{PEOPLE} withdrawals, one by one", all_withdraw, repetitions=1, warm_up=0)
    cases = [UUID(one.cases[0].id) for one in waiting]
    hashes = [one.cases[0].token_hash for one in waiting]
    assert Notice.objects.filter(case__in=cases).count() == PEOPLE
    assert not Statistic.objects.filter(pk__in=hashes).exists()


def kept() -> list[Any]:
    """Each in a case of their own, counted, and known by what a consent record would say of them."""
    from casework import coarsening, intake, keys, withdrawing
    from casework.answers import CASE, Holder
    from tests.bench.people import everybody
    from tests.release_pages import a_draft, a_published
    from tests.stories import story

    cast, today = everybody(), timezone.localdate()
    a_published(cast)
    a_draft(cast.dana)
    grantor = keys.to_team(cast.keyring_of("alice"), cast.verdun)
    found = []
    for start in range(0, PEOPLE, AT_ONCE):
        records = [story(f"W-{start + number}") for number in range(AT_ONCE)]
        with transaction.atomic():
            cases = intake.keep_batch(records, cast.verdun, grantor)
        for case, record in zip(cases, records, strict=True):
            token = coarsening.token_hash(record.persons[0])
            holder = Holder(CASE, "", case.pk.hex, 1, b"", token)
            found.append(withdrawing.Withdrawn(PURPOSES, [holder], today))
    return found
