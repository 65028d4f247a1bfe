"""A passphrase is offered, and one that can be guessed is refused."""

import html
import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts import passphrases
from accounts.models import User
from accounts.validators import HardToGuess
from casework import audit
from tests.cast import PASSPHRASE, Cast, sign_in
from tests.factors import first_step

GUESSABLE = (
    "motdepasse12345",
    "passwordpassword",
    "jesuismontreal1",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "abcdefghijklmnop",
    "soleil soleil soleil",
    "helenelarose1984",
)
GOOD = ("nine llamas knit quietly", "quatre huards au large", "été à vélo sous la pluie d'août")


def offered_on(page: Any) -> str:
    found = re.search(r"<code>([a-z ]+)</code>", html.unescape(page.content.decode()))
    assert found
    return found[1]


@pytest.mark.parametrize("language", passphrases.LANGUAGES)
def test_each_list_has_2048_different_words_anybody_can_type(language: str) -> None:
    found = passphrases.words(language)
    assert len(found) == len(set(found)) == 2048
    assert len({word[:4] for word in found}) == 2048
    assert all(re.fullmatch(r"[a-z]{3,8}", word) for word in found)


@pytest.mark.parametrize("language", passphrases.LANGUAGES)
def test_what_is_offered_is_six_words_and_good_enough(language: str) -> None:
    for _ in range(20):
        made = passphrases.offered(language)
        assert len(made.split()) == passphrases.WORDS
        assert set(made.split()) <= set(passphrases.words(language))
        HardToGuess().validate(made)


def test_no_two_offers_are_alike() -> None:
    assert len({passphrases.offered("fr") for _ in range(50)}) == 50


@pytest.mark.parametrize("passphrase", GUESSABLE)
def test_what_can_be_guessed_is_refused(passphrase: str) -> None:
    with pytest.raises(ValidationError):
        HardToGuess().validate(passphrase, User(username="helene"))


@pytest.mark.parametrize("passphrase", GOOD)
def test_words_of_ones_own_need_no_digit_and_no_sign(passphrase: str) -> None:
    HardToGuess().validate(passphrase, User(username="helene"))


def test_the_longest_passphrase_is_judged_quickly_and_not_refused_for_its_length() -> None:
    HardToGuess().validate(passphrases.offered("en") + " and more" * 100)


def test_the_offer_is_in_the_language_of_the_page(cast: Cast) -> None:
    for language in passphrases.LANGUAGES:
        client = sign_in(Client(headers={"Accept-Language": language}), "alice")
        client.post("/language/", {"language": language})
        assert set(offered_on(client.get("/passphrase/")).split()) <= set(passphrases.words(language))


def test_the_offer_is_kept_nowhere(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    first = offered_on(client.get("/passphrase/"))
    assert first not in str(dict(client.session))
    assert offered_on(client.get("/passphrase/")) != first


def test_the_offer_taken_becomes_the_passphrase(cast: Cast, client: Client) -> None:
    sign_in(client, "alice")
    taken = offered_on(client.get("/passphrase/"))
    client.post("/passphrase/", {"oldpassword": PASSPHRASE, "password1": taken, "password2": taken})
    assert first_step(Client(), "alice", taken).status_code == 302
    assert first_step(Client(), "alice").status_code == 200
    told = list(audit.entries(cast.keyring_of("frank"), _auditors()))
    assert (cast.alice.pk, "passphrase.change") in {(entry.actor, entry.action) for entry in told}


def test_a_guessable_one_is_refused_on_the_page_and_changes_nothing(cast: Cast, client: Client) -> None:
    sign_in(client, "bob")
    guess = "jesuismontreal1"
    page = client.post("/passphrase/", {"oldpassword": PASSPHRASE, "password1": guess, "password2": guess})
    assert "can be guessed" in page.content.decode()
    assert guess not in page.content.decode()
    assert first_step(Client(), "bob").status_code == 302


def _auditors() -> Any:
    from accounts.teams import auditors

    return auditors().pk
