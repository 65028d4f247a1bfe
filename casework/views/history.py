"""Every revision of a case: who, when, what changed; and the way back to one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from accounts.sessions import SignedInRequest
from casework import changes, history, intake, permissions, vault
from casework.forms.cases import RevisionForm
from casework.history import History, Revised
from casework.views.differences import change_shown

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
    names = _names(found)
    context = {
        "case": found.case,
        "revisions": [_revision_shown(revised, names) for revised in found.revised],
        "newest": found.newest,
        "older": found.older,
        "may_change": permissions.CHANGE in permissions.allowed(request.user, case_id),
    }
    return render(request, "casework/cases/history.html", context)


def _before(request: SignedInRequest) -> int:
    asked = request.GET.get("before", "")
    return int(asked) if asked.isdecimal() and len(asked) < 10 else 0


def _names(found: History) -> dict[str, str]:
    """Of whoever saved one of them: one question for the whole page."""
    ids = {revised.record.saved.by for revised in found.revised if revised.record.saved}
    people = User.objects.filter(pk__in=[UUID(user_id) for user_id in ids if user_id])
    return {user_id.hex: name for user_id, name in people.values_list("pk", "username")}


def _revision_shown(revised: Revised, names: dict[str, str]) -> dict[str, Any]:
    saved = revised.record.saved
    return {
        "number": revised.number,
        "who": names.get(saved.by, "") if saved else "",
        "at": saved.at if saved else None,
        "how": HOW.get(saved.action, "") if saved else "",
        "restored": saved.restored if saved else 0,
        "changes": [change_shown(revised.record, revised.earlier, c) for c in revised.changes]
        if revised.earlier
        else [],
    }


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
    found = changes.differences(opened.record, back)
    context = {
        "case": opened.case,
        "number": number,
        "base": RevisionForm(initial={"base": opened.revision}),
        "changes": [change_shown(back, opened.record, change) for change in found],
        "outrun": request.method == "POST",
    }
    return render(request, "casework/cases/restore.html", context, status=409 if context["outrun"] else 200)
