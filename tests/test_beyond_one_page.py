"""More cases than one page reads: what looks for something over all cases misses none of them, however old. A date that stands in
the oldest case, and that nobody is shown because of the size of a page, is a hearing that nobody goes to."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casework import alike, audit, intake, keys, retention, scanning
from casework.agenda import DateToKeep
from casework.models import AuditEntry, Case
from casework.record import Moment, Outcome
from casework.views import consent as consent_pages
from casework.views import importing as import_pages
from tests.cast import sign_in
from tests.filled_forms import as_it_stands
from tests.stories import person, story
from tests.test_costs import queries

pytestmark = pytest.mark.django_db

FIVE = ("OLD-1", "MID-2", "MID-3", "MID-4", "NEW-5")
HEARING = timezone.localdate() + dt.timedelta(days=5)


@pytest.fixture(autouse=True)
def five(cast, monkeypatch):
    """The oldest has a date within the week; whoever tells of it is held."""
    monkeypatch.setattr(scanning, "AT_ONCE", 2)
    return [kept(cast, reference) for reference in FIVE]


def kept(cast, reference: str):
    someone = person(f"{reference} alias")
    someone.name, someone.steps = f"Person {reference}", []
    someone.outcomes = [Outcome("DETAINED" if reference == "OLD-1" else "RELEASED_SCENE")]
    record = story(reference, someone)
    record.event.date = Moment(f"201{FIVE.index(reference)}-03-01")
    if reference == "OLD-1":
        record.dates = [DateToKeep("d" * 32, "HEARING", HEARING)]
    return intake.create_case(cast.keyring_of("alice"), cast.verdun, record)


def also_by_name(cast, case_id) -> None:
    case = Case.objects.get(pk=case_id)
    keys.hang_user_key(case, cast.bob, keys.open_key(cast.keyring_of("alice"), case), may_change=False)


def entries() -> int:
    return AuditEntry.objects.count()


def test_what_is_due_in_the_oldest_case_stands_on_the_board(alice):
    page = alice.get(reverse("due")).content.decode()
    assert "OLD-1" in page and "1 case with somebody detained now" in page


def test_its_day_stands_in_the_calendar_for_ones_own_phone(alice):
    assert f"DTSTART;VALUE=DATE:{HEARING:%Y%m%d}" in alice.get(reverse("due-calendar")).content.decode()


def test_the_overview_counts_every_case(alice):
    assert alice.get(reverse("overview")).context["total"] == 5
    assert alice.get(reverse("overview"), {"last": "2010"}).context["total"] == 1


def test_the_calendar_of_retention_names_every_case(cast):
    lines = retention.calendar(cast.keyring_of("bob")).lines
    assert sorted(line.reference for line in lines) == sorted(FIVE)


def test_a_case_like_the_oldest_is_found(cast):
    again = story("AGAIN", person("Person OLD-1"))
    again.event.date = Moment("2019-12-01")
    assert [row.card.reference for row in alike.alike(cast.keyring_of("alice"), again)] == ["OLD-1"]


def test_the_person_of_the_oldest_case_can_be_named_as_the_same_person(cast, alice, five):
    request = type("Request", (), {"keyring": cast.keyring_of("alice"), "user": cast.alice})
    named = consent_pages._named(request, five[-1], "old-1", "old-1 alias")
    assert named is not None and named[0] == five[0]


def test_an_import_that_is_undone_names_the_oldest_case_somebody_has_changed(cast, five):
    request = type("Request", (), {"keyring": cast.keyring_of("alice")})
    assert import_pages._references(request, [five[0]]) == [{"id": five[0], "reference": "OLD-1"}]


def test_a_case_reached_through_a_team_and_by_name_is_counted_once(cast, five):
    bob = sign_in(Client(), "bob")
    also_by_name(cast, five[0])
    assert bob.get(reverse("overview")).context["total"] == 5
    board = bob.get(reverse("due")).content.decode()
    assert board.count("OLD-1 alias") == 1 and "1 case with somebody detained now" in board
    assert len(retention.calendar(cast.keyring_of("bob")).lines) == 5


@pytest.mark.parametrize("page", ["due", "due-calendar", "overview", "retention"])
def test_a_page_over_all_cases_is_one_entry_of_the_log_and_as_many_questions_as_for_one_part(
    alice, monkeypatch, page
):
    before = entries()
    assert alice.get(reverse(page)).status_code == 200
    assert entries() == before + 1
    many = queries(lambda: alice.get(reverse(page)))
    monkeypatch.setattr(scanning, "AT_ONCE", 10_000)
    assert queries(lambda: alice.get(reverse(page))) == many
    assert audit.verify() is None


# The list and the search come in parts, and say so


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def pressed(client, page, name: str, value: str):
    """A button of the search form: what stands in the form first, the button after it, as a browser sends them."""
    sent = as_it_stands(page.content.decode(), reverse("case-search"))
    return client.post(reverse("case-search"), sent | {name: value})


def shown(page) -> list[str]:
    return [card["title"].rpartition(" ")[2] for card in page.context["cards"]]


def searched(client, words: str = "alias"):
    return client.post(reverse("case-search"), {"words": words, "kind": "words"})


def test_a_search_says_of_which_part_it_speaks_and_one_button_looks_in_the_next(alice):
    page = searched(alice, "OLD")
    assert "0 cases (part 1 of 3)" in text_of(page) and "Search, one part at a time" in text_of(page)
    assert "Search in all cases" not in text_of(page)
    assert "What is counted, filtered, sorted and found here is of this part only." in text_of(page)
    assert "Nothing found in this part" in text_of(page) and "No case you may open matches" not in text_of(
        page
    )
    for part in ("2", "3"):
        assert (
            f'<button class="button button--secondary" form="search" name="part" value="{part}">Look in the next part'
            in text_of(page)
        )
        page = pressed(alice, page, "part", part)
    assert "OLD-1" in text_of(page) and "Look in the next part" not in text_of(page)
    assert 'form="search" name="part" value="1"' in text_of(page)


def test_the_pages_and_the_order_of_a_search_stay_in_its_part(alice, monkeypatch):
    monkeypatch.setattr("casework.views.finding.PAGE", 1)
    second = pressed(alice, searched(alice), "part", "2")
    pages = [shown(second), shown(pressed(alice, second, "page", "2"))]
    assert sorted(pages) == [["MID-2"], ["MID-3"]]
    assert shown(pressed(alice, second, "sort", "reference")) == ["MID-2"]


def test_a_new_search_and_one_without_a_filter_begin_at_the_first_part(alice):
    second = pressed(alice, searched(alice), "part", "2")
    assert '<button class="button button--secondary" name="part" value="1">' in text_of(second)
    assert "NEW-5" in shown(pressed(alice, second, "part", "1"))
    assert "NEW-5" in shown(pressed(alice, second, "drop", "city"))


def test_all_that_was_found_in_a_part_is_what_is_selected(cast, alice):
    for page in (alice.get(reverse("cases"), {"part": "2"}), pressed(alice, searched(alice), "part", "2")):
        sent = as_it_stands(page.content.decode(), reverse("case-selection"))
        alice.post(reverse("case-selection"), sent | {"all": "1"})
        assert {case["title"] for case in alice.get(reverse("case-selection")).context["cases"]} == {
            "MID-2",
            "MID-3",
        }


def test_the_next_part_of_a_list_keeps_its_filters_and_order(alice):
    page = alice.get(reverse("cases"), {"detained": "on", "sort": "reference"})
    assert "Nothing found in this part" in text_of(page) and page.context["total"] == 0
    [address] = re.findall(
        r'<a class="button button--secondary" href="([^"]+)">Go on to the next part', text_of(page)
    )
    assert "detained=on" in address and "sort=reference" in address and "part=2" in address


def test_a_part_that_is_not_there_is_the_last_one(alice):
    for page in (alice.get(reverse("cases"), {"part": "9"}), pressed(alice, searched(alice), "part", "9")):
        assert "part 3 of 3" in text_of(page) and "OLD-1" in shown(page)
        assert "next part" not in text_of(page)


def test_whoever_may_open_no_more_than_one_page_reads_hears_nothing_of_parts(alice, monkeypatch):
    monkeypatch.setattr(scanning, "AT_ONCE", 10_000)
    for page in (alice.get(reverse("cases")), searched(alice), searched(alice, "nobody")):
        assert (
            "part" not in page.context
            and "Search in all cases" in text_of(page)
            and "this part" not in text_of(page)
        )
