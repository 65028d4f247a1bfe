import io
import os
import tracemalloc
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.crypto import stream
from accounts.crypto.sealed import SealBroken
from accounts.crypto.stream import CHUNK, HEADER_BYTES, decrypt, decrypt_range, encrypt, file_key

KEY = bytes(range(32))
SEALED_CHUNK = CHUNK + 16
edges = st.sampled_from([0, 1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1])


def cut(data: bytes, sizes: list[int]):
    at = 0
    for size in sizes:
        yield data[at : at + size]
        at += size
    yield data[at:]


def sealed_of(plaintext: bytes) -> bytes:
    return b"".join(encrypt(KEY, [plaintext]))


@given(edges | st.integers(0, 200_000), st.lists(st.integers(0, 70_000), max_size=5))
def test_a_file_opens_however_it_arrives(length, sizes):
    plaintext = os.urandom(length)
    sealed = b"".join(encrypt(KEY, cut(plaintext, sizes)))
    chunks = max(1, -(-length // CHUNK))
    assert len(sealed) == HEADER_BYTES + length + 16 * chunks
    assert b"".join(decrypt(KEY, cut(sealed, sizes))) == plaintext


def test_a_file_opens_byte_by_byte():
    sealed = sealed_of(b"photo")
    assert b"".join(decrypt(KEY, (sealed[at : at + 1] for at in range(len(sealed))))) == b"photo"


@given(edges, st.integers(0, 150_000), st.integers(0, 150_000))
def test_a_range_is_that_part_of_the_file(length, start, size):
    plaintext = os.urandom(length)
    source = io.BytesIO(sealed_of(plaintext))
    assert b"".join(decrypt_range(KEY, source, start, size)) == plaintext[start : start + size]


@given(edges, st.data())
def test_it_refuses_a_truncated_file_whole_and_in_part(length, data):
    sealed = sealed_of(bytes(length))
    keep = data.draw(st.integers(0, len(sealed) - 1) | st.sampled_from(chunk_ends(sealed)))
    with pytest.raises(SealBroken):
        list(decrypt(KEY, [sealed[:keep]]))
    with pytest.raises(SealBroken):
        list(decrypt_range(KEY, io.BytesIO(sealed[:keep]), 0, 1))


def chunk_ends(sealed: bytes) -> list[int]:
    ends = [HEADER_BYTES, HEADER_BYTES + SEALED_CHUNK, HEADER_BYTES + 2 * SEALED_CHUNK]
    return [end for end in ends if end < len(sealed)]


@given(edges, st.data())
def test_it_refuses_a_flipped_bit_anywhere(length, data):
    sealed = bytearray(sealed_of(bytes(length)))
    at = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[at // 8] ^= 1 << at % 8
    with pytest.raises(SealBroken):
        list(decrypt(KEY, [bytes(sealed)]))


def test_it_refuses_an_empty_last_chunk_after_a_full_one():
    """Made with the right key, so that only the rule itself can refuse it."""
    sealed = sealed_of(bytes(CHUNK))
    cipher = stream._payload_cipher(KEY, sealed[:HEADER_BYTES])
    forged = sealed[:HEADER_BYTES]
    forged += cipher.encrypt(stream._nonce(0, False), bytes(CHUNK), None)
    forged += cipher.encrypt(stream._nonce(1, True), b"", None)
    with pytest.raises(SealBroken):
        list(decrypt(KEY, [forged]))
    with pytest.raises(SealBroken):
        list(decrypt_range(KEY, io.BytesIO(forged), 0, 1))


def test_it_refuses_chunks_of_another_file_under_the_same_key():
    one, other = sealed_of(bytes(2 * CHUNK)), sealed_of(bytes(2 * CHUNK))
    with pytest.raises(SealBroken):
        list(decrypt(KEY, [one[: HEADER_BYTES + SEALED_CHUNK] + other[HEADER_BYTES + SEALED_CHUNK :]]))


def test_encrypting_twice_under_one_key_repeats_nothing():
    one, other = sealed_of(b"photo"), sealed_of(b"photo")
    assert one[2:HEADER_BYTES] != other[2:HEADER_BYTES]
    assert one[HEADER_BYTES:] != other[HEADER_BYTES:]


def test_every_file_of_every_case_has_its_own_key():
    case, other_case, file, other_file = (uuid4() for _ in range(4))
    keys = {
        file_key(KEY, case, file),
        file_key(KEY, case, other_file),
        file_key(KEY, other_case, file),
        file_key(KEY, file, case),
        file_key(bytes(32), case, file),
        KEY,
    }
    assert len(keys) == 6


def test_nothing_of_a_chunk_is_given_out_before_it_is_authenticated():
    sealed = bytearray(sealed_of(bytes(2 * CHUNK)))
    sealed[HEADER_BYTES + SEALED_CHUNK] ^= 1
    given_out = []
    with pytest.raises(SealBroken):
        given_out.extend(decrypt(KEY, [bytes(sealed)]))
    assert sum(map(len, given_out)) <= CHUNK


def test_an_upload_that_breaks_off_leaves_a_file_that_does_not_open():
    def breaks_off():
        yield bytes(3 * CHUNK)
        raise ConnectionError

    written = []
    with pytest.raises(ConnectionError):
        for piece in encrypt(KEY, breaks_off()):
            written.append(piece)
    with pytest.raises(SealBroken):
        list(decrypt(KEY, written))


def test_memory_stays_flat_for_a_large_file():
    pieces = (bytes(CHUNK) for _ in range(400))
    tracemalloc.start()
    try:
        total = sum(len(piece) for piece in decrypt(KEY, encrypt(KEY, pieces)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert total == 400 * CHUNK
    assert peak < 16 * CHUNK


def test_a_range_reads_only_the_chunks_it_needs():
    class Counted(io.BytesIO):
        taken = 0

        def read(self, size=-1):
            data = super().read(size)
            self.taken += len(data)
            return data

    source = Counted(sealed_of(bytes(20 * CHUNK)))
    assert b"".join(decrypt_range(KEY, source, 7 * CHUNK + 5, 10)) == bytes(10)
    assert source.taken == HEADER_BYTES + 2 * SEALED_CHUNK


@pytest.mark.parametrize("key", [b"", bytes(16), bytes(33)])
def test_it_refuses_a_key_that_is_not_32_bytes_before_reading_anything(key):
    for begin in (
        lambda: encrypt(key, []),
        lambda: decrypt(key, []),
        lambda: decrypt_range(key, io.BytesIO(), 0, 1),
    ):
        with pytest.raises(ValueError, match="32 bytes"):
            begin()


@pytest.mark.parametrize(("start", "length"), [(-1, 5), (0, -1)])
def test_it_refuses_a_range_before_the_file(start, length):
    with pytest.raises(ValueError, match="range"):
        decrypt_range(KEY, io.BytesIO(sealed_of(b"photo")), start, length)
