"""One link, one person, one week."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import invitations
from accounts.crypto.sealed import Sealed
from accounts.invitations import InvitationRefused
from accounts.keyring import Keyring, Locked
from accounts.models import Invitation, Seat, Team, TeamKind, User
from accounts.publickeys import recipient
from accounts.teams import is_organizer, members, organisation, remove_member, teams_of
from tests.cast import PASSPHRASE, Cast, nothing_to_rewrap, sign_in

HELENE = {
    "username": "helene",
    "language": "fr",
    "password1": "quatre huards au large",
    "password2": "quatre huards au large",
}
COOKIES = {"invitation", "__Host-invitation"}


@pytest.fixture(autouse=True)
def pages(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.account_pages"


@pytest.fixture
def inviter(cast: Cast, client: Client) -> Client:
    return sign_in(client, "alice")


def make_link(inviter: Client, team: Team) -> str:
    page = inviter.post(reverse("invite", args=[team.id]))
    assert page.status_code == 200
    found = re.search(r"http://testserver(/invitation/[\w-]{43}/)", page.content.decode())
    assert found
    return found[1]


def follow(link: str) -> Client:
    visitor = Client()
    visitor.get(link)
    return visitor


def accept(link: str, **changes: str) -> Any:
    return follow(link).post("/invitation/", HELENE | changes)


def test_the_link_moves_its_secret_out_of_the_address_bar(cast: Cast, inviter: Client) -> None:
    link = make_link(inviter, cast.verdun)
    visitor = Client()
    response = visitor.get(link)
    assert (response.status_code, response["Location"]) == (302, "/invitation/")
    (name,) = COOKIES & set(response.cookies)
    cookie = response.cookies[name]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and 0 < cookie["max-age"] <= 3600
    page = visitor.get("/invitation/")
    assert page.status_code == 200
    assert "Verdun" in page.content.decode()
    assert link.split("/")[2] not in page.content.decode()


def test_accepting_gives_seats_and_a_signed_public_key_at_once(cast: Cast, inviter: Client) -> None:
    response = accept(make_link(inviter, cast.verdun))
    assert (response.status_code, response["Location"]) == (302, "/sign-in/")
    helene = User.objects.get(username="helene")
    assert set(teams_of(helene)) == {organisation(), cast.verdun}
    assert recipient(helene.id).kind == "user"
    assert cast.verdun.group.user_set.filter(pk=helene.pk).exists()
    newcomer = sign_in(Client(), "helene", HELENE["password1"])
    assert newcomer.get(reverse("team", args=[cast.verdun.id])).status_code == 200


def test_the_newcomer_opens_what_the_team_opens(cast: Cast, inviter: Client, settings: Any) -> None:
    accept(make_link(inviter, cast.verdun))
    helene = User.objects.get(username="helene")
    from accounts.hasher import kept_runs
    from accounts.people import unwrapped

    with kept_runs() as runs:
        helene.check_password(HELENE["password1"])
        keyring = Keyring(helene, unwrapped(helene, runs[0]))
    for epoch in (1, 2):
        same = cast.keyring_of("bob").team(cast.verdun.id, epoch)
        assert keyring.team(cast.verdun.id, epoch).root == same.root


def test_a_link_is_used_once(cast: Cast, inviter: Client) -> None:
    link = make_link(inviter, cast.verdun)
    accept(link)
    assert not Invitation.objects.exists()
    again = accept(link, username="ivan")
    assert again.status_code == 404
    assert not User.objects.filter(username="ivan").exists()


def test_expired_used_outdated_and_unknown_links_look_alike(cast: Cast, inviter: Client) -> None:
    expired, used, outdated = (make_link(inviter, cast.verdun) for _ in range(3))
    invitations.find(expired.split("/")[2])
    hashed = invitations._hash(invitations._decoded(expired.split("/")[2]))
    Invitation.objects.filter(token_hash=hashed).update(expires_on=dt.date(2020, 1, 1))
    accept(used)
    hashed = invitations._hash(invitations._decoded(outdated.split("/")[2]))
    Invitation.objects.filter(token_hash=hashed).update(team_epoch=1)
    unknown = "/invitation/" + "A" * 43 + "/"
    pages = [
        follow(link).get("/invitation/") for link in (expired, used, outdated, unknown, "/invitation/x/")
    ]
    assert {page.status_code for page in pages} == {404}
    texts = {re.sub(r'value="[^"]*"', "", page.content.decode()) for page in pages}
    assert len(texts) == 1


def test_a_link_lasts_seven_days(cast: Cast, inviter: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    today = dt.date(2026, 3, 1)
    monkeypatch.setattr(invitations.timezone, "localdate", lambda: today)
    token = make_link(inviter, cast.verdun).split("/")[2]
    monkeypatch.setattr(invitations.timezone, "localdate", lambda: today + dt.timedelta(days=7))
    assert invitations.find(token).team == cast.verdun
    monkeypatch.setattr(invitations.timezone, "localdate", lambda: today + dt.timedelta(days=8))
    with pytest.raises(InvitationRefused):
        invitations.find(token)


def test_the_page_without_a_link_is_refused_too(db: None, client: Client) -> None:
    assert client.get("/invitation/").status_code == 404


def test_opening_a_link_uses_nothing_up(cast: Cast, inviter: Client) -> None:
    """Messengers fetch links to draw a preview."""
    link = make_link(inviter, cast.verdun)
    for _ in range(3):
        follow(link).get("/invitation/")
    assert accept(link).status_code == 302


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"username": "alice"}, "This user name is taken."),
        ({"username": "ALICE"}, "This user name is taken."),
        ({"username": "helene@example.org"}, "Use letters, digits"),
        ({"username": "h"}, "at least 3"),
        ({"password2": "something else entirely"}, "The two passphrases differ."),
        ({"password1": "short", "password2": "short"}, "too short"),
        (
            {"username": "helenelarose", "password1": "helenelarose1", "password2": "helenelarose1"},
            "too close to the user name",
        ),
        ({"password1": "qwertyuiop12", "password2": "qwertyuiop12"}, "anybody would try"),
        ({"language": "tlh"}, "Select a valid choice"),
    ],
)
def test_a_form_filled_in_badly_leaves_the_invitation_as_it_was(
    cast: Cast, inviter: Client, changes: dict[str, str], said: str
) -> None:
    link = make_link(inviter, cast.verdun)
    before = User.objects.count()
    page = accept(link, **changes)
    assert page.status_code == 200
    assert said in page.content.decode()
    assert User.objects.count() == before
    assert accept(link).status_code == 302


def test_a_name_taken_at_the_last_moment_leaves_the_invitation_as_it_was(
    cast: Cast, inviter: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accounts.forms import NewPersonForm

    link = make_link(inviter, cast.verdun)
    monkeypatch.setattr(NewPersonForm, "clean_username", lambda form: form.cleaned_data["username"])
    page = accept(link, username="alice")
    assert "This user name is taken." in page.content.decode()
    monkeypatch.undo()
    assert accept(link).status_code == 302


def test_somebody_with_an_account_joins_with_it(cast: Cast, inviter: Client) -> None:
    link = make_link(inviter, cast.verdun)
    charlie = sign_in(Client(), "charlie")
    charlie.get(link)
    assert "charlie" in charlie.get("/invitation/").content.decode()
    response = charlie.post("/invitation/")
    assert response["Location"] == reverse("team", args=[cast.verdun.id])
    assert cast.keyring_of("charlie").team(cast.verdun.id).epoch == 2
    assert not Invitation.objects.exists()


def test_a_member_who_leaves_takes_no_working_link_along(cast: Cast, inviter: Client) -> None:
    link = make_link(inviter, cast.verdun)
    remove_member(cast.keyring_of("alice"), cast.verdun, cast.bob, nothing_to_rewrap)
    assert accept(link).status_code == 404


def test_nobody_invites_to_a_team_they_have_no_seat_in(cast: Cast) -> None:
    for name in ("charlie", "dana", "frank", "grace", "root_user"):
        visitor = sign_in(Client(), name)
        assert visitor.post(reverse("invite", args=[cast.verdun.id])).status_code == 404
        assert visitor.get(reverse("team", args=[cast.verdun.id])).status_code == 404
        with pytest.raises(Locked):
            invitations.invite(cast.keyring_of(name), cast.verdun)
    assert not Invitation.objects.exists()


def test_nobody_is_invited_to_the_organisation_alone(cast: Cast, inviter: Client) -> None:
    assert inviter.post(reverse("invite", args=[organisation().id])).status_code == 404


def test_links_are_made_by_post_only(cast: Cast, inviter: Client) -> None:
    assert inviter.get(reverse("invite", args=[cast.verdun.id])).status_code == 405
    assert not Invitation.objects.exists()


def test_a_coordinator_founds_a_team_and_cannot_open_it(cast: Cast) -> None:
    dana = sign_in(Client(), "dana")
    page = dana.post("/teams/", {"name": "Rosemont"}).content.decode()
    team = Team.objects.get(name="Rosemont")
    assert not Seat.objects.filter(team=team).exists()
    with pytest.raises(Locked):
        cast.keyring_of("dana").team(team.id)
    link = re.search(r"http://testserver(/invitation/[\w-]{43}/)", page)
    assert link and accept(link[1]).status_code == 302
    helene = User.objects.get(username="helene")
    assert list(members(team)) == [helene]
    assert is_organizer(helene)
    assert team.kind == TeamKind.ORGANIZERS


def test_only_coordinators_found_teams(cast: Cast) -> None:
    for name in ("alice", "frank", "grace", "root_user"):
        assert sign_in(Client(), name).post("/teams/", {"name": "Rosemont"}).status_code == 404
    assert not Team.objects.filter(name="Rosemont").exists()


def test_an_altered_row_opens_nothing(cast: Cast, inviter: Client) -> None:
    link = make_link(inviter, cast.verdun)
    row = Invitation.objects.get()
    flipped = Sealed(row.team_root_ciphertext[:-1] + bytes([row.team_root_ciphertext[-1] ^ 1]))
    Invitation.objects.update(team_root_ciphertext=flipped)
    assert accept(link).status_code == 404
    assert not User.objects.filter(username="helene").exists()


def test_a_row_pointed_at_another_team_opens_nothing(cast: Cast, inviter: Client) -> None:
    link = make_link(inviter, cast.verdun)
    Invitation.objects.update(team=cast.other_team, team_epoch=cast.other_team.epoch)
    assert accept(link).status_code == 404
    assert cast.other_team.seats.count() == 1


def test_the_rows_do_not_hold_the_token(cast: Cast, inviter: Client) -> None:
    token = make_link(inviter, cast.verdun).split("/")[2]
    row = Invitation.objects.values().get()
    assert token not in str(row)
    assert invitations._decoded(token) not in b"".join(bytes(v) for v in row.values() if isinstance(v, bytes))
    assert PASSPHRASE not in str(row)
