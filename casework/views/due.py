"""The board of what is due over every case the person may open; and the same as a calendar that says nothing but the days."""

import datetime as dt
import uuid
from collections.abc import Iterator
from operator import itemgetter
from typing import Any, Final, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts.sessions import SignedInRequest
from casework import deadlines, vault
from casework.deadlines import CardDue
from casework.forms.board import BoardForm
from casework.views.audience import organizers_only
from casework.views.duties import KINDS, due_in, names, urgency_words, when_words
from casework.views.summaries import case_title
from casework.views.timeline import named

# In the order of the page: what cannot wait first, what nobody has touched for months last.
GROUPS: Final = ("overdue", "now", "soon", "later", "undated", "stale")
# More than anybody reads; the groups say how many there are.
SHOWN: Final = 100


class Found(NamedTuple):
    """One thing that is due, as its card says it, and the case it is due in. `free`: nobody in it is held."""

    free: bool
    written: str
    listed: vault.Listed


Board = dict[str, list[Found]]


def board_of(listing: vault.Listing, today: dt.date, owner: str = "", kind: str = "") -> Board:
    """Everything due, sorted into GROUPS; in each, those of whom somebody is held first, then by day. `owner`: only the tasks
    given to them, and every date that is nobody's task."""
    board: Board = {name: [] for name in GROUPS}
    horizon, wanted = deadlines.Horizon(today), f" {kind}"
    for listed in listing.cases:
        for written in due_in(listed, horizon):
            if (owner and not deadlines.concerns(written, owner)) or (kind and not _is_kind(written, wanted)):
                continue
            free = not (listed.head.detained_now or deadlines.is_review(written))
            board[horizon.urgency(written)].append(Found(free, written, listed))
    for group in board.values():
        group.sort(key=itemgetter(0, 1))
    return board


def _is_kind(written: str, wanted: str) -> bool:
    return written.endswith(wanted) or f"{wanted} " in written


def number_in(board: Board, *names: str) -> int:
    return sum(len(board[name]) for name in names)


@organizers_only
@sensitive_variables()
def due_board(request: SignedInRequest) -> HttpResponse:
    form, today = BoardForm(request.GET), timezone.localdate()
    wanted: dict[str, Any] = form.cleaned_data if form.is_valid() else {"mine": False, "kind": ""}
    owner = request.user.pk.hex if wanted["mine"] else ""
    listing = vault.cards(request.keyring)
    board = board_of(listing, today, owner, wanted["kind"])
    context = {
        "groups": _shown(board, today),
        "urgent": number_in(board, "overdue", "now"),
        "soon": number_in(board, "soon"),
        "detained": sum(listed.head.detained_now for listed in listing.cases),
        "broken": len(listing.broken),
        "form": form,
        "active": sum(bool(value) for value in wanted.values()),
    }
    return render(request, "casework/due.html", context)


def _shown(board: Board, today: dt.date) -> list[dict[str, Any]]:
    seen = [found.written for group in board.values() for found in group[:SHOWN]]
    called = names({deadlines.read(written).owner for written in seen})
    return [
        {
            "name": name,
            "title": group_title(name),
            "total": len(group),
            "rest": max(0, len(group) - SHOWN),
            "folded": name == "stale",
            "items": [_item(found, name, called, today) for found in group[:SHOWN]],
        }
        for name, group in board.items()
        if group
    ]


def group_title(name: str) -> str:
    return {
        "overdue": _("Overdue"),
        "now": _("Now"),
        "soon": _("Within 7 days"),
        "later": _("Later"),
        "undated": _("Tasks without a date"),
        "stale": _("Long past: check whether it still holds"),
    }[name]


def _item(found: Found, group: str, called: dict[str, str], today: dt.date) -> dict[str, Any]:
    due = deadlines.read(found.written)
    days = _days(due, today)
    return {
        **_where(found.listed, due.kind),
        "what": due.text or named("deadline_kind", due.kind),
        "when": when_words(due),
        "days": days,
        "late": -days if days and days < 0 else 0,
        "owner": called.get(due.owner, ""),
        "urgency": urgency_words(group),
        "kind": KINDS[group],
        "detained": found.listed.head.detained_now,
    }


def _where(listed: vault.Listed, kind: str) -> dict[str, Any]:
    """What people said stands in a section of its own; a closed case has only the page of its consents."""
    title = case_title(listed)
    if not listed.head.open_until:
        return {**title, "url": reverse("case-consent", args=[listed.case_id])}
    return {**title, "url": title["url"] + ("#said" if kind in ("NOTICE", "TELL") else "#follow-up")}


def _days(due: CardDue, today: dt.date) -> int | None:
    """How many days are left, negative once it has passed; None inside a window, where nobody can say."""
    if not due.dated or due.earliest <= today <= due.latest:
        return 0 if due.dated and due.earliest == due.latest else None
    return (due.earliest - today).days if due.earliest > today else (due.latest - today).days


# A reminder that leaves the vault: it holds days, and not one word of a case


@organizers_only
@sensitive_variables()
def due_calendar(request: SignedInRequest) -> HttpResponse:
    """For the person's own phone, which may be searched at a border: an event a day, all alike, without number, name or place."""
    board = board_of(vault.cards(request.keyring), timezone.localdate(), request.user.pk.hex)
    found = (due for name in ("now", "soon", "later") for due in board[name])
    days = {deadlines.read(due.written).earliest for due in found}
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//-//-//", *_events(days), "END:VCALENDAR", ""]
    answer = HttpResponse("\r\n".join(lines), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="calendar.ics"'
    return answer


def _events(days: set[dt.date]) -> Iterator[str]:
    now, word = timezone.now(), _("Reminder")
    for day in sorted(max(day, timezone.localdate()) for day in days):
        yield from (
            "BEGIN:VEVENT",
            f"UID:{uuid.uuid4()}",
            f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"SUMMARY:{word}",
            "END:VEVENT",
        )


urlpatterns = [
    path("due/", due_board, name="due"),
    path("due/calendar.ics", due_calendar, name="due-calendar"),
]
