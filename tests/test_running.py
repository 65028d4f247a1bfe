"""Starting the processes together, giving each its own environment, and leaving none behind."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from config import running

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
# Has a child of its own, says so, and refuses to be asked.
STUBBORN = (
    "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
    "open(sys.argv[1], 'w').write(f'{child.pid} '); time.sleep(600)"
)


def a_child(name: str, line: list[str] = SLEEPER) -> running.Child:
    return running.Child(name, line, dict(os.environ))


def lives(pid: int) -> bool:
    """A zombie that nobody has waited for yet does not live."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def all_gone(pids: Iterable[int]) -> bool:
    """Soon: a signal that cannot be refused still takes the kernel a moment."""
    deadline = time.monotonic() + 30
    while any(map(lives, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(map(lives, pids))


def pid_of(child: running.Child) -> int:
    assert child.process
    return child.process.pid


@pytest.fixture
def supervise() -> Iterator[Callable[..., running.Supervisor]]:
    made: list[running.Supervisor] = []

    def start(*children: running.Child) -> running.Supervisor:
        made.append(running.Supervisor(children))
        made[-1].start()
        return made[-1]

    yield start
    for supervisor in made:
        supervisor.stop()


def test_the_web_process_is_not_told_of_the_statistics_root(tmp_path: Path):
    given = {"TEMOIN_STATISTICS_ROOT_FILE": "/root", "TEMOIN_KEYS_DIR": "/keys", "TEMOIN_SECRET_KEY": "s"}
    given |= {"TEMOIN_EVIDENCE_DIR": "/evidence"}
    children = running.children(8000, tmp_path, tmp_path / "keys", tmp_path / "statistics.root", given)
    told = {child.name: child.environment for child in children}
    assert list(told) == ["web", "worker", "beat"]
    assert "TEMOIN_STATISTICS_ROOT_FILE" not in told["web"]
    assert told["worker"]["TEMOIN_STATISTICS_ROOT_FILE"] == str(tmp_path / "statistics.root")
    assert "TEMOIN_SECRET_KEY" not in told["worker"]
    assert "TEMOIN_EVIDENCE_DIR" in told["web"]
    assert not [name for name in ("worker", "beat") if "TEMOIN_EVIDENCE_DIR" in told[name]]
    assert not {"TEMOIN_SECRET_KEY", "TEMOIN_STATISTICS_ROOT_FILE", "TEMOIN_KEYS_DIR"} & set(told["beat"])


def test_the_worker_s_key_folder_has_the_public_key_and_no_pepper(tmp_path: Path):
    keys = tmp_path / "keys"
    keys.mkdir()
    folder = running.worker_keys(tmp_path, keys)
    (keys / "pepper").write_text("pepper")
    # Set-up may come after the worker has started.
    (keys / "organisation.pub").write_text("public")
    assert {path.name for path in folder.iterdir()} == {"organisation.pub", "ledger.key"}
    assert (folder / "organisation.pub").read_text() == "public"
    assert running.worker_keys(tmp_path, keys) == folder


@pytest.mark.parametrize("text", ["", "eight", "0", "65536", "-1", "80 80"])
def test_a_port_that_is_no_port_is_refused_by_name(text: str):
    with pytest.raises(running.CannotRun, match="from 1 to 65535"):
        running.free_port(text)


def test_a_port_that_is_taken_is_named_and_another_one_suggested():
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(running.CannotRun, match=f"Port {port} cannot be used.*PORT=8123 make demo"):
            running.free_port(str(port))
    assert running.free_port(str(port)) == port


def test_everything_stops_and_grandchildren_too(
    supervise: Callable[..., running.Supervisor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(running, "STOPPING_SECONDS", 0.5)
    note = tmp_path / "pid"
    stubborn = a_child("stubborn", [sys.executable, "-c", STUBBORN, str(note)])
    supervisor = supervise(a_child("web"), stubborn)
    assert supervisor.wait_until(lambda: note.exists() and note.read_text().endswith(" "), 30)
    everyone = [*map(pid_of, supervisor.children), int(note.read_text())]
    assert all(map(lives, everyone))
    supervisor.stop()
    assert all_gone(everyone)


def test_a_killed_process_is_started_again(supervise: Callable[..., running.Supervisor]):
    supervisor = supervise(a_child("worker"))
    (worker,) = supervisor.children
    first = pid_of(worker)
    os.kill(first, signal.SIGKILL)
    worker.process.wait()
    supervisor.revive(worker)
    assert pid_of(worker) != first
    assert lives(pid_of(worker))


def test_a_process_that_keeps_dying_is_given_up(supervise: Callable[..., running.Supervisor]):
    supervisor = supervise(a_child("beat"))
    (beat,) = supervisor.children
    beat.restarts = running.RESTARTS
    with pytest.raises(running.CannotRun, match="beat process stopped 6 times"):
        supervisor.revive(beat)


def test_a_process_that_dies_at_the_start_is_named(supervise: Callable[..., running.Supervisor]):
    supervisor = supervise(a_child("web"), a_child("worker", [sys.executable, "-c", "raise SystemExit(3)"]))
    with pytest.raises(running.CannotRun, match="worker process did not start"):
        supervisor.wait_until(lambda: False, 60)


def test_waiting_ends_when_time_is_up(supervise: Callable[..., running.Supervisor]):
    with pytest.raises(running.CannotRun, match="within 0 seconds"):
        supervise(a_child("web")).wait_until(lambda: False, 0)


def test_a_signal_ends_the_waiting_and_the_watching(supervise: Callable[..., running.Supervisor]):
    supervisor = supervise(a_child("web"))
    supervisor.stopping.set()
    assert supervisor.wait_until(lambda: True, 60) is False
    supervisor.keep_alive()


def test_whatever_goes_wrong_nothing_is_left_behind():
    """An error after the start still stops everything. A process of its own, because it takes the signals over."""
    code = (
        "import os, sys\n"
        "from config import running\n"
        "child = running.Child('web', [sys.executable, '-c', 'import time; time.sleep(600)'], dict(os.environ))\n"
        "def announce():\n"
        "    print(child.process.pid, flush=True)\n"
        "    raise RuntimeError\n"
        "running.run(running.Supervisor([child]), lambda: True, announce)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert all_gone([int(done.stdout)])


class Answer(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Silent."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Answer) as made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made.server_port
        made.shutdown()
        thread.join()


def test_it_is_healthy_when_the_worker_has_worked_and_the_page_says_so(server: int, tmp_path: Path):
    assert not running.healthy(server, tmp_path)
    (tmp_path / "worker.alive").touch()
    assert running.healthy(server, tmp_path)


def test_a_page_that_says_no_is_not_healthy(server: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "worker.alive").touch()
    monkeypatch.setattr(Answer, "status", 503)
    assert not running.healthy(server, tmp_path)


def test_no_page_at_all_is_not_healthy(tmp_path: Path):
    (tmp_path / "worker.alive").touch()
    assert not running.healthy(1, tmp_path)


def test_becoming_a_process_keeps_its_number_and_hides_the_rest():
    """What a container relies on: no shell between, so that a signal reaches the process itself."""
    code = (
        "import os\n"
        "from config import running\n"
        "running.COMMANDS = {'beat': ('-c', 'import os; print(os.getpid(), os.environ.get(\"TEMOIN_SECRET_KEY\"))')}\n"
        "print(os.getpid(), flush=True)\n"
        "running.become('beat')\n"
    )
    given = os.environ | {"TEMOIN_SECRET_KEY": "hidden"}
    done = subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, text=True, check=True)
    before, after, secret = done.stdout.split()
    assert (before, secret) == (after, "None")
