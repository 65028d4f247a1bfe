"""A million coarse records to linked tables: opened, sieved, counted. The rows are as a year of compaction leaves them."""

import datetime as dt
import os
import random
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connections

from accounts.crypto.context import statistic_contexts
from casework import coarse, drafting, questions, sharedcounting, statistics
from casework.counting import Layout
from casework.models import Release, Statistic
from casework.sharedcounting import SharedCount
from casework.steps import KeptSteps
from casework.tallying import Tally
from tests.bench.measuring import Benchmark

RECORDS = int(os.environ.get("BENCH_RECORDS", "1000000"))
PORTION = 20_000
# Different people: more would take longer to invent than to count.
DIFFERENT = 5_000
TODAY = dt.date(2026, 11, 23)
QUESTION: dict[str, Any] = {
    "title": {"en": "Stops", "fr": "Interceptions"},
    "unit": "person",
    "period": {"from": "2015-01", "to": "2025-12"},
    "threshold": 5,
    "tables": [["borough", "year"], ["pretext", "year"], ["outcome"], ["harm"], ["held"], ["hold_length"]],
    "supersedes": None,
}


def organisation() -> None:
    from accounts.setup import set_up_organisation

    set_up_organisation("Collectif", "dana", "nine llamas knit quietly", "fr")


def fill() -> None:
    from tests.statistics_rows import a_row

    chance, root, place = random.Random(1), statistics.worker_root(), statistic_contexts()
    people = [coarse.encode(a_row(chance)) for _ in range(DIFFERENT)]
    for _ in range(0, RECORDS, PORTION):
        tokens = [os.urandom(32) for _ in range(PORTION)]
        Statistic.objects.bulk_create(
            Statistic(
                token_hash=token,
                epoch=root.epoch,
                version=coarse.VERSION,
                compacted=True,
                coarse_ciphertext=root.cipher.seal(chance.choice(people), place(token)),
            )
            for token in tokens
        )


class Quiet:
    def stage(self, name: str) -> None: ...

    def progress(self, done: int, total: int) -> None: ...


def tables(unit: str) -> None:
    only = [["borough", "year"], ["pretext", "year"]]
    asked = QUESTION if unit == "person" else QUESTION | {"unit": unit, "tables": only}
    layout = Layout(questions.parse(asked, TODAY))
    tally = Tally(layout)
    counts = drafting.count(tally, statistics.worker_root(), TODAY, Quiet())
    linked = tally.linked(counts, layout.tables, ())
    assert counts.number > 0 and linked.values[linked.total] == counts.number


def a_draft() -> Release:
    Release.objects.all().delete()
    return Release.objects.create(specification=questions.parse(QUESTION, TODAY).plain())


def shared(release: Release) -> None:
    """By two workers: this process, and another that helps."""
    root, layout = statistics.worker_root(), Layout(questions.parse(QUESTION, TODAY))
    kept = KeptSteps(release.pk, root)
    run = sharedcounting.begun(kept, [], TODAY)
    connections.close_all()
    helper = os.fork()
    if not helper:
        drafting.help_counting(release.pk)
        os._exit(0)
    tally = Tally(layout)
    counts = SharedCount(tally, root, kept, run).whole(Quiet())
    linked = tally.linked(counts, layout.tables, ())
    assert linked.values[linked.total] == counts.number > 0
    os.waitpid(helper, 0)


def memory() -> dict[str, float]:
    """The most this process ever held, filling the table included."""
    return {"MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def benchmarks(folder: Path) -> Iterator[Benchmark]:
    """The processor's time is that of this process alone."""
    organisation()
    sys.stderr.write(f"… {RECORDS} records are made\n")
    fill()
    for unit in ("person", "event"):
        yield Benchmark(
            f"{RECORDS} records to linked tables, unit {unit}",
            tables,
            prepare=lambda unit=unit: unit,
            repetitions=2,
            warm_up=0,
            budget_ms=10_000.0,
            facts=memory,
        )
    yield Benchmark(
        f"{RECORDS} records to linked tables, two workers",
        shared,
        prepare=a_draft,
        repetitions=2,
        warm_up=0,
        budget_ms=10_000.0,
    )
