from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.crypto.context import (
    context,
    field_context,
    field_contexts,
    grant_context,
    grant_contexts,
)

parts = st.lists(st.binary(max_size=20) | st.text(max_size=20), max_size=4)
numbers = st.integers(0, 2**64 - 1)


def as_bytes(values):
    return [value.encode() if isinstance(value, str) else value for value in values]


@given(st.text(min_size=1), parts, st.text(min_size=1), parts)
def test_two_contexts_never_encode_alike(label, some, other_label, others):
    same_place = as_bytes([label, *some]) == as_bytes([other_label, *others])
    assert (context(label, *some) == context(other_label, *others)) is same_place


@given(parts)
def test_moving_a_byte_from_one_part_to_the_next_changes_the_context(values):
    values = [b"ab", *as_bytes(values), b"cd"]
    moved = [values[0] + values[1][:1], values[1][1:], *values[2:]]
    assert moved == values or context("label", *values) != context("label", *moved)


def test_a_part_is_prefixed_with_its_length():
    assert context("é", 1) == b"\0\0\0\x02\xc3\xa9" + b"\0\0\0\x08" + b"\0" * 7 + b"\x01"


@pytest.mark.parametrize("number", [-1, 2**64])
def test_it_refuses_a_number_that_does_not_fit(number):
    with pytest.raises(ValueError, match="between 0 and"):
        context("label", number)


@pytest.mark.parametrize("part", [True, None, 1.5, ["a"], bytearray(b"a")])
def test_it_refuses_a_part_of_another_type(part):
    with pytest.raises(TypeError):
        context("label", part)


def test_it_refuses_an_empty_label():
    with pytest.raises(ValueError, match="label"):
        context("")


@given(st.text(max_size=10), st.uuids(), st.uuids())
def test_the_fast_field_context_has_the_same_bytes(name, case, row):
    assert field_contexts(name)(case.bytes, row.bytes) == field_context(name, case, row)


@given(st.text(max_size=10), st.uuids(), numbers, st.uuids(), numbers)
def test_the_fast_grant_context_has_the_same_bytes(kind, thing, epoch, grantee, grantee_epoch):
    fast = grant_contexts(kind, grantee, grantee_epoch)
    assert fast(thing.bytes, epoch) == grant_context(kind, thing, epoch, grantee, grantee_epoch)


def test_case_and_row_cannot_be_exchanged():
    case, row = uuid4(), uuid4()
    assert field_context("record", case, row) != field_context("record", row, case)
