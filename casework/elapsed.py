"""How long each link of the chain took, as bands that figures may use. Pure.

A band is told only when the dates leave no other: a window that reaches over two of them stays "not recorded". Exact hours and
days never leave the case, because whoever was there, the police first of all, would know the person by them.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Final

from casework.handover import Detention, Span, between, detentions
from casework.record import Moment, Person, Step

HOUR: Final = dt.timedelta(hours=1)
DAY: Final = dt.timedelta(days=1)
# Each begins where the one before it ends.
HOURS: Final = (("UNDER_1H", 1 * HOUR), ("1H_TO_4H", 4 * HOUR), ("4H_TO_24H", DAY), ("FROM_24H", None))
DAYS: Final = (("UNDER_48H", 2 * DAY), ("2D_TO_10D", 10 * DAY), ("10D_TO_40D", 40 * DAY), ("FROM_40D", None))
Bands = tuple[tuple[str, dt.timedelta | None], ...]


def bands(person: Person) -> dict[str, str]:
    """By fact; "" where the dates do not say."""
    steps, first = person.steps, next(iter(detentions(person.steps)), None)
    stop, call, transfer = (_began(steps, kind) for kind in ("STOP", "CALL_TO_CBSA", "TRANSFER"))
    return {
        "stop_to_call": band(between(stop, call), HOURS),
        "call_to_handover": band(between(call, transfer), HOURS),
        "hold_length": band(_held(person, transfer), HOURS),
        "hold_to_counsel": band(_until_counsel(first), HOURS),
        "hold_to_end": band(_until_end(first), DAYS),
    }


def band(span: Span | None, known: Bands) -> str:
    if span is None:
        return ""
    least, most = _place(span.least, known), _place(span.most, known)
    return known[least][0] if least == most else ""


def _place(lasted: dt.timedelta, known: Bands) -> int:
    return next(number for number, (_code, end) in enumerate(known) if end is None or lasted < end)


def _began(steps: Iterable[Step], kind: str) -> Moment | None:
    return next((step.began for step in steps if step.kind == kind), None)


def _held(person: Person, transfer: Moment | None) -> Span | None:
    """By the police: from the hold to its end or the handover; else the hours somebody remembers."""
    hold = next((step for step in person.steps if step.kind == "HOLD"), None)
    told = between(hold.began, hold.ended or transfer) if hold else None
    if told is None and person.held_hours:
        hours = dt.timedelta(hours=person.held_hours)
        return Span(hours, hours, exact=False)
    return told


def _until_counsel(first: Detention | None) -> Span | None:
    if first is None:
        return None
    allowed = next((step.began for step in first.steps if step.counsel == "YES"), None)
    return between(first.began, allowed)


def _until_end(first: Detention | None) -> Span | None:
    """To the release or the removal, whether a review or the agency ended it."""
    if first is None:
        return None
    review = next((step.began for step in first.reviews if step.result == "RELEASED"), None)
    return between(first.began, first.ended.began if first.ended else review)
