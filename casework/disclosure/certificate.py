"""The proof that goes with a pattern, as data: witness tables, and the bytes they are archived in.

A certificate is made with the truth at hand and gives it away. It is archived sealed and never published.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from casework.disclosure.errors import BadTable

MAGIC = b"temoin-certificate/1\n"
HEADER = struct.Struct(">IIIIB")


@dataclass(frozen=True)
class Certificate:
    """witnesses: (w, cells) int32, each row a whole-number table minus the truth: zero on every published cell.
    relaxed: (r, 2) int32 rows (cell, floor): cells whose count cannot be shown to reach its floor whatever is
        suppressed, with the smallest count that can be shown.
    complete: every requirement has a witness. Without it nothing may be approved.
    stand_ins: (past cells,) a count for every cell of the earlier editions, oldest first, that agrees with what they
        published.   past: (w, past cells) each witness's move of those cells.
    """

    witnesses: NDArray[np.int32]
    relaxed: NDArray[np.int32]
    complete: bool
    stand_ins: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    past: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 0), np.int32))

    def to_bytes(self) -> bytes:
        """Canonical: equal certificates give equal bytes."""
        rows, cells = self.witnesses.shape
        head = HEADER.pack(rows, cells, self.relaxed.shape[0], self.stand_ins.size, self.complete)
        parts = (self.witnesses, self.relaxed, self.stand_ins, self.past)
        body = b"".join(part.astype(">i4").tobytes() for part in parts)
        return MAGIC + head + zlib.compress(body, 6)

    @classmethod
    def from_bytes(cls, sealed: bytes) -> Certificate:
        """Raises BadTable on anything that `to_bytes` did not write."""
        if not sealed.startswith(MAGIC) or len(sealed) < len(MAGIC) + HEADER.size:
            raise BadTable("not a certificate")
        rows, cells, relaxed, past, complete = HEADER.unpack_from(sealed, len(MAGIC))
        size = 4 * (rows * cells + 2 * relaxed + past + rows * past)
        try:
            inflate = zlib.decompressobj()
            body = inflate.decompress(sealed[len(MAGIC) + HEADER.size :], size + 1)
        except zlib.error:
            raise BadTable("the certificate is damaged") from None
        if len(body) != size or not inflate.eof or inflate.unused_data or complete > 1:
            raise BadTable("the certificate is damaged")
        numbers = np.frombuffer(body, dtype=">i4").astype(np.int32)
        ends = np.cumsum([rows * cells, 2 * relaxed, past])
        witnesses, given_up, stand_ins, moves = np.split(numbers, ends)
        return cls(
            witnesses.reshape(rows, cells),
            given_up.reshape(relaxed, 2),
            bool(complete),
            stand_ins,
            moves.reshape(rows if past else 0, past),
        )
