"""A person's chain of steps as the picture and the list a page shows."""

from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from casework import vocabulary
from casework.record import Moment, Person, Step
from casework.templatetags.display import date_words

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
# Who holds the person from this step on; a step that is not here changes nothing.
CUSTODY: Final = {
    "STOP": "free",
    "HOLD": "police",
    "TRANSFER": "cbsa",
    "DETENTION": "cbsa",
    "REVIEW": "cbsa",
    "RELEASE": "free",
    "REMOVAL": "cbsa",
}
ANSWERS: Final = ("warrant_shown", "reasons_given", "counsel", "interpreter")


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


def chain(person: Person) -> list[dict[str, Any]]:
    shown, before, custody = [], None, "free"
    for step in person.steps:
        custody = CUSTODY.get(step.kind, custody)
        shown.append(_shown(step, custody, before))
        before = step.began or before
    return shown


def _shown(step: Step, custody: str, before: Moment | None) -> dict[str, Any]:
    return {
        "kind": ICONS.get(step.kind, "step"),
        "title": named("step_kind", step.kind),
        "time": " – ".join(filter(None, [when(step.began), when(step.ended)])),
        "datetime": step.began.text
        if step.began and step.began.precision in ("minute", "day", "month", "year")
        else "",
        "uncertain": bool(step.began and step.began.uncertain),
        "agency": named("police_service", step.agency),
        "where": ", ".join(
            filter(None, [named("detention_place", step.detention_place), named("place_type", step.place)])
        ),
        "custody": custody,
        "facts": _facts(step),
        "note": step.note,
        "elapsed": _elapsed(before, step.began),
    }


def _facts(step: Step) -> list[tuple[str, str]]:
    asked = [
        (question(a), named("answer", getattr(step, a))) for a in ANSWERS if getattr(step, a) != "NOT_ASKED"
    ]
    basis = [(_("Legal basis stated"), named("legal_basis", step.legal_basis))] if step.legal_basis else []
    return basis + asked


def _elapsed(before: Moment | None, after: Moment | None) -> Any:
    """Only between two times known to the minute or two days known to the day; anything else would be invented."""
    if before is None or after is None or before.precision != after.precision:
        return None
    if after.precision not in ("minute", "day") or before.uncertain or after.uncertain:
        return None
    passed = after.earliest - before.earliest
    return passed if passed.total_seconds() > 0 else None
