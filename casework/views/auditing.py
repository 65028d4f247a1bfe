"""The audit log, for auditors: what was done, newest first, and the head of the chain to keep a copy of elsewhere."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_variables

from accounts import teams
from accounts.models import User
from accounts.sessions import SignedInRequest
from casework import audit
from casework.forms.auditing import AuditFilterForm, act
from casework.views.audience import auditors_only


@auditors_only
@sensitive_variables()
def audit_log(request: SignedInRequest) -> HttpResponse:
    filters = AuditFilterForm(request.GET)
    matches = filters.matches if filters.is_valid() else lambda entry: True
    before = _number(request.GET.get("before", ""))
    page = audit.page(request.keyring, teams.auditors().pk, matches, before)
    names = dict(User.objects.values_list("pk", "username"))
    context = {
        "entries": [_shown(numbered, names) for numbered in page.entries],
        "page": page,
        "filters": filters,
        "active": filters.active() if filters.is_valid() else 0,
        "before": before,
        # The whole chain is walked once, on the first page.
        **({} if before else {"broken": audit.verify(), "head": audit.head()}),
    }
    return render(request, "casework/audit.html", context)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def _shown(numbered: audit.Numbered, names: dict[Any, str]) -> dict[str, Any]:
    entry = numbered.entry
    if entry is None:
        return {"sequence": numbered.sequence, "entry": None}
    detail = ", ".join(
        f"{name} {names.get(_id(value), value)}" for name, value in sorted(entry.detail.items())
    )
    return {
        "sequence": numbered.sequence,
        "entry": entry,
        "act": act(entry.action),
        "actor": names.get(entry.actor, ""),
        "detail": detail,
    }


def _id(value: str | int) -> UUID | None:
    """A person's id stands in the detail as text; their name says more."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
