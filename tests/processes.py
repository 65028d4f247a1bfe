"""A whole Témoin on a folder of its own: web, worker and beat as `manage.py serve` starts them, everything they write below one
folder, and a way to kill the worker in the middle of its work."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.conf import settings

PATIENCE = 90.0
# What belongs to the machine the tests run on must not reach what they start.
OWN = re.compile(r"^(DATA_DIR|PORT|TMPDIR|HOME|XDG_.*|MPLCONFIGDIR|TEMOIN_(?!TEST_|REQUIRE_).*|DJANGO_.*)$")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(what: Callable[[], bool], name: str, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain for: {name}")
        time.sleep(0.02)


class Temoin:
    """`folder` holds all of it: data, temporary files, home, and what the processes printed."""

    def __init__(self, folder: Path, data: Path | None = None, **environment: str) -> None:
        """`data`: a data folder to begin with, such as databases that are migrated already."""
        self.folder, self.port = folder, free_port()
        self.data, self.printed = folder / "data", folder / "printed"
        for name in ("data", "tmp", "home", "printed"):
            (folder / name).mkdir(mode=0o700)
        if data:
            shutil.copytree(data, self.data, dirs_exist_ok=True)
        self.environment = self._environment() | environment
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not OWN.match(name)}
        own = {"DATA_DIR": self.data, "TMPDIR": self.folder / "tmp", "HOME": self.folder / "home"}
        # Cheap stretching: the cost of a passphrase is measured elsewhere.
        local = {"TEMOIN_INSECURE_LOCAL": "1", "TEMOIN_INSECURE_KDF": "1", "TEMOIN_WEB_PROCESSES": "1"}
        return kept | {name: str(path) for name, path in own.items()} | local

    def manage(self, *words: str, typed: str = "", kept: bool = True) -> str:
        """A command, and what it printed. Both streams are kept like a log, unless they are for one person's eyes."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=settings.BASE_DIR,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        if kept:
            self.keep_printed(words[0], done.stdout + done.stderr)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def keep_printed(self, name: str, text: str) -> None:
        with (self.printed / f"{name}.txt").open("a") as file:
            file.write(text)

    def start(self, *options: str) -> None:
        with (self.printed / "serve.txt").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(self.port), *options],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        wait_for(self.is_up, "web, worker and beat")

    def is_up(self) -> bool:
        log = (self.printed / "serve.txt").read_text(errors="replace")
        if self.process and self.process.poll() is not None:
            raise AssertionError(f"serve ended with {self.process.returncode}: {log[-3000:]}")
        return self.address in log

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        self.process.kill()
        self.process.wait()
        self.process = None

    def worker_pids(self) -> list[int]:
        """The worker and the children it forked, found by their parents and not by a name others may bear."""
        assert self.process
        workers = [
            pid for pid in children_of(self.process.pid) if b"worker" in command_line(pid).split(b"\0")
        ]
        return [pid for worker in workers for pid in (worker, *children_of(worker))]

    def kill_worker(self, pids: list[int] | None = None) -> None:
        """`pids`: found beforehand, for whoever has no time to look for them."""
        for pid in pids or self.worker_pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def children_of(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The second field, the name, may hold spaces; the parent follows the state after its closing bracket.
            if int(status.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(status.parent.name))
    return found
