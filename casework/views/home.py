"""The front door, and whether everything behind it is up."""

from django.contrib.auth.decorators import login_not_required
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from accounts import teams
from accounts.setup import is_set_up
from casework import health


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect("account_login" if is_set_up() else "setup")
    if teams.is_organizer(request.user):
        return redirect("cases")
    return redirect("releases" if teams.is_coordinator(request.user) else "cases")


@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the databases answer and the worker has shown itself lately. Tells nothing else: it is open to everyone."""
    databases = all(health.database_answers(alias) for alias in connections)
    worker = databases and health.worker_is_alive()
    return JsonResponse({"databases": databases, "worker": worker}, status=200 if worker else 503)
