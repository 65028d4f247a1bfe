"""Every field that can stand in a copy: which part of a case it belongs to, and how it reads."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from casework import vocabulary
from casework.record import CaseRecord, Moment, Person, Step

Read = Callable[[CaseRecord, Person, "Manner"], str]
NOT_SAID: Final = ("", "NOT_ASKED")


@dataclass(frozen=True)
class Manner:
    """`exact`: days and places as they were told; else no finer than a quarter and a city."""

    language: str
    exact: bool

    def label(self, name: str, code: str) -> str:
        return vocabulary.label(name, code, self.language) if code not in NOT_SAID else ""

    def labels(self, name: str, codes: list[str]) -> str:
        return "; ".join(filter(None, (self.label(name, code) for code in codes)))

    def moment(self, moment: Moment | None) -> str:
        if moment is None:
            return ""
        if self.exact:
            return moment.text.replace("T", " ")
        return f"{moment.year}-Q{moment.quarter}" if moment.quarter else str(moment.year)


@dataclass(frozen=True)
class Field:
    code: str
    part: str
    read: Read

    def label(self, language: str) -> str:
        return vocabulary.label("export_field", self.code, language)


def _of_person(name: str, attribute: str) -> Read:
    return lambda record, person, manner: manner.label(name, getattr(person, attribute))


def _all_of_person(name: str, attribute: str) -> Read:
    return lambda record, person, manner: manner.labels(name, getattr(person, attribute))


def _of_event(name: str, attribute: str) -> Read:
    return lambda record, person, manner: manner.label(name, getattr(record.event, attribute))


def _hours(record: CaseRecord, person: Person, manner: Manner) -> str:
    return "" if person.held_hours is None else f"{person.held_hours:g}"


def _outcomes(record: CaseRecord, person: Person, manner: Manner) -> str:
    told = (
        " ".join(filter(None, [manner.moment(o.on), manner.label("outcome", o.code)]))
        for o in person.outcomes
    )
    return "; ".join(told)


def _chain(record: CaseRecord, person: Person, manner: Manner) -> str:
    return "\n".join(step_line(step, manner) for step in person.steps)


def step_line(step: Step, manner: Manner) -> str:
    """When, what, by whom, where; what was shown and explained; the note only where days and places go as well."""
    head = " ".join(filter(None, [manner.moment(step.began), manner.label("step_kind", step.kind)]))
    facts = [
        manner.label("police_service", step.agency),
        manner.label("detention_place", step.detention_place),
        *(
            _answer(step, name, manner)
            for name in ("warrant_shown", "reasons_given", "counsel", "interpreter")
        ),
        step.note if manner.exact else "",
    ]
    return " – ".join([head, *filter(None, facts)])


def _answer(step: Step, name: str, manner: Manner) -> str:
    answer = manner.label("answer", getattr(step, name))
    label = vocabulary.label("export_field", name, manner.language)
    return vocabulary.told(label, answer, manner.language) if answer else ""


def statements(record: CaseRecord, person: Person) -> Iterator[str]:
    """Those that tell of this person or of the event as a whole."""
    for statement in record.statements:
        if statement.text and (not statement.about or person.id in statement.about):
            yield statement.text


def _story(record: CaseRecord, person: Person, manner: Manner) -> str:
    return "\n\n".join(statements(record, person))


def _officers(record: CaseRecord, person: Person, manner: Manner) -> str:
    told = (
        " ".join(filter(None, [manner.label("police_service", o.service), o.badge, o.name, o.description]))
        for o in record.officers
    )
    return "; ".join(told)


def _denials(record: CaseRecord, person: Person, manner: Manner) -> str:
    told = (
        " – ".join(
            filter(
                None,
                [manner.label("service_type", d.service_type), manner.label("denial_mechanism", d.mechanism)],
            )
        )
        for d in record.denials
    )
    return "; ".join(told)


FIELDS: Final = (
    Field("reference", "reference", lambda record, person, manner: record.reference),
    Field("person_alias", "alias", lambda record, person, manner: person.alias),
    Field("person_name", "name", lambda record, person, manner: person.name),
    Field("event_date", "event", lambda record, person, manner: manner.moment(record.event.date)),
    Field("city", "event", _of_event("city", "city")),
    Field("borough", "exact", _of_event("borough", "borough")),
    Field("place_type", "event", _of_event("place_type", "place_type")),
    Field("place_note", "exact", lambda record, person, manner: record.event.place_note),
    Field(
        "police_service",
        "event",
        lambda r, p, manner: manner.labels("police_service", r.event.police_services),
    ),
    Field("pretext", "event", _of_event("pretext", "pretext")),
    Field("reason_given", "event", _of_event("answer", "reason_given")),
    Field("age_band", "person", _of_person("age_band", "age_band")),
    Field("gender", "person", _of_person("gender", "gender")),
    Field("region", "person", _of_person("region", "region")),
    Field("language", "person", _of_person("language", "language")),
    Field("status_raised", "chain", _all_of_person("status_raised", "status_raised")),
    Field("suspicion_cue", "chain", _all_of_person("suspicion_cue", "suspicion_cue")),
    Field("cbsa_involvement", "chain", _of_person("cbsa_involvement", "cbsa_involvement")),
    Field("chain", "chain", _chain),
    Field("held_hours", "chain", _hours),
    Field("immigration_basis", "basis", _all_of_person("immigration_basis", "immigration_basis")),
    Field("outcome", "aftermath", _outcomes),
    Field("harm", "aftermath", _all_of_person("harm", "harms")),
    Field("denials", "denials", _denials),
    Field("officers", "officers", _officers),
    Field("narrative", "story", _story),
    Field(
        "verification",
        "event",
        lambda record, person, manner: manner.label("verification", record.verification),
    ),
)
