"""The printed code: it opens the same root, once, and tells nobody who guesses anything."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts import hasher, lockdown, recovery, second_factor, sessions
from accounts.crypto import recovery_code
from accounts.crypto.passphrase import KDF_FOR_TESTS_INSECURE, stretch
from accounts.crypto.recovery_code import Mistyped
from accounts.crypto.sealed import SealBroken, Sealed
from accounts.models import RecoveryKey, UserKey
from accounts.teams import auditors
from casework import audit
from tests.cast import PASSPHRASE, Cast, sign_in
from tests.factors import Clock, first_step, with_app

WHOAMI = "/test/whoami/"
REFUSED = "The user name or the recovery code is wrong"
NEW = "seven otters sing at dusk"


@pytest.fixture(autouse=True)
def pages(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.account_pages"
    # Each of the cast brings their own language; here everybody reads English.
    settings.LANGUAGES = [("en", "English")]


@pytest.fixture
def code(cast: Cast) -> str:
    return recovery.new_code(cast.keyring_of("alice"))


@pytest.fixture
def argon2_runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    runs: list[int] = []

    def counted(*arguments: Any) -> Any:
        runs.append(1)
        return stretch(*arguments)

    monkeypatch.setattr(hasher, "stretch", counted)
    monkeypatch.setattr(recovery, "stretch", counted)
    return runs


def shown_code(page: Any) -> str:
    found = re.search(r"<code>((?:[0-9A-Z]{4}-){6}[0-9A-Z]{4})</code>", page.content.decode())
    assert found, page.content.decode()
    return found[1]


def recover(code: str, name: str = "alice", passphrase: str = NEW, client: Client | None = None) -> Any:
    fields = {"username": name, "code": code, "password1": passphrase, "password2": passphrase}
    return (client or Client()).post("/recovery/", fields)


def text_of(response: Any) -> str:
    page = re.sub(r'value="[^"]*"', "", response.content.decode())
    return re.sub(r"<code>[a-z ]+</code>", "", page)


# The code itself


def test_a_code_has_130_random_bits_and_a_check() -> None:
    assert 32**recovery_code.RANDOM_SYMBOLS >= 2**128
    codes = {recovery_code.new_code() for _ in range(100)}
    assert len(codes) == 100
    assert all(recovery_code.read(code) == code for code in codes)


def test_a_code_is_read_however_it_is_written() -> None:
    code = recovery_code.new_code()
    shown = recovery_code.written(code)
    assert re.fullmatch(r"(\w{4}-){6}\w{4}", shown)
    for typed in (shown, shown.lower(), code, shown.replace("-", " "), f"  {shown}\n"):
        assert recovery_code.read(typed) == code
    assert recovery_code.read(shown.replace("0", "O").replace("1", "l")) == code


def test_a_slip_of_the_pen_is_noticed() -> None:
    code = recovery_code.new_code()
    unnoticed = 0
    for place in range(len(code)):
        for letter in recovery_code.ALPHABET.replace(code[place], ""):
            try:
                recovery_code.read(code[:place] + letter + code[place + 1 :])
                unnoticed += 1
            except Mistyped:
                pass
    assert unnoticed < 10
    for typed in ("", code[:-1], code + "0", "U" * 28, "é" * 28, code.replace(code[0], "*")):
        with pytest.raises(Mistyped):
            recovery_code.read(typed)


def test_neither_wrap_stands_in_for_the_other(cast: Cast) -> None:
    principal, salt, cost = cast.principals["alice"], bytes(16), KDF_FOR_TESTS_INSECURE
    from accounts.crypto.passphrase import unwrap_root

    stretched = stretch(recovery_code.new_code(), salt, cost, bytes(32))
    sealed = recovery_code.wrap_root(stretched, principal, salt, cost)
    assert recovery_code.unwrap_root(stretched, principal.id, 1, sealed, salt, cost).root == principal.root
    with pytest.raises(SealBroken):
        unwrap_root(stretched, principal.id, 1, sealed, salt, cost)


# Making it


def test_it_is_shown_once_and_not_kept(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    assert "You have none yet" in client.get("/recovery-code/").content.decode()
    code = shown_code(client.post("/recovery-code/"))
    assert code not in client.get("/recovery-code/").content.decode()
    row = RecoveryKey.objects.get(user=cast.alice)
    assert recovery_code.read(code).encode() not in row.root_ciphertext
    assert code not in str(dict(client.session))


def test_a_new_code_kills_the_old_one(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    old, new = (shown_code(client.post("/recovery-code/")) for _ in range(2))
    assert REFUSED in recover(old).content.decode()
    assert recover(new).status_code == 200 and first_step(Client(), "alice", NEW).status_code == 302


def test_making_one_asks_again_when_the_proof_is_old(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    session = client.session
    session[sessions.SLOT] = session[sessions.SLOT] | {"proven": 0}
    session.save()
    assert client.post("/recovery-code/")["Location"].startswith("/prove/")
    assert not RecoveryKey.objects.exists()


def test_enrolment_goes_on_with_the_code_and_nothing_opens_before(
    cast: Cast, client: Client, settings: Any
) -> None:
    settings.TEMOIN_SECOND_FACTOR_REQUIRED = False
    sign_in(client, "alice")
    with_app(cast.alice)
    settings.TEMOIN_SECOND_FACTOR_REQUIRED = True
    assert client.get(WHOAMI)["Location"] == "/recovery-code/"
    shown_code(client.post("/recovery-code/"))
    assert client.get(WHOAMI).status_code == 200


# Using it


def test_a_lost_passphrase_is_replaced_and_the_root_is_the_same(
    cast: Cast, code: str, client: Client
) -> None:
    elsewhere = sign_in(Client(), "alice")
    page = recover(code)
    assert page.status_code == 200
    assert attempt_fails("alice", PASSPHRASE)
    assert elsewhere.get(WHOAMI).status_code == 302
    again = sign_in(client, "alice", NEW)
    assert again.get(WHOAMI).json()["public_key"] == cast.principals["alice"].public_key.hex()
    assert cast.keyring_of("alice").team(cast.verdun.id).epoch == 2


def attempt_fails(name: str, passphrase: str) -> bool:
    return bool(first_step(Client(), name, passphrase).status_code == 200)


def test_a_used_code_is_dead_and_its_successor_works(cast: Cast, code: str) -> None:
    successor = shown_code(recover(code))
    assert successor != code
    assert REFUSED in recover(code, passphrase="nine herons wait by the lock").content.decode()
    shown_code(recover(successor, passphrase="nine herons wait by the lock"))
    assert not attempt_fails("alice", "nine herons wait by the lock")


def test_wrong_code_unknown_name_no_code_and_closed_account_cost_and_say_the_same(
    cast: Cast, code: str, argon2_runs: list[int]
) -> None:
    cast.charlie.is_active = False
    cast.charlie.save()
    other = recovery_code.written(recovery_code.new_code())
    answers = []
    for name, typed in (
        ("alice", other),
        ("nobody", other),
        ("bob", other),
        ("charlie", other),
        ("bob", code),
    ):
        argon2_runs.clear()
        answers.append(recover(typed, name))
        assert len(argon2_runs) == 1, name
    assert {page.status_code for page in answers} == {200}
    assert REFUSED in answers[0].content.decode()
    assert len({text_of(page) for page in answers}) == 1


def test_attempts_are_counted_before_anything_is_hashed(
    cast: Cast, code: str, argon2_runs: list[int]
) -> None:
    for _ in range(5):
        recover(recovery_code.written(recovery_code.new_code()))
    argon2_runs.clear()
    assert "Too many attempts" in recover(code).content.decode()
    assert argon2_runs == []


def test_a_mistyped_code_is_said_without_hashing(cast: Cast, code: str, argon2_runs: list[int]) -> None:
    page = recover(code[:-1])
    assert "Check each of the seven groups" in page.content.decode()
    assert argon2_runs == []


def test_a_guessable_new_passphrase_uses_nothing_up(cast: Cast, code: str) -> None:
    assert "can be guessed" in recover(code, passphrase="jesuismontreal1").content.decode()
    shown_code(recover(code))


def test_a_row_moved_or_altered_opens_nothing(cast: Cast, code: str) -> None:
    row = RecoveryKey.objects.get()
    RecoveryKey.objects.filter(user=cast.alice).update(user=cast.charlie)
    assert REFUSED in recover(code, "charlie").content.decode()
    RecoveryKey.objects.update(user=cast.alice, iterations=2)
    assert REFUSED in recover(code).content.decode()
    flipped = Sealed(row.root_ciphertext[:-1] + bytes([row.root_ciphertext[-1] ^ 1]))
    RecoveryKey.objects.update(iterations=row.iterations, root_ciphertext=flipped)
    assert REFUSED in recover(code).content.decode()
    RecoveryKey.objects.update(root_ciphertext=row.root_ciphertext)
    shown_code(recover(code))


def test_the_second_factor_stays(cast: Cast, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Clock(monkeypatch)
    with_app(cast.alice)
    recover(code)
    assert first_step(Client(), "alice", NEW)["Location"] == "/second-step/"
    assert second_factor.has_app(cast.alice)


def test_with_passphrase_and_code_a_lost_phone_is_forgotten(
    cast: Cast, code: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Clock(monkeypatch)
    with_app(cast.alice)
    first_step(client, "alice")
    wrong = client.post("/second-step/lost/", {"code": recovery_code.written(recovery_code.new_code())})
    assert REFUSED in wrong.content.decode() and second_factor.has_app(cast.alice)
    successor = shown_code(client.post("/second-step/lost/", {"code": code}))
    assert not second_factor.has_factor(cast.alice)
    assert client.get(WHOAMI).status_code == 302
    sign_in(client, "alice")
    shown_code(recover(successor))


def test_without_the_passphrase_no_factor_is_forgotten(cast: Cast, code: str) -> None:
    with_app(cast.alice)
    assert Client().post("/second-step/lost/", {"code": code})["Location"] == "/sign-in/"
    assert second_factor.has_app(cast.alice)


def test_after_a_lockdown_the_code_opens_again(cast: Cast, code: str, client: Client) -> None:
    lockdown.lock_account(cast.dana, cast.alice)
    assert attempt_fails("alice", PASSPHRASE)
    assert not UserKey.objects.filter(user=cast.alice).exists()
    shown_code(recover(code))
    again = sign_in(client, "alice", NEW)
    assert again.get(WHOAMI).json()["public_key"] == cast.principals["alice"].public_key.hex()


def test_it_is_in_the_audit_log(cast: Cast, code: str) -> None:
    recover(code)
    told = {(entry.actor, entry.action) for entry in audit.entries(cast.keyring_of("frank"), auditors().pk)}
    assert {(cast.alice.pk, "recovery.code"), (cast.alice.pk, "recovery.passphrase")} <= told
