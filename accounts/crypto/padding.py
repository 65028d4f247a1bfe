"""Padmé: hide the length of a text at a cost of at most 12 % (Nikitin et al., "Reducing Metadata Leakage from
Encrypted Files and Communication with PURBs", PETS 2019, section 4.3).

A size keeps only the leading bits of its floating-point form: the mantissa is no longer than the exponent, so a
text of up to M bytes shows O(log log M) bits of its length instead of log M.
"""

from functools import lru_cache

from accounts.crypto.sealed import SealBroken

# The rule rounds by less than 2 bytes below 16 and so tells a "yes" from a "no". Whatever is shorter looks like this.
SMALLEST = 32
_MARK = b"\x80"


@lru_cache(maxsize=1024)
def padded_size(length: int) -> int:
    """The Padmé size for ``length`` bytes (1 or more): the least allowed size that is not smaller."""
    exponent = length.bit_length() - 1
    mantissa = exponent.bit_length()
    low_bits = (1 << (exponent - mantissa)) - 1 if exponent > mantissa else 0
    return (length + low_bits) & ~low_bits


def pad(plaintext: bytes) -> bytes:
    """``plaintext ‖ 0x80 ‖ 0x00 …`` up to the Padmé size of the marked text, never less than 32 bytes."""
    size = padded_size(max(len(plaintext) + 1, SMALLEST))
    return (plaintext + _MARK).ljust(size, b"\0")


def unpad(padded: bytes) -> bytes:
    """Undo ``pad``. Raises SealBroken when ``padded`` is not exactly what ``pad`` makes."""
    marked = padded.rstrip(b"\0")
    size = len(marked)
    if marked[-1:] != _MARK or len(padded) != padded_size(size if size > SMALLEST else SMALLEST):
        raise SealBroken
    return marked[:-1]
