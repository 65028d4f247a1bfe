"""A service that was refused, as the page of a case shows it: what, how, when and where, and what the city had promised."""

from typing import Any

from django.utils.translation import get_language

from casework.record import CaseRecord
from casework.views.timeline import named, when
from casework.vocabulary import law


def denials_context(record: CaseRecord) -> dict[str, Any]:
    shown = [
        {
            "service": named("service_type", denial.service_type),
            "mechanism": named("denial_mechanism", denial.mechanism),
            "when": when(denial.on),
            "place": denial.place,
            "note": denial.note,
        }
        for denial in record.denials
    ]
    return {"denials": shown, "promised": _promised(record) if shown else None}


def _promised(record: CaseRecord) -> dict[str, str] | None:
    """What the city had committed itself to by then. Of a date that says less than the day, its last day counts."""
    dates = [*(denial.on for denial in record.denials), record.event.date]
    days = [moment.latest.date() for moment in dates if moment]
    language = get_language() or "fr"
    found = law.commitment(record.event.city, max(days, default=None))
    return {"cite": found.cite(language), "text": found.text(language)} if found else None
