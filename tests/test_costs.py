"""What a page costs in queries: the same for one case as for many, so that ten thousand stay within a page's patience."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework import intake, keys, vault
from casework.models import Case
from tests.stories import story

pytestmark = pytest.mark.django_db


def queries(work) -> int:
    """Once before, because Django asks once in the life of a process for the ids of content types."""
    work()
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def keep(cast, count: int, prefix: str) -> None:
    stories = [story(f"{prefix}-{number}") for number in range(count)]
    intake.keep_batch(stories, cast.verdun, keys.to_team(cast.keyring_of("alice"), cast.verdun))


@pytest.mark.parametrize("reading", [vault.cards, lambda keyring: vault.search(keyring, "accent")])
def test_reading_a_hundred_cases_costs_as_many_queries_as_reading_one(cast, reading):
    keep(cast, 1, "A")
    one = queries(lambda: reading(cast.keyring_of("bob")))
    keep(cast, 99, "B")
    assert queries(lambda: reading(cast.keyring_of("bob"))) == one <= 14


def test_opening_one_of_a_hundred_cases_costs_as_many_queries_as_opening_the_only_one(cast):
    keep(cast, 1, "A")
    case_id = Case.objects.get().pk
    one = queries(lambda: vault.open_case(cast.keyring_of("bob"), case_id))
    keep(cast, 99, "B")
    assert queries(lambda: vault.open_case(cast.keyring_of("bob"), case_id)) == one <= 14


def test_a_save_costs_no_more_for_every_revision_before_it(cast):
    keep(cast, 1, "A")
    bob, case_id = cast.keyring_of("bob"), Case.objects.get().pk

    def save() -> None:
        opened = vault.open_case(bob, case_id)
        intake.save_case(bob, case_id, opened.record, opened.revision)

    assert queries(save) == queries(save) <= 45


def test_keeping_sixty_cases_costs_as_many_queries_as_keeping_two(cast):
    # SQLite takes a thousand values in one statement: eighty cases have more in their four permissions.
    # PostgreSQL is asked one thing more than SQLite.
    assert queries(lambda: keep(cast, 2, "A")) == queries(lambda: keep(cast, 60, "B")) <= 23
