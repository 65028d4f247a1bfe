"""What stands beside the figures of a release, in the words of one language: the series of others and the annex, for page,
paper and CSV. Made from the document alone."""

import csv
import io
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.days import date_format
from casework.annex import Annexed
from casework.documents import Document
from casework.outside import OutsidePoint, OutsideSeries
from casework.spreadsheets import neutral

Rows = list[list[str | int]]


def series_shown(one: OutsideSeries, language: str) -> dict[str, Any]:
    """Bars for each figure in the order of the source; a missing year is not drawn as zero, it is not drawn."""
    with override(language):
        return {
            "code": one.code,
            "title": one.title[language],
            "unit": one.unit[language],
            "definition": one.definition[language],
            "source": one.source,
            "notes": [words[language] for words in one.notes],
            "warnings": [words[language] for words in one.warnings],
            "bars": [{"label": _bar_label(one, p, language), "value": p.value} for p in one.points],
            "columns": [
                {"label": _("Service")},
                {"label": _("Measure")},
                {"label": _("Period")},
                {"label": one.unit[language], "number": True},
            ],
            "rows": [
                [p.service[language], p.measure[language], period_words(p), p.value] for p in one.points
            ],
        }


def _bar_label(one: OutsideSeries, point: OutsidePoint, language: str) -> str:
    """What tells this bar from the others; what all of them share stands above."""
    parts = {
        point.short: {p.short for p in one.points},
        period_words(point): {period_words(p) for p in one.points},
        point.measure[language]: {p.measure[language] for p in one.points},
    }
    telling = [words for words, all_of_them in parts.items() if len(all_of_them) > 1]
    return ", ".join(telling or list(parts))


def period_words(point: OutsidePoint) -> str:
    first, last = point.start, point.end
    if (first.month, first.day, last.month, last.day, first.year) == (1, 1, 12, 31, last.year):
        return str(first.year)
    return f"{date_format(first)} – {date_format(last)}"


def annex_shown(document: Document, language: str) -> dict[str, Any]:
    with override(language):
        labels = (_("Body"), _("What was asked"), _("Law"), _("Asked on"), _("Answer due on"), _("Answer"))
        return {
            "columns": [{"label": label} for label in labels],
            "rows": [
                [
                    one.body,
                    one.about[language],
                    one.law[language],
                    date_format(one.asked_on),
                    date_format(one.due_on) if one.due_on else _("the body names the day"),
                    answer_words(one),
                ]
                for one in document.annex
            ],
        }


def answer_words(one: Annexed) -> str:
    if one.answered_on is not None:
        words = _("answered late, on %(day)s") if one.state == "late" else _("answered on %(day)s")
        return words % {"day": date_format(one.answered_on)}
    return _("no answer: the day has passed") if one.state == "silent" else _("not answered yet")


# CSV


def csv_blocks(document: Document, language: str) -> list[tuple[str, Rows]]:
    """A name for each, and its rows. The first of a block has two cells or more, which no table of the release begins with."""
    found = [(one.code, _series_rows(one, language)) for one in document.outside]
    if document.annex:
        found.append(("annex", _annex_rows(document, language)))
    return found


def _series_rows(one: OutsideSeries, language: str) -> Rows:
    shown = series_shown(one, language)
    with override(language):
        head: Rows = [
            [_("Published by others"), one.code, shown["title"]],
            [_("Source"), one.source],
            [_("Definition"), shown["definition"]],
        ]
        said: Rows = [[_("Warning"), words] for words in shown["warnings"]]
        said += [[_("Computed here"), words] for words in shown["notes"]]
    return [*head, *said, [column["label"] for column in shown["columns"]], *shown["rows"]]


def _annex_rows(document: Document, language: str) -> Rows:
    shown = annex_shown(document, language)
    return [[column["label"] for column in shown["columns"]], *shown["rows"]]


def csv_lines(rows: Rows) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([neutral(c) if isinstance(c, str) else c for c in row] for row in rows)
    return out.getvalue()
