"""Appending to the audit log: four writers at once must leave one chain, and two hundred entries a second."""

from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from tests.bench.measuring import MEDIAN, Benchmark

WRITERS, EACH = 4, 50


def benchmarks(folder: Path) -> Iterator[Benchmark]:
    from casework import audit
    from tests.bench.people import everybody
    from tests.writers import at_once

    user = everybody().dana

    def write() -> None:
        for _ in range(EACH):
            audit.append(user, "case.list")

    def all_write() -> None:
        errors = at_once([write] * WRITERS)
        assert not errors, errors

    yield Benchmark(
        f"{WRITERS * EACH} audit entries by {WRITERS} writers",
        all_write,
        repetitions=5,
        # The promise is PostgreSQL's; SQLite lets one writer in at a time and makes the others wait their turn.
        budget_ms=1_000.0 if connection.vendor == "postgresql" else None,
        judged=MEDIAN,
    )
    assert audit.verify() is None
