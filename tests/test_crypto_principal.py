import os
from itertools import combinations
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.crypto.principal import KINDS, Principal, verify_signature
from accounts.crypto.sealed import SealBroken

ALICE = Principal.generate("user")
CHARLIE = Principal.generate("user")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_principal_is_made_with_a_fresh_root(kind):
    one, other = Principal.generate(kind), Principal.generate(kind)
    assert (one.kind, one.epoch, one.id.version, len(one.root)) == (kind, 1, 4, 32)
    assert one.root != other.root
    assert one.id != other.id


def test_a_new_epoch_keeps_the_id_and_takes_a_fresh_root():
    team = Principal.generate("team")
    later = Principal.generate("team", team.id, team.epoch + 1)
    assert (later.id, later.epoch) == (team.id, 2)
    assert later.root != team.root


@given(st.binary(max_size=100), st.binary(max_size=50))
def test_a_principal_opens_what_it_sealed(plaintext, context):
    assert ALICE.open(ALICE.seal(plaintext, context), context) == plaintext


def test_charlie_opens_nothing_of_alices():
    with pytest.raises(SealBroken):
        CHARLIE.open(ALICE.seal(b"case key", b"here"), b"here")


def test_the_same_root_derives_other_keys_for_another_kind_id_or_epoch():
    root = os.urandom(32)
    faces = [
        Principal("user", ALICE.id, 1, root),
        Principal("team", ALICE.id, 1, root),
        Principal("user", CHARLIE.id, 1, root),
        Principal("user", ALICE.id, 2, root),
    ]
    for one, other in combinations(faces, 2):
        assert one.public_key != other.public_key
        assert one.signing_public_key != other.signing_public_key
        assert one.derive("use") != other.derive("use")
        with pytest.raises(SealBroken):
            other.open(one.seal(b"case key", b"here"), b"here")


@given(st.text(max_size=8), st.lists(st.binary(max_size=8), max_size=3), st.integers(1, 100))
def test_a_derived_key_depends_on_label_parts_and_length(label, parts, length):
    key = ALICE.derive(label, *parts, length=length)
    assert len(key) == length
    assert key == ALICE.derive(label, *parts, length=length)
    assert ALICE.derive(label, *parts) != ALICE.derive(label + "x", *parts)
    assert ALICE.derive(label, *parts) != ALICE.derive(label, *parts, b"")
    assert not ALICE.derive(label, *parts, length=64).startswith(ALICE.derive(label, *parts, length=32))


def test_a_derived_key_is_never_one_of_the_principals_own():
    for label in ("wrap", "temoin/v1/principal/wrap", "temoin/v1/principal/signing"):
        assert ALICE.derive(label) not in (ALICE.root, ALICE.signing_public_key)


@given(st.binary(max_size=100))
def test_a_signature_verifies(message):
    signature = ALICE.sign(message)
    assert len(signature) == 64
    verify_signature(ALICE.signing_public_key, signature, message)


@given(st.binary(max_size=40), st.integers(0, 64 * 8 - 1))
def test_it_refuses_an_altered_signature(message, bit):
    signature = bytearray(ALICE.sign(message))
    signature[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        verify_signature(ALICE.signing_public_key, bytes(signature), message)


def test_it_refuses_a_signature_by_somebody_else():
    with pytest.raises(SealBroken):
        verify_signature(ALICE.signing_public_key, CHARLIE.sign(b"release"), b"release")


@pytest.mark.parametrize("public_key", [b"", bytes(31), bytes(33)])
def test_it_refuses_a_malformed_signing_key(public_key):
    with pytest.raises(SealBroken):
        verify_signature(public_key, ALICE.sign(b"release"), b"release")


@pytest.mark.parametrize(
    ("kind", "epoch", "root"),
    [
        ("admin", 1, bytes(32)),
        ("user", 0, bytes(32)),
        ("user", -1, bytes(32)),
        ("user", 2**32, bytes(32)),
        ("user", 1, bytes(31)),
        ("user", 1, b""),
    ],
)
def test_it_refuses_an_impossible_principal(kind, epoch, root):
    with pytest.raises(ValueError, match="kind|epoch|root"):
        Principal(kind, uuid4(), epoch, root)
