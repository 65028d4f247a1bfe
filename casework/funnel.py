"""How far the chain went, read off a published document: CBSA contacted, held, handed over, detained, removed. Nothing is counted
here that a reader could not count from the same page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from casework.documents import Document, Place, key_of
from casework.facts import NOT_RECORDED, TOTAL, Label

NO_CONTACT: Final = ("NONE", "UNK", NOT_RECORDED)
# What each stage is read from: a fact, and the one category that counts. The contact is everybody without the categories above.
STAGES: Final = (
    ("held", "YES", Label("Held", "Retenues")),
    ("outcome", "HANDED_OVER", Label("Handed over to CBSA", "Remises à l'ASFC")),
    ("outcome", "DETAINED", Label("Detained", "Détenues")),
    (
        "outcome",
        "REVIEW_RELEASED",
        Label("Released at a detention review", "Libérées à un contrôle des motifs"),
    ),
    ("outcome", "REMOVED", Label("Removed", "Renvoyées")),
)
EVERYBODY: Final = Label("Everybody counted", "Toutes les personnes comptées")
CONTACTED: Final = Label("CBSA contacted", "ASFC contactée")
NEEDED: Final = ("cbsa_involvement", "held", "outcome")


@dataclass(frozen=True)
class Stage:
    """`value` None: suppressed, or not to be computed because a part of it is. `of`: everybody counted."""

    label: str
    value: int | None
    of: int | None


def funnel(document: Document, language: str) -> list[Stage]:
    """Empty unless the document has all the facts that the stages are read from."""
    codes = {d.code for d in document.dimensions}
    if not set(NEEDED) <= codes or document.rounding is not None:
        return []
    values = {key_of(cell.at): cell.value for table in document.tables for cell in table.cells}
    everybody = values.get(frozenset())
    stages = [Stage(EVERYBODY.text(language), everybody, everybody)]
    stages.append(Stage(CONTACTED.text(language), _contacted(document, values), everybody))
    for code, category, label in STAGES:
        stages.append(Stage(label.text(language), values.get(key_of({code: category})), everybody))
    return stages


def _contacted(document: Document, values: Mapping[Place, int | None]) -> int | None:
    """The sum of what is printed, and nothing when one part is suppressed: a partial sum would be read as the whole."""
    categories = [c.code for c in document.dimension("cbsa_involvement").categories if c.parent == TOTAL]
    parts = [values.get(key_of({"cbsa_involvement": c})) for c in categories if c not in NO_CONTACT]
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
