"""A spreadsheet that has arrived: which column is which, what its words mean, which rows are not right, and keeping it. The
plaintext is read in these requests and nowhere else: the worker could not seal it better, and would have had to be handed it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from accounts import teams
from accounts.models import Team
from accounts.sessions import SignedInRequest
from casework import keys, vocabulary
from casework.forms.cases import all_valid
from casework.forms.importing import NO_ORDER, ColumnForm, KeepForm, SameForm, SheetForm, mended
from casework.importing import BadRow, keeping, memory, sheets
from casework.importing.plan import Plan
from casework.importing.problems import SHOWN, Problem
from casework.record import CaseRecord
from casework.views import held
from casework.views.audience import organizers_only
from casework.views.streaming import Ended, Told, streamed
from casework.views.summaries import case_facts, person_facts


@dataclass
class Parts:
    sheet: SheetForm
    columns: list[ColumnForm]
    same: SameForm
    keep: KeepForm

    def valid(self) -> bool:
        return all_valid([self.sheet, self.same, self.keep, *self.columns])


@organizers_only
@sensitive_variables()
@sensitive_post_parameters()
def import_sheet(request: SignedInRequest, held_id: UUID) -> HttpResponseBase:
    sheet = sheets.sheet_for(request.keyring, held_id, held.share_of(request, held_id))
    team = teams.team_for(request.user, sheet.facts.team)
    parts = _parts(request, sheet)
    if request.method != "POST":
        return _shown(request, sheet, team, parts)
    if not parts.valid():
        return _shown(request, sheet, team, parts, 422)
    return _answered(request, sheet, team, parts)


def _answered(request: SignedInRequest, sheet: sheets.Sheet, team: Team, parts: Parts) -> HttpResponseBase:
    line, today = parts.sheet.cleaned_data["header_line"], timezone.localdate()
    if line != sheet.facts.plan.header_line:
        sheets.begin_at(request.keyring, sheet, team, line, today)
        return redirect("import-sheet", sheet.held.id)
    sheet = sheets.look_again(sheet, _plan(request, sheet.facts.plan, parts), today)
    if request.POST.get("do") != "keep":
        return redirect(request.get_full_path())
    bad = sheet.facts.bad_rows and not parts.keep.cleaned_data["keep_good"]
    if sheet.faults or bad or not sheet.facts.good_rows:
        return _shown(request, sheet, team, _parts(request, sheet, unbound=True), 422)
    context = {"sheet": sheet.facts, "team": team}
    return streamed(request, "casework/import_sheet.html", context, _keeping(request, sheet, team))


def _parts(request: SignedInRequest, sheet: sheets.Sheet, *, unbound: bool = False) -> Parts:
    data, plan = None if unbound or request.method != "POST" else request.POST, sheet.facts.plan
    pairs = zip(sheet.facts.columns, plan.columns, strict=True)
    return Parts(
        SheetForm(
            data,
            heads=sheet.facts.heads,
            initial={"header_line": plan.header_line, "dates": plan.dates or NO_ORDER},
        ),
        [ColumnForm(data, surveyed, planned, n) for n, (surveyed, planned) in enumerate(pairs, start=1)],
        SameForm(data, prefix="same", initial=SameForm.initial_of(plan)),
        KeepForm(data),
    )


def _plan(request: SignedInRequest, before: Plan, parts: Parts) -> Plan:
    mends, without = mended(request.POST, before)
    columns = [form.plan() for form in parts.columns]
    same, dates = parts.same.same(), parts.sheet.dates_meant()
    taken = {column.field for column in columns}
    return msgspec.structs.replace(
        before,
        dates=dates,
        columns=columns,
        same={k: v for k, v in same.items() if k not in taken},
        mended=mends,
        without=without,
    )


def _shown(
    request: SignedInRequest, sheet: sheets.Sheet, team: Team, parts: Parts, status: int = 200
) -> HttpResponse:
    page = _page(request, sheet)
    context = {
        "sheet": sheet.facts,
        "held": sheet.held.id,
        "team": team,
        "parts": parts,
        "faults": sheet.faults,
        "cases": [_case_shown(record) for record in sheets.first_cases(sheet, timezone.localdate())]
        if sheet.facts.good_rows
        else [],
        "rows": [_row_shown(row) for row in page["rows"]],
        "page": page,
    }
    return render(request, "casework/import_sheet.html", context, status=status)


def _page(request: SignedInRequest, sheet: sheets.Sheet) -> dict[str, Any]:
    """Of the rows that are not right; numbered from 1, and one that does not exist is the first."""
    pages, asked = sheet.facts.pages, request.GET.get("page", "")
    number = int(asked) if asked.isdecimal() and 1 <= int(asked) <= len(pages) else 1
    rows = sheets.bad_rows(sheet, pages[number - 1], timezone.localdate()) if pages else []
    return {"rows": rows, "number": number, "of": len(pages)}


def _row_shown(row: BadRow) -> dict[str, Any]:
    return {"line": row.line, "problems": [_problem_shown(problem) for problem in row.problems]}


def _problem_shown(problem: Problem) -> dict[str, Any]:
    """A value that was shortened cannot be mended here: the rest of it would be lost."""
    label = vocabulary.label("import_column", problem.column, translation.get_language() or "fr")
    return {"problem": problem, "label": label, "mendable": len(problem.value) < SHOWN}


def _case_shown(record: CaseRecord) -> dict[str, Any]:
    facts = [*case_facts(record), *(fact for person in record.persons for fact in person_facts(person))]
    told = [" ".join(statement.text.split()[:40]) for statement in record.statements if statement.text]
    return {"reference": record.reference, "facts": facts, "told": told}


def _keeping(request: SignedInRequest, sheet: sheets.Sheet, team: Team) -> Iterator[Told]:
    facts, kept, today = sheet.facts, keeping.Kept(), timezone.localdate()
    grantor = keys.to_team(request.keyring, team)
    memory.remember(request.keyring, team, facts.plan, facts.columns)
    for kept in keeping.keep(sheet.open(), facts.name, today, team, grantor, request.user, facts.plan):
        yield kept.rows, _("%(done)s of %(total)s rows") % {"done": kept.rows, "total": facts.good_rows}
    # The session was written before this page began: what is left in it opens nothing.
    sheet.held.forget()
    yield Ended("casework/import_done.html", {"kept": kept, "team": team, "bad_rows": facts.bad_rows})


@require_POST
@organizers_only
def import_forget(request: SignedInRequest, held_id: UUID) -> HttpResponse:
    sheet = sheets.sheet_for(request.keyring, held_id, held.share_of(request, held_id))
    held.forget(request, sheet.held)
    messages.success(request, _("The file is forgotten. Nothing of it was kept."))
    return redirect("import")
