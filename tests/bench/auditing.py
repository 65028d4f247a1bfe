"""Appending to the audit log: four writers at once must leave one chain, and two hundred entries a second."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from tests.bench.measuring import MEDIAN, Benchmark

WRITERS, EACH = 4, 50
CASES, SHOWN = 10_000, 100


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
    yield _page_of_many_cases()


def _page_of_many_cases() -> Benchmark:
    """Every entry is about another case than the one before, and the page finds out which, of ten thousand."""
    from accounts.teams import auditors
    from casework import audit
    from casework.models import ErasureShare
    from tests.bench.people import everybody

    people, cases = everybody(), [uuid.uuid4() for _ in range(CASES)]
    ErasureShare.objects.bulk_create(ErasureShare(case_id=case, share=os.urandom(32)) for case in cases)
    for case in cases[:: CASES // SHOWN]:
        audit.append(people.dana, "case.open", case)
    frank, team = people.keyring_of("frank"), auditors().pk

    def read() -> None:
        page = audit.page(frank, team, lambda entry: True)
        assert len({found.entry.subject for found in page.entries if found.entry}) == SHOWN

    return Benchmark(
        f"a page of {SHOWN} entries about as many of {CASES:,} cases".replace(",", " "), read, repetitions=5
    )
