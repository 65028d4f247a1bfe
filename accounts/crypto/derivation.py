"""Keys from keys: HKDF-SHA256 (RFC 5869), every use under its own label."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


def derive(secret: bytes, info: bytes, *, salt: bytes | None = None, length: int = KEY_BYTES) -> bytes:
    """``length`` bytes (at most 8160) derived from ``secret``; ``info`` is a context and names the use.

    Raises ValueError when the secret is shorter than 32 bytes: stretch passphrases first.
    """
    if len(secret) < KEY_BYTES:
        raise ValueError("keys are derived from at least 32 secret bytes")
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
