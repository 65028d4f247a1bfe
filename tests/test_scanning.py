"""One pass over every case a person may open: nothing twice, nothing left out in silence, nothing overwritten."""

import pytest
from django.test import Client

from accounts.crypto.sealed import Sealed
from casework import intake, keys, matching, scanning, sharing, vault
from casework.models import Case, CaseTeamKey, CaseText, CaseUserKey
from tests.cast import sign_in
from tests.stories import story

pytestmark = pytest.mark.django_db


def listed(cast, name: str) -> list:
    return [row.case_id for row in vault.cards(cast.keyring_of(name)).cases]


def sealed_from_outside(cast, count: int) -> None:
    stories = [story(f"O-{number}") for number in range(count)]
    intake.keep_batch(stories, cast.verdun, keys.to_public_key(cast.verdun.pk))


def test_cases_of_the_team_and_cases_granted_by_name_stand_in_one_list(cast, case_id):
    own = intake.create_case(cast.keyring_of("charlie"), cast.other_team, story("C-1"))
    sharing.grant(cast.keyring_of("alice"), case_id, cast.charlie, may_change=False)
    assert set(listed(cast, "charlie")) == {own, case_id}
    assert listed(cast, "alice") == [case_id]


def test_a_case_reached_by_two_ways_is_listed_once(cast, case_id):
    keys.hang_user_key(
        Case.objects.get(),
        cast.bob,
        keys.open_key(cast.keyring_of("alice"), Case.objects.get()),
        may_change=False,
    )
    assert listed(cast, "bob") == [case_id]


def test_revoking_by_name_takes_it_from_the_list(cast, case_id):
    sharing.grant(cast.keyring_of("alice"), case_id, cast.charlie, may_change=False)
    assert listed(cast, "charlie") == [case_id]
    sharing.revoke(cast.keyring_of("alice"), case_id, cast.charlie)
    assert listed(cast, "charlie") == []


def test_a_key_granted_by_name_is_rewrapped_when_first_read(cast, case_id):
    sharing.grant(cast.keyring_of("alice"), case_id, cast.charlie, may_change=False)
    assert not CaseUserKey.objects.get().wrapped
    assert listed(cast, "charlie") == listed(cast, "charlie") == [case_id]
    assert CaseUserKey.objects.get().wrapped


def test_keys_are_rewrapped_a_bounded_number_at_a_time(cast, monkeypatch):
    monkeypatch.setattr(keys, "REWRAPPED_AT_ONCE", 2)
    sealed_from_outside(cast, 3)
    for left in (1, 0):
        assert len(listed(cast, "bob")) == 3
        assert CaseTeamKey.objects.filter(wrapped=False).count() == left


def test_a_key_that_was_sealed_anew_while_it_was_read_is_not_overwritten(cast):
    """Otherwise a list that is read during a revocation would put the old key back, and nobody could open the case again."""
    sealed_from_outside(cast, 1)
    alice, case = cast.keyring_of("alice"), Case.objects.get()
    reading = scanning.cards(cast.keyring_of("bob"))
    assert next(reading)[1] is not None
    sharing.rekey(alice, case, keys.open_key(alice, case))
    assert list(reading) == []
    assert CaseTeamKey.objects.get().epoch == 2
    assert vault.open_case(alice, case.pk).record.reference == "O-0"
    assert listed(cast, "bob") == [case.pk]


def test_beyond_what_one_page_reads_cases_come_in_parts_each_once(cast, monkeypatch):
    monkeypatch.setattr(scanning, "AT_ONCE", 2)
    sealed_from_outside(cast, 5)
    granted = intake.create_case(cast.keyring_of("charlie"), cast.other_team, story("C-1"))
    sharing.grant(cast.keyring_of("charlie"), granted, cast.bob, may_change=False)
    bob = cast.keyring_of("bob")
    assert scanning.parts(bob) == 3
    parts = [[row.card.reference for row in vault.cards(bob, part).cases] for part in (1, 2, 3, 4)]
    assert [len(part) for part in parts[:3]] == [3, 2, 1] and parts[3] == parts[2]
    assert len({reference for part in parts for reference in part}) == 6
    found = [vault.matches(bob, matching.words("accent"), part=part).cases for part in (1, 2, 3)]
    assert [len(part) for part in found] == [3, 2, 1]
    page = sign_in(Client(), "bob").get("/cases/?part=2&sort=reference")
    assert page.status_code == 200 and page.context["total"] == 2
    for nonsense in ("0", "-1", "x", "99999999999", "٣"):
        assert page.client.get("/cases/", {"part": nonsense}).status_code == 200


def test_a_missing_row_is_named_as_broken_in_lists_and_searches(cast, case_id):
    CaseText.objects.all().delete()
    assert vault.search(cast.keyring_of("alice"), "accent").broken == [case_id]
    assert listed(cast, "alice") == [case_id]


@pytest.mark.parametrize(
    "changed", [{"grantee_epoch": 99}, {"epoch": 2}, {"wrapped": False}, {"key_ciphertext": Sealed(b"")}]
)
def test_an_altered_key_row_hides_no_other_case(cast, case_id, changed):
    other = intake.create_case(cast.keyring_of("alice"), cast.verdun, story("H-2"))
    CaseTeamKey.objects.filter(case=case_id).update(**changed)
    listing = vault.cards(cast.keyring_of("alice"))
    assert listing.broken == [case_id]
    assert [row.case_id for row in listing.cases] == [other]


def test_a_search_costs_as_many_queries_as_a_list_however_many_cases_it_finds(
    cast, case_id, django_assert_max_num_queries
):
    for number in range(12):
        intake.create_case(cast.keyring_of("alice"), cast.verdun, story(f"N-{number}"))
    with django_assert_max_num_queries(14):
        assert len(vault.search(cast.keyring_of("alice"), "accent").cases) == 13
