import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.crypto.sealed import SealBroken
from accounts.crypto.shares import join, split

keys = st.binary(min_size=32, max_size=32)


@given(keys)
def test_both_shares_give_the_case_key_back(case_key):
    people, erasure = split(case_key)
    assert join(people, erasure) == join(erasure, people) == case_key
    assert len(people) == len(erasure) == 32


@given(keys)
def test_every_split_is_fresh_and_no_share_is_the_key(case_key):
    people, erasure = zip(*(split(case_key) for _ in range(5)), strict=True)
    assert len(set(people)) == len(set(erasure)) == 5
    assert case_key not in people + erasure


def test_one_share_alone_says_nothing():
    """Any key at all agrees with the people's share: some erasure share would make it."""
    people, _ = split(b"k" * 32)
    for other in (b"x" * 32, bytes(32)):
        assert join(people, join(people, other)) == other


@given(st.binary(max_size=64).filter(lambda share: len(share) != 32))
def test_it_refuses_a_share_of_another_length(share):
    people, erasure = split(b"k" * 32)
    for halves in ((people, share), (share, erasure)):
        with pytest.raises(SealBroken):
            join(*halves)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_it_splits_keys_of_32_bytes_only(length):
    with pytest.raises(ValueError, match="32 bytes"):
        split(bytes(length))
