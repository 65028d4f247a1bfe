import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.crypto.envelope import OVERHEAD, Cipher, open_sealed, seal
from accounts.crypto.sealed import SealBroken, Sealed

KEY = bytes(range(32))
epochs = st.integers(0, 2**32 - 1)


@given(st.binary(max_size=300), st.binary(max_size=50), epochs)
def test_what_is_sealed_opens(plaintext, context, epoch):
    sealed = seal(KEY, epoch, plaintext, context)
    assert isinstance(sealed, Sealed)
    assert len(sealed) == len(plaintext) + OVERHEAD
    assert open_sealed(KEY, epoch, sealed, context) == plaintext


@given(st.binary(max_size=40), st.data())
def test_it_refuses_a_flipped_bit_anywhere(plaintext, data):
    sealed = bytearray(seal(KEY, 1, plaintext, b"here"))
    at = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[at // 8] ^= 1 << at % 8
    with pytest.raises(SealBroken):
        open_sealed(KEY, 1, bytes(sealed), b"here")


@given(st.binary(max_size=100))
def test_it_refuses_whatever_was_never_sealed(noise):
    with pytest.raises(SealBroken):
        open_sealed(KEY, 1, noise, b"here")


@given(st.binary(max_size=40), st.data())
def test_it_refuses_any_truncation(plaintext, data):
    sealed = seal(KEY, 1, plaintext, b"here")
    with pytest.raises(SealBroken):
        open_sealed(KEY, 1, sealed[: data.draw(st.integers(0, len(sealed) - 1))], b"here")


@given(epochs, epochs)
def test_it_opens_at_its_own_epoch_only(sealed_at, opened_at):
    sealed = seal(KEY, sealed_at, b"card", b"here")
    if sealed_at == opened_at:
        assert open_sealed(KEY, opened_at, sealed, b"here") == b"card"
    else:
        with pytest.raises(SealBroken):
            open_sealed(KEY, opened_at, sealed, b"here")


def test_bytes_cannot_wander_from_the_context_into_the_header():
    sealed = seal(KEY, 1, b"card", b"\x01here")
    with pytest.raises(SealBroken):
        open_sealed(KEY, 1, sealed, b"here")


def test_the_cipher_and_the_functions_make_the_same_envelope():
    assert Cipher(KEY, 7).open(seal(KEY, 7, b"card", b"here"), b"here") == b"card"
    assert open_sealed(KEY, 7, Cipher(KEY, 7).seal(b"card", b"here"), b"here") == b"card"


def test_the_same_text_is_never_sealed_alike():
    sealed = {seal(KEY, 1, b"card", b"here") for _ in range(200)}
    assert len({each[6:18] for each in sealed}) == 200


def test_the_plaintext_is_not_in_the_envelope():
    assert b"Jean-Talon" not in seal(KEY, 1, b"seen at Jean-Talon", b"here")


@pytest.mark.parametrize("length", [0, 16, 24, 31, 33])
def test_it_refuses_a_key_that_is_not_32_bytes(length):
    with pytest.raises(ValueError, match="32 bytes"):
        seal(os.urandom(length), 1, b"card", b"here")


@pytest.mark.parametrize("epoch", [-1, 2**32])
def test_an_epoch_that_fits_no_envelope_neither_seals_nor_opens(epoch):
    with pytest.raises(ValueError, match="epoch"):
        seal(KEY, epoch, b"card", b"here")
    with pytest.raises(SealBroken):
        open_sealed(KEY, epoch, seal(KEY, 1, b"card", b"here"), b"here")


def test_a_memory_view_from_the_database_opens_too():
    sealed = memoryview(seal(KEY, 1, b"card", b"here"))
    assert open_sealed(KEY, 1, sealed, b"here") == b"card"
