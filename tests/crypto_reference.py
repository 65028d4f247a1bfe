"""A second reading of docs/format.md, written without accounts.crypto, to open the vectors with.

It uses AES-GCM, ML-KEM, X25519 and Ed25519 as bricks and does HKDF, X-Wing, the HPKE key schedule, contexts, Padmé
and STREAM by hand. Slow and plain on purpose: where it and the package disagree, one of them misreads the format.
"""

import hashlib
import hmac
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

CHUNK = 65536


def encode(*parts) -> bytes:
    out = b""
    for part in parts:
        if isinstance(part, str):
            part = part.encode("utf-8")
        elif isinstance(part, UUID):
            part = part.bytes
        elif isinstance(part, int):
            part = part.to_bytes(8, "big")
        out += len(part).to_bytes(4, "big") + part
    return out


def hkdf_extract(salt: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), secret, "sha256")


def hkdf_expand(key: bytes, info: bytes, length: int) -> bytes:
    out, block, counter = b"", b"", 0
    while len(out) < length:
        counter += 1
        block = hmac.digest(key, block + info + bytes([counter]), "sha256")
        out += block
    return out[:length]


def hkdf(secret: bytes, info: bytes, length: int = 32, salt: bytes = b"") -> bytes:
    return hkdf_expand(hkdf_extract(salt, secret), info, length)


def open_envelope(key: bytes, epoch: int, sealed: bytes, context: bytes) -> bytes:
    header = b"\x01\x01" + epoch.to_bytes(4, "big")
    assert sealed[:6] == header
    return AESGCM(key).decrypt(sealed[6:18], sealed[18:], header + context)


def wrap_key(kind: str, id: UUID, epoch: int, root: bytes) -> bytes:
    return hkdf(root, encode("temoin/v1/principal/wrap", kind, id, epoch))


def signing_key(kind: str, id: UUID, epoch: int, root: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(
        hkdf(root, encode("temoin/v1/principal/signing", kind, id, epoch))
    )


def derived_key(kind: str, id: UUID, epoch: int, root: bytes, label: str, parts: list, length: int) -> bytes:
    info = encode("temoin/v1/principal/derived", label, length, kind, id, epoch, *parts)
    return hkdf(root, info, length)


def key_pair(kind: str, id: UUID, epoch: int, root: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    seed = hkdf(root, encode("temoin/v1/principal/x-wing", kind, id, epoch))
    expanded = hashlib.shake_256(seed).digest(96)
    return MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), X25519PrivateKey.from_private_bytes(
        expanded[64:]
    )


def public_key(kind: str, id: UUID, epoch: int, root: bytes) -> bytes:
    mlkem, x25519 = key_pair(kind, id, epoch, root)
    return b"\x01" + mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def open_sealed_to(mlkem: MLKEM768PrivateKey, x25519: X25519PrivateKey, sealed: bytes, info: bytes) -> bytes:
    assert sealed[:2] == b"\x01\x01"
    encapsulated, ciphertext = sealed[2:1122], sealed[1122:]
    key, nonce = hpke_key_schedule(xwing_decapsulate(mlkem, x25519, encapsulated), info)
    return AESGCM(key).decrypt(nonce, ciphertext, b"")


def xwing_decapsulate(mlkem: MLKEM768PrivateKey, x25519: X25519PrivateKey, encapsulated: bytes) -> bytes:
    """draft-connolly-cfrg-xwing-kem, section 5.5."""
    ct_m, ct_x = encapsulated[:1088], encapsulated[1088:]
    ss_m = mlkem.decapsulate(ct_m)
    ss_x = x25519.exchange(X25519PublicKey.from_public_bytes(ct_x))
    pk_x = x25519.public_key().public_bytes_raw()
    return hashlib.sha3_256(ss_m + ss_x + ct_x + pk_x + b"\\.//^\\").digest()


def hpke_key_schedule(shared_secret: bytes, info: bytes) -> tuple[bytes, bytes]:
    """RFC 9180, section 5.1, base mode; KEM 0x647A, HKDF-SHA256 0x0001, AES-256-GCM 0x0002."""
    suite = b"HPKE" + bytes.fromhex("647a00010002")

    def extract(salt: bytes, label: bytes, secret: bytes) -> bytes:
        return hkdf_extract(salt, b"HPKE-v1" + suite + label + secret)

    def expand(key: bytes, label: bytes, context: bytes, length: int) -> bytes:
        return hkdf_expand(key, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context, length)

    context = b"\x00" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared_secret, b"secret", b"")
    return expand(secret, b"key", context, 32), expand(secret, b"base_nonce", context, 12)


def padded(plaintext: bytes) -> bytes:
    length = max(len(plaintext) + 1, 32)
    exponent = length.bit_length() - 1
    step = 2 ** (exponent - exponent.bit_length())
    size = -(-length // step) * step
    return plaintext + b"\x80" + bytes(size - len(plaintext) - 1)


def stretched(
    passphrase: bytes, salt: bytes, pepper: bytes, iterations: int, memory_kib: int, lanes: int
) -> tuple[bytes, bytes]:
    """``passphrase`` is NFKC already. Returns verifier and wrap key."""
    function = Argon2id(salt=salt, length=32, iterations=iterations, lanes=lanes, memory_cost=memory_kib)
    secret = function.derive(passphrase)
    login = hkdf(secret, encode("temoin/v1/passphrase/login"))
    verifier = hmac.digest(pepper, login, "sha256")
    return verifier, hkdf(secret, encode("temoin/v1/passphrase/wrap"), salt=pepper)


def file_key(case_key: bytes, case: UUID, file: UUID) -> bytes:
    return hkdf(case_key, encode("temoin/v1/file", case, file))


def encrypt_file(key: bytes, salt: bytes, plaintext: bytes) -> bytes:
    header = b"\x01\x02" + salt
    cipher = AESGCM(hkdf(key, encode("temoin/v1/stream", header)))
    chunks = [plaintext[at : at + CHUNK] for at in range(0, len(plaintext), CHUNK)] or [b""]
    flags = [0] * (len(chunks) - 1) + [1]
    return header + b"".join(
        cipher.encrypt(number.to_bytes(11, "big") + bytes([flag]), chunk, None)
        for number, (chunk, flag) in enumerate(zip(chunks, flags, strict=True))
    )
