"""When something is due. Pure arithmetic over what a case says: a date that is known to the month only gives a window, and
the window is said, never narrowed.

Detention reviews: Immigration and Refugee Protection Act, s. 57: within 48 hours, within the 7 days that follow, then at
least every 30 days. They are counted from the first link that took the person's freedom: an early reminder costs a look, a
late one a hearing.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from casework.accessperiods import BODIES, EXTENSION, access_due
from casework.agenda import DateToKeep
from casework.handover import Detention, detentions
from casework.record import CaseRecord, Moment, Person, Step, is_detained_now

FIRST, SECOND, LATER = dt.timedelta(hours=48), dt.timedelta(days=7), dt.timedelta(days=30)
DAY: Final = dt.timedelta(days=1)
# How what a withdrawal leaves to be done ends on a card.
OUTLASTING: Final = (" TELL", " TAKE_OUT")
# What is long past and nobody has touched is more likely forgotten than urgent: it must not stand before what is.
STALE: Final = dt.timedelta(days=60)
REVIEWS: Final = ("REVIEW_48H", "REVIEW_7D", "REVIEW_30D")
ON_CARD: Final = 8
TEXT_ON_CARD: Final = 60
NOBODY: Final = "-"
# Of a task without a day: after every other.
NO_DAY: Final = dt.date.max - DAY
UNDATED: Final = NO_DAY.isoformat()
DAY_LENGTH: Final = len(UNDATED)


class Due(NamedTuple):
    """Due at some time from `earliest` to `latest`. `exact`: both are one minute, not a day. `id` names the task or date it
    comes from, and is empty when it was computed."""

    earliest: dt.datetime
    latest: dt.datetime
    kind: str
    person: str = ""
    id: str = ""
    owner: str = ""
    text: str = ""

    @property
    def exact(self) -> bool:
        return self.earliest == self.latest

    @property
    def one_day(self) -> bool:
        return self.earliest.date() == self.latest.date()


# Detention reviews


def next_review(person: Person) -> Due | None:
    """The review that the law asks for next, or whose result nobody has written down yet. None when nobody holds the person."""
    period = current_detention(person)
    if period is None or period.began is None:
        return None
    window = _window(period.began, FIRST)
    for number, review in enumerate(period.reviews):
        window = _after(review, window, LATER if number else SECOND)
    kind = REVIEWS[min(len(period.reviews), 2)]
    return Due(*window, kind, person.id)


def current_detention(person: Person) -> Detention | None:
    found = detentions(person.steps)
    if not found or found[-1].over or not _may_still_be_held(person, found[-1]):
        return None
    return found[-1]


def _may_still_be_held(person: Person, period: Detention) -> bool:
    """What is known of the outcome decides; a chain without any speaks for itself, unless the police let the person go."""
    if person.outcomes or is_detained_now(person):
        return is_detained_now(person)
    return not (len(period.steps) == 1 and period.steps[0].kind == "HOLD" and period.steps[0].ended)


def _window(moment: Moment, later: dt.timedelta) -> tuple[dt.datetime, dt.datetime]:
    return _add(moment.earliest, later), _add(moment.latest, later)


def _add(start: dt.datetime, later: dt.timedelta) -> dt.datetime:
    """A year mistyped as 9999 must not keep a case from being saved."""
    last = dt.datetime.combine(NO_DAY - DAY, dt.time())
    return start + later if start < last - later else last


def _after(
    review: Step, expected: tuple[dt.datetime, dt.datetime], later: dt.timedelta
) -> tuple[dt.datetime, dt.datetime]:
    """Counted from the review before; one without a date took place, for all that is known, when it was due."""
    if review.began is not None:
        return _window(review.began, later)
    return _add(expected[0], later), _add(expected[1], later)


def rolled(day: dt.date, today: dt.date) -> dt.date:
    """The same series of 30 days, from today on: what comes next when one has passed without anybody writing it down."""
    passed = (today - day).days
    return day if passed <= 0 else day + LATER * -(-passed // LATER.days)


# All of a case

NO_LONGER_REMOVED: Final = frozenset({"REMOVED", "LEFT_PRESSURE", "STAY", "STATUS_OBTAINED", "DIED"})


def all_due(record: CaseRecord) -> list[Due]:
    """Everything that is open, the nearest first; what has no day comes last."""
    reviews = [due for person in record.victims() if (due := next_review(person))]
    announced = [due for due in map(_of_date, record.dates) if due]
    announced += [due for person in record.victims() for due in _asked_first(person)]
    found = [*announced, *_unannounced(reviews, announced), *_of_tasks(record)]
    return sorted(found, key=lambda due: (due.earliest, due.latest, due.kind, due.id))


def _unannounced(reviews: Sequence[Due], announced: Sequence[Due]) -> Iterator[Due]:
    """A review whose day was named in time needs no reminder of the limit as well; one named too late does."""
    for review in reviews:
        named = [d for d in announced if d.kind == "REVIEW" and d.person in ("", review.person)]
        if not any(d.latest <= review.latest for d in named):
            yield review


def _asked_first(person: Person) -> Iterator[Due]:
    """The dates somebody gave when the story came in, until what they announced has been written down."""
    safety, outcomes = person.safety, {outcome.code for outcome in person.outcomes}
    held = is_detained_now(person) or current_detention(person) is not None
    if safety.next_review and held and not _reviewed_since(person, safety.next_review):
        yield Due(safety.next_review.earliest, safety.next_review.latest, "REVIEW", person.id)
    removed = any(step.kind == "REMOVAL" for step in person.steps)
    if safety.removal and not removed and not outcomes & NO_LONGER_REMOVED:
        yield Due(safety.removal.earliest, safety.removal.latest, "REMOVAL", person.id)


def _reviewed_since(person: Person, day: Moment) -> bool:
    reviews = (step.began for step in person.steps if step.kind == "REVIEW" and step.began)
    return any(began.latest >= day.earliest for began in reviews)


def _of_date(date: DateToKeep) -> Due | None:
    if date.kept_on is not None:
        return None
    day = day_of(date)
    return whole_day(day, date.kind, date.person, date.id) if day else None


def day_of(date: DateToKeep) -> dt.date | None:
    """What the body or the court named counts; without it, an access request is counted from the day it was received."""
    if date.on is not None:
        return date.on
    if date.kind != "ACCESS" or date.received_on is None or date.body not in BODIES:
        return None
    return access_due(date.body, date.received_on, extended=date.extended and date.body in EXTENSION)


def whole_day(day: dt.date, kind: str, person: str, id: str, owner: str = "", text: str = "") -> Due:  # noqa: A002
    start = dt.datetime.combine(day, dt.time())
    return Due(start, start + DAY - dt.timedelta(minutes=1), kind, person, id, owner, text)


def _of_tasks(record: CaseRecord) -> Iterator[Due]:
    for task in record.tasks:
        if task.done_on is None:
            yield whole_day(task.due or NO_DAY, "TASK", "", task.id, task.owner, task.text)


# On the card: opened ten thousand at a time, so a few words each and no more than ON_CARD of them.


class CardDue(NamedTuple):
    earliest: dt.date
    latest: dt.date
    kind: str
    owner: str = ""
    text: str = ""

    @property
    def dated(self) -> bool:
        return self.earliest < NO_DAY


def for_card(record: CaseRecord, more: Iterable[Due] = ()) -> tuple[str, ...]:
    """`more`: what a withdrawal leaves to be done. The same words twice are said once."""
    found = sorted([*all_due(record), *more], key=lambda due: (due.earliest, due.latest, due.kind, due.id))
    return tuple(dict.fromkeys(map(written, found)))[:ON_CARD]


def outlasts(written: str) -> bool:
    """What is due in a case that is closed, because it is: nothing but the day stands there."""
    return written.endswith(OUTLASTING)


def written(due: Due) -> str:
    days = due.earliest.date().isoformat()
    if not due.one_day:
        days += "/" + due.latest.date().isoformat()
    if due.kind != "TASK":
        return f"{days} {due.kind}"
    return f"{days} {due.kind} {due.owner or NOBODY} {' '.join(due.text.split())[:TEXT_ON_CARD]}"


def read(written: str) -> CardDue:
    days, kind, *more = written.split(" ", 3)
    earliest, _sign, latest = days.partition("/")
    first = dt.date.fromisoformat(earliest)
    last = dt.date.fromisoformat(latest) if latest else first
    owner, text = more if more else ("", "")
    return CardDue(first, last, kind, "" if owner == NOBODY else owner, text)


class Horizon:
    """What is urgent on a day, told by the days as they are written: ten thousand cards are sorted without making a date."""

    def __init__(self, today: dt.date) -> None:
        self.today, self.soon, self.stale = (
            day.isoformat() for day in (today, today + SECOND, today - STALE)
        )

    def urgency(self, written: str) -> str:
        """`stale`, `overdue`, `now` (today, or it may be due already), `soon` (within seven days), `later`, `undated`."""
        first = last = written[:DAY_LENGTH]
        if written[DAY_LENGTH : DAY_LENGTH + 1] == "/":
            last = written[DAY_LENGTH + 1 : 2 * DAY_LENGTH + 1]
        if first >= UNDATED:
            return "undated"
        if last < self.today:
            return "stale" if last < self.stale else "overdue"
        if first <= self.today:
            return "now"
        return "soon" if first <= self.soon else "later"


def is_review(written: str) -> bool:
    return " REVIEW_" in written


def concerns(written: str, owner: str) -> bool:
    """A date concerns everybody, a task whoever it was given to."""
    return " TASK " not in written or f" TASK {owner} " in written
