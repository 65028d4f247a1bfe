"""Coming in and going out, at the level of requests, with real keys."""

import base64
import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts import hasher, sessions
from accounts.crypto.session_lock import unlock
from accounts.models import User, UserKey
from accounts.people import wrap_under
from tests.cast import PASSPHRASE, Cast, sign_in

WHOAMI = "/test/whoami/"
NEW_PASSPHRASE = "seven otters sing at dusk"


@pytest.fixture(autouse=True)
def pages(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.account_pages"


@pytest.fixture
def argon2_runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    runs: list[int] = []
    real = hasher.stretch

    def counted(*arguments: Any) -> Any:
        runs.append(1)
        return real(*arguments)

    monkeypatch.setattr(hasher, "stretch", counted)
    return runs


def attempt(client: Client, name: str, passphrase: str) -> Any:
    return client.post("/sign-in/", {"login": name, "password": passphrase})


def text_of(response: Any) -> str:
    """What the page says, without the parts that differ in every answer."""
    return re.sub(r'value="[^"]*"', "", response.content.decode())


def vault_cookie(client: Client, settings: Any) -> Any:
    return client.cookies.get(settings.TEMOIN_VAULT_COOKIE)


def stored(client: Client) -> dict[str, Any]:
    return Session.objects.get(pk=client.cookies["sessionid"].value).get_decoded()


def age_by(client: Client, seconds: int, *fields: str) -> None:
    session = client.session
    slot = session[sessions.SLOT]
    session[sessions.SLOT] = slot | {field: slot[field] - seconds for field in fields}
    session.save()


def is_shut_out(response: Any) -> bool:
    return response.status_code == 302 and response["Location"].startswith("/sign-in/?locked=1")


def test_signing_in_opens_the_vault_with_one_run_of_argon2(
    cast: Cast, client: Client, argon2_runs: list[int]
) -> None:
    sign_in(client, "alice")
    assert len(argon2_runs) == 1
    seen = client.get(WHOAMI).json()
    assert seen == {"user": "alice", "public_key": cast.principals["alice"].public_key.hex()}


def test_the_vault_cookie_is_out_of_reach_of_scripts_and_other_sites(
    cast: Cast, client: Client, settings: Any
) -> None:
    sign_in(client, "alice")
    cookie = vault_cookie(client, settings)
    assert cookie["httponly"] and cookie["samesite"] == "Strict" and cookie["path"] == "/"
    assert not cookie["max-age"] and not cookie["expires"] and not cookie["domain"]
    assert bool(cookie["secure"]) == settings.SESSION_COOKIE_SECURE


def test_an_unknown_user_and_a_wrong_passphrase_cost_and_say_the_same(
    cast: Cast, client: Client, argon2_runs: list[int]
) -> None:
    wrong = attempt(client, "alice", "not her passphrase")
    assert len(argon2_runs) == 1
    unknown = attempt(client, "nobody", "not her passphrase")
    assert len(argon2_runs) == 2
    assert wrong.status_code == unknown.status_code == 200
    assert "The user name or the passphrase is wrong." in wrong.content.decode()
    assert text_of(wrong) == text_of(unknown)


def test_a_closed_account_looks_like_a_wrong_passphrase(
    cast: Cast, client: Client, argon2_runs: list[int]
) -> None:
    User.objects.filter(username="bob").update(is_active=False)
    closed = attempt(client, "bob", PASSPHRASE)
    assert text_of(closed) == text_of(attempt(client, "nobody", PASSPHRASE))
    assert len(argon2_runs) == 2
    assert sessions.SLOT not in client.session


def test_a_wrong_passphrase_is_not_written_back_into_the_page(cast: Cast, client: Client) -> None:
    assert "not her passphrase" not in attempt(client, "alice", "not her passphrase").content.decode()


def test_attempts_are_counted_before_anything_is_hashed(
    cast: Cast, client: Client, argon2_runs: list[int]
) -> None:
    for _ in range(5):
        attempt(client, "alice", "a guess at her passphrase")
    refused = attempt(client, "alice", PASSPHRASE)
    assert len(argon2_runs) == 5
    assert "Too many attempts" in refused.content.decode()
    assert sessions.SLOT not in client.session


def test_one_address_cannot_try_many_names(cast: Cast, client: Client, argon2_runs: list[int]) -> None:
    answers = [attempt(client, f"name{number}", "a guess") for number in range(12)]
    assert len(argon2_runs) == 10
    assert "Too many attempts" in answers[-1].content.decode()


@pytest.mark.parametrize("passphrase", ["x" * 1_000_000, "\ufdfa" * 200])
def test_a_passphrase_of_enormous_size_is_refused_unhashed(
    cast: Cast, client: Client, argon2_runs: list[int], passphrase: str
) -> None:
    answer = attempt(client, "alice", passphrase)
    assert answer.status_code == 200
    assert "at most 1024 bytes" in answer.content.decode()
    assert argon2_runs == []


def test_neither_half_holds_the_root(cast: Cast, client: Client, settings: Any) -> None:
    sign_in(client, "alice")
    root, session = cast.principals["alice"].root, stored(client)
    slot, key = session[sessions.SLOT], base64.b64decode(vault_cookie(client, settings).value)
    assert base64.b64encode(root).decode() not in str(session)
    assert root.hex() not in str(session)
    assert key != root
    both = unlock(
        key,
        cast.alice.id,
        slot["epoch"],
        base64.b64decode(slot["root"]),
        base64.b64decode(slot["session"]),
    )
    assert both.root == root


def test_without_the_cookie_half_the_session_half_is_deleted(
    cast: Cast, client: Client, settings: Any
) -> None:
    sign_in(client, "bob")
    session_key = client.cookies["sessionid"].value
    del client.cookies[settings.TEMOIN_VAULT_COOKIE]
    assert is_shut_out(client.get(WHOAMI))
    assert not Session.objects.filter(pk=session_key).exists()
    page = client.get("/sign-in/?locked=1").content.decode()
    assert "Your session was locked" in page


def test_without_the_session_half_the_cookie_half_is_deleted(
    cast: Cast, client: Client, settings: Any
) -> None:
    sign_in(client, "alice")
    del client.cookies["sessionid"]
    assert client.get(WHOAMI).status_code == 302
    assert vault_cookie(client, settings).value == ""


@pytest.mark.parametrize("altered", ["", "AAAA", "not base64 at all", base64.b64encode(bytes(32)).decode()])
def test_an_altered_cookie_half_opens_nothing(
    cast: Cast, client: Client, settings: Any, altered: str
) -> None:
    sign_in(client, "alice")
    client.cookies[settings.TEMOIN_VAULT_COOKIE] = altered
    assert is_shut_out(client.get(WHOAMI))
    assert sessions.SLOT not in client.session


def test_a_flipped_bit_in_the_session_half_opens_nothing(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    session = client.session
    sealed = bytearray(base64.b64decode(session[sessions.SLOT]["root"]))
    sealed[-1] ^= 1
    session[sessions.SLOT] = session[sessions.SLOT] | {"root": base64.b64encode(sealed).decode()}
    session.save()
    assert is_shut_out(client.get(WHOAMI))


def test_one_persons_cookie_does_not_open_another_persons_session(
    cast: Cast, client: Client, settings: Any
) -> None:
    sign_in(client, "alice")
    bob = sign_in(Client(), "bob")
    client.cookies[settings.TEMOIN_VAULT_COOKIE] = vault_cookie(bob, settings).value
    assert is_shut_out(client.get(WHOAMI))


def test_the_server_locks_an_idle_session(cast: Cast, client: Client, settings: Any) -> None:
    sign_in(client, "alice")
    age_by(client, settings.TEMOIN_IDLE_SECONDS - 60, "seen")
    assert client.get(WHOAMI).status_code == 200
    age_by(client, settings.TEMOIN_IDLE_SECONDS + 60, "seen")
    assert is_shut_out(client.get(WHOAMI))


def test_activity_puts_the_idle_limit_off(cast: Cast, client: Client, settings: Any) -> None:
    sign_in(client, "alice")
    for _ in range(3):
        age_by(client, settings.TEMOIN_IDLE_SECONDS - 60, "seen")
        assert client.get(WHOAMI).status_code == 200


def test_a_page_that_reloads_itself_is_no_activity(cast: Cast, client: Client, settings: Any) -> None:
    sign_in(client, "alice")
    half = settings.TEMOIN_IDLE_SECONDS // 2 + 60
    age_by(client, half, "seen")
    assert client.get("/test/progress/").status_code == 200
    age_by(client, half, "seen")
    assert is_shut_out(client.get("/test/progress/"))


def test_no_activity_puts_the_absolute_limit_off(cast: Cast, client: Client, settings: Any) -> None:
    sign_in(client, "alice")
    age_by(client, settings.TEMOIN_ABSOLUTE_SECONDS + 60, "opened")
    assert is_shut_out(client.get(WHOAMI))


def test_a_clock_set_back_lengthens_nothing(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    age_by(client, -3600, "seen", "opened")
    assert is_shut_out(client.get(WHOAMI))


def test_a_pending_vault_opens_nothing(cast: Cast, client: Client) -> None:
    """The state between the passphrase and a second factor."""
    sign_in(client, "alice")
    session = client.session
    session[sessions.SLOT] = session[sessions.SLOT] | {"pending": True}
    session.save()
    assert is_shut_out(client.get(WHOAMI))


def test_a_pending_vault_waits_for_somebody_who_is_not_signed_in_yet(
    cast: Cast, client: Client, settings: Any
) -> None:
    sign_in(client, "alice")
    session = client.session
    session[sessions.SLOT] = session[sessions.SLOT] | {"pending": True}
    del session["_auth_user_id"]
    session.save()
    assert client.get("/test/open/").json() == {"keyring": False}
    assert client.session[sessions.SLOT]["pending"]
    age_by(client, settings.ACCOUNT_LOGIN_TIMEOUT + 60, "opened")
    assert client.get("/test/open/").json() == {"keyring": False}
    assert sessions.SLOT not in client.session


def test_signing_out_leaves_neither_half(cast: Cast, client: Client, settings: Any) -> None:
    sign_in(client, "alice")
    session_key = client.cookies["sessionid"].value
    response = client.post("/sign-out/")
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert response["Cache-Control"] == "no-store"
    assert vault_cookie(client, settings).value == ""
    assert not Session.objects.filter(pk=session_key).exists()
    assert client.get(WHOAMI).status_code == 302


def test_looking_at_the_sign_out_page_signs_nobody_out(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    assert client.get("/sign-out/").status_code == 200
    assert client.get(WHOAMI).status_code == 200


def test_quick_exit_signs_out_and_leads_away(cast: Cast, client: Client, settings: Any) -> None:
    sign_in(client, "alice")
    session_key = client.cookies["sessionid"].value
    response = client.post("/exit/")
    assert (response.status_code, response["Location"]) == (303, settings.TEMOIN_QUICK_EXIT_URL)
    assert response["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert vault_cookie(client, settings).value == ""
    assert not Session.objects.filter(pk=session_key).exists()


def test_quick_exit_works_for_whoever_is_signed_out_or_has_no_csrf_token(
    db: None, client: Client, settings: Any
) -> None:
    for visitor in (client, Client(enforce_csrf_checks=True)):
        response = visitor.post("/exit/")
        assert (response.status_code, response["Location"]) == (303, settings.TEMOIN_QUICK_EXIT_URL)


def test_another_site_cannot_sign_people_out_with_it(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    response = client.post("/exit/", headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 303
    assert "Clear-Site-Data" not in response
    assert client.get(WHOAMI).status_code == 200


def test_every_answer_to_somebody_signed_in_is_kept_nowhere(cast: Cast, client: Client) -> None:
    assert "no-store" not in client.get("/test/open/").get("Cache-Control", "")
    sign_in(client, "alice")
    for address in (WHOAMI, "/test/open/", "/passphrase/", "/teams/", "/nothing-here/"):
        assert client.get(address)["Cache-Control"] == "no-store", address


def test_htmx_is_sent_to_the_whole_sign_in_page(cast: Cast, client: Client, settings: Any) -> None:
    sign_in(client, "alice")
    age_by(client, settings.TEMOIN_IDLE_SECONDS + 60, "seen")
    response = client.get(WHOAMI, headers={"HX-Request": "true"})
    assert response.status_code == 204
    assert response["HX-Redirect"] == "/sign-in/?locked=1"


def test_a_locked_page_is_found_again_after_signing_in(cast: Cast, client: Client, settings: Any) -> None:
    sign_in(client, "alice")
    age_by(client, settings.TEMOIN_IDLE_SECONDS + 60, "seen")
    address = client.get(WHOAMI)["Location"]
    assert "next=%2Ftest%2Fwhoami%2F" in address
    page = client.get(address).content.decode()
    assert '<input type="hidden" name="next" value="/test/whoami/">' in page
    response = client.post(address, {"login": "alice", "password": PASSPHRASE, "next": WHOAMI})
    assert response["Location"] == WHOAMI


def test_a_change_of_passphrase_keeps_the_root(cast: Cast, client: Client, argon2_runs: list[int]) -> None:
    sign_in(client, "alice")
    elsewhere = sign_in(Client(), "alice")
    fields = {"oldpassword": PASSPHRASE, "password1": NEW_PASSPHRASE, "password2": NEW_PASSPHRASE}
    response = client.post("/passphrase/", fields)
    assert (response.status_code, response["Location"]) == (302, "/sign-in/")
    assert len(argon2_runs) == 4
    assert client.get(WHOAMI).status_code == elsewhere.get(WHOAMI).status_code == 302
    assert attempt(Client(), "alice", PASSPHRASE).status_code == 200
    again = sign_in(Client(), "alice", NEW_PASSPHRASE)
    assert again.get(WHOAMI).json()["public_key"] == cast.principals["alice"].public_key.hex()


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("wrong", NEW_PASSPHRASE, NEW_PASSPHRASE, "not your present passphrase"),
        (PASSPHRASE, NEW_PASSPHRASE, "another", "The two passphrases differ"),
        (PASSPHRASE, "short", "short", "too short"),
    ],
)
def test_a_change_of_passphrase_that_is_refused_changes_nothing(
    cast: Cast, client: Client, old: str, new: str, again: str, said: str
) -> None:
    sign_in(client, "bob")
    before = UserKey.objects.get(user=cast.bob).root_ciphertext
    page = client.post("/passphrase/", {"oldpassword": old, "password1": new, "password2": again})
    assert page.status_code == 200
    assert said in page.content.decode()
    assert UserKey.objects.get(user=cast.bob).root_ciphertext == before
    sign_in(Client(), "bob")


def test_a_reset_locks_the_vault_and_mints_no_new_root(cast: Cast, client: Client) -> None:
    from allauth.account.adapter import get_adapter

    before = UserKey.objects.get(user=cast.alice).root_ciphertext
    get_adapter().set_password(cast.alice, NEW_PASSPHRASE)
    key = UserKey.objects.get(user=cast.alice)
    assert key.stale and key.root_ciphertext == before
    page = attempt(client, "alice", NEW_PASSPHRASE)
    assert "Nothing is lost." in page.content.decode()
    assert sessions.SLOT not in client.session


def test_a_passphrase_set_behind_the_adapters_back_opens_nothing(cast: Cast, client: Client) -> None:
    """As `manage.py changepassword` would."""
    cast.alice.set_password(NEW_PASSPHRASE)
    cast.alice.save()
    assert "Nothing is lost." in attempt(client, "alice", NEW_PASSPHRASE).content.decode()
    assert client.get(WHOAMI).status_code == 302


def test_a_downgraded_cost_in_the_row_opens_nothing(cast: Cast, client: Client) -> None:
    UserKey.objects.filter(user=cast.alice).update(lanes=2)
    assert "Nothing is lost." in attempt(client, "alice", PASSPHRASE).content.decode()
    assert sessions.SLOT not in client.session


def test_an_account_without_keys_does_not_get_in(cast: Cast, client: Client) -> None:
    user = User(username="made.by.hand", is_superuser=True)
    user.set_password(PASSPHRASE)
    user.save()
    attempt(client, "made.by.hand", PASSPHRASE)
    assert client.get(WHOAMI).status_code == 302


def test_a_superuser_without_a_seat_holds_only_their_own_key(cast: Cast, client: Client) -> None:
    sign_in(client, "root_user")
    assert client.get(WHOAMI).json()["user"] == "root_user"
    assert cast.keyring_of("root_user").teams == []


def test_capitals_and_blanks_around_a_user_name_do_not_matter(cast: Cast, client: Client) -> None:
    sign_in(client, " Alice ")
    assert client.get(WHOAMI).json()["user"] == "alice"


def test_the_page_speaks_the_language_of_whoever_signed_in(cast: Cast, client: Client) -> None:
    sign_in(client, "bob")
    assert client.cookies["django_language"].value == "en"


def test_pages_are_closed_unless_they_say_otherwise(db: None, client: Client) -> None:
    for name in ("account_change_password", "teams"):
        assert client.get(reverse(name)).status_code == 302
    assert client.get("/test/open/").status_code == 200


def test_there_is_no_sign_up_page(cast: Cast, client: Client) -> None:
    for address in ("/signup/", "/sign-up/", "/accounts/signup/", "/login/", "/password/reset/", "/email/"):
        assert client.get(address).status_code == 404


def test_forms_must_come_from_our_own_pages(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    for address in ("/sign-in/", "/sign-out/"):
        assert strict.post(address, {"login": "alice", "password": PASSPHRASE}).status_code == 403


def test_rewrapping_uses_the_newest_run(cast: Cast) -> None:
    wrap_under(cast.bob, cast.principals["bob"], NEW_PASSPHRASE)
    assert cast.bob.check_password(NEW_PASSPHRASE)
