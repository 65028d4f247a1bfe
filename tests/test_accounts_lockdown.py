"""Where somebody is signed in, and ending it: one session, all of somebody's, an account, the organisation."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts import devices, recovery
from accounts.invitations import invite
from accounts.models import Invitation, User, UserKey
from accounts.teams import auditors
from casework import audit
from tests.cast import PASSPHRASE, Cast, sign_in
from tests.factors import first_step, with_app
from tests.test_accounts_recovery import NEW, recover, shown_code

WHOAMI = "/test/whoami/"
PHONE = "Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0"
LAPTOP = "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_1) AppleWebKit/605.1.15 Version/17.1 Safari/605.1.15"


@pytest.fixture(autouse=True)
def pages(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.account_pages"
    # Each of the cast brings their own language; here everybody reads English.
    settings.LANGUAGES = [("en", "English")]


def on(agent: str, name: str) -> Client:
    return sign_in(Client(headers={"User-Agent": agent}, REMOTE_ADDR="203.0.113.7"), name)


def told(cast: Cast) -> set[tuple[Any, str, Any]]:
    entries = audit.entries(cast.keyring_of("frank"), auditors().pk)
    return {(entry.actor, entry.action, entry.subject) for entry in entries}


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (PHONE, "Firefox · Android"),
        (LAPTOP, "Safari · Mac"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) CriOS/120 Mobile Safari/604.1",
            "Chrome · iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120.0", "Edge · Windows"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_a_device_has_a_rough_name(agent: str, name: str) -> None:
    assert devices.rough_name(agent) == name


def test_a_person_sees_their_own_sessions_by_device_and_day(cast: Cast) -> None:
    phone, laptop = on(PHONE, "alice"), on(LAPTOP, "alice")
    on("curl/8", "charlie")
    page = laptop.get("/sessions/").content.decode()
    assert "Firefox · Android" in page and "Safari · Mac" in page
    assert "203.0.113.7" not in page and "131" not in page
    assert phone.cookies["sessionid"].value not in page
    assert len(devices.devices(cast.alice)) == 2


def test_no_session_holds_an_address_or_a_version(cast: Cast) -> None:
    on(PHONE, "alice")
    held = str([row.get_decoded() for row in Session.objects.all()])
    assert "203.0.113.7" not in held and "Gecko" not in held


def test_ending_one_leaves_the_others(cast: Cast) -> None:
    phone, laptop, tablet = on(PHONE, "alice"), on(LAPTOP, "alice"), on("iPad", "alice")
    (found,) = [d for d in devices.devices(cast.alice) if d.name == "Firefox · Android"]
    assert laptop.post("/sessions/", {"device": found.id})["Location"] == "/sessions/"
    assert phone.get(WHOAMI).status_code == 302
    assert laptop.get(WHOAMI).status_code == tablet.get(WHOAMI).status_code == 200


def test_ending_all_others_keeps_this_one(cast: Cast) -> None:
    phone, laptop, charlie = on(PHONE, "alice"), on(LAPTOP, "alice"), on(PHONE, "charlie")
    laptop.post("/sessions/", {"device": "others"})
    assert phone.get(WHOAMI).status_code == 302
    assert laptop.get(WHOAMI).status_code == charlie.get(WHOAMI).status_code == 200
    assert (cast.alice.pk, "sessions.end", cast.alice.pk) in told(cast)


def test_nobody_ends_somebody_elses(cast: Cast) -> None:
    alice, charlie = on(PHONE, "alice"), on(LAPTOP, "charlie")
    (hers,) = devices.devices(cast.alice)
    assert charlie.post("/sessions/", {"device": hers.id}).status_code == 404
    for client in (charlie, on("", "frank"), on("", "root_user")):
        assert client.post(reverse("end-sessions", args=[cast.alice.pk])).status_code == 404
        assert client.post(reverse("lock-person", args=[cast.alice.pk])).status_code == 404
    assert alice.get(WHOAMI).status_code == 200


def test_a_coordinator_ends_anybodys_sessions_even_a_waiting_one(cast: Cast) -> None:
    alice, waiting = on(PHONE, "alice"), Client()
    with_app(cast.alice)
    first_step(waiting, "alice")
    dana = on(LAPTOP, "dana")
    assert dana.post(reverse("end-sessions", args=[cast.alice.pk]))["Location"] == "/people/"
    assert alice.get(WHOAMI).status_code == 302
    assert waiting.get("/second-step/").status_code == 302
    assert devices.devices(cast.alice) == []
    assert (cast.dana.pk, "sessions.end", cast.alice.pk) in told(cast)


def test_locking_my_account_kills_sessions_and_passphrase_and_only_the_code_opens(cast: Cast) -> None:
    code = recovery.new_code(cast.keyring_of("alice"))
    phone, laptop, charlie = on(PHONE, "alice"), on(LAPTOP, "alice"), on(PHONE, "charlie")
    assert laptop.post("/lockdown/")["Location"] == "/sign-in/"
    assert phone.get(WHOAMI).status_code == laptop.get(WHOAMI).status_code == 302
    assert not UserKey.objects.filter(user=cast.alice).exists()
    assert first_step(Client(), "alice").status_code == 200
    assert charlie.get(WHOAMI).status_code == 200
    shown_code(recover(code))
    again = sign_in(Client(), "alice", NEW)
    assert again.get(WHOAMI).json()["public_key"] == cast.principals["alice"].public_key.hex()
    assert (cast.alice.pk, "lockdown.account", cast.alice.pk) in told(cast)


def test_without_a_code_it_takes_one_more_tick(cast: Cast) -> None:
    alice = on(PHONE, "alice")
    assert "could never be opened again" in alice.get("/lockdown/").content.decode()
    assert "Read the warning" in alice.post("/lockdown/").content.decode()
    assert UserKey.objects.filter(user=cast.alice).exists()
    assert alice.post("/lockdown/", {"certain": "on"})["Location"] == "/sign-in/"
    assert not UserKey.objects.filter(user=cast.alice).exists()


def test_a_coordinator_locks_an_account(cast: Cast) -> None:
    recovery.new_code(cast.keyring_of("alice"))
    alice, dana = on(PHONE, "alice"), on(LAPTOP, "dana")
    dana.post(reverse("lock-person", args=[cast.alice.pk]))
    assert alice.get(WHOAMI).status_code == 302
    assert first_step(Client(), "alice").status_code == 200
    assert dana.get(WHOAMI).status_code == 200


def test_the_whole_organisation_locks_and_starts_again(cast: Cast) -> None:
    """Rehearsed: everybody comes back with their paper and opens what they opened before."""
    codes = {name: recovery.new_code(cast.keyring_of(name)) for name in cast.users}
    invite(cast.keyring_of("alice"), cast.verdun)
    open_sessions = [on(PHONE, name) for name in ("alice", "charlie", "frank")]
    assert on(LAPTOP, "dana").post("/lockdown/everybody/")["Location"] == "/sign-in/"
    assert not UserKey.objects.exists() and not Invitation.objects.exists()
    assert all(client.get(WHOAMI).status_code == 302 for client in open_sessions)
    for name in ("alice", "frank"):
        assert first_step(Client(REMOTE_ADDR="203.0.113.9"), name, PASSPHRASE).status_code == 200
        shown_code(recover(codes[name], name))
        back = sign_in(Client(), name, NEW)
        assert back.get(WHOAMI).json()["public_key"] == cast.principals[name].public_key.hex()
    assert (cast.dana.pk, "lockdown.organisation", None) in told(cast)
    assert audit.verify() is None


def test_the_organisation_is_not_locked_over_somebody_without_a_way_back(cast: Cast) -> None:
    dana = on(LAPTOP, "dana")
    page = dana.get("/lockdown/").content.decode()
    assert "no way back for: alice, bob" in page
    dana.post("/lockdown/everybody/")
    assert UserKey.objects.count() == User.objects.count()


@pytest.mark.parametrize("name", ["alice", "charlie", "frank", "root_user"])
def test_only_coordinators_lock_everybody(cast: Cast, name: str) -> None:
    client = on(PHONE, name)
    assert client.post("/lockdown/everybody/", {"certain": "on"}).status_code == 404
    assert "Lock everybody" not in client.get("/lockdown/").content.decode()
    assert UserKey.objects.count() == User.objects.count()


def test_locking_asks_again(cast: Cast) -> None:
    from accounts import sessions

    dana = on(LAPTOP, "dana")
    session = dana.session
    session[sessions.SLOT] = session[sessions.SLOT] | {"proven": 0}
    session.save()
    for address in ("/lockdown/", "/lockdown/everybody/", reverse("lock-person", args=[cast.alice.pk])):
        assert dana.post(address, {"certain": "on"})["Location"].startswith("/prove/")
    assert UserKey.objects.count() == User.objects.count()


def test_the_console_locks_one_or_all_and_names_who_has_no_way_back(cast: Cast) -> None:
    with pytest.raises(CommandError, match="No recovery code: alice"):
        call_command("lockdown", user="alice")
    with pytest.raises(CommandError, match="no such account"):
        call_command("lockdown", user="nobody")
    assert UserKey.objects.filter(user=cast.alice).exists()
    recovery.new_code(cast.keyring_of("alice"))
    call_command("lockdown", user="Alice", stdout=StringIO())
    assert not UserKey.objects.filter(user=cast.alice).exists()
    call_command("lockdown", everybody=True, certain=True, stdout=StringIO())
    assert not UserKey.objects.exists()
