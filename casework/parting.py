"""One person's part taken out of a file about several, so that the file of the others stands.

Sealed bytes cannot be cut: earlier revisions, a backup of the database and the log hold the whole. So the others get a new case
under a new key, with what is theirs, and the old one is erased as any case is (docs/decisions/0018). Of whom a text tells only
somebody who reads it can say: each is shown before."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from accounts.keyring import Keyring
from accounts.whole import whole
from casework import (
    audit,
    changes,
    coarsening,
    consent,
    consentrecords,
    custody,
    erasing,
    freetext,
    intake,
    keys,
    narrating,
    owed,
    permissions,
    register,
    stories,
    vault,
    withdrawing,
    workflow,
)
from casework.custody import Piece
from casework.freetext import Text
from casework.models import Case, ImportedReference, Notice, Rule
from casework.owed import Owed
from casework.record import CaseRecord, Person

# Evidence, with the name and the description it is to have.
Kept = Mapping[UUID, tuple[str, str]]


class NobodyElse(Exception):
    """The file is about nobody else: it is erased whole."""


@dataclass(frozen=True)
class Plan:
    """`texts`: what stays, to be read. `going`: how many statements told of them alone. `to_tell`: whom nobody can name
    afterwards."""

    opened: vault.OpenCase
    leaving: list[Person]
    staying: list[Person]
    going: int
    texts: list[Text]
    pieces: list[Piece]
    to_tell: list[Owed]


def look(keyring: Keyring, case_id: UUID, person_id: str) -> Plan:
    """Works in a case that is closed because of them, and shows nothing of theirs. Raises Http404, NobodyElse, erasing.UnderHold;
    ConsentMissing while somebody who stays does not agree that the file is kept."""
    case = permissions.case_for(keyring.user, case_id, permissions.SHARE)
    key, opened = keys.open_key(keyring, case), vault.reopen(keyring, case)
    erasing.refuse_under_hold(case_id)
    plan = _plan(key, opened, person_id)
    audit.append(keyring.user, "part.look", case_id)
    return plan


def _plan(key: keys.CaseKey, opened: vault.OpenCase, person_id: str) -> Plan:
    record = opened.record
    gone = _leaving(record, person_id)
    left = without(record, gone)
    if not left.victims():
        raise NobodyElse
    consent.require(left, "STORE")
    names = {person.id for person in gone}
    tell = [one for one in owed.to_tell(key, record) if one.person.id in names]
    going = len(record.statements) - len(left.statements)
    return Plan(opened, gone, left.victims(), going, freetext.texts(left), custody.pieces(key), tell)


def _leaving(record: CaseRecord, person_id: str) -> list[Person]:
    """The one named, and whoever else no longer agrees that the file is kept. Raises Http404."""
    if record.person(person_id) is None:
        raise permissions.Denied(UUID(int=0))
    victims = {p.id for p in record.victims() if consent.withdrawn_on(p, "STORE")}
    return [person for person in record.persons if person.id in {person_id, *victims}]


def without(record: CaseRecord, gone: list[Person]) -> CaseRecord:
    """What is left when they, and whatever is marked as theirs alone, are not there."""
    left, names = changes.copy_of(record), {person.id for person in gone}
    left.persons = [person for person in left.persons if person.id not in names]
    left.statements = [s for s in left.statements if not s.about or set(s.about) - names]
    kept = {statement.id for statement in left.statements}
    for statement in left.statements:
        statement.about = [name for name in statement.about if name not in names]
        statement.contradicts = [name for name in statement.contradicts if name in kept]
    left.dates = [date for date in left.dates if date.person not in names]
    left.interactions = [talk for talk in left.interactions if talk.person not in names]
    left.referrals = [referral for referral in left.referrals if referral.person not in names]
    left.told = [told for told in left.told if told.person not in names]
    left.status = workflow.after_answers(left.status, withdrawn=False)
    return left


# Done


def take_out(
    keyring: Keyring, case_id: UUID, person_id: str, base: int, words: list[str], kept: Kept
) -> UUID:
    """The case of the others. `words`: the texts of the plan, as they are to stay; `kept`: the evidence that stays, and as what.

    In two transactions: the others' case first, and with it the order to erase the old one, so that whatever happens in between
    the worker finishes it. Raises what `look` raises, and SavedMeanwhile when the file is no longer the one that was read."""
    new, rule, tokens = _part(keyring, case_id, person_id, base, words, kept)
    erasing.erase(case_id, rule, by=keyring.user, token_hashes=tokens)
    return new


@whole
def _part(
    keyring: Keyring, case_id: UUID, person_id: str, base: int, words: list[str], kept: Kept
) -> tuple[UUID, Rule, set[bytes]]:
    case = permissions.case_to_change(keyring.user, case_id, permissions.SHARE)
    erasing.refuse_under_hold(case_id)
    key, opened = keys.open_key(keyring, case), vault.reopen(keyring, case)
    consentrecords.hold(opened.record.persons)
    plan = _plan(key, opened, person_id)
    if opened.revision != base or len(plan.texts) != len(words):
        raise intake.SavedMeanwhile(opened)
    left = without(opened.record, plan.leaving)
    freetext.rewrite(left, {text.way: new for text, new in zip(plan.texts, words, strict=True)})
    new = _begin(keyring, case, left)
    _move(keyring, key, new, left, plan.leaving, kept)
    rule, tokens = _rule(plan.leaving), _forget(key, case, left)
    erasing.schedule(case_id, _tomorrow(), rule, by=keyring.user, token_hashes=tokens)
    audit.append(keyring.user, "part.take_out", new.case_id)
    return new.case_id, rule, tokens


def _tomorrow() -> dt.date:
    return timezone.localdate() + dt.timedelta(days=1)


def _rule(gone: list[Person]) -> Rule:
    withdrawn = any(consent.withdrawn_on(person, "STORE") for person in gone)
    return Rule.WITHDRAWN if withdrawn else Rule.ASKED


def _forget(key: keys.CaseKey, case: Case, left: CaseRecord) -> set[bytes]:
    """Whoever ever stood in it and does not stay is told of no more. The names of their coarse records, which go too."""
    records = [vault.open_revision(key, revision) for revision in case.revisions.all()]
    stories.remove(stories.found(narrating.secrets(records) - narrating.secrets([left])))
    ever = {token for record in records for token in coarsening.token_hashes(record)}
    return ever - set(coarsening.token_hashes(left))


def _begin(keyring: Keyring, case: Case, left: CaseRecord) -> keys.CaseKey:
    """Access by name, or of another team, is not carried over: whoever gave it decides again."""
    grantor = keys.to_team(keyring, case.team)
    made = intake.keep_batch([left], case.team, grantor, by=keyring.user)[0]
    ImportedReference.objects.filter(case=case).update(case=made)
    return keys.open_key(keyring, made)


def _move(
    keyring: Keyring,
    old: keys.CaseKey,
    new: keys.CaseKey,
    left: CaseRecord,
    gone: list[Person],
    kept: Kept,
) -> None:
    """What belongs to the others, under the key of their case. What is not moved goes with the old one."""
    custody.move(old, new, kept, keyring.user)
    register.move(old, new, {person.id for person in gone})
    for person in gone:
        consentrecords.leave(old, person)
    consentrecords.rekey(old, new, left)
    _move_news(old, new, left)
    # The card tells what there is to do as well, which was not there before the register was.
    case = Case.objects.get(pk=new.case_id)
    vault.replace_card_and_text(case, vault.seal(new, left, uuid.uuid4()))


def _move_news(old: keys.CaseKey, new: keys.CaseKey, left: CaseRecord) -> None:
    """Somebody who stays has said something that nobody has taken note of yet."""
    if not Notice.objects.filter(case=old.case_id).exists():
        return
    if any(found.answers.messages for person in left.persons if (found := consentrecords.of(new, person))):
        withdrawing.notify(Case.objects.get(pk=new.case_id))
