"""From a passphrase to a login verifier and a wrap key, with one run of Argon2id (RFC 9106)."""

import hmac
import threading
import unicodedata
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from accounts.crypto.context import context, user_root_context
from accounts.crypto.derivation import KEY_BYTES, derive
from accounts.crypto.envelope import open_sealed, seal
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import Sealed, Unspoken

LOGIN = "temoin/v1/passphrase/login"
WRAP = "temoin/v1/passphrase/wrap"

LONGEST = 1024
SALT_BYTES = 16
PEPPER_BYTES = 32

# Argon2 takes memory by the hundred megabytes: a burst of sign-ins must not take the whole machine.
_SLOTS = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class KdfParameters:
    """The cost of one Argon2id run: passes, KiB of memory, lanes.

    Raises ValueError outside the limits of RFC 9106, and above 1 GiB, 16 passes or 16 lanes: the values are read
    from a row, and whoever writes rows must not be able to exhaust the machine.
    """

    iterations: int = 3
    memory_kib: int = 262144
    lanes: int = 2

    def __post_init__(self) -> None:
        if not 1 <= self.iterations <= 16 or not 1 <= self.lanes <= 16:
            raise ValueError("Argon2id takes 1 to 16 passes and 1 to 16 lanes")
        if not 8 * self.lanes <= self.memory_kib <= 1 << 20:
            raise ValueError("Argon2id takes 8 KiB per lane to 1 GiB")


KDF_FOR_TESTS_INSECURE = KdfParameters(iterations=1, memory_kib=64, lanes=1)


@dataclass(frozen=True, eq=False, repr=False)
class Stretched(Unspoken):
    """What a passphrase becomes: 32 bytes to store and compare, 32 bytes that open the user's root."""

    verifier: bytes
    wrap_key: bytes

    def matches(self, stored: bytes) -> bool:
        """Whether ``stored`` is this verifier, in constant time."""
        return hmac.compare_digest(self.verifier, stored)


def stretch(passphrase: str, salt: bytes, parameters: KdfParameters, pepper: bytes) -> Stretched:
    """Run Argon2id once over the NFKC form of ``passphrase``; at most two runs at a time in this process.

    ``salt``: 16 bytes or more, one per user; ``pepper``: 32 bytes or more, kept outside the database, without which
    a stolen database cannot even be guessed at. Raises ValueError above 1 KiB of passphrase or for short bytes.
    """
    if len(salt) < SALT_BYTES or len(pepper) < PEPPER_BYTES:
        raise ValueError("the salt has at least 16 bytes and the pepper 32")
    secret = _argon2id(_normalised(passphrase), salt, parameters)
    login = derive(secret, context(LOGIN))
    wrap_key = derive(secret, context(WRAP), salt=pepper)
    return Stretched(verifier=hmac.digest(pepper, login, "sha256"), wrap_key=wrap_key)


def _normalised(passphrase: str) -> bytes:
    # Before normalising, too: NFKC can make a text eighteen times as long.
    if len(passphrase) > LONGEST:
        raise ValueError("a passphrase is at most 1024 bytes long")
    try:
        encoded = unicodedata.normalize("NFKC", passphrase).encode()
    except UnicodeEncodeError:
        # The original error quotes the passphrase.
        raise ValueError("a passphrase is valid Unicode") from None
    if len(encoded) > LONGEST:
        raise ValueError("a passphrase is at most 1024 bytes long")
    return encoded


def _argon2id(passphrase: bytes, salt: bytes, parameters: KdfParameters) -> bytes:
    function = Argon2id(
        salt=salt,
        length=KEY_BYTES,
        iterations=parameters.iterations,
        lanes=parameters.lanes,
        memory_cost=parameters.memory_kib,
    )
    with _SLOTS:
        return function.derive(passphrase)


def wrap_root(stretched: Stretched, principal: Principal, salt: bytes, parameters: KdfParameters) -> Sealed:
    """A user's root, sealed under their passphrase; salt and cost are part of the context."""
    if principal.kind != "user":
        raise ValueError("only users have a passphrase")
    place = user_root_context(principal.id, salt, parameters)
    return seal(stretched.wrap_key, principal.epoch, principal.root, place)


def unwrap_root(
    stretched: Stretched, user: UUID, epoch: int, sealed: bytes, salt: bytes, parameters: KdfParameters
) -> Principal:
    """The user whose root ``wrap_root`` sealed. Raises SealBroken for another passphrase, user, epoch or cost."""
    root = open_sealed(stretched.wrap_key, epoch, sealed, user_root_context(user, salt, parameters))
    return Principal("user", user, epoch, root)
