"""The first of a month in French, wherever a day is written."""

import datetime as dt

import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.days import date_format
from casework import intake, retention
from tests.cast import Cast, sign_in
from tests.stories import story

FIRST = dt.date(2027, 7, 1)
AT_NOON = dt.datetime(2027, 7, 1, 12, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(("language", "words"), [("fr", "1er juillet 2027"), ("en", "July 1, 2027")])
def test_the_first_of_a_month_is_written_as_people_write_it(language: str, words: str) -> None:
    with override(language):
        assert date_format(FIRST) == words
        for filtered in ('{{ day|date:"DATE_FORMAT" }}', "{{ day|date }}"):
            assert Template(filtered).render(Context({"day": FIRST})) == words
        assert words.partition(" 2027")[0] in date_format(AT_NOON, "DATETIME_FORMAT")


def test_every_other_day_month_and_number_stays_as_it_is() -> None:
    with override("fr"):
        assert date_format(dt.date(2027, 7, 11)) == "11 juillet 2027"
        assert date_format(dt.date(2027, 7, 21)) == "21 juillet 2027"
        assert (
            Template('{{ day|date:"F Y" }} {{ day|date:"j" }}').render(Context({"day": FIRST}))
            == "juillet 2027 1"
        )
        assert Template("{{ day|date }}").render(Context({"day": None})) == ""


@pytest.mark.django_db
def test_the_calendar_of_retention_says_premier(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are erased on the first of a month: every line of that page names one."""
    intake.create_case(cast.keyring_of("alice"), cast.verdun, story())
    [line] = retention.calendar(cast.keyring_of("alice")).lines
    assert line.erased_on is not None and line.erased_on.day == 1
    client = sign_in(Client(), "alice")
    client.cookies["django_language"] = "fr"
    assert "à effacer le 1er " in client.get(reverse("retention")).content.decode()
