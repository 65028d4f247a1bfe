"""One question, asked wherever something is read: may this be used for that, today? There is no override."""

import datetime as dt
from typing import Final

from django.utils import timezone

from casework.record import CaseRecord, Consent, Person

VALID_MONTHS: Final = 24
# The mode of an answer that a parent, guardian or mandatary gave.
GUARDIAN: Final = "DELEGATE"
NOES: Final = frozenset({"REFUSED", "WITHDRAWN"})
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
    """Consent is time-limited: at the latest it lapses after two years, and is asked again."""
    if consent.on is None:
        return dt.date.min
    latest = months_after(consent.on, VALID_MONTHS)
    return min(consent.expires, latest) if consent.expires else latest


def is_valid(consent: Consent | None, on: dt.date | None = None) -> bool:
    """Of one answer alone. Whether something may be done is what `may` says."""
    if consent is None or consent.state != "GIVEN" or consent.on is None:
        return False
    return consent.on <= (on or timezone.localdate()) <= expiry(consent)


def needs_guardian(person: Person) -> bool:
    """Under 14 the law lets a guardian consent and nobody else. A minor of unknown age may be that young."""
    return person.age_band == "UNDER_14" or (person.minor and person.age_band != "14_17")


def may(person: Person, purpose: str, on: dt.date | None = None) -> bool:
    """Everything rests on consent to keep the story at all: without STORE no other purpose holds."""
    return _holds(person, purpose, on) and (purpose == "STORE" or _holds(person, "STORE", on))


def _holds(person: Person, purpose: str, on: dt.date | None) -> bool:
    answer = person.consent_for(purpose)
    if answer is None or (needs_guardian(person) and answer.mode != GUARDIAN):
        return False
    return is_valid(answer, on) and not _overtaken(person, answer)


def _overtaken(person: Person, answer: Consent) -> bool:
    """Written down later, but given before the person said no: an old yes does not undo a newer no."""
    noes = (c.on for c in person.consents if c.purpose == answer.purpose and c.state in NOES)
    return any(on is not None and answer.on is not None and on > answer.on for on in noes)


def until(person: Person, purpose: str, on: dt.date | None = None) -> dt.date | None:
    """The last day on which it may be used for that, as things stand; None when it may not today."""
    if not may(person, purpose, on):
        return None
    answers = (person.consent_for(asked) for asked in ("STORE", purpose))
    return min(expiry(answer) for answer in answers if answer is not None)


def no_longer(before: Person, after: Person) -> frozenset[str]:
    """What was given and is given no more; with the consent to keep the story, everything that was."""
    given = {purpose for purpose in PURPOSES if _state(before, purpose) == "GIVEN"}
    gone = {purpose for purpose in given if _state(after, purpose) in NOES}
    return frozenset(given if "STORE" in gone else gone)


def lessened(before: Person, after: Person) -> frozenset[str]:
    """What may be used no more, or for less long, for whatever reason: the answer was shortened, or became another."""
    ends = {purpose: (until(before, purpose), until(after, purpose)) for purpose in PURPOSES}
    return frozenset(
        purpose for purpose, (was, now) in ends.items() if was is not None and (now is None or now < was)
    )


def _state(person: Person, purpose: str) -> str:
    answer = person.consent_for(purpose)
    return answer.state if answer else "NOT_ASKED"


def says_no(person: Person, purpose: str) -> bool:
    return _state(person, purpose) in NOES


def withdrawn_on(person: Person, purpose: str) -> dt.date | None:
    """The day on which a yes became a no; None when it did not, or the person has agreed again."""
    answers = [answer for answer in person.consents if answer.purpose == purpose]
    if not says_no(person, purpose) or all(answer.state != "GIVEN" for answer in answers):
        return None
    return answers[-1].on


def has_withdrawn(person: Person) -> bool:
    return any(withdrawn_on(person, purpose) for purpose in PURPOSES)


def longer(before: Person, after: Person) -> bool:
    """Whether the file is now kept with their consent until later than it was, or again."""
    end = until(after, "STORE")
    return end is not None and end > (until(before, "STORE") or dt.date.min)


def counted_since(person: Person) -> dt.date | None:
    """The first day on which the person agreed to be counted: no figure published before it can hold them."""
    return min(
        (c.on for c in person.consents if c.purpose == "STATS" and c.state == "GIVEN" and c.on), default=None
    )


def require(record: CaseRecord, purpose: str, on: dt.date | None = None) -> None:
    """Raises ConsentMissing unless everyone whose story this is agrees, and there is someone."""
    victims = record.victims()
    if not victims or not all(may(person, purpose, on) for person in victims):
        raise ConsentMissing(purpose)


def all_until(record: CaseRecord, purpose: str, on: dt.date | None = None) -> dt.date | None:
    """The day the first of the consents of everyone whose story this is ends; None when somebody's does not hold today."""
    ends = [until(person, purpose, on) for person in record.victims()]
    known = [day for day in ends if day is not None]
    return min(known) if known and len(known) == len(ends) else None


def ends(record: CaseRecord) -> str:
    """For a card: the first day on which consent for each purpose ends, of all that hold today. `renewals` reads it back."""
    found = {
        purpose: [day for person in record.victims() if (day := until(person, purpose))]
        for purpose in PURPOSES
    }
    return " ".join(f"{purpose}={min(days).isoformat()}" for purpose, days in found.items() if days)


def renewals(written: str) -> dict[str, dt.date]:
    pairs = (pair.partition("=") for pair in written.split())
    return {purpose: dt.date.fromisoformat(day) for purpose, _sign, day in pairs}


def erase_after(record: CaseRecord, on: dt.date | None = None) -> dt.date:
    """The first of the month after the one in which the last consent to keep the file ends: only the month is told."""
    today = on or timezone.localdate()
    ends = [day for person in record.victims() if (day := until(person, "STORE", today))]
    return first_after(max(ends, default=today))


def first_after(day: dt.date) -> dt.date:
    return months_after(day.replace(day=1), 1)
