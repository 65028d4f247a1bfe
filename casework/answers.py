"""The decrypted shape of a consent record: one person's answers, who can open them, and what the person said by receipt. It
holds no name and nothing of the story, because whoever has the receipt reads all of it."""

import datetime as dt
from typing import Final

import msgspec

from accounts.crypto.sealed import SealBroken
from casework.record import Consent, Person

ANSWERS_VERSION: Final = 1
CASE, RECEIPT = "case", "receipt"
WITHDRAWN, KEPT, CONTACT, COPY = "WITHDRAWN", "KEPT", "CONTACT", "COPY"
TAKEN_OUT: Final = "TAKEN_OUT"


class Holder(msgspec.Struct):
    """Somebody the record's key is sealed to: one of the person's cases, or whoever has the receipt. `key` is the row."""

    kind: str
    key: str
    id: str
    epoch: int
    public_key: bytes
    # Of a case: the name of this person's row among the statistics; whether the file is about other people too.
    token_hash: bytes = b""
    others: bool = False
    # What this person's passages are found by (`casework.stories`); it leads to none of their words.
    story_secret: bytes = b""


class Message(msgspec.Struct):
    """What the person said by receipt: that they withdrew, keep the file after all, ask to be contacted, ask for a copy; and what
    they are told there: that their part was taken out of a file."""

    kind: str
    on: dt.date
    purposes: list[str] = []
    erase_on: dt.date | None = None


class Answers(msgspec.Struct):
    """`guarded`: a child whose guardian answers."""

    consents: list[Consent] = []
    holders: list[Holder] = []
    messages: list[Message] = []
    guarded: bool = False
    language: str = ""
    version: int = ANSWERS_VERSION

    def person(self) -> Person:
        """Whom `consent.may` is asked about when no case is open."""
        return Person(id="", minor=self.guarded, consents=self.consents)

    def cases(self) -> list[Holder]:
        return [holder for holder in self.holders if holder.kind == CASE]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Answers)


def encode(answers: Answers) -> bytes:
    return _encoder.encode(answers)


def decode(data: bytes) -> Answers:
    """Raises SealBroken for a version this code does not know."""
    answers = _decoder.decode(data)
    if answers.version != ANSWERS_VERSION:
        raise SealBroken
    return answers
