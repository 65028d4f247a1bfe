"""A published release as a tagged PDF (PDF/UA-1), made in memory from the signed document alone: what the page shows, to keep."""

import json
from pathlib import Path
from typing import Any, Final, cast

import typst
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from casework import beside, charts, facts, keptpapers, vocabulary
from casework.beforeafter import Windows, windows
from casework.documents import Document, Story, Table
from casework.funnel import funnel
from casework.outside import OutsideSeries
from casework.rendering import SUPPRESSED_SIGN, ShownTable, slices
from casework.templatetags.display import date_words
from casework.tilemap import SIZE, tile_map

FOLDER: Final = Path(__file__).parent / "typst"


def pdf(document: Document, language: str) -> bytes:
    return keptpapers.kept(document, "pdf", language, _pdf)


def picture(document: Document, language: str) -> bytes:
    """PNG, 1200 × 630, for the link's preview on other sites."""
    return keptpapers.kept(document, "picture", language, _picture)


def _pdf(document: Document, language: str) -> bytes:
    with override(language):
        paper = _paper(document, language)
    return _whole(
        typst.compile(
            (FOLDER / "release.typ").read_bytes(),
            format="pdf",
            sys_inputs={"release": json.dumps(paper, ensure_ascii=False)},
            pdf_standards="ua-1",
            ignore_system_fonts=True,
        )
    )


def _picture(document: Document, language: str) -> bytes:
    with override(language):
        card = {
            "language": language,
            "kind": _("Published figures"),
            "title": document.title[language],
            "lead": document.text.get("lead", {}).get(language) or _lead(document),
        }
    return _whole(
        typst.compile(
            (FOLDER / "card.typ").read_bytes(),
            format="png",
            ppi=72,
            sys_inputs={"card": json.dumps(card, ensure_ascii=False)},
            ignore_system_fonts=True,
        )
    )


def _whole(made: object) -> bytes:
    if not isinstance(made, bytes):
        raise TypeError("one page was asked for")
    return made


def _paper(document: Document, language: str) -> dict[str, Any]:
    found = windows(document)
    return {
        "language": language,
        "colon": "\u00a0:" if language == "fr" else ":",
        "sign": "" if document.rounding else SUPPRESSED_SIGN,
        "key": _key(document),
        "title": document.title[language],
        "organisation": _("Published figures"),
        "footer": f"{document.id} · {_('edition %(number)s') % {'number': document.edition}}",
        "message": document.text.get("lead", {}).get(language, ""),
        "notes": document.text.get("notes", {}).get(language, "").split("\n"),
        "lead": _lead(document),
        "facts": _facts(document),
        "stages": [_stage(stage.label, stage.value, stage.of) for stage in funnel(document, language)],
        "figures": [_figure(document, table, language) for table in document.tables],
        "stories": [_story(story, language) for story in document.stories],
        "windows": [one.declaration.code for one in found],
        "windows_table": _windows_table(found, language),
        "series": [_series(one, language) for one in document.outside],
        "annex": _annex(document, language) if document.annex else [],
        "method": document.method[language],
        "signature": document.signature.key if document.signature else "",
        "words": _words(),
    }


def _words() -> dict[str, str]:
    return {
        "chain": _("How far the chain went"),
        "stories": _("What people told"),
        "stories_note": _(
            "Told with the consent of the person, typed anew, changed so that nobody is recognised, and checked by a second "
            "person. These are not examples of the figures, and the figures do not count them."
        ),
        "chain_note": _(
            "The steps do not contain each other: somebody can be held without CBSA having been called. A step whose parts are "
            "partly suppressed is shown as suppressed."
        ),
        "island_note": _(
            "Each tile is a borough or a city, placed as it lies. Darker means more; dashed means suppressed, whatever it stands "
            "for. Tiles without a number are not counted in this table."
        ),
        "windows": _("Before and after"),
        "windows_note": _(
            "Counts in windows of equal length on both sides of a decision, its own year left out. This shows no cause: more "
            "people may have come forward, or fewer."
        ),
        "notes": _("Notes"),
        "outside": _("What others have published"),
        "outside_note": _(
            "Enquiries are not persons, and neither are handovers. Each series keeps its own unit, definition and source, and is "
            "never added to ours or to another. A year nobody published is missing; it is not zero."
        ),
        "annex": _("Access to information"),
        "annex_note": _(
            "What the group asked of public bodies in its own name. Each line is one request about a body's figures and rules; "
            "nobody is counted here."
        ),
        "method": _("Method"),
        "signature": _("Signature"),
        "signature_note": _(
            "The JSON file of this release is signed with the key below. Whoever has it can check that not a digit was changed."
        ),
    }


def _key(document: Document) -> str:
    if document.rounding:
        text = _("Every figure is rounded to a multiple of %(base)s: a zero says none or a few.")
        return text % {"base": document.rounding.base}
    return _("suppressed: this number is kept back so that nobody can be recognised.")


def _lead(document: Document) -> str:
    unit = _("persons") if document.unit == facts.PERSON else _("events")
    text = _("Counts %(unit)s, %(from)s to %(to)s.")
    return text % {
        "unit": unit,
        "from": date_words(document.period.start),
        "to": date_words(document.period.end),
    }


def _facts(document: Document) -> list[tuple[str, str]]:
    total = next(c.value for c in document.tables[0].cells if set(c.at.values()) == {facts.TOTAL})
    return [
        (_("Counted"), _shown(total)),
        (_("Threshold"), str(document.threshold)),
        (_("Edition"), str(document.edition)),
        (_("Published on"), date_words(str(document.published_on)) if document.published_on else "–"),
    ]


def _shown(value: int | None) -> str:
    return SUPPRESSED_SIGN if value is None else str(number_format(value, use_l10n=True, force_grouping=True))


def _stage(label: str, value: int | None, of: int | None) -> dict[str, Any]:
    parts = {"value": _shown(value), "of": _shown(of)}
    shown = _("%(value)s of %(of)s") % parts if value is not None and of is not None and value != of else None
    return {"label": label, "value": value, "shown": shown or _shown(value)}


def _figure(document: Document, table: Table, language: str) -> dict[str, Any]:
    drawn = charts.chart(document, table, language)
    pairs = _pairs(drawn)
    marks = drawn.marks if isinstance(drawn, charts.Trend) else ()
    island = tile_map(document, table, language)
    return {
        "caption": table.title[language],
        "bars": [{"label": label, "value": value, "shown": _shown(value)} for label, value in pairs],
        "marks": [f"{date_words(mark.month)} – {mark.label}" for mark in marks],
        "island": [_tile(tile) for tile in island.tiles] if island else [],
        "tables": [_sheet(shown) for shown in slices(document, table, language)],
    }


def _story(story: Story, language: str) -> dict[str, str]:
    """In the paper's language where it was told in that, else in the other."""
    if story.withdrawn:
        return {
            "text": "",
            "language": language,
            "below": _(
                "A passage stood here. The person has withdrawn it, or the time they agreed to is over."
            ),
        }
    told_in = language if language in story.text else next(iter(story.text))
    kind = vocabulary.label("story_kind", story.kind, language)
    return {"text": story.text[told_in], "language": told_in, "below": f"{kind}. {story.changed[language]}"}


def _series(one: OutsideSeries, language: str) -> dict[str, Any]:
    shown = beside.series_shown(one, language)
    bars = [{**bar, "shown": _shown(bar["value"])} for bar in shown["bars"]]
    about = [(_("Unit"), shown["unit"]), (_("Definition"), shown["definition"]), (_("Source"), one.source)]
    return {"title": shown["title"], "bars": bars, "about": about} | {
        name: shown[name] for name in ("notes", "warnings")
    }


def _annex(document: Document, language: str) -> list[dict[str, Any]]:
    shown = beside.annex_shown(document, language)
    labels = [column["label"] for column in shown["columns"]]
    return [{"body": row[0], "facts": list(zip(labels[1:], row[1:], strict=True))} for row in shown["rows"]]


def _pairs(drawn: charts.Trend | charts.Bars) -> list[tuple[str, int | None]]:
    if isinstance(drawn, charts.Trend):
        return [(column.label, column.value) for column in drawn.columns]
    return [(str(bar["label"]), cast("int | None", bar["value"])) for bar in drawn.bars]


def _tile(tile: Any) -> dict[str, Any]:
    return {
        "column": tile.x // SIZE,
        "row": tile.y // SIZE,
        "short": tile.short,
        "value": tile.value,
        "shown": _shown(tile.value),
        "shade": tile.shade,
        "counted": tile.counted,
    }


def _sheet(shown: ShownTable) -> dict[str, Any]:
    nobody = _("Nobody was counted in: %(categories)s.") % {"categories": ", ".join(shown.nobody)}
    return {
        "caption": shown.caption,
        "note": shown.note,
        "corner": shown.corner,
        "columns": [column.label for column in shown.columns],
        "rows": [
            {
                "label": row.label,
                "level": row.level,
                "total": row.total,
                "cells": [_shown(cell.value) for cell in row.cells],
            }
            for row in shown.rows
        ],
        "nobody": nobody if shown.nobody else "",
    }


def _windows_table(found: list[Windows], language: str) -> dict[str, Any]:
    return {
        "caption": _("Before and after"),
        "note": "",
        "corner": _("Decision"),
        "columns": [_("Before"), _("After")],
        "rows": [
            {
                "label": f"{one.declaration.label(language)} ({date_words(one.declaration.month)})",
                "level": 0,
                "total": False,
                "cells": [
                    f"{_shown(one.count_before)} ({one.before[0]}–{one.before[1]})",
                    f"{_shown(one.count_after)} ({one.after[0]}–{one.after[1]})",
                ],
            }
            for one in found
        ],
        "nobody": "",
    }
