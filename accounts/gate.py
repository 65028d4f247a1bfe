"""Nobody works with a passphrase alone: until a second factor and a recovery code are there, every page leads to them."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from accounts import recovery, second_factor, sessions
from accounts.models import User

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def open_before_enrolment(view: View) -> View:
    """The pages of enrolment, and the ways out."""
    view.open_before_enrolment = True  # type: ignore[attr-defined]
    return view


class EnrolmentMiddleware:
    """Fails closed: a page opens beforehand only when it says so itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: Any, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.keyring is None or getattr(view, "open_before_enrolment", False):
            return None
        if not settings.TEMOIN_SECOND_FACTOR_REQUIRED or sessions.is_enrolled(request):
            return None
        missing = missing_step(request.user)
        if missing:
            return redirect(missing)
        sessions.mark_enrolled(request)
        return None


def missing_step(user: User) -> str | None:
    """The name of the page that comes next."""
    if not second_factor.has_factor(user):
        return "second-factor"
    return None if recovery.has_code(user) else "recovery-code"
