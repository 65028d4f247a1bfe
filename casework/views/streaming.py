"""Long work in the page's own request, because the worker must not hold what it needs: the page is sent piece by piece, with
lines of progress in words, without a script and without a job."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.http import StreamingHttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html

from accounts.sessions import SignedInRequest

logger = logging.getLogger(__name__)
TOLD_EVERY: Final = 1000
MARK: Final = "<!-- progress -->"


@dataclass(frozen=True)
class Ended:
    """The last thing to be told: a template and what it takes."""

    template: str
    context: dict[str, Any]


# How far it is, and the words for it; at last, how it ended.
Told = tuple[int, str] | Ended


def streamed(
    request: SignedInRequest, template: str, context: dict[str, Any], work: Iterable[Told]
) -> StreamingHttpResponse:
    page = render_to_string(template, {**context, "streaming": True}, request)
    head, _mark, tail = page.partition(MARK)
    response = StreamingHttpResponse(_pieces(head, work, tail, translation.get_language() or "fr"))
    response["X-Accel-Buffering"] = "no"
    return response


def _pieces(head: str, work: Iterable[Told], tail: str, language: str) -> Iterator[str]:
    yield head
    with translation.override(language):
        yield from _told(work)
    yield tail


def _told(work: Iterable[Told]) -> Iterator[str]:
    """A line of words every thousand. When the person leaves the page before the end, the work ends there as well."""
    told = 0
    try:
        for news in work:
            if isinstance(news, Ended):
                yield render_to_string(news.template, news.context)
            elif news[0] - told >= TOLD_EVERY:
                told = news[0]
                yield format_html("<p>{}</p>", news[1])
    except Exception as error:  # noqa: BLE001 - the page has begun: it must end with words, whatever happened
        logger.error("Work in a page went wrong.", exc_info=(type(error), error, error.__traceback__))
        yield render_to_string("casework/import_failed.html")
