"""The one door to plaintext: checks permission and consent, opens, writes the audit entry. Nothing else decrypts a case."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import msgspec
from django.utils import timezone

from accounts.crypto.context import field_context
from accounts.crypto.padding import pad, unpad
from accounts.crypto.sealed import SealBroken, Sealed
from accounts.keyring import Keyring
from casework import (
    audit,
    coarsening,
    consent,
    consentrecords,
    deadlines,
    handover,
    keys,
    permissions,
    scanning,
)
from casework.answers import Message
from casework.models import Case, CaseCard, CaseText, Notice, Revision
from casework.record import (
    Card,
    CaseRecord,
    Person,
    card_of,
    decode_card,
    decode_record,
    encode,
    normalise,
    search_text,
    with_ids,
)

RECORD = "record"
TRIES = 3


@dataclass(frozen=True)
class OpenCase:
    case: Case
    record: CaseRecord
    revision: int


class Listed(msgspec.Struct, gc=False):
    """Ten thousand of them make a page of fifty, and an id costs more than opening the card: it is made for those shown."""

    case: bytes
    card: Card
    # The person has said something by receipt that nobody has taken note of yet.
    news: bool = False

    @property
    def case_id(self) -> UUID:
        return UUID(bytes=self.case)


@dataclass(frozen=True)
class Listing:
    """`broken`: cases whose sealed bytes were altered; they are named, never silently left out."""

    cases: list[Listed]
    broken: list[UUID]


def open_case(keyring: Keyring, case_id: UUID, permission: str = permissions.VIEW) -> OpenCase:
    """Http404 to a stranger; SealBroken for altered bytes; ConsentMissing when the person no longer agrees that it is kept."""
    case = permissions.case_for(keyring.user, case_id, permission)
    opened = reopen(keyring, case)
    consent.require(opened.record, "STORE")
    _require_of_partners(keyring, opened)
    audit.append(keyring.user, "case.open", case.pk)
    return opened


def _require_of_partners(keyring: Keyring, opened: OpenCase) -> None:
    """Another team reads it only while everyone concerned agrees to that, and not until somebody takes the grant back."""
    if permissions.partner_cases(keyring.user, opened.case.pk):
        consent.require(opened.record, "SHARE_PARTNER")


def open_consents(keyring: Keyring, case_id: UUID, permission: str = permissions.CHANGE) -> OpenCase:
    """The record for the page that asks for consent again: the one reader that works while consent has lapsed."""
    case = permissions.case_for(keyring.user, case_id, permission)
    audit.append(keyring.user, "consent.open", case.pk)
    opened = reopen(keyring, case)
    _require_of_partners(keyring, opened)
    return opened


def messages(keyring: Keyring, opened: OpenCase) -> list[tuple[Person, Message]]:
    """What each person said by receipt, of a case that is open."""
    if not any(person.consent_key for person in opened.record.persons):
        return []
    key = keys.open_key(keyring, opened.case)
    records = [(person, consentrecords.of(key, person)) for person in opened.record.persons]
    return [(person, message) for person, record in records if record for message in record.answers.messages]


def reopen(keyring: Keyring, case: Case) -> OpenCase:
    """A case the caller has just fetched with its permission, to save over what is there."""
    for _ in range(TRIES):
        try:
            return _reopened(keyring, case)
        except SealBroken:
            # Sealed anew between two of our questions? Then the bytes are whole, and only this reading was torn.
            epoch = Case.objects.filter(pk=case.pk).values_list("epoch", flat=True).first()
            if epoch in (None, case.epoch):
                raise
            case.epoch = epoch
    raise SealBroken


def _reopened(keyring: Keyring, case: Case) -> OpenCase:
    key = keys.open_key(keyring, case)
    revision = case.revisions.order_by("-number").first()
    if revision is None:
        raise SealBroken
    record = consentrecords.lay_over(key, open_revision(key, revision))
    return OpenCase(case, record, revision.number)


def open_revision(key: keys.CaseKey, revision: Revision) -> CaseRecord:
    context = field_context(RECORD, key.case_id, revision.pk)
    return with_ids(decode_record(unpad(key.cipher.open(revision.record_ciphertext, context))))


@dataclass(frozen=True)
class SealedCase:
    card: Sealed
    text: Sealed
    record: Sealed


def seal(key: keys.CaseKey, record: CaseRecord, revision_id: UUID) -> SealedCase:
    counted = coarsening.is_counted(record)
    shared = consent.all_until(record, "SHARE_PARTNER")
    card = card_of(
        record,
        counted=counted,
        open_until=open_until(record),
        shared_until=shared.isoformat() if shared else "",
        due=deadlines.for_card(record),
        reached=handover.reached(record),
    )
    return SealedCase(
        card=_sealed(key, scanning.CARD, key.case_id, encode(card)),
        text=_sealed(key, scanning.TEXT, key.case_id, search_text(record).encode()),
        record=seal_record(key, record, revision_id),
    )


def seal_record(key: keys.CaseKey, record: CaseRecord, revision_id: UUID) -> Sealed:
    return _sealed(key, RECORD, revision_id, encode(record))


def _sealed(key: keys.CaseKey, name: str, row: UUID, plaintext: bytes) -> Sealed:
    """Padded: a length says how much was told, and to one who knows the story, which story it is."""
    return key.cipher.seal(pad(plaintext), field_context(name, key.case_id, row))


def replace_card_and_text(case: Case, sealed: SealedCase) -> None:
    CaseCard.objects.filter(pk=case.pk).update(ciphertext=sealed.card)
    CaseText.objects.filter(pk=case.pk).update(ciphertext=sealed.text)


def open_until(record: CaseRecord) -> str:
    """The day the first of the consents to keep this file ends; a list must not show a card after it."""
    return (consent.all_until(record, "STORE") or dt.date.min).isoformat()


def cards(keyring: Keyring) -> Listing:
    """Every card the person may open, in one pass."""
    found = _listing(keyring, scanning.cards(keyring))
    # Last, and still before anybody sees a card: the audit log is locked from here to the end of the transaction, and ten
    # people who list at once must not wait for each other's ten thousand rows.
    audit.append(keyring.user, "case.list")
    return found


def _listing(keyring: Keyring, rows: Iterator[tuple[bytes, bytes | None]]) -> Listing:
    listed, broken, today = [], [], timezone.localdate().isoformat()
    partner = {case_id.bytes for case_id in permissions.partner_cases(keyring.user)}
    notices = {case_id.bytes: closes for case_id, closes in Notice.objects.values_list("case_id", "closes")}
    for case, plaintext in rows:
        if plaintext is None:
            broken.append(UUID(bytes=case))
            continue
        card = decode_card(plaintext)
        if case in partner and (card.shared_until < today or notices.get(case)):
            continue
        if card.open_until < today or notices.get(case):
            card = closed(card)
        listed.append(Listed(case, card, case in notices))
    return Listing(listed, broken)


def closed(card: Card) -> Card:
    """What remains of a card once consent has ended: the group's own reference, so that the person can be asked again."""
    return Card(reference=card.reference, open_until="")


def search(keyring: Keyring, words: str) -> Listing:
    """Every case in which all the words stand, accents and case ignored. A case whose consent has ended is not searched."""
    needles = [w.encode() for w in normalise(words).split()]
    if not needles:
        return Listing([], [])
    found = _listing(keyring, scanning.cards(keyring, lambda text: all(needle in text for needle in needles)))
    audit.append(keyring.user, "case.search")
    return Listing([listed for listed in found.cases if listed.card.open_until], found.broken)
