"""The audit log, for auditors: what was done, newest first, and the head of the chain to keep a copy of elsewhere."""

from itertools import islice
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_variables

from accounts import teams
from accounts.models import User
from accounts.sessions import SignedInRequest
from casework import audit
from casework.views.audience import auditors_only

SHOWN = 200


@auditors_only
@sensitive_variables()
def audit_log(request: SignedInRequest) -> HttpResponse:
    entries = list(islice(audit.entries(request.keyring, teams.auditors().pk), SHOWN))
    names = dict(
        User.objects.filter(pk__in={e.actor for e in entries if e.actor}).values_list("pk", "username")
    )
    context = {"entries": [_shown(e, names) for e in entries], "broken": audit.verify(), "head": audit.head()}
    return render(request, "casework/audit.html", context)


def _shown(entry: audit.Entry, names: dict[Any, str]) -> dict[str, Any]:
    detail = ", ".join(f"{name} {value}" for name, value in sorted(entry.detail.items()))
    return {"entry": entry, "actor": names.get(entry.actor, ""), "detail": detail}
