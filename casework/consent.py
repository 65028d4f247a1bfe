"""One question, asked wherever something is read: may this be used for that, today? There is no override."""

import datetime as dt
from typing import Final

from django.utils import timezone

from casework.record import CaseRecord, Consent, Person

VALID_MONTHS: Final = 24
PURPOSES: Final = (
    "STORE",
    "CONTACT",
    "REFER_LEGAL",
    "REFER_SERVICE",
    "SHARE_PARTNER",
    "STATS",
    "STORY",
    "QUOTE",
    "MEDIA",
    "COMPLAINT",
    "RESEARCH",
)


class ConsentMissing(Exception):
    """Someone whose case this is has not given, or no longer gives, consent for the purpose."""

    def __init__(self, purpose: str) -> None:
        super().__init__(purpose)
        self.purpose = purpose


def months_after(day: dt.date, months: int) -> dt.date:
    """The last day of February stands in for the 29th to 31st."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for day_of_month in range(day.day, 27, -1):
        try:
            return dt.date(year, month + 1, day_of_month)
        except ValueError:
            continue
    return dt.date(year, month + 1, day.day)


def expiry(consent: Consent) -> dt.date:
    """Consent is time-limited: without a date of its own it lapses after two years and is asked again."""
    if consent.expires is not None:
        return consent.expires
    return months_after(consent.on, VALID_MONTHS) if consent.on else dt.date.min


def is_valid(consent: Consent | None, on: dt.date | None = None) -> bool:
    today = on or timezone.localdate()
    if consent is None or consent.state != "GIVEN" or consent.on is None:
        return False
    return consent.on <= today <= expiry(consent)


def may(person: Person, purpose: str, on: dt.date | None = None) -> bool:
    """Everything rests on consent to keep the story at all: without STORE no other purpose holds."""
    stored = is_valid(person.consent_for("STORE"), on)
    return stored and (purpose == "STORE" or is_valid(person.consent_for(purpose), on))


def require(record: CaseRecord, purpose: str, on: dt.date | None = None) -> None:
    """Raises ConsentMissing unless everyone whose story this is agrees, and there is someone."""
    victims = record.victims()
    if not victims or not all(may(person, purpose, on) for person in victims):
        raise ConsentMissing(purpose)


def erase_after(record: CaseRecord, on: dt.date | None = None) -> dt.date:
    """The first of the month after the one in which the last consent to keep the file ends: only the month is told."""
    today = on or timezone.localdate()
    ends = [expiry(c) for p in record.victims() if (c := p.consent_for("STORE")) and is_valid(c, today)]
    return months_after(max(ends, default=today).replace(day=1), 1)
