"""The page for a group's spreadsheet. The plaintext is read in this request and nowhere else: the worker could not seal it
better, and would have had to be handed it."""

import csv
import logging
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import teams
from accounts.models import Team, TeamKind
from accounts.sessions import SignedInRequest
from casework import keys, vocabulary
from casework.forms.importing import ImportForm
from casework.importing import FileRefused, keeping
from casework.importing.columns import COLUMNS
from casework.views.audience import organizers_only

logger = logging.getLogger(__name__)
TOLD_EVERY = 1000
MARK = "<!-- progress -->"


@organizers_only
@sensitive_variables()
def import_page(request: SignedInRequest) -> HttpResponseBase:
    own_teams = teams.teams_of(request.user, TeamKind.ORGANIZERS)
    if request.method != "POST":
        return _shown(request, ImportForm(teams=own_teams))
    form = ImportForm(request.POST, request.FILES, teams=own_teams)
    if not form.is_valid():
        return _shown(request, form, 422)
    return _checked(request, form)


def _checked(request: SignedInRequest, form: ImportForm) -> HttpResponseBase:
    upload, wanted = form.cleaned_data["file"], form.cleaned_data
    try:
        found = keeping.check(upload, upload.name, timezone.localdate())
    except FileRefused as refused:
        form.add_error("file", str(refused))
        return _shown(request, form, 422)
    if found.bad_rows and not wanted["keep_good"]:
        return _shown(request, form, 422, found=found)
    if wanted["dry_run"]:
        return _shown(request, form, found=found, dry=True)
    return _streamed(request, form, found)


def _shown(request: SignedInRequest, form: ImportForm, status: int = 200, **more: Any) -> HttpResponse:
    return render(
        request, "casework/import.html", {"form": form, "columns": _columns(), **more}, status=status
    )


def _columns() -> list[dict[str, Any]]:
    """What each column is called in the reader's language, and every value it takes."""
    language = translation.get_language() or "fr"
    return [
        {
            "column": column,
            "label": vocabulary.label("import_column", column.name, language),
            "terms": [(t.code, t.label(language)) for t in vocabulary.terms(column.vocabulary)]
            if column.vocabulary
            else [],
        }
        for column in COLUMNS
    ]


@organizers_only
def import_template(request: SignedInRequest) -> HttpResponse:
    """A header row in the reader's language: a spreadsheet to fill in."""
    language = translation.get_language() or "fr"
    names = [vocabulary.label("import_column", column.name, language) for column in COLUMNS]
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    # With the mark at the start, the usual spreadsheet programs read the accents right.
    response.write("\ufeff")
    csv.writer(response).writerow(names)
    response["Content-Disposition"] = 'attachment; filename="temoin.csv"'
    return response


def _streamed(request: SignedInRequest, form: ImportForm, found: keeping.Checked) -> StreamingHttpResponse:
    """The page is sent piece by piece while rows are kept: progress in words, without a script and without a job."""
    context = {"found": found, "streaming": True}
    head, _mark, tail = render_to_string("casework/import.html", context, request).partition(MARK)
    team = teams.team_for(request.user, form.cleaned_data["team"])
    pieces = _pieces(request, form.cleaned_data["file"], team, found, head, tail)
    response = StreamingHttpResponse(pieces)
    response["X-Accel-Buffering"] = "no"
    return response


def _pieces(
    request: SignedInRequest, upload: Any, team: Team, found: keeping.Checked, head: str, tail: str
) -> Iterator[str]:
    language = translation.get_language() or "fr"
    yield head
    with translation.override(language):
        yield from _keeping(request, upload, team, found)
    yield tail


def _keeping(request: SignedInRequest, upload: Any, team: Team, found: keeping.Checked) -> Iterator[str]:
    """A line of words every thousand rows. When the person leaves the page before the end, nothing is kept."""
    told, kept = 0, keeping.Kept()
    grantor = keys.to_team(request.keyring, team)
    try:
        for kept in keeping.keep(upload, upload.name, timezone.localdate(), team, grantor, request.user):
            if kept.rows - told >= TOLD_EVERY:
                told = kept.rows
                yield format_html(
                    "<p>{}</p>", _("%(done)s of %(total)s rows") % {"done": told, "total": found.good_rows}
                )
    except Exception as error:  # noqa: BLE001 - the page has begun: it must end with words, whatever happened
        logger.error("An import went wrong.", exc_info=(type(error), error, error.__traceback__))
        yield render_to_string("casework/import_failed.html")
        return
    yield render_to_string(
        "casework/import_done.html", {"kept": kept, "team": team, "bad_rows": found.bad_rows}
    )
