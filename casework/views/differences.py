"""What changed, in words: the name of each place in a record, and its values as the rest of the pages show them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.days import date_format
from casework.agenda import DateToKeep, Interaction, Referral, Task
from casework.changes import Change, Meeting, Path, value_at
from casework.record import CaseRecord, Moment, ServiceDenial
from casework.views.duties import names
from casework.views.timeline import named, when

Label = str | Promise
Known = tuple[Label, str]
# Name of a field, wherever it stands, and the vocabulary of its codes. A field that is not here is shown under `OTHER`: better
# than not at all, and a test fails.
FIELDS: Final[dict[str, Known]] = {
    "reference": (gettext_lazy("Your reference"), ""),
    "status": (gettext_lazy("Status"), "case_status"),
    "tags": (gettext_lazy("Tags"), ""),
    "verification": (gettext_lazy("Verification"), "verification"),
    "date": (gettext_lazy("When it happened"), ""),
    "city": (gettext_lazy("City"), "city"),
    "borough": (gettext_lazy("Borough"), "borough"),
    "police_services": (gettext_lazy("Police or other service"), "police_service"),
    "pretext": (gettext_lazy("How it began"), "pretext"),
    "place_type": (gettext_lazy("Kind of place"), "place_type"),
    "place_note": (gettext_lazy("Place, in words"), ""),
    "reason_given": (gettext_lazy("Was a reason given for the stop?"), "answer"),
    "roles": (gettext_lazy("Roles"), "role"),
    "alias": (gettext_lazy("Alias"), ""),
    "name": (gettext_lazy("Name"), ""),
    "age_band": (gettext_lazy("Age"), "age_band"),
    "gender": (gettext_lazy("Gender"), "gender"),
    "region": (gettext_lazy("Region of origin"), "region"),
    "language": (gettext_lazy("Language"), "language"),
    "minor": (gettext_lazy("Under 18"), ""),
    "immigration_basis": (gettext_lazy("Immigration basis"), "immigration_basis"),
    "status_raised": (gettext_lazy("How status came up"), "status_raised"),
    "suspicion_cue": (gettext_lazy("What raised suspicion"), "suspicion_cue"),
    "cbsa_involvement": (gettext_lazy("What the CBSA did"), "cbsa_involvement"),
    "held_hours": (gettext_lazy("Hours held by police"), ""),
    "steps": (gettext_lazy("Steps of the handover"), ""),
    "outcomes": (gettext_lazy("What became of it"), ""),
    "harms": (gettext_lazy("Harm done"), "harm"),
    "consents": (gettext_lazy("Consent"), ""),
    "safety": (gettext_lazy("Safety"), ""),
    "detained_now": (gettext_lazy("Detained when the story came in"), "answer"),
    "detained_where": (gettext_lazy("Where, when the story came in"), "detention_place"),
    "next_review": (gettext_lazy("Next detention review"), ""),
    "removal": (gettext_lazy("Removal date"), ""),
    "minors": (gettext_lazy("Minors concerned"), "answer"),
    "counsel": (gettext_lazy("Lawyer"), "answer"),
    "reach": (gettext_lazy("How to reach them safely"), ""),
    "agreed": (gettext_lazy("Agreed to do next"), ""),
    "text": (gettext_lazy("What is told"), ""),
    "source": (gettext_lazy("Who tells it"), "report_source"),
    "source_credibility": (gettext_lazy("Credibility of the source"), "credibility"),
    "information_validity": (gettext_lazy("Validity of the information"), "validity"),
    "about": (gettext_lazy("About"), ""),
    "contradicts": (gettext_lazy("Contradicts"), ""),
    "officers": (gettext_lazy("Officers"), ""),
    "service": (gettext_lazy("Service"), "police_service"),
    "badge": (gettext_lazy("Badge number"), ""),
    "description": (gettext_lazy("Description"), ""),
    "denials": (gettext_lazy("Services refused"), ""),
    "service_type": (gettext_lazy("Service refused"), "service_type"),
    "mechanism": (gettext_lazy("How"), "denial_mechanism"),
    "note": (gettext_lazy("Notes"), ""),
    "kind": (gettext_lazy("Step"), "step_kind"),
    "began": (gettext_lazy("Began"), ""),
    "ended": (gettext_lazy("Ended"), ""),
    "agency": (gettext_lazy("Who acted"), "police_service"),
    "place": (gettext_lazy("Place"), "place_type"),
    "detention_place": (gettext_lazy("Place of detention"), "detention_place"),
    "warrant_shown": (gettext_lazy("Was a warrant shown?"), "answer"),
    "reasons_given": (gettext_lazy("Were reasons given?"), "answer"),
    "interpreter": (gettext_lazy("Was there an interpreter?"), "answer"),
    "legal_basis": (gettext_lazy("Legal basis stated"), "legal_basis"),
    "purpose": (gettext_lazy("Purpose"), "purpose"),
    "state": (gettext_lazy("Answer"), "consent_state"),
    "code": (gettext_lazy("Outcome"), "outcome"),
    "on": (gettext_lazy("When"), ""),
    "mode": (gettext_lazy("How it was given"), "consent_mode"),
    "expires": (gettext_lazy("Until"), ""),
    "explained_by": (gettext_lazy("Who explained it"), ""),
    "conditions": (gettext_lazy("Conditions"), ""),
    "result": (gettext_lazy("Result"), "review_result"),
    "due": (gettext_lazy("Until when"), ""),
    "owner": (gettext_lazy("Who does it"), ""),
    "done_on": (gettext_lazy("Done on"), ""),
    "done_by": (gettext_lazy("Done by"), ""),
    "kept_on": (gettext_lazy("Seen to on"), ""),
    "person": (gettext_lazy("Whom it concerns"), ""),
    "body": (gettext_lazy("Body"), "access_body"),
    "received_on": (gettext_lazy("Received on"), ""),
    "extended": (gettext_lazy("The body has given itself more time"), ""),
    "whom": (gettext_lazy("With whom"), ""),
    "told_outcome": (gettext_lazy("Told the outcome"), ""),
    "what": (gettext_lazy("What is passed on"), ""),
    "agreed_on": (gettext_lazy("When they agreed"), ""),
    "answered_on": (gettext_lazy("Answered on"), ""),
    "by": (gettext_lazy("Written down by"), ""),
}
# Where a name that several things have says something else. The case itself is under no name.
WITHIN: Final[dict[str, dict[str, Known]]] = {
    "": {"owner": (gettext_lazy("Who looks after it"), "")},
    "tasks": {"text": (gettext_lazy("What is to be done"), "")},
    "dates": {"kind": (gettext_lazy("Which date"), "deadline_kind"), "on": (gettext_lazy("Day"), "")},
    "interactions": {
        "kind": (gettext_lazy("What it was"), "interaction_kind"),
        "text": (gettext_lazy("What was said"), ""),
    },
    "referrals": {
        "name": (gettext_lazy("To whom"), ""),
        "kind": (gettext_lazy("Kind of contact"), "contact_kind"),
        "state": (gettext_lazy("Answer"), "referral_state"),
        "person": (gettext_lazy("Who is referred"), ""),
    },
    "denials": {"place": (gettext_lazy("Where"), "")},
}
STRUCTS: Final[dict[type, str]] = {
    Task: "tasks",
    DateToKeep: "dates",
    Interaction: "interactions",
    Referral: "referrals",
    ServiceDenial: "denials",
}
ACCOUNTS: Final = frozenset({"owner", "done_by", "by"})
OTHER: Final = gettext_lazy("Other details")
KINDS: Final[dict[str, Label]] = {
    "persons": gettext_lazy("Person"),
    "statements": gettext_lazy("Statement"),
    "event": gettext_lazy("The event"),
    "tasks": gettext_lazy("Task"),
    "dates": gettext_lazy("Date"),
    "interactions": gettext_lazy("Conversation"),
    "referrals": gettext_lazy("Referral"),
    "told": gettext_lazy("Told of a withdrawal"),
}
# Inside a line these say nothing to a reader, or say it again.
NOT_SAID: Final = frozenset({"id", "wording", "statistic_token", "roles", "contact", "item"})


class State(NamedTuple):
    """A state of the case, which knows the aliases of the people it names, and the names of the accounts in it."""

    record: CaseRecord
    called: dict[str, str]


def called_in(*records: CaseRecord) -> dict[str, str]:
    """Of every account somebody stands for in these states: one question, however many there are."""
    return names({account for record in records for account in _accounts(record)})


def _accounts(value: Any, field: str = "") -> Iterator[str]:
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _accounts(getattr(value, name), name)
    elif isinstance(value, list):
        for item in value:
            yield from _accounts(item, field)
    elif field in ACCOUNTS and value:
        yield value


def change_shown(now: State, earlier: State, change: Change) -> dict[str, Any]:
    return {
        "label": label(change.path, now.record, earlier.record),
        "before": told(change.path, change.before, earlier),
        "after": told(change.path, change.after, now),
    }


def meeting_shown(meeting: Meeting, theirs: State, mine: State) -> dict[str, Any]:
    return {
        "both": meeting.joined is not None,
        "label": label(meeting.path, mine.record, theirs.record),
        "before": told(meeting.path, meeting.before, theirs),
        "theirs": told(meeting.path, meeting.theirs, theirs),
        "mine": told(meeting.path, meeting.mine, mine),
        "contested": meeting.contested,
    }


def known(field: str, within: str = "") -> Known:
    """`within`: the list of the case that the field stands in."""
    return WITHIN.get(within, {}).get(field) or FIELDS.get(field, (OTHER, ""))


def label(path: Path, *records: CaseRecord) -> str:
    """The person or statement it belongs to, then the field."""
    field = str(known(path[-1], path[0])[0])
    if path[0] not in KINDS:
        return str(known(path[0])[0])
    owner = " ".join(filter(None, [str(KINDS[path[0]]), _whose(path, records)]))
    return owner if len(path) == 2 and path[0] != "event" else f"{owner} · {field}"


def _whose(path: Path, records: tuple[CaseRecord, ...]) -> str:
    found = next((item for record in records if (item := value_at(record, path[:2]))), None)
    if path[0] == "persons":
        return getattr(found, "alias", "")
    if path[0] == "statements":
        return f"({source})" if (source := named("report_source", getattr(found, "source", ""))) else ""
    if path[0] == "tasks":
        return f"({getattr(found, 'text', '')})"
    if "kind" not in WITHIN.get(path[0], {}):
        return ""
    return f"({named(known('kind', path[0])[1], getattr(found, 'kind', ''))})"


def told(path: Path, value: Any, state: State) -> str:
    """What is there or gone as a whole has a line for each of its fields."""
    if isinstance(value, msgspec.Struct) and not isinstance(value, Moment):
        return "\n".join(_fields(value, state))
    return shown(path[-1], value, state, path[0])


def shown(field: str, value: Any, state: State, within: str = "") -> str:
    """Empty for nothing at all; lines for a list of things that are more than a word. `within`: the list it belongs to."""
    if _is_empty(value):
        return ""
    if isinstance(value, list):
        lines = [shown(field, item, state, within) for item in value]
        return ("\n" if any(isinstance(item, msgspec.Struct) for item in value) else ", ").join(lines)
    if field in ("about", "contradicts", "person") and isinstance(value, str):
        return _referred(value, state.record)
    if field in ACCOUNTS and isinstance(value, str):
        return state.called.get(value, "")
    return _word(field, value, state, within)


def _word(field: str, value: Any, state: State, within: str) -> str:
    if isinstance(value, Moment):
        return when(value) + (f" ({_('uncertain')})" if value.uncertain else "")
    if isinstance(value, msgspec.Struct):
        return _line(value, state)
    if isinstance(value, dt.date):
        return date_format(value)
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    vocabulary = known(field, within)[1]
    return named(vocabulary, str(value)) if vocabulary else str(value)


def _line(struct: msgspec.Struct, state: State) -> str:
    """Among others of its kind: the first field says what it is, and needs no name."""
    said = _said(struct, state)
    within = STRUCTS.get(type(struct), "")
    return " · ".join(
        [*(word for _, word in said[:1]), *(f"{_name(name, within)} {word}" for name, word in said[1:])]
    )


def _fields(struct: msgspec.Struct, state: State) -> list[str]:
    within = STRUCTS.get(type(struct), "")
    return [f"{_name(name, within)} {word}" for name, word in _said(struct, state)]


def _said(struct: msgspec.Struct, state: State) -> list[tuple[str, str]]:
    within = STRUCTS.get(type(struct), "")
    return [
        (name, shown(name, value, state, within))
        for name in struct.__struct_fields__
        if name not in NOT_SAID and not _is_nothing(value := getattr(struct, name))
    ]


def _is_nothing(value: Any) -> bool:
    if isinstance(value, msgspec.Struct) and not isinstance(value, Moment):
        return all(_is_nothing(getattr(value, name)) for name in value.__struct_fields__)
    return _is_empty(value) or value == "NOT_ASKED"


def _is_empty(value: Any) -> bool:
    """Nought hours are something."""
    return value is None or value is False or value in ("", [])


def _name(field: str, within: str) -> str:
    name = str(known(field, within)[0])
    return name if name.endswith("?") else _("%(name)s:") % {"name": name}


def _referred(item_id: str, record: CaseRecord) -> str:
    """Alias of the person or source of the statement that another statement names."""
    person = record.person(item_id)
    if person is not None:
        return person.alias
    statement = next((s for s in record.statements if s.id == item_id), None)
    return named("report_source", statement.source) if statement else str(_("a statement that is gone"))
