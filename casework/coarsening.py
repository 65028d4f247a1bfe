"""From a case to what may be counted of it: only people who agreed, only what figures need, under a name that leads nowhere.

The one module that sees both sides. The worker cannot import it: it would reach the shape of a case.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Final

from casework import consent, elapsed, handover, statistics, vocabulary
from casework.coarse import CoarseRecord
from casework.record import CaseRecord, Person
from casework.statistics import Sealer

# Unreviewed (V0) and contradicted (VX) accounts never become figures.
COUNTED_VERIFICATIONS: Final = frozenset({"V1", "V2", "V3", "V4"})
FREE_OUTCOMES: Final = frozenset({"RELEASED_SCENE", "TICKET"})


def replace(records: Iterable[CaseRecord], forget: Iterable[CaseRecord] = ()) -> int:
    """In the transaction that saves the cases: whoever was counted before is counted as the records now say, or no more.
    How many people are now counted."""
    now = list(records)
    rows = [row for record in now for row in coarsen(record)]
    known = {token for record in (*now, *forget) for token in token_hashes(record)}
    sealed = statistics.seal_rows(rows, Sealer.newest()) if rows else []
    statistics.write_rows(sealed, known)
    return len(sealed)


def forget(records: Iterable[CaseRecord]) -> int:
    """Erasure: nobody in these cases is counted from now on. How many were."""
    return statistics.remove(token for record in records for token in token_hashes(record))


def token_hashes(record: CaseRecord) -> list[bytes]:
    return [token_hash(person) for person in record.persons if person.statistic_token]


def token_hash(person: Person) -> bytes:
    """Raises ValueError for a person without a token: two of them would be counted as one."""
    if len(person.statistic_token) < 32:
        raise ValueError("a person who is counted has a token of 32 random bytes")
    return hashlib.sha256(person.statistic_token).digest()


def is_counted(record: CaseRecord, on: dt.date | None = None) -> bool:
    return bool(_people(record, on))


def coarsen(record: CaseRecord, on: dt.date | None = None) -> list[tuple[bytes, CoarseRecord]]:
    """Each person it happened to who may be counted, under the hash of their token."""
    return [(token_hash(person), _coarse(record, person, on)) for person in _people(record, on)]


def _people(record: CaseRecord, on: dt.date | None) -> list[Person]:
    if record.verification not in COUNTED_VERIFICATIONS:
        return []
    return [person for person in record.victims() if consent.may(person, "STATS", on)]


def _coarse(record: CaseRecord, person: Person, on: dt.date | None) -> CoarseRecord:
    event, date, took = record.event, record.event.date, elapsed.bands(person)
    return CoarseRecord(
        event=record.event_token,
        counted_before=_counted_before(person, on),
        year=date.year if date else 0,
        quarter=(date.quarter or 0) if date else 0,
        city=_one("city", event.city),
        borough=_one("borough", event.borough),
        police_service=_all("police_service", event.police_services),
        pretext=_one("pretext", event.pretext),
        place_type=_one("place_type", event.place_type),
        status_raised=_all("status_raised", person.status_raised),
        cbsa_involvement=_one("cbsa_involvement", person.cbsa_involvement),
        held=_held(person),
        outcome=_all("outcome", (outcome.code for outcome in person.outcomes)),
        detention_place=_all("detention_place", person.detention_places()),
        harm=_all("harm", person.harms),
        service_type=_all("service_type", (denial.service_type for denial in record.denials)),
        denial_mechanism=_all("denial_mechanism", (denial.mechanism for denial in record.denials)),
        age_band=_one("age_band", person.age_band),
        gender=_one("gender", person.gender),
        region=_one("region", person.region),
        verification=record.verification,
        stop_to_call=took["stop_to_call"],
        call_to_handover=took["call_to_handover"],
        hold_length=took["hold_length"],
        hold_to_counsel=took["hold_to_counsel"],
        hold_to_end=took["hold_to_end"],
    )


def _one(name: str, code: str) -> str:
    """Only codes of the list pass: free text that slipped into a coded field stays in the case."""
    return code if code in vocabulary.codes(name) else ""


def _all(name: str, found: Iterable[str]) -> tuple[str, ...]:
    wanted = set(found)
    return tuple(code for code in vocabulary.codes(name) if code in wanted)


def _counted_before(person: Person, on: dt.date | None) -> dt.date:
    """The first of the month in which the consent to be counted, or to keep the story at all, ends. Not the day itself: two
    years before it lies the day on which the person spoke to the group."""
    last = consent.until(person, "STATS", on)
    return (last or dt.date.min).replace(day=1)


def _held(person: Person) -> str:
    """Held, not held, or nobody said: a missing number of hours is not a "no"."""
    if handover.was_held(person):
        return "YES"
    outcomes = {outcome.code for outcome in person.outcomes}
    return "NO" if person.held_hours == 0 or outcomes & FREE_OUTCOMES else "UNK"
