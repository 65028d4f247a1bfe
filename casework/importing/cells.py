"""One row's cells → typed values. Every problem is noted and reading goes on, so that a row's problems are all named at once."""

import datetime as dt
import difflib
import re
import unicodedata
from typing import Final

from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from casework import vocabulary
from casework.importing.columns import BY_NAME
from casework.importing.problems import Problem, Words, shortened
from casework.record import Moment

HOURS: Final = 10_000
NUMBER = re.compile(r"[0-9]{1,5}(?:[.,][0-9]{1,3})?")
FULL_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Control characters, and those that turn text around or hide in it: what an organizer reads must be what stands there.
UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
# A spreadsheet that opens our export later would run such a cell as a formula.
FORMULA_STARTS: Final = ("=", "+", "@", "-")

A_DATE = _("a date such as 2017, 2017-Q2, 2017-03 or 2017-03-14, that exists and is not in the future")
A_DAY = _("a full date such as 2025-03-14, that exists and is not in the future")
PLAIN_TEXT = _("text that does not begin with =, +, - or @")
ONE_VALUE = _("a single value, without “|”")
IS_REQUIRED = _("a value")


def cleaned(text: str) -> str:
    """One spelling for one letter, ordinary line ends, and no control or direction characters."""
    text = UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", text).strip()


def _choices(name: str, text: str) -> str:
    """The codes when they are few, else the nearest spellings, in the language of whoever reads the message."""
    language = get_language() or "en"
    if len(vocabulary.codes(name)) <= 12:
        return gettext("one of %(codes)s") % {"codes": ", ".join(vocabulary.codes(name))}
    spellings = {vocabulary.spelling_key(s): t for t in vocabulary.terms(name) for s in t.spellings()}
    near = difflib.get_close_matches(vocabulary.spelling_key(text), spellings, n=6, cutoff=0.5)
    found = dict.fromkeys(f"{spellings[key].code} ({spellings[key].label(language)})" for key in near)
    if not found:
        return gettext("a code or label that this column takes")
    return gettext("a code or label that this column takes, perhaps %(near)s") % {
        "near": gettext(" or ").join(list(found)[:3])
    }


choices = lazy(_choices, str)


class Cells:
    """The cells of one row by column name, and the problems met while reading them."""

    def __init__(self, line: int, cells: dict[str, str], today: dt.date) -> None:
        self.line = line
        self.today = today
        self.problems: list[Problem] = []
        self._cells = {name: self._bounded(name, cleaned(text)) for name, text in cells.items()}

    def note(self, column: str, value: str, expected: Words) -> None:
        """The first thing wrong with a value is enough said about it."""
        if all((p.column, p.value) != (column, shortened(value)) for p in self.problems):
            self.problems.append(Problem(self.line, column, shortened(value), expected))

    def _bounded(self, name: str, text: str) -> str:
        limit = BY_NAME[name].limit
        if len(text) <= limit:
            return text
        self.note(name, text, format_lazy(_("at most {limit} characters"), limit=limit))
        return ""

    def text(self, name: str) -> str:
        """On one line, and never something a spreadsheet would run."""
        text = " ".join(self._cells.get(name, "").split())
        if text.startswith(FORMULA_STARTS):
            self.note(name, text, PLAIN_TEXT)
        return text

    def texts(self, name: str) -> list[str]:
        values = [value.strip() for value in self.text(name).split("|")]
        if any(value.startswith(FORMULA_STARTS) for value in values[1:]):
            self.note(name, values[1], PLAIN_TEXT)
        return [value for value in values if value]

    def story(self, name: str) -> str:
        """Text with its paragraphs. The dash that opens a line of dialogue is made one that no spreadsheet runs."""
        text = self._cells.get(name, "")
        if text.startswith("-"):
            text = "–" + text[1:]
        if text.startswith(FORMULA_STARTS):
            self.note(name, text, PLAIN_TEXT)
        return text

    def required(self, name: str) -> str:
        text = self.text(name)
        if not text and not any(p.column == name for p in self.problems):
            self.note(name, "", IS_REQUIRED)
        return text

    def codes(self, name: str) -> list[str]:
        """In the order given; the same code may come twice, as two detention reviews do."""
        listed = BY_NAME[name].vocabulary
        values = filter(None, map(str.strip, self._cells.get(name, "").split("|")))
        found = [(value, vocabulary.find(listed, value)) for value in values]
        for value, code in found:
            if code is None:
                self.note(name, value, choices(listed, value))
        return [code for _value, code in found if code is not None]

    def code(self, name: str) -> str:
        if "|" in self._cells.get(name, ""):
            self.note(name, self._cells[name], ONE_VALUE)
            return ""
        return next(iter(self.codes(name)), "")

    def moment(self, name: str) -> Moment | None:
        text = self.required(name)
        if not text:
            return None
        moment = _moment(text)
        if moment is None or moment.earliest.date() > self.today:
            self.note(name, text, A_DATE)
            return None
        return moment

    def day(self, name: str) -> dt.date | None:
        text = self.required(name)
        if not text:
            return None
        day = _day(text)
        if day is None or day > self.today:
            self.note(name, text, A_DAY)
            return None
        return day

    def hours(self, name: str) -> float | None:
        text = " ".join(self._cells.get(name, "").split())
        if not text:
            return None
        hours = float(text.replace(",", ".")) if NUMBER.fullmatch(text) else -1.0
        if not 0 <= hours <= HOURS:
            self.note(name, text, format_lazy(_("a number of hours from 0 to {limit}"), limit=HOURS))
            return None
        return hours


def _moment(text: str) -> Moment | None:
    """A month or day 00 is what some programs write for "not known"; it is not a date."""
    try:
        return Moment.parse(text) if text.isascii() and "-00" not in text else None
    except ValueError:
        return None


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if FULL_DATE.fullmatch(text) else None
    except ValueError:
        return None
