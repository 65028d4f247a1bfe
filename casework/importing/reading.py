"""Bytes → rows of text with their line numbers, one at a time. The type is told by the content, never by the file's name."""

import codecs
import csv
import io
from collections.abc import Generator, Iterator
from itertools import islice
from typing import BinaryIO, Final, Union, cast

from django.conf import settings
from django.core.files.base import File

from casework.importing.problems import (
    BrokenText,
    EmptyFile,
    NotUnicode,
    OldSpreadsheet,
    TooLarge,
    TooManyRows,
    WrongType,
)
from casework.importing.spreadsheet import spreadsheet_rows
from casework.importing.uploads import RefusedUpload

MEGABYTE: Final = 1024 * 1024
FILE_LIMIT: Final = 100 * MEGABYTE
ROW_LIMIT: Final = 50_000
# Above the longest narrative we accept, so that a long one is named with its line instead of failing the whole file.
CELL_LIMIT: Final = 1_000_000
SNIFFED: Final = 8192
DELIMITERS: Final = (",", ";", "\t")
DELIMITED_BY: Final = 3

ZIP: Final = b"PK\x03\x04"
OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
UTF_8, WINDOWS = "utf-8-sig", "cp1252"
OTHER_TYPES: Final = (
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"\x1f\x8b",
    b"{\\rtf",
    b"<!",
    b"<html",
    b"<?xml",
)

Row = tuple[int, list[str]]
Readable = Union[BinaryIO, "File[bytes]"]  # noqa: UP007 - Django's class is not generic at run time


def read_rows(file: Readable, name: str) -> Generator[Row]:
    """Rows that are not blank, the header first. Raises one of the FileRefused kinds, at any row."""
    raw = _opened(file, name)
    start = _start(raw, name)
    found = spreadsheet_rows(raw, name) if start.startswith(ZIP) else _text_rows(raw, name)
    for count, (line, cells) in enumerate(found, start=1):
        if count > ROW_LIMIT:
            raise TooManyRows(name, limit=ROW_LIMIT)
        if any(cell.strip() for cell in cells):
            yield line, cells


def _opened(file: Readable, name: str) -> BinaryIO:
    if isinstance(file, RefusedUpload):
        raise TooLarge(name, limit=settings.TEMOIN_UPLOAD_LIMIT // MEGABYTE)
    # Django's wrapper is not quite a file: the text decoder below needs the real one.
    raw = cast(BinaryIO, file.file if isinstance(file, File) else file)
    size = raw.seek(0, io.SEEK_END)
    raw.seek(0)
    if size > FILE_LIMIT:
        raise TooLarge(name, limit=FILE_LIMIT // MEGABYTE)
    return raw


def _start(raw: BinaryIO, name: str) -> bytes:
    start = raw.read(SNIFFED)
    raw.seek(0)
    if not start.strip(b"\xef\xbb\xbf\r\n\t ,;"):
        raise EmptyFile(name)
    if start.startswith(OLD_OFFICE):
        raise OldSpreadsheet(name)
    if not start.startswith(UTF_16) and (
        start.startswith(OTHER_TYPES) or (b"\0" in start and not start.startswith(ZIP))
    ):
        raise WrongType(name)
    return start


def encoding_of(raw: BinaryIO) -> str:
    """UTF-16 says so itself. What is not UTF-8 to its last byte comes from a spreadsheet program on Windows in our languages."""
    raw.seek(0)
    marked = raw.read(2) in UTF_16
    raw.seek(0)
    if marked:
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := raw.read(MEGABYTE):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return WINDOWS
    finally:
        raw.seek(0)
    return UTF_8


def _text_rows(raw: BinaryIO, name: str) -> Iterator[Row]:
    encoding = encoding_of(raw)
    text = io.TextIOWrapper(raw, encoding=encoding, newline="")
    try:
        yield from _parsed(text, raw, name, encoding)
    finally:
        # Left open for whoever opened it, unless they closed it before the last row was read.
        if not raw.closed:
            text.detach()


def _parsed(text: io.TextIOWrapper, raw: BinaryIO, name: str, encoding: str) -> Iterator[Row]:
    csv.field_size_limit(CELL_LIMIT)
    line = 0
    try:
        delimiter = _delimiter(text)
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        for cells in reader:
            yield line + 1, cells
            line = reader.line_num
    except UnicodeError as error:
        raise NotUnicode(name, line=_undecodable(raw, encoding)) from error
    except csv.Error as error:
        raise BrokenText(name, line=line + 1) from error


def _undecodable(raw: BinaryIO, encoding: str) -> int:
    """The decoder works in blocks and does not know the line; of UTF-16, nobody does."""
    raw.seek(0)
    for number, line in enumerate(raw, start=1):
        try:
            line.decode(encoding)
        except UnicodeDecodeError:
            return number if encoding != "utf-16" else 1
    return 1


def _delimiter(text: io.TextIOWrapper) -> str:
    """Comma, semicolon or tab, whichever the header uses most; what stands between quotation marks does not count. A title above
    the header has none of them, or as many as the header."""
    begin = islice(("".join(line.split('"')[::2]) for line in text if line.strip()), DELIMITED_BY)
    outside = next((line for line in begin if any(map(line.count, DELIMITERS))), "")
    text.seek(0)
    return max(DELIMITERS, key=outside.count)
