"""The receipt: for the person whose story it is, signed out, without script, in their language. It shows what they agreed to and
does what they ask, and never a name or a word of the story."""

from collections.abc import Callable
from typing import Any, Final

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.crypto import receipt_code
from accounts.keyfiles import KeysMissing
from accounts.whole import Crossed
from casework import answers as shapes
from casework import consent, receipts, wordings
from casework.answers import Message
from casework.receipts import Receipt
from casework.record import Consent
from casework.vocabulary.receipts import date_in, say, words
from casework.vocabulary.wording import LANGUAGES, NATIVE_NAMES, RIGHT_TO_LEFT
from casework.withdrawing import COOLING, COUNTING, DEFAULT_COOLING, SHARING

FOLDER: Final = "casework/receipt/"
ASKED: Final = {"contact": shapes.CONTACT, "copy": shapes.COPY}


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@sensitive_variables()
def receipt(request: HttpRequest, language: str = "") -> HttpResponse:
    if language and language not in LANGUAGES:
        raise Http404
    spoken = language or _preferred(request)
    if request.method != "POST":
        return _page(request, spoken, "start.html")
    typed = request.POST.get("code", "")
    try:
        found = _opened(request, typed)
    except _Refused as refused:
        context = {"error": say(spoken, refused.code, **refused.values), "typed": _as_on_paper(typed)}
        return _page(request, spoken, "start.html", context, status=422)
    try:
        return _act(request, spoken, found)
    except receipts.Unknown:
        # Replaced since it was looked at.
        return _page(request, spoken, "start.html", {"error": say(spoken, "unknown"), "typed": typed}, 422)
    except Crossed:
        return _answers(request, spoken, found, say(spoken, "busy"), 503)


def _as_on_paper(typed: str) -> str:
    """In the digits and groups of the paper, to be held against it one by one."""
    try:
        return receipt_code.written(receipt_code.read(typed))
    except receipt_code.Mistyped:
        return typed


class _Refused(Exception):
    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


@sensitive_variables()
def _opened(request: HttpRequest, typed: str) -> Receipt:
    """Counted before anything is hashed; what cannot be a receipt is neither."""
    try:
        code = receipt_code.read(typed)
    except receipt_code.Mistyped as mistyped:
        if mistyped.digits is None:
            raise _Refused("mistyped") from None
        raise _Refused("digits", digits=mistyped.digits) from None
    try:
        if not ratelimit.consume(request, action="receipt"):
            raise _Refused("too_many")
        return receipts.look(code)
    except (receipts.Unknown, KeysMissing):
        # Without a pepper there is no organisation yet, and no receipt either.
        raise _Refused("unknown") from None


def _preferred(request: HttpRequest) -> str:
    """Of the five, what the browser asks for first."""
    asked = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    return next((code[:2] for code, _weight in asked if code[:2] in LANGUAGES), "fr")


# What was asked for


@sensitive_variables()
def _act(request: HttpRequest, language: str, found: Receipt) -> HttpResponse:
    action = request.POST.get("action", "")
    if action in ASKED:
        return _confirmed(request, language, receipts.ask(found, ASKED[action]))
    if action == "keep":
        return _confirmed(request, language, receipts.keep_after_all(found, language))
    if action in ("withdraw", "withdraw-all", "confirm"):
        return _withdraw(request, language, found, everything=action != "withdraw", sure=action == "confirm")
    return _answers(request, language, found)


@sensitive_variables()
def _withdraw(
    request: HttpRequest, language: str, found: Receipt, *, everything: bool, sure: bool
) -> HttpResponse:
    left = found.given()
    wanted = (
        left if everything else [purpose for purpose in left if purpose in request.POST.getlist("purpose")]
    )
    if not wanted:
        return _answers(
            request, language, found, say(language, "too_late" if everything else "none_ticked"), 422
        )
    if "STORE" in wanted and not sure:
        others = any(holder.others for holder in found.answers.cases())
        context = {"others": others, "cooling": DEFAULT_COOLING}
        return _page(request, language, "confirm.html", context)
    cooling = {str(days): days for days in COOLING}.get(request.POST.get("cooling", ""), DEFAULT_COOLING)
    return _confirmed(request, language, receipts.withdraw(found, wanted, language, cooling))


# What is shown


@sensitive_variables()
def _answers(
    request: HttpRequest, language: str, found: Receipt, error: str = "", status: int = 200
) -> HttpResponse:
    fate = receipts.fate(found.answers)
    gone = fate.left == 0
    rows = [_row(found, purpose, language) for purpose in consent.PURPOSES]
    context = {
        "error": error,
        "rows": [row for row in rows if row["answered"]],
        "not_asked": [row["label"] for row in rows if not row["answered"]],
        "left": [] if gone else [(p, say(language, f"purpose_{p}")) for p in found.given()],
        "gone": gone,
        "erased": _erased_words(fate, language) if gone else "",
        "pending": say(language, "pending", day=date_in(language, fate.erase_on)) if fate.erase_on else "",
        "may_keep": fate.erase_on is not None and not found.may("STORE"),
    }
    return _page(request, language, "answers.html", context, status)


def _erased_words(fate: receipts.Fate, language: str) -> str:
    if fate.taken_out_on is not None and fate.taken_out_on >= (fate.erased_on or fate.taken_out_on):
        return say(language, "part_erased", day=date_in(language, fate.taken_out_on))
    if fate.erased_on is None:
        return words(language)["gone"]
    return say(language, "erased", day=date_in(language, fate.erased_on))


def _row(found: Receipt, purpose: str, language: str) -> dict[str, Any]:
    answer = found.answers.person().consent_for(purpose)
    if answer is None or answer.state == "NOT_ASKED" or answer.on is None:
        return {"label": say(language, f"purpose_{purpose}"), "answered": False}
    return {
        "label": say(language, f"purpose_{purpose}"),
        "asked": _question(answer, language),
        "yes": found.may(purpose),
        "answered": True,
        "state": say(
            language,
            _state(found, answer),
            day=date_in(language, answer.on),
            until=date_in(language, consent.expiry(answer)),
        ),
        "conditions": say(language, "conditions", words=answer.conditions) if answer.conditions else "",
    }


def _question(answer: Consent, language: str) -> str:
    """In the very words of the version that was read to them."""
    try:
        return wordings.question(answer.purpose, language, answer.wording)
    except KeyError:
        return ""


def _state(found: Receipt, answer: Consent) -> str:
    if answer.state != "GIVEN":
        return {"REFUSED": "refused", "WITHDRAWN": "withdrawn"}.get(answer.state, "not_asked")
    if found.may(answer.purpose):
        return "given"
    return "suspended" if consent.is_valid(answer) else "expired"


def _confirmed(request: HttpRequest, language: str, message: Message | None) -> HttpResponse:
    """Written, dated, fit to print."""
    lines: list[str] = [words(language)["too_late"]]
    labels: list[str] = []
    if message is not None:
        lines = list(_lines(message, language))
        labels = [say(language, f"purpose_{purpose}") for purpose in message.purposes]
    context = {
        "first": lines[0],
        "labels": labels if message is not None and message.kind == shapes.WITHDRAWN else [],
        "lines": lines[1:],
    }
    return _page(request, language, "done.html", context)


def _lines(message: Message, language: str) -> list[str]:
    day = date_in(language, message.on)
    first = say(language, f"done_{message.kind.lower()}", day=day)
    if message.kind != shapes.WITHDRAWN:
        return [first]
    purposes = frozenset(message.purposes)
    tell: list[tuple[bool, Callable[[], str]]] = [
        (True, lambda: words(language)["done_now"]),
        (bool(purposes & COUNTING), lambda: words(language)["done_stats"]),
        (bool(purposes & SHARING), lambda: words(language)[_shares(message)]),
        (message.erase_on is not None, lambda: _erasure_words(message, language)),
    ]
    return [first, *(told() for holds, told in tell if holds)]


def _shares(message: Message) -> str:
    """A file that is gone took along the register of who has a copy."""
    gone = message.erase_on is not None and message.erase_on <= message.on
    return "done_shares_gone" if gone else "done_shares"


def _erasure_words(message: Message, language: str) -> str:
    assert message.erase_on is not None
    if message.erase_on <= message.on:
        return words(language)["done_erased"]
    return say(language, "done_erase", day=date_in(language, message.erase_on))


@sensitive_variables()
def _page(
    request: HttpRequest,
    language: str,
    template: str,
    context: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    typed = request.POST.get("code", "")
    known = template != "start.html"
    shared = {"words": words(language), "language": language, "code": typed if known else ""}
    return render(
        request, FOLDER + template, {**shared, **languages(language), **(context or {})}, status=status
    )


def languages(language: str) -> dict[str, Any]:
    """For the top of each page, and its direction."""
    return {
        "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
        "languages": [(code, NATIVE_NAMES[code]) for code in LANGUAGES],
    }


urlpatterns: list[URLPattern] = [
    path("receipt/", receipt, name="receipt"),
    path("receipt/<str:language>/", receipt, name="receipt-in"),
]
