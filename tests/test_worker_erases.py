"""The worker alone runs retention from end to end: in its own environment, with its own role, without a key to any case."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from config import running
from tests.processes import Temoin
from tests.test_docker import init_databases as init_databases


def told(environment: dict[str, str], what: str, *given: Any) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "tests.retention_story", what, *map(json.dumps, given)],
        cwd=settings.BASE_DIR,
        env=environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def worker_of(temoin: Temoin) -> dict[str, str]:
    """As `serve` starts it: no signing key, a key folder without the pepper."""
    keys = temoin.data / "keys"
    own = {
        "TEMOIN_KEYS_DIR": str(running.worker_keys(temoin.data, keys)),
        "TEMOIN_STATISTICS_ROOT_FILE": str(keys / "statistics.root"),
    }
    return running.environment("worker", temoin.environment) | own


def runs_retention(web: dict[str, str], worker: dict[str, str]) -> Any:
    ids = told(web, "furnish")
    found = told(worker, "work")
    assert told(web, "look", ids) == {
        "cases": ["held", "kept"],
        "shares": ["held", "kept"],
        "rules": ["asked", "retention"],
        "agrees": True,
        "chain": True,
        "findings": [],
        # The coarse record of "old" stays uncounted until its own month: nothing leads to it.
        "counted": 3,
    }
    return found


def test_on_sqlite_the_worker_erases_what_is_due_and_nothing_else(tmp_path: Path) -> None:
    """One folder holds the three databases here: that the worker leaves the shares alone is its own decency, and documented."""
    temoin = Temoin(tmp_path)
    temoin.manage("migrate_all", "--verbosity", "0")
    assert runs_retention(temoin.environment, worker_of(temoin)) == {"pepper": False, "reads a share": True}


@pytest.mark.services
def test_on_postgresql_the_worker_s_role_erases_what_it_may_not_read(
    tmp_path: Path, init_databases: dict[str, str]
) -> None:
    where = {
        "TEMOIN_DATABASE": "postgresql",
        "PGHOST": init_databases["host"],
        "PGPORT": init_databases["port"],
    }
    names = {f"TEMOIN_{name.upper()}_DB_NAME": f"temoin_{name}" for name in ("main", "erasure", "sessions")}
    (tmp_path / "app").mkdir()
    temoin = Temoin(tmp_path / "app", **where, **names, PGUSER="temoin_web")
    temoin.manage("migrate_all", "--verbosity", "0")
    worker = worker_of(temoin) | {"PGUSER": "temoin_worker"}
    assert runs_retention(temoin.environment, worker) == {"pepper": False, "reads a share": False}
