import os
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.crypto.session_lock import lock, unlock

ALICE = Principal.generate("user", epoch=3)


@given(st.binary(max_size=64))
def test_both_halves_together_unlock_the_root(session):
    cookie_key, sealed = lock(ALICE, session)
    unlocked = unlock(cookie_key, ALICE.id, 3, sealed, session)
    assert (unlocked.kind, unlocked.id, unlocked.epoch, unlocked.root) == ("user", ALICE.id, 3, ALICE.root)


def test_every_session_has_a_cookie_of_its_own():
    (one, first), (other, second) = lock(ALICE, b"one"), lock(ALICE, b"two")
    assert one != other
    assert len(one) == len(other) == 32
    for cookie_key, sealed, session in ((one, second, b"two"), (other, first, b"one"), (one, first, b"two")):
        with pytest.raises(SealBroken):
            unlock(cookie_key, ALICE.id, 3, sealed, session)


def test_the_store_half_holds_neither_key_nor_root():
    cookie_key, sealed = lock(ALICE, b"one")
    assert cookie_key not in sealed
    assert ALICE.root not in sealed


@given(st.binary(max_size=64))
def test_it_refuses_any_other_cookie(cookie_key):
    _, sealed = lock(ALICE, b"one")
    with pytest.raises(SealBroken):
        unlock(cookie_key, ALICE.id, 3, sealed, b"one")


@pytest.mark.parametrize(("user", "epoch"), [(uuid4(), 3), (ALICE.id, 2), (ALICE.id, 0), (ALICE.id, -1)])
def test_it_refuses_another_user_or_a_retired_epoch(user, epoch):
    cookie_key, sealed = lock(ALICE, b"one")
    with pytest.raises(SealBroken):
        unlock(cookie_key, user, epoch, sealed, b"one")


def test_it_refuses_a_missing_store_half():
    with pytest.raises(SealBroken):
        unlock(os.urandom(32), ALICE.id, 3, b"", b"one")


def test_only_users_have_sessions():
    with pytest.raises(ValueError, match="only users"):
        lock(Principal.generate("team"), b"one")
