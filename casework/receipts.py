"""What somebody may do who has a receipt and nothing else: see what they agreed to, withdraw it, ask for something.

No account, no name, no organizer's key. A receipt is a key of the consent record (`casework.consentrecords`) like that of a case;
the row it is found by comes out of the digits, so neither the database nor the log says whose it is or who gave it.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import msgspec
from django.conf import settings
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.crypto import receipt_code
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.crypto.sealing import OVERHEAD, seal_to
from accounts.keyfiles import pepper
from accounts.keyring import Keyring
from accounts.whole import whole
from casework import answers as shapes
from casework import audit, consent, consentrecords, intake, ledger, permissions, withdrawing
from casework.answers import Answers, Holder, Message
from casework.consentrecords import Opened
from casework.models import ConsentKey, ErasedCase, ScheduledErasure
from casework.record import Consent, Person

Said = TypeVar("Said", Message, Message | None)


class Unknown(Exception):
    """No receipt has these digits: never had, has been replaced, or ended with everything it was about."""


@dataclass(frozen=True, repr=False, eq=False)
class Receipt:
    """`holder` is whoever typed the digits; `answers` as they stood a moment ago."""

    holder: Principal
    record_id: UUID
    answers: Answers

    def may(self, purpose: str) -> bool:
        return consent.may(self.answers.person(), purpose)

    def given(self) -> list[str]:
        """What is left to withdraw. An answer that has run out can be withdrawn as well: then nobody asks again."""
        person = self.answers.person()
        told = {p: answer for p in consent.PURPOSES if (answer := person.consent_for(p))}
        return [purpose for purpose, answer in told.items() if answer.state == "GIVEN"]


# Giving


@sensitive_variables()
@whole
def give(keyring: Keyring, case_id: UUID, person_id: str) -> str:
    """The digits, to be shown once. A receipt the person had before is dead from here on. Raises Http404; ConsentMissing without
    consent to keep the story, for there is nothing to withdraw then."""
    held = intake.hold(keyring, case_id)
    person = held.record.person(person_id)
    if person is None or not consent.may(person, "STORE"):
        raise consent.ConsentMissing("STORE")
    opened = consentrecords.of(held.key, person, lock=True)
    if opened is None:
        opened = consentrecords.begin(held.key, held.record, person)
        intake.keep_held(keyring, held, "consent.record")
    code = _replace_receipt(opened)
    audit.append(keyring.user, "receipt.give", case_id)
    return code


@sensitive_variables()
def _replace_receipt(opened: Opened) -> str:
    code = receipt_code.new_code()
    principal = _principal(code)
    before = [holder for holder in opened.answers.holders if holder.kind == shapes.RECEIPT]
    ConsentKey.objects.filter(pk__in=[UUID(holder.key) for holder in before]).delete()
    name = principal.id.hex
    receipt = Holder(shapes.RECEIPT, name, name, principal.epoch, principal.public_key)
    opened.answers.holders = [*opened.answers.cases(), receipt]
    # Whoever found the old paper must not read on with what they kept of it.
    consentrecords.turn_key(opened)
    return code


def _principal(code: str) -> Principal:
    return receipt_code.principal(code, settings.TEMOIN_RECEIPT_KDF, pepper())


# Looking


@sensitive_variables()
def look(code: str) -> Receipt:
    """One run of Argon2id and one opening, whatever the answer. Raises Unknown."""
    holder = _principal(code)
    opened = consentrecords.opened_by(holder, holder.id)
    if opened is None:
        _open_nothing(holder)
        raise Unknown
    return Receipt(holder, opened.id, opened.answers)


def _open_nothing(holder: Principal) -> None:
    """As long as it takes to open something: the answer must not be told by the clock."""
    sealed = seal_to(holder.public_key, bytes(32), b"nothing")
    try:
        holder.open_from(sealed[: OVERHEAD - 1] + b"\0" * 33, b"nothing")
    except SealBroken:
        return


@dataclass(frozen=True)
class Fate:
    """What becomes of the person's files: erased on a day, to be erased on a day, gone without a trace of when."""

    left: int
    erased_on: dt.date | None
    erase_on: dt.date | None
    # Their part, of a file of which the rest stands.
    taken_out_on: dt.date | None = None


def fate(answers: Answers) -> Fate:
    wanted = [UUID(holder.id) for holder in answers.cases()]
    erased = [day for case_id in wanted if (day := _erased_on(case_id))]
    planned = ScheduledErasure.objects.filter(case__in=wanted).order_by("on").values_list("on", flat=True)
    taken_out = [message.on for message in answers.messages if message.kind == shapes.TAKEN_OUT]
    there = len(permissions.still_there(wanted))
    return Fate(there, max(erased, default=None), planned.first(), max(taken_out, default=None))


def _erased_on(case_id: UUID) -> dt.date | None:
    """The ledger knows an erased case by a keyed hash, and whoever holds the receipt knows its id."""
    found = ErasedCase.objects.filter(pk=ledger.Hashes().case(case_id)).first()
    return found.erased_on if found else None


# Doing


def withdraw(receipt: Receipt, purposes: list[str], language: str, cooling: int) -> Message:
    """From now on, everywhere. Without consent to keep the story, nothing else holds: all of it is withdrawn."""

    def change(answers: Answers) -> Message:
        before = msgspec.structs.replace(answers, consents=list(answers.consents)).person()
        wanted = consent.PURPOSES if "STORE" in purposes else purposes
        answers.consents += [
            _no(answer, language)
            for purpose in wanted
            if (answer := before.consent_for(purpose)) and answer.state == "GIVEN"
        ]
        gone = consent.no_longer(before, answers.person())
        erase_on = withdrawing.carry_out(
            withdrawing.Withdrawn(gone, answers.cases(), consent.counted_since(before), cooling)
        )
        return Message(shapes.WITHDRAWN, timezone.localdate(), _in_order(gone), erase_on)

    return _change(receipt, change)


def _no(answer: Consent, language: str) -> Consent:
    return msgspec.structs.replace(
        answer, state="WITHDRAWN", on=timezone.localdate(), mode="WRITTEN", language=language, explained_by=""
    )


def _in_order(purposes: frozenset[str]) -> list[str]:
    return [purpose for purpose in consent.PURPOSES if purpose in purposes]


def keep_after_all(receipt: Receipt, language: str) -> Message | None:
    """Within the days of cooling off: the file is kept as it had been agreed, and nothing more. None when it is too late."""

    def change(answers: Answers) -> Message | None:
        there = permissions.still_there(UUID(holder.id) for holder in answers.cases())
        again = _yes_again(answers.person(), language)
        if again is None or not there:
            return None
        answers.consents.append(again)
        if not consent.may(answers.person(), "STORE"):
            return None
        withdrawing.agreed_again(answers.cases(), consent.expiry(again), after_a_no=True)
        for case in permissions.hold_cases(there):
            withdrawing.notify(case)
        return Message(shapes.KEPT, timezone.localdate(), ["STORE"])

    return _change(receipt, change)


def _yes_again(person: Person, language: str) -> Consent | None:
    """The answer before the withdrawal, for no longer than it was given for."""
    told = [answer for answer in person.consents if answer.purpose == "STORE"]
    yes = next((answer for answer in reversed(told) if answer.state == "GIVEN"), None)
    if yes is None or told[-1].state != "WITHDRAWN":
        return None
    return msgspec.structs.replace(
        yes, on=timezone.localdate(), language=language, expires=consent.expiry(yes), explained_by=""
    )


def ask(receipt: Receipt, kind: str) -> Message:
    """To be contacted, or for a copy: whoever keeps one of the cases sees that there is something."""

    def change(answers: Answers) -> Message:
        for case in permissions.hold_cases(UUID(holder.id) for holder in answers.cases()):
            withdrawing.notify(case)
            audit.append(None, "receipt.ask", case.pk, kind=kind)
        return Message(kind, timezone.localdate())

    return _change(receipt, change)


@whole
def _change(receipt: Receipt, change: Callable[[Answers], Said]) -> Said:
    """Cases before the record: the order in which everybody takes these locks. Raises Unknown."""
    permissions.hold_cases(UUID(holder.id) for holder in receipt.answers.cases())
    opened = consentrecords.opened_by(receipt.holder, receipt.holder.id, lock=True)
    if opened is None:
        raise Unknown
    message = change(opened.answers)
    if message is not None:
        opened.answers.messages.append(message)
        consentrecords.write(opened)
    return message
