"""What is told of a case, by whom, and what stands against what."""

from typing import Any

from django.utils.translation import gettext as _

from casework.record import CaseRecord, Statement
from casework.views.summaries import Facts, filled
from casework.views.timeline import named, when


def statements_context(record: CaseRecord) -> dict[str, Any]:
    """Contradictions stand side by side, as pairs; what contradicts nothing follows in the order it was told."""
    shown = {statement.id: _shown(record, statement) for statement in record.statements}
    pairs = contradictions(record.statements)
    for pair in pairs:
        for statement in pair:
            shown[statement.id]["paired"] = True
    return {
        "statements": list(shown.values()),
        "contradictions": [[shown[one.id], shown[other.id]] for one, other in pairs],
    }


def contradictions(statements: list[Statement]) -> list[tuple[Statement, Statement]]:
    """Each pair once, whichever of the two names the other; one that is gone contradicts nothing."""
    return [
        (one, other)
        for place, one in enumerate(statements)
        for other in statements[place + 1 :]
        if other.id in one.contradicts or one.id in other.contradicts
    ]


def told_of(record: CaseRecord, person_id: str) -> int:
    """How many statements tell of a person: they are one person all the same."""
    return sum(person_id in statement.about for statement in record.statements)


def _shown(record: CaseRecord, statement: Statement) -> dict[str, Any]:
    return {
        "statement": statement,
        "id": statement.id,
        "source": named("report_source", statement.source),
        "facts": _facts(record, statement),
        "paired": False,
    }


def _facts(record: CaseRecord, statement: Statement) -> Facts:
    people = [person.alias for person in record.persons if person.id in statement.about]
    return filled(
        [
            (_("About"), ", ".join(people)),
            (_("Told on"), when(statement.on)),
            (_("Language"), named("language", statement.language)),
            (_("Credibility of the source"), named("credibility", statement.source_credibility)),
            (_("Validity of the information"), named("validity", statement.information_validity)),
        ]
    )
