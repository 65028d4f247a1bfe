"""Protect, certify and verify tables of the sizes in docs/disclosure.md: `python -m tests.disclosure_speed [shape …]`.

On a machine that others use too, read the CPU seconds; how they part into search and certificate does not depend on others.
"""

from __future__ import annotations

import resource
import sys
import time
from collections import Counter

from casework.disclosure import audit, protect, rendered, verify
from tests.disclosure_tables import skewed

SHAPES = {
    "12x20": ((12, 20), 600, 5),
    "30x40": ((30, 40), 5_000, 3),
    "10x15x8": ((10, 15, 8), 3_000, 2),
    "20x20x10": ((20, 20, 10), 10_000, 1),
}


class Stopwatch:
    """CPU seconds by step, as the engine reports its steps."""

    def __init__(self) -> None:
        self.last, self.seconds = time.process_time(), Counter[str]()

    def __call__(self, step: str, done: float) -> None:
        now = time.process_time()
        self.seconds[step] += now - self.last
        self.last = now


def measure(name: str, seed: int, budget: float) -> str:
    shape, records, _ = SHAPES[name]
    tables = skewed(shape, records, seed)
    small = (tables.values > 0) & (tables.values < 5)
    wall, cpu = time.perf_counter(), time.process_time()
    watch = Stopwatch()
    protection = protect(tables, time_budget=budget, progress=watch)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    problems = verify(tables, protection.suppressed, protection.certificate)
    checked = time.process_time()
    found = audit(rendered(tables, protection.suppressed)) if len(shape) < 3 else None
    checked = time.process_time() - checked
    return (
        f"{name} seed {seed}: {small.sum()} sensitive, {(protection.suppressed & ~small).sum()} complementary, "
        f"gap {protection.gap:.1%}, requirements {protection.requirements}, "
        f"witnesses {protection.certificate.witnesses.shape[0]}, complete {protection.certificate.complete}, "
        f"problems {len(problems)}, audit clean {found.clean if found else '-'} ({checked:.1f} s); "
        f"search {watch.seconds['suppressions']:.2f}, certificate {watch.seconds['certificate']:.2f}, "
        f"{wall:.2f} s, CPU {cpu:.2f} s, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB"
    )


if __name__ == "__main__":
    for name in sys.argv[1:] or SHAPES:
        for seed in range(SHAPES[name][2]):
            print(measure(name, seed, 1_200.0), flush=True)  # noqa: T201
