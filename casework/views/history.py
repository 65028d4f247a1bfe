"""Every revision of a case: who, when, what changed; and the way back to one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from accounts.sessions import SignedInRequest
from casework import changes, history, intake, permissions, vault
from casework.changes import Change
from casework.forms.cases import RevisionForm
from casework.history import Revised
from casework.record import CaseRecord
from casework.views.differences import State, called_in, change_shown

HOW = {
    "case.create": gettext_lazy("opened the case"),
    "consent.save": gettext_lazy("wrote down answers about consent"),
    "notice.read": gettext_lazy("took note of what was said by receipt"),
    "consent.told": gettext_lazy("wrote down who was told of a withdrawal"),
    "case.restore": gettext_lazy("went back to an earlier revision"),
}


@sensitive_variables()
def case_history(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    found = history.open_history(request.keyring, case_id, _before(request))
    called = called_in(*(revised.record for revised in found.revised))
    context = {
        "case": found.case,
        "revisions": [_revision_shown(revised, called) for revised in found.revised],
        "newest": found.newest,
        "older": found.older,
        "may_change": permissions.CHANGE in permissions.allowed(request.user, case_id),
    }
    return render(request, "casework/cases/history.html", context)


def _before(request: SignedInRequest) -> int:
    asked = request.GET.get("before", "")
    return int(asked) if asked.isdecimal() and len(asked) < 10 else 0


def _revision_shown(revised: Revised, called: dict[str, str]) -> dict[str, Any]:
    saved = revised.record.saved
    return {
        "number": revised.number,
        "who": called.get(saved.by, "") if saved else "",
        "at": saved.at if saved else None,
        "how": HOW.get(saved.action, "") if saved else "",
        "restored": saved.restored if saved else 0,
        "changes": _changes(revised.record, revised.earlier, revised.changes, called)
        if revised.earlier
        else [],
    }


def _changes(
    now: CaseRecord, earlier: CaseRecord, found: list[Change], called: dict[str, str]
) -> list[dict[str, Any]]:
    return [change_shown(State(now, called), State(earlier, called), change) for change in found]


@sensitive_variables()
def case_restore(request: SignedInRequest, case_id: UUID, number: int) -> HttpResponse:
    """What would change first, then the change."""
    opened = vault.open_case(request.keyring, case_id, permissions.CHANGE)
    if not 0 < number < opened.revision:
        raise Http404
    back = changes.restored(history.open_revision(request.keyring, opened.case, number), opened.record)
    form = RevisionForm(request.POST or None, initial={"base": opened.revision})
    if request.method == "POST" and form.is_valid() and form.cleaned_data["base"] == opened.revision:
        intake.restore(request.keyring, case_id, number, opened.revision)
        messages.success(request, _("Revision %(number)s is back, as a new revision.") % {"number": number})
        return redirect("case", case_id)
    found, called = changes.differences(opened.record, back), called_in(opened.record, back)
    context = {
        "case": opened.case,
        "number": number,
        "base": RevisionForm(initial={"base": opened.revision}),
        "changes": _changes(back, opened.record, found, called),
        "outrun": request.method == "POST",
    }
    return render(request, "casework/cases/restore.html", context, status=409 if context["outrun"] else 200)
