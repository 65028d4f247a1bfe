"""One list of answers per person, whatever number of cases they are in, and whoever opens it: a case they are in, or they
themselves with the receipt. Its key is random and sealed to each holder; a holder can read and write the whole.

While a person is in one case and has no receipt, their answers stand in the case and none of this exists.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from django.utils import timezone

from accounts.crypto.context import field_context, grant_context
from accounts.crypto.derivation import KEY_BYTES
from accounts.crypto.envelope import open_sealed, seal
from accounts.crypto.padding import pad, unpad
from accounts.crypto.principal import Principal
from accounts.crypto.sealing import seal_to
from casework import answers as shapes
from casework import consent, narrating
from casework.answers import Answers, Holder, Message
from casework.coarsening import token_hash
from casework.keys import CaseKey
from casework.models import ConsentKey, ConsentRecord
from casework.record import CaseRecord, Person

KIND = "consent"
# The record's own key is new at every turn; it needs no epochs beside that.
EPOCH = 1
# For as long after the last consent has ended, the person may still look at their receipt.
KEPT_MONTHS = 12


class HasReceipt(Exception):
    """The person can read and withdraw their answers by themselves: they are no mistake, and the case stays in their reach."""


class SaidMeanwhile(Exception):
    """The person, or somebody who asked them, added an answer after these were read. Nothing was overwritten."""


@dataclass(frozen=True, repr=False, eq=False)
class Opened:
    id: UUID
    key: bytes
    answers: Answers


def opened_by(holder: Principal, key_id: UUID, *, lock: bool = False) -> Opened | None:
    """None when there is no such row: the record has ended, or never was. Raises SealBroken."""
    rows = ConsentRecord.objects.select_for_update() if lock else ConsentRecord.objects
    found, sealed = None, ConsentKey.objects.filter(pk=key_id).first()
    # Until nothing has moved: two records may have become one, or the key been turned, while this waited for the lock.
    while sealed is not None and (found is None or sealed.record_id != found.record_id):
        found, record = sealed, rows.filter(pk=sealed.record_id).first()
        if lock or record is None:
            sealed = ConsentKey.objects.filter(pk=key_id).first()
    return _opened(holder, sealed, record) if sealed is not None and record is not None else None


def hold(people: Iterable[Person]) -> None:
    """The records of all of them, in the one order; to be called with every case of theirs that is about to change held."""
    names = [UUID(person.consent_key) for person in people if person.consent_key]
    if names:
        records = ConsentKey.objects.filter(pk__in=names).values("record")
        list(
            ConsentRecord.objects.select_for_update().filter(pk__in=records).order_by("pk").values_list("pk")
        )


def _opened(holder: Principal, sealed: ConsentKey, record: ConsentRecord) -> Opened:
    key = holder.open_from(sealed.key_ciphertext, _key_place(record.pk, holder.id, holder.epoch))
    opened = unpad(open_sealed(key, EPOCH, record.ciphertext, _place(record.pk)))
    return Opened(record.pk, key, shapes.decode(opened))


def _key_place(record_id: UUID, holder_id: UUID, epoch: int) -> bytes:
    return grant_context(KIND, record_id, EPOCH, holder_id, epoch)


def _place(record_id: UUID) -> bytes:
    return field_context(KIND, record_id, record_id)


def write(opened: Opened) -> None:
    sealed = seal(opened.key, EPOCH, pad(shapes.encode(opened.answers)), _place(opened.id))
    ConsentRecord.objects.update_or_create(
        pk=opened.id, defaults={"ciphertext": sealed, "keep_until": _keep_until(opened.answers)}
    )


def _keep_until(answers: Answers) -> date:
    ends = [consent.expiry(answer) for answer in answers.consents if answer.on is not None]
    last = max(ends, default=timezone.localdate())
    return consent.months_after(last.replace(day=1), 1 + KEPT_MONTHS)


def turn_key(opened: Opened) -> Opened:
    """A new key for all holders: one of them may have shown the old one to somebody who has no business here any more."""
    turned = Opened(opened.id, os.urandom(KEY_BYTES), opened.answers)
    write(turned)
    for holder in turned.answers.holders:
        hand_over(turned, holder)
    return turned


def hand_over(opened: Opened, holder: Holder) -> None:
    """The key to one holder. Their public key stands in the sealed record, so nobody who writes the database chose it."""
    place = _key_place(opened.id, UUID(holder.id), holder.epoch)
    ConsentKey.objects.update_or_create(
        pk=UUID(holder.key),
        defaults={"record_id": opened.id, "key_ciphertext": seal_to(holder.public_key, opened.key, place)},
    )


# Seen from a case


def lay_over(key: CaseKey, record: CaseRecord) -> CaseRecord:
    lay_over_all([(key, record)])
    return record


def lay_over_all(opened: Sequence[tuple[CaseKey, CaseRecord]]) -> None:
    """The answers as they stand now, over those that stood when the cases were saved: one question for all of them. A record that
    is gone leaves no answer."""
    told = [(key, person) for key, record in opened for person in record.persons if person.consent_key]
    names = [UUID(person.consent_key) for _, person in told]
    rows = ConsentKey.objects.select_related("record").in_bulk(names) if names else {}
    for key, person in told:
        row = rows.get(UUID(person.consent_key))
        person.consents = list(_opened(key.principal, row, row.record).answers.consents) if row else []
        person.consent_key = person.consent_key if row else ""


def of(key: CaseKey, person: Person, *, lock: bool = False) -> Opened | None:
    return opened_by(key.principal, UUID(person.consent_key), lock=lock) if person.consent_key else None


def begin(key: CaseKey, record: CaseRecord, person: Person) -> Opened:
    """The answers leave the case for a record of their own. The caller saves the case, which is told where they are."""
    person.consent_key = uuid4().hex
    holder = as_holder(key, record, person)
    answers = Answers(list(person.consents), [holder], guarded=consent.needs_guardian(person))
    answers.language = person.language
    opened = Opened(uuid4(), os.urandom(KEY_BYTES), answers)
    write(opened)
    hand_over(opened, holder)
    return opened


def as_holder(key: CaseKey, record: CaseRecord, person: Person) -> Holder:
    return Holder(
        shapes.CASE,
        person.consent_key,
        key.case_id.hex,
        key.epoch,
        key.principal.public_key,
        token_hash(person) if person.statistic_token else b"",
        others=len(record.victims()) > 1,
        story_secret=narrating.secret(person),
    )


def make_findable(key: CaseKey, record: CaseRecord, person: Person) -> None:
    """Before something of theirs is offered: whoever holds the receipt can take it away. A record made by an earlier version does
    not know yet what to find it by."""
    opened = of(key, person, lock=True)
    holder = as_holder(key, record, person)
    if opened is not None and holder not in opened.answers.holders:
        opened.answers.holders = _with(opened.answers.holders, holder)
        write(opened)


def keep(key: CaseKey, record: CaseRecord) -> None:
    """What was added in the case, for every holder to see. Raises SaidMeanwhile when it does not begin with what is there."""
    hold(record.persons)
    for person in record.persons:
        opened = of(key, person, lock=True)
        if opened is None:
            person.consent_key = ""
            continue
        before, answers = shapes.encode(opened.answers), opened.answers
        if person.consents[: len(answers.consents)] != answers.consents:
            raise SaidMeanwhile
        answers.consents = list(person.consents)
        answers.guarded = consent.needs_guardian(person)
        answers.holders = _with(answers.holders, as_holder(key, record, person))
        if shapes.encode(answers) != before:
            write(opened)


def rekey(old: CaseKey, new: CaseKey, record: CaseRecord) -> None:
    """Together with the case: whoever lost it may have kept the key of what its people answered."""
    hold(record.persons)
    for person in record.persons:
        opened = of(old, person, lock=True)
        if opened is not None:
            answers = opened.answers
            answers.holders = _with(answers.holders, as_holder(new, record, person))
            turn_key(opened)


def leave(key: CaseKey, person: Person, *, said: bool = True) -> None:
    """The case is about them no longer: their answers are out of its reach, and the receipt says since when, if it is `said`."""
    opened = of(key, person, lock=True)
    if opened is None:
        return
    answers = opened.answers
    answers.holders = [holder for holder in answers.holders if holder.key != person.consent_key]
    if said:
        answers.messages.append(Message(shapes.TAKEN_OUT, timezone.localdate()))
    ConsentKey.objects.filter(pk=UUID(person.consent_key)).delete()
    turn_key(opened)
    if not answers.holders:
        ConsentRecord.objects.filter(pk=opened.id).delete()


def leave_by_mistake(key: CaseKey, person: Person) -> None:
    """As somebody who never belonged there. Raises HasReceipt."""
    opened = of(key, person, lock=True)
    if opened and any(holder.kind == shapes.RECEIPT for holder in opened.answers.holders):
        raise HasReceipt
    leave(key, person, said=False)


def _with(holders: list[Holder], now: Holder) -> list[Holder]:
    return [now if holder.key == now.key else holder for holder in holders]


# Several cases, one person


def join(first: Opened, second: Opened) -> Opened:
    """Two records of one person become one. Sorted by day; a no stands after the yes of the same day."""
    if first.id == second.id:
        return first
    answers = first.answers
    told = [*answers.consents, *second.answers.consents]
    answers.consents = sorted(told, key=lambda c: (c.on or date.min, c.state in consent.NOES))
    answers.messages = sorted([*answers.messages, *second.answers.messages], key=lambda m: m.on)
    answers.holders += second.answers.holders
    answers.guarded = answers.guarded or second.answers.guarded
    turned = turn_key(first)
    ConsentRecord.objects.filter(pk=second.id).delete()
    return turned
