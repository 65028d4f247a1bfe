"""What the figures were measured on: without it, they mean nothing."""

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.db import connection

PACKAGES = ("django", "cryptography", "msgspec", "numpy", "scipy", "highspy", "psycopg")


def field_of(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return "unknown"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(name)), "unknown")


def machine() -> dict[str, Any]:
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": field_of("/proc/cpuinfo", "model name"),
        "memory": field_of("/proc/meminfo", "MemTotal"),
        "system": platform.platform(terse=True),
        "load_before": os.getloadavg()[0],
    }


def versions() -> dict[str, str]:
    return {"python": platform.python_version(), "database": database()} | {
        name: version(name) for name in PACKAGES
    }


def database() -> str:
    if connection.vendor == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0]}"
