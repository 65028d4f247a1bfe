"""The published document as people read it: tables, a chart, CSV. Made from the document alone, so that nothing else can leak.

`read_back` undoes the rendering: the audit attacks what a reader really gets, so that a slip of a template is caught too.
"""

import csv
import io
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from casework import beside, vocabulary
from casework.documents import Dimension, Document, Table, key_of
from casework.facts import TOTAL, TOTAL_LABEL
from casework.spreadsheets import neutral

SUPPRESSED_SIGN: Final = "×"
MOST_COLUMNS: Final = 16
DIGITS: Final = re.compile(r"\D")
# With whatever a language puts between thousands.
NUMBER: Final = re.compile(r"\d[\d\s.,'’]*")
At = dict[str, str]
Reasons = Mapping[frozenset[tuple[str, str]], str]


@dataclass(frozen=True)
class ShownCell:
    value: int | None
    at: At
    reason: str = ""


@dataclass(frozen=True)
class ShownRow:
    label: str
    cells: list[ShownCell]
    level: int = 0
    total: bool = False


@dataclass(frozen=True)
class ShownColumn:
    label: str
    total: bool = False


@dataclass(frozen=True)
class ShownTable:
    """What `parts/release_table.html` takes. `nobody` names the categories in which nobody was counted, left out of the rows."""

    caption: str
    corner: str
    columns: list[ShownColumn]
    rows: list[ShownRow]
    note: str = ""
    nobody: list[str] = field(default_factory=list)
    hidden: list[ShownCell] = field(default_factory=list)


@dataclass(frozen=True)
class Axis:
    code: str
    label: str
    categories: list[tuple[str, str, int]]

    @classmethod
    def of(cls, dimension: Dimension, language: str) -> "Axis":
        """Category code, word and depth; TOTAL comes last."""
        depth = {TOTAL: -1}
        rows: list[tuple[str, str, int]] = []
        for category in dimension.categories:
            depth[category.code] = depth[category.parent] + 1
            rows.append((category.code, category.label[language], min(depth[category.code], 2)))
        return cls(dimension.code, dimension.label[language], [*rows, (TOTAL, TOTAL_LABEL.text(language), 0)])


def shown_tables(document: Document, language: str, reasons: Reasons | None = None) -> list[ShownTable]:
    """Every table, one after the other; a table of three dimensions is one for each category of the first."""
    return [shown for table in document.tables for shown in slices(document, table, language, reasons)]


def slices(
    document: Document, table: Table, language: str, reasons: Reasons | None = None
) -> list[ShownTable]:
    with override(language):
        return list(_shown(document, table, language, reasons or {}))


def _shown(document: Document, table: Table, language: str, reasons: Reasons) -> Iterator[ShownTable]:
    axes = [Axis.of(document.dimension(code), language) for code in table.dimensions]
    values = {key_of(cell.at): cell.value for cell in table.cells}
    sections, inner = (axes[0].categories, axes[1:]) if len(axes) == 3 else ([("", "", 0)], axes)
    rows, columns = _turned(inner)
    for code, word, _level in sections:
        fixed = {axes[0].code: code} if word else {}
        note = vocabulary.told(axes[0].label, word, language) if word else ""
        yield _section(table.title[language], note, fixed, rows, columns, values, reasons)


def _turned(axes: list[Axis]) -> tuple[Axis, Axis | None]:
    """Long lists go down the page, short ones across it."""
    if len(axes) == 1:
        return axes[0], None
    down, across = axes
    if len(across.categories) > MOST_COLUMNS and len(down.categories) < len(across.categories):
        return across, down
    return down, across


def _section(
    caption: str,
    note: str,
    fixed: At,
    rows: Axis,
    columns: Axis | None,
    values: Mapping[frozenset[tuple[str, str]], int | None],
    reasons: Reasons,
) -> ShownTable:
    across = columns.categories if columns else [("", _("Number"), 0)]
    shown: list[ShownRow] = []
    nobody: list[ShownRow] = []
    for code, word, level in rows.categories:
        cells = []
        for other, _word, _level in across:
            at = {**fixed, rows.code: code, **({columns.code: other} if columns else {})}
            cells.append(ShownCell(values[key_of(at)], at, reasons.get(key_of(at), "")))
        row = ShownRow(word, cells, level, code == TOTAL)
        empty = code != TOTAL and all(cell.value == 0 for cell in cells)
        (nobody if empty else shown).append(row)
    return ShownTable(
        caption,
        rows.label,
        [ShownColumn(word, code == TOTAL) for code, word, _level in across],
        shown,
        note,
        [row.label for row in nobody],
        [cell for row in nobody for cell in row.cells],
    )


# CSV: one row per cell, every table under its title.


def csv_text(document: Document, language: str) -> str:
    """With a byte order mark, because spreadsheets guess otherwise; no cell begins a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    out.write("\ufeff")
    for number, table in enumerate(document.tables):
        if number:
            writer.writerow([])
        _write_table(writer, document, table, language)
    for _name, rows in beside.csv_blocks(document, language):
        out.write("\r\n" + beside.csv_lines(rows))
    return out.getvalue()


def csv_of(document: Document, table: Table, language: str) -> str:
    """One table alone, without the line that names it: its columns are the first line."""
    out = io.StringIO(newline="")
    _write_cells(csv.writer(out), document, table, language)
    return "\ufeff" + out.getvalue()


def _write_table(writer: "csv._writer", document: Document, table: Table, language: str) -> None:  # type: ignore[name-defined]
    writer.writerow([neutral(table.title[language])])
    _write_cells(writer, document, table, language)


def _write_cells(writer: "csv._writer", document: Document, table: Table, language: str) -> None:  # type: ignore[name-defined]
    axes = [document.dimension(code) for code in table.dimensions]
    words = [{c.code: c.label[language] for c in axis.categories} for axis in axes]
    with override(language):
        number = _("Number")
    writer.writerow([*(neutral(axis.label[language]) for axis in axes), *table.dimensions, neutral(number)])
    for cell in table.cells:
        codes = [cell.at[code] for code in table.dimensions]
        labels = [w.get(c, TOTAL_LABEL.text(language)) for w, c in zip(words, codes, strict=True)]
        value = SUPPRESSED_SIGN if cell.value is None else cell.value
        writer.writerow([*map(neutral, labels), *map(neutral, codes), value])


# Reading back: what a reader gets, cell by cell.

Reading = list[dict[frozenset[tuple[str, str]], int | None]]


class RenderedWrong(Exception):
    """What would be published does not say what the document says. Carries no figure."""


def check_rendering(document: Document) -> None:
    """Renders everything in both languages, reads it back and compares. Raises RenderedWrong."""
    truth = [{key_of(cell.at): cell.value for cell in table.cells} for table in document.tables]
    for language in ("en", "fr"):
        if read_csv(csv_text(document, language)) != truth:
            raise RenderedWrong
        for shown in shown_tables(document, language):
            with override(language):
                page = render_to_string("parts/release_table.html", {"table": shown})
            expected = [cell.value for row in shown.rows for cell in row.cells]
            if read_html(page) != expected or any(cell.value != 0 for cell in shown.hidden):
                raise RenderedWrong


def read_csv(text: str) -> Reading:
    blocks = itertools.groupby(csv.reader(io.StringIO(text.lstrip("\ufeff"))), key=bool)
    read = [list(rows) for filled, rows in blocks if filled]
    # What stands beside the figures is no table of them.
    return [_read_block(rows) for rows in read if len(rows[0]) == 1]


def _read_block(rows: list[list[str]]) -> dict[frozenset[tuple[str, str]], int | None]:
    width = (len(rows[1]) - 1) // 2
    codes = rows[1][width:-1]
    found: dict[frozenset[tuple[str, str]], int | None] = {}
    for row in rows[2:]:
        at = dict(zip(codes, row[width:-1], strict=True))
        found[key_of(at)] = None if row[-1] == SUPPRESSED_SIGN else int(row[-1])
    return found


def read_html(page: str) -> list[int | None]:
    reader = _Cells()
    reader.feed(page)
    return reader.values


class _Cells(HTMLParser):
    """The figures in the cells of a table, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[int | None] = []
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "td":
            self._text = []

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "td" and self._text is not None:
            text = "".join(self._text)
            self._text = None
            if SUPPRESSED_SIGN in text:
                self.values.append(None)
            elif NUMBER.fullmatch(text.strip()):
                self.values.append(int(DIGITS.sub("", text)))
