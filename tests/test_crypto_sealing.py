import os
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken, Sealed
from accounts.crypto.sealing import OVERHEAD, PUBLIC_KEY_BYTES, KeyPair, seal_to
from tests import crypto_reference as reference

ALICE = Principal.generate("user")
CHARLIE = Principal.generate("user")


@given(st.binary(max_size=300), st.binary(max_size=60))
def test_what_is_sealed_to_alice_she_opens(plaintext, context):
    sealed = seal_to(ALICE.public_key, plaintext, context)
    assert isinstance(sealed, Sealed)
    assert len(sealed) == len(plaintext) + OVERHEAD
    assert ALICE.open_from(sealed, context) == plaintext


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_a_second_reading_of_the_hpke_rfc_opens_it_too(plaintext, context):
    pair = reference.key_pair(ALICE.kind, ALICE.id, ALICE.epoch, ALICE.root)
    sealed = seal_to(ALICE.public_key, plaintext, context)
    assert reference.open_sealed_to(*pair, sealed, context) == plaintext


def test_charlie_opens_nothing_of_alices():
    with pytest.raises(SealBroken):
        CHARLIE.open_from(seal_to(ALICE.public_key, b"case key", b"here"), b"here")


@given(st.data())
def test_it_refuses_a_flipped_bit_anywhere(data):
    sealed = bytearray(seal_to(ALICE.public_key, b"case key", b"here"))
    at = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[at // 8] ^= 1 << at % 8
    with pytest.raises(SealBroken):
        ALICE.open_from(bytes(sealed), b"here")


@given(st.binary(max_size=1400))
def test_it_refuses_whatever_was_never_sealed(noise):
    with pytest.raises(SealBroken):
        ALICE.open_from(noise, b"here")


@pytest.mark.parametrize("keep", [0, 1, 2, 1121, 1122, OVERHEAD - 1])
def test_it_refuses_a_truncation(keep):
    with pytest.raises(SealBroken):
        ALICE.open_from(seal_to(ALICE.public_key, b"", b"here")[:keep], b"here")


def test_it_opens_in_its_own_context_only():
    with pytest.raises(SealBroken):
        ALICE.open_from(seal_to(ALICE.public_key, b"case key", b"here"), b"there")


def test_a_new_epoch_has_another_public_key():
    later = Principal("user", ALICE.id, 2, ALICE.root)
    assert later.public_key != ALICE.public_key
    with pytest.raises(SealBroken):
        later.open_from(seal_to(ALICE.public_key, b"case key", b"here"), b"here")


def test_the_same_text_is_never_sealed_alike():
    assert len({seal_to(ALICE.public_key, b"case key", b"here") for _ in range(20)}) == 20


@pytest.mark.parametrize(
    "altered",
    [
        b"",
        b"\x01",
        ALICE.public_key[:-1],
        ALICE.public_key + b"\0",
        b"\x02" + ALICE.public_key[1:],
        b"\x01" + b"\xff" * 1184 + ALICE.public_key[1185:],
        ALICE.public_key[:1185] + bytes(32),
    ],
    ids=["empty", "suite alone", "short", "long", "other suite", "no ML-KEM key", "point of small order"],
)
def test_it_seals_nothing_to_a_malformed_public_key(altered):
    with pytest.raises(SealBroken):
        seal_to(altered, b"case key", b"here")


def test_a_public_key_has_the_length_the_format_gives():
    assert len(ALICE.public_key) == PUBLIC_KEY_BYTES == 1217


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_key_pair_grows_from_32_bytes(length):
    with pytest.raises(ValueError, match="32 bytes"):
        KeyPair(os.urandom(length))


def test_the_symmetric_and_the_public_seal_are_not_interchangeable():
    place = uuid4().bytes
    with pytest.raises(SealBroken):
        ALICE.open(seal_to(ALICE.public_key, b"case key", place), place)
    with pytest.raises(SealBroken):
        ALICE.open_from(ALICE.seal(b"case key" * 200, place), place)
