"""Every coded fact of a case as one text on its card: ten thousand cards are opened for one list, and a text costs a tenth of
what lists of codes would. ` counsel=NO harm=FORCE may:STATS=2027-03-01 ` holds the fact `harm=FORCE` between two spaces."""

from collections.abc import Iterator

from casework import consent
from casework.record import CaseRecord, Person, Step

ANSWERS = ("warrant_shown", "reasons_given", "counsel", "interpreter")


def facts_of(record: CaseRecord) -> str:
    found = {f"{name}={code}" for name, code in _coded(record) if code and " " not in code}
    return " ".join(("", *sorted(found), ""))


def holds(facts: str, name: str, code: str) -> bool:
    return f" {name}={code} " in facts


def value_of(facts: str, name: str) -> str:
    """The one value of a fact that has one, empty without it."""
    before, found, after = facts.partition(f" {name}=")
    return after.partition(" ")[0] if found else ""


def values_of(facts: str, name: str) -> list[str]:
    """Every value of a fact that may have several."""
    return [fact.partition("=")[2] for fact in facts.split() if fact.startswith(f"{name}=")]


def _coded(record: CaseRecord) -> Iterator[tuple[str, str]]:
    event = record.event
    yield from (("place_type", event.place_type), ("reason_given", event.reason_given))
    for person in record.victims():
        yield from _of_person(person)
        for step in person.steps:
            yield from _of_step(step)
    for denial in record.denials:
        yield "denial_mechanism", denial.mechanism
    for told in record.statements:
        yield from (("report_source", told.source), ("told_in", told.language))
        yield from (("credibility", told.source_credibility), ("validity", told.information_validity))
    yield "event", record.event_token.hex()
    yield from _agreed(record)


def _of_person(person: Person) -> Iterator[tuple[str, str]]:
    for name in ("age_band", "gender", "region", "language"):
        yield name, getattr(person, name)
    yield "minor", "YES" if person.minor else "NO"
    yield "detention_place", person.safety.detained_where
    yield from (("minors", person.safety.minors), ("lawyer", person.safety.counsel))
    many = (("immigration_basis", person.immigration_basis), ("status_raised", person.status_raised))
    for name, codes in (*many, ("suspicion_cue", person.suspicion_cue), ("harm", person.harms)):
        yield from ((name, code) for code in codes)


def _of_step(step: Step) -> Iterator[tuple[str, str]]:
    yield from (("step_kind", step.kind), ("agency", step.agency), ("place_type", step.place))
    yield from (("detention_place", step.detention_place), ("legal_basis", step.legal_basis))
    yield from ((name, getattr(step, name)) for name in ANSWERS)


def _agreed(record: CaseRecord) -> Iterator[tuple[str, str]]:
    """For each purpose everybody agrees to, the day on which the first of their consents ends."""
    for purpose in consent.PURPOSES:
        if until := consent.all_until(record, purpose):
            yield f"may:{purpose}", until.isoformat()
