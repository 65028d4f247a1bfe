"""The chain of steps a row tells of, so that an imported case reads as a timeline.

A step is written only when a code says it happened. Nothing is guessed about when: the steps of the first encounter carry the
event's own date, with its precision; later ones have none.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from casework.record import Moment, Step

ASKED_WHO: Final = {"ASKED", "ID_DOC", "NO_ID", "CALL_ID"}
LOOKED_UP: Final = {"DB_WARRANT", "DB_PREV_REMOVED"}
CALLED: Final = {"CALL_STATUS", "CALL_WARRANT", "CALL_ID"}
CALLED_FIRST: Final = {"PHONE_ONLY", "PHONE_HOLD", "PICKUP_STN", "POLICE_DROVE"}
HANDED: Final = {"PICKUP_STN", "POLICE_DROVE"}
REVIEWS: Final = {"REVIEW_CONTINUED", "REVIEW_RELEASED"}
RELEASES: Final = {"RELEASED_SCENE", "REL_CONDITIONS", "REVIEW_RELEASED", "ATD"}
DETAINED: Final = {"DETAINED", "REVIEW_CONTINUED", "REVIEW_RELEASED"}


@dataclass
class Told:
    """What a row says about one person's way through the chain, in codes."""

    date: Moment | None = None
    services: list[str] = field(default_factory=list)
    place: str = ""
    pretext: str = ""
    status_raised: list[str] = field(default_factory=list)
    involvement: str = ""
    held_hours: float | None = None
    outcomes: list[str] = field(default_factory=list)
    detention_places: list[str] = field(default_factory=list)

    def any_raised(self, codes: set[str]) -> bool:
        return bool(codes & set(self.status_raised))

    def any_outcome(self, codes: set[str]) -> bool:
        return bool(codes & set(self.outcomes))

    @property
    def last_service(self) -> str:
        """When one service called another, it is the last that checked and held."""
        return self.services[-1] if self.services else ""


def chain(told: Told) -> list[Step]:
    return [*_encounter(told), *_hold(told), *_handover(told), *_detention(told), *_end(told)]


def _encounter(told: Told) -> Iterator[Step]:
    for service in told.services:
        yield Step("STOP", began=told.date, agency=service, place=told.place)
    if told.any_raised(ASKED_WHO) or told.pretext == "PASSENGER_ID":
        yield Step("IDENTIFICATION", began=told.date, agency=told.last_service)
    if told.any_raised(LOOKED_UP):
        yield Step("DATABASE_QUERY", began=told.date, agency=told.last_service)
    if told.any_raised(CALLED) or told.involvement in CALLED_FIRST:
        yield Step("CALL_TO_CBSA", began=told.date, agency=told.last_service)


def _hold(told: Told) -> Iterator[Step]:
    in_cell = "POLICE_CELL" in told.detention_places
    asked_to = told.involvement == "PHONE_HOLD"
    if told.held_hours or in_cell or asked_to or told.any_outcome({"HELD_POLICE"}):
        yield Step(
            "HOLD",
            began=told.date,
            agency=told.last_service,
            detention_place="POLICE_CELL" if in_cell else "",
        )


def _handover(told: Told) -> Iterator[Step]:
    if told.involvement in HANDED or told.any_outcome({"HANDED_OVER"}):
        yield Step("TRANSFER", agency=told.last_service if told.involvement == "POLICE_DROVE" else "")


def _detention(told: Told) -> Iterator[Step]:
    places = [p for p in told.detention_places if p != "POLICE_CELL"]
    if not places and told.any_outcome(DETAINED):
        places = [""]
    for place in places:
        yield Step("DETENTION", detention_place=place)
    for _review in (o for o in told.outcomes if o in REVIEWS):
        yield Step("REVIEW")


def _end(told: Told) -> Iterator[Step]:
    if told.any_outcome(RELEASES):
        yield Step("RELEASE", began=told.date if told.any_outcome({"RELEASED_SCENE"}) else None)
    if told.any_outcome({"REMOVED"}):
        yield Step("REMOVAL")
