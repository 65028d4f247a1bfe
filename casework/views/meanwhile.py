"""Two people saved the same case. The second is shown both versions, place by place, chooses, and saves; nothing is lost.

What they typed comes along in the page itself, as in every form that is shown again; the server keeps none of it."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.sessions import SignedInRequest
from casework import changes, history, intake, vault
from casework.changes import Meeting, Path
from casework.record import CaseRecord, Saved
from casework.views.differences import State, called_in, meeting_shown

CHOICE: Final = "choice-"
OURS: Final = ("csrfmiddlewaretoken", "seen")


def answer(request: SignedInRequest, theirs: vault.OpenCase, mine: CaseRecord, base: int) -> HttpResponse:
    """Raises ConsentMissing when the person has withdrawn meanwhile: then neither version may be kept."""
    vault.require_read(request.keyring, theirs)
    before = history.open_revision(request.keyring, theirs.case, base)
    found = changes.meetings(before, theirs.record, mine)
    chosen = _chosen(request, found) if request.POST.get("seen") == str(theirs.revision) else None
    if chosen is None:
        return _page(request, theirs, mine, found)
    return _save(request, theirs, chosen, mine, base)


def _chosen(request: SignedInRequest, found: list[Meeting]) -> list[tuple[Path, Any]] | None:
    """None as long as something is open: the server decides for nobody."""
    taken: list[tuple[Path, Any]] = []
    for number, meeting in enumerate(found):
        choice = request.POST.get(f"{CHOICE}{number}")
        if choice == "mine":
            taken.append((meeting.path, meeting.mine))
        elif choice == "both" and meeting.joined is not None:
            taken.append((meeting.path, meeting.joined))
        elif choice != "theirs":
            return None
    return taken


def _save(
    request: SignedInRequest,
    theirs: vault.OpenCase,
    chosen: list[tuple[Path, Any]],
    mine: CaseRecord,
    base: int,
) -> HttpResponse:
    record = changes.merged(theirs.record, chosen)
    try:
        intake.save_case(request.keyring, theirs.case.pk, record, theirs.revision)
    except intake.SavedMeanwhile as met:
        return answer(request, met.theirs, mine, base)
    messages.success(request, _("Saved as a new revision, with what both of you wrote."))
    return redirect("case", theirs.case.pk)


def _page(
    request: SignedInRequest, theirs: vault.OpenCase, mine: CaseRecord, found: list[Meeting]
) -> HttpResponse:
    called = called_in(theirs.record, mine)
    context = {
        "case": theirs.case,
        "seen": theirs.revision,
        "who": _name(theirs.record.saved),
        "at": theirs.record.saved.at if theirs.record.saved else None,
        "meetings": [
            {
                "name": f"{CHOICE}{number}",
                **meeting_shown(meeting, State(theirs.record, called), State(mine, called)),
                **_ticked(request, number, meeting),
            }
            for number, meeting in enumerate(found)
        ],
        "typed": _typed(request),
        "open": "seen" in request.POST,
    }
    return render(request, "casework/cases/saved_meanwhile.html", context, status=409)


def _ticked(request: SignedInRequest, number: int, meeting: Meeting) -> dict[str, str]:
    """What only one of the two changed is ticked already; what both changed is for the person to say."""
    offered = "" if meeting.contested else "mine" if meeting.mine_is_new else "theirs"
    return {"ticked": request.POST.get(f"{CHOICE}{number}", offered)}


def _typed(request: SignedInRequest) -> list[tuple[str, str]]:
    return [
        (name, str(value))
        for name, values in request.POST.lists()
        if name not in OURS and not name.startswith(CHOICE)
        for value in values
    ]


def _name(saved: Saved | None) -> str:
    user = User.objects.filter(pk=saved.by).first() if saved and saved.by else None
    return user.username if user else ""
