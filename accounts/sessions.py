"""What is open between two requests. The root lies in the session store, locked under 32 random bytes that only a cookie holds:
neither the store nor the browser alone opens anything, and a person is signed in only while both halves are there."""

import base64
import math
import os
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth import logout as forget_session
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables

from accounts import carried
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.crypto.session_lock import lock, unlock
from accounts.keyring import Keyring
from accounts.models import User

SLOT = "vault"
TOUCH_SECONDS = 30
DELETE = b""
CLEAR_AT_SIGN_OUT = '"cache", "storage"'
CLEAR_AT_QUICK_EXIT = '"cache", "cookies", "storage"'

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class SignedInRequest(HttpRequest):
    """What every view behind the sign-in page receives."""

    user: User
    keyring: Keyring


def passive(view: View) -> View:
    """A page that reloads itself: a phone left on a table must still lock after the idle limit."""
    view.passive = True  # type: ignore[attr-defined]
    return view


class VaultMiddleware:
    """Sets `request.keyring`: a Keyring, or None for everybody who is not signed in. There is nothing in between."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        request.keyring, request.vault_cookie, request.vault_was_locked = None, None, False
        request.clear_site_data = ""
        _open(request)
        had_keys = request.keyring is not None or request.vault_was_locked
        response = self.get_response(request)
        _set_cookie(request, response)
        if had_keys or request.user.is_authenticated or request.vault_cookie:
            response["Cache-Control"] = "no-store"
        if request.clear_site_data:
            response["Clear-Site-Data"] = request.clear_site_data
        return _for_htmx(request, response)

    def process_view(
        self, request: Any, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if carried.is_too_late(request, view):
            return carried.hand_back(request)
        if request.vault_was_locked and getattr(view, "login_required", True):
            return redirect(_locked_address(request))
        if request.keyring is not None and not getattr(view, "passive", False):
            _touch(request)
        return None


@sensitive_variables()
def hold_pending(request: Any, principal: Principal) -> None:
    """Keep a root whose passphrase was right. It opens nothing until `confirm`, when every stage of sign-in has passed."""
    session, now = os.urandom(16), int(time.time())
    cookie_key, sealed = lock(principal, session)
    request.session[SLOT] = {
        "user": str(principal.id),
        "epoch": principal.epoch,
        "session": base64.b64encode(session).decode(),
        "root": base64.b64encode(sealed).decode(),
        "opened": now,
        "seen": now,
        "pending": True,
    }
    request.vault_cookie = cookie_key


def confirm(request: Any) -> None:
    """The person is signed in: from the next request on, both halves open."""
    slot = request.session.get(SLOT)
    if slot is not None and slot["user"] == str(request.user.pk):
        request.session[SLOT] = {**slot, "pending": False, "proven": int(time.time())}


def seconds_since_proof(request: Any) -> float:
    """How long ago this person last showed their passphrase or second factor; endless when nobody is signed in."""
    slot = request.session.get(SLOT) if request.keyring is not None else None
    age = time.time() - slot.get("proven", 0) if slot else math.inf
    # A clock set back makes no proof fresher.
    return age if age >= -1 else math.inf


def prove(request: Any) -> None:
    """They have just shown it again."""
    request.session[SLOT] = {**request.session[SLOT], "proven": int(time.time())}


def is_enrolled(request: Any) -> bool:
    return bool(request.session[SLOT].get("enrolled"))


def mark_enrolled(request: Any) -> None:
    """Found once per session; whoever takes a factor away ends the sessions."""
    request.session[SLOT] = {**request.session[SLOT], "enrolled": True}


def sign_out(request: Any, clear: str = CLEAR_AT_SIGN_OUT) -> None:
    """Both halves go, and the browser is asked to forget what it kept."""
    forget_session(request)
    request.keyring, request.vault_cookie, request.clear_site_data = None, DELETE, clear


def _open(request: Any) -> None:
    slot = request.session.get(SLOT)
    cookie = request.COOKIES.get(settings.TEMOIN_VAULT_COOKIE)
    if request.user.is_authenticated:
        request.keyring = _keyring(request.user, slot, cookie)
        if request.keyring is None:
            sign_out(request)
            request.vault_was_locked = True
    elif slot is not None and not _is_waiting(slot, cookie):
        request.session.flush()
        request.vault_cookie = DELETE
    elif slot is None and cookie is not None:
        request.vault_cookie = DELETE


@sensitive_variables()
def _keyring(user: User, slot: Mapping[str, Any] | None, cookie: str | None) -> Keyring | None:
    """None for half a pair, halves that do not match, another person's half, or one kept too long."""
    if slot is None or cookie is None or slot["pending"] or slot["user"] != str(user.pk) or _is_late(slot):
        return None
    try:
        session, sealed = base64.b64decode(slot["session"]), base64.b64decode(slot["root"])
        return Keyring(user, unlock(_cookie_key(cookie), user.pk, slot["epoch"], sealed, session))
    except SealBroken:
        return None


def _cookie_key(cookie: str) -> bytes:
    try:
        return base64.b64decode(cookie, validate=True)
    except ValueError:
        raise SealBroken from None


def _is_late(slot: Mapping[str, Any]) -> bool:
    """A clock set back makes no session longer: a time that lies ahead is late too."""
    now = int(time.time())
    idle, age = now - slot["seen"], now - slot["opened"]
    return not (0 <= idle <= settings.TEMOIN_IDLE_SECONDS and 0 <= age <= settings.TEMOIN_ABSOLUTE_SECONDS)


def _is_waiting(slot: Mapping[str, Any], cookie: str | None) -> bool:
    """The passphrase was right and a later stage of sign-in is still to come."""
    age = int(time.time()) - slot["opened"]
    return cookie is not None and slot["pending"] and 0 <= age <= settings.ACCOUNT_LOGIN_TIMEOUT


def _touch(request: Any) -> None:
    slot, now = request.session[SLOT], int(time.time())
    if now - slot["seen"] >= TOUCH_SECONDS:
        request.session[SLOT] = {**slot, "seen": now}


def _set_cookie(request: Any, response: HttpResponseBase) -> None:
    if request.vault_cookie is None:
        return
    if request.vault_cookie == DELETE:
        response.delete_cookie(settings.TEMOIN_VAULT_COOKIE, samesite="Strict")
        return
    # No max_age: it ends with the browser, and the server's own limits end it sooner.
    response.set_cookie(
        settings.TEMOIN_VAULT_COOKIE,
        base64.b64encode(request.vault_cookie).decode(),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _locked_address(request: HttpRequest) -> str:
    query = {"locked": "1"}
    if request.method == "GET" and "HX-Request" not in request.headers:
        query[REDIRECT_FIELD_NAME] = request.get_full_path()
    return f"{reverse(settings.LOGIN_URL)}?{urlencode(query)}"


def _for_htmx(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """htmx would follow the redirect by itself and put the sign-in page into a corner of the page."""
    address = response.get("Location", "")
    if "HX-Request" in request.headers and address.startswith(reverse(settings.LOGIN_URL)):
        response.status_code = 204
        response["HX-Redirect"] = address
        del response["Location"]
    return response
