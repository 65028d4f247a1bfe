"""What can be wrong with a file or a row, in words for the person who sent it, in the language the page is shown in."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

Words = str | Promise
SHOWN: Final = 80


def shortened(value: str) -> str:
    return value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"


@dataclass(frozen=True)
class Problem:
    """`value` is what stood in the cell, shortened. It belongs to a case: show it, never log it."""

    line: int
    column: str
    value: str
    expected: Words

    def __str__(self) -> str:
        text = _("Line {line}, column “{column}”: “{value}”. Expected: {expected}.")
        if not self.value:
            text = _("Line {line}, column “{column}” is empty. Expected: {expected}.")
        return str(
            format_lazy(text, line=self.line, column=self.column, value=self.value, expected=self.expected)
        )


@dataclass(frozen=True)
class BadRow:
    """A row that is not imported, with everything that is wrong with it. Line 1 is usually the header."""

    line: int
    problems: tuple[Problem, ...]


class FileRefused(Exception):
    """The file as a whole cannot be read; nothing of it was kept. Each kind of refusal is a class of its own."""

    message: Words = _("“{name}” cannot be read. Nothing was imported.")

    def __init__(self, name: str, **details: Any) -> None:
        super().__init__(name)
        self.name = name
        self.details = details

    def __str__(self) -> str:
        return str(self.message).format(name=shortened(self.name), **self.details)


class EmptyFile(FileRefused):
    message = _(
        "“{name}” is empty. Nothing was imported. Send a file with a header row and one row per person."
    )


class WrongType(FileRefused):
    message = _(
        "“{name}” is not a CSV or XLSX file. Nothing was imported. Save it as one of these two and send it again."
    )


class OldSpreadsheet(FileRefused):
    message = _(
        "“{name}” is an old Excel file or is protected with a password. Nothing was imported. "
        "Save it as XLSX without a password."
    )


class NotUnicode(FileRefused):
    message = _(
        "“{name}” is in a character set that cannot be read (see line {line}). Nothing was imported. Save it as “CSV UTF-8”."
    )


class BrokenText(FileRefused):
    message = _(
        "“{name}” is not well-formed CSV near line {line}: a quotation mark is missing or a cell is far too long. "
        "Nothing was imported."
    )


class BrokenSpreadsheet(FileRefused):
    message = _(
        "“{name}” is damaged and cannot be opened. Nothing was imported. Save it again as XLSX, or as CSV."
    )


class TooLarge(FileRefused):
    message = _(
        "“{name}” is too large: {limit} MB at most. Nothing was kept. Split it and send the parts one by one."
    )


class TooManyRows(FileRefused):
    message = _(
        "“{name}” has more than {limit} rows, empty ones included. Nothing was imported. Split it and send the parts one by one."
    )


class NoHeader(FileRefused):
    message = _(
        "The first row of “{name}” names none of the known columns. Nothing was imported. Start from the template."
    )
