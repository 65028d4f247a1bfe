"""`make demo`, from an empty folder to Ctrl-C: what a newcomer does first must never rot."""

import datetime as dt
import os
import re
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from casework.samples import every_text, sample_files
from tests.test_running import all_gone, lives

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 240
RUNS = re.compile(r"Témoin runs at (http://127\.0\.0\.1:\d+/)")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(2 * PATIENCE)]


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Demo:
    """One running `manage.py serve --demo`, as `make demo` starts it."""

    folder: Path
    port: int = field(default_factory=a_free_port)
    said: str = ""

    def start(self) -> "Demo":
        line = [sys.executable, "manage.py", "serve", "--demo"]
        self.process = subprocess.Popen(
            line, cwd=ROOT, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        os.set_blocking(self.process.stdout.fileno(), False)
        return self

    def environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TEMOIN", "PG", "DJANGO"))
        }
        return kept | {
            "DATA_DIR": str(self.folder),
            "PORT": str(self.port),
            "TEMOIN_INSECURE_LOCAL": "1",
            "TEMOIN_DEMO": "1",
            "PYTHONUNBUFFERED": "1",
        }

    def attacked(self) -> subprocess.CompletedProcess[str]:
        """Everything that it has published, as a reader gets it."""
        line = [sys.executable, "manage.py", "attack_published"]
        return subprocess.run(
            line, cwd=ROOT, env=self.environment(), capture_output=True, text=True, timeout=PATIENCE
        )

    def hear(self, pattern: str | re.Pattern[str]) -> re.Match[str]:
        """What it says, until it says this."""
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.said)):
            assert time.monotonic() < deadline, self.said
            if select.select([self.process.stdout], [], [], 1)[0]:
                more = self.process.stdout.read() or b""
                assert more or self.process.poll() is None, self.said
                self.said += more.decode()
        return found

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=60)
        self.said += rest.decode()
        return self.process.returncode

    def page(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()

    def processes(self) -> dict[int, str]:
        """Everything alive that was started with this data folder."""
        mark = f"DATA_DIR={self.folder}".encode()
        found = {}
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (path / "environ").read_bytes().split(b"\0") and lives(int(path.name)):
                    found[int(path.name)] = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def worker(self) -> int | None:
        """The worker's own process, not the one it works in."""
        found = [pid for pid, line in self.processes().items() if " worker " in line]
        return min(found, default=None)

    def cases(self) -> int:
        with sqlite3.connect(self.folder / "main.sqlite3") as database:
            return int(database.execute("SELECT count(*) FROM casework_case").fetchone()[0])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    made = Demo(tmp_path_factory.mktemp("demo") / "data").start()
    try:
        made.hear(RUNS)
        yield made
    finally:
        if made.process.poll() is None:
            made.stop()
        for pid in made.processes():
            os.kill(pid, signal.SIGKILL)


def test_the_demonstration_from_an_empty_folder_to_ctrl_c_and_back(demo: Demo):
    """One story, in order, because each start costs half a minute."""
    assert demo.hear(RUNS)[1] == f"http://127.0.0.1:{demo.port}/"
    for name in ("alice", "bob", "charlie", "dana", "erin", "frank"):
        assert re.search(rf"^  {name}\b", demo.said, re.MULTILINE)
    assert demo.page("/healthz")[0] == 200
    assert demo.page("/published/")[0] == 200
    cases = demo.cases()
    assert cases > 200

    second = Demo(demo.folder).start()
    second.hear(f"Témoin is already running on {demo.folder}")
    assert second.process.wait(60) == 1

    # A killed worker comes back and works.
    first = demo.worker()
    assert first
    os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while demo.worker() in (None, first) or len(everyone := list(demo.processes())) < 6:
        assert time.monotonic() < deadline, demo.said
        time.sleep(0.2)
    assert demo.stop() == 0, demo.said
    assert all_gone(everyone)
    assert demo.processes() == {}
    assert demo.said.endswith("Stopped.\n")

    again = Demo(demo.folder).start()
    try:
        again.hear(RUNS)
        assert again.cases() == cases
        assert "alice" in again.said
        assert again.port != demo.port
    finally:
        everyone = list(again.processes())
        assert again.stop() == 0
    assert all_gone(everyone)
    assert again.processes() == {}
    nothing_is_readable(demo.folder, demo.said + again.said)
    attack = demo.attacked()
    assert attack.returncode == 0, attack.stdout
    assert attack.stdout == "1 publication a été attaquée sous toutes ses formes. Rien n'a été trouvé.\n"


def nothing_is_readable(folder: Path, said: str) -> None:
    """No sentence of the sample stories, in no file of the folder and in nothing that was printed."""
    sentences = [text for text in every_text(sample_files(dt.date.today())) if len(text) > 40]
    assert len(sentences) > 100
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {"main.sqlite3", "erasure.sqlite3", "sessions.sqlite3"} <= {path.name for path in files}
    everything = said.encode() + b"".join(path.read_bytes() for path in files)
    assert [text for text in sentences if text.encode() in everything] == []
