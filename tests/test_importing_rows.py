"""One row → one record, or everything that is wrong with it, in words."""

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from casework import consent, vocabulary
from casework.importing import BadRow
from casework.importing.cells import cleaned
from casework.importing.columns import COLUMNS
from casework.record import CaseRecord
from tests.importing_files import GOOD, TODAY, csv_file, one, problems, read


def steps(**cells: str) -> list[str]:
    return [step.kind for step in one(**cells).persons[0].steps]


def columns(**cells: str) -> list[str]:
    return [column for column, _message in problems(**cells)]


def test_it_makes_one_case_of_one_person_and_one_event_of_a_row() -> None:
    record = one(
        city="Montréal",
        borough="Saint-Michel",
        police_service="STM|SPVM",
        pretext="Contrôle du titre de transport",
        place_type="METRO",
        status_raised="NO_ID|CALL_STATUS",
        harm="LIBERTY|Détresse psychologique",
        age_band="25-34",
        gender="femme",
        narrative="First line.\r\nSecond line.",
        source="SELF",
        verification="V2",
        person_alias="Heron|H.",
        officer_badge="1234|5678",
    )
    (person,) = record.persons
    assert record.event.borough == "VILLERAY_SAINT_MICHEL_PARC_EXTENSION"
    assert record.event.police_services == ["STM", "SPVM"]
    assert (record.event.pretext, record.event.place_type) == ("FARE_CHECK", "METRO")
    assert person.roles == ["VICTIM", "SOURCE"]
    assert (person.age_band, person.gender, person.alias) == ("25_34", "WOMAN", "Heron, H.")
    assert person.harms == ["LIBERTY", "PSYCH"]
    assert record.statements[0].text == "First line.\nSecond line."
    assert [(o.service, o.badge) for o in record.officers] == [("STM", "1234"), ("STM", "5678")]
    assert record.verification == "V2"


def test_it_gives_every_person_a_secret_token_of_their_own() -> None:
    first, second = (one().persons[0].statistic_token for _ in range(2))
    assert len(first) == 32 and first != second


@pytest.mark.parametrize(
    ("text", "precision"),
    [("2017", "year"), ("2017-Q2", "quarter"), ("2017-03", "month"), ("2017-03-14", "day")],
)
def test_it_keeps_the_date_as_precise_as_it_was_told(text: str, precision: str) -> None:
    date = one(event_date=text).event.date
    assert date is not None
    assert (date.text, date.precision) == (text, precision)


@pytest.mark.parametrize(
    "text",
    [
        "2017-13",
        "2017-02-30",
        "2017-Q5",
        "2017-00",
        "2017-03-00",
        "14/03/2017",
        "hier",
        "٢٠١٧",
        "1492",
        "2026-03-02",
        "2027",
    ],
)
def test_it_refuses_an_impossible_or_future_date(text: str) -> None:
    with translation.override("en"):
        ((column, message),) = problems(event_date=text)
    assert column == "event_date"
    assert f"Line 2, column “event_date”: “{text}”. Expected: a date such as 2017" in message


def test_it_names_an_unknown_code_and_the_nearest_ones_in_the_language_of_the_reader() -> None:
    cells = {"pretext": "TRAFIC_RANDOM"}
    with translation.override("en"):
        ((_column, english),) = problems(**cells)
    with translation.override("fr"):
        ((_column, french),) = problems(**cells)
    assert "TRAFFIC_RANDOM (Random vehicle stop, no reason given)" in english
    assert "TRAFFIC_RANDOM (Interception routière aléatoire, sans motif)" in french


def test_it_lists_all_codes_when_they_are_few() -> None:
    ((_column, message),) = problems(consent_mode="SHOUTED")
    assert all(code in message for code in vocabulary.codes("consent_mode"))


def test_it_names_everything_wrong_with_a_row_at_once() -> None:
    found = columns(
        event_date="2031",
        city="Atlantis",
        harm="SADNESS|LIBERTY|JOY",
        held_hours="many",
        consent_purposes="",
        consent_date="soon",
    )
    assert sorted(found) == [
        "city",
        "consent_date",
        "consent_purposes",
        "event_date",
        "harm",
        "harm",
        "held_hours",
    ]


def test_it_goes_on_after_a_bad_row() -> None:
    rows = [GOOD, GOOD | {"reference": "B", "city": "Atlantis"}, GOOD | {"reference": "C"}]
    assert [type(found) for found in read(csv_file(*rows))] == [CaseRecord, BadRow, CaseRecord]


def test_it_names_an_unknown_column_and_reads_no_row() -> None:
    (bad,) = read(csv_file(GOOD | {"shoe_size": "43"}))
    assert isinstance(bad, BadRow)
    assert (bad.line, [problem.column for problem in bad.problems]) == (1, ["shoe_size"])


@pytest.mark.parametrize("name", [c.name for c in COLUMNS if c.required])
def test_it_asks_for_a_required_column_in_the_header_and_for_its_value_in_a_row(name: str) -> None:
    (bad,) = read(csv_file({key: value for key, value in GOOD.items() if key != name}))
    assert isinstance(bad, BadRow)
    assert [(problem.line, problem.column) for problem in bad.problems] == [(1, name)]
    assert columns(**{name: " "}) == [name]


def test_it_refuses_a_column_named_twice_and_a_cell_without_a_column() -> None:
    import io

    names, values = ",".join(GOOD), ",".join(GOOD.values())
    (twice,) = read(io.BytesIO(f"{names},city,CITY\n{values},,\n".encode()))
    (extra,) = read(io.BytesIO(f"{names}\n{values},overflow\n".encode()))
    assert isinstance(twice, BadRow) and isinstance(extra, BadRow)
    assert [problem.column for problem in twice.problems] == ["city"]
    assert [(problem.column, problem.value) for problem in extra.problems] == [("6", "overflow")]


def test_it_keeps_no_case_without_consent_to_keep_it() -> None:
    ((column, message),) = problems(consent_purposes="STATS|STORY")
    assert column == "consent_purposes"
    assert "STORE" in message


def test_it_records_what_was_given_and_what_was_never_asked() -> None:
    person = one(consent_purposes="STORE|STATS", consent_mode="ORAL_INTERP", consent_language="ht").persons[0]
    states = {c.purpose: c.state for c in person.consents}
    assert set(states) == set(consent.PURPOSES)
    assert {p for p, state in states.items() if state == "GIVEN"} == {"STORE", "STATS"}
    assert {state for p, state in states.items() if p not in {"STORE", "STATS"}} == {"NOT_ASKED"}
    stored = person.consent_for("STORE")
    assert stored is not None
    assert (stored.mode, stored.language, stored.wording) == ("ORAL_INTERP", "ht", "1")
    assert consent.may(person, "STATS", TODAY)
    assert not consent.may(person, "STORY", TODAY)


@pytest.mark.parametrize("day", ["2024-02-28", "2020-01-01"])
def test_it_refuses_consent_that_has_expired(day: str) -> None:
    assert columns(event_date="2019", consent_date=day) == ["consent_date"]


def test_it_accepts_consent_until_the_day_it_expires() -> None:
    assert one(event_date="2019", consent_date="2024-03-01").persons[0].consents[0].state == "GIVEN"


@pytest.mark.parametrize("day", ["2024-02-29", "2026-03-02", "2025-02-30", "2025-06", "01/06/2025"])
def test_it_refuses_consent_from_before_the_event_from_the_future_or_without_a_day(day: str) -> None:
    assert columns(consent_date=day, event_date="2024-03-01") == ["consent_date"]


def test_it_asks_a_guardian_for_a_child_under_fourteen() -> None:
    assert columns(age_band="UNDER_14", consent_mode="ORAL") == ["consent_mode"]
    child = one(age_band="UNDER_14", consent_mode="DELEGATE").persons[0]
    assert child.minor
    assert one(age_band="14_17").persons[0].minor


def test_it_refuses_the_second_row_with_the_same_reference_and_names_the_first() -> None:
    _first, bad = read(csv_file(GOOD, GOOD | {"city": "Laval"}))
    assert isinstance(bad, BadRow)
    ((problem,)) = bad.problems
    assert (problem.line, problem.column) == (3, "reference")
    with translation.override("en"):
        assert "line 2 already has this one" in str(problem)


@pytest.mark.parametrize(
    ("text", "hours"), [("0", 0), ("3,5", 3.5), ("3.25", 3.25), ("10000", 10_000), ("", None)]
)
def test_it_reads_hours_with_comma_or_point(text: str, hours: float | None) -> None:
    assert one(held_hours=text).persons[0].held_hours == hours


@pytest.mark.parametrize("text", ["-1", "10001", "nan", "inf", "1e3", "3 h", "0x10", "٣", "1,2,3"])
def test_it_refuses_hours_that_are_no_number_from_nought_to_ten_thousand(text: str) -> None:
    assert columns(held_hours=text) == ["held_hours"]


def test_it_refuses_a_text_that_is_too_long_and_shows_only_its_beginning() -> None:
    assert one(person_name="x" * 500, narrative="y" * 200_000).statements[0].text == "y" * 200_000
    found = problems(person_name="x" * 501, narrative="y" * 200_001)
    assert sorted(column for column, _message in found) == ["narrative", "person_name"]
    assert all(len(message) < 200 for _column, message in found)


@pytest.mark.parametrize("column", ["reference", "person_name", "person_alias", "officer_badge", "narrative"])
@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+1", '=HYPERLINK("x")'])
def test_it_refuses_what_a_spreadsheet_would_run_as_a_formula(column: str, text: str) -> None:
    assert columns(**{column: text}) == [column]


def test_it_refuses_a_formula_hidden_behind_a_second_value_or_an_invisible_character() -> None:
    assert columns(person_alias="Heron|=1+1") == ["person_alias"]
    assert columns(person_alias="\u200b\u202e=1+1") == ["person_alias"]


def test_it_keeps_a_dialogue_dash_without_making_it_a_formula() -> None:
    assert one(narrative="- Vos papiers?\n- Pourquoi?").statements[0].text == "– Vos papiers?\n- Pourquoi?"


def test_it_takes_out_characters_that_turn_or_hide_text() -> None:
    record = one(person_name="A\u202ebcd\u200f\x07\u2066e", narrative="a\u202eb\x01\x1bc")
    assert record.persons[0].name == "Abcde"
    assert record.statements[0].text == "abc"


def test_it_keeps_the_joiners_that_persian_and_emoji_need() -> None:
    assert one(person_name="می\u200cخواهم").persons[0].name == "می\u200cخواهم"


@settings(deadline=None)
@given(st.text(max_size=60))
def test_it_cleans_a_text_once_and_for_all(text: str) -> None:
    assert cleaned(cleaned(text)) == cleaned(text)


def test_it_refuses_two_values_where_one_is_meant() -> None:
    assert columns(pretext="STREET_CHECK|FARE_CHECK") == ["pretext"]


def test_it_takes_a_borough_to_mean_montreal_and_refuses_it_elsewhere() -> None:
    assert one(borough="Verdun").event.city == "MONTREAL"
    assert columns(borough="Verdun", city="Laval") == ["borough"]


@pytest.mark.parametrize(
    ("date", "place"),
    [("2025-10", "PROV_ON"), ("2026-01", "PROV_RDP"), ("2012-Q2", "DIS_SAP"), ("2023-06", "DIS_SAP")],
)
def test_it_refuses_a_place_of_detention_that_was_not_in_use_then(date: str, place: str) -> None:
    cells = {"event_date": date, "detention_place": place, "consent_date": "2026-02-01"}
    assert columns(**cells) == ["detention_place"]


@pytest.mark.parametrize(
    ("date", "place"), [("2025-09-01", "PROV_ON"), ("2025-06", "DIS_SAP"), ("2025-Q4", "DIS_SAP")]
)
def test_it_accepts_a_place_of_detention_the_person_can_have_been_in(date: str, place: str) -> None:
    record = one(event_date=date, detention_place=place, consent_date="2025-12-01")
    assert record.persons[0].detention_places() == [place]


def test_it_pairs_each_denied_service_with_how_it_was_denied() -> None:
    record = one(service_type="SHELTER|HEALTH", denial_mechanism="ASKED_STATUS|FEE")
    assert [(d.service_type, d.mechanism) for d in record.denials] == [
        ("SHELTER", "ASKED_STATUS"),
        ("HEALTH", "FEE"),
    ]
    assert len(one(service_type="SHELTER|HEALTH", denial_mechanism="FEE").denials) == 2
    assert len(one(service_type="SHELTER", denial_mechanism="FEE|REFUSED").denials) == 2
    assert one(service_type="SHELTER").denials[0].mechanism == ""


def test_it_refuses_denials_that_do_not_pair() -> None:
    assert columns(service_type="SHELTER|HEALTH|FOOD", denial_mechanism="FEE|REFUSED") == ["denial_mechanism"]
    assert columns(denial_mechanism="FEE") == ["service_type"]


def test_it_builds_no_step_from_a_row_without_police() -> None:
    assert steps(service_type="SHELTER", denial_mechanism="ASKED_STATUS") == []


def test_it_builds_the_whole_chain_a_row_tells_of() -> None:
    found = steps(
        police_service="SPVM",
        status_raised="NO_ID|DB_WARRANT|CALL_WARRANT",
        cbsa_involvement="PICKUP_STN",
        held_hours="6",
        outcome="HELD_POLICE|HANDED_OVER|DETAINED|REVIEW_CONTINUED|REVIEW_CONTINUED|REVIEW_RELEASED|ATD",
        detention_place="POLICE_CELL|IHC_LAVAL",
    )
    assert found == [
        *("STOP", "IDENTIFICATION", "DATABASE_QUERY", "CALL_TO_CBSA", "HOLD", "TRANSFER"),
        *("DETENTION", "REVIEW", "REVIEW", "REVIEW", "RELEASE"),
    ]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"police_service": "SPVM", "outcome": "RELEASED_SCENE"}, ["STOP", "RELEASE"]),
        ({"police_service": "STM|SPVM", "status_raised": "NO_ID"}, ["STOP", "STOP", "IDENTIFICATION"]),
        ({"police_service": "SPVM", "cbsa_involvement": "PHONE_HOLD"}, ["STOP", "CALL_TO_CBSA", "HOLD"]),
        ({"police_service": "SPVM", "pretext": "PASSENGER_ID"}, ["STOP", "IDENTIFICATION"]),
        ({"cbsa_involvement": "CALL_IN", "outcome": "REMOVED"}, ["REMOVAL"]),
        ({"outcome": "DETAINED"}, ["DETENTION"]),
    ],
)
def test_it_writes_a_step_only_when_a_code_says_it_happened(
    cells: dict[str, str], expected: list[str]
) -> None:
    assert steps(**cells) == expected


def test_it_dates_the_encounter_as_told_and_guesses_no_later_date() -> None:
    record = one(police_service="SPVM", event_date="2024-Q1", outcome="HANDED_OVER|REMOVED")
    stop, transfer, removal = record.persons[0].steps
    assert stop.began is not None and stop.began.text == "2024-Q1"
    assert transfer.began is None and removal.began is None


def test_it_says_in_plain_words_that_a_required_value_is_missing() -> None:
    with translation.override("en"):
        ((_column, message),) = problems(consent_date="")
    assert message == "Line 2, column “consent_date” is empty. Expected: a value."


@pytest.mark.parametrize(
    "column", [c for c in COLUMNS if c.vocabulary and not c.required], ids=lambda c: c.name
)
@pytest.mark.parametrize("language", ["code", "en", "fr"])
def test_it_accepts_every_code_and_both_labels_in_every_column(column: object, language: str) -> None:
    name, listed = column.name, column.vocabulary  # type: ignore[attr-defined]
    usable = [t for t in vocabulary.terms(listed) if t.valid_from is None and t.valid_to is None]
    extra = {"service_type": "SHELTER"} if name == "denial_mechanism" else {}
    for term in usable:
        value = term.code if language == "code" else term.label(language)
        cells = extra | {name: value} | ({"consent_mode": "DELEGATE"} if term.code == "UNDER_14" else {})
        assert one(**cells).reference == "HERON"
