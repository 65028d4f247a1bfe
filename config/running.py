"""Starts the three processes of a running Témoin, each with only the part of the environment it needs, and stops them together.

`manage.py serve` supervises all three on one machine; `manage.py serve web` (or worker, beat) becomes that one process, which
is what a container or a systemd unit runs.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from celery.platforms import set_pdeathsig  # type: ignore[attr-defined]  # missing from the type stubs only

Environment = Mapping[str, str]

STOPPING_SECONDS = 10
HEALTHY_SECONDS = 90
# A process that dies this often is not unlucky but broken.
RESTARTS = 5

CELERY = ("-m", "celery", "--app", "config", "--quiet")
COMMANDS: dict[str, tuple[str, ...]] = {
    "web": ("-m", "gunicorn", "--config", "python:config.gunicorn", "config.wsgi:application"),
    # Gossip, mingle and heartbeat are workers telling each other about themselves through the broker.
    "worker": (
        *CELERY,
        "worker",
        "--pool",
        "prefork",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ),
    "beat": (*CELERY, "beat"),
}
# On SIGTERM, Celery would wait for a running job however long it takes; remapped, it gives the job back after a moment.
GIVEN: dict[str, dict[str, str]] = {"web": {}, "worker": {"REMAP_SIGTERM": "SIGQUIT"}, "beat": {}}
# What a process must not even know the name of: the worker could forge sessions with the signing key, and the web process
# could read the whole of the statistics with their root.
WITHHELD: dict[str, tuple[str, ...]] = {
    "web": ("TEMOIN_STATISTICS_ROOT_FILE",),
    "worker": ("TEMOIN_SECRET_KEY", "TEMOIN_EVIDENCE_DIR"),
    "beat": ("TEMOIN_SECRET_KEY", "TEMOIN_STATISTICS_ROOT_FILE", "TEMOIN_KEYS_DIR", "TEMOIN_EVIDENCE_DIR"),
}


class CannotRun(Exception):
    """The text is for the person at the terminal."""


def command(process: str) -> list[str]:
    concurrency = os.environ.get("TEMOIN_WORKER_PROCESSES", "1")
    more = ["--concurrency", concurrency] if process == "worker" else []
    return [sys.executable, *COMMANDS[process], *more]


def environment(process: str, given: Environment) -> dict[str, str]:
    kept = {name: value for name, value in given.items() if name not in WITHHELD[process]}
    settings = given.get("DJANGO_SETTINGS_MODULE", "config.settings")
    return kept | GIVEN[process] | {"DJANGO_SETTINGS_MODULE": settings, "TEMOIN_PROCESS": process}


def become(process: str) -> None:
    """Replace this process, so that signals from a container or an init system reach the right one."""
    line = command(process)
    os.execve(line[0], line, environment(process, os.environ))  # noqa: S606 - a shell is what must not be between


def free_port(text: str) -> int:
    """The port as a number, once it is sure that nothing else listens there."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotRun(f"PORT must be a number from 1 to 65535, not “{text}”.")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotRun(
                f"Port {port} cannot be used ({error.strerror}). Try another: PORT=8123 make demo"
            ) from error
    return port


def healthy(port: int, data: Path) -> bool:
    """Asked once the worker has carried out its first order: before that, the answer is no and the log would say so each time."""
    if not (data / "worker.alive").exists():
        return False
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:  # noqa: S310 - our own port
            return bool(answer.status == 200)
    except OSError:
        return False


@dataclass
class Child:
    name: str
    line: Sequence[str]
    environment: Environment
    restarts: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which then asks each to finish. Should the
        # supervisor itself be killed, the kernel passes that on.
        self.process = subprocess.Popen(  # noqa: S603 - the command is one of COMMANDS
            self.line,
            env=dict(self.environment),
            start_new_session=True,
            preexec_fn=lambda: set_pdeathsig("SIGTERM"),
        )

    def died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def bury(self, seconds: float) -> None:
        """Wait, then end whatever is left of the whole session, grandchildren included."""
        if not self.process:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(seconds, 0))
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Supervisor:
    def __init__(self, children: Sequence[Child]) -> None:
        self.children = children
        self.stopping = threading.Event()

    def stop_on_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stopping.set())

    def start(self) -> None:
        for child in self.children:
            child.start()

    def revive(self, child: Child) -> None:
        child.bury(0)
        if child.restarts >= RESTARTS:
            raise CannotRun(
                f"The {child.name} process stopped {RESTARTS + 1} times; its own messages stand above."
            )
        self.stopping.wait(child.restarts)
        child.restarts += 1
        child.start()

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> bool:
        """False when a signal came first. A child that dies this early will not do better the second time."""
        deadline = time.monotonic() + seconds
        while not self.stopping.wait(0.2):
            if ready():
                return True
            dead = [child.name for child in self.children if child.died()]
            if dead:
                raise CannotRun(f"The {dead[0]} process did not start; its own messages stand above.")
            if time.monotonic() > deadline:
                raise CannotRun(
                    f"Not everything was up within {seconds:g} seconds; the messages stand above."
                )
        return False

    def keep_alive(self) -> None:
        """Until a signal comes, whoever dies is started again."""
        while not self.stopping.wait(0.2):
            for child in self.children:
                if child.died():
                    self.revive(child)

    def stop(self) -> None:
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + STOPPING_SECONDS
        for child in self.children:
            child.bury(deadline - time.monotonic())


def worker_keys(data: Path, keys: Path) -> Path:
    """A key folder for the worker in which there is no pepper. Links, because set-up may come after the start."""
    folder = data / "worker-keys"
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in ("organisation.pub", "ledger.key"):
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(keys.resolve() / name)
    return folder


def children(port: int, data: Path, keys: Path, statistics_root: Path, given: Environment) -> list[Child]:
    """The three processes of one machine. The worker alone is told where the statistics root is, and not where the pepper is."""
    own = {
        "web": {"TEMOIN_BIND": f"127.0.0.1:{port}", "TEMOIN_KEYS_DIR": str(keys)},
        "worker": {
            "TEMOIN_KEYS_DIR": str(worker_keys(data, keys)),
            "TEMOIN_STATISTICS_ROOT_FILE": str(statistics_root),
        },
        "beat": {},
    }
    return [Child(name, command(name), environment(name, given) | own[name]) for name in COMMANDS]


def run(supervisor: Supervisor, ready: Callable[[], bool], announce: Callable[[], None]) -> None:
    """Until a signal comes. Whatever happens, nothing that was started is left behind."""
    supervisor.stop_on_signals()
    try:
        supervisor.start()
        if supervisor.wait_until(ready, HEALTHY_SECONDS):
            announce()
            supervisor.keep_alive()
    finally:
        supervisor.stop()
