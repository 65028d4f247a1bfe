"""The page for a group's spreadsheet, the imports that can still be undone, and undoing one."""

import csv
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from accounts import teams
from accounts.models import TeamKind, User
from accounts.sessions import SignedInRequest
from casework import vault, vocabulary
from casework.forms.importing import ImportForm
from casework.importing import FileRefused, batches, sheets, undoing
from casework.importing.columns import COLUMNS
from casework.views import held
from casework.views.audience import organizers_only
from casework.views.streaming import Ended, Told, streamed


@organizers_only
@sensitive_variables()
def import_page(request: SignedInRequest) -> HttpResponseBase:
    own_teams = teams.teams_of(request.user, TeamKind.ORGANIZERS)
    if request.method != "POST":
        return _shown(request, ImportForm(teams=own_teams))
    form = ImportForm(request.POST, request.FILES, teams=own_teams)
    if not form.is_valid():
        return _shown(request, form, 422)
    return _received(request, form)


def _received(request: SignedInRequest, form: ImportForm) -> HttpResponseBase:
    team = teams.team_for(request.user, form.cleaned_data["team"])
    try:
        sheet = sheets.receive(request.keyring, team, form.cleaned_data["file"], timezone.localdate())
    except FileRefused as refused:
        form.add_error("file", str(refused))
        return _shown(request, form, 422)
    held.remember(request, sheet.held)
    return redirect("import-sheet", sheet.held.id)


def _shown(request: SignedInRequest, form: ImportForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "columns": _columns(), "batches": _batches(request)}
    return render(request, "casework/import.html", context, status=status)


def _batches(request: SignedInRequest) -> list[dict[str, Any]]:
    found = batches.of_teams(request.keyring)
    names = dict(User.objects.filter(pk__in=[b.facts.by for b in found]).values_list("pk", "username"))
    return [
        {
            "id": batch.row.pk,
            "name": batch.facts.name,
            "team": batch.row.team.name,
            "at": batch.facts.at,
            "by": names.get(batch.facts.by, "") if batch.facts.by else _("the command line"),
            "number": len(batch.facts.cases) // 16,
            "until": batch.row.ends_on,
        }
        for batch in found
    ]


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


@organizers_only
@sensitive_variables()
def import_undo(request: SignedInRequest, batch_id: UUID) -> HttpResponseBase:
    batch = batches.batch_for(request.keyring, batch_id)
    context = {"batch": batch, "number": len(batch.facts.cases) // 16}
    if request.method == "POST":
        return streamed(request, "casework/import_undo.html", context, _undoing(request, batch))
    found = undoing.preview(batch)
    context |= {"found": found, "changed": _references(request, found.changed)}
    return render(request, "casework/import_undo.html", context)


def _undoing(request: SignedInRequest, batch: batches.Batch) -> Iterator[Told]:
    total, done = len(batch.facts.cases) // 16, undoing.Undone()
    for done in undoing.undo(request.keyring, batch):
        yield done.seen, _("%(done)s of %(total)s cases") % {"done": done.seen, "total": total}
    text = ngettext("%(number)s case was removed.", "%(number)s cases were removed.", done.removed)
    context = {"text": text % {"number": done.removed}, "changed": _references(request, done.changed)}
    yield Ended("casework/import_undone.html", context)


def _references(request: SignedInRequest, ids: list[UUID]) -> list[dict[str, Any]]:
    """By name, so that somebody can look at them; one that this person may not open any more has none."""
    wanted = set(ids)
    if not wanted:
        return []

    def named(cards: Iterator[vault.Listed]) -> list[dict[str, Any]]:
        mine = ((row.case_id, row.head.reference) for row in cards)
        return [{"id": case_id, "reference": reference} for case_id, reference in mine if case_id in wanted]

    return vault.every_card(request.keyring, named)[0]
