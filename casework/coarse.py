"""The coarse record of one person, and its bytes: all that the worker ever sees of anybody. Pure: no Django.

Every record is ROW_BYTES long, whatever is in it, so that length says nothing, and every fact stands at the same place in each,
so that a million are counted as arrays. A code stands there as a number made of its own letters: a list may grow in any order.
"""

import datetime as dt
import hashlib
import struct
from collections.abc import Sequence
from functools import cache
from typing import Final

import msgspec

from accounts.crypto.sealed import SealBroken
from casework import vocabulary
from casework.facts import FACTS

VERSION: Final = 2
ROW_BYTES: Final = 512
EVENT_BYTES: Final = 16
# Facts with one value, in the order of the row.
SINGLE: Final = (
    "city", "borough", "pretext", "place_type", "cbsa_involvement", "held", "age_band", "gender", "region", "verification",
    "stop_to_call", "call_to_handover", "hold_length", "hold_to_counsel", "hold_to_end",
)  # fmt: skip
# Facts with several, and how many places the row keeps for each: more than its list has codes (a test holds it).
MANY: Final = {
    "police_service": 32,
    "status_raised": 24,
    "outcome": 24,
    "detention_place": 20,
    "harm": 24,
    "service_type": 24,
    "denial_mechanism": 16,
}
_ROW: Final = struct.Struct(f">B{EVENT_BYTES}sIHB{len(SINGLE)}H{sum(MANY.values())}H")
_BEFORE_AT: Final = 1 + EVENT_BYTES
# The form of version 1, still read: `length(2) ‖ msgpack ‖ zeros`.
FIRST_ROW_BYTES: Final = 2048
_LENGTH_BYTES: Final = 2


class CoarseRecord(msgspec.Struct, array_like=True, frozen=True):
    """One person, as coarse as figures need. Codes are those of `casework.vocabulary`; "" means not recorded.

    `event` is shared by everyone the event happened to and tells no more. `quarter` is 1 to 4, or 0 when only the year is
    known; `year` is 0 when not even that. `counted_before` is the first of the month in which the consent ends: from then on
    the person is not counted, whether or not anybody has touched the case since. The last five are bands, never a number of
    hours or days. `version` is what rows of version 1 hold, in the order of these fields; those had no bands.
    """

    event: bytes
    counted_before: dt.date
    year: int = 0
    quarter: int = 0
    city: str = ""
    borough: str = ""
    police_service: tuple[str, ...] = ()
    pretext: str = ""
    place_type: str = ""
    status_raised: tuple[str, ...] = ()
    cbsa_involvement: str = ""
    held: str = ""
    outcome: tuple[str, ...] = ()
    detention_place: tuple[str, ...] = ()
    harm: tuple[str, ...] = ()
    service_type: tuple[str, ...] = ()
    denial_mechanism: tuple[str, ...] = ()
    age_band: str = ""
    gender: str = ""
    region: str = ""
    verification: str = ""
    version: int = 1
    stop_to_call: str = ""
    call_to_handover: str = ""
    hold_length: str = ""
    hold_to_counsel: str = ""
    hold_to_end: str = ""


class NotCoarse(ValueError):
    """A record holds what no list knows, or more than a row has room for. Carries no content."""


def number(code: str) -> int:
    """Of a code, in a row. 0 stands for none; within a list no two are alike (a test holds it)."""
    return int.from_bytes(hashlib.sha256(code.encode()).digest()[:2], "big")


@cache
def numbers(fact: str) -> dict[str, int]:
    return {code: number(code) for code in vocabulary.codes(FACTS[fact].vocabulary)}


@cache
def _codes(fact: str) -> dict[int, str]:
    return {0: ""} | {number: code for code, number in numbers(fact).items()}


def encode(record: CoarseRecord) -> bytes:
    """Raises NotCoarse."""
    try:
        row = _ROW.pack(
            VERSION,
            _event(record),
            record.counted_before.toordinal(),
            record.year,
            record.quarter,
            *(_numbers(name, [getattr(record, name)])[0] for name in SINGLE),
            *(number for name, places in MANY.items() for number in _places(record, name, places)),
        )
    except (KeyError, struct.error):
        raise NotCoarse from None
    return row.ljust(ROW_BYTES, b"\0")


def _event(record: CoarseRecord) -> bytes:
    if len(record.event) > EVENT_BYTES:
        raise NotCoarse
    return record.event


def _numbers(name: str, codes: Sequence[str]) -> list[int]:
    known = numbers(name)
    return [known[code] if code else 0 for code in codes]


def _places(record: CoarseRecord, name: str, places: int) -> list[int]:
    found = _numbers(name, getattr(record, name))
    if len(found) > places:
        raise NotCoarse
    return found + [0] * (places - len(found))


def decode(row: bytes) -> CoarseRecord:
    """Raises SealBroken for anything `encode` does not make now or did not make in version 1."""
    if len(row) == FIRST_ROW_BYTES:
        return _decode_first(row)
    if len(row) != ROW_BYTES or row[0] != VERSION:
        raise SealBroken
    try:
        return _read(row)
    except (KeyError, ValueError):
        raise SealBroken from None


def _read(row: bytes) -> CoarseRecord:
    _version, event, before, year, quarter, *coded = _ROW.unpack_from(row)
    values: dict[str, str | tuple[str, ...]] = {}
    for name, found in zip(SINGLE, coded, strict=False):
        values[name] = _codes(name)[found]
    at = len(SINGLE)
    for name, places in MANY.items():
        values[name] = tuple(_codes(name)[found] for found in coded[at : at + places] if found)
        at += places
    day = dt.date.fromordinal(before)
    return CoarseRecord(event if any(event) else b"", day, year, quarter, **values, version=VERSION)  # type: ignore[arg-type]


_first_decoder = msgspec.msgpack.Decoder(CoarseRecord)


def _decode_first(row: bytes) -> CoarseRecord:
    length = int.from_bytes(row[:_LENGTH_BYTES], "big")
    try:
        record = _first_decoder.decode(row[_LENGTH_BYTES : _LENGTH_BYTES + length])
    except msgspec.MsgspecError:
        raise SealBroken from None
    if record.version != 1:
        raise SealBroken
    return record


def counted_before(row: bytes) -> dt.date:
    """Of a row of this version: from this day on its person is not counted."""
    return dt.date.fromordinal(int.from_bytes(row[_BEFORE_AT : _BEFORE_AT + 4], "big"))


def renewed(row: bytes) -> bytes:
    """The same record in the form of this version. Raises SealBroken."""
    return row if len(row) == ROW_BYTES and row[0] == VERSION else encode(decode(row))
