"""The harness itself: figures that nobody can check are worth nothing."""

from functools import partial
from typing import Any

import pytest

from tests.bench.measuring import MEDIAN, Benchmark, Spread, measure
from tests.bench.report import table, text


def entry(**changes: Any) -> dict[str, Any]:
    figures = {"min": 1.0, "median": 2.0, "p95": 3.0, "max": 4.0}
    return {"name": "list", "repetitions": 20, "ms": figures} | changes


def test_a_quantile_is_a_time_that_was_measured():
    twenty = Spread(tuple(float(n) for n in range(1, 21)))
    assert twenty.figures() == {"min": 1.0, "median": 10.0, "p95": 19.0, "max": 20.0}


def test_one_repetition_is_its_own_spread():
    assert set(Spread((7.0,)).figures().values()) == {7.0}


def test_every_repetition_is_prepared_anew_and_the_warm_up_is_not_counted():
    prepared: list[int] = []
    used: list[int] = []
    measured = measure(
        Benchmark(
            "save", used.append, prepare=lambda: prepared.append(1) or len(prepared), repetitions=5, warm_up=2
        )
    )
    assert used == [1, 2, 3, 4, 5, 6, 7]
    assert measured["repetitions"] == 5


def test_work_beside_plain_columns_has_a_ratio():
    measured = measure(
        Benchmark("search", lambda: sum(range(20_000)), plain=lambda: sum(range(20_000)), repetitions=3)
    )
    assert measured["ratio"] > 0
    assert set(measured["plain_ms"]) == {"min", "median", "p95", "max"}


@pytest.mark.parametrize(("budget", "within"), [(1e9, True), (1e-9, False)])
def test_a_budget_is_kept_or_not(budget: float, within: bool):
    work = partial(sum, range(200_000))
    measured = measure(Benchmark("save", work, repetitions=3, budget_ms=budget, judged=MEDIAN))
    assert measured["within_budget"] is within


def test_without_a_budget_nothing_is_judged():
    assert "within_budget" not in measure(Benchmark("save", lambda: None, repetitions=3))


def test_an_error_in_the_work_is_not_swallowed():
    with pytest.raises(ZeroDivisionError):
        measure(Benchmark("save", lambda: 1 / 0, repetitions=3))


def test_the_table_names_what_is_over_its_budget():
    lines = table(
        [
            entry(),
            entry(
                name="search",
                budget_ms=2.5,
                judged="p95",
                within_budget=False,
                plain_ms=entry()["ms"],
                ratio=1.0,
            ),
        ]
    ).splitlines()
    assert lines[0].split()[:5] == ["what", "n", "min", "median", "p95"]
    assert "OVER" not in lines[1]
    assert lines[2].endswith("p95 ≤ 2.5  OVER")


def test_the_report_says_on_what_it_was_measured():
    machine = {"cores": 2, "processor": "Zeta 1", "memory": "24 GB", "load_before": 0.5}
    said = text(
        {"machine": machine, "versions": {"python": "3.11", "database": "SQLite 3"}, "results": [entry()]}
    )
    assert "2 cores of Zeta 1" in said
    assert "SQLite 3" in said
