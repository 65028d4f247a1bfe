"""Spreadsheets that leave: made in memory, and without a cell that a spreadsheet program would run. Pure: no Django."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.writer.excel import ExcelWriter

# A spreadsheet takes these for the beginning of a formula; the wide ones too, in some languages.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
# What XML cannot hold, and what makes a text read otherwise than it is stored.
UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)
WIDEST: Final = 60
LONGEST: Final = 32_767

Rows = Iterable[list[str]]


def neutral(text: str) -> str:
    """With a quotation mark in front of what would be run; the reader sees it, and sees why."""
    text = UNWANTED.sub("", text)
    return f"'{text}" if text.lstrip(" \n").startswith(FORMULA) else text


def csv_bytes(rows: Rows) -> bytes:
    """With a byte order mark, because spreadsheets guess otherwise."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([neutral(cell) for cell in row] for row in rows)
    return ("\ufeff" + out.getvalue()).encode()


def xlsx_bytes(rows: Rows) -> bytes:
    """Every cell is text, and says so."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title, sheet.freeze_panes = "Témoin", "B2"
    for row in rows:
        sheet.append([neutral(cell)[:LONGEST] for cell in row])
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.data_type, cell.alignment = "s", Alignment(wrap_text=True, vertical="top")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column in sheet.columns:
        longest = max(len(str(cell.value or "")) for cell in column)
        sheet.column_dimensions[get_column_letter(column[0].column)].width = min(longest + 2, WIDEST)
    return _saved(book)


class _InMemory(ExcelWriter):
    """openpyxl writes each sheet to a temporary file, in the clear. This one does not."""

    def write_worksheet(self, ws: Any) -> None:
        out = io.BytesIO()
        writer: Any = WorksheetWriter(ws, out)
        writer.write()
        ws._drawing, ws._rels = None, writer._rels
        whole: Any = self
        whole._archive.writestr(ws.path[1:], out.getvalue())
        whole.manifest.append(ws)


def _saved(book: Any) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED, allowZip64=True) as archive:
        _InMemory(book, archive).save()
    return out.getvalue()
