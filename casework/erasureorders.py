"""What people who keep a case may order: erase it now, on a day, or not after all. They can open it, so they name the coarse
records of its people, which nobody else could find."""

import datetime as dt
from uuid import UUID

from accounts.crypto.sealed import SealBroken
from accounts.keyring import Keyring
from accounts.whole import whole
from casework import coarsening, consent, erasing, keys, narrating, permissions, stories, vault
from casework.models import Case, ErasedCase, Rule, ScheduledErasure
from casework.record import CaseRecord


class TheirsToTakeBack(Exception):
    """The person withdrew. Only their new consent takes that back."""


@whole
def erase_now(keyring: Keyring, case_id: UUID, rule: Rule = Rule.ASKED) -> ErasedCase:
    """Only the team that keeps the case may. Raises Http404, erasing.UnderHold."""
    case = permissions.case_to_change(keyring.user, case_id, permissions.SHARE)
    records = _records(keyring, case)
    _untell(records)
    return erasing.erase(case_id, rule, by=keyring.user, token_hashes=_tokens(records))


@whole
def erase_on(keyring: Keyring, case_id: UUID, day: dt.date, rule: Rule = Rule.ASKED) -> ScheduledErasure:
    """Nobody in it is counted or told of from now on. Raises Http404, erasing.NotAhead."""
    case = permissions.case_to_change(keyring.user, case_id, permissions.SHARE)
    records = _records(keyring, case)
    _untell(records)
    return erasing.schedule(case_id, day, rule, by=keyring.user, token_hashes=_tokens(records))


@whole
def take_back(keyring: Keyring, case_id: UUID) -> bool:
    """Its people are counted again where they agree. False when nothing was ordered. Raises Http404, TheirsToTakeBack."""
    case = permissions.case_to_change(keyring.user, case_id, permissions.SHARE)
    record = vault.reopen(keyring, case).record
    ordered = ScheduledErasure.objects.filter(case=case).first()
    if ordered and ordered.rule == Rule.WITHDRAWN and not _agree_again(record):
        raise TheirsToTakeBack
    gone = erasing.cancel(case_id, by=keyring.user, token_hashes=_tokens(_records(keyring, case)))
    if gone:
        coarsening.replace([record])
    return gone


def _agree_again(record: CaseRecord) -> bool:
    try:
        consent.require(record, "STORE")
    except consent.ConsentMissing:
        return False
    return True


def _records(keyring: Keyring, case: Case) -> list[CaseRecord]:
    """Every revision: a backup may bring back a coarse record that a later one had taken away. None of a case that does not open:
    its coarse records and passages are dropped when the consent to them ends."""
    try:
        key = keys.open_key(keyring, case)
        return [vault.open_revision(key, revision) for revision in case.revisions.all()]
    except SealBroken:
        return []


def _tokens(records: list[CaseRecord]) -> set[bytes]:
    """Of everybody who ever stood in it."""
    return {token for record in records for token in coarsening.token_hashes(record)}


def _untell(records: list[CaseRecord]) -> None:
    stories.remove(stories.found(narrating.secrets(records)))
