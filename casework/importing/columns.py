"""The columns a group may send, in the order of the template, and the header row that names them."""

from dataclasses import dataclass
from typing import Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from casework import vocabulary
from casework.importing.problems import NoHeader, Problem, shortened

SHORT: Final = 500
NARRATIVE: Final = 200_000


@dataclass(frozen=True)
class Column:
    """`vocabulary` names the list its codes come from; `many` means several values, separated by `|`."""

    name: str
    vocabulary: str = ""
    many: bool = False
    required: bool = False
    limit: int = SHORT


COLUMNS: Final = (
    Column("reference", required=True),
    Column("event_date", required=True),
    Column("city", "city"),
    Column("borough", "borough"),
    Column("police_service", "police_service", many=True),
    Column("pretext", "pretext"),
    Column("place_type", "place_type"),
    Column("status_raised", "status_raised", many=True),
    Column("suspicion_cue", "suspicion_cue", many=True),
    Column("cbsa_involvement", "cbsa_involvement"),
    Column("held_hours"),
    Column("outcome", "outcome", many=True),
    Column("detention_place", "detention_place", many=True),
    Column("harm", "harm", many=True),
    Column("service_type", "service_type", many=True),
    Column("denial_mechanism", "denial_mechanism", many=True),
    Column("age_band", "age_band"),
    Column("gender", "gender"),
    Column("region", "region"),
    Column("language", "language"),
    Column("immigration_basis", "immigration_basis", many=True),
    Column("person_alias", many=True),
    Column("person_name"),
    Column("officer_badge", many=True),
    Column("narrative", limit=NARRATIVE),
    Column("source", "report_source"),
    Column("verification", "verification"),
    Column("consent_purposes", "purpose", many=True, required=True),
    Column("consent_mode", "consent_mode", required=True),
    Column("consent_date", required=True),
    Column("consent_language", "language"),
)
BY_NAME: Final = {column.name: column for column in COLUMNS}


def read_header(line: int, cells: list[str], name: str) -> tuple[list[str], list[Problem]]:
    """The column's name for each position (empty where the header is), and what is wrong with the header.

    Names in French or English are understood too. Raises NoHeader when not one of them is known.
    """
    names = [vocabulary.find("import_column", cell) or "" for cell in cells]
    if not any(names):
        raise NoHeader(name)
    return names, [*_unknown(line, cells, names), *_repeated(line, names), *_missing(line, names)]


def _unknown(line: int, cells: list[str], names: list[str]) -> list[Problem]:
    known = format_lazy(_("one of the columns {names}"), names=", ".join(BY_NAME))
    return [
        Problem(line, shortened(cell.strip()), shortened(cell.strip()), known)
        for cell, found in zip(cells, names, strict=True)
        if cell.strip() and not found
    ]


def _repeated(line: int, names: list[str]) -> list[Problem]:
    twice = sorted({n for n in names if n and names.count(n) > 1})
    return [Problem(line, n, n, _("each column only once")) for n in twice]


def _missing(line: int, names: list[str]) -> list[Problem]:
    missing = [c.name for c in COLUMNS if c.required and c.name not in names]
    return [Problem(line, n, "", _("this column, filled in every row")) for n in missing]
