"""Sharing until a day, with a person or with another team: what was granted ends by itself."""

import datetime as dt
import uuid

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.crypto.sealed import SealBroken
from accounts.teams import add_member, auditors, coordinators
from casework import (
    audit,
    expiry,
    intake,
    keychecks,
    keyproofs,
    keys,
    membership,
    permissions,
    sharing,
    tasks,
    vault,
)
from casework.models import Case, CaseTeamKey, CaseTeamPermission, CaseUserKey, CaseUserPermission
from tests.cast import Cast, sign_in

pytestmark = pytest.mark.django_db


def today(days: int = 0) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def a_day_passes() -> None:
    """For every grant that ends today."""
    for model in (CaseUserPermission, CaseTeamPermission):
        model.objects.filter(expires_on=today()).update(expires_on=today(-1))


def opens(cast: Cast, name: str, case_id: uuid.UUID) -> bool:
    keyring = cast.keyring_of(name)
    listed = [card.case_id for card in vault.cards(keyring).cases]
    found = [card.case_id for card in vault.search(keyring, "accent").cases]
    try:
        vault.open_case(keyring, case_id)
    except Http404:
        assert listed == found == []
        return False
    assert listed == found == [case_id]
    return True


def all_agrees(cast: Cast, *names: str) -> None:
    assert keychecks.findings() == []
    for name in names:
        assert keyproofs.findings(cast.keyring_of(name)) == []


def test_a_grant_holds_on_its_last_day_and_not_on_the_next(cast: Cast, case_id: uuid.UUID) -> None:
    sharing.grant(cast.keyring_of("alice"), case_id, cast.charlie, may_change=True, expires_on=today())
    assert opens(cast, "charlie", case_id)
    a_day_passes()
    assert not opens(cast, "charlie", case_id)
    for permission in permissions.ALL:
        assert not permissions.cases_for(cast.charlie, permission).exists()


def test_the_worker_takes_permission_and_key_away_and_marks_the_case(cast: Cast, case_id: uuid.UUID) -> None:
    alice = cast.keyring_of("alice")
    sharing.grant(alice, case_id, cast.charlie, may_change=True, expires_on=today())
    sharing.grant(alice, case_id, cast.dana, may_change=False, expires_on=today(5))
    old = keys.open_key(cast.keyring_of("charlie"), Case.objects.get())
    assert expiry.take_back() == 0
    a_day_passes()
    tasks.chores()
    assert CaseUserPermission.objects.get().user == cast.dana and CaseUserKey.objects.count() == 1
    assert Case.objects.get().rekey_due
    entry = next(audit.entries(cast.keyring_of("frank"), auditors().pk))
    assert (entry.actor, entry.action, entry.subject, entry.detail) == (
        None,
        "case.expire",
        case_id,
        {"grantee": str(cast.charlie.pk)},
    )
    intake.save_case(alice, case_id, vault.open_case(alice, case_id).record, 1)
    with pytest.raises(SealBroken):
        vault.open_revision(old, Case.objects.get().revisions.get(number=1))
    assert opens(cast, "dana", case_id)
    all_agrees(cast, "alice", "bob", "charlie", "dana")


def test_granting_again_moves_the_day_or_lifts_it(cast: Cast, case_id: uuid.UUID) -> None:
    alice = cast.keyring_of("alice")
    for day in (today(), today(3), None):
        sharing.grant(alice, case_id, cast.charlie, may_change=True, expires_on=day)
        assert set(CaseUserPermission.objects.values_list("expires_on", flat=True)) == {day}


def test_a_revocation_of_one_keeps_the_last_day_of_another(cast: Cast, case_id: uuid.UUID) -> None:
    alice = cast.keyring_of("alice")
    sharing.grant(alice, case_id, cast.charlie, may_change=False, expires_on=today(2))
    sharing.grant(alice, case_id, cast.dana, may_change=False)
    sharing.revoke(alice, case_id, cast.dana)
    assert CaseUserPermission.objects.get().expires_on == today(2)
    assert opens(cast, "charlie", case_id)


# Another team


def test_another_team_reads_what_it_was_granted_and_shares_nothing(cast: Cast, case_id: uuid.UUID) -> None:
    add_member(cast.keyring_of("charlie"), cast.other_team, cast.grace)
    sharing.grant(cast.keyring_of("alice"), case_id, cast.other_team, may_change=False)
    for name in ("charlie", "grace"):
        assert opens(cast, name, case_id)
    with pytest.raises(Http404):
        record = vault.open_case(cast.keyring_of("charlie"), case_id).record
        intake.save_case(cast.keyring_of("charlie"), case_id, record, 1)
    with pytest.raises(Http404):
        sharing.grant(cast.keyring_of("charlie"), case_id, cast.dana, may_change=False)
    all_agrees(cast, "alice", "bob", "charlie", "grace")


def test_another_team_may_change_until_its_day_and_then_the_worker_takes_it_back(
    cast: Cast, case_id: uuid.UUID
) -> None:
    alice, charlie = cast.keyring_of("alice"), cast.keyring_of("charlie")
    sharing.grant(alice, case_id, cast.other_team, may_change=True, expires_on=today())
    assert intake.save_case(charlie, case_id, vault.open_case(charlie, case_id).record, 1) == 2
    a_day_passes()
    assert not opens(cast, "charlie", case_id)
    assert expiry.take_back() == 1
    assert CaseTeamKey.objects.get().permission.group.team == cast.verdun
    assert opens(cast, "bob", case_id)
    all_agrees(cast, "alice", "charlie")


def test_revoking_from_a_team_seals_the_case_anew(cast: Cast, case_id: uuid.UUID) -> None:
    alice = cast.keyring_of("alice")
    sharing.grant(alice, case_id, cast.other_team, may_change=True)
    sharing.revoke(alice, case_id, cast.other_team)
    assert Case.objects.get().epoch == 2 and not opens(cast, "charlie", case_id)
    sharing.revoke(alice, case_id, cast.verdun)
    assert opens(cast, "bob", case_id) and Case.objects.get().epoch == 2
    all_agrees(cast, "alice", "charlie")


def test_a_member_who_leaves_the_other_team_loses_it_too(cast: Cast, case_id: uuid.UUID) -> None:
    add_member(cast.keyring_of("charlie"), cast.other_team, cast.grace)
    sharing.grant(cast.keyring_of("alice"), case_id, cast.other_team, may_change=False)
    membership.remove(cast.keyring_of("charlie"), cast.other_team.pk, cast.grace.pk)
    assert not opens(cast, "grace", case_id) and opens(cast, "charlie", case_id)
    assert Case.objects.get().rekey_due
    all_agrees(cast, "alice", "charlie", "grace")


def test_the_team_that_keeps_it_has_it_already(cast: Cast, case_id: uuid.UUID) -> None:
    with pytest.raises(sharing.HasItAlready):
        sharing.grant(cast.keyring_of("alice"), case_id, cast.verdun, may_change=False)
    assert CaseTeamPermission.objects.count() == len(permissions.ALL)


# The pages


def post(alice: Client, case_id: uuid.UUID, **form: str) -> int:
    return alice.post(reverse("case-grant", args=[case_id]), form).status_code


def test_the_page_shares_with_a_team_until_a_day_and_says_so(
    cast: Cast, case_id: uuid.UUID, alice: Client
) -> None:
    form = {"whom": "team", "username": "limoilou", "expires_on": today(10).isoformat()}
    assert post(alice, case_id, **form) == 302
    page = alice.get(reverse("case", args=[case_id]))
    entry = next(e for e in page.context["access"] if e["name"] == "Limoilou")
    assert entry["team"] and "may read, until" in entry["why"]
    assert sign_in(Client(), "charlie").get(reverse("case", args=[case_id])).status_code == 200
    answer = alice.post(reverse("case-revoke", args=[case_id]), {"grantee": str(cast.other_team.pk)})
    assert (
        answer.status_code == 302
        and not CaseTeamPermission.objects.filter(group=cast.other_team.group).exists()
    )


@pytest.mark.parametrize(
    "form",
    [
        {"whom": "team", "username": "Nowhere"},
        {"whom": "team", "username": "Verdun"},
        {"whom": "person", "username": "Limoilou"},
        {"username": "charlie", "expires_on": "2020-01-01"},
        {"username": "charlie", "expires_on": "soon"},
    ],
)
def test_the_page_refuses_in_words_and_changes_nothing(
    cast: Cast, case_id: uuid.UUID, alice: Client, form: dict[str, str]
) -> None:
    assert post(alice, case_id, **form) == 422
    assert not CaseUserPermission.objects.exists() and CaseTeamKey.objects.count() == 1


def test_no_case_is_shared_with_the_coordinators_or_the_auditors_as_a_team(
    cast: Cast, case_id: uuid.UUID, alice: Client
) -> None:
    for team in (coordinators(), auditors()):
        assert post(alice, case_id, whom="team", username=team.name) == 422
