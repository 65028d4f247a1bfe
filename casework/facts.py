"""The facts a figure may be broken down by, and the categories of each, in both languages. Pure: no Django.

A fact with one value per person is a dimension whose categories add up. A fact that can have several values (harm, outcome)
is a row of yes/no questions instead: a person may be in several rows, and the rows do not add up to the total.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from casework import vocabulary

TOTAL: Final = "TOTAL"
NOT_RECORDED: Final = "NOT_RECORDED"
OUTSIDE: Final = "OUTSIDE"
ISLAND: Final = "MONTREAL"
ISLAND_UNKNOWN: Final = "MONTREAL_UNK"
# Several small categories as one.
MERGED: Final = "MERGED"
PERSON: Final = "person"
EVENT: Final = "event"
UNITS: Final = (PERSON, EVENT)
# These say "none of the others". Published beside them they would bound every suppressed one from above, and "not recorded"
# would bound it from below: the rows of a fact with several values must not be computable from each other.
EXCLUSIVE: Final = frozenset({"UNK", "NONE", "NOT_RAISED"})


@dataclass(frozen=True)
class Label:
    en: str
    fr: str

    def text(self, language: str) -> str:
        return self.fr if language.startswith("fr") else self.en

    def both(self) -> dict[str, str]:
        return {"en": self.en, "fr": self.fr}


@dataclass(frozen=True)
class Level:
    """One category; `parent` is the category it is part of."""

    code: str
    label: Label
    parent: str = TOTAL


@dataclass(frozen=True)
class Fact:
    """`of_event`: known of the event as well as of each person in it. `sensitive`: to be known to belong is itself a harm.
    `recorded`: case files carry it already. `ordered`: its categories follow each other, and are drawn in that order."""

    code: str
    label: Label
    vocabulary: str
    many: bool = False
    sensitive: bool = False
    of_event: bool = False
    recorded: bool = True
    ordered: bool = False


def _fact(code: str, en: str, fr: str, vocabulary_name: str = "", **flags: bool) -> Fact:
    return Fact(code, Label(en, fr), vocabulary_name or code, **flags)


FACTS: Final = {
    fact.code: fact
    for fact in (
        _fact("city", "City", "Ville", of_event=True),
        _fact("sector", "Sector of Montreal", "Secteur de Montréal", of_event=True),
        _fact("borough", "Borough", "Arrondissement", of_event=True),
        _fact("police_district", "Police district", "Poste de quartier", of_event=True, recorded=False),
        _fact("police_service", "Police service", "Service de police", many=True, of_event=True),
        _fact("year", "Year", "Année", of_event=True),
        _fact("quarter", "Quarter", "Trimestre", of_event=True),
        _fact("pretext", "Pretext", "Prétexte", of_event=True),
        _fact("place_type", "Type of place", "Type de lieu", of_event=True),
        _fact("status_raised", "How status was raised", "Comment le statut a été soulevé", many=True),
        _fact("cbsa_involvement", "CBSA involvement", "Intervention de l'ASFC"),
        _fact("held", "Held", "Retenue", "answer"),
        _fact("outcome", "Outcome", "Dénouement", many=True, sensitive=True),
        _fact("detention_place", "Place of detention", "Lieu de détention", many=True),
        _fact("harm", "Harm", "Préjudice", many=True, sensitive=True),
        _fact("service_type", "Service denied", "Service refusé", many=True, of_event=True),
        _fact("denial_mechanism", "How it was denied", "Forme du refus", many=True, of_event=True),
        _fact("age_band", "Age", "Âge", ordered=True),
        _fact("gender", "Gender", "Genre"),
        _fact("region", "Region of origin", "Région d'origine"),
        _fact("verification", "Verification", "Vérification", of_event=True),
        _fact(
            "stop_to_call",
            "Stop to call to CBSA",
            "De l'interception à l'appel à l'ASFC",
            "elapsed_hours",
            ordered=True,
        ),
        _fact(
            "call_to_handover",
            "Call to handover",
            "De l'appel à la remise à l'ASFC",
            "elapsed_hours",
            ordered=True,
        ),
        _fact(
            "hold_length",
            "Held by the police",
            "Durée de la retenue policière",
            "elapsed_hours",
            ordered=True,
        ),
        _fact(
            "hold_to_counsel", "Hold to a lawyer", "De la retenue à un avocat", "elapsed_hours", ordered=True
        ),
        _fact(
            "hold_to_end",
            "Hold to release or removal",
            "De la retenue à la libération ou au renvoi",
            "elapsed_days",
            ordered=True,
        ),
    )
}
PLACES: Final = frozenset({"city", "sector", "borough", "police_district"})
# Categories with an order or a tree of their own are made coarser by a level, not by merging some of them.
GRADED: Final = (
    PLACES | {"year", "quarter", "verification"} | {c for c, fact in FACTS.items() if fact.ordered}
)
HELD_ANSWERS: Final = ("YES", "NO", "UNK")
COUNTED: Final = ("V1", "V2", "V3", "V4")
TOTAL_LABEL: Final = Label("Total", "Total")
NOT_RECORDED_LABEL: Final = Label("Not recorded", "Non consigné")


def levels(fact: Fact, first: tuple[int, int], last: tuple[int, int]) -> tuple[Level, ...]:
    """The categories of a fact, parents before children. `first` and `last` are the (year, quarter) the period runs between.

    Always the whole list, not the categories that occur: which ones occur is itself a figure, and editions must be comparable.
    """
    if fact.code == "year":
        return tuple(_years(first, last))
    if fact.code == "quarter":
        return tuple(_quarters(first, last))
    if fact.code in ("sector", "borough"):
        return tuple(_montreal(boroughs=fact.code == "borough"))
    wanted = {"held": HELD_ANSWERS, "verification": COUNTED}.get(fact.code) or vocabulary.codes(
        fact.vocabulary
    )
    known = (vocabulary.term(fact.vocabulary, code) for code in wanted)
    return tuple(Level(t.code, Label(t.en, t.fr)) for t in known if not (fact.many and t.code in EXCLUSIVE))


def _years(first: tuple[int, int], last: tuple[int, int]) -> list[Level]:
    return [Level(str(year), Label(str(year), str(year))) for year in range(first[0], last[0] + 1)]


def _quarters(first: tuple[int, int], last: tuple[int, int]) -> list[Level]:
    found: list[Level] = []
    for year in _years(first, last):
        found.append(year)
        within = [q for q in range(1, 5) if first <= (int(year.code), q) <= last]
        found += [_quarter(year.code, q) for q in within]
        if len(within) == 4:
            found.append(_quarter_unknown(year.code))
    return found


def _quarter(year: str, quarter: int) -> Level:
    return Level(f"{year}-Q{quarter}", Label(f"{year} Q{quarter}", f"{year} T{quarter}"), year)


def _quarter_unknown(year: str) -> Level:
    label = Label(f"{year}, quarter not known", f"{year}, trimestre inconnu")
    return Level(f"{year}-UNK", label, year)


def with_merged(found: tuple[Level, ...], codes: Collection[str]) -> tuple[Level, ...]:
    """The same categories, some of them as one, which says what it is made of."""
    if not codes:
        return found
    parts = [level.label for level in found if level.code in codes]
    label = Label(" + ".join(part.en for part in parts), " + ".join(part.fr for part in parts))
    return (*(level for level in found if level.code not in codes), Level(MERGED, label))


def _montreal(*, boroughs: bool) -> list[Level]:
    """Borough → sector → city → TOTAL. Everywhere else is one category, so that the column adds up."""
    city = vocabulary.term("city", ISLAND)
    found = [Level(ISLAND, Label(city.en, city.fr))]
    for sector in vocabulary.terms("sector"):
        found.append(Level(sector.code, Label(sector.en, sector.fr), ISLAND))
        inside = [b for b in vocabulary.terms("borough") if boroughs and b.parent == sector.code]
        found += [Level(b.code, Label(b.en, b.fr), sector.code) for b in inside]
    unknown = Label("Montreal, borough not known", "Montréal, arrondissement inconnu")
    found.append(Level(ISLAND_UNKNOWN, unknown, ISLAND))
    found.append(Level(OUTSIDE, Label("Outside the city of Montreal", "Hors de la ville de Montréal")))
    return found


def label_of(fact_code: str, code: str, known: dict[str, Label]) -> Label:
    """The word for one category; TOTAL and NOT_RECORDED belong to every fact."""
    return {TOTAL: TOTAL_LABEL, NOT_RECORDED: NOT_RECORDED_LABEL}.get(code) or known[code]


def category_label(fact_code: str, code: str) -> Label:
    """The word for a category wherever it comes from; the code itself when nobody knows it."""
    everything = (1900, 1), (2100, 4)
    known = {level.code: level.label for level in levels(FACTS[fact_code], *everything)}
    return known.get(code, Label(code, code))
