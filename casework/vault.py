"""The one door to plaintext: checks permission and consent, opens, writes the audit entry. Nothing else decrypts a case."""

import datetime as dt
import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import NamedTuple, TypeVar
from uuid import UUID

import msgspec
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from accounts.crypto.context import field_context
from accounts.crypto.padding import pad, unpad
from accounts.crypto.sealed import SealBroken, Sealed
from accounts.keyring import Keyring
from casework import (
    audit,
    coarsening,
    coding,
    consent,
    consentrecords,
    custody,
    deadlines,
    handover,
    keys,
    matching,
    owed,
    permissions,
    scanning,
)
from casework.answers import Message
from casework.matching import Match, Matcher
from casework.models import Case, CaseCard, CaseText, Notice, Revision
from casework.record import (
    Card,
    CardHead,
    CaseRecord,
    Person,
    card_of,
    decode_card,
    decode_head,
    decode_record,
    encode,
    with_ids,
)
from casework.searchtext import FileWords, search_text

RECORD = "record"
Read = TypeVar("Read")
Made = TypeVar("Made")
TRIES = 3


@dataclass(frozen=True)
class OpenCase:
    case: Case
    record: CaseRecord
    revision: int


class Listed(msgspec.Struct, gc=False):
    """Ten thousand of them make a page of fifty: id and card are made for those that are shown, or filtered by what they say."""

    case: bytes
    head: CardHead
    # The card as it was sealed; not needed where `head` is all of it.
    plaintext: bytes = b""
    match: Match | None = None
    # The person has said something by receipt that nobody has taken note of yet.
    news: bool = False

    @property
    def case_id(self) -> UUID:
        return UUID(bytes=self.case)

    @property
    def card(self) -> Card:
        """Read anew each time: ten thousand of them kept would take as long again to let go."""
        return self.head if isinstance(self.head, Card) else decode_card(self.plaintext)

    def names(self, code: bytes) -> bool:
        """Whether it may stand on the card: a card without it need not be read in full."""
        return code in self.plaintext or not self.plaintext


@dataclass(frozen=True)
class Listing:
    """`broken`: cases whose sealed bytes were altered; they are named, never silently left out."""

    cases: list[Listed]
    broken: list[UUID]
    # Which part this is, and of how many: 1 for whoever may open ten thousand cases or fewer.
    part: int = 1
    parts: int = 1


def open_case(keyring: Keyring, case_id: UUID, permission: str = permissions.VIEW) -> OpenCase:
    """Http404 to a stranger; SealBroken for altered bytes; ConsentMissing when the person no longer agrees that it is kept."""
    case = permissions.case_for(keyring.user, case_id, permission)
    opened = reopen(keyring, case)
    require_read(keyring, opened)
    audit.append(keyring.user, "case.open", case.pk)
    return opened


def require_read(keyring: Keyring, opened: OpenCase) -> None:
    """Asked before anything of a case is shown, whichever page it stands on. Raises ConsentMissing."""
    consent.require(opened.record, "STORE")
    require_of_partners(keyring, opened)


def require_of_partners(keyring: Keyring, opened: OpenCase) -> None:
    """Another team reads it only while everyone concerned agrees to that, and not until somebody takes the grant back."""
    if permissions.partner_cases(keyring.user, opened.case.pk):
        consent.require(opened.record, "SHARE_PARTNER")


def open_consents(keyring: Keyring, case_id: UUID, permission: str = permissions.CHANGE) -> OpenCase:
    """The record for the page that asks for consent again: the one reader that works while consent has lapsed."""
    case = permissions.case_for(keyring.user, case_id, permission)
    audit.append(keyring.user, "consent.open", case.pk)
    opened = reopen(keyring, case)
    require_of_partners(keyring, opened)
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
    return untorn(case, lambda: _reopened(keyring, case))


def untorn(case: Case, read: Callable[[], Read]) -> Read:
    """What `read` opens. Sealed anew between two of its questions? Then the bytes are whole, and only that reading was torn."""
    for _ in range(TRIES):
        try:
            return read()
        except SealBroken:
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


def seal(
    key: keys.CaseKey, record: CaseRecord, revision_id: UUID, files: Sequence[FileWords] = ()
) -> SealedCase:
    """`files`: what its evidence is found by; a new case has none."""
    counted = coarsening.is_counted(record)
    shared = consent.all_until(record, "SHARE_PARTNER")
    card = card_of(
        record,
        counted=counted,
        open_until=open_until(record),
        ends=consent.ends(record),
        shared_until=shared.isoformat() if shared else "",
        due=deadlines.for_card(record, owed.for_card(key, record)),
        reached=handover.reached(record),
        facts=coding.facts_of(record),
    )
    return SealedCase(
        card=_sealed(key, scanning.CARD, key.case_id, encode(card)),
        text=_sealed_text(key, record, files),
        record=seal_record(key, record, revision_id),
    )


def _sealed_text(key: keys.CaseKey, record: CaseRecord, files: Sequence[FileWords]) -> Sealed:
    return _sealed(key, scanning.TEXT, key.case_id, search_text(record, files).encode())


def seal_record(key: keys.CaseKey, record: CaseRecord, revision_id: UUID) -> Sealed:
    return _sealed(key, RECORD, revision_id, encode(record))


@contextmanager
def undisturbed() -> Iterator[None]:
    """The collector of cycles would walk through ten thousand new cards several times, and finds none: they hold only text."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class OpenRevision(NamedTuple):
    record: CaseRecord
    revision: int
    files: Sequence[FileWords] = ()


def newest_cases(
    keyring: Keyring, case_ids: list[UUID], *, with_files: bool = False
) -> dict[UUID, OpenRevision]:
    """For the few that a page shows of those a search has found, or of a selection, with the caller's own audit entry: as many
    questions for fifty as for one. What does not open is left out, and so is a case whose consent has ended."""
    opened = keys.open_many(keyring, case_ids)
    newest = Revision.objects.filter(case=OuterRef("case")).order_by("-number").values("pk")[:1]
    files = custody.words_of(opened.values()) if with_files else {}
    found = {}
    for revision in Revision.objects.filter(case__in=list(opened), pk=Subquery(newest)):
        with suppress(SealBroken):
            record = open_revision(opened[revision.case_id], revision)
            found[revision.case_id] = OpenRevision(record, revision.number, files.get(revision.case_id, ()))
    consentrecords.lay_over_all([(opened[case_id], shown.record) for case_id, shown in found.items()])
    partner = permissions.partner_cases(keyring.user)
    return {
        case_id: shown
        for case_id, shown in found.items()
        if consent.all_until(shown.record, "SHARE_PARTNER" if case_id in partner else "STORE")
    }


def _sealed(key: keys.CaseKey, name: str, row: UUID, plaintext: bytes) -> Sealed:
    """Padded: a length says how much was told, and to one who knows the story, which story it is."""
    return key.cipher.seal(pad(plaintext), field_context(name, key.case_id, row))


def replace_card_and_text(case: Case, sealed: SealedCase) -> None:
    CaseCard.objects.filter(pk=case.pk).update(ciphertext=sealed.card)
    CaseText.objects.filter(pk=case.pk).update(ciphertext=sealed.text)


def replace_text(keyring: Keyring, case: Case) -> None:
    """Of a case the caller holds, when evidence has come: nothing else of it has changed."""
    key, record = keys.open_key(keyring, case), reopen(keyring, case).record
    files = custody.words_of([key])[case.pk]
    CaseText.objects.filter(pk=case.pk).update(ciphertext=_sealed_text(key, record, files))


def open_until(record: CaseRecord) -> str:
    """The day the first of the consents to keep this file ends; a list must not show a card after it."""
    return (consent.all_until(record, "STORE") or dt.date.min).isoformat()


def cards(keyring: Keyring, part: int = 1) -> Listing:
    """Every card the person may open, in one pass; beyond ten thousand, one part of them, the last for a number beyond it."""
    parts = scanning.parts(keyring)
    part = min(part, parts)
    found, broken = every_card(keyring, list, part if parts > 1 else 0)
    return Listing(found, broken, part, parts)


def every_card(
    keyring: Keyring, made: Callable[[Iterator[Listed]], Made], part: int = 0
) -> tuple[Made, list[UUID]]:
    """What `made` makes of every card the person may open, however many there are, and the cases that are broken. One pass, in
    which a card is gone as soon as `made` has done with it; it asks the database nothing meanwhile."""
    broken: list[UUID] = []
    with undisturbed(), scanning.gathering():
        result = made(_listed(keyring, scanning.cards(keyring, part=part), broken))
    # Last, and still before anybody sees a card: the audit log is locked from here to the end of the transaction, and ten
    # people who list at once must not wait for each other's ten thousand rows.
    audit.append(keyring.user, "case.list")
    return result, broken


class _Shown:
    """Which cards of a list are shown as they are, which closed and which not at all: asked once for ten thousand."""

    def __init__(self, keyring: Keyring) -> None:
        self.today = timezone.localdate().isoformat()
        self.partner = {case_id.bytes for case_id in permissions.partner_cases(keyring.user)}
        self.notices = {
            case_id.bytes: closes for case_id, closes in Notice.objects.values_list("case_id", "closes")
        }

    def of(self, case: bytes, head: CardHead) -> tuple[CardHead | None, bool]:
        """The head as it is shown, or None; and whether the person has said something. A notice that closes a case stays as long
        as it does: somebody has taken note once the card knows of it."""
        closes, is_open = self.notices.get(case), head.open_until >= self.today
        news = closes is not None and (is_open or not closes)
        if case in self.partner and (closes or head.shared_until < self.today):
            return None, news
        return head if is_open and not closes else closed(head), news


def _listed(keyring: Keyring, rows: Iterable[scanning.Row], broken: list[UUID]) -> Iterator[Listed]:
    shown = _Shown(keyring)
    for case, plaintext, _text in rows:
        try:
            plaintext = plaintext or b""
            decoded = decode_head(plaintext)
        except SealBroken:
            broken.append(UUID(bytes=case))
            continue
        head, news = shown.of(case, decoded)
        if head is not None:
            yield Listed(case, head, plaintext, None, news)


def closed(head: CardHead) -> Card:
    """What remains of a card once consent has ended: the group's own reference, so that the person can be asked again, and the
    days of what is to be done because of it."""
    return Card(reference=head.reference, open_until="", due=tuple(filter(deadlines.outlasts, head.due)))


def search(keyring: Keyring, words: str) -> Listing:
    """Every case in which all the words stand, accents and case ignored."""
    return matches(keyring, matching.words(words))


def matches(keyring: Keyring, matcher: Matcher, part: int = 1) -> Listing:
    """Every case whose card and search text the matcher accepts; beyond ten thousand, of one part of them."""
    if matcher is matching.nothing:
        return Listing([], [])
    parts = scanning.parts(keyring)
    part = min(part, parts)
    found, broken = every_match(keyring, matcher, list, "case.search", part if parts > 1 else 0)
    return Listing(found, broken, part, parts)


def every_match(
    keyring: Keyring, matcher: Matcher, made: Callable[[Iterator[Listed]], Made], action: str, part: int = 0
) -> tuple[Made, list[UUID]]:
    """As `every_card`, of the cases the matcher accepts. One whose consent has ended is not searched."""
    broken: list[UUID] = []
    with undisturbed(), scanning.gathering():
        rows = scanning.cards(keyring, with_text=True, part=part)
        result = made(_matching(keyring, rows, matcher, broken))
    audit.append(keyring.user, action)
    return result, broken


def _matching(
    keyring: Keyring, rows: Iterable[scanning.Row], matcher: Matcher, broken: list[UUID]
) -> Iterator[Listed]:
    shown = _Shown(keyring)
    for case, plaintext, text in rows:
        try:
            if plaintext is None or text is None:
                raise SealBroken
            decoded = decode_card(plaintext)
            head, news = shown.of(case, decoded)
            match = matcher(decoded, text()) if head is not None and head.open_until else None
        except SealBroken:
            broken.append(UUID(bytes=case))
            continue
        if match:
            yield Listed(case, decoded, match=match, news=news)
