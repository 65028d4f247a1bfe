"""Timing without ceremony: every repetition is kept, and the spread is reported rather than hidden in a mean."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any

MEDIAN, P95 = "median", "p95"


@dataclass(frozen=True)
class Benchmark:
    """One piece of work. `plain` is the same work on unencrypted columns, when there is such a thing.

    budget_ms: what `judged` (MEDIAN or P95) may take at most. prepare: called before each repetition, untimed; its result is
    what `run` and `plain` are given, a tuple as several arguments. facts: asked afterwards for what else is worth knowing.
    """

    name: str
    run: Callable[..., object]
    plain: Callable[..., object] | None = None
    prepare: Callable[[], Any] | None = None
    repetitions: int = 20
    warm_up: int = 1
    budget_ms: float | None = None
    judged: str = P95
    facts: Callable[[], dict[str, float]] | None = None


@dataclass(frozen=True)
class Spread:
    """Milliseconds, sorted."""

    times: tuple[float, ...]

    def quantile(self, share: float) -> float:
        """The smallest time that `share` of the repetitions did not exceed: always one that was measured."""
        rank = max(1, -(-int(share * 100) * len(self.times) // 100))
        return self.times[rank - 1]

    def figures(self) -> dict[str, float]:
        found = {
            "min": self.times[0],
            MEDIAN: self.quantile(0.5),
            P95: self.quantile(0.95),
            "max": self.times[-1],
        }
        return {name: round(value, 3) for name, value in found.items()}


def timed(work: Callable[..., object], prepare: Callable[[], Any] | None) -> tuple[float, float]:
    """On the clock, and of the processor: on a machine that is busy with something else the two drift apart."""
    prepared = prepare() if prepare else ()
    given = prepared if isinstance(prepared, tuple) else (prepared,)
    begun, used = perf_counter(), process_time()
    work(*given)
    return (perf_counter() - begun) * 1000, (process_time() - used) * 1000


def spreads(work: Callable[..., object], benchmark: Benchmark) -> tuple[Spread, Spread]:
    for _ in range(benchmark.warm_up):
        timed(work, benchmark.prepare)
    # From here on the collector runs when it would for a reader of the page: what it costs is part of what they wait for.
    gc.collect()
    times = [timed(work, benchmark.prepare) for _ in range(benchmark.repetitions)]
    clock, processor = zip(*times, strict=True)
    return Spread(tuple(sorted(clock))), Spread(tuple(sorted(processor)))


def measure(benchmark: Benchmark) -> dict[str, Any]:
    """One entry of the report."""
    clock, processor = spreads(benchmark.run, benchmark)
    figures = clock.figures()
    entry: dict[str, Any] = {"name": benchmark.name, "repetitions": benchmark.repetitions, "ms": figures}
    entry |= {"processor_ms": processor.figures()}
    if benchmark.plain:
        plain, used = (spread.figures() for spread in spreads(benchmark.plain, benchmark))
        entry |= {"plain_ms": plain, "plain_processor_ms": used}
        entry |= {"ratio": round(figures[MEDIAN] / plain[MEDIAN], 2)}
    if benchmark.budget_ms:
        within = figures[benchmark.judged] <= benchmark.budget_ms
        entry |= {"budget_ms": benchmark.budget_ms, "judged": benchmark.judged, "within_budget": within}
    if benchmark.facts:
        entry |= {"facts": benchmark.facts()}
    return entry
