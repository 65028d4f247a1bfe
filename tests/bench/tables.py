"""Counts to publishable counts: the budgets of docs/disclosure.md, on tables of invented counts as skewed as the field's."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from casework.disclosure import Category, Dimension, LinkedTables, TableSpec, link, protect, verify
from tests.bench.measuring import Benchmark

THRESHOLD = 5
# As in the tables that groups publish: some big cells, many small ones, a third or more empty.
# Shape, people counted, budget in milliseconds, repetitions.
SHAPES = (
    ((12, 20), 1_500, 200.0, 20),
    ((30, 40), 8_000, 1_000.0, 10),
    ((10, 15, 8), 4_000, 15_000.0, 2),
)


def dimension(code: str, size: int) -> Dimension:
    return Dimension(code, tuple(Category(f"{code}{number}") for number in range(size)))


def invented(shape: tuple[int, ...], people: int, seed: int) -> LinkedTables:
    chance = np.random.default_rng(seed)
    margins = np.ix_(*[chance.lognormal(0, 1.2, size) for size in shape])
    expected = math.prod(margins) * chance.gamma(0.8, 1.0, shape)
    counts = chance.poisson(expected / expected.sum() * people)
    dimensions = [dimension("abc"[axis], size) for axis, size in enumerate(shape)]
    return link(dimensions, [TableSpec(tuple(d.code for d in dimensions))], [counts])


def protected_and_certified(tables: LinkedTables) -> None:
    protection = protect(tables, THRESHOLD)
    problems = verify(tables, protection.suppressed, protection.certificate, THRESHOLD)
    assert not problems, problems


def benchmarks(folder: Path) -> Iterator[Benchmark]:
    for shape, people, budget, repetitions in SHAPES:
        seeds = iter(range(1_000))
        yield Benchmark(
            f"{'×'.join(map(str, shape))} table protected and certified",
            protected_and_certified,
            prepare=lambda shape=shape, people=people, seeds=seeds: invented(shape, people, next(seeds)),
            repetitions=repetitions,
            budget_ms=budget,
        )
