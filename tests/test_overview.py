"""Counts over the cards a person may open: what is drawn, what is left out and said, and the table behind each picture."""

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from casework import intake
from casework.overview import MONTH, QUARTER, YEAR, count, period_of, series
from casework.record import Card, Moment, ServiceDenial
from tests.stories import person, story
from tests.test_deadlines import moments


@given(moments(), st.sampled_from([MONTH, QUARTER, YEAR]))
def test_a_date_stands_in_the_period_it_names_or_in_none(moment, step):
    period = period_of(moment.text, step)
    fine = {MONTH: ("month", "day", "minute"), QUARTER: ("quarter", "month", "day", "minute")}
    assert bool(period) is (step == YEAR or moment.precision in fine[step])
    if period:
        named = Moment(period)
        assert named.earliest <= moment.earliest and moment.latest <= named.latest


@given(st.dictionaries(st.sampled_from(["2019-12", "2020-01", "2021-06"]), st.integers(1, 9)))
def test_a_series_has_every_month_between_and_loses_none(counted):
    found = dict(series(Counter(counted), MONTH))
    assert {period: number for period, number in found.items() if number} == counted
    assert list(found) == sorted(found)


def test_quarters_and_years_go_on_over_the_turn_of_the_year():
    assert [p for p, _ in series(Counter({"2019-Q4": 1, "2020-Q2": 1}), QUARTER)] == [
        "2019-Q4",
        "2020-Q1",
        "2020-Q2",
    ]
    assert [p for p, _ in series(Counter({"2019": 1, "2021": 1}), YEAR)] == ["2019", "2020", "2021"]
    assert series(Counter(), MONTH) == []


def test_people_are_added_up_over_the_stages_and_a_refusal_alone_is_none_of_them():
    cards = [
        Card("A", date="2020-01", pretext="FARE_CHECK", reached=(2, 1, 1, 0, 0, 0, 0)),
        Card("B", date="2020-Q1", reached=(1, 1, 1, 1, 1, 1, 0)),
        Card("C", service_types=("SHELTER",), facts=" denial_mechanism=FEE denial_mechanism=REFUSED "),
    ]
    counts = count(cards, MONTH)
    assert counts.people == [3, 2, 2, 1, 1, 1, 0]
    assert (counts.cases, counts.too_coarse) == (3, 2) and counts.over_time == {"2020-01": 1}
    assert counts.services == {"SHELTER": 1} and counts.mechanisms == {"FEE": 1, "REFUSED": 1}


@pytest.mark.django_db
def test_the_page_draws_each_figure_and_has_its_table_behind_it(cast, alice):
    record = story("H-1")
    record.event.date = Moment("2016-08-14")
    record.denials = [ServiceDenial("SHELTER", "ASKED_STATUS")]
    intake.create_case(cast.keyring_of("alice"), cast.verdun, record)
    intake.create_case(cast.keyring_of("charlie"), cast.other_team, story("C-1"))
    page = alice.get(reverse("overview")).content.decode()
    assert "1 case that you may open" in page
    assert page.count("<figure") == page.count("<table") == 5
    for words in (
        "2016-08",
        "August 2016",
        "Handed over",
        "Emergency shelter",
        "Asked for immigration status",
    ):
        assert words in page
    assert "C-1" not in page and "Heron" not in page


@pytest.mark.django_db
def test_it_is_narrowed_by_city_and_years_and_says_when_nothing_is_left(cast, alice):
    intake.create_case(cast.keyring_of("alice"), cast.verdun, story("H-1"))
    assert (
        "1 case that" in alice.get(reverse("overview"), {"first": "2016", "step": "quarter"}).content.decode()
    )
    for narrow in ({"first": "2020"}, {"last": "2015"}, {"city": "TORONTO"}):
        assert "Nothing to draw" in alice.get(reverse("overview"), narrow).content.decode()
    assert alice.get(reverse("overview"), {"step": "NONSENSE", "first": "x"}).status_code == 200


@pytest.mark.django_db
def test_it_asks_the_database_the_same_however_many_cases_there_are(cast, alice):
    ring = cast.keyring_of("alice")
    intake.create_case(ring, cast.verdun, story("H-1"))
    with CaptureQueriesContext(connection) as few:
        alice.get(reverse("overview"))
    for number in range(5):
        intake.create_case(ring, cast.verdun, story(f"H-{number}", person("Moss")))
    with CaptureQueriesContext(connection) as many:
        alice.get(reverse("overview"))
    assert len(many) == len(few)
