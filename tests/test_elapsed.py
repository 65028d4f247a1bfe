"""Times between the links of the chain, as bands: only what the dates leave no doubt about, and never a number."""

import datetime as dt
import uuid

import pytest

from casework import charts, coarse, coarsening, elapsed, facts, vocabulary
from casework.documents import Category as Shown
from casework.documents import Cell, Dimension, Document, Months, Table
from casework.record import Consent, Event, Moment, Person, Step, new_person, new_record

NOBODY_SAID = dict.fromkeys(
    ("stop_to_call", "call_to_handover", "hold_length", "hold_to_counsel", "hold_to_end"), ""
)


def at(text: str, *, uncertain: bool = False) -> Moment:
    return Moment.parse(text, uncertain=uncertain)


def somebody(*steps: Step, held_hours: float | None = None) -> Person:
    person = new_person("VICTIM")
    person.steps, person.held_hours = list(steps), held_hours
    return person


def a_whole_chain() -> Person:
    return somebody(
        Step("STOP", at("2017-03-14T22:00")),
        Step("CALL_TO_CBSA", at("2017-03-14T22:40")),
        Step("HOLD", at("2017-03-14T22:50")),
        Step("TRANSFER", at("2017-03-15T02:00")),
        Step("DETENTION", at("2017-03-15T04:00"), counsel="YES"),
        Step("RELEASE", at("2017-03-21")),
    )


def test_each_link_of_a_chain_with_its_times_falls_into_a_band() -> None:
    assert elapsed.bands(a_whole_chain()) == {
        "stop_to_call": "UNDER_1H",
        "call_to_handover": "1H_TO_4H",
        "hold_length": "1H_TO_4H",
        "hold_to_counsel": "4H_TO_24H",
        "hold_to_end": "2D_TO_10D",
    }


def test_without_a_chain_nothing_is_said() -> None:
    assert elapsed.bands(somebody()) == NOBODY_SAID


@pytest.mark.parametrize(
    ("end", "band"),
    [
        ("2017-03-15", "UNDER_48H"),
        ("2017-03-16", ""),
        ("2017-03-17", "2D_TO_10D"),
        ("2017-03-24", ""),
        ("2017-04", ""),
        ("2017-05-20", "FROM_40D"),
        ("2018", "FROM_40D"),
        ("2017-03-13", ""),
    ],
)
def test_dates_that_leave_two_bands_open_tell_none(end: str, band: str) -> None:
    person = somebody(Step("HOLD", at("2017-03-14")), Step("REMOVAL", at(end)))
    assert elapsed.bands(person)["hold_to_end"] == band


@pytest.mark.parametrize(
    ("end", "band"), [("T22:59", "UNDER_1H"), ("T23:00", "1H_TO_4H"), ("T23:59", "1H_TO_4H")]
)
def test_a_band_begins_where_the_one_before_it_ends(end: str, band: str) -> None:
    person = somebody(Step("STOP", at("2017-03-14T22:00")), Step("CALL_TO_CBSA", at("2017-03-14" + end)))
    assert elapsed.bands(person)["stop_to_call"] == band


def test_a_guess_is_no_time() -> None:
    guess = at("2017-03-14T22:40", uncertain=True)
    person = somebody(Step("STOP", at("2017-03-14T22:00")), Step("CALL_TO_CBSA", guess))
    assert elapsed.bands(person)["stop_to_call"] == ""


def test_the_hours_somebody_remembers_stand_in_for_a_missing_clock_and_never_against_it() -> None:
    assert elapsed.bands(somebody(held_hours=3))["hold_length"] == "1H_TO_4H"
    clock = Step("HOLD", at("2017-03-14T22:00"), at("2017-03-14T22:30"))
    assert elapsed.bands(somebody(clock, held_hours=3))["hold_length"] == "UNDER_1H"


def test_a_review_that_released_somebody_ends_the_hold() -> None:
    review = Step("REVIEW", at("2017-03-30"), result="RELEASED")
    assert elapsed.bands(somebody(Step("HOLD", at("2017-03-14")), review))["hold_to_end"] == "10D_TO_40D"


def test_the_bands_are_the_lists_of_the_vocabulary() -> None:
    assert tuple(code for code, _end in elapsed.HOURS) == vocabulary.codes("elapsed_hours")
    assert tuple(code for code, _end in elapsed.DAYS) == vocabulary.codes("elapsed_days")


def test_no_day_and_no_hour_gets_into_the_coarse_record() -> None:
    person = a_whole_chain()
    agreed = dt.date(2026, 3, 14)
    person.consents = [Consent("STORE", "GIVEN", agreed), Consent("STATS", "GIVEN", agreed)]
    record = new_record("S-1", Event(date=at("2017-03-14")))
    record.persons, record.verification = [person], "V2"
    [(_token, counted)] = coarsening.coarsen(record, dt.date(2026, 11, 23))
    assert counted.hold_to_end == "2D_TO_10D"
    days = [value for value in vars_of(counted) if isinstance(value, dt.date)]
    assert days == [counted.counted_before]
    assert coarse.encode(counted) == coarse.encode(
        coarsening.coarsen(later(record), dt.date(2026, 11, 23))[0][1]
    )


def vars_of(counted: coarse.CoarseRecord) -> list[object]:
    return [getattr(counted, name) for name in counted.__struct_fields__]


def later(record):  # type: ignore[no-untyped-def]
    """The same story a day and twenty minutes later: nobody may tell the two apart."""
    for step in record.persons[0].steps:
        moved = step.began.earliest + dt.timedelta(days=1, minutes=20)
        step.began = at(
            moved.isoformat(timespec="minutes") if "T" in step.began.text else moved.date().isoformat()
        )
    return record


def test_bands_are_drawn_in_their_order_and_not_by_size() -> None:
    words = {"en": "x", "fr": "x"}
    levels = facts.levels(facts.FACTS["hold_length"], (2015, 1), (2025, 4))
    values = dict(zip([level.code for level in levels], (6, 0, 30, None), strict=True)) | {"TOTAL": None}
    dimension = Dimension("hold_length", words, [Shown(level.code, level.label.both()) for level in levels])
    table = Table(words, ["hold_length"], [Cell({"hold_length": c}, v) for c, v in values.items()])
    document = Document(
        "temoin-release/1", uuid.UUID(int=1), 1, None, words, "person", None, Months("2015-01", "2025-12"), 5, words,
        [dimension], [table], None,
    )  # fmt: skip
    drawn = charts.chart(document, table, "en")
    assert [(bar["label"], bar["value"]) for bar in drawn.bars] == [
        ("Under 1 hour", 6),
        ("1 hour to under 4", 0),
        ("4 hours to under 24", 30),
        ("24 hours or longer", None),
    ]
