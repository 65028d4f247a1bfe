"""Files: ``version(1) ‖ algorithm(1) ‖ salt(16)``, then chunks of 64 KiB, each with its 16-byte tag.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015) as the age format uses it, with
AES-256-GCM: a chunk's nonce is its number (11 bytes, big-endian) and a flag that is 1 on the last chunk only. A
chunk moved, left out or repeated does not open, nor does a file cut short, and memory stays flat at any size.
"""

import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accounts.crypto.context import context
from accounts.crypto.derivation import KEY_BYTES, derive
from accounts.crypto.sealed import SealBroken, Unspoken

VERSION = 1
AES_256_GCM_STREAM = 2
CHUNK = 64 * 1024
TAG_BYTES = 16
SALT_BYTES = 16
FILE = "temoin/v1/file"
STREAM = "temoin/v1/stream"

_PREFIX = bytes([VERSION, AES_256_GCM_STREAM])
HEADER_BYTES = len(_PREFIX) + SALT_BYTES
_SEALED_CHUNK = CHUNK + TAG_BYTES


def file_key(root: bytes, case: UUID, file: UUID) -> bytes:
    """The 32-byte key of one evidence file of a case, so that two files cannot be exchanged. ``root``: the file's own."""
    return derive(root, context(FILE, case, file))


def encrypt(key: bytes, source: Iterable[bytes]) -> Iterator[bytes]:
    """Encrypt bytes as they arrive, in pieces of any size. Raises ValueError unless ``key`` is 32 bytes.

    Each file gets a random salt and so a key of its own: encrypting twice under one key repeats no nonce.
    """
    return _encrypted(Encryptor(key), source)


def _encrypted(encryptor: "Encryptor", source: Iterable[bytes]) -> Iterator[bytes]:
    yield encryptor.header
    for piece in source:
        yield from encryptor.update(piece)
    yield encryptor.finish()


class Encryptor(Unspoken):
    """``encrypt`` for whoever is handed the bytes piece by piece, as an upload is, instead of asking for them.

    Write ``header``, whatever ``update`` gives, and ``finish`` once at the end: without it the file does not open.
    Raises ValueError unless ``key`` is 32 bytes.
    """

    __slots__ = ("_cipher", "_number", "_waiting", "header")

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError("a key is 32 bytes long")
        self.header = _PREFIX + os.urandom(SALT_BYTES)
        self._cipher = _payload_cipher(key, self.header)
        self._waiting, self._number = bytearray(), 0

    def update(self, piece: bytes) -> Iterator[bytes]:
        """The chunks that are complete now, and not the last one: whether more is to come shows only later."""
        self._waiting += piece
        while len(self._waiting) > CHUNK:
            yield self._sealed(bytes(self._waiting[:CHUNK]), final=False)
            del self._waiting[:CHUNK]

    def finish(self) -> bytes:
        return self._sealed(bytes(self._waiting), final=True)

    def _sealed(self, chunk: bytes, *, final: bool) -> bytes:
        sealed = self._cipher.encrypt(_nonce(self._number, final), chunk, None)
        self._number += 1
        return sealed


def decrypt(key: bytes, source: Iterable[bytes]) -> Iterator[bytes]:
    """The plaintext of a whole file, chunk by chunk, each authenticated before it is given out.

    Raises SealBroken at the first chunk that does not open, which for a file cut short is its last: keep nothing
    of what came before. Raises ValueError unless ``key`` is 32 bytes.
    """
    if len(key) != KEY_BYTES:
        raise ValueError("a key is 32 bytes long")
    return _decrypted(key, source)


def _decrypted(key: bytes, source: Iterable[bytes]) -> Iterator[bytes]:
    pieces = iter(source)
    header, rest = _header_of(pieces)
    cipher = _payload_cipher(key, header)
    for number, chunk, final in _chunks(_resumed(rest, pieces), _SEALED_CHUNK):
        yield _opened(cipher, number, chunk, final)


def decrypt_range(key: bytes, source: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    """``length`` bytes of plaintext from ``start``, reading only the chunks they lie in, and the last one.

    The last chunk is always opened first, so that a part of a file cut short does not open either. A range past the
    end is cut to the file. Raises ValueError for a negative range or a key that is not 32 bytes.
    """
    if start < 0 or length < 0:
        raise ValueError("a range begins and ends inside the file")
    if len(key) != KEY_BYTES:
        raise ValueError("a key is 32 bytes long")
    return _range(key, source, start, length)


def _range(key: bytes, source: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    source.seek(0)
    cipher = _payload_cipher(key, source.read(HEADER_BYTES))
    last = _last_chunk_number(source.seek(0, os.SEEK_END) - HEADER_BYTES)
    _chunk_at(source, cipher, last, last)
    stop = start + length
    for number in range(start // CHUNK, min(last, (stop - 1) // CHUNK) + 1 if length else 0):
        plaintext = _chunk_at(source, cipher, number, last)
        offset = number * CHUNK
        yield plaintext[max(0, start - offset) : stop - offset]


def _last_chunk_number(sealed_bytes: int) -> int:
    if sealed_bytes < TAG_BYTES:
        raise SealBroken
    return (sealed_bytes - 1) // _SEALED_CHUNK


def _chunk_at(source: BinaryIO, cipher: AESGCM, number: int, last: int) -> bytes:
    source.seek(HEADER_BYTES + number * _SEALED_CHUNK)
    return _opened(cipher, number, source.read(_SEALED_CHUNK), number == last)


def _opened(cipher: AESGCM, number: int, chunk: bytes, final: bool) -> bytes:
    # An empty last chunk is honest only in an empty file: every plaintext has exactly one form.
    if len(chunk) < TAG_BYTES or (len(chunk) == TAG_BYTES and number > 0):
        raise SealBroken
    try:
        return cipher.decrypt(_nonce(number, final), chunk, None)
    except InvalidTag:
        raise SealBroken from None


def _payload_cipher(key: bytes, header: bytes) -> AESGCM:
    if len(header) != HEADER_BYTES or header[:2] != _PREFIX:
        raise SealBroken
    return AESGCM(derive(key, context(STREAM, header)))


def _nonce(number: int, final: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if final else b"\x00")


def _header_of(pieces: Iterator[bytes]) -> tuple[bytes, bytes]:
    gathered = b""
    for piece in pieces:
        gathered += piece
        if len(gathered) >= HEADER_BYTES:
            break
    return gathered[:HEADER_BYTES], gathered[HEADER_BYTES:]


def _resumed(rest: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield rest
    yield from pieces


def _chunks(source: Iterable[bytes], size: int) -> Iterator[tuple[int, bytes, bool]]:
    """``(number, chunk, final)``: full chunks, then the final one, empty only when there was nothing at all."""
    waiting, number = bytearray(), 0
    for piece in source:
        waiting += piece
        while len(waiting) > size:
            yield number, bytes(waiting[:size]), False
            del waiting[:size]
            number += 1
    yield number, bytes(waiting), True
