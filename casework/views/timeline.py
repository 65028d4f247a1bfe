"""A person's chain of steps as the picture and the list a page shows."""

import datetime as dt
from itertools import groupby
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from casework import deadlines, vocabulary
from casework.handover import ANSWERS, CBSA, FREE, POLICE, Sharp, between, custody, days_between, sharp_facts
from casework.record import Moment, Person, Step
from casework.templatetags.display import date_words, elapsed
from casework.vocabulary import law

ICONS: Final = {
    "STOP": "stop",
    "IDENTIFICATION": "identification",
    "DATABASE_QUERY": "query",
    "CALL_TO_CBSA": "call",
    "HOLD": "hold",
    "TRANSFER": "transfer",
    "DETENTION": "detention",
    "REVIEW": "review",
    "RELEASE": "release",
    "REMOVAL": "removal",
}
# An answer is a sign and words; the colour only repeats them.
SIGNS: Final = {"YES": "check", "NO": "close", "UNK": "unknown", "REFUSED": "unknown"}
PRECISE: Final = ("minute", "day")
LOUDEST: Final = ("danger", "warning", "info")
Shown = dict[str, Any]


def named(name: str, code: str) -> str:
    return vocabulary.label(name, code, get_language() or "fr") if code else ""


def question(answer: str) -> str:
    return {
        "warrant_shown": _("Warrant shown"),
        "reasons_given": _("Reasons given"),
        "counsel": _("Lawyer"),
        "interpreter": _("Interpreter"),
    }[answer]


def when(moment: Moment | None) -> str:
    if moment is None:
        return ""
    day, _sign, clock = moment.text.partition("T")
    return " ".join(filter(None, [date_words(day), clock]))


def picture(person: Person, city: str = "") -> Shown | None:
    """What `parts/chain.html` draws: the facts that stand out, the chain at a glance, every step in words. None without steps."""
    if not person.steps:
        return None
    steps = _steps(person.steps, city)
    stands_out = [*_still_held(person), *map(_sharp, sharp_facts(person))]
    return {
        "sharp": sorted(stands_out, key=lambda tile: LOUDEST.index(tile["kind"])),
        "glance": _glance(steps),
        "steps": steps,
    }


def _steps(steps: list[Step], city: str) -> list[Shown]:
    shown: list[Shown] = []
    before, told = None, set()
    for step, held_by in custody(steps):
        hook = None if step.kind in told else law.hook(step.kind, city)
        told.add(step.kind)
        day = shown[-1]["day"] if shown else ""
        shown.append(_shown(step, held_by, before) | _time(step, day) | {"hook": _hook(hook)})
        before = step.ended or step.began or before
    return shown


def _time(step: Step, day_before: str) -> Shown:
    """`same_day`: the day is the one of the step before, so that a page may leave it to those who cannot see the line."""
    began, ended = step.began, step.ended
    day, clock = _parts(began)
    last_day, last_clock = _parts(ended)
    until = last_clock if last_day == day and last_clock else when(ended)
    return {
        "day": last_day or day,
        "day_words": date_words(day),
        "clock": clock,
        "until": until,
        "same_day": bool(clock) and day == day_before,
        "datetime": began.text if began and began.precision != "quarter" else "",
    }


def _parts(moment: Moment | None) -> tuple[str, str]:
    day, _sign, clock = moment.text.partition("T") if moment else ("", "", "")
    return day, clock


def _shown(step: Step, held_by: str, before: Moment | None) -> Shown:
    began = step.began
    return {
        "kind": ICONS.get(step.kind, "step"),
        "code": step.kind,
        "title": named("step_kind", step.kind),
        "short": named("step_short", step.kind),
        "uncertain": bool(began and began.uncertain),
        "precision": _precision(began),
        "agency": _agency(step),
        "where": ", ".join(
            filter(None, [named("detention_place", step.detention_place), named("place_type", step.place)])
        ),
        "custody": held_by,
        "held_by": _held_by(held_by),
        "basis": named("legal_basis", step.legal_basis),
        "answers": _answers(step),
        "result": named("review_result", step.result),
        "note": step.note,
        "elapsed": _later(before, began),
        "lasted": _lasted(began, step.ended),
    }


def _agency(step: Step) -> str:
    """The list calls the CBSA what it is in a stop: acting alone. Later in the chain it only acts."""
    return (
        _("CBSA") if step.agency == "CBSA" and step.kind != "STOP" else named("police_service", step.agency)
    )


def _held_by(held_by: str) -> str:
    return {FREE: "", POLICE: _("held by police"), CBSA: _("held by the CBSA")}[held_by]


def _precision(moment: Moment | None) -> str:
    """Said only where it is coarse: a page must not let a month pass for a day."""
    if moment is None:
        return _("date not known")
    return {
        "month": _("known to the month"),
        "quarter": _("known to the quarter"),
        "year": _("known to the year"),
    }.get(moment.precision, "")


def _answers(step: Step) -> list[Shown]:
    asked = [(name, getattr(step, name)) for name in ANSWERS]
    return [
        {"question": question(name), "answer": named("answer", code), "sign": SIGNS[code], "no": code == "NO"}
        for name, code in asked
        if code in SIGNS
    ]


def _hook(hook: law.Hook | None) -> Shown | None:
    language = get_language() or "fr"
    return {"cite": hook.cite(language), "text": hook.text(language)} if hook else None


def _lasted(before: Moment | None, after: Moment | None) -> str:
    """By the clock between two minutes, by the calendar between two days; anything else would be invented."""
    span = between(before, after)
    if span and span.exact:
        return elapsed(span.least) if span.least else ""
    days = days_between(before, after)
    return elapsed(dt.timedelta(days=days)) if days else ""


def _later(before: Moment | None, after: Moment | None) -> str:
    if lasted := _lasted(before, after):
        return _("%(time)s later") % {"time": lasted}
    same_day = days_between(before, after) == 0 and before != after
    return _("The same day") if same_day else ""


def _glance(steps: list[Shown]) -> list[Shown]:
    """One node per link; the same link several times over is one node with its number."""
    groups = [(list(same)) for _key, same in groupby(steps, key=lambda step: (step["code"], step["custody"]))]
    return [same[0] | {"times": len(same)} for same in groups]


def _still_held(person: Person) -> list[Shown]:
    period = deadlines.current_detention(person)
    began = period.began if period else None
    if began is None or began.precision not in PRECISE or began.uncertain:
        return []
    days = (timezone.localdate() - began.earliest.date()).days
    figure = elapsed(dt.timedelta(days=days)) if days > 0 else _("Today")
    return [_tile("danger", _("held, and not released yet"), figure)]


def _sharp(fact: Sharp) -> Shown:
    figure = elapsed(fact.lasted) if fact.lasted else ""
    return _tile(_KIND.get(fact.code, "info"), _words(fact), figure)


_KIND: Final = {
    "NO_WARRANT": "danger",
    "LATE_REVIEW": "danger",
    "NO_COUNSEL": "warning",
    "NO_REASONS": "warning",
    "NO_INTERPRETER": "warning",
    "UNTIL_COUNSEL": "warning",
    "UNTIL_COUNSEL_OR_MORE": "warning",
}


def _tile(kind: str, words: str, figure: str = "") -> Shown:
    return {"kind": kind, "words": words, "figure": figure}


def _words(fact: Sharp) -> str:
    if fact.code == "DAYS_HELD":
        return _days_held(fact.number)
    words = {
        "NO_WARRANT": _("held by police, and no warrant shown"),
        "HELD": _("held by police"),
        "CALLED_AFTER": _("from the stop to the call to the CBSA"),
        "UNTIL_COUNSEL": _("held before speaking to a lawyer"),
        "UNTIL_COUNSEL_OR_MORE": _("or more, held before speaking to a lawyer"),
        "NO_COUNSEL": _("no lawyer"),
        "NO_REASONS": _("no reasons given"),
        "NO_INTERPRETER": _("no interpreter"),
        "LATE_REVIEW": _("or more before the first review (the law says 48 h)"),
    }
    return words[fact.code]


def _days_held(reviews: int) -> str:
    if not reviews:
        return _("held in all, without a review written down")
    words = ngettext("held in all, with %(number)s review", "held in all, with %(number)s reviews", reviews)
    return words % {"number": reviews}
