"""Whoever lets a case leave its team, takes a seat away or renews a team's key shows again who they are."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Seat
from casework.models import CaseTeamPermission, CaseUserPermission
from tests.cast import PASSPHRASE, Cast, in_english, sign_in
from tests.factors import let_proof_lapse

pytestmark = pytest.mark.django_db
TO_CHARLIE = {"username": "charlie"}
TO_HIS_TEAM = {"whom": "team", "username": "Limoilou"}


@pytest.fixture
def alice(cast: Cast) -> Client:
    """Signed in a while ago."""
    client = in_english(sign_in(Client(), "alice"))
    let_proof_lapse(client)
    return client


def granted() -> int:
    teams = CaseTeamPermission.objects.exclude(group__team__name="Verdun")
    return CaseUserPermission.objects.count() + teams.count()


@pytest.mark.parametrize("form", [TO_CHARLIE, TO_HIS_TEAM])
def test_a_case_leaves_the_team_only_when_it_was_asked_again(
    case_id: uuid.UUID, alice: Client, form: dict[str, str]
) -> None:
    case, address = reverse("case", args=[case_id]), reverse("case-grant", args=[case_id])
    asked = alice.post(address, form, headers={"Referer": f"http://testserver{case}"})
    assert asked["Location"] == f"/prove/?next={case.replace('/', '%2F')}"
    assert granted() == 0
    assert "charlie" not in asked["Location"] + str(dict(alice.session))
    assert alice.post(asked["Location"], {"passphrase": PASSPHRASE})["Location"] == case
    assert alice.post(address, form)["Location"] == case
    assert granted() > 0


def test_the_page_asks_before_anything_is_typed(case_id: uuid.UUID, alice: Client) -> None:
    page = alice.get(reverse("case", args=[case_id])).content.decode()
    assert "show once more that it is you" in page and 'name="username"' not in page
    alice.post("/prove/", {"passphrase": PASSPHRASE})
    page = alice.get(reverse("case", args=[case_id])).content.decode()
    assert "show once more that it is you" not in page and 'name="username"' in page


def test_taking_a_case_back_asks_nothing(cast: Cast, case_id: uuid.UUID, alice: Client) -> None:
    alice.post("/prove/", {"passphrase": PASSPHRASE})
    alice.post(reverse("case-grant", args=[case_id]), TO_CHARLIE)
    let_proof_lapse(alice)
    alice.post(reverse("case-revoke", args=[case_id]), {"grantee": str(cast.charlie.pk)})
    assert granted() == 0


def test_nobody_is_removed_before_it_was_asked_again(cast: Cast, alice: Client) -> None:
    address = reverse("member-remove", args=[cast.verdun.pk, cast.bob.pk])
    assert alice.get(address).status_code == 200
    asked = alice.post(address, headers={"Referer": f"http://testserver{address}"})
    assert asked["Location"] == f"/prove/?next={address.replace('/', '%2F')}"
    assert Seat.objects.filter(team=cast.verdun, user=cast.bob).exists()
    alice.post(asked["Location"], {"passphrase": PASSPHRASE})
    alice.post(address)
    assert not Seat.objects.filter(team=cast.verdun, user=cast.bob).exists()


def test_no_key_is_renewed_before_it_was_asked_again(cast: Cast, alice: Client) -> None:
    address = reverse("team-renew", args=[cast.verdun.pk])
    assert alice.post(address)["Location"].startswith("/prove/")
    before = cast.verdun.epoch
    cast.verdun.refresh_from_db()
    assert cast.verdun.epoch == before
    alice.post("/prove/", {"passphrase": PASSPHRASE})
    alice.post(address)
    cast.verdun.refresh_from_db()
    assert cast.verdun.epoch == before + 1
