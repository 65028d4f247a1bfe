"""Cases like this one, asked for from a case: suggestions, why, and the words that two of them tell of one event."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from accounts.keyring import Keyring
from accounts.sessions import SignedInRequest
from casework import alike, intake, permissions, vault
from casework.record import CaseRecord
from casework.views.summaries import card_shown

REASONS: Final = {
    "event": gettext_lazy("told to be the same event"),
    "day": gettext_lazy("same day"),
    "days": gettext_lazy("within three days"),
    "period": gettext_lazy("perhaps the same time"),
    "borough": gettext_lazy("same borough"),
    "city": gettext_lazy("same city"),
    "service": gettext_lazy("same service"),
    "pretext": gettext_lazy("began alike"),
    "name": gettext_lazy("a name like it"),
    "badge": gettext_lazy("same badge number"),
}


def alike_shown(keyring: Keyring, record: CaseRecord, but: UUID | None = None) -> list[dict[str, Any]]:
    """For the page of a case, and for whoever is about to keep a new one."""
    return [_shown(listed) for listed in alike.alike(keyring, record, but)]


def _shown(listed: vault.Listed) -> dict[str, Any]:
    reasons = listed.match.reasons if listed.match else ()
    return card_shown(listed) | {
        "id": listed.case_id,
        "linked": "event" in reasons,
        "reasons": [REASONS[reason] for reason in reasons],
    }


@sensitive_variables()
def case_alike(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    if request.method == "POST":
        return _say(request, case_id)
    opened = vault.open_case(request.keyring, case_id)
    context = {
        "case": opened.case,
        "record": opened.record,
        "alike": alike_shown(request.keyring, opened.record, case_id),
        "may_change": permissions.CHANGE in permissions.allowed(request.user, case_id),
    }
    return render(request, "casework/cases/alike.html", context)


def _say(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    try:
        if "unlink" in request.POST:
            alike.unlink(request.keyring, case_id)
            messages.success(request, _("The case tells of an event of its own again."))
        else:
            alike.link(request.keyring, case_id, _other(request))
            messages.success(request, _("Both cases tell of one event, which is counted once."))
    except intake.SavedMeanwhile:
        messages.error(request, _("Somebody saved the case in this moment. Nothing was changed. Try again."))
    return redirect("case-alike", case_id)


def _other(request: SignedInRequest) -> UUID:
    try:
        return UUID(request.POST.get("other", ""))
    except ValueError:
        raise Http404 from None
