"""A passphrase opens nothing by itself: enrolling, signing in and what is refused, at the level of requests."""

import json
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client

from accounts import second_factor, sessions
from accounts.crypto.sealed import SealBroken
from casework import audit
from tests.cast import Cast, sign_in
from tests.factors import (
    SECOND_STEP,
    App,
    Clock,
    Passkey,
    first_step,
    passkey_options,
    sign_in_with_app,
    with_app,
)

WHOAMI = "/test/whoami/"
WRONG = "This did not work."
ENROL = "/second-factor/"
ENROL_APP = "/second-factor/app/"
ENROL_PASSKEY = "/second-factor/passkey/"


@pytest.fixture(autouse=True)
def pages(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.account_pages"
    # Each of the cast brings their own language; here everybody reads English.
    settings.LANGUAGES = [("en", "English")]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def required(settings: Any) -> None:
    settings.TEMOIN_SECOND_FACTOR_REQUIRED = True


def text_of(response: Any) -> str:
    return re.sub(r'value="[^"]*"', "", response.content.decode())


def shown_secret(page: Any) -> str:
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page.content.decode())
    assert found
    return found[1].replace(" ", "")


def enrol_app(client: Client) -> tuple[App, Any]:
    app = App(shown_secret(client.get(ENROL_APP)))
    return app, client.post(ENROL_APP, {"code": app.code()})


def enrol_passkey(client: Client, name: str = "grey key") -> tuple[Passkey, Any]:
    passkey = Passkey()
    credential = passkey.create(passkey_options(client.get(ENROL_PASSKEY)))
    return passkey, client.post(ENROL_PASSKEY, {"name": name, "credential": json.dumps(credential)})


def spare_codes(page: Any) -> list[str]:
    return re.findall(r"<code>(\d{10})</code>", page.content.decode())


def in_store(client: Client) -> dict[str, Any]:
    return Session.objects.get(pk=client.cookies["sessionid"].value).get_decoded()


# Required


def test_without_a_second_factor_every_page_leads_to_enrolment(
    cast: Cast, client: Client, required: None
) -> None:
    sign_in(client, "alice")
    for address in (WHOAMI, "/", "/cases/", "/teams/", "/passphrase/", "/published/", "/test/open/"):
        assert client.get(address)["Location"] == ENROL, address
    assert client.get(ENROL).status_code == 200
    assert "Nothing else opens" in client.get(ENROL).content.decode()


def test_without_one_forms_do_nothing_either(cast: Cast, client: Client, required: None) -> None:
    sign_in(client, "alice")
    before = cast.alice.password
    assert client.post("/teams/", {"name": "Rosemont"})["Location"] == ENROL
    assert client.post("/cases/add/", {})["Location"] == ENROL
    cast.alice.refresh_from_db()
    assert cast.alice.password == before


def test_the_ways_out_are_open_before_enrolment(cast: Cast, client: Client, required: None) -> None:
    assert sign_in(Client(), "alice").post("/exit/").status_code == 303
    assert sign_in(Client(), "alice").post("/language/", {"language": "en"})["Location"] == "/"
    assert sign_in(client, "alice").post("/sign-out/")["Location"] == "/sign-in/"


def test_after_enrolment_the_house_opens(cast: Cast, client: Client, required: None, clock: Clock) -> None:
    sign_in(client, "alice")
    _, page = enrol_app(client)
    assert len(spare_codes(page)) == 10
    assert second_factor.has_factor(cast.alice)
    assert client.get(ENROL).status_code == 200


def test_where_it_is_off_every_page_says_so(cast: Cast, client: Client) -> None:
    assert "the second factor is off" in client.get("/sign-in/").content.decode()
    sign_in(client, "alice")
    assert "the second factor is off" in client.get("/teams/").content.decode()


def test_where_it_is_on_no_page_says_it_is_off(cast: Cast, client: Client, required: None) -> None:
    assert "the second factor is off" not in client.get("/sign-in/").content.decode()


# The app


def test_signing_in_takes_both_and_the_vault_waits_for_the_second(
    cast: Cast, client: Client, clock: Clock
) -> None:
    app = with_app(cast.alice)
    assert first_step(client, "alice")["Location"] == SECOND_STEP
    assert in_store(client)[sessions.SLOT]["pending"]
    assert client.get(WHOAMI).status_code == 302
    first_step(client, "alice")
    assert client.get(SECOND_STEP).status_code == 200
    assert client.post(SECOND_STEP, {"code": app.code()}).status_code == 302
    assert client.get(WHOAMI).json()["public_key"] == cast.principals["alice"].public_key.hex()


def test_the_second_page_alone_leads_back_to_the_first(cast: Cast, client: Client) -> None:
    assert client.get(SECOND_STEP)["Location"] == "/sign-in/"
    assert client.post(SECOND_STEP, {"code": "123456"})["Location"] == "/sign-in/"


def test_a_replayed_code_is_refused_like_a_wrong_one(cast: Cast, clock: Clock) -> None:
    app = with_app(cast.alice)
    used = app.code()
    sign_in_with_app(Client(), "alice", app)
    again, wrong = Client(), Client()
    first_step(again, "alice")
    first_step(wrong, "alice")
    replayed = again.post(SECOND_STEP, {"code": used})
    guessed = wrong.post(SECOND_STEP, {"code": "000000"})
    assert replayed.status_code == guessed.status_code == 200
    assert WRONG in replayed.content.decode()
    assert text_of(replayed) == text_of(guessed)
    assert again.get(WHOAMI).status_code == 302


def test_an_earlier_code_is_refused_after_a_later_one(cast: Cast, clock: Clock) -> None:
    app = with_app(cast.alice)
    sign_in_with_app(Client(), "alice", app, ahead=1)
    late = Client()
    first_step(late, "alice")
    assert WRONG in late.post(SECOND_STEP, {"code": app.code()}).content.decode()


def test_a_code_serves_one_step_of_the_clock_to_either_side(cast: Cast, clock: Clock) -> None:
    app = with_app(cast.alice)
    clock.tick(10)
    for ahead, works in ((2, False), (-2, False), (-1, True), (1, True)):
        assert second_factor.use_code(cast.alice, app.code(ahead)) is works


def test_the_code_of_enrolment_is_used_up(cast: Cast, client: Client, clock: Clock) -> None:
    sign_in(client, "alice")
    app, _ = enrol_app(client)
    again = Client()
    first_step(again, "alice")
    assert WRONG in again.post(SECOND_STEP, {"code": app.code()}).content.decode()
    clock.tick()
    sign_in_with_app(Client(), "alice", app)


def test_wrong_codes_are_counted_and_then_the_right_one_is_refused_too(
    cast: Cast, client: Client, clock: Clock
) -> None:
    app = with_app(cast.alice)
    first_step(client, "alice")
    for _ in range(5):
        assert WRONG in client.post(SECOND_STEP, {"code": "000000"}).content.decode()
    refused = client.post(SECOND_STEP, {"code": app.code()})
    assert "Too many attempts" in refused.content.decode()
    assert client.get(WHOAMI).status_code == 302


def test_the_secret_is_sealed_in_the_row_and_in_the_session(cast: Cast, client: Client, clock: Clock) -> None:
    sign_in(client, "alice")
    secret = shown_secret(client.get(ENROL_APP))
    assert secret not in str(in_store(client))
    client.post(ENROL_APP, {"code": App(secret).code()})
    row = Authenticator.objects.get(type="totp")
    assert secret not in str(row.data)
    assert secret not in str(in_store(client))
    assert json.loads(second_factor.opened_for(cast.alice, row.data["secret"]))[0] == secret


def test_spare_codes_and_the_names_of_passkeys_are_sealed_too(
    cast: Cast, client: Client, clock: Clock
) -> None:
    sign_in(client, "alice")
    _, page = enrol_passkey(client, "grey key")
    codes = spare_codes(page)
    stored = str([row.data for row in Authenticator.objects.all()])
    assert codes and not any(code in stored for code in codes)
    assert "grey key" not in stored
    assert "grey key" in client.get(ENROL).content.decode()


def test_no_row_says_when_somebody_enrolled_or_was_here(cast: Cast, client: Client, clock: Clock) -> None:
    sign_in(client, "alice")
    app, _ = enrol_app(client)
    enrol_passkey(client)
    clock.tick()
    sign_in_with_app(Client(), "alice", app)
    for row in Authenticator.objects.all():
        assert row.created_at == second_factor.NO_DAY and row.last_used_at is None
        assert "viewed_at" not in row.data


def test_another_pepper_opens_no_secret(cast: Cast, clock: Clock) -> None:
    from accounts import keyfiles

    app = with_app(cast.alice)
    keyfiles.path_of(keyfiles.PEPPER).write_text("ab" * 32)
    with pytest.raises(SealBroken):
        second_factor.use_code(cast.alice, app.code())


# Hijacking


def test_a_secret_moved_to_another_account_opens_nothing(cast: Cast, clock: Clock) -> None:
    """A database writer puts their own app on somebody's account."""
    app = with_app(cast.charlie)
    Authenticator.objects.filter(user=cast.charlie).update(user=cast.alice)
    with pytest.raises(SealBroken):
        second_factor.use_code(cast.alice, app.code())


def test_naming_another_account_while_enrolling_changes_only_ones_own(
    cast: Cast, client: Client, clock: Clock
) -> None:
    """The hole that SecureDrop's audit found: the account came from the form."""
    sign_in(client, "charlie")
    app = App(shown_secret(client.get(ENROL_APP)))
    fields = {"code": app.code(), "user": str(cast.alice.pk), "user_id": str(cast.alice.pk), "uid": "alice"}
    client.post(f"{ENROL_APP}?user={cast.alice.pk}", fields)
    assert second_factor.has_app(cast.charlie)
    assert not second_factor.has_factor(cast.alice)


def test_a_secret_waiting_in_one_session_is_no_use_in_another(
    cast: Cast, client: Client, clock: Clock
) -> None:
    """Put into bob's session by hand, it is not taken over: he is shown a new one."""
    charlie = sign_in(Client(), "charlie")
    known = shown_secret(charlie.get(ENROL_APP))
    sign_in(client, "bob")
    session = client.session
    session["factor_secret"] = in_store(charlie)["factor_secret"]
    session.save()
    assert WRONG in client.post(ENROL_APP, {"code": App(known).code()}).content.decode()
    assert not second_factor.has_factor(cast.bob)


def test_nobody_adds_an_app_over_the_one_that_is_there(cast: Cast, client: Client, clock: Clock) -> None:
    app = with_app(cast.alice)
    sign_in_with_app(client, "alice", app)
    before = Authenticator.objects.get().data
    assert client.get(ENROL_APP)["Location"] == ENROL
    assert client.post(ENROL_APP, {"code": app.code()})["Location"] == ENROL
    assert Authenticator.objects.get().data == before


def test_nobody_removes_somebody_elses(cast: Cast, client: Client, clock: Clock) -> None:
    with_app(cast.alice)
    row = Authenticator.objects.get()
    for name in ("bob", "charlie", "dana", "root_user"):
        assert sign_in(Client(), name).post(f"/second-factor/{row.pk}/remove/").status_code == 404
    assert Authenticator.objects.get() == row


def test_one_persons_code_does_not_open_another(cast: Cast, client: Client, clock: Clock) -> None:
    with_app(cast.alice)
    charlies = with_app(cast.charlie)
    first_step(client, "alice")
    assert WRONG in client.post(SECOND_STEP, {"code": charlies.code()}).content.decode()


def test_a_passphrase_alone_enrols_nothing_once_there_is_a_factor(
    cast: Cast, client: Client, clock: Clock
) -> None:
    with_app(cast.alice)
    first_step(client, "alice")
    for address in (ENROL, ENROL_APP, ENROL_PASSKEY):
        assert client.get(address)["Location"].startswith("/sign-in/")


# Spare codes and removal


def test_a_spare_code_opens_once(cast: Cast, client: Client, clock: Clock) -> None:
    sign_in(client, "alice")
    _, page = enrol_app(client)
    code = spare_codes(page)[3]
    visitor, again = Client(), Client()
    first_step(visitor, "alice")
    assert visitor.post(SECOND_STEP, {"code": code}).status_code == 302
    assert visitor.get(WHOAMI).status_code == 200
    first_step(again, "alice")
    assert WRONG in again.post(SECOND_STEP, {"code": code}).content.decode()
    assert "9 codes are left" in client.get(ENROL).content.decode()


def test_new_spare_codes_end_the_old_ones(cast: Cast, client: Client, clock: Clock) -> None:
    sign_in(client, "alice")
    _, page = enrol_app(client)
    new = spare_codes(client.post("/second-factor/codes/"))
    assert len(new) == 10 and not set(new) & set(spare_codes(page))
    assert not second_factor.use_code(cast.alice, spare_codes(page)[0])
    assert second_factor.use_code(cast.alice, new[0])


def test_without_a_factor_there_are_no_spare_codes(cast: Cast, client: Client) -> None:
    assert sign_in(client, "alice").post("/second-factor/codes/").status_code == 404


def test_the_last_factor_stays_where_one_is_required(
    cast: Cast, client: Client, clock: Clock, settings: Any
) -> None:
    sign_in(client, "alice")
    enrol_app(client)
    enrol_passkey(client)
    settings.TEMOIN_SECOND_FACTOR_REQUIRED = True
    first, second = Authenticator.objects.exclude(type="recovery_codes").order_by("pk")
    second_factor.remove(cast.alice, first.pk)
    with pytest.raises(second_factor.LastFactor):
        second_factor.remove(cast.alice, second.pk)


def test_removing_the_last_where_none_is_required_ends_the_spare_codes(
    cast: Cast, client: Client, clock: Clock
) -> None:
    sign_in(client, "alice")
    enrol_app(client)
    row = Authenticator.objects.get(type="totp")
    assert client.post(f"/second-factor/{row.pk}/remove/")["Location"] == ENROL
    assert not Authenticator.objects.exists()


# Passkeys


def test_a_passkey_opens(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    passkey, page = enrol_passkey(client)
    assert len(spare_codes(page)) == 10
    visitor = Client()
    first_step(visitor, "alice")
    options = passkey_options(visitor.get(SECOND_STEP))
    answer = visitor.post(SECOND_STEP, {"credential": json.dumps(passkey.get(options))})
    assert answer.status_code == 302
    assert visitor.get(WHOAMI).status_code == 200


def test_a_passkey_of_somebody_else_a_stale_challenge_and_nonsense_read_alike(
    cast: Cast, client: Client
) -> None:
    passkey, _ = enrol_passkey(sign_in(client, "alice"))
    strangers, _ = enrol_passkey(sign_in(Client(), "charlie"))
    visitor = Client()
    first_step(visitor, "alice")
    stale = passkey.get(passkey_options(visitor.get(SECOND_STEP)))
    options = passkey_options(visitor.get(SECOND_STEP))
    elsewhere = Passkey("example.test")
    elsewhere.key, elsewhere.id = passkey.key, passkey.id
    for answer in (strangers.get(options), elsewhere.get(options), stale, {"id": "x"}, "x", 5):
        refused = visitor.post(SECOND_STEP, {"credential": json.dumps(answer)})
        assert refused.status_code == 200
        said = refused.content.decode()
        assert WRONG in said or "Too many attempts" in said
    assert visitor.get(WHOAMI).status_code == 302


@pytest.mark.parametrize("answer", ["{}", "[]", "5", '{"id": "x", "rawId": "x", "response": {}}', "not json"])
def test_a_passkey_that_is_none_is_not_kept(cast: Cast, client: Client, answer: str) -> None:
    sign_in(client, "alice")
    client.get(ENROL_PASSKEY)
    assert client.post(ENROL_PASSKEY, {"name": "key", "credential": answer}).status_code == 200
    assert not Authenticator.objects.exists()


def test_a_passkey_made_for_another_session_is_not_kept(cast: Cast, client: Client) -> None:
    charlie = sign_in(Client(), "charlie")
    credential = Passkey().create(passkey_options(charlie.get(ENROL_PASSKEY)))
    sign_in(client, "alice").get(ENROL_PASSKEY)
    page = client.post(ENROL_PASSKEY, {"name": "key", "credential": json.dumps(credential)})
    assert WRONG in page.content.decode()
    assert not Authenticator.objects.exists()


def test_no_log_line_names_a_passkey(cast: Cast, client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    passkey, _ = enrol_passkey(sign_in(client, "alice"))
    assert passkey.id.hex() not in "".join(capfd.readouterr())


def test_adding_and_removing_is_in_the_audit_log(cast: Cast, client: Client, clock: Clock) -> None:
    sign_in(client, "alice")
    enrol_app(client)
    client.post(f"/second-factor/{Authenticator.objects.get(type='totp').pk}/remove/")
    told = list(audit.entries(cast.keyring_of("frank"), second_factor_auditors()))
    assert {(entry.actor, entry.action) for entry in told} >= {
        (cast.alice.pk, "factor.add"),
        (cast.alice.pk, "factor.codes"),
        (cast.alice.pk, "factor.remove"),
    }
    assert audit.verify() is None


def second_factor_auditors() -> Any:
    from accounts.teams import auditors

    return auditors().pk
