"""Single blocks of AES, for random values that mark something to whoever has the key. Never for what is told: there equal blocks
would look alike."""

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

ONE_BY_ONE = ECB()  # noqa: S305 - the blocks are random and never the same


def encrypt_blocks(key: bytes, blocks: bytes) -> bytes:
    return Cipher(AES256(key), ONE_BY_ONE).encryptor().update(blocks)
