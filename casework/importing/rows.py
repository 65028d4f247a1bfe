"""Rows → case records. One row is one person of one event, and one reference is one case."""

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from typing import Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from casework import vocabulary
from casework.consent import PURPOSES, VALID_MONTHS, months_after
from casework.importing.cells import Cells
from casework.importing.chain import Told, chain
from casework.importing.columns import read_header
from casework.importing.plan import Plan, Reading
from casework.importing.problems import BadRow, EmptyFile, shortened
from casework.importing.reading import Readable, read_rows
from casework.record import (
    CaseRecord,
    Consent,
    Event,
    Moment,
    Officer,
    Outcome,
    Person,
    ServiceDenial,
    Statement,
    new_person,
    new_record,
)

MINORS: Final = {"UNDER_14", "14_17"}
# A transfer to a place that opened later is possible; one that opened two years after the event is a slip of the pen.
DETAINED_AT_MOST: Final = dt.timedelta(days=730)


def read_cases(
    file: Readable, name: str, today: dt.date, plan: Plan | None = None, first: int = 0
) -> Iterator[CaseRecord | BadRow]:
    """Every row as a record or as what is wrong with it, one at a time. Raises a FileRefused when the file itself is no good.

    `file` is open for reading bytes and can seek; `name` is only for messages. Without a plan the first row names the columns,
    and a bad header is the only row returned. Rows before line `first` are only looked at for their references.
    """
    with closing(read_rows(file, name)) as source:
        if plan is not None:
            yield from _cases(_planned(source, plan, today), name, first)
            return
        line, cells = next(source, (0, []))
        if not cells:
            raise EmptyFile(name)
        names, problems = read_header(line, cells, name)
        if problems:
            yield BadRow(line, tuple(problems))
        else:
            yield from _cases(_named(source, names, today), name, first)


def _named(source: Iterator[tuple[int, list[str]]], names: list[str], today: dt.date) -> Iterator[Cells]:
    for line, values in source:
        cells = Cells(line, {n: v for n, v in zip(names, values, strict=False) if n}, today)
        _check_width(cells, names, values)
        yield cells


def _planned(source: Iterator[tuple[int, list[str]]], plan: Plan, today: dt.date) -> Iterator[Cells]:
    """A row of which the plan reads nothing is a title, a total or a note between the rows."""
    reading = Reading(plan)
    for line, values in source:
        if found := reading.cells(line, values):
            cells = Cells(line, found, today)
            _check_width(cells, ["-"] * len(plan.columns), values)
            yield cells


def _cases(rows: Iterator[Cells], file: str, first: int) -> Iterator[CaseRecord | BadRow]:
    seen: dict[str, int] = {}
    cells = None
    for cells in rows:
        if cells.line < first:
            seen.setdefault(cells.text("reference"), cells.line)
            continue
        record = _record(cells)
        _check_repeated(cells, record.reference, seen)
        yield BadRow(cells.line, tuple(cells.problems)) if cells.problems else record
    if cells is None:
        raise EmptyFile(file)


def _check_width(cells: Cells, names: list[str], values: list[str]) -> None:
    """A cell without a header is most often a comma that should have stood between quotation marks."""
    extra = [i for i, v in enumerate(values) if v.strip() and (i >= len(names) or not names[i])]
    for position in extra[:1]:
        expected = _("no more cells than the header has columns")
        cells.note(str(position + 1), values[position].strip(), expected)


def _check_repeated(cells: Cells, reference: str, seen: dict[str, int]) -> None:
    first = seen.setdefault(reference, cells.line) if reference else cells.line
    if first != cells.line:
        expected = _("a reference of its own; line {first} already has this one")
        cells.note("reference", reference, format_lazy(expected, first=first))


def _record(cells: Cells) -> CaseRecord:
    event = _event(cells)
    record = new_record(cells.required("reference"), event)
    source = cells.code("source")
    record.persons = [_person(cells, event, source)]
    record.statements = _statements(cells, source)
    service = next(iter(event.police_services), "")
    record.officers = [Officer(service=service, badge=badge) for badge in cells.texts("officer_badge")]
    record.denials = _denials(cells, event.date)
    record.verification = cells.code("verification") or "V0"
    return record


def _event(cells: Cells) -> Event:
    event = Event(
        date=cells.moment("event_date"),
        city=cells.code("city"),
        borough=cells.code("borough"),
        police_services=cells.codes("police_service"),
        pretext=cells.code("pretext"),
        place_type=cells.code("place_type"),
    )
    if event.borough not in ("", "UNK"):
        event.city = event.city or "MONTREAL"
        if event.city != "MONTREAL":
            cells.note("borough", event.borough, _("a borough only when the city is Montreal"))
    return event


def _person(cells: Cells, event: Event, source: str) -> Person:
    person = new_person("VICTIM", "SOURCE") if source == "SELF" else new_person("VICTIM")
    person.alias = ", ".join(cells.texts("person_alias"))
    person.name = cells.text("person_name")
    person.age_band = cells.code("age_band")
    person.minor = person.age_band in MINORS
    person.gender = cells.code("gender")
    person.region = cells.code("region")
    person.language = cells.code("language")
    person.immigration_basis = cells.codes("immigration_basis")
    person.suspicion_cue = cells.codes("suspicion_cue")
    person.harms = cells.codes("harm")
    person.consents = _consents(cells, event, person.age_band)
    return _with_chain(cells, event, person)


def _with_chain(cells: Cells, event: Event, person: Person) -> Person:
    places = cells.codes("detention_place")
    _check_in_use(cells, event.date, places)
    person.status_raised = cells.codes("status_raised")
    person.cbsa_involvement = cells.code("cbsa_involvement")
    person.held_hours = cells.hours("held_hours")
    person.outcomes = [Outcome(code) for code in cells.codes("outcome")]
    told = Told(
        date=event.date,
        services=event.police_services,
        place=event.place_type,
        pretext=event.pretext,
        status_raised=person.status_raised,
        involvement=person.cbsa_involvement,
        held_hours=person.held_hours,
        outcomes=[outcome.code for outcome in person.outcomes],
        detention_places=places,
    )
    person.steps = chain(told)
    return person


def _check_in_use(cells: Cells, date: Moment | None, places: list[str]) -> None:
    """Only what cannot be: a place closed before the event, or not open within two years of it."""
    for term in (vocabulary.term("detention_place", place) for place in places):
        if date is not None and not _was_in_use(term, date):
            cells.note("detention_place", term.code, _("a place of detention that was in use then"))


def _was_in_use(term: vocabulary.Term, date: Moment) -> bool:
    closed = term.valid_to is not None and term.valid_to < date.earliest.date()
    not_open = term.valid_from is not None and term.valid_from > date.latest.date() + DETAINED_AT_MOST
    return not (closed or not_open)


def _consents(cells: Cells, event: Event, age_band: str) -> list[Consent]:
    purposes = _purposes(cells)
    cells.required("consent_mode")
    mode = cells.code("consent_mode")
    day = _consent_day(cells, event.date)
    language = cells.code("consent_language")
    if age_band == "UNDER_14" and mode not in ("", "DELEGATE"):
        cells.note("consent_mode", mode, _("DELEGATE: for a child under 14 a parent or guardian consents"))
    return [
        Consent(purpose, "GIVEN", on=day, mode=mode, language=language)
        if purpose in purposes
        else Consent(purpose, "NOT_ASKED")
        for purpose in PURPOSES
    ]


def _purposes(cells: Cells) -> list[str]:
    before = len(cells.problems)
    purposes = cells.codes("consent_purposes")
    if "STORE" not in purposes and len(cells.problems) == before:
        expected = _("consent to keep the file (STORE) among the purposes: without it, no case may be kept")
        cells.note("consent_purposes", " | ".join(purposes), expected)
    return purposes


def _consent_day(cells: Cells, event: Moment | None) -> dt.date | None:
    day = cells.day("consent_date")
    if day is None:
        return None
    if event is not None and day < event.earliest.date():
        cells.note("consent_date", day.isoformat(), _("a day on or after the event"))
    if months_after(day, VALID_MONTHS) < cells.today:
        expected = _("a consent given in the last {months} months; ask the person again")
        cells.note("consent_date", day.isoformat(), format_lazy(expected, months=VALID_MONTHS))
    return day


def _statements(cells: Cells, source: str) -> list[Statement]:
    text = cells.story("narrative")
    return [Statement(text=text, source=source)] if text or source else []


def _denials(cells: Cells, date: Moment | None) -> list[ServiceDenial]:
    """One mechanism may stand for all services and one service may have several mechanisms; else they go in pairs."""
    services, mechanisms = cells.codes("service_type"), cells.codes("denial_mechanism")
    if mechanisms and not services:
        cells.note("service_type", "", _("the service that was denied"))
        return []
    if len(services) > 1 and len(mechanisms) > 1 and len(services) != len(mechanisms):
        expected = _("as many values as “service_type” has, in the same order, or a single one")
        cells.note("denial_mechanism", shortened(" | ".join(mechanisms)), expected)
        return []
    length = max(len(services), len(mechanisms))
    services, mechanisms = _stretched(services, length), _stretched(mechanisms, length)
    return [ServiceDenial(s, m, on=date) for s, m in zip(services, mechanisms, strict=True)]


def _stretched(codes: list[str], length: int) -> list[str]:
    return codes if len(codes) == length else (codes or [""]) * length
