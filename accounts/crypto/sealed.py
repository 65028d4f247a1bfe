"""What ciphertext is called, and the single way in which opening it fails."""

from typing import NoReturn


class SealBroken(Exception):  # noqa: N818 - the house names it by what happened
    """A sealed value does not open here: wrong tag, version, algorithm, epoch, context, length or signature.

    One error for every cause, and without a word of detail: whoever probes the server with altered ciphertext
    learns nothing from the difference, and no log line can carry content.
    """

    def __init__(self) -> None:
        super().__init__()

    def __str__(self) -> str:
        return "the seal is broken"


class Sealed(bytes):
    """Ciphertext with its header. A type of its own, so that plaintext cannot be stored by accident."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<Sealed {len(self)} bytes>"

    __str__ = __repr__


class Unspoken:
    """Something that holds key material: it prints only its type, and refuses to be pickled or copied.

    Against error pages, log lines, caches and task arguments, which print or pickle whatever they are handed.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} holds keys and stays in memory")
