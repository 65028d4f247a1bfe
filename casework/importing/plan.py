"""How a group's own spreadsheet is to be read: which column is which, what its words mean, what is the same in every row, and
what was mended by hand. Applied cell by cell before anything is checked; a template needs none of it."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Final

import msgspec
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework import vocabulary
from casework.importing.columns import BY_NAME, COLUMNS, Column
from casework.importing.problems import Words
from casework.record import Moment

LEAVE_OUT: Final = "-"
DAY_FIRST, MONTH_FIRST = "DMY", "MDY"
DATES: Final = ("event_date", "consent_date")
# What can be said once for a whole file: never what differs between people.
SAME: Final = (
    "reference",
    "city",
    "source",
    "consent_purposes",
    "consent_mode",
    "consent_date",
    "consent_language",
)
SEPARATORS: Final = re.compile(r"[|;,/\n]+")
NOTHING: Final = frozenset({"", "-", "--", "–", "—", "n/a", "na", "s.o.", "?"})
REMEMBERED: Final = 5000

NUMBERS = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})(?:[ T]+(\d{1,2})[:h](\d{2})(?::\d{2})?)?")
YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})(?:[/.](\d{1,2}))?")
MONTH_AND_YEAR = re.compile(r"(\d{1,2})[/. -](\d{4})")
IN_WORDS = re.compile(r"(?:(\d{1,2})(?:er|st|nd|rd|th)?[ -])?([^\W\d]{3,9})\.?[ -](?:(\d{1,2}),? )?(\d{4})")
# Days since the end of 1899: what a date becomes when a spreadsheet is saved without its formats.
SERIAL = re.compile(r"[2-6]\d{4}")
EXCEL_BEGINS: Final = dt.date(1899, 12, 30)
MONTHS: Final = (
    (
        "jan",
        "fev",
        "feb",
        "mar",
        "avr",
        "apr",
        "mai",
        "may",
        "juin",
        "jun",
        "juil",
        "jul",
        "aou",
        "aug",
        "sep",
        "oct",
        "nov",
        "dec",
    ),
    (1, 2, 2, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 10, 11, 12),
)


class ColumnPlan(msgspec.Struct):
    """`field` is empty for a column that is left out; `codes`: spelling in the file → code, or LEAVE_OUT."""

    field: str = ""
    codes: dict[str, str] = {}


class Plan(msgspec.Struct):
    """`mended`: line → field → what is to stand there. `without`: lines that are left out."""

    header_line: int = 1
    dates: str = ""
    columns: list[ColumnPlan] = []
    same: dict[str, str] = {}
    mended: dict[int, dict[str, str]] = {}
    without: set[int] = set()

    def fields(self) -> list[str]:
        return [column.field for column in self.columns if column.field]


def faults(plan: Plan) -> Iterator[Words]:
    """What is wrong with the plan itself, so that no row needs to be looked at."""
    fields = plan.fields()
    for name in sorted({f for f in fields if fields.count(f) > 1 and not _joins(BY_NAME[f])}):
        yield format_lazy(_("“{field}” is chosen for several columns. Choose it once."), field=_label(name))
    for column in COLUMNS:
        if column.required and column.name not in fields and not plan.same.get(column.name):
            text = _("No column is “{field}”. Choose one, or say below what is the same in every row.")
            yield format_lazy(text, field=_label(column.name))


def _label(name: str) -> Words:
    return vocabulary.label("import_column", name, get_language() or "fr")


def _joins(column: Column) -> bool:
    return column.many or column.name == "narrative"


class Reading:
    """A plan, ready for thousands of rows: what a word means is looked up once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._places = [(n, c, BY_NAME[c.field]) for n, c in enumerate(plan.columns) if c.field in BY_NAME]
        self._known: dict[tuple[int, str], str] = {}

    def cells(self, line: int, values: list[str]) -> dict[str, str] | None:
        """By name of field; None for a row that is left out, or stands above the first."""
        if line <= self.plan.header_line or line in self.plan.without:
            return None
        found: dict[str, str] = {}
        for place, planned, column in self._places:
            if place < len(values) and (text := self._read(place, planned, column, values[place])):
                found[column.name] = _joined(column, found.get(column.name, ""), text)
        for name, text in self.plan.same.items():
            found[name] = found.get(name) or (f"{text}-{line}" if name == "reference" else text)
        return found | self.plan.mended.get(line, {})

    def _read(self, place: int, planned: ColumnPlan, column: Column, text: str) -> str:
        text = text.strip()
        if text.casefold() in NOTHING:
            return ""
        if column.name in DATES:
            return read_date(text, self.plan.dates)
        return self._coded(place, planned, column, text) if column.vocabulary else text

    def _coded(self, place: int, planned: ColumnPlan, column: Column, text: str) -> str:
        if (place, text) not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[place, text] = coded(planned, column, text)
        return self._known[place, text]


def _joined(column: Column, before: str, text: str) -> str:
    return before + ("\n\n" if column.name == "narrative" else "|") + text if before else text


def coded(planned: ColumnPlan, column: Column, text: str) -> str:
    """Codes where a word is understood, and the words themselves where not, so that the problem names them."""
    whole = meaning(planned, column, text)
    if whole is not None:
        return whole
    read = ((piece, meaning(planned, column, piece)) for piece in pieces(column, text))
    return "|".join(filter(None, (piece if code is None else code for piece, code in read)))


def meaning(planned: ColumnPlan, column: Column, text: str) -> str | None:
    """None for a word nobody has explained; empty for one that is left out."""
    chosen = planned.codes.get(vocabulary.spelling_key(text))
    if chosen:
        return "" if chosen == LEAVE_OUT else chosen
    return vocabulary.find(column.vocabulary, text)


def pieces(column: Column, text: str) -> list[str]:
    """Several values in one cell, however the group separates them."""
    return [p for p in map(str.strip, SEPARATORS.split(text)) if p] if column.many else [text]


def read_date(text: str, order: str = "") -> str:
    """As the project writes dates. Text that means none, or could mean two, or a day that does not exist is left as it is, and
    then refused in its row."""
    read = _read_date(" ".join(text.split()), order)
    try:
        Moment.parse(read)
    except ValueError:
        return text
    return read


def _read_date(text: str, order: str) -> str:
    for pattern, read in ((SERIAL, _serial), (YEAR_FIRST, _year_first), (MONTH_AND_YEAR, _month_and_year)):
        if match := pattern.fullmatch(text):
            return read(match)
    if match := NUMBERS.fullmatch(text):
        return _numbers(match, order)
    match = IN_WORDS.fullmatch(text)
    return _in_words(match) if match else text


def _serial(match: re.Match[str]) -> str:
    return (EXCEL_BEGINS + dt.timedelta(days=int(match[0]))).isoformat()


def _year_first(match: re.Match[str]) -> str:
    return "-".join([match[1], match[2].zfill(2), *([match[3].zfill(2)] if match[3] else [])])


def _month_and_year(match: re.Match[str]) -> str:
    return f"{match[2]}-{match[1].zfill(2)}"


def _numbers(match: re.Match[str], order: str) -> str:
    first, second = int(match[1]), int(match[2])
    if not order and first <= 12 and second <= 12 and first != second:
        return ""
    day_first = first > 12 or (order == DAY_FIRST and second <= 12)
    day, month = (first, second) if day_first else (second, first)
    time = f"T{match[4].zfill(2)}:{match[5]}" if match[4] else ""
    return f"{match[3]}-{month:02}-{day:02}{time}"


def _in_words(match: re.Match[str]) -> str:
    word = vocabulary.spelling_key(match[2])
    month = next((n for name, n in zip(*MONTHS, strict=True) if word.startswith(name)), 0)
    day = match[1] or match[3]
    return f"{match[4]}-{month:02}" + (f"-{int(day):02}" if day else "") if month else ""
