"""Questions in plain words, for the people who ask them: each fills a specification that may then be changed. Pure: no Django.

The titles become part of a signed document, so both languages stand here and not in the catalogue.
"""

from dataclasses import dataclass
from typing import Final

from casework.facts import PERSON, Label

COUNCIL, MEDIA, ACCESS = "council", "media", "access"
TIME, PLACE = "time", "place"
# How many whole years back; how fine time and place are. Councils ask whether something changed; journalists need a few large
# figures; whoever asks a police force for its records needs to know which force and which quarter.
AUDIENCES: Final = {
    COUNCIL: (Label("City council", "Conseil municipal"), 10, "year", "sector"),
    MEDIA: (Label("Media", "Médias"), 5, "year", "city"),
    ACCESS: (Label("Access-to-information follow-up", "Suivi d'accès à l'information"), 3, "quarter", "city"),
}


@dataclass(frozen=True)
class Ask:
    """`tables` for everybody, and `crossed` for those who need more: codes of facts, or TIME and PLACE."""

    label: Label
    title: Label
    tables: tuple[tuple[str, ...], ...]
    crossed: tuple[tuple[str, ...], ...] = ()


ASKS: Final = {
    "calls": Ask(
        Label(
            "Who calls the border agency, after which kind of stop?",
            "Qui appelle l'agence frontalière, après quel genre d'interception ?",
        ),
        Label("Calls to CBSA after a stop", "Appels à l'ASFC après une interception"),
        (("cbsa_involvement",), ("pretext",), ("police_service",)),
        (("pretext", "cbsa_involvement"), ("cbsa_involvement", TIME)),
    ),
    "after": Ask(
        Label("What happened after the call?", "Que s'est-il passé après l'appel ?"),
        Label("From stop to detention: what followed", "De l'interception à la détention : la suite"),
        (("held",), ("cbsa_involvement",), ("outcome",), ("harm",)),
        (("outcome", TIME),),
    ),
    "status": Ask(
        Label("How did immigration status come up?", "Comment le statut d'immigration a-t-il été soulevé ?"),
        Label("How immigration status came up", "Comment le statut d'immigration a été soulevé"),
        (("status_raised",), ("pretext",)),
        (("status_raised", "pretext"),),
    ),
    "where": Ask(
        Label("Where?", "Où ?"),
        Label("Where it happened", "Où cela s'est passé"),
        ((PLACE,), ("place_type",)),
        ((PLACE, TIME),),
    ),
    "change": Ask(
        Label("Did anything change over time?", "Quelque chose a-t-il changé avec le temps ?"),
        Label("Stops and handovers over time", "Interceptions et remises au fil du temps"),
        ((TIME,), ("held",)),
        (("pretext", TIME), ("held", TIME)),
    ),
    "refused": Ask(
        Label("Which services were refused?", "Quels services ont été refusés ?"),
        Label("Services refused", "Services refusés"),
        (("service_type",), ("denial_mechanism",)),
        (("service_type", TIME),),
    ),
}


@dataclass(frozen=True)
class Preset:
    """What a form is filled with. Years whole, the last one over."""

    title: Label
    unit: str
    years: tuple[int, int]
    tables: list[list[str]]
    time_level: str
    place_level: str
    threshold: int


def preset(audience: str, ask: str, this_year: int, threshold: int) -> Preset:
    """Raises KeyError for a code that is not in the lists above."""
    (_label, back, time, place), asked = AUDIENCES[audience], ASKS[ask]
    first, last = this_year - back, this_year - 1
    crossed = () if audience == MEDIA else asked.crossed
    # A fact alone is a margin of the table that crosses it.
    margins = {code for table in crossed for code in table}
    alone = [table for table in asked.tables if not set(table) <= margins]
    tables = [list(table) for table in (*alone, *crossed)]
    return Preset(titled(ask, first, last), PERSON, (first, last), tables, time, place, threshold)


def titled(ask: str, first: int, last: int) -> Label:
    span, title = f"{first}–{last}", ASKS[ask].title
    return Label(f"{title.en}, {span}", f"{title.fr}, {span}")
