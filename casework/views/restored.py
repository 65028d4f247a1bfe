"""After a backup was restored, nobody comes in before everything that was erased since is erased again."""

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from casework import ledger

# The pages behind which something opens. Sessions are in no backup, so after a restore everybody comes through one of them.
DOORS: Final = frozenset(
    {"account_login", "mfa_authenticate", "factor-lost", "recover", "rescue-accept", "invitation"}
)
RETRY_SECONDS: Final = 30


def is_a_door(name: str) -> bool:
    return name in DOORS or name.startswith("receipt")


class RestoredMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or not is_a_door(match.view_name) or ledger.agrees():
            return None
        # The worker does it within seconds, and so does `manage.py replay_erasures`: not whoever happens to knock.
        answer = render(request, "casework/erasures/restored.html", status=503)
        answer["Retry-After"] = str(RETRY_SECONDS)
        return answer
