"""The calendar of what expires."""

from itertools import groupby
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.sessions import SignedInRequest
from casework import retention
from casework.views.audience import organizers_only
from casework.views.timeline import named

PAGE = 100


@organizers_only
@sensitive_variables()
def retention_calendar(request: SignedInRequest) -> HttpResponse:
    lines, broken = retention.calendar(request.keyring)
    due = retention.due_now(lines)
    soon = {line.case for line in due}
    lines = due + [line for line in lines if line.case not in soon]
    # Over numbers: Django keeps a page's context until cycles are collected, and every line would stay with it.
    page = Paginator(range(len(lines)), PAGE).get_page(request.GET.get("page"))
    rest = (lines[number] for number in page if number >= len(due))
    months = [
        (month, [_shown(line) for line in of_month])
        for month, of_month in groupby(rest, key=lambda line: line.nearest.replace(day=1))
    ]
    context = {
        "due": [_shown(lines[number]) for number in page if number < len(due)],
        "nothing_due": not due,
        "months": months,
        "page": page,
        "total": len(lines),
        "broken": len(broken),
        "days": retention.ASK_AGAIN_DAYS,
    }
    return render(request, "casework/retention/calendar.html", context)


def _shown(line: retention.Line) -> dict[str, Any]:
    """What ends soon is named; of the rest, the nearest."""
    shown = line.due_purposes(timezone.localdate()) or line.ends[:1]
    return {"line": line, "ends": [(named("purpose", purpose), day) for purpose, day in shown]}


urlpatterns = [path("retention/", retention_calendar, name="retention")]
