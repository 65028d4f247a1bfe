"""The register of what left the system: for each case, which copy went to whom, what for and until when. Sealed under the case's
own key: whoever may read the case can tell its people who has their story, and nobody else learns that anybody has."""

import datetime as dt
from collections.abc import Collection
from typing import Final
from uuid import UUID, uuid4

import msgspec

from accounts.crypto.context import field_context
from accounts.crypto.padding import pad, unpad
from accounts.crypto.sealed import Sealed
from casework import keys
from casework.models import CaseExport

EXPORT: Final = "export"
# The recipient of a person's own file.
PERSON: Final = "PERSON"


class Exported(msgspec.Struct):
    """`recipient`: of what kind, a code; `to`: who; `people`: ids of those whose story it was; `form`: what was made,
    with how many files of `evidence`."""

    at: dt.datetime
    by: UUID
    recipient: str
    to: str
    purpose: str
    reason: str
    form: str
    people: list[str]
    destroy_by: dt.date
    evidence: int = 0


def enter(key: keys.CaseKey, entry: Exported) -> None:
    """In the caller's transaction, which holds the case: a key that is being replaced must not seal one more entry."""
    row = CaseExport(id=uuid4(), case_id=key.case_id)
    row.entry_ciphertext = _sealed(key, row.pk, entry)
    row.save(force_insert=True)


def rows(key: keys.CaseKey) -> list[tuple[UUID, Exported]]:
    return [(row.pk, _opened(key, row)) for row in CaseExport.objects.filter(case=key.case_id)]


def has_entries(case_id: UUID) -> bool:
    """Of most cases nobody has a copy, and then no key has to be opened."""
    return CaseExport.objects.filter(case=case_id).exists()


def entries(key: keys.CaseKey) -> list[Exported]:
    """Newest first. Raises SealBroken for an altered one: a recipient must not be left out silently."""
    return sorted((entry for _row, entry in rows(key)), key=lambda entry: entry.at, reverse=True)


def seal_again(old: keys.CaseKey, new: keys.CaseKey) -> None:
    """Under the case's new key, when everything of it is."""
    for row in CaseExport.objects.filter(case=old.case_id):
        row.entry_ciphertext = _sealed(new, row.pk, _opened(old, row))
        row.save(update_fields=["entry_ciphertext"])


def move(old: keys.CaseKey, new: keys.CaseKey, gone: Collection[str]) -> None:
    """Who has a copy of what stays, in the case of those who stay; what went of the others alone is not said any more."""
    for row in CaseExport.objects.filter(case=old.case_id):
        entry = _opened(old, row)
        left = [name for name in entry.people if name not in gone]
        if left or not entry.people:
            entry.people = left
            row.case_id, row.entry_ciphertext = new.case_id, _sealed(new, row.pk, entry)
            row.save(update_fields=["case", "entry_ciphertext"])


def _sealed(key: keys.CaseKey, row: UUID, entry: Exported) -> Sealed:
    return key.cipher.seal(pad(msgspec.msgpack.encode(entry)), field_context(EXPORT, key.case_id, row))


def _opened(key: keys.CaseKey, row: CaseExport) -> Exported:
    context = field_context(EXPORT, key.case_id, row.pk)
    return msgspec.msgpack.decode(unpad(key.cipher.open(row.entry_ciphertext, context)), type=Exported)
