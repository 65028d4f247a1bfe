"""Ask again, shortly before what cannot be taken back: an unlocked phone that somebody else picked up must not be enough to
invite them, to hand them a case, to lock everybody out or to take a recovery code."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import sessions

FRESH_SECONDS: Final = 300

View = Callable[..., HttpResponseBase]


def requires_fresh_factor(request: HttpRequest) -> HttpResponse | None:
    """None when the person proved who they are within five minutes; else where to send them.

    Nothing of a form travels: its page is shown again afterwards, and sent again by the person."""
    if is_fresh(request):
        return None
    return redirect(prove_address(_page_of(request)))


def is_fresh(request: HttpRequest) -> bool:
    """For a page that would rather ask before somebody types than after."""
    return sessions.seconds_since_proof(request) <= FRESH_SECONDS


def prove_address(back: str) -> str:
    return f"{reverse('prove')}?{urlencode({REDIRECT_FIELD_NAME: back})}"


def fresh_factor_required(view: View) -> View:
    """The same for a whole page."""

    @wraps(view)
    def asked_again(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return requires_fresh_factor(request) or view(request, *args, **kwargs)

    return asked_again


def fresh_factor_to_post(view: View) -> View:
    """For a page that may be looked at, and only its form asks again."""

    @wraps(view)
    def asked_again(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refused = requires_fresh_factor(request) if request.method == "POST" else None
        return refused or view(request, *args, **kwargs)

    return asked_again


def _page_of(request: HttpRequest) -> str:
    """The address itself, or for a form the page it stands on: many addresses answer a POST only."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    referer = urlsplit(request.headers.get("Referer", ""))
    return safe_address(request, referer.path) if referer.netloc == request.get_host() else reverse("home")


def safe_address(request: HttpRequest, address: str) -> str:
    """Never another site's: an address comes from the browser."""
    safe = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if address.startswith("/") and safe else reverse("home")
