"""Nothing typed is lost to a session that has ended. The form that was sent comes back in the answer, sealed; its key is in a
cookie that the same answer sets, and nowhere else. Page and cookie are two halves in one browser: the page alone, found on an
unlocked phone or in a browser's files, says nothing, and the server keeps neither.

The person signs in in a second window, comes back to this page and sends again. Whoever has signed in again already, and then
sends a form of before, has a token of before: that form comes back in the same way, and is sent by the same button. That request
needs no other token: nobody but this browser has a sealed form and the key to it, and a stranger's page can make neither."""

import base64
import os
import re
from collections.abc import Callable
from typing import Any, Final, TypeVar
from uuid import uuid4

import msgspec
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.csrf import csrf_failure
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from accounts.crypto.context import carried_context
from accounts.crypto.envelope import Cipher
from accounts.crypto.padding import pad, unpad
from accounts.crypto.sealed import SealBroken

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
NAME: Final = re.compile(r"\A[0-9a-f]{32}\Z")
# Asked by the page's own script, which keeps the words itself and only wants to know.
BY_SCRIPT: Final = "X-Draft"
SIGNED_OUT, REFUSED = 401, 403
# Django says these only after it has found that the form stood on a page of ours. Every other reason stays a plain refusal: a
# stranger's page must not get anybody to send what it wrote.
OLD_TOKEN: Final = (REASON_NO_CSRF_COOKIE, "CSRF token from POST incorrect.")


class Form(msgspec.Struct):
    """What was sent, and where to."""

    address: str
    fields: list[tuple[str, list[str]]]


def keeps_words(view: View) -> View:
    """A form whose words are somebody's: sent after the session has ended, it comes back sealed instead of being dropped."""
    view.keeps_words = True  # type: ignore[attr-defined]
    return view


def is_too_late(request: Any, view: Callable[..., HttpResponseBase]) -> bool:
    return request.keyring is None and request.method == "POST" and getattr(view, "keeps_words", False)


@sensitive_variables()
def with_an_old_token(request: Any, reason: str = "") -> HttpResponse:
    """What CSRF_FAILURE_VIEW names. The script asks for a new token itself."""
    match = request.resolver_match
    keeps = match is not None and getattr(match.func, "keeps_words", False)
    if keeps and reason in OLD_TOKEN and BY_SCRIPT not in request.headers:
        return hand_back(request)
    return csrf_failure(request, reason)


@sensitive_variables()
def hand_back(request: Any) -> HttpResponse:
    """The answer to a form that came too late."""
    if BY_SCRIPT in request.headers:
        return HttpResponse(status=SIGNED_OUT)
    name, key = uuid4().hex, os.urandom(32)
    fields = [
        (field, request.POST.getlist(field)) for field in request.POST if field != "csrfmiddlewaretoken"
    ]
    form = msgspec.msgpack.encode(Form(request.path, fields))
    sealed = Cipher(key, 1).seal(pad(form), carried_context(name))
    response = _page(request, name, base64.b64encode(sealed).decode())
    # No max_age: it ends with the browser, as the words in the page do.
    response.set_cookie(
        _cookie(name),
        base64.b64encode(key).decode(),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


def _page(request: Any, name: str, sealed: str) -> HttpResponse:
    context = {"name": name, "sealed": sealed, "signed_in": request.keyring is not None}
    status = REFUSED if context["signed_in"] else SIGNED_OUT
    return render(request, "accounts/signed_out_meanwhile.html", context, status=status)


@csrf_exempt
@login_not_required
@require_POST
@sensitive_variables()
@sensitive_post_parameters()
def send_again(request: Any) -> HttpResponseBase:
    """Goes on where the form was on its way to, as if it had just been sent. Still signed out: the same page once more."""
    name, sealed = request.POST.get("name", ""), request.POST.get("sealed", "")
    form = _opened(request, name, sealed)
    if form is None:
        return render(request, "accounts/carried_lost.html", status=403)
    if request.keyring is None:
        return _page(request, name, sealed)
    response = _deliver(request, form)
    response.delete_cookie(_cookie(name), samesite="Strict")
    return response


@sensitive_variables()
def _opened(request: HttpRequest, name: str, sealed: str) -> Form | None:
    """None without the key, and for anything that this server did not seal."""
    try:
        key = base64.b64decode(request.COOKIES[_cookie(name)], validate=True) if NAME.match(name) else b""
        opened = Cipher(key, 1).open(base64.b64decode(sealed, validate=True), carried_context(name))
        return msgspec.msgpack.decode(unpad(opened), type=Form)
    except (KeyError, ValueError, SealBroken):
        return None


@sensitive_variables()
def _deliver(request: Any, form: Form) -> HttpResponseBase:
    try:
        match = resolve(form.address)
    except Resolver404:
        return render(request, "accounts/carried_lost.html", status=403)
    if not getattr(match.func, "keeps_words", False):
        return render(request, "accounts/carried_lost.html", status=403)
    words = QueryDict(mutable=True)
    for field, values in form.fields:
        words.setlist(field, values)
    request.POST, request.path, request.resolver_match = words, form.address, match
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return response


def _cookie(name: str) -> str:
    return f"__Host-carried-{name}" if settings.SESSION_COOKIE_SECURE else f"carried-{name}"
