"""Backups as an operator makes them, and their restoring: a copy of the file, or of the PostgreSQL database."""

import shutil
from pathlib import Path

import psycopg
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


def _postgres(connection: BaseDatabaseWrapper) -> psycopg.Connection[tuple[object, ...]]:
    given = connection.get_connection_params()
    server = {name: given[name] for name in ("host", "port", "user", "password") if name in given}
    return psycopg.connect(dbname="postgres", autocommit=True, **server)


def back_up(alias: str, folder: Path) -> str:
    """Where it is kept. Inside `writers.on_disk`, and not inside a transaction."""
    connection = connections[alias]
    if connection.vendor == "sqlite":
        path = folder / f"{alias}.backup"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(path)])
        return str(path)
    name = f"{connection.settings_dict['NAME']}_backup"
    _copy(connection, str(connection.settings_dict["NAME"]), name)
    return name


def restore(alias: str, kept: str) -> None:
    """The database as it was then, in place of the one that is there."""
    connection = connections[alias]
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        connection.close()
        for path in Path(name).parent.glob(f"{Path(name).name}-*"):
            path.unlink()
        shutil.copyfile(kept, name)
        return
    _copy(connection, kept, name)


def forget(alias: str, kept: str) -> None:
    connection = connections[alias]
    if connection.vendor == "postgresql":
        with _postgres(connection) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{kept}" WITH (FORCE)')  # type: ignore[arg-type]


def _copy(connection: BaseDatabaseWrapper, source: str, target: str) -> None:
    connection.close()
    with _postgres(connection) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')  # type: ignore[arg-type]
        server.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')  # type: ignore[arg-type]
