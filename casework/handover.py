"""What a chain of steps says: who held the person from when to when, how long each link took, and the facts a lawyer asks for
first. Pure, and nothing is guessed: what the dates do not say is left out.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from casework.record import CaseRecord, Moment, Person, Step

FREE, POLICE, CBSA = "free", "police", "cbsa"
# Who holds the person from this step on; a step that is not here changes nothing.
CUSTODY: Final = {
    "STOP": FREE,
    "HOLD": POLICE,
    "TRANSFER": CBSA,
    "DETENTION": CBSA,
    "REVIEW": CBSA,
    "RELEASE": FREE,
    "REMOVAL": CBSA,
}
ANSWERS: Final = ("warrant_shown", "reasons_given", "counsel", "interpreter")
HOLDS: Final = frozenset({"HOLD", "TRANSFER", "DETENTION"})
ENDS: Final = frozenset({"RELEASE", "REMOVAL"})
HELD_OUTCOMES: Final = frozenset({"HELD_POLICE", "HANDED_OVER", "DETAINED"})
FIRST_REVIEW: Final = dt.timedelta(hours=48)
MINUTE: Final = dt.timedelta(minutes=1)


class Span(NamedTuple):
    """The shortest and the longest that a time can have been. `exact`: both ends are known to the minute."""

    least: dt.timedelta
    most: dt.timedelta
    exact: bool


def between(before: Moment | None, after: Moment | None) -> Span | None:
    """None when an end is missing, a guess, or the two are out of order."""
    if before is None or after is None or before.uncertain or after.uncertain:
        return None
    least, most = after.earliest - before.latest, after.latest - before.earliest
    if most < dt.timedelta(0):
        return None
    return Span(max(least, dt.timedelta(0)), most, before.precision == after.precision == "minute")


def days_between(before: Moment | None, after: Moment | None) -> int | None:
    """Whole days on the calendar, when both days are known."""
    known = ("minute", "day")
    if before is None or after is None or before.precision not in known or after.precision not in known:
        return None
    if before.uncertain or after.uncertain:
        return None
    days = (after.earliest.date() - before.earliest.date()).days
    return days if days >= 0 else None


def custody(steps: Sequence[Step]) -> Iterator[tuple[Step, str]]:
    """Each step with who holds the person from it on."""
    held_by = FREE
    for step in steps:
        held_by = CUSTODY.get(step.kind, held_by)
        yield step, held_by


@dataclass
class Detention:
    """From the first link that takes somebody's freedom to the one that gives it back."""

    steps: list[Step]
    ended: Step | None = None

    @property
    def began(self) -> Moment | None:
        return next((step.began for step in self.steps if step.kind in HOLDS and step.began), None)

    @property
    def reviews(self) -> list[Step]:
        return [step for step in self.steps if step.kind == "REVIEW"]

    @property
    def over(self) -> bool:
        return self.ended is not None or any(step.result == "RELEASED" for step in self.reviews)


def detentions(steps: Sequence[Step]) -> list[Detention]:
    found: list[Detention] = []
    for step in steps:
        opened = found[-1] if found and not found[-1].ended else None
        if step.kind in ENDS and opened:
            opened.ended = step
        elif opened and step.kind != "STOP":
            opened.steps.append(step)
        elif step.kind in HOLDS:
            found.append(Detention([step]))
    return found


# Sharp facts


class Sharp(NamedTuple):
    """`code` says which; `lasted` how long, when the dates say so; `number` how many."""

    code: str
    lasted: dt.timedelta | None = None
    number: int = 0


def sharp_facts(person: Person) -> list[Sharp]:
    """What a lawyer looks for first, in the order of the chain."""
    return [
        *_before_the_call(person),
        *_held(person),
        *_counsel(person),
        *_unsaid(person),
        *_detained(person),
    ]


def _first(steps: Sequence[Step], *kinds: str) -> Step | None:
    return next((step for step in steps if step.kind in kinds), None)


def _exactly(before: Moment | None, after: Moment | None) -> dt.timedelta | None:
    span = between(before, after)
    return span.least if span and span.exact and span.least else None


def _before_the_call(person: Person) -> Iterator[Sharp]:
    stop, call = _first(person.steps, "STOP"), _first(person.steps, "CALL_TO_CBSA")
    lasted = _exactly(stop.began, call.began) if stop and call else None
    if lasted:
        yield Sharp("CALLED_AFTER", lasted)


def held_by_police(person: Person) -> dt.timedelta | None:
    """By the clock when the chain tells it, else the hours somebody remembers."""
    hold = _first(person.steps, "HOLD")
    if hold is None:
        return None
    transfer = _first(person.steps, "TRANSFER")
    lasted = _exactly(hold.began, hold.ended or (transfer.began if transfer else None))
    return lasted or (dt.timedelta(hours=person.held_hours) if person.held_hours else None)


def _held(person: Person) -> Iterator[Sharp]:
    hold, lasted = _first(person.steps, "HOLD"), held_by_police(person)
    if hold and hold.warrant_shown == "NO":
        yield Sharp("NO_WARRANT", lasted)
    elif hold and lasted:
        yield Sharp("HELD", lasted)


def _counsel(person: Person) -> Iterator[Sharp]:
    first = next((d for d in detentions(person.steps)), None)
    if first is None:
        return
    allowed = next((step for step in first.steps if step.counsel == "YES"), None)
    refused = any(step.counsel == "NO" for step in first.steps)
    span = between(first.began, allowed.began) if allowed else None
    if span and span.least >= dt.timedelta(hours=1):
        yield Sharp("UNTIL_COUNSEL" if span.exact else "UNTIL_COUNSEL_OR_MORE", span.least)
    elif refused and not allowed:
        yield Sharp("NO_COUNSEL")


def _unsaid(person: Person) -> Iterator[Sharp]:
    held = [step for step in person.steps if step.kind in HOLDS]
    if any(step.reasons_given == "NO" for step in held):
        yield Sharp("NO_REASONS")
    if any(step.interpreter == "NO" for step in person.steps):
        yield Sharp("NO_INTERPRETER")


def _detained(person: Person) -> Iterator[Sharp]:
    for period in detentions(person.steps):
        if late := _first_review_was_late(period):
            yield Sharp("LATE_REVIEW", late)
        days = days_between(period.began, period.ended.began if period.ended else None)
        if days:
            yield Sharp("DAYS_HELD", dt.timedelta(days=days), len(period.reviews))


def _first_review_was_late(period: Detention) -> dt.timedelta | None:
    """Only when it was late whichever way the dates are read; a day ends a minute after its last one."""
    span = between(period.began, period.reviews[0].began) if period.reviews else None
    return span.least if span and span.least > FIRST_REVIEW + MINUTE else None


# How far it went

STAGES: Final = ("STOPPED", "CONTACTED", "HELD", "HANDED_OVER", "DETAINED", "REMOVED", "RELEASED")
CALLED: Final = frozenset({"CALL_STATUS", "CALL_WARRANT", "CALL_ID", "CBSA_PRESENT"})
NOT_CONTACTED: Final = frozenset({"", "NONE", "UNK"})
TAKEN: Final = frozenset({"PICKUP_STN", "POLICE_DROVE"})
IN_DETENTION: Final = frozenset({"DETAINED", "REVIEW_CONTINUED", "REVIEW_RELEASED"})
GONE: Final = frozenset({"REMOVED", "LEFT_PRESSURE"})
LET_GO: Final = frozenset({"REL_CONDITIONS", "REVIEW_RELEASED", "ATD", "STAY", "STATUS_OBTAINED"})


def was_held(person: Person) -> bool:
    outcomes, kinds = _codes(person)
    return bool(person.held_hours or outcomes & HELD_OUTCOMES or kinds & HOLDS)


def _codes(person: Person) -> tuple[set[str], set[str]]:
    return {outcome.code for outcome in person.outcomes}, {step.kind for step in person.steps}


def reached(record: CaseRecord) -> tuple[int, ...]:
    """How many of the people it happened to came as far as each of STAGES. Whoever came to one came through those before it,
    whatever was written down, so that no stage is larger than the one it is part of; the last two both follow from being handed
    over, and one person may come to both. Nobody where no agency stopped anybody: a refusal of service alone is no handover."""
    stopped = [person for person in record.victims() if _was_stopped(record, person)]
    ways = [_way(person) for person in stopped]
    return tuple(sum(stage in way for way in ways) for stage in STAGES) if stopped else ()


def _was_stopped(record: CaseRecord, person: Person) -> bool:
    return bool(record.event.police_services or record.event.pretext or person.steps)


def _way(person: Person) -> set[str]:
    outcomes, kinds = _codes(person)
    detained = bool(outcomes & IN_DETENTION or kinds & {"DETENTION", "REVIEW"})
    handed = detained or "HANDED_OVER" in outcomes or "TRANSFER" in kinds or person.cbsa_involvement in TAKEN
    contacted = handed or _contacted(person, kinds)
    way = {"STOPPED"} | ({"CONTACTED"} if contacted else set())
    way |= {"HELD"} if handed or (contacted and was_held(person)) else set()
    way |= {"HANDED_OVER"} if handed else set()
    way |= {"DETAINED"} if detained else set()
    if handed:
        way |= {"REMOVED"} if outcomes & GONE or "REMOVAL" in kinds else set()
        way |= {"RELEASED"} if outcomes & LET_GO or "RELEASE" in kinds else set()
    return way


def _contacted(person: Person, kinds: set[str]) -> bool:
    called = bool(CALLED & set(person.status_raised)) or "CALL_TO_CBSA" in kinds
    return called or person.cbsa_involvement not in NOT_CONTACTED
