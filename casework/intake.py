"""A case comes in and is saved: sealed bytes, permission, key, statistic and audit entry in one transaction, or none of them."""

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.crypto.sealed import SealBroken
from accounts.keyring import Keyring
from accounts.models import Team, User
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


def create_case(
    keyring: Keyring, team: Team, record: CaseRecord, draft: uuid.UUID | None = None
) -> uuid.UUID:
    """Raises ConsentMissing without everyone's STORE. `draft`: what it was written down in, and is then gone; Http404 when it is
    gone already, for then somebody pressed twice and there is a case."""
    consent.require(record, "STORE")
    with transaction.atomic():
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


def _save(
    keyring: Keyring,
    case_id: uuid.UUID,
    record: CaseRecord,
    base_revision: int,
    action: str,
    restored: int = 0,
    cooling: int = withdrawing.DEFAULT_COOLING,
) -> int:
    with transaction.atomic():
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
    """In the caller's transaction. Raises Http404 to whoever may not change it."""
    case = permissions.case_to_change(keyring.user, case_id)
    rekeying.rekey_if_due(keyring, case)
    return Held(vault.reopen(keyring, case), keys.open_key(keyring, case))


def keep_held(
    keyring: Keyring, held: Held, action: str, record: CaseRecord | None = None, restored: int = 0
) -> int:
    """A new revision of a case that is held, of the record that is open unless another is given. Raises SavedMeanwhile when the
    person has said something by receipt that the record does not know."""
    now, case = record or held.record, held.opened.case
    now.saved = saved_now(keyring.user, action, restored)
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
    for person in after.persons:
        earlier = before.person(person.id)
        purposes = consent.no_longer(earlier, person) if earlier else frozenset()
        if purposes:
            gone = withdrawing.Withdrawn(
                purposes, _cases_of(key, after, person), consent.counted_since(person), cooling
            )
            withdrawing.carry_out(gone, keyring.user, told_in=key.case_id)
        elif earlier and consent.longer(earlier, person):
            _agreed_again(keyring, key, after, earlier, person)
    if consent.all_until(after, "STORE") and not consent.all_until(before, "STORE"):
        withdrawing.open_again(key.case_id, coarsening.token_hashes(after), keyring.user)


def _agreed_again(
    keyring: Keyring, key: keys.CaseKey, record: CaseRecord, before: Person, now: Person
) -> None:
    until, said_no = consent.until(now, "STORE"), consent.says_no(before, "STORE")
    assert until is not None
    kept = withdrawing.agreed_again(_cases_of(key, record, now), until, keyring.user, after_a_no=said_no)
    for case in kept:
        if case.pk != key.case_id:
            _write_anew(keyring, case)


def _write_anew(keyring: Keyring, case: Case) -> None:
    """Another case of the person: its card says until when it is open, and whether its people are counted. Whoever may not change
    it leaves that to those who may."""
    try:
        keep_held(keyring, hold(keyring, case.pk), "consent.record")
    except (permissions.Denied, SealBroken):
        withdrawing.notify(case)


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
