"""Stories to keep in tests: wholly invented, complete, with consent given today."""

import datetime as dt

from django.utils import timezone

from casework.record import (
    CaseRecord,
    Consent,
    Event,
    Moment,
    Outcome,
    Person,
    Statement,
    Step,
    new_person,
    new_record,
)

NARRATIVE = "Heron turned left where it was forbidden. The officer heard an accent and telephoned. Élise waited three hours."


def given(*purposes: str, on: dt.date | None = None) -> list[Consent]:
    day = on or timezone.localdate()
    return [Consent(purpose, "GIVEN", day, "ORAL", "fr") for purpose in purposes]


def person(alias: str = "Heron", *purposes: str) -> Person:
    someone = new_person("VICTIM")
    someone.alias = alias
    someone.name = "Zebulon Quillfeather"
    someone.consents = given(*(purposes or ("STORE", "STATS", "SHARE_PARTNER")))
    someone.outcomes = [Outcome("HANDED_OVER")]
    someone.steps = [
        Step("STOP", began=Moment("2016-08-14T17:20"), agency="SPVM"),
        Step("HOLD", began=Moment("2016-08-14T18:00"), ended=Moment("2016-08-14T21:00"), agency="SPVM"),
        Step("TRANSFER", began=Moment("2016-08-14T21:00"), agency="CBSA"),
    ]
    return someone


def story(reference: str = "H-1", *people: Person, narrative: str = NARRATIVE) -> CaseRecord:
    event = Event(
        date=Moment("2016-Q3"),
        city="MONTREAL",
        borough="VILLERAY_SAINT_MICHEL_PARC_EXTENSION",
        police_services=["SPVM"],
        pretext="TRAFFIC_MOVING",
    )
    record = new_record(reference, event)
    record.persons = list(people) or [person()]
    record.statements = [Statement(narrative, "SELF")]
    record.verification = "V1"
    return record
