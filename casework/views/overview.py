"""What the cases a person may open come down to: charts for those who would rather look, each with its table."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts.sessions import SignedInRequest
from casework import charts, overview, vault
from casework.forms.board import OverviewForm
from casework.handover import STAGES
from casework.overview import DRAWN, MONTH, Counts
from casework.record import Card
from casework.templatetags.display import date_words
from casework.views.audience import organizers_only
from casework.views.timeline import named

Shown = dict[str, Any]


@organizers_only
@sensitive_variables()
def overview_page(request: SignedInRequest) -> HttpResponse:
    form = OverviewForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    step = wanted.get("step") or MONTH
    counts, broken = vault.every_card(
        request.keyring, lambda cards: overview.count(_wanted(cards, wanted), step)
    )
    context = {
        "form": form,
        "active": sum(bool(wanted.get(name)) for name in ("city", "first", "last")),
        "broken": len(broken),
        "total": counts.cases,
        "people": counts.people[0],
        "figures": _figures(counts, step) if counts.cases else [],
    }
    return render(request, "casework/overview.html", context)


def _wanted(cards: Iterable[vault.Listed], wanted: Shown) -> Iterator[Card]:
    city, first, last = (wanted.get(name) for name in ("city", "first", "last"))
    for listed in cards:
        card = listed.card
        year = card.date[:4]
        if not card.open_until or (city and card.city != city):
            continue
        if (first or last) and not (year and (first or 0) <= int(year) <= (last or 9999)):
            continue
        yield card


def _figures(counts: Counts, step: str) -> list[Shown]:
    found = [_over_time(counts, step), _funnel(counts)]
    found.append(_bars(_("How it began"), _("cases"), "pretext", counts.pretexts))
    found.append(
        _bars(_("Services refused"), _("cases (one case may have several)"), "service_type", counts.services)
    )
    found.append(
        _bars(
            _("How they were refused"),
            _("cases (one case may have several)"),
            "denial_mechanism",
            counts.mechanisms,
        )
    )
    return [figure for figure in found if figure["table"]["rows"]]


def _table(caption: str, note: str, columns: list[str], rows: list[list[Any]]) -> Shown:
    heads = [{"label": label, "number": number > 0} for number, label in enumerate(columns)]
    return {"caption": caption, "note": note, "columns": heads, "rows": rows}


def _over_time(counts: Counts, step: str) -> Shown:
    points = overview.series(counts.over_time, step)
    # Months as digits, the same in both languages: twelve of them fit side by side.
    drawn = [(p if step == MONTH else date_words(p), number) for p, number in points[-DRAWN[step] :]]
    note = _("cases, by the date of the event")
    return {
        "trend": charts.trend(_("Cases over time"), list(drawn)),
        "note": note,
        "remarks": _remarks(counts, points[: len(points) - len(drawn)]),
        "table": _table(
            _("Cases over time"),
            note,
            [_("Period"), _("Cases")],
            [[date_words(p), number] for p, number in points],
        ),
    }


def _remarks(counts: Counts, earlier: list[tuple[str, int]]) -> list[str]:
    """What the picture leaves out is said beside it."""
    before = sum(number for _word, number in earlier)
    coarse = _("%(number)s cases have a date that is less precise, or none: they stand in no column.")
    older = _("%(number)s cases are older than the picture; the table has them.")
    said = [(coarse, counts.too_coarse), (older, before)]
    return [text % {"number": number} for text, number in said if number]


def stage_label(stage: str) -> str:
    return {
        "STOPPED": _("Stopped or called for help"),
        "CONTACTED": _("CBSA contacted"),
        "HELD": _("Held for the CBSA"),
        "HANDED_OVER": _("Handed over"),
        "DETAINED": _("Detained"),
        "REMOVED": _("Removed, or left under pressure"),
        "RELEASED": _("Released"),
    }[stage]


def _funnel(counts: Counts) -> Shown:
    """Each stage with the one it is measured against; removed and released both follow from being handed over."""
    stages = dict(zip(STAGES, counts.people, strict=True))
    rows, before = [], "STOPPED"
    for stage, number in stages.items():
        of = "HANDED_OVER" if stage in ("REMOVED", "RELEASED") else before
        rows.append(
            [stage_label(stage), number, _share(number, stages["STOPPED"]), _share(number, stages[of])]
        )
        before = stage
    note = _("people, as far as each of them came")
    columns = [_("Stage"), _("People"), _("Share of all (%)"), _("Share of the stage before (%)")]
    return {
        "caption": _("From the stop to the removal"),
        "note": note,
        "bars": [{"label": row[0], "value": row[1]} for row in rows],
        "remarks": [],
        "table": _table(_("From the stop to the removal"), note, columns, rows if stages["STOPPED"] else []),
    }


def _share(number: int, of: int) -> float | None:
    return round(100 * number / of, 1) if of else None


def _bars(caption: str, note: str, vocabulary: str, counted: Counter[str]) -> Shown:
    rows = [[named(vocabulary, code), number] for code, number in counted.most_common()]
    return {
        "caption": caption,
        "note": note,
        "bars": [{"label": label, "value": number} for label, number in rows],
        "remarks": [],
        "table": _table(caption, note, [caption, _("Cases")], rows),
    }


urlpatterns = [path("overview/", overview_page, name="overview")]
