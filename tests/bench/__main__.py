"""`python -m tests.bench [--json FILE] [--only WORD]`"""

import argparse
import importlib
import json
import os
import pkgutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure; print a table.")
    parser.add_argument(
        "--json", type=Path, help="where to write the figures, with the machine and the versions"
    )
    parser.add_argument("--only", default="", help="run only the modules whose name holds this word")
    parser.add_argument("--strict", action="store_true", help="fail when a budget is exceeded")
    return parser.parse_args()


@contextmanager
def throw_away_data() -> Iterator[Path]:
    """A data folder, keys and databases that are gone afterwards, whatever the environment names."""
    with tempfile.TemporaryDirectory(prefix="temoin-bench-") as name:
        folder = Path(name)
        inherited = [variable for variable in os.environ if variable.startswith("TEMOIN_")]
        for variable in inherited:
            if variable != "TEMOIN_DATABASE":
                del os.environ[variable]
        os.environ |= {
            "DATA_DIR": name,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "TEMOIN_INSECURE_LOCAL": "1",
        }
        yield folder


@contextmanager
def databases(folder: Path) -> Iterator[None]:
    """Real files in the folder for SQLite, because a database in memory would flatter us; test databases for PostgreSQL."""
    from django.db import connections
    from django.test.utils import setup_databases, teardown_databases

    for connection in connections.all():
        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = str(folder / f"{connection.alias}.sqlite3")
    made = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(made, verbosity=0)


def suites(only: str) -> Iterator[Any]:
    import tests.bench

    for found in sorted(pkgutil.iter_modules(tests.bench.__path__), key=lambda module: module.name):
        if found.name != "__main__" and only in found.name:
            module = importlib.import_module(f"tests.bench.{found.name}")
            if hasattr(module, "benchmarks"):
                yield module


def results(folder: Path, only: str) -> Iterator[dict[str, Any]]:
    from tests.bench.measuring import measure

    for suite in suites(only):
        for benchmark in suite.benchmarks(folder):
            sys.stderr.write(f"… {benchmark.name}\n")
            yield measure(benchmark)


def run(folder: Path, only: str) -> dict[str, Any]:
    import django

    django.setup()
    from tests.bench.machine import machine, versions

    with databases(folder):
        head = {"schema": "temoin-bench/1", "measured": datetime.now(UTC).isoformat(timespec="seconds")}
        return head | {
            "machine": machine(),
            "versions": versions(),
            "results": list(results(folder, only)),
        }


def main() -> int:
    given = arguments()
    with throw_away_data() as folder:
        report = run(folder, given.only)
    from tests.bench.report import text

    if given.json:
        given.json.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    sys.stdout.write(text(report))
    over = [entry["name"] for entry in report["results"] if entry.get("within_budget") is False]
    return 1 if over and given.strict else 0


if __name__ == "__main__":
    sys.exit(main())
