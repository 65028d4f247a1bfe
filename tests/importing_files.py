"""Files as groups send them, made in memory for the import tests."""

import datetime as dt
import io
from typing import Any

import openpyxl

from casework.importing import BadRow, read_cases
from casework.record import CaseRecord

TODAY = dt.date(2026, 3, 1)

GOOD: dict[str, str] = {
    "reference": "HERON",
    "event_date": "2024-03",
    "consent_purposes": "STORE|STATS",
    "consent_mode": "ORAL",
    "consent_date": "2025-06-01",
}


def csv_file(*rows: dict[str, str], delimiter: str = ",", encoding: str = "utf-8") -> io.BytesIO:
    """Rows may lack cells; every cell is quoted."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    quoted = (delimiter.join('"' + c.replace('"', '""') + '"' for c in line) for line in lines)
    return io.BytesIO("\r\n".join(quoted).encode(encoding))


def xlsx_file(*lines: list[Any]) -> io.BytesIO:
    workbook = openpyxl.Workbook()
    for line in lines:
        workbook.active.append(line)
    file = io.BytesIO()
    workbook.save(file)
    file.seek(0)
    return file


def read(file: io.BytesIO, name: str = "cases.csv") -> list[CaseRecord | BadRow]:
    return list(read_cases(file, name, TODAY))


def one(**cells: str) -> CaseRecord:
    """The record of one good row with these cells changed."""
    (found,) = read(csv_file(GOOD | cells))
    assert isinstance(found, CaseRecord), [str(p) for p in found.problems]
    return found


def problems(**cells: str) -> list[tuple[str, str]]:
    """Column and message of everything wrong with one row."""
    (found,) = read(csv_file(GOOD | cells))
    assert isinstance(found, BadRow)
    assert all(p.line == 2 and str(p.expected) for p in found.problems)
    return [(p.column, str(p)) for p in found.problems]
