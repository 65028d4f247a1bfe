"""The decrypted shape of a case: typed, versioned, without Django.

Follows the handover chain and the roles-in-an-event model of the HURIDOCS formats: one event, the people in it with their
roles, each person's own chain of steps, consent, outcomes and harms, and the statements it is all known from. Codes are those of
`casework.vocabulary`; "unknown", "refused" and "not asked" are different answers and are kept apart.
"""

import calendar
import datetime as dt
import re
import secrets
import uuid
from typing import Final, TypeVar

import msgspec

from accounts.crypto.sealed import SealBroken
from casework.agenda import DateToKeep, Interaction, Referral, Task, Told

RECORD_VERSION: Final = 1
PATTERN = re.compile(
    r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>\d{2})(?:-(?P<day>\d{2})(?:T(?P<hour>\d{2}):(?P<minute>\d{2}))?)?))?"
)

# « T2 », trimestre: as a page shows a quarter in French, so it may be typed.
FRENCH_QUARTER = re.compile(r"\A(\d{4})-T([1-4])\Z")


class Moment(msgspec.Struct, frozen=True):
    """A point in time as precise as the person is: `2017`, `2017-Q2`, `2017-03`, `2017-03-14` or `2017-03-14T22:10`."""

    text: str
    uncertain: bool = False

    @classmethod
    def parse(cls, text: str, *, uncertain: bool = False) -> "Moment":
        """Raises ValueError for anything that is not a date of one of the five forms, or does not exist."""
        moment = cls(FRENCH_QUARTER.sub(r"\1-Q\2", text.strip().upper().replace(" ", "")), uncertain)
        moment.earliest  # noqa: B018 - an impossible date raises here
        return moment

    def _parts(self) -> dict[str, int]:
        match = PATTERN.fullmatch(self.text)
        if match is None or int(match["year"]) < 1900:
            raise ValueError("not a date")
        return {name: int(value) for name, value in match.groupdict().items() if value is not None}

    @property
    def precision(self) -> str:
        parts = self._parts()
        return next(name for name in ("minute", "day", "month", "quarter", "year") if name in parts)

    @property
    def year(self) -> int:
        return self._parts()["year"]

    @property
    def quarter(self) -> int | None:
        parts = self._parts()
        return parts.get("quarter") or ((parts["month"] + 2) // 3 if "month" in parts else None)

    @property
    def earliest(self) -> dt.datetime:
        parts = self._parts()
        month = parts.get("month", 3 * parts.get("quarter", 1) - 2)
        return dt.datetime(
            parts["year"], month, parts.get("day", 1), parts.get("hour", 0), parts.get("minute", 0)
        )

    @property
    def latest(self) -> dt.datetime:
        """The last minute this moment can mean."""
        parts, start = self._parts(), self.earliest
        if "minute" in parts:
            return start
        month = parts.get("month", 3 * parts.get("quarter", 4))
        day = parts.get("day", 0) or calendar.monthrange(start.year, month)[1]
        return dt.datetime(start.year, month, day, 23, 59)


class Consent(msgspec.Struct):
    """One answer to one purpose. `wording` is the version of the text that was read out, `explained_by` whoever read it,
    `conditions` what the person tied the answer to: the partner's name, what to leave out, whom to keep it from."""

    purpose: str
    state: str
    on: dt.date | None = None
    mode: str = ""
    language: str = ""
    wording: str = "1"
    expires: dt.date | None = None
    explained_by: str = ""
    conditions: str = ""


class Step(msgspec.Struct):
    """One link of the chain: STOP, IDENTIFICATION, DATABASE_QUERY, CALL_TO_CBSA, HOLD, TRANSFER, DETENTION, REVIEW,
    RELEASE, REMOVAL."""

    kind: str
    began: Moment | None = None
    ended: Moment | None = None
    agency: str = ""
    place: str = ""
    detention_place: str = ""
    warrant_shown: str = "NOT_ASKED"
    reasons_given: str = "NOT_ASKED"
    counsel: str = "NOT_ASKED"
    interpreter: str = "NOT_ASKED"
    legal_basis: str = ""
    note: str = ""
    # Of a detention review.
    result: str = ""


class Outcome(msgspec.Struct):
    code: str
    on: Moment | None = None


class Officer(msgspec.Struct):
    service: str = ""
    badge: str = ""
    name: str = ""
    description: str = ""


class Safety(msgspec.Struct):
    """What was asked before the story itself, because it cannot wait. Dates here lie ahead."""

    detained_now: str = "NOT_ASKED"
    detained_where: str = ""
    next_review: Moment | None = None
    removal: Moment | None = None
    minors: str = "NOT_ASKED"
    counsel: str = "NOT_ASKED"
    # How to reach the person without putting them in danger, and what they must not be sent.
    reach: str = ""
    # What was agreed to do next.
    agreed: str = ""


class Person(msgspec.Struct):
    """A person in one or more roles: victim, source, perpetrator, intervener."""

    id: str
    roles: list[str] = []
    alias: str = ""
    name: str = ""
    age_band: str = ""
    gender: str = ""
    region: str = ""
    language: str = ""
    minor: bool = False
    immigration_basis: list[str] = []
    status_raised: list[str] = []
    suspicion_cue: list[str] = []
    cbsa_involvement: str = ""
    held_hours: float | None = None
    steps: list[Step] = []
    outcomes: list[Outcome] = []
    harms: list[str] = []
    consents: list[Consent] = []
    # The row that holds the key of this person's consent record; empty while this case is the only place their answers stand in.
    consent_key: str = ""
    # Random; its hash names the person's row among the statistics, so nobody can go from that row to this case.
    statistic_token: bytes = b""
    safety: Safety = msgspec.field(default_factory=Safety)

    def consent_for(self, purpose: str) -> Consent | None:
        """The latest answer; the list is in the order the answers were given."""
        return next((c for c in reversed(self.consents) if c.purpose == purpose), None)

    def detention_places(self) -> list[str]:
        return [s.detention_place for s in self.steps if s.detention_place]


class Statement(msgspec.Struct):
    """What one source tells. Credibility of the source and validity of the information are rated apart.

    `about`: ids of the people it tells of, none for the event as a whole; `contradicts`: ids of the statements it cannot be true
    beside. Two of them, neither deleted: which one holds is for `verification` to say."""

    text: str
    source: str
    on: Moment | None = None
    language: str = ""
    source_credibility: str = ""
    information_validity: str = ""
    id: str = ""
    about: list[str] = []
    contradicts: list[str] = []


class ServiceDenial(msgspec.Struct):
    service_type: str
    mechanism: str = ""
    on: Moment | None = None
    place: str = ""
    note: str = ""


class Event(msgspec.Struct):
    """What happened, where and when: shared by everyone it happened to."""

    date: Moment | None = None
    city: str = ""
    borough: str = ""
    police_services: list[str] = []
    pretext: str = ""
    place_type: str = ""
    place_note: str = ""
    reason_given: str = "NOT_ASKED"


class Saved(msgspec.Struct, frozen=True):
    """Who made a revision, when and how. Sealed with it: the database does not say who works on which case, or at night.

    `by`: a user's id, empty for the command line. `restored`: the revision it went back to."""

    by: str
    at: dt.datetime
    action: str
    restored: int = 0


class CaseRecord(msgspec.Struct):
    reference: str
    event: Event
    persons: list[Person] = []
    statements: list[Statement] = []
    officers: list[Officer] = []
    denials: list[ServiceDenial] = []
    status: str = "INTAKE"
    verification: str = "V0"
    event_token: bytes = b""
    version: int = RECORD_VERSION
    # Words of the group's own, to find a case by; who of the team looks after it, as the hexadecimal digits of their id.
    tags: list[str] = []
    owner: str = ""
    saved: Saved | None = None
    tasks: list[Task] = []
    dates: list[DateToKeep] = []
    interactions: list[Interaction] = []
    referrals: list[Referral] = []
    # Who was told of a withdrawal.
    told: list[Told] = []

    def person(self, person_id: str) -> Person | None:
        return next((person for person in self.persons if person.id == person_id), None)

    def victims(self) -> list[Person]:
        return [p for p in self.persons if "VICTIM" in p.roles]


class CardHead(msgspec.Struct, array_like=True, gc=False):
    """Whether a case is listed, and where. These come first on every card: of ten thousand no more is read for one page, and the
    rest is passed over. Tuples, and nothing for the collector of cycles to walk through."""

    reference: str
    # The last day on which everyone concerned agrees that the file is kept, ISO form; empty once it is past.
    open_until: str = ""
    date: str = ""
    status: str = ""
    detained_now: bool = False
    # What is due, as `casework.deadlines` writes it.
    due: tuple[str, ...] = ()
    # The last day on which everyone concerned agrees that a partner group reads it; empty when not, or not any more.
    shared_until: str = ""


class Card(CardHead, array_like=True, gc=False):
    """What a list shows and filters of a case."""

    city: str = ""
    borough: str = ""
    police_services: tuple[str, ...] = ()
    pretext: str = ""
    cbsa_involvement: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    service_types: tuple[str, ...] = ()
    verification: str = ""
    people: int = 0
    aliases: tuple[str, ...] = ()
    counted: bool = False
    # How many people came how far, as `casework.handover` counts.
    reached: tuple[int, ...] = ()
    # Every other coded fact a list is filtered by, as one text: `casework.coding` says how.
    facts: str = ""
    tags: tuple[str, ...] = ()
    owner: str = ""
    # When consent for each purpose ends, as `casework.consent` writes it.
    ends: str = ""


def new_person(*roles: str) -> Person:
    return Person(id=uuid.uuid4().hex, roles=list(roles), statistic_token=secrets.token_bytes(32))


def new_id() -> str:
    return uuid.uuid4().hex


def new_record(reference: str, event: Event) -> CaseRecord:
    return CaseRecord(reference=reference, event=event, event_token=secrets.token_bytes(16))


_encoder = msgspec.msgpack.Encoder()
_record_decoder = msgspec.msgpack.Decoder(CaseRecord)
_card_decoder = msgspec.msgpack.Decoder(Card)
Decoded = TypeVar("Decoded")
_head_decoder = msgspec.msgpack.Decoder(CardHead)


def encode(value: CaseRecord | Card) -> bytes:
    return _encoder.encode(value)


def decode_record(data: bytes) -> CaseRecord:
    """Raises SealBroken for a version this code does not know: it must not be saved back with fields lost."""
    record = _record_decoder.decode(data)
    if record.version != RECORD_VERSION:
        raise SealBroken
    return record


def with_ids(record: CaseRecord) -> CaseRecord:
    """A statement older than ids, or just imported, is known by its place until the next saving writes that down."""
    for number, statement in enumerate(record.statements, 1):
        statement.id = statement.id or str(number)
    return record


def decode_card(data: bytes) -> Card:
    return _decoded(_card_decoder, data)


def decode_head(data: bytes) -> CardHead:
    return _decoded(_head_decoder, data)


def _decoded(decoder: msgspec.msgpack.Decoder[Decoded], data: bytes) -> Decoded | Card:
    try:
        return decoder.decode(data)
    except msgspec.MsgspecError:
        return _older(data)


# How cards were ordered before what decides their place came first: a text then stood where a yes or no stands now.
OLDER: Final = (
    *("reference", "open_until", "date", "city", "borough", "police_services", "pretext", "cbsa_involvement"),
    *("outcomes", "service_types", "status", "verification", "people", "aliases", "detained_now", "counted"),
    *("due", "reached", "facts", "tags", "owner", "ends", "shared_until"),
)


def _older(data: bytes) -> Card:
    """Written anew by the next saving. Raises SealBroken for any other shape: one card must not hide a list of ten thousand."""
    try:
        values = msgspec.msgpack.decode(data, type=list)
        return _card_decoder.decode(_encoder.encode(Card(**dict(zip(OLDER, values, strict=False)))))
    except (msgspec.MsgspecError, TypeError):
        raise SealBroken from None


DETAINED = {"DETAINED", "HANDED_OVER", "HELD_POLICE", "REVIEW_CONTINUED"}


def is_detained_now(person: Person) -> bool:
    """The last known outcome decides; before any is known, what was answered when the story came in."""
    if person.outcomes:
        return person.outcomes[-1].code in DETAINED
    return person.safety.detained_now == "YES"


def card_of(
    record: CaseRecord,
    *,
    counted: bool,
    open_until: str,
    due: tuple[str, ...] = (),
    reached: tuple[int, ...] = (),
    facts: str = "",
    ends: str = "",
    shared_until: str = "",
) -> Card:
    people = record.victims()
    return Card(
        reference=record.reference,
        open_until=open_until,
        date=record.event.date.text if record.event.date else "",
        city=record.event.city,
        borough=record.event.borough,
        police_services=tuple(record.event.police_services),
        pretext=record.event.pretext,
        cbsa_involvement=tuple(sorted({p.cbsa_involvement for p in people if p.cbsa_involvement})),
        outcomes=tuple(sorted({o.code for p in people for o in p.outcomes})),
        service_types=tuple(sorted({d.service_type for d in record.denials})),
        status=record.status,
        verification=record.verification,
        people=len(people),
        aliases=tuple(p.alias for p in people if p.alias),
        detained_now=any(is_detained_now(p) for p in people),
        counted=counted,
        due=due,
        reached=reached,
        facts=facts,
        tags=tuple(record.tags),
        owner=record.owner,
        ends=ends,
        shared_until=shared_until,
    )
