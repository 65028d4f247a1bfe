"""The board of what is due over every case the person may open; and the same as a calendar that says nothing but the days."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
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
from casework.views.finding import whole_number
from casework.views.summaries import case_title
from casework.views.timeline import named

# In the order of the page: what cannot wait first, what nobody has touched for months last.
GROUPS: Final = ("overdue", "now", "soon", "later", "undated", "stale")
# As many of a group as are read at once; it says how many there are, and leads to the others.
SHOWN: Final = 100


class Found(NamedTuple):
    """One thing that is due, as its card says it, and the case it is due in. `free`: nobody in it is held."""

    free: bool
    written: str
    listed: vault.Listed


@dataclass
class Group:
    """How many things, and of those the ones that are shown: whoever may open a hundred thousand cases holds no more of them."""

    shown: int
    total: int = 0
    found: list[Found] = field(default_factory=list)

    def add(self, found: Found) -> None:
        self.total += 1
        self.found.append(found)
        if len(self.found) >= 2 * self.shown:
            self.first()

    def first(self) -> list[Found]:
        self.found.sort(key=itemgetter(0, 1))
        del self.found[self.shown :]
        return self.found


@dataclass
class Board:
    """Everything due, in GROUPS; in each, those of whom somebody is held first, then by day."""

    groups: dict[str, Group]
    detained: int = 0

    def number_in(self, *names: str) -> int:
        return sum(self.groups[name].total for name in names)


def board_of(
    cards: Iterable[vault.Listed], today: dt.date, owner: str = "", kind: str = "", shown: int = SHOWN
) -> Board:
    """`owner`: only the tasks given to them, and every date that is nobody's task."""
    board = Board({name: Group(shown) for name in GROUPS})
    horizon, wanted = deadlines.Horizon(today), f" {kind}" if kind else ""
    for listed in cards:
        board.detained += listed.head.detained_now
        for written in _due_in(listed, horizon, owner, wanted):
            free = not (listed.head.detained_now or deadlines.is_review(written))
            board.groups[horizon.urgency(written)].add(Found(free, written, listed))
    return board


def _due_in(listed: vault.Listed, horizon: deadlines.Horizon, owner: str, kind: str = "") -> Iterator[str]:
    for written in due_in(listed, horizon):
        if (not owner or deadlines.concerns(written, owner)) and (not kind or _is_kind(written, kind)):
            yield written


def _is_kind(written: str, wanted: str) -> bool:
    return written.endswith(wanted) or f"{wanted} " in written


@organizers_only
@sensitive_variables()
def due_board(request: SignedInRequest) -> HttpResponse:
    form, today = BoardForm(request.GET), timezone.localdate()
    wanted: dict[str, Any] = form.cleaned_data if form.is_valid() else {"mine": False, "kind": ""}
    owner = request.user.pk.hex if wanted["mine"] else ""
    times = whole_number(request.GET.get("more", ""))
    board, broken = vault.every_card(
        request.keyring, lambda cards: board_of(cards, today, owner, wanted["kind"], SHOWN * times)
    )
    context = {
        "groups": _shown(board, today),
        "urgent": board.number_in("overdue", "now"),
        "soon": board.number_in("soon"),
        "detained": board.detained,
        "broken": len(broken),
        "more": times + 1,
        "form": form,
        "active": sum(bool(value) for value in wanted.values()),
    }
    return render(request, "casework/due.html", context)


def _shown(board: Board, today: dt.date) -> list[dict[str, Any]]:
    first = {name: group.first() for name, group in board.groups.items() if group.total}
    seen = [found.written for group in first.values() for found in group]
    called = names({deadlines.read(written).owner for written in seen})
    return [
        {
            "name": name,
            "title": group_title(name),
            "total": board.groups[name].total,
            "rest": board.groups[name].total - len(group),
            "folded": name == "stale",
            "items": [_item(found, name, called, today) for found in group],
        }
        for name, group in first.items()
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
    owner, today = request.user.pk.hex, timezone.localdate()
    days, _broken = vault.every_card(request.keyring, lambda cards: _days_in(cards, today, owner))
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//-//-//", *_events(days), "END:VCALENDAR", ""]
    answer = HttpResponse("\r\n".join(lines), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="calendar.ics"'
    return answer


def _days_in(cards: Iterable[vault.Listed], today: dt.date, owner: str) -> set[dt.date]:
    horizon = deadlines.Horizon(today)
    found = (written for listed in cards for written in _due_in(listed, horizon, owner))
    return {deadlines.read(due).earliest for due in found if horizon.urgency(due) in ("now", "soon", "later")}


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
