"""Every revision of a case, what each changed, and the way back to one. All of it is closed while consent to keep the file is."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404

from accounts.keyring import Keyring
from casework import audit, changes, keys, permissions, vault
from casework.changes import Change
from casework.models import Case
from casework.record import CaseRecord

# Opening one takes a tenth of a millisecond and showing it much longer: older ones are a page further.
SHOWN = 50


@dataclass(frozen=True)
class Revised:
    """One revision, and what it changed; the first of a case changed nothing."""

    number: int
    record: CaseRecord
    earlier: CaseRecord | None
    changes: list[Change]


@dataclass(frozen=True)
class History:
    """Newest first. `older`: go on below this number, 0 when there is nothing below."""

    case: Case
    revised: list[Revised]
    newest: int
    older: int


def open_history(keyring: Keyring, case_id: UUID, before: int = 0) -> History:
    """Raises ConsentMissing by what holds today, not by what was agreed to when a revision was written."""
    case = permissions.case_for(keyring.user, case_id)
    newest = vault.reopen(keyring, case)
    vault.require_read(keyring, newest)
    rows = case.revisions.order_by("-number")
    rows = rows.filter(number__lt=before) if before else rows
    key = keys.open_key(keyring, case)
    opened = [(row.number, vault.open_revision(key, row)) for row in rows[: SHOWN + 1]]
    audit.append(keyring.user, "case.history", case.pk)
    shown = [_revised(opened, place) for place in range(min(len(opened), SHOWN))]
    return History(case, shown, newest.revision, opened[SHOWN - 1][0] if len(opened) > SHOWN else 0)


def _revised(opened: list[tuple[int, CaseRecord]], place: int) -> Revised:
    number, record = opened[place]
    earlier = opened[place + 1][1] if place + 1 < len(opened) else None
    return Revised(number, record, earlier, changes.differences(earlier, record) if earlier else [])


def open_revision(keyring: Keyring, case: Case, number: int) -> CaseRecord:
    """One earlier state of a case that the caller has opened. Http404 when there is none of that number."""
    row = case.revisions.filter(number=number).first()
    if row is None:
        raise Http404
    return vault.open_revision(keys.open_key(keyring, case), row)
