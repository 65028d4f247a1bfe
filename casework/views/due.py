"""The board of what is due over every case the person may open; and the same as a calendar that says nothing but the days."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts.sessions import SignedInRequest
from casework import deadlines, vault
from casework.deadlines import CardDue
from casework.forms.board import BoardForm
from casework.views.audience import organizers_only
from casework.views.duties import KINDS, names, urgency_words, when_words
from casework.views.summaries import case_title
from casework.views.timeline import named

# In the order of the page: what cannot wait first, what nobody has touched for months last.
GROUPS: Final = ("overdue", "now", "soon", "later", "undated", "stale")
# More than anybody reads; the groups say how many there are.
SHOWN: Final = 100


@dataclass
class Found:
    """One thing that is due, and the case it is due in."""

    listed: vault.Listed
    due: CardDue

    @property
    def held(self) -> bool:
        """A review is due for nobody who is free."""
        return self.listed.card.detained_now or self.due.kind in deadlines.REVIEWS


@dataclass
class Board:
    groups: dict[str, list[Found]] = field(default_factory=lambda: {name: [] for name in GROUPS})

    def count(self, *names: str) -> int:
        return sum(len(self.groups[name]) for name in names)


def board_of(listing: vault.Listing, today: dt.date, owner: str = "", kind: str = "") -> Board:
    """Everything due, sorted into GROUPS; in each, cases of somebody detained first, then by day. `owner`: only the tasks given
    to them, and every date that is nobody's task."""
    board = Board()
    for found in _found(listing):
        if owner and found.due.kind == "TASK" and found.due.owner != owner:
            continue
        if not kind or found.due.kind == kind:
            board.groups[deadlines.urgency(found.due, today)].append(found)
    for group in board.groups.values():
        group.sort(key=lambda found: (not found.held, found.due.earliest, found.due.latest))
    return board


def _found(listing: vault.Listing) -> Iterator[Found]:
    for listed in listing.cases:
        for written in listed.card.due:
            yield Found(listed, deadlines.read(written))


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
        "urgent": board.count("overdue", "now"),
        "soon": board.count("soon"),
        "detained": sum(listed.card.detained_now for listed in listing.cases),
        "broken": len(listing.broken),
        "form": form,
        "active": sum(bool(value) for value in wanted.values()),
    }
    return render(request, "casework/due.html", context)


def _shown(board: Board, today: dt.date) -> list[dict[str, Any]]:
    seen = [found for group in board.groups.values() for found in group[:SHOWN]]
    called = names({found.due.owner for found in seen})
    return [
        {
            "name": name,
            "title": group_title(name),
            "total": len(group),
            "rest": max(0, len(group) - SHOWN),
            "folded": name == "stale",
            "items": [_item(found, name, called, today) for found in group[:SHOWN]],
        }
        for name, group in board.groups.items()
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
    card, days = found.listed.card, _days(found.due, today)
    return {
        **case_title(found.listed),
        "what": found.due.text or named("deadline_kind", found.due.kind),
        "when": when_words(found.due),
        "days": days,
        "late": -days if days and days < 0 else 0,
        "owner": called.get(found.due.owner, ""),
        "urgency": urgency_words(group),
        "kind": KINDS[group],
        "detained": card.detained_now,
    }


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
    days = {
        found.due.earliest
        for name in ("now", "soon", "later")
        for found in board.groups[name]
        if found.due.dated
    }
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
