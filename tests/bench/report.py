"""The same figures twice: a table for people, one JSON for programs."""

from collections.abc import Sequence
from typing import Any

HEADINGS = ("what", "n", "min", "median", "p95", "CPU", "plain", "×", "budget", "")


def row(entry: dict[str, Any]) -> tuple[str, ...]:
    figures, plain = entry["ms"], entry.get("plain_ms")
    verdict = {True: "ok", False: "OVER", None: ""}[entry.get("within_budget")]
    budget = f"{entry['judged']} ≤ {entry['budget_ms']:g}" if "budget_ms" in entry else ""
    return (
        entry["name"],
        str(entry["repetitions"]),
        *(f"{figures[name]:.1f}" for name in ("min", "median", "p95")),
        f"{entry['processor_ms']['median']:.1f}" if "processor_ms" in entry else "",
        f"{plain['median']:.1f}" if plain else "",
        f"{entry['ratio']:.1f}" if plain else "",
        budget,
        verdict,
    )


def table(entries: Sequence[dict[str, Any]]) -> str:
    rows = [HEADINGS, *(row(entry) for entry in entries)]
    widths = [max(len(line[column]) for line in rows) for column in range(len(HEADINGS))]
    return "\n".join(aligned(line, widths) for line in rows)


def aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    padded = zip(line, widths, strict=True)
    first, *others = (text.rjust(width) if n else text.ljust(width) for n, (text, width) in enumerate(padded))
    return "  ".join([first, *others]).rstrip()


def text(report: dict[str, Any]) -> str:
    machine, versions = report["machine"], report["versions"]
    head = f"{machine['cores']} cores of {machine['processor']}, {machine['memory']}; load {machine['load_before']:.2f}"
    software = ", ".join(f"{name} {version}" for name, version in versions.items())
    note = (
        "Milliseconds; CPU is the median of what this process used, plain the median on unencrypted columns."
    )
    return "\n".join([head, software, note, "", table(report["results"]), *facts(report["results"]), ""])


def facts(entries: Sequence[dict[str, Any]]) -> list[str]:
    known = [(entry["name"], entry["facts"]) for entry in entries if entry.get("facts")]
    return [
        f"{name}: {', '.join(f'{value:g} {fact}' for fact, value in found.items())}" for name, found in known
    ]
