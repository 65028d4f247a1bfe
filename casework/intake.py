"""A case comes in and is saved: sealed bytes, permission, key, statistic and audit entry in one transaction, or none of them."""

import uuid
from dataclasses import dataclass

from django.utils import timezone

from accounts.crypto.sealed import SealBroken
from accounts.keyring import Keyring
from accounts.models import Team, User
from accounts.whole import whole
from casework import (
    audit,
    changes,
    coarsening,
    consent,
    consentrecords,
    custody,
    history,
    intakedrafts,
    keys,
    narrating,
    permissions,
    recounting,
    rekeying,
    vault,
    withdrawing,
    workflow,
)
from casework.answers import Holder
from casework.models import Case, CaseCard, CaseText, ErasureShare, Revision
from casework.record import CaseRecord, Person, Saved


class SavedMeanwhile(Exception):
    """Somebody else saved the case after the person began to change it. Nothing was overwritten."""

    def __init__(self, theirs: vault.OpenCase) -> None:
        super().__init__()
        self.theirs = theirs


@whole
def create_case(
    keyring: Keyring, team: Team, record: CaseRecord, draft: uuid.UUID | None = None
) -> uuid.UUID:
    """Raises ConsentMissing without everyone's STORE. `draft`: what it was written down in, and is then gone; Http404 when it is
    gone already, for then somebody pressed twice and there is a case."""
    consent.require(record, "STORE")
    if draft:
        intakedrafts.discard(keyring, draft)
    case = keep_batch([record], team, keys.to_team(keyring, team), by=keyring.user)[0]
    audit.append(keyring.user, "case.create", case.pk)
    return case.pk


def save_case(keyring: Keyring, case_id: uuid.UUID, record: CaseRecord, base_revision: int) -> int:
    """The new revision's number. Raises SavedMeanwhile when `base_revision` is no longer the newest."""
    consent.require(record, "STORE")
    return _save(keyring, case_id, record, base_revision, "case.save")


def save_consents(
    keyring: Keyring,
    case_id: uuid.UUID,
    record: CaseRecord,
    base_revision: int,
    cooling: int = withdrawing.DEFAULT_COOLING,
) -> int:
    """Without the STORE check: this is how a withdrawal is written down. `cooling`: the days after which a file nobody may keep
    any more is erased."""
    record.status = workflow.after_answers(record.status, withdrawn=_is_withdrawn(record))
    return _save(keyring, case_id, record, base_revision, "consent.save", cooling=cooling)


def _is_withdrawn(record: CaseRecord) -> bool:
    answers = (person.consent_for("STORE") for person in record.victims())
    return any(answer is not None and answer.state == "WITHDRAWN" for answer in answers)


def restore(keyring: Keyring, case_id: uuid.UUID, number: int, base_revision: int) -> int:
    """An earlier state as a new revision: nothing in between is lost. Raises SavedMeanwhile as a saving does."""
    opened = vault.open_case(keyring, case_id, permissions.CHANGE)
    record = changes.restored(history.open_revision(keyring, opened.case, number), opened.record)
    return _save(keyring, case_id, record, base_revision, "case.restore", restored=number)


@whole
def _save(
    keyring: Keyring,
    case_id: uuid.UUID,
    record: CaseRecord,
    base_revision: int,
    action: str,
    restored: int = 0,
    cooling: int = withdrawing.DEFAULT_COOLING,
) -> int:
    held = hold(keyring, case_id)
    if held.revision != base_revision:
        raise SavedMeanwhile(held.opened)
    number = keep_held(keyring, held, action, record, restored)
    _follow(keyring, held.key, held.record, record, cooling)
    return number


@dataclass(frozen=True)
class Held:
    """A case nobody else changes before the transaction ends, under a key nobody who lost it has."""

    opened: vault.OpenCase
    key: keys.CaseKey

    @property
    def record(self) -> CaseRecord:
        return self.opened.record

    @property
    def revision(self) -> int:
        return self.opened.revision


def hold(keyring: Keyring, case_id: uuid.UUID) -> Held:
    """In the caller's transaction. Raises Http404 to whoever may not change it; ConsentMissing to a partner group that may no
    longer read it."""
    case = permissions.case_to_change(keyring.user, case_id)
    rekeying.rekey_if_due(keyring, case)
    held = Held(vault.reopen(keyring, case), keys.open_key(keyring, case))
    vault.require_of_partners(keyring, held.opened)
    return held


def keep_held(
    keyring: Keyring, held: Held, action: str, record: CaseRecord | None = None, restored: int = 0
) -> int:
    """A new revision of a case that is held, of the record that is open unless another is given. Raises SavedMeanwhile when the
    person has said something by receipt that the record does not know, and HasReceipt when somebody who has one was taken out."""
    now, case = record or held.record, held.opened.case
    now.saved = saved_now(keyring.user, action, restored)
    gone = [person for person in held.record.persons if now.person(person.id) is None]
    consentrecords.hold(held.record.persons if gone else [])
    for person in gone:
        consentrecords.leave_by_mistake(held.key, person)
    try:
        consentrecords.keep(held.key, now)
    except consentrecords.SaidMeanwhile:
        raise SavedMeanwhile(held.opened) from None
    number = _write(case, held.key, now, held.revision + 1)
    coarsening.replace([now], forget=[held.record])
    narrating.follow(held.record, now)
    audit.append(keyring.user, action, case.pk, revision=number)
    return number


def _follow(keyring: Keyring, key: keys.CaseKey, before: CaseRecord, after: CaseRecord, cooling: int) -> None:
    """What was withdrawn holds in every case of the person, and so does what was given again."""
    withdrawn = [
        withdrawing.Withdrawn(purposes, _cases_of(key, after, person), consent.counted_since(person), cooling)
        for person in after.persons
        if (purposes := _no_longer(before, person))
    ]
    lessened, longer = _lessened(key, before, after), _longer(key, before, after)
    _hold_all([*(one.cases for one in withdrawn), *(cases for *_, cases in (*lessened, *longer))])
    for person, purposes, others in lessened:
        for case in withdrawing.lessen(person, purposes, others, keyring.user):
            _write_anew(keyring, case)
    for earlier, person, cases in longer:
        _agreed_again(keyring, key, earlier, person, cases)
    if any("STATS" in _less(before, person) for person in after.persons):
        recounting.after_lessening()
    if consent.all_until(after, "STORE") and not consent.all_until(before, "STORE"):
        withdrawing.open_again(key.case_id, coarsening.token_hashes(after), keyring.user)
    elif consent.all_until(after, "STORE"):
        withdrawing.reopen(key.case_id)
    # Last: what is erased at once stays erased, whatever becomes of the rest.
    for one in withdrawn:
        withdrawing.carry_out(one, keyring.user, told_in=key.case_id)


def _hold_all(cases: list[list[Holder]]) -> None:
    """Of everybody, before anything is done to any of them."""
    wanted = {uuid.UUID(case.id) for found in cases for case in found}
    if wanted:
        permissions.hold_cases(wanted)


def _no_longer(before: CaseRecord, person: Person) -> frozenset[str]:
    earlier = before.person(person.id)
    return consent.no_longer(earlier, person) if earlier else frozenset()


def _less(before: CaseRecord, person: Person) -> frozenset[str]:
    earlier = before.person(person.id)
    return consent.lessened(earlier, person) - consent.no_longer(earlier, person) if earlier else frozenset()


def _lessened(
    key: keys.CaseKey, before: CaseRecord, after: CaseRecord
) -> list[tuple[Person, frozenset[str], list[Holder]]]:
    """What each person agrees to no more, or not as long, though they did not withdraw it; their cases beside this one."""
    found = []
    for person in after.persons:
        purposes = _less(before, person) if person.consent_key else frozenset()
        others = [c for c in _cases_of(key, after, person) if c.id != key.case_id.hex] if purposes else []
        if others:
            found.append((person, purposes, others))
    return found


def _longer(
    key: keys.CaseKey, before: CaseRecord, after: CaseRecord
) -> list[tuple[Person, Person, list[Holder]]]:
    """Who agrees that the file is kept for longer than before, as they were and are; all their cases."""
    return [
        (earlier, person, _cases_of(key, after, person))
        for person in after.persons
        if (earlier := before.person(person.id))
        and not _no_longer(before, person)
        and consent.longer(earlier, person)
    ]


def _agreed_again(
    keyring: Keyring, key: keys.CaseKey, before: Person, now: Person, cases: list[Holder]
) -> None:
    until, said_no = consent.until(now, "STORE"), consent.says_no(before, "STORE")
    assert until is not None
    for case in withdrawing.agreed_again(cases, until, keyring.user, after_a_no=said_no):
        if case.pk != key.case_id:
            _write_anew(keyring, case)


def _write_anew(keyring: Keyring, case: Case) -> None:
    """Another case of the person: its card says until when it is open, and whether its people are counted. Whoever may not change
    it leaves that to those who may."""
    try:
        _rewrite(keyring, case.pk)
    except (permissions.Denied, SealBroken, consent.ConsentMissing):
        withdrawing.notify(case)


@whole
def _rewrite(keyring: Keyring, case_id: uuid.UUID) -> None:
    held = hold(keyring, case_id)
    keep_held(keyring, held, "consent.record")
    if consent.all_until(held.record, "STORE"):
        withdrawing.reopen(case_id)


def _cases_of(key: keys.CaseKey, record: CaseRecord, person: Person) -> list[Holder]:
    opened = consentrecords.of(key, person)
    return opened.answers.cases() if opened else [consentrecords.as_holder(key, record, person)]


def _write(case: Case, key: keys.CaseKey, record: CaseRecord, number: int) -> int:
    revision_id = uuid.uuid4()
    sealed = vault.seal(key, record, revision_id, custody.words_of([key])[case.pk])
    Revision.objects.create(id=revision_id, case=case, number=number, record_ciphertext=sealed.record)
    vault.replace_card_and_text(case, sealed)
    Case.objects.filter(pk=case.pk).update(erase_after=consent.erase_after(record))
    return number


def saved_now(by: User | None, action: str, restored: int = 0) -> Saved:
    return Saved(by.pk.hex if by else "", timezone.now(), action, restored)


def keep_batch(
    records: list[CaseRecord], team: Team, grantor: keys.Grantor, by: User | None = None
) -> list[Case]:
    """New cases in the caller's transaction, in the order of the records. Shares first: a case without its erasure share
    would be lost, a share without its case is harmless."""
    for record in records:
        record.saved = saved_now(by, "case.create")
    erasure = {uuid.uuid4(): keys.new_erasure_share() for _ in records}
    ErasureShare.objects.bulk_create(ErasureShare(case_id=i, share=s) for i, s in erasure.items())
    minted = [keys.mint(case_id, 1, share) for case_id, share in erasure.items()]
    cases = Case.objects.bulk_create(
        Case(id=key.case_id, team=team, erase_after=consent.erase_after(record))
        for key, record in zip(minted, records, strict=True)
    )
    _seal_all(minted, records)
    keys.hang_team_keys(cases, team, minted, grantor)
    coarsening.replace(records)
    return cases


def _seal_all(minted: list[keys.CaseKey], records: list[CaseRecord]) -> None:
    revisions = [uuid.uuid4() for _ in records]
    sealed = [vault.seal(k, r, v) for k, r, v in zip(minted, records, revisions, strict=True)]
    rows = list(zip(minted, revisions, sealed, strict=True))
    Revision.objects.bulk_create(
        Revision(id=v, case_id=k.case_id, number=1, record_ciphertext=s.record) for k, v, s in rows
    )
    CaseCard.objects.bulk_create(CaseCard(case_id=k.case_id, ciphertext=s.card) for k, _, s in rows)
    CaseText.objects.bulk_create(CaseText(case_id=k.case_id, ciphertext=s.text) for k, _, s in rows)
