"""What cannot be shown is answered in words, on a page of its own, wherever it came up."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.crypto.sealed import SealBroken
from accounts.keyring import Locked
from accounts.models import User
from accounts.whole import Crossed
from casework import audit
from casework.consent import ConsentMissing
from casework.keys import EpochEnded
from casework.models import Case
from casework.permissions import Denied
from casework.refusals import explain


def say(request: HttpRequest, code: str) -> None:
    """What was refused and what to do, on top of the next page."""
    refusal = explain(code)
    messages.error(request, f"{refusal.what} {refusal.do}")


class RefusalMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Denied) and isinstance(request.user, User):
            _note(request.user, error.case_id)
        if isinstance(error, Crossed):
            return render(request, "casework/cases/crossed.html", status=503)
        if isinstance(error, EpochEnded):
            return render(request, "casework/cases/epoch_ended.html", status=409)
        if isinstance(error, SealBroken | Locked):
            return render(request, "casework/cases/seal_broken.html", status=409)
        if isinstance(error, ConsentMissing) and request.resolver_match:
            context = {"case_id": request.resolver_match.kwargs.get("case_id")}
            return render(request, "casework/cases/consent_ended.html", context, status=403)
        return None


def _note(user: User, case_id: UUID) -> None:
    """After the view's own transaction was undone. For an id that does not exist too: the same work takes the same time, and only
    the auditors read which of the two it was."""
    exists = Case.objects.filter(pk=case_id).exists()
    audit.append(user, "case.denied", case_id, exists=int(exists))
