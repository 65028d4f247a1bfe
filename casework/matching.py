"""What a search asks of each case: all of these words, a name like this one, this badge, a case like this one. Each is a
function of a card and its search text, and sees only what somebody may open anyway."""

import datetime as dt
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from casework import spelling
from casework.coding import holds
from casework.folding import SPACE, normalise, terms
from casework.record import Card, CaseRecord, Moment
from casework.searchtext import heading

# Two names this near are taken for one when cases are compared; somebody who looks for a name is shown more.
ONE_NAME: Final = 90.0
ENOUGH: Final = 4.0
NEAR_DAYS: Final = 3
FAR_DAYS: Final = 31


class Match(NamedTuple):
    """How well a case fits; `reasons` are codes."""

    score: float
    reasons: tuple[str, ...] = ()


Matcher = Callable[[Card, bytes], Match | None]
FOUND: Final = Match(1.0)


def nothing(card: Card, text: bytes) -> Match | None:
    return None


def words(typed: str) -> Matcher:
    """All of them, in any order and any part of a word; what stands between quotation marks, as it stands."""
    needles = [term.encode() for term in terms(typed)]

    def matches(card: Card, text: bytes) -> Match | None:
        return FOUND if all(needle in text for needle in needles) else None

    return matches if needles else nothing


def name(typed: str) -> Matcher:
    wanted = normalise(typed)

    def matches(card: Card, text: bytes) -> Match | None:
        near = nearest(wanted, heading(text).names)
        return Match(near) if near >= spelling.LIKE else None

    return matches if wanted else nothing


def nearest(wanted: str, names: Iterable[str]) -> float:
    return max((spelling.nearness(wanted, found) for found in names), default=0.0)


def badge(typed: str) -> Matcher:
    """The number, or the part of it that somebody could read: at least two signs."""
    wanted = bare(normalise(typed))

    def matches(card: Card, text: bytes) -> Match | None:
        badges = [bare(found) for found in heading(text).badges]
        return Match(100.0 if wanted in badges else 50.0) if any(wanted in b for b in badges) else None

    return matches if len(wanted) > 1 else nothing


def bare(number: str) -> str:
    """`0421`, `421` and `4-21` are one badge."""
    return number.replace(SPACE, "").lstrip("0")


def tag(typed: str) -> Matcher:
    wanted = normalise(typed)

    def matches(card: Card, text: bytes) -> Match | None:
        return FOUND if wanted in map(normalise, card.tags) else None

    return matches if wanted else nothing


SEARCHES: Final = {"words": words, "names": name, "badge": badge, "tag": tag}


def like(record: CaseRecord, card: Card) -> Matcher:
    """Cases that may tell of the same event or the same person. `card` is the record's own."""
    names = [normalise(n) for person in record.persons for n in (person.name, person.alias) if n]
    badges = {bare(normalise(officer.badge)) for officer in record.officers if officer.badge}

    def matches(other: Card, text: bytes) -> Match | None:
        points = dict(_of_event(card, other))
        if holds(other.facts, "event", record.event_token.hex()):
            points["event"] = ENOUGH
        head = heading(text)
        if max((nearest(mine, head.names) for mine in names), default=0.0) >= ONE_NAME:
            points["name"] = 4.0
        if badges & set(map(bare, head.badges)):
            points["badge"] = 2.0
        return _enough(points)

    return matches


def _enough(points: dict[str, float]) -> Match | None:
    """Months apart it is another event, whatever else is alike; the same person may well be in both."""
    if "apart" in points and not points.keys() & {"name", "event"}:
        return None
    score = sum(points.values())
    return Match(score, tuple(r for r in points if r != "apart")) if score >= ENOUGH else None


def _of_event(mine: Card, other: Card) -> Iterable[tuple[str, float]]:
    yield from _nearness_in_time(mine.date, other.date)
    if mine.borough and mine.borough == other.borough:
        yield "borough", 1.5
    elif mine.city and mine.city == other.city:
        yield "city", 0.5
    if set(mine.police_services) & set(other.police_services):
        yield "service", 1.0
    if mine.pretext and mine.pretext == other.pretext:
        yield "pretext", 1.0


def _nearness_in_time(mine: str, other: str) -> Iterable[tuple[str, float]]:
    if not mine or not other:
        return
    (begun, ended), (since, until) = span(mine), span(other)
    apart = max((since - ended).days, (begun - until).days)
    exact = begun == ended and since == until
    if apart <= 0:
        yield ("day", 2.5) if exact else ("period", 1.0)
    elif apart <= NEAR_DAYS:
        yield "days", 1.5
    elif apart > FAR_DAYS:
        yield "apart", 0.0


@lru_cache(maxsize=20_000)
def span(moment: str) -> tuple[dt.date, dt.date]:
    """The days an imprecise date may mean: many cases share one."""
    parsed = Moment(moment)
    return parsed.earliest.date(), parsed.latest.date()
