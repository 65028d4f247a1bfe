"""The attack from outside: what a patient reader learns from all that was published, as they get it. Pages, PDF, CSV and JSON
are read apart and laid on each other, so that a number which one of them prints and the others keep back is found; then all
releases of the same people are attacked together. Shares no code with whatever counts, protects or renders. Pure: no Django.
"""

import csv
import io
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final

from casework.attackingpaper import parts
from casework.disclosure import AuditResult, BadTable, audit

TOTAL: Final = "TOTAL"
SIGN: Final = "×"
LANGUAGES: Final = ("en", "fr")
PERCENT: Final = re.compile(r"(\d+)(?:[.,](\d+))?\s*%")
NUMBER: Final = re.compile(r"\d[\d\s.,'’]*")
KINDS: Final = ("exact", "recognisable", "group", "changes", "withdrawals", "undecided")
Place = frozenset[tuple[str, str]]
Printed = dict[Place, int]


@dataclass(frozen=True)
class Copy:
    """One release as it was saved by a reader."""

    document: Mapping[str, Any]
    sheets: Sequence[str] = ()
    pages: Sequence[str] = ()
    papers: Sequence[bytes] = ()


def attack(copies: Sequence[Copy], sensitive: Collection[str]) -> list[str]:
    """What was found, a line each; empty when nothing was. `copies`: in the order of publication."""
    found: list[str] = []
    read = [_laid_together(copy, found) for copy in copies]
    for document in read:
        found += _small(document)
    for family in _families(read):
        found += _attacked(family, sensitive, "together")
        if len(family) > 1:
            found += _attacked([_side_by_side(family)], sensitive, "side by side")
    return list(dict.fromkeys(found))


def _families(read: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Those that may count the same people."""
    keys = [json.dumps([d["unit"], d["period"]], sort_keys=True) for d in read]
    for key in dict.fromkeys(keys):
        yield [document for document, own in zip(read, keys, strict=True) if own == key]


def _attacked(family: Sequence[Mapping[str, Any]], sensitive: Collection[str], how: str) -> list[str]:
    try:
        result = audit(family, family[-1]["threshold"], group_dimensions=sensitive)
    except BadTable as wrong:
        # Editions differ where something has changed: whoever takes them for one is mistaken, and learns nothing.
        return [] if how == "side by side" else [f"contradiction: {wrong}"]
    return list(_lines(result))


def _lines(result: AuditResult) -> Iterator[str]:
    for kind in KINDS:
        for finding in getattr(result, kind):
            yield f"{kind}: {finding.where} [{finding.least:g}, {finding.most:g}]"


def _small(document: Mapping[str, Any]) -> list[str]:
    """Printed as it is."""
    if document.get("rounding"):
        return []
    cells = [cell for table in document["tables"] for cell in table["cells"]]
    small = [c for c in cells if c["value"] is not None and 0 < c["value"] < document["threshold"]]
    return [f"printed: {_where(_place(c['at']))} = {c['value']}" for c in small]


def _side_by_side(family: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    dimensions: dict[str, dict[str, Any]] = {}
    for dimension in (d for document in family for d in document["dimensions"]):
        known = dimensions.setdefault(dimension["code"], {**dimension, "categories": []})
        seen = {category["code"] for category in known["categories"]}
        known["categories"] += [c for c in dimension["categories"] if c["code"] not in seen]
    tables = [table for document in family for table in document["tables"]]
    return {**family[-1], "dimensions": list(dimensions.values()), "tables": tables}


# One release in all its forms


def _laid_together(copy: Copy, found: list[str]) -> Mapping[str, Any]:
    """The document with every number that any form of it prints."""
    printed: Printed = {}
    forms = [read_sheet(sheet) for sheet in copy.sheets]
    forms += [read_page(page, copy.document) for page in copy.pages]
    forms += [read_paper(paper, copy.document) for paper in copy.papers]
    for form in forms:
        for place, value in form.items():
            if printed.setdefault(place, value) != value:
                found.append(f"contradiction: {_where(place)} is {printed[place]} here and {value} there")
    tables = [
        {**table, "cells": [_known(cell, printed, found) for cell in table["cells"]]}
        for table in copy.document["tables"]
    ]
    return {**copy.document, "tables": tables}


def _known(cell: Mapping[str, Any], printed: Printed, found: list[str]) -> Mapping[str, Any]:
    place = _place(cell["at"])
    told = printed.get(place)
    if told is None or told == cell["value"]:
        return cell
    words = "kept back" if cell["value"] is None else str(cell["value"])
    found.append(f"shown elsewhere: {_where(place)} is {words} in one form and {told} in another")
    return {**cell, "value": told}


def _place(at: Mapping[str, str]) -> Place:
    return frozenset((code, category) for code, category in at.items() if category != TOTAL)


def _where(place: Place) -> str:
    return " × ".join(f"{code}={category}" for code, category in sorted(place)) or TOTAL


def _count(text: str) -> int | None:
    return int(re.sub(r"\D", "", text)) if SIGN not in text and NUMBER.fullmatch(text.strip()) else None


# CSV


def read_sheet(text: str) -> Printed:
    """Blocks divided by empty lines; those of a release name the codes of their dimensions beside the words."""
    found: Printed = {}
    block: list[list[str]] = []
    for row in [*csv.reader(io.StringIO(text.lstrip("\ufeff"))), []]:
        if row:
            block.append(row)
            continue
        found |= _block(block)
        block = []
    return found


def _block(rows: list[list[str]]) -> Printed:
    if len(rows) < 2 or len(rows[0]) != 1:
        return {}
    width = (len(rows[1]) - 1) // 2
    codes, found = rows[1][width : 2 * width], {}
    for row in rows[2:]:
        value = _count(row[2 * width])
        if value is not None:
            found[_place(dict(zip(codes, row[width : 2 * width], strict=True)))] = value
    return found


# Pages


@dataclass
class _Table:
    caption: str = ""
    note: str = ""
    rows: list[list[str]] = field(default_factory=list)


@dataclass
class _Chart:
    caption: str = ""
    bars: list[tuple[str, str]] = field(default_factory=list)


class _Page(HTMLParser):
    """Every table and every bar of a page, as words."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[_Table] = []
        self.charts: list[_Chart] = []
        self._text: list[str] = []
        self._label = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        css = dict(attrs).get("class") or ""
        if tag == "table":
            self.tables.append(_Table())
        elif tag == "tr" and self.tables:
            self.tables[-1].rows.append([])
        elif tag == "figure":
            self.charts.append(_Chart())
        elif tag == "small":
            self._caption()
        if css.split()[:1] == ["bars__value"]:
            self._label = self._words()
        if tag in ("td", "th", "small", "figcaption", "caption", "title") or css.startswith("bars__"):
            self._text = []

    def _caption(self) -> None:
        """What stands before the note."""
        words = self._words()
        if self.charts and not self.charts[-1].caption:
            self.charts[-1].caption = words
        if self.tables and not self.tables[-1].caption and not self.tables[-1].rows:
            self.tables[-1].caption = words

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def _words(self) -> str:
        return " ".join("".join(self._text).split())

    def handle_endtag(self, tag: str) -> None:
        words = self._words()
        if tag in ("td", "th") and self.tables and self.tables[-1].rows:
            self.tables[-1].rows[-1].append(words)
        elif tag == "small" and self.tables and not self.tables[-1].rows:
            self.tables[-1].note = words
        elif tag in ("caption", "figcaption"):
            self._caption()
        elif tag == "title" and self.charts and " – " in words:
            label, _dash, value = words.rpartition(" – ")
            self.charts[-1].bars.append((label, value))
        elif tag == "li" and self._label and self.charts:
            self.charts[-1].bars.append((self._label, words))
            self._label = ""


def read_page(page: str, document: Mapping[str, Any]) -> Printed:
    """Numbers beside the words of the document, in either language. What names no cell is left alone."""
    seen = _Page()
    seen.feed(page)
    return _read(seen.tables, seen.charts, document)


def _read(tables: Sequence[_Table], charts: Sequence[_Chart], document: Mapping[str, Any]) -> Printed:
    found: Printed = {}
    for language in LANGUAGES:
        words = _Words(document, language)
        for table in tables:
            found |= words.table(table)
        for chart in charts:
            found |= words.chart(chart)
    return found


# Paper


def read_paper(paper: bytes, document: Mapping[str, Any]) -> Printed:
    """As a page. What goes on after a page ends belongs to the table before it."""
    tables: list[_Table] = []
    charts: list[_Chart] = []
    heading = ""
    for part in parts(paper):
        rows = [list(row) for row in part.rows]
        if part.kind == "Table" and part.goes_on and tables:
            tables[-1].rows += rows
        elif part.kind == "Table":
            title, _dash, note = heading.partition(" — ")
            tables.append(_Table(title, note, rows))
        elif part.kind == "Bars":
            charts.append(_Chart(heading, [(label, value) for label, value in part.rows]))
        else:
            heading = part.words
    return _read(tables, charts, document)


@dataclass(frozen=True)
class _Words:
    document: Mapping[str, Any]
    language: str

    def _codes(self, dimension: Mapping[str, Any]) -> dict[str, str]:
        known = {c["label"][self.language]: c["code"] for c in dimension["categories"]}
        return known | {"Total": TOTAL}

    def _named(self, label: str) -> Mapping[str, Any] | None:
        return next((d for d in self.document["dimensions"] if d["label"][self.language] == label), None)

    def chart(self, chart: _Chart) -> Printed:
        dimension = self._named(chart.caption)
        if dimension is None:
            return {}
        codes = self._codes(dimension)
        read = [(codes.get(label), _count(value)) for label, value in chart.bars]
        return {
            _place({dimension["code"]: code}): value for code, value in read if code and value is not None
        }

    def table(self, table: _Table) -> Printed:
        rows = [row for row in table.rows if row]
        down = self._named(rows[0][0]) if rows else None
        fixed = self._fixed(table.note)
        if down is None or fixed is None:
            return {}
        across = self._across(table, {down["code"], *fixed})
        found: Printed = {}
        for row in rows[1:]:
            at = {**fixed, down["code"]: self._codes(down).get(row[0], "")}
            if at[down["code"]]:
                found |= self._row(at, rows[0][1:], row[1:], across)
        return found | self._shares(rows, down, fixed, found)

    def _fixed(self, note: str) -> dict[str, str] | None:
        """`Pretext: Demonstration`: the third dimension of this part of a table. None when the note says something else."""
        if not note:
            return {}
        label, _colon, word = note.partition(":")
        dimension = self._named(label.strip())
        code = self._codes(dimension).get(word.strip()) if dimension else None
        return {dimension["code"]: code} if dimension and code else None

    def _across(self, table: _Table, used: Collection[str]) -> Mapping[str, Any] | None:
        titled = [t for t in self.document["tables"] if t["title"][self.language] == table.caption]
        left = [code for t in titled for code in t["dimensions"] if code not in used]
        return next((d for d in self.document["dimensions"] if d["code"] in left), None)

    def _row(
        self, at: dict[str, str], heads: list[str], cells: list[str], across: Mapping[str, Any] | None
    ) -> Printed:
        found: Printed = {}
        for head, text in zip(heads, cells, strict=False):
            value, code = _count(text), self._codes(across).get(head) if across else None
            if value is not None and (code or across is None):
                found[_place(at | ({across["code"]: code} if across and code else {}))] = value
        return found

    def _shares(
        self, rows: list[list[str]], down: Mapping[str, Any], fixed: dict[str, str], found: Printed
    ) -> Printed:
        """A percentage of the total is a number, where only one whole number has it."""
        whole = found.get(_place(fixed))
        learned: Printed = {}
        for row in rows[1:] if whole else []:
            code = self._codes(down).get(row[0])
            for match in filter(None, map(PERCENT.fullmatch, row[1:])):
                place = _place({**fixed, down["code"]: code or ""})
                likely = _of_share(match, whole or 0)
                if code and len(likely) == 1 and place not in found:
                    learned[place] = likely[0]
        return learned


def _of_share(match: re.Match[str], whole: int) -> list[int]:
    digits = match[2] or ""
    share, half = float(f"{match[1]}.{digits or 0}"), 0.5 * 10 ** -len(digits)
    return [n for n in range(whole + 1) if abs(100 * n / whole - share) <= half + 1e-9]
