"""What stood under a seal, read in its one shape and version, or not at all. Pure: no Django."""

from typing import Protocol, TypeVar

import msgspec

from accounts.crypto.sealed import SealBroken


class Versioned(Protocol):
    @property
    def version(self) -> int: ...


Shape = TypeVar("Shape")
Numbered = TypeVar("Numbered", bound=Versioned)


def read(plain: bytes, shape: type[Shape]) -> Shape:
    """Raises SealBroken for bytes of another shape: they were sealed by other code, or by somebody else."""
    try:
        return msgspec.msgpack.decode(plain, type=shape)
    except msgspec.MsgspecError:
        raise SealBroken from None


def read_version(plain: bytes, shape: type[Numbered], version: int) -> Numbered:
    """Raises SealBroken for another version too: nothing is guessed."""
    found = read(plain, shape)
    if found.version != version:
        raise SealBroken
    return found
