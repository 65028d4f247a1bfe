"""A legal hold: the file is evidence, and nothing erases it until a day. One person asks, another agrees; why, and who, is sealed
under the case's key, so that a seized server says no more than "not before that day"."""

import datetime as dt
from typing import Final
from uuid import UUID

import msgspec
from django.utils import timezone

from accounts.crypto.context import field_context
from accounts.crypto.padding import pad, unpad
from accounts.crypto.sealed import Sealed
from accounts.keyring import Keyring
from accounts.whole import whole
from casework import audit, keys, permissions, shapes
from casework.consent import months_after
from casework.models import Case, LegalHold

HOLD: Final = "legal_hold"
# A hold is asked for again, like consent: one that nobody remembers must not keep a file for ever.
MOST_MONTHS: Final = 24


class BadEnd(ValueError):
    """The hold would end in the past, or further ahead than MOST_MONTHS."""


class NothingToAgree(Exception):
    """No hold is asked for, or it is agreed already, or has ended."""


class SamePerson(Exception):
    """Whoever asked for a hold cannot be the one who agrees to it."""


class Reason(msgspec.Struct):
    words: str
    asked_by: UUID
    agreed_by: UUID | None = None


def last_day() -> dt.date:
    return months_after(timezone.localdate(), MOST_MONTHS)


@whole
def ask(keyring: Keyring, case_id: UUID, words: str, until: dt.date) -> None:
    """Stops nothing before somebody else agrees. Asked anew, it replaces what stood there, and is agreed to anew.

    Raises Http404, BadEnd."""
    if not timezone.localdate() < until <= last_day():
        raise BadEnd
    case = permissions.case_to_change(keyring.user, case_id)
    sealed = _sealed(keys.open_key(keyring, case), Reason(words, keyring.user.pk))
    LegalHold.objects.update_or_create(
        case=case, defaults={"until": until, "agreed": False, "reason_ciphertext": sealed}
    )
    audit.append(keyring.user, "hold.ask", case.pk, until=until.isoformat())


@whole
def agree(keyring: Keyring, case_id: UUID) -> None:
    """From now on the case is not erased until the hold ends. Raises NothingToAgree, SamePerson."""
    case = permissions.case_to_change(keyring.user, case_id)
    hold = LegalHold.objects.filter(case=case, agreed=False, until__gte=timezone.localdate()).first()
    if hold is None:
        raise NothingToAgree
    key = keys.open_key(keyring, case)
    reason = _opened(key, hold)
    if reason.asked_by == keyring.user.pk:
        raise SamePerson
    reason.agreed_by = keyring.user.pk
    hold.agreed, hold.reason_ciphertext = True, _sealed(key, reason)
    hold.save(update_fields=["agreed", "reason_ciphertext"])
    audit.append(keyring.user, "hold.agree", case.pk, until=hold.until.isoformat())


@whole
def lift(keyring: Keyring, case_id: UUID) -> bool:
    """Anybody who may change the case ends a hold before its day. False when there was none."""
    case = permissions.case_to_change(keyring.user, case_id)
    gone, _each = LegalHold.objects.filter(case=case).delete()
    if gone:
        audit.append(keyring.user, "hold.lift", case.pk)
    return gone > 0


def standing(keyring: Keyring, case: Case) -> tuple[LegalHold, Reason] | None:
    """The hold on a case that the caller has opened, with its reason; one that has ended is none."""
    hold = LegalHold.objects.filter(case=case, until__gte=timezone.localdate()).first()
    return (hold, _opened(keys.open_key(keyring, case), hold)) if hold else None


def seal_again(old: keys.CaseKey, new: keys.CaseKey) -> None:
    for hold in LegalHold.objects.filter(case=new.case_id):
        hold.reason_ciphertext = _sealed(new, _opened(old, hold))
        hold.save(update_fields=["reason_ciphertext"])


def _sealed(key: keys.CaseKey, reason: Reason) -> Sealed:
    return key.cipher.seal(pad(msgspec.msgpack.encode(reason)), _place(key))


def _opened(key: keys.CaseKey, hold: LegalHold) -> Reason:
    return shapes.read(unpad(key.cipher.open(hold.reason_ciphertext, _place(key))), Reason)


def _place(key: keys.CaseKey) -> bytes:
    return field_context(HOLD, key.case_id, key.case_id)
