import os
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.crypto import passphrase as subject
from accounts.crypto.passphrase import KDF_FOR_TESTS_INSECURE as CHEAP
from accounts.crypto.passphrase import KdfParameters, stretch, unwrap_root, wrap_root
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken

SALT, PEPPER = bytes(range(16)), bytes(range(32))


def test_the_default_cost_is_the_one_the_design_names():
    assert KdfParameters() == KdfParameters(iterations=3, memory_kib=262144, lanes=2)


def test_a_passphrase_opens_the_root_it_wrapped_and_another_does_not():
    alice = Principal.generate("user", epoch=4)
    sealed = wrap_root(stretch("right", SALT, CHEAP, PEPPER), alice, SALT, CHEAP)
    opened = unwrap_root(stretch("right", SALT, CHEAP, PEPPER), alice.id, 4, sealed, SALT, CHEAP)
    assert (opened.kind, opened.id, opened.epoch, opened.root) == ("user", alice.id, 4, alice.root)
    with pytest.raises(SealBroken):
        unwrap_root(stretch("wrong", SALT, CHEAP, PEPPER), alice.id, 4, sealed, SALT, CHEAP)


@given(st.text(max_size=60))
def test_every_passphrase_stretches_the_same_way_twice(passphrase):
    one, other = (stretch(passphrase, SALT, CHEAP, PEPPER) for _ in range(2))
    assert one.matches(other.verifier)
    assert one.wrap_key == other.wrap_key
    assert one.verifier != one.wrap_key


def test_accents_typed_on_another_keyboard_are_the_same_passphrase():
    composed, decomposed = "été", "e\u0301te\u0301"
    assert composed != decomposed
    assert stretch(composed, SALT, CHEAP, PEPPER).matches(stretch(decomposed, SALT, CHEAP, PEPPER).verifier)


def test_a_salt_a_pepper_and_a_cost_each_change_both_halves():
    base = stretch("word", SALT, CHEAP, PEPPER)
    for other in (
        stretch("word", bytes(16), CHEAP, PEPPER),
        stretch("word", SALT, CHEAP, bytes(32)),
        stretch("word", SALT, KdfParameters(2, 64, 1), PEPPER),
    ):
        assert not base.matches(other.verifier)
        assert base.wrap_key != other.wrap_key


def test_one_stretch_runs_argon2id_once(monkeypatch):
    runs = count_runs(monkeypatch)
    stretch("word", SALT, CHEAP, PEPPER)
    assert len(runs) == 1


def count_runs(monkeypatch, during=lambda: None):
    runs = []

    class Counting:
        def __init__(self, **parameters):
            pass

        def derive(self, key_material):
            runs.append(1)
            during()
            return bytes(32)

    monkeypatch.setattr(subject, "Argon2id", Counting)
    return runs


def test_a_third_run_waits_for_one_of_the_two_before_it(monkeypatch):
    free = []

    def while_running():
        if len(runs) == 1:
            stretch("second", SALT, CHEAP, PEPPER)
        else:
            free.append(subject._SLOTS.acquire(blocking=False))

    runs = count_runs(monkeypatch, while_running)
    stretch("first", SALT, CHEAP, PEPPER)
    assert (len(runs), free) == (2, [False])


def test_a_failing_run_gives_its_slot_back(monkeypatch):
    def fails():
        raise MemoryError

    count_runs(monkeypatch, fails)
    for _ in range(3):
        with pytest.raises(MemoryError):
            stretch("word", SALT, CHEAP, PEPPER)
    assert subject._SLOTS.acquire(blocking=False)
    subject._SLOTS.release()


@pytest.mark.parametrize(
    "passphrase",
    ["a" * 1025, "é" * 513, "\ufdfa" * 32, "o\u0308\u0304" * 512, "a" * 1_000_000, "\ud800"],
    ids=[
        "too long",
        "too long in bytes",
        "too long once normalised",
        "too long as typed",
        "a megabyte",
        "not Unicode",
    ],
)
def test_it_refuses_a_passphrase_before_hashing_it(monkeypatch, passphrase):
    runs = count_runs(monkeypatch)
    with pytest.raises(ValueError, match="a passphrase is") as refusal:
        stretch(passphrase, SALT, CHEAP, PEPPER)
    assert runs == []
    assert passphrase not in str(refusal.value)


def test_it_takes_a_passphrase_of_exactly_one_kibibyte():
    assert len(stretch("a" * 1024, SALT, CHEAP, PEPPER).wrap_key) == 32
    assert len(stretch("é" * 512, SALT, CHEAP, PEPPER).wrap_key) == 32


@pytest.mark.parametrize(("salt", "pepper"), [(bytes(15), PEPPER), (SALT, bytes(31)), (SALT, b"")])
def test_it_refuses_a_short_salt_or_pepper(salt, pepper):
    with pytest.raises(ValueError, match="at least"):
        stretch("word", salt, CHEAP, pepper)


@pytest.mark.parametrize(
    "cost",
    [
        (0, 64, 1),
        (17, 64, 1),
        (1, 64, 0),
        (1, 1024, 17),
        (1, 7, 1),
        (1, 15, 2),
        (1, 2**20 + 1, 1),
        (-1, 64, 1),
    ],
)
def test_a_database_writer_cannot_ask_for_an_impossible_or_ruinous_cost(cost):
    with pytest.raises(ValueError, match="Argon2id takes"):
        KdfParameters(*cost)


def test_only_users_have_a_passphrase():
    stretched = stretch("word", SALT, CHEAP, PEPPER)
    with pytest.raises(ValueError, match="only users"):
        wrap_root(stretched, Principal.generate("team"), SALT, CHEAP)


def test_a_lowered_cost_does_not_open_even_with_the_right_wrap_key():
    alice, stretched = Principal.generate("user"), stretch("word", SALT, CHEAP, PEPPER)
    sealed = wrap_root(stretched, alice, SALT, KdfParameters(3, 64, 1))
    for lowered in (KdfParameters(2, 64, 1), KdfParameters(3, 63, 1)):
        with pytest.raises(SealBroken):
            unwrap_root(stretched, alice.id, 1, sealed, SALT, lowered)


def test_a_root_does_not_open_in_somebody_elses_row():
    alice, stretched = Principal.generate("user"), stretch("word", SALT, CHEAP, PEPPER)
    sealed = wrap_root(stretched, alice, SALT, CHEAP)
    for user, epoch, salt in ((uuid4(), 1, SALT), (alice.id, 2, SALT), (alice.id, 1, os.urandom(16))):
        with pytest.raises(SealBroken):
            unwrap_root(stretched, user, epoch, sealed, salt, CHEAP)
