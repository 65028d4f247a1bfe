"""Stewards invite, remove, renew and appoint; every other member opens the same cases and may leave, and no more."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.invitations import accept_as, invite_to_new_team
from accounts.models import Invitation, Seat, TeamKind
from accounts.teams import add_member, auditors, coordinators, is_steward, organisation, stewards
from casework import audit, keychecks, membership
from tests.cast import Cast, in_english, sign_in
from tests.factors import let_proof_lapse

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(cast: Cast) -> Client:
    return in_english(sign_in(Client(), "bob"))


def change(client: Client, cast: Cast, name: str, act: str) -> Any:
    address = reverse("member-steward", args=[cast.verdun.pk, cast.users[name].pk])
    return client.post(address, {act: ""}, follow=True)


def names(cast: Cast) -> list[str]:
    return [user.username for user in stewards(cast.verdun)]


def test_whoever_is_first_on_a_team_is_its_steward(cast: Cast) -> None:
    assert names(cast) == ["alice"]
    assert is_steward(cast.charlie, cast.other_team)
    assert is_steward(cast.dana, coordinators()) and is_steward(cast.frank, auditors())
    team, token = invite_to_new_team(cast.keyring_of("dana"), "Rosemont", TeamKind.ORGANIZERS)
    accept_as(cast.keyring_of("frank"), token)
    add_member(cast.keyring_of("frank"), team, cast.charlie)
    assert [user.username for user in stewards(team)] == ["frank"]


def test_a_member_reads_who_the_stewards_are_and_finds_none_of_their_buttons(cast: Cast, bob: Client) -> None:
    page = bob.get(reverse("team", args=[cast.verdun.pk])).content.decode()
    assert page.count(">steward<") == 1
    for button in ("Make an invitation link", "Make steward", "No longer steward", ">Remove<"):
        assert button not in page
    assert "Leave the team" in page
    keys = bob.get(reverse("team-keys", args=[cast.verdun.pk])).content.decode()
    assert "stewards renew it" in keys and "Renew the team" not in keys


def test_a_member_invites_removes_renews_and_appoints_nobody(cast: Cast, bob: Client) -> None:
    for name, who in (
        ("invite", []),
        ("team-renew", []),
        ("member-remove", ["alice"]),
        ("member-steward", ["bob"]),
    ):
        address = reverse(name, args=[cast.verdun.pk, *(cast.users[one].pk for one in who)])
        assert bob.post(address, {"appoint": ""}).status_code == 404, name
    assert not Invitation.objects.exists() and names(cast) == ["alice"]
    assert Seat.objects.filter(team=cast.verdun).count() == 2


def test_a_member_leaves_all_the_same(cast: Cast, bob: Client) -> None:
    bob.post(reverse("member-remove", args=[cast.verdun.pk, cast.bob.pk]))
    assert not Seat.objects.filter(team=cast.verdun, user=cast.bob).exists()


def test_a_steward_appoints_another_who_may_then_do_it_too(cast: Cast, alice: Client, bob: Client) -> None:
    assert "bob is a steward now" in change(alice, cast, "bob", "appoint").content.decode()
    assert names(cast) == ["alice", "bob"]
    assert bob.post(reverse("invite", args=[cast.verdun.pk])).status_code == 200
    assert "alice is no longer a steward" in change(bob, cast, "alice", "dismiss").content.decode()
    assert names(cast) == ["bob"]
    assert alice.post(reverse("invite", args=[cast.verdun.pk])).status_code == 404


def test_the_last_steward_neither_resigns_nor_leaves_the_others_behind(cast: Cast, alice: Client) -> None:
    assert "needs a steward" in change(alice, cast, "alice", "dismiss").content.decode()
    address = reverse("member-remove", args=[cast.verdun.pk, cast.alice.pk])
    refused = alice.post(address)
    assert refused.status_code == 409 and "last steward" in refused.content.decode()
    with pytest.raises(membership.LastSteward):
        membership.remove(cast.keyring_of("alice"), cast.verdun.pk, cast.alice.pk)
    assert names(cast) == ["alice"]


def test_appointing_asks_again(cast: Cast, alice: Client) -> None:
    let_proof_lapse(alice)
    address = reverse("member-steward", args=[cast.verdun.pk, cast.bob.pk])
    assert alice.post(address, {"appoint": ""})["Location"].startswith("/prove/")
    assert names(cast) == ["alice"]


def test_nobody_from_elsewhere_becomes_one_and_the_organisation_has_none(cast: Cast, alice: Client) -> None:
    assert change(alice, cast, "charlie", "appoint").status_code == 404
    everybody = reverse("member-steward", args=[organisation().pk, cast.bob.pk])
    assert in_english(sign_in(Client(), "dana")).post(everybody, {"appoint": ""}).status_code == 404


def test_a_steward_stays_one_under_a_new_key(cast: Cast) -> None:
    membership.renew(cast.keyring_of("alice"), cast.verdun.pk)
    assert names(cast) == ["alice"]


def test_it_is_written_down(cast: Cast, alice: Client) -> None:
    change(alice, cast, "bob", "appoint")
    told = [(e.action, e.detail) for e in audit.entries(cast.keyring_of("frank"), auditors().pk)]
    assert ("team.steward", {"member": str(cast.bob.pk), "steward": 1}) in told


def test_a_team_without_a_steward_is_found(cast: Cast) -> None:
    Seat.objects.filter(team=cast.verdun).update(steward=False)
    assert [(f.kind, f.subject) for f in keychecks.findings()] == [
        ("team_without_steward", str(cast.verdun.pk))
    ]
