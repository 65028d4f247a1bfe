"""A spreadsheet of records, or of counts, as linked tables: for the command line and for whoever uses this as a library."""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from casework.disclosure.dimensions import TOTAL, Category, Dimension
from casework.disclosure.errors import BadTable
from casework.disclosure.tables import LinkedTables, TableSpec, build

Rows = list[dict[str, str]]
MOST_RECORDS = 10_000_000


def read_csv(
    path: Path,
    tables: Sequence[Sequence[str]],
    *,
    count_column: str = "",
    sensitive: Collection[str] = (),
    parents: Path | None = None,
) -> LinkedTables:
    """One row a record, or a group of as many records as `count_column` says; an empty cell is “not recorded”.

    tables: the columns that each table crosses. sensitive: columns of sensitive facts. parents: a CSV with the columns
    dimension, category, parent; categories it does not name lie under TOTAL. Raises BadTable, naming line and column.
    """
    rows = _rows(path, {code for table in tables for code in table} | {count_column} - {""})
    trees = _trees(parents)
    codes = dict.fromkeys(code for table in tables for code in table)
    weights = _weights(rows, count_column, path.name)
    dimensions = [_dimension(code, rows, trees.get(code, {}), sensitive) for code in codes]
    columns = {d.code: np.repeat(d.encode(row[d.code] or None for row in rows), weights) for d in dimensions}
    return build(dimensions, [TableSpec(tuple(table)) for table in tables], columns, int(weights.sum()))


def _rows(path: Path, wanted: Collection[str]) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            reader = csv.DictReader(file)
            missing = sorted(set(wanted) - set(reader.fieldnames or ()))
            if missing:
                raise BadTable(f"{path.name} has no column {', '.join(missing)}")
            return [{code: (row[code] or "").strip() for code in wanted} for row in reader]
        except (csv.Error, UnicodeDecodeError):
            raise BadTable(f"{path.name} is not a CSV in UTF-8") from None


def _weights(rows: Rows, column: str, name: str) -> np.ndarray:
    if not column:
        return np.ones(len(rows), dtype=np.int64)
    found = []
    for line, row in enumerate(rows, 2):
        if not row[column].isascii() or not row[column].isdigit():
            raise BadTable(f"{name}, line {line}: {column} is not a whole number of records")
        found.append(int(row[column]))
    if sum(found) > MOST_RECORDS:
        raise BadTable(f"{name} stands for more than {MOST_RECORDS} records")
    return np.array(found, dtype=np.int64)


def _trees(path: Path | None) -> dict[str, dict[str, str]]:
    trees: dict[str, dict[str, str]] = {}
    for row in _rows(path, ("dimension", "category", "parent")) if path else []:
        trees.setdefault(row["dimension"], {})[row["category"]] = row["parent"] or TOTAL
    return trees


def _dimension(code: str, rows: Rows, tree: dict[str, str], sensitive: Collection[str]) -> Dimension:
    """Categories in the order of the hierarchy, then those that only occur in the rows, sorted."""
    seen = {row[code] for row in rows} - {""}
    categories = [Category(category, parent) for category, parent in tree.items()]
    categories += [Category(category) for category in sorted(seen - tree.keys())]
    return Dimension(code, tuple(categories), sensitive=code in sensitive)
