"""The act itself: what goes is worked out once more with every case held, made in memory, encrypted, entered in the register of
each case and in the log, and only then there to be fetched. All of it, or nothing."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import msgspec
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts.crypto.sealed import SealBroken
from accounts.keyring import Keyring
from accounts.whole import whole
from casework import audit, consent, keys, permissions, register, registers, spreadsheets, vault
from casework.exporting import archive, exhibits, own, paper
from casework.exporting.drafts import Draft, Facts, may_export
from casework.exporting.purposes import OWN, purpose_of
from casework.exporting.selecting import BROKEN, CLOSED, NO_CONSENT, PersonCopy, all_agree, select, table
from casework.models import Case
from casework.record import CaseRecord, Person
from casework.register import Exported

SHEETS: Final = {"csv": spreadsheets.csv_bytes, "xlsx": spreadsheets.xlsx_bytes}


class NothingGoes(Exception):
    """Nobody in these cases agreed to this purpose."""


@dataclass(frozen=True)
class CaseCopy:
    """One case of a copy; `refused`: why nothing of it goes, a code of `export_withheld`. `evidence`: how many files go as clean
    copies, and how many do not; all of them stay unless everybody in the event agrees."""

    case_id: UUID
    reference: str = ""
    refused: str = ""
    people: list[PersonCopy] = field(default_factory=list)
    evidence: tuple[int, int] = (0, 0)

    @property
    def going(self) -> list[PersonCopy]:
        return [copy for copy in self.people if not copy.refused]


def preview(keyring: Keyring, facts: Facts) -> list[CaseCopy]:
    """Exactly what `make` would put into a copy now. Http404 when one of the cases is no longer theirs to export."""
    may_export(keyring, facts.cases)
    return [_previewed(keyring, case_id, facts) for case_id in facts.cases]


def _previewed(keyring: Keyring, case_id: UUID, facts: Facts) -> CaseCopy:
    try:
        opened = vault.open_case(keyring, case_id, permissions.EXPORT)
        evidence = _evidence(keyring, opened, facts)
    except consent.ConsentMissing:
        return CaseCopy(case_id, refused=CLOSED)
    except SealBroken:
        return CaseCopy(case_id, refused=BROKEN)
    people = select(opened.record, purpose_of(facts.recipient), facts.language)
    refused = "" if any(not p.refused for p in people) else NO_CONSENT
    return CaseCopy(case_id, opened.record.reference, refused, people, evidence)


def _evidence(keyring: Keyring, opened: vault.OpenCase, facts: Facts) -> tuple[int, int]:
    purpose = purpose_of(facts.recipient)
    if not facts.evidence or purpose not in exhibits.PURPOSES:
        return 0, 0
    clean, unclean = exhibits.number(keyring, opened.case)
    return (clean, unclean) if all_agree(opened.record, purpose) else (0, clean + unclean)


def open_person(keyring: Keyring, facts: Facts) -> tuple[CaseRecord, Person, list[Exported]]:
    """Whose own file it is. Http404 for somebody who is not, or no longer, in the case; ConsentMissing once it is closed."""
    opened = vault.open_case(keyring, facts.cases[0], permissions.EXPORT)
    person = next((p for p in opened.record.victims() if p.id == facts.person), None)
    if person is None:
        raise permissions.Denied(facts.cases[0])
    return opened.record, person, register.entries(keys.open_key(keyring, opened.case))


@sensitive_variables()
@whole
def make(keyring: Keyring, draft: Draft) -> str:
    """The passphrase, shown once. Raises NothingGoes, Http404, ConsentMissing, SealBroken; nothing was made then."""
    passphrase = archive.new_passphrase(draft.facts.language)
    files = _own_file(keyring, draft.facts) if draft.facts.person else _set(keyring, draft.facts)
    draft.held.put([archive.sealed(files, passphrase)])
    agreed = sorted(_agreed(keyring, draft.facts))
    draft.keep(msgspec.structs.replace(draft.facts, made=True, agreed=agreed))
    return passphrase


def _agreed(keyring: Keyring, facts: Facts) -> Iterator[tuple[UUID, str, str]]:
    """Whatever somebody in these cases agrees to today: more than the copy rests on, never less."""
    may_export(keyring, facts.cases)
    for case_id, opened in vault.newest_cases(keyring, facts.cases).items():
        for person in opened.record.victims():
            for purpose in consent.PURPOSES:
                if consent.may(person, purpose):
                    yield case_id, person.id, purpose


def still_goes(keyring: Keyring, facts: Facts) -> None:
    """Asked when a copy is fetched that was made up to an hour ago. Raises ConsentMissing, Http404."""
    missing = set(facts.agreed) - set(_agreed(keyring, facts))
    if missing:
        raise consent.ConsentMissing(min(missing)[2])


def _set(keyring: Keyring, facts: Facts) -> dict[str, bytes]:
    found = exhibits.Exhibits()
    copies = list(_entered(keyring, facts, found))
    going = [copy for case in copies for copy in case.going]
    if not going:
        raise NothingGoes
    name = {"fr": "dossiers", "en": "cases"}.get(facts.language, "cases")
    sheet = SHEETS[facts.form](table(going, facts.language))
    return {f"{name}.{facts.form}": sheet, **found.files, **_note(facts, len(going), found.kept_back)}


def _entered(keyring: Keyring, facts: Facts, found: exhibits.Exhibits) -> Iterator[CaseCopy]:
    """In one order, each held until the end: nobody withdraws, saves or seals anew between the look and the entry."""
    for case_id in facts.cases:
        case = permissions.case_to_change(keyring.user, case_id, permissions.EXPORT)
        copy = _previewed(keyring, case_id, facts)
        if not copy.refused:
            clean, unclean = copy.evidence
            found.kept_back += 0 if clean else unclean
            went = exhibits.add(keyring, case, found) if clean else 0
            _enter(keyring, case, facts, [person.person.id for person in copy.going], went)
        yield copy


def _enter(keyring: Keyring, case: Case, facts: Facts, people: list[str], evidence: int = 0) -> None:
    entry = Exported(
        at=timezone.now(),
        by=keyring.user.pk,
        recipient=facts.recipient,
        to=facts.to,
        purpose=purpose_of(facts.recipient),
        reason=facts.reason,
        form="pdf" if facts.person else facts.form,
        people=people,
        destroy_by=facts.destroy_by or timezone.localdate(),
        evidence=evidence,
    )
    register.enter(keys.open_key(keyring, case), entry)
    told = {"recipient": entry.recipient, "purpose": entry.purpose}
    audit.append(keyring.user, "case.export", case.pk, **told, people=len(people), evidence=evidence)
    if entry.purpose != OWN:
        # What for, and not to whom: that stays in the case, which coordinators do not read.
        registers.note_communication(keyring.user, "copy.case", entry.purpose, "export")


def _own_file(keyring: Keyring, facts: Facts) -> dict[str, bytes]:
    case = permissions.case_to_change(keyring.user, facts.cases[0], permissions.EXPORT)
    record, person, copies = open_person(keyring, facts)
    if not consent.may(person, OWN):
        raise NothingGoes
    made = own_document(keyring, facts, record, person, copies)
    _enter(keyring, case, facts, [person.id])
    coded = json.dumps(own.for_programs(made, person), ensure_ascii=False, indent=2)
    return {"dossier.pdf": paper.pdf(made), "dossier.json": coded.encode()}


def own_document(
    keyring: Keyring, facts: Facts, record: CaseRecord, person: Person, copies: list[Exported]
) -> own.Document:
    made = {"made_on": timezone.localdate(), "made_by": keyring.user.username, "destroy_by": facts.destroy_by}
    return own.document(
        record, person, copies, facts.language, {name: str(value) for name, value in made.items()}
    )


def _note(facts: Facts, people: int, kept_back: int) -> dict[str, bytes]:
    """What whoever opens it must know, beside it."""
    with translation.override(facts.language):
        lines = [
            _("For: %(to)s") % {"to": facts.to},
            _("Why: %(reason)s") % {"reason": facts.reason},
            _("Copy made on: %(day)s") % {"day": timezone.localdate()},
            _("Destroy this copy by: %(day)s") % {"day": facts.destroy_by},
            _(
                "People in it: %(number)s. Each agreed to this purpose; what they did not agree to is left out."
            )
            % {"number": people},
            _("A cell that begins with ' would otherwise be run by a spreadsheet program as a formula."),
            _("If somebody in it withdraws their consent, the group will ask you to destroy it."),
        ]
        if kept_back:
            lines.append(
                _("Files of evidence that are not in this copy: %(number)s.") % {"number": kept_back}
            )
        name = _("READ-ME.txt")
    return {name: "\ufeff".encode() + "\r\n".join(lines).encode()}


def recipients_of(keyring: Keyring, case: Case) -> list[Exported]:
    """Who has a copy of this case, newest first: asked when somebody withdraws, so that they can be told. `case` is one the
    caller fetched with its permission. Raises SealBroken."""
    if not register.has_entries(case.pk):
        return []
    return register.entries(keys.open_key(keyring, case))


def still_out(entries: list[Exported], today: dt.date) -> list[Exported]:
    """Those whose copy may still be kept by them."""
    return [entry for entry in entries if entry.destroy_by >= today]
