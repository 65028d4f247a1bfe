"""Asked again before what cannot be taken back."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Invitation
from accounts.sudo import FRESH_SECONDS
from tests.cast import PASSPHRASE, Cast, sign_in
from tests.factors import Clock, let_proof_lapse, sign_in_with_app, with_app


@pytest.fixture(autouse=True)
def pages(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.account_pages"
    # Each of the cast brings their own language; here everybody reads English.
    settings.LANGUAGES = [("en", "English")]


def test_signing_in_is_proof_for_five_minutes(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    let_proof_lapse(client, by=FRESH_SECONDS - 60)
    assert client.post(reverse("invite", args=[cast.verdun.pk])).status_code == 200


def test_inviting_later_asks_again_and_does_nothing_meanwhile(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    let_proof_lapse(client)
    team = reverse("team", args=[cast.verdun.pk])
    asked = client.post(
        reverse("invite", args=[cast.verdun.pk]), headers={"Referer": f"http://testserver{team}"}
    )
    assert asked["Location"] == f"/prove/?next={team.replace('/', '%2F')}"
    assert not Invitation.objects.exists()
    answer = client.post(asked["Location"], {"passphrase": PASSPHRASE})
    assert answer["Location"] == team
    assert client.post(reverse("invite", args=[cast.verdun.pk])).status_code == 200


def test_founding_a_team_asks_again_and_nothing_typed_travels(cast: Cast, client: Client) -> None:
    sign_in(client, "dana")
    let_proof_lapse(client)
    assert client.get("/teams/").status_code == 200
    asked = client.post("/teams/", {"name": "Secret name"})
    assert asked["Location"].startswith("/prove/?next=")
    assert "Secret" not in asked["Location"]
    assert "Secret name" not in str(dict(client.session))
    assert not type(cast.verdun).objects.filter(name="Secret name").exists()


def test_a_wrong_passphrase_proves_nothing(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    let_proof_lapse(client)
    page = client.post("/prove/", {"passphrase": "not his passphrase"})
    assert "not your present passphrase" in page.content.decode()
    assert client.post(reverse("invite", args=[cast.verdun.pk])).status_code == 302


def test_attempts_are_counted(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    for _ in range(5):
        client.post("/prove/", {"passphrase": "a guess at it"})
    assert "Too many attempts" in client.post("/prove/", {"passphrase": PASSPHRASE}).content.decode()


def test_the_second_factor_will_do_and_works_once(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    app = with_app(cast.alice)
    sign_in_with_app(client, "alice", app)
    let_proof_lapse(client)
    used = client.post("/prove/", {"code": app.code()})
    assert used.status_code == 200
    clock.tick()
    assert client.post("/prove/", {"code": app.code()}).status_code == 302
    assert client.post(reverse("invite", args=[cast.verdun.pk])).status_code == 200


@pytest.mark.parametrize(
    "address", ["https://evil.test/", "//evil.test/", "javascript:alert(1)", "", "/\\evil.test"]
)
def test_it_leads_to_no_other_site(cast: Cast, client: Client, address: str) -> None:
    sign_in(client, "alice")
    assert client.post(f"/prove/?next={address}", {"passphrase": PASSPHRASE})["Location"] == "/"
    assert "evil" not in client.get(f"/prove/?next={address}").content.decode().partition("<main")[2]


def test_a_clock_set_back_makes_no_proof_fresh(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    let_proof_lapse(client, by=-3600)
    assert client.post(reverse("invite", args=[cast.verdun.pk])).status_code == 302


def test_enrolling_and_removing_ask_again(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    let_proof_lapse(client)
    for address in ("/second-factor/app/", "/second-factor/passkey/"):
        assert client.get(address)["Location"].startswith("/prove/")
    for address in ("/second-factor/codes/", "/second-factor/1/remove/"):
        assert client.post(address)["Location"].startswith("/prove/")
