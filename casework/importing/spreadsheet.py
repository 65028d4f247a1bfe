"""XLSX → rows of text. The file is a zip of XML written by a stranger: its size is checked unpacked before anything is parsed."""

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from casework.importing.problems import BrokenSpreadsheet, FileRefused, TooLarge, WrongType

MEGABYTE: Final = 1024 * 1024
# Ten thousand narratives of 6 KB fit; a zip bomb does not. `zipfile` never unpacks more than a member declares.
SHEETS_LIMIT: Final = 128 * MEGABYTE
STRINGS_LIMIT: Final = 80 * MEGABYTE
MEMBER_LIMIT: Final = 8 * MEGABYTE
MEMBERS: Final = 500
WIDTH: Final = 101
DAY_IN_FORMAT = re.compile(r"d", re.IGNORECASE)
QUOTED_IN_FORMAT = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')


def spreadsheet_rows(raw: BinaryIO, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first visible sheet."""
    # Loaded here, because it takes as long as the rest of a page or a command together.
    import openpyxl

    try:
        _check_size(raw, name)
        workbook = openpyxl.load_workbook(raw, read_only=True, data_only=True, keep_links=False)
        sheet = next(s for s in workbook.worksheets if s.sheet_state == "visible")
        # The size a sheet declares may be a lie that makes openpyxl invent a million empty rows.
        sheet.reset_dimensions()
        for line, cells in enumerate(sheet.iter_rows(max_col=WIDTH), start=1):
            yield line, [_text(cell) for cell in cells]
    except FileRefused:
        raise
    except Exception as error:  # noqa: BLE001 - openpyxl raises whatever the damaged part of a file makes Python raise
        raise BrokenSpreadsheet(name) from error


def _check_size(raw: BinaryIO, name: str) -> None:
    with zipfile.ZipFile(raw) as archive:
        members = archive.infolist()
    if not any(m.filename.startswith("xl/") for m in members):
        raise WrongType(name)
    sheets = sum(m.file_size for m in members if "/worksheets/" in m.filename)
    others = [m for m in members if "/worksheets/" not in m.filename]
    if sheets > SHEETS_LIMIT or len(members) > MEMBERS or any(m.file_size > _limit(m) for m in others):
        raise TooLarge(name, limit=SHEETS_LIMIT // MEGABYTE)
    raw.seek(0)


def _limit(member: zipfile.ZipInfo) -> int:
    return STRINGS_LIMIT if member.filename.endswith("sharedStrings.xml") else MEMBER_LIMIT


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return _date(value, str(cell.number_format))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _date(value: dt.datetime, number_format: str) -> str:
    """Excel turns `2017-03` into the first of March and shows `Mar-17`: only what it shows was meant."""
    shown = QUOTED_IN_FORMAT.sub("", number_format)
    if not DAY_IN_FORMAT.search(shown):
        return value.strftime("%Y-%m")
    if (value.hour, value.minute) != (0, 0):
        return value.strftime("%Y-%m-%dT%H:%M")
    return value.strftime("%Y-%m-%d")
