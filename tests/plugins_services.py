"""What the suite needs from the machine: a data folder that is not the developer's, and PostgreSQL, Redis, Chromium if there.

A test that asks for an absent service is skipped, and the summary names the service. Under TEMOIN_REQUIRE_SERVICES=1, as in
`.ci/run`, such a skip is a failure. `tests/conftest.py` loads this file.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pytest
import redis

from tests.processes import Temoin

CHROMIUM = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FOLDER = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Each process of the suite has a data folder and so a broker of its own, whatever a developer's demo is doing."""
    from django.conf import settings

    folder = config.stash[FOLDER] = Path(tempfile.mkdtemp(prefix="temoin-tests-"))
    settings.DATA_DIR = folder
    settings.BROKER_DIR = folder / "broker"
    settings.TEMOIN_BROKER = "filesystem"
    settings.STATIC_ROOT = folder / "static"
    settings.STATIC_ROOT.mkdir()


def pytest_unconfigure(config: Any) -> None:
    shutil.rmtree(config.stash[FOLDER], ignore_errors=True)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with three empty, migrated SQLite databases, to copy. All processes of the suite share one."""
    folder = shared_by_all(tmp_path_factory) / "migrated"
    with alone(folder.with_suffix(".lock")):
        if not folder.exists():
            fresh = Temoin(tmp_path_factory.mktemp("migrating"))
            fresh.manage("migrate_all", "--verbosity", "0")
            shutil.copytree(fresh.data, folder)
    return folder


def shared_by_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that every process of this run of the suite knows."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """While no other process of the suite is inside."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def absent(service: str, how: str) -> NoReturn:
    message = f"{service} is absent: {how}"
    if os.environ.get("TEMOIN_REQUIRE_SERVICES") == "1":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A connection string of a server on which this user may create databases."""
    url = os.environ.get("TEMOIN_TEST_POSTGRES")
    if not url:
        absent("PostgreSQL", "TEMOIN_TEST_POSTGRES names no server")
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError:
        absent("PostgreSQL", "the server named by TEMOIN_TEST_POSTGRES does not answer")
    return url


@pytest.fixture
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server that belongs to one test at a time: it is emptied before and after."""
    url = os.environ.get("TEMOIN_TEST_REDIS")
    if not url:
        absent("Redis", "TEMOIN_TEST_REDIS names no server")
    server = redis.Redis.from_url(url, socket_connect_timeout=3)
    try:
        server.ping()
    except redis.ConnectionError:
        absent("Redis", "the server named by TEMOIN_TEST_REDIS does not answer")
    with alone(shared_by_all(tmp_path_factory) / "redis.lock"):
        server.flushall()
        yield url
        server.flushall()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium that Playwright can be told to use; Playwright's own downloads are never needed."""
    named = os.environ.get("TEMOIN_TEST_CHROMIUM")
    path = named or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if not path:
        absent("Chromium", "no browser is installed")
    return path
