import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.crypto.padding import SMALLEST, pad, padded_size, unpad
from accounts.crypto.sealed import SealBroken

lengths = st.integers(1, 2**48)


def papers_formula(length):
    """Algorithm 1 of the PURBs paper, letter by letter."""
    exponent = math.floor(math.log2(length))
    bits = math.floor(math.log2(exponent)) + 1
    mask = 2 ** (exponent - bits) - 1
    return (length + mask) & ~mask


@given(st.integers(16, 2**40))
def test_a_size_is_the_one_the_paper_gives(length):
    assert padded_size(length) == papers_formula(length)


@given(lengths)
def test_a_size_is_never_smaller_and_costs_at_most_twelve_percent(length):
    assert length <= padded_size(length) <= length * 1.12


@given(lengths)
def test_a_padded_size_stays_as_it_is(length):
    assert padded_size(padded_size(length)) == padded_size(length)


@given(lengths, lengths)
def test_longer_texts_never_get_a_smaller_size(one, other):
    shorter, longer = sorted((one, other))
    assert padded_size(shorter) <= padded_size(longer)


def test_a_million_lengths_show_as_few_sizes():
    """O(log log M) bits: between two powers of two lie at most 2^(bits of the exponent) sizes."""
    sizes = {padded_size(length) for length in range(1, 2**20 + 1)}
    assert len(sizes) <= 20 * 2 ** (20).bit_length()
    for exponent in range(5, 20):
        between = {size for size in sizes if 2**exponent <= size < 2 ** (exponent + 1)}
        assert len(between) == 2 ** exponent.bit_length()


def test_short_answers_all_look_alike():
    assert {len(pad(b"a" * length)) for length in range(SMALLEST)} == {SMALLEST}


def test_texts_of_nearly_the_same_length_look_alike():
    assert {len(pad(b"a" * length)) for length in range(4096 - 1, 4096 + 255)} == {4096, 4352}


@given(st.binary(max_size=2000))
def test_what_is_padded_comes_back(plaintext):
    padded = pad(plaintext)
    assert unpad(padded) == plaintext
    assert len(padded) == padded_size(len(padded)) >= SMALLEST


@given(st.binary(max_size=20), st.integers(0, 5), st.booleans())
def test_text_that_ends_like_padding_comes_back(plaintext, zeros, mark):
    text = plaintext + b"\x80" * mark + b"\0" * zeros
    assert unpad(pad(text)) == text


@given(st.binary(max_size=200))
def test_whatever_unpads_is_exactly_what_pad_makes(noise):
    try:
        plaintext = unpad(noise)
    except SealBroken:
        return
    assert pad(plaintext) == noise


@pytest.mark.parametrize("extra", [b"\0", b"\0" * 32])
def test_it_refuses_padding_that_is_too_long(extra):
    with pytest.raises(SealBroken):
        unpad(pad(b"yes") + extra)
