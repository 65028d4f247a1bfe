"""Finding words that must not be there: in any encoding a program might have put them in by accident."""

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy

from casework.folding import normalise

PACKED = re.compile(rb"[A-Za-z0-9+/_-]{40,}")
DUMPED = re.compile(rb"\\x((?:[0-9a-f]{2}){16,})")
# Shorter ones are met by chance, or leave too little in base64 to be told from noise.
SHORTEST = 12
HEAD = 8
FIRST = numpy.uint64(0xFFFFFF)
Patterns = dict[bytes, tuple[str, str]]


@dataclass(frozen=True)
class Found:
    where: str
    kind: str
    how: str


def ways_to_write(canary: str | bytes) -> Iterator[tuple[str, bytes]]:
    """(name of the encoding, the bytes it leaves)."""
    if isinstance(canary, str):
        for text in dict.fromkeys((canary, canary.casefold(), normalise(canary))):
            yield "UTF-8", text.encode()
            yield "UTF-16", text.encode("utf-16-le")
            yield "JSON", json.dumps(text)[1:-1].encode()
            yield from in_base64(text.encode())
    raw = canary.encode() if isinstance(canary, str) else canary
    yield "raw", raw
    yield "hex", raw.hex().encode()
    yield from in_base64(raw)


def in_base64(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Wherever in a longer text it may have stood; the first and last letters depend on the neighbours and are left out."""
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + raw)
        inner = coded[0 if shift == 0 else 4 : len(coded) - 4]
        yield "base64", inner
        yield "base64 for addresses", inner.translate(bytes.maketrans(b"+/", b"-_"))


class Table:
    """Which of many patterns stand in some bytes: their first eight bytes are compared at every place at once."""

    def __init__(self, patterns: Patterns) -> None:
        self.by_head: dict[int, list[tuple[bytes, tuple[str, str]]]] = {}
        for pattern, hit in patterns.items():
            self.by_head.setdefault(int.from_bytes(pattern[:HEAD], "little"), []).append((pattern, hit))
        self.heads = numpy.array(sorted(self.by_head), dtype="<u8")
        # Most places are ruled out by their first three bytes, which is quicker than looking for all eight.
        self.begins = numpy.zeros(int(FIRST) + 1, dtype=bool)
        self.begins[self.heads & FIRST] = True

    def hits(self, data: bytes) -> set[tuple[str, str]]:
        return {
            hit
            for place in self._places(data)
            for pattern, hit in self.by_head[int.from_bytes(data[place : place + HEAD], "little")]
            if data.startswith(pattern, place)
        }

    def _places(self, data: bytes) -> Iterator[int]:
        for shift in range(min(HEAD, max(len(data) - HEAD + 1, 0))):
            words = numpy.frombuffer(data, "<u8", (len(data) - shift) // HEAD, shift)
            likely = numpy.flatnonzero(self.begins[words & FIRST])
            nearest = numpy.searchsorted(self.heads, words[likely]).clip(max=len(self.heads) - 1)
            for number in likely[self.heads[nearest] == words[likely]]:
                yield int(number) * HEAD + shift


class Scanner:
    """Looks for all canaries in every byte it is shown. `canaries`: kind → texts or keys."""

    def __init__(self, canaries: dict[str, Iterable[str | bytes]]) -> None:
        exact: Patterns = {}
        folded: Patterns = {}
        for kind, values in canaries.items():
            for value in values:
                assert len(value) >= SHORTEST, f"too short to be told from chance: {kind}"
                for how, pattern in ways_to_write(value):
                    exact.setdefault(pattern, (kind, how))
                    if how in ("UTF-8", "UTF-16", "JSON", "hex"):
                        folded.setdefault(pattern.lower(), (kind, how))
        self.exact, self.folded = Table(exact), Table(folded)
        self.seen: set[bytes] = set()

    def scan(self, where: str, data: bytes) -> list[Found]:
        hits: set[tuple[str, str]] = set()
        for layer in (data, *unpacked(data)):
            # Lower-casing bytes changes ASCII letters only.
            hits |= self.exact.hits(layer) | self.folded.hits(layer.lower())
        return sorted((Found(where, *hit) for hit in hits), key=repr)

    def scan_folder(self, folder: Path, skip: Iterable[Path] = ()) -> list[Found]:
        left_out = {path.resolve() for path in skip}
        found: list[Found] = []
        for path in sorted(folder.rglob("*")):
            found += self.scan("the name of a file", str(path.relative_to(folder)).encode())
            if path.is_file() and path.resolve() not in left_out:
                found += self._scan_once(str(path.relative_to(folder)), path.read_bytes())
        return found

    def _scan_once(self, where: str, data: bytes) -> list[Found]:
        """Copies taken at several moments are mostly the same."""
        digest = hashlib.sha256(data).digest()
        if digest in self.seen:
            return []
        self.seen.add(digest)
        return self.scan(where, data)


def unpacked(data: bytes) -> Iterator[bytes]:
    """What a dump of PostgreSQL writes as digits and what Django compresses before it signs it: both look like noise."""
    for match in DUMPED.finditer(data):
        yield bytes.fromhex(match[1].decode())
    for match in PACKED.finditer(data):
        coded = match[0]
        try:
            raw = base64.b64decode(coded + b"=" * (-len(coded) % 4), altchars=b"-_")
            yield zlib.decompressobj().decompress(raw)
        except (ValueError, zlib.error):
            continue
