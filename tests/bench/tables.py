"""Counts to publishable counts: the reference tables and budgets of docs/disclosure.md. `tests.disclosure_speed` says more of
each, and has one that takes minutes."""

from collections.abc import Iterator
from pathlib import Path

from casework.disclosure import LinkedTables, protect, verify
from tests.bench.measuring import Benchmark
from tests.disclosure_speed import SHAPES
from tests.disclosure_tables import skewed

THRESHOLD = 5
# Budget in milliseconds, repetitions.
BUDGETS = {"12x20": (200.0, 20), "30x40": (1_000.0, 10), "10x15x8": (15_000.0, 2)}


def protected_and_certified(tables: LinkedTables) -> None:
    protection = protect(tables, THRESHOLD)
    problems = verify(tables, protection.suppressed, protection.certificate, THRESHOLD)
    assert not problems, problems


def benchmarks(folder: Path) -> Iterator[Benchmark]:
    for name, (budget, repetitions) in BUDGETS.items():
        shape, records, _ = SHAPES[name]
        seeds = iter(range(1_000))
        yield Benchmark(
            f"{name.replace('x', '×')} table protected and certified",
            protected_and_certified,
            prepare=lambda shape=shape, records=records, seeds=seeds: skewed(shape, records, next(seeds)),
            repetitions=repetitions,
            budget_ms=budget,
        )
