"""Several writers at once on a real database, on either engine: threads of this process, each with connections of its own."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.db import connections


@contextmanager
def on_disk(folder: Path) -> Iterator[None]:
    """The suite's SQLite databases live in memory and belong to one thread; these are copies that several may open.
    PostgreSQL is used as it is."""
    if connections["default"].vendor == "postgresql":
        yield
        return
    before = {alias: (connections[alias], connections.settings[alias]["NAME"]) for alias in connections}
    for alias in before:
        _move(alias, folder / f"{alias}.sqlite3")
    try:
        yield
    finally:
        for alias, (connection, name) in before.items():
            connections[alias].close()
            connections.settings[alias]["NAME"] = name
            connections[alias] = connection


def _move(alias: str, path: Path) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    connections.settings[alias]["NAME"] = str(path)
    connections[alias] = connections.create_connection(alias)
    # The copy has another journal, and the first to open it changes that: nobody may be waiting yet.
    connections[alias].ensure_connection()


def at_once(works: Sequence[Callable[[], object]]) -> list[BaseException]:
    """Runs all of them side by side, from the same starting line; what went wrong in each."""
    errors: list[BaseException] = []
    line = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            line.wait(30)
            work()
        except BaseException as error:  # noqa: BLE001 - a thread's error would be printed and forgotten
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    return errors
