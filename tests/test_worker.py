"""A real worker on a real broker folder: killed without a warning, or with nowhere to send the message."""

import datetime as dt
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from config import running

ROOT = Path(__file__).parent.parent
PATIENCE = 120.0
pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]


class Workshop:
    """A data folder, the worker on it, and the story told in processes of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("TEMOIN_", "DJANGO_", "DATA_DIR", "PG"))
        }
        self.environment = kept | {
            "DATA_DIR": str(folder),
            "TEMOIN_INSECURE_LOCAL": "1",
            "TEMOIN_INSECURE_KDF": "1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": str(ROOT),
        }
        self.worker: subprocess.Popen[bytes] | None = None

    def tell(self, name: str) -> dict[str, Any]:
        last: dict[str, Any] = json.loads(self._run("-m", "tests.worker_story", name).splitlines()[-1])
        return last

    def _run(self, *line: str) -> str:
        done = subprocess.run(
            [sys.executable, *line],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        given = running.environment("worker", self.environment)
        with (self.folder / "worker.log").open("ab") as log:
            self.worker = subprocess.Popen(
                running.command("worker"), cwd=ROOT, env=given, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        """The whole group: the parent alone would leave its child at work."""
        if self.worker:
            os.killpg(self.worker.pid, signal.SIGKILL)
            self.worker.wait()
            self.worker = None

    def row(self, columns: str) -> tuple[Any, ...]:
        with closing(sqlite3.connect(self.folder / "main.sqlite3", timeout=20)) as database:
            found: tuple[Any, ...] = database.execute(f"SELECT {columns} FROM casework_job").fetchone()
            return found

    def make_stale(self) -> None:
        """As if a minute had passed in silence."""
        past = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=2)).strftime("%Y-%m-%d %H:%M:%S.%f")
        with closing(sqlite3.connect(self.folder / "main.sqlite3", timeout=20)) as database:
            database.execute("UPDATE casework_job SET heartbeat = ?", (past,))
            database.commit()

    def wait_for(self, what: Callable[[tuple[Any, ...]], bool], columns: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not what(self.row(columns)):
            assert time.monotonic() < deadline, (
                self.row("state, stage"),
                (self.folder / "worker.log").read_text()[-2000:],
            )
            time.sleep(0.02)


@pytest.fixture
def workshop(tmp_path: Path, migrated: Path) -> Iterator[Workshop]:
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    made = Workshop(tmp_path)
    yield made
    made.kill()


def test_a_worker_killed_in_the_middle_of_its_work_changes_nothing_about_the_result(
    workshop: Workshop,
) -> None:
    workshop.tell("begin_large")
    for attempt, stages in enumerate((("protect", "certify", "attack"), ("attack",)), 1):
        workshop.start()
        workshop.wait_for(lambda row, s=stages, n=attempt: row[0] in s and row[1] == n, "stage, attempts")  # type: ignore[misc]
        workshop.kill()
        assert workshop.row("state") == ("running",)
        workshop.make_stale()
        assert workshop.tell("pick_up") == {"sent": 1}
    workshop.start()
    workshop.wait_for(lambda row: row == ("done",), "state")
    workshop.kill()
    told = workshop.tell("compare")
    assert told == {"status": "drafted", "attempts": 3, "same": True, "steps": 0, "cells": told["cells"]}
    assert told["cells"] > 400


def test_with_the_broker_s_folder_gone_the_question_is_kept_and_answered_later(workshop: Workshop) -> None:
    broker = workshop.folder / "broker"
    # A file where the folder should be: nobody can write into it, root included.
    broker.write_text("")
    workshop.environment["TEMOIN_BROKER"] = "filesystem"
    try:
        kept = workshop.tell("begin_small")
    finally:
        broker.unlink()
    assert kept["state"] == "queued"
    assert workshop.tell("pick_up") == {"sent": 1}
    workshop.start()
    workshop.wait_for(lambda row: row == ("done",), "state")


def test_with_redis_down_the_question_is_kept_and_answered_later(workshop: Workshop) -> None:
    # Nothing listens on the port for discarded traffic.
    workshop.environment["TEMOIN_BROKER"] = "redis://127.0.0.1:9/0"
    assert workshop.tell("begin_small")["state"] == "queued"
    workshop.environment["TEMOIN_BROKER"] = "filesystem"
    assert workshop.tell("pick_up") == {"sent": 1}
    workshop.start()
    workshop.wait_for(lambda row: row == ("done",), "state")


def test_neither_the_broker_s_folder_nor_the_log_says_what_was_asked(workshop: Workshop) -> None:
    workshop.tell("begin_small")
    messages = b"".join(path.read_bytes() for path in (workshop.folder / "broker").iterdir())
    workshop.start()
    workshop.wait_for(lambda row: row == ("done",), "state")
    workshop.kill()
    said = messages + (workshop.folder / "worker.log").read_bytes()
    for word in (b"Interceptions", b"Stops", b"borough", b"pretext", b"dana"):
        assert word not in said
