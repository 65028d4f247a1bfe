"""The cast costs a tenth of a second to build, and most tests want it. So each process builds it once, and a test gets a copy:
the same rows put back into its own database, the same key files in its own folder, people nobody else has changed."""

import copy
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings

from accounts.crypto.passphrase import KDF_FOR_TESTS_INSECURE
from tests.cast import Cast, build_cast

# Column names and rows, by table.
Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]


class KeptCast:
    def __init__(self, folder: Path) -> None:
        """Built in a transaction that is taken back: tests of a place before set-up find an empty database. `folder`: where the
        key files stay."""
        self.folder = folder
        with _as_in_tests(folder), transaction.atomic():
            before = _rows()
            self.cast = build_cast()
            self.rows = {
                table: (names, _new(before, table, rows)) for table, (names, rows) in _rows().items()
            }
            transaction.set_rollback(True)

    def put_back(self) -> Cast:
        shutil.copytree(self.folder, settings.TEMOIN_KEYS_DIR)
        with transaction.atomic(), connection.cursor() as cursor:
            for table, (names, rows) in self.rows.items():
                if rows:
                    cursor.executemany(_insertion(table, names), rows)
        people, verdun, other = copy.deepcopy((self.cast.users, self.cast.verdun, self.cast.other_team))
        return Cast(people, dict(self.cast.principals), verdun, other)


@contextmanager
def _as_in_tests(folder: Path) -> Iterator[None]:
    given = {"TEMOIN_KEYS_DIR": folder, "TEMOIN_KDF": KDF_FOR_TESTS_INSECURE}
    with override_settings(**given, TEMOIN_STATISTICS_ROOT_FILE="", LANGUAGE_CODE="en"):
        yield


def _rows() -> Rows:
    """Of every table of ours, in clear or sealed, as they lie there."""
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    with connection.cursor() as cursor:
        return {table: _read(cursor, table) for table in sorted(tables & set(_present(cursor)))}


def _present(cursor: Any) -> list[str]:
    return connection.introspection.table_names(cursor)


def _read(cursor: Any, table: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
    return [column[0] for column in cursor.description], [tuple(row) for row in cursor.fetchall()]


def _new(before: Rows, table: str, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [row for row in rows if row not in before[table][1]]


def _insertion(table: str, names: list[str]) -> str:
    columns = ", ".join(map(connection.ops.quote_name, names))
    return f"INSERT INTO {connection.ops.quote_name(table)} ({columns}) VALUES ({', '.join(['%s'] * len(names))})"
