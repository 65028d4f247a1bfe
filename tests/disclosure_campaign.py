"""The long campaign: `python -m tests.disclosure_campaign [tables] [histories] [first seed]`.

Prints one line of counts for random tables and one for histories of editions; any leak is printed with its seed.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator

import numpy as np

from casework.disclosure import (
    EarlierEdition,
    LinkedTables,
    TableSpec,
    Unprotectable,
    audit,
    build,
    protect,
    rendered,
    verify,
)
from tests.disclosure_tables import alone, any_tables, flat, leaks, optimum_differs, skewed

EDITIONS = 8


def a_table(seed: int) -> LinkedTables:
    """Every tenth one large: two-way up to 12×20, three-way up to 6×6×6."""
    chance = np.random.default_rng(seed)
    if seed % 20 == 0:
        return skewed(
            (int(chance.integers(6, 13)), int(chance.integers(8, 21))), int(chance.integers(100, 900)), seed
        )
    if seed % 20 == 10:
        return skewed(tuple(int(s) for s in chance.integers(3, 7, 3)), int(chance.integers(50, 600)), seed)
    return any_tables(seed)


def history(seed: int) -> Iterator[LinkedTables]:
    """The same table year after year, with people added and people withdrawn."""
    chance = np.random.default_rng(seed)
    dimensions = [flat("a", int(chance.integers(3, 7))), flat("b", int(chance.integers(3, 6)))]
    shares = [chance.dirichlet(np.full(d.leaves.size, 1.0)) for d in dimensions]
    people = np.zeros((0, 2), dtype=np.int64)
    for edition in range(EDITIONS):
        arriving = int(chance.poisson(150 if edition == 0 else chance.choice([3, 12, 40])))
        new = np.column_stack([chance.choice(s.size, arriving, p=s) for s in shares])
        leaving = chance.random(len(people)) < chance.choice([0.0, 0.01, 0.05])
        people = np.concatenate([people[~leaving], new])
        yield build(dimensions, [TableSpec(("a", "b"))], {"a": people[:, 0], "b": people[:, 1]})


def publish_history(seed: int, budget: float = 30.0) -> tuple[Counter[str], list[str]]:
    """Publish what can be published, edition after edition; counts, and what an attacker with all of them finds."""
    ledger: list[EarlierEdition] = []
    documents, counts, found = [], Counter[str](), []
    for number, tables in enumerate(history(seed)):
        try:
            protection = protect(tables, earlier=ledger, time_budget=budget)
        except Unprotectable:
            counts["refused"] += 1
            continue
        if protection.nothing or not protection.certificate.complete:
            counts["incomplete"] += 1
            continue
        counts["published"] += 1
        counts["suppressed"] += int(protection.suppressed.sum())
        counts["cells"] += int((tables.values > 0).sum())
        problems = verify(tables, protection.suppressed, protection.certificate, earlier=ledger)
        documents.append(rendered(tables, protection.suppressed))
        ledger.append(EarlierEdition.published(tables, protection.suppressed))
        attack = audit(documents, insiders=alone(tables))
        for kind in ("exact", "recognisable", "insider", "changes", "withdrawals", "undecided"):
            problems += [f"{kind}: {finding}" for finding in getattr(attack, kind)]
        found += [f"history {seed}, edition {number}: {problem}" for problem in problems]
    return counts, found


def tables_campaign(seeds: range) -> None:
    started, counts = time.process_time(), Counter[str]()
    for seed in seeds:
        tables = a_table(seed)
        counts["tables"] += 1
        counts["sensitive"] += int(((tables.values > 0) & (tables.values < 5)).sum())
        try:
            protection = protect(tables, time_budget=60)
        except Unprotectable:
            counts["refused"] += 1
            continue
        counts["optimal"] += protection.optimal
        counts["complete"] += protection.certificate.complete
        problems = leaks(tables, protection)
        counts["leaks"] += len(problems)
        for problem in problems:
            print("LEAK", seed, problem, flush=True)  # noqa: T201
    print(dict(counts), f"{time.process_time() - started:.0f} s CPU", flush=True)  # noqa: T201


def histories_campaign(seeds: range) -> None:
    started, counts = time.process_time(), Counter[str]()
    for seed in seeds:
        more, found = publish_history(seed)
        counts.update(more)
        counts["leaks"] += len(found)
        for problem in found:
            print("LEAK", problem, flush=True)  # noqa: T201
    print(dict(counts), f"{time.process_time() - started:.0f} s CPU", flush=True)  # noqa: T201


def optimum_campaign(seeds: range) -> None:
    wrong = [problem for seed in seeds if (problem := optimum_differs(seed))]
    print(f"{len(seeds)} tiny tables, optimum differs from enumeration in {len(wrong)}: {wrong}")  # noqa: T201


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]] + [1_000, 50, 0][len(sys.argv) - 1 :]
    optimum_campaign(range(numbers[2], numbers[2] + min(200, numbers[0])))
    tables_campaign(range(numbers[2], numbers[2] + numbers[0]))
    histories_campaign(range(numbers[2], numbers[2] + numbers[1]))
