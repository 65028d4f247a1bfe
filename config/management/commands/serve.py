"""`manage.py serve`: web, worker and beat together, or one of them."""

import fcntl
import os
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config import running
from config.checks import refuse_a_bad_start


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Two sets of processes on one folder would do every job twice. The lock goes when this process does, however it ends."""
    with (folder / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise running.CannotRun(
                f"Témoin is already running on {folder}. Stop it, or choose another DATA_DIR."
            ) from error
        yield


class Command(BaseCommand):
    help = "Run web, worker and beat on this machine until Ctrl-C, or become one of them."
    # Each of the started processes runs the checks that concern it.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "process", nargs="?", choices=sorted(running.COMMANDS), help="become this one process"
        )
        parser.add_argument("--port", default=os.environ.get("PORT") or "8000", help="default: PORT, or 8000")
        parser.add_argument(
            "--demo", action="store_true", help="first make the databases and load the sample data"
        )

    def handle(self, *args: Any, process: str | None, port: str, demo: bool, **options: Any) -> None:
        # What the processes write is for their own user, on a machine that others may share.
        os.umask(0o077)
        if process:
            self.become(process)
        try:
            with only_one(settings.DATA_DIR):
                self.serve(running.free_port(port), demo)
        except running.CannotRun as error:
            raise CommandError(str(error)) from error

    def become(self, process: str) -> None:
        # gunicorn's own start runs the checks in web; beat holds nothing that could be checked.
        if process == "worker":
            refuse_a_bad_start()
        running.become(process)

    def serve(self, port: int, demo: bool) -> None:
        given = os.environ | {"DATA_DIR": str(settings.DATA_DIR)}
        given |= {"MPLCONFIGDIR": given.get("MPLCONFIGDIR", str(settings.DATA_DIR / "matplotlib"))}
        root = Path(settings.TEMOIN_STATISTICS_ROOT_FILE or settings.TEMOIN_KEYS_DIR / "statistics.root")
        told = self.prepare_demo(given | {"TEMOIN_STATISTICS_ROOT_FILE": str(root)}) if demo else ""
        data = settings.DATA_DIR
        supervisor = running.Supervisor(running.children(port, data, settings.TEMOIN_KEYS_DIR, root, given))
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        (data / "worker.alive").unlink(missing_ok=True)
        running.run(supervisor, lambda: running.healthy(port, data), lambda: self.announce(port, told))
        self.stdout.write("Stopped.")

    def prepare_demo(self, environment: dict[str, str]) -> str:
        """What `demo_data` prints, which is the sample accounts; it loads nothing twice."""
        self.stdout.write(f"Preparing the data in {settings.DATA_DIR} …")
        call_command("migrate_all", verbosity=0)
        # A process of its own: it may hold the statistics root, which the supervisor and the web process never do.
        line = [sys.executable, "manage.py", "demo_data"]
        done = subprocess.run(  # noqa: S603
            line, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            raise running.CannotRun("The sample data could not be loaded; the message stands above.")
        return done.stdout

    def announce(self, port: int, told: str) -> None:
        if told:
            self.stdout.write(told)
        self.stdout.write(self.style.SUCCESS(f"Témoin runs at http://127.0.0.1:{port}/ (Ctrl-C stops it)"))
        self.stdout.flush()
