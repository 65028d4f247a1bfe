"""What everybody may read, signed out: releases, and what others have published, each with its unit, definition and source."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.crypto.sealed import SealBroken
from casework import beside, charts, facts, keptpapers, outside, releasepaper, releases, vocabulary
from casework.beforeafter import Windows, windows
from casework.bundle import bundle
from casework.charts import Trend
from casework.documents import Document, Story, Table
from casework.funnel import funnel
from casework.models import Release
from casework.rendering import csv_text, slices
from casework.tilemap import tile_map
from casework.vocabulary import series

View = Callable[[HttpRequest, UUID], HttpResponse]


def language() -> str:
    return (get_language() or "fr")[:2]


@login_not_required
@require_safe
def published_list(request: HttpRequest) -> HttpResponse:
    rows = [_listed(release) for release in releases.published()]
    context = {
        "current": [row for row in rows if not row["superseded"]],
        "superseded": [row for row in rows if row["superseded"]],
        "withdrawn": [_listed(release) for release in releases.withdrawn()],
        "series": [beside.series_shown(outside.shown(s), language()) for s in series.all_series()],
    }
    return render(request, "casework/published/list.html", context)


def _listed(release: Release) -> dict[str, Any]:
    question = releases.question_of(release)
    return {
        "release": release,
        "title": question.title[language()],
        "period": question.period,
        "unit": _unit_words(question.unit),
        "superseded": release.status == Release.Status.SUPERSEDED,
    }


def _unit_words(unit: str) -> str:
    return _("persons") if unit == facts.PERSON else _("events")


def _unaltered(view: View) -> View:
    """What is no longer what was signed is not shown, in any form, and the page says so."""

    @wraps(view)
    def checked(request: HttpRequest, release_id: UUID) -> HttpResponse:
        try:
            return view(request, release_id)
        except SealBroken:
            return render(request, "casework/published/altered.html", status=409)

    return checked


@login_not_required
@require_safe
@_unaltered
def published_release(request: HttpRequest, release_id: UUID) -> HttpResponse:
    release, document = _current(release_id)
    if document is None:
        return _withdrawn(request, release)
    context = {
        "release": release,
        "document": document,
        "title": document.title[language()],
        "method": document.method[language()],
        "lead": document.text.get("lead", {}).get(language(), ""),
        "notes": document.text.get("notes", {}).get(language(), ""),
        "unit_words": _unit_words(document.unit),
        "counted": _grand_total(document),
        "stages": [vars(stage) for stage in funnel(document, language())],
        "windows": [_window_shown(one) for one in windows(document)],
        "figures": [_figure(document, table) for table in document.tables],
        "series": [beside.series_shown(one, language()) for one in document.outside],
        "annex": beside.annex_shown(document, language()) if document.annex else None,
        "superseded_by": release.successors.filter(status__in=releases.VISIBLE).first(),
        "stories": shown_stories(document),
        "signature": document.signature,
        "picture": request.build_absolute_uri(reverse("published-picture", args=[release.pk])),
    }
    return render(request, "casework/published/release.html", context)


def shown_stories(document: Document) -> list[dict[str, Any]]:
    """In the reader's language where it was told in that, else in the other."""
    return [_story_shown(story) for story in document.stories]


def _story_shown(story: Story) -> dict[str, Any]:
    if story.withdrawn:
        return {"withdrawn": True}
    told_in = language() if language() in story.text else next(iter(story.text))
    return {
        "withdrawn": False,
        "language": told_in,
        "text": story.text[told_in],
        "kind": vocabulary.label("story_kind", story.kind, language()),
        "changed": story.changed[language()],
    }


def _withdrawn(request: HttpRequest, release: Release) -> HttpResponse:
    """410: gone, and known to be."""
    context = {
        "release": release,
        "title": releases.question_of(release).title[language()],
        "why": (release.withdrawal or {})[language()],
    }
    return render(request, "casework/published/withdrawn.html", context, status=410)


def _current(release_id: UUID) -> tuple[Release, Document | None]:
    """Without a document where the release was withdrawn. What this process keeps of it in an earlier form goes."""
    release = releases.published_release(release_id)
    if release.withdrawal is not None:
        keptpapers.let_go(release.pk)
        return release, None
    document = releases.document_of(release)
    keptpapers.settle(document)
    return release, document


def _shown_document(release_id: UUID) -> tuple[Release, Document]:
    """What may still be taken away. Of a withdrawn release nothing, and the answer is that of one that never was."""
    release, document = _current(release_id)
    if document is None:
        raise Http404
    return release, document


def _figure(document: Document, table: Table) -> dict[str, Any]:
    """A picture and the table it is drawn from."""
    chart = charts.chart(document, table, language())
    kind = "trend" if isinstance(chart, Trend) else "bars"
    return {
        kind: chart,
        "map": tile_map(document, table, language()),
        "tables": slices(document, table, language()),
        "narrow": len(table.dimensions) == 1,
    }


def _window_shown(one: Windows) -> dict[str, Any]:
    return {
        "one": one,
        "label": one.declaration.label(language()),
        **{name: _span(getattr(one, name)) for name in ("before", "after")},
    }


def _span(years: tuple[int, int]) -> str:
    return str(years[0]) if years[0] == years[1] else f"{years[0]}–{years[1]}"


def _grand_total(document: Document) -> int | None:
    """None: suppressed."""
    table = document.tables[0]
    return next(cell.value for cell in table.cells if set(cell.at.values()) == {facts.TOTAL})


@login_not_required
@require_safe
@_unaltered
def published_json(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """The very bytes that carry the signature."""
    release, _document = _shown_document(release_id)
    return _download(bytes(release.document or b""), "application/json", f"temoin-release-{release.pk}.json")


@login_not_required
@require_safe
@_unaltered
def published_csv(request: HttpRequest, release_id: UUID) -> HttpResponse:
    _release, document = _shown_document(release_id)
    text = csv_text(document, language())
    return _download(text.encode(), "text/csv; charset=utf-8", f"temoin-release-{document.id}.csv")


@login_not_required
@require_safe
@_unaltered
def published_pdf(request: HttpRequest, release_id: UUID) -> HttpResponse:
    _release, document = _shown_document(release_id)
    made = releasepaper.pdf(document, language())
    return _download(made, "application/pdf", f"temoin-release-{document.id}-{language()}.pdf")


@login_not_required
@require_safe
@_unaltered
def published_bundle(request: HttpRequest, release_id: UUID) -> HttpResponse:
    _release, document = _shown_document(release_id)
    return _download(
        bundle(document, language()), "application/zip", f"temoin-release-{document.id}-{language()}.zip"
    )


@login_not_required
@require_safe
@_unaltered
def published_picture(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Shown by other sites beside a link, so it is no download."""
    _release, document = _shown_document(release_id)
    made = releasepaper.picture(document, language())
    return HttpResponse(made, content_type="image/png", headers={"X-Content-Type-Options": "nosniff"})


@login_not_required
@require_safe
def checking(request: HttpRequest) -> HttpResponse:
    """How anybody makes sure that a document is what two coordinators signed."""
    keys = releases.signing_keys()
    return render(
        request, "casework/published/checking.html", {"key": keys[0] if keys else "", "earlier": keys[1:]}
    )


def _download(content: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=content_type, headers=headers)


urlpatterns: list[URLPattern] = [
    path("published/", published_list, name="published"),
    path("published/<uuid:release_id>/", published_release, name="published-release"),
    path("published/checking/", checking, name="published-checking"),
    path("published/<uuid:release_id>.pdf", published_pdf, name="published-pdf"),
    path("published/<uuid:release_id>.zip", published_bundle, name="published-bundle"),
    path("published/<uuid:release_id>.png", published_picture, name="published-picture"),
    path("published/<uuid:release_id>.json", published_json, name="published-json"),
    path("published/<uuid:release_id>.csv", published_csv, name="published-csv"),
]
