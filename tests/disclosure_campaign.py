"""The long campaign: `python -m tests.disclosure_campaign [tables] [histories] [--first SEED] [--log FILE]`.

A line of JSON for every seed goes to the log, and what is there already is not repeated: it takes hours and may be stopped at
any time. The sums are printed at the end, and every leak with its seed.
"""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from casework.disclosure import (
    EarlierEdition,
    LinkedTables,
    Protection,
    TableSpec,
    Unprotectable,
    audit,
    build,
    protect,
    rendered,
    verify,
)
from tests.disclosure_tables import (
    alone,
    any_tables,
    flat,
    intervals_compared,
    leaks,
    optimum_differs,
    skewed,
)

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


Outcome = tuple[Counter[str], list[str]]


def protect_one(seed: int) -> Outcome:
    """One random table protected, verified, attacked; then its proof must not fit what was changed about it."""
    tables = a_table(seed)
    counts = Counter(tables=1, sensitive=int(((tables.values > 0) & (tables.values < 5)).sum()))
    try:
        protection = protect(tables, time_budget=60)
    except Unprotectable:
        return counts + Counter(refused=1), []
    if not protection.certificate.complete:
        # The time ran out; nobody may approve this.
        return counts + Counter(incomplete=1), []
    counts += Counter(optimal=int(protection.optimal), complete=1)
    found = leaks(tables, protection)
    if not protection.nothing:
        accepted = list(mutations_accepted(tables, protection, seed))
        counts["mutations"] += 3
        found += [f"mutation accepted: {what}" for what in accepted]
    return counts, [f"table {seed}: {problem}" for problem in found]


def mutations_accepted(tables: LinkedTables, protection: Protection, seed: int) -> Iterator[str]:
    """One small cell uncovered, the total shifted, one witness shifted: the checker must refuse each."""
    chance = np.random.default_rng(seed)
    small = np.flatnonzero((tables.values > 0) & (tables.values < 5))
    shown, values = protection.suppressed.copy(), tables.values.copy()
    if small.size:
        shown[chance.choice(small)] = False
        if not verify(tables, shown, protection.certificate):
            yield "a small cell uncovered"
    values[tables.total] += 1
    if tables.matrix.nnz and not verify(
        replace(tables, values=values), protection.suppressed, protection.certificate
    ):
        yield "the total shifted"
    moves = protection.certificate.witnesses.copy()
    if tables.matrix.nnz and moves.size:
        moves[chance.integers(moves.shape[0]), chance.integers(moves.shape[1])] += 1
        if not verify(tables, protection.suppressed, replace(protection.certificate, witnesses=moves)):
            yield "a witness shifted"


def one_optimum(seed: int) -> Outcome:
    wrong = optimum_differs(seed)
    return Counter(tiny=1), [wrong] if wrong else []


def one_interval(seed: int) -> Outcome:
    cells, wrong = intervals_compared(seed)
    return Counter(cells=cells), [wrong] if wrong else []


class Log:
    """What is done already, by kind and seed."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        lines = path.read_text().splitlines() if path is not None and path.exists() else []
        # A line that was being written when the campaign was stopped is done again.
        read = [json.loads(line) for line in lines if line.endswith("}")]
        self.done: dict[tuple[str, int], Any] = {(one["kind"], one["seed"]): one for one in read}

    def run(self, kind: str, seeds: range, work: Callable[[int], Outcome]) -> None:
        for seed in seeds:
            if (kind, seed) not in self.done:
                self._one(kind, seed, work)
        self._sums(kind, [self.done[kind, seed] for seed in seeds])

    def _one(self, kind: str, seed: int, work: Callable[[int], Outcome]) -> None:
        started = time.process_time()
        counts, leaked = work(seed)
        seconds = round(time.process_time() - started, 2)
        line = {"kind": kind, "seed": seed, "seconds": seconds, "counts": dict(counts), "leaks": leaked}
        self.done[kind, seed] = line
        for leak in leaked:
            print("LEAK", leak, flush=True)  # noqa: T201
        if self.path is not None:
            with self.path.open("a") as file:
                file.write(json.dumps(line) + "\n")

    def _sums(self, kind: str, lines: list[Any]) -> None:
        sums = Counter[str]()
        for line in lines:
            sums.update(line["counts"])
        leaked = [leak for line in lines for leak in line["leaks"]]
        seconds = sum(line["seconds"] for line in lines)
        print(  # noqa: T201
            f"{kind}: {len(lines)} seeds, {dict(sums)}, {len(leaked)} leaks {leaked}, {seconds:.0f} s CPU",
            flush=True,
        )


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.disclosure_campaign")
    parser.add_argument("tables", type=int, nargs="?", default=1_000)
    parser.add_argument("histories", type=int, nargs="?", default=50)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--log", type=Path)
    chosen = parser.parse_args()
    log = Log(chosen.log)
    log.run("optimum", range(chosen.first, chosen.first + min(200, chosen.tables)), one_optimum)
    log.run("intervals", range(chosen.first, chosen.first + min(150, chosen.tables)), one_interval)
    log.run("tables", range(chosen.first, chosen.first + chosen.tables), protect_one)
    log.run("histories", range(chosen.first, chosen.first + chosen.histories), publish_history)


if __name__ == "__main__":
    main()
