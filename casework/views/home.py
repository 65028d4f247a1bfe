"""The front door, and whether everything behind it is up."""

from django.contrib.auth.decorators import login_not_required
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from accounts import teams
from accounts.setup import is_set_up
from casework import jobs


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
    databases = all(_answers(alias) for alias in connections)
    worker = databases and jobs.worker_is_alive()
    up = databases and worker
    return JsonResponse({"databases": databases, "worker": worker}, status=200 if up else 503)


def _answers(alias: str) -> bool:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # noqa: BLE001 - any failure of a driver means the same to whoever asks
        return False
    return True
