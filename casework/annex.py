"""Access to information: what the group asked of public bodies in its own name, by when the law wants an answer, and what came.

Typed by coordinators and public as a whole. It counts nobody: each line is a request of the group about a body's own figures and
rules, never about a person, so no threshold applies. Requests for somebody's file stay in that person's case, and the worker,
which reads no case, cannot bring them here. Pure: no Django.
"""

import datetime as dt
from typing import Final

import msgspec

from casework import accessperiods, vocabulary

Words = dict[str, str]
MOST_REQUESTS: Final = 24
NAME_LENGTH: Final = 120


class AccessRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`law`: a code of `access_body`. `named_on`: the day the body named itself, which counts instead of the one computed."""

    body: str
    about: Words
    law: str
    asked_on: dt.date
    extended: bool = False
    named_on: dt.date | None = None
    answered_on: dt.date | None = None


class Annexed(msgspec.Struct, forbid_unknown_fields=True):
    """As published. `state`: `in_time`, `late`, `silent` (the day has passed) or `waiting`, on the day the draft was made."""

    body: str
    about: Words
    law: Words
    asked_on: dt.date
    due_on: dt.date | None
    answered_on: dt.date | None
    state: str


def annexed(request: AccessRequest, today: dt.date) -> Annexed:
    due, term = due_on(request), vocabulary.term("access_body", request.law)
    return Annexed(
        request.body,
        request.about,
        {"en": term.en, "fr": term.fr},
        request.asked_on,
        due,
        request.answered_on,
        _state(request, due, today),
    )


def due_on(request: AccessRequest) -> dt.date | None:
    """None where the law's period is not known here, or its extension is for the body to name and it has not."""
    if request.named_on is not None:
        return request.named_on
    if request.law not in accessperiods.BODIES or (
        request.extended and request.law not in accessperiods.EXTENSION
    ):
        return None
    return accessperiods.access_due(request.law, request.asked_on, extended=request.extended)


def _state(request: AccessRequest, due: dt.date | None, today: dt.date) -> str:
    if request.answered_on is not None:
        return "late" if due is not None and request.answered_on > due else "in_time"
    return "silent" if due is not None and today > due else "waiting"
