"""A checked file becomes cases: all of it or nothing, and a row that was imported before changes nothing."""

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import BinaryIO, Final
from uuid import UUID

from django.db import transaction

from accounts import keyfiles
from accounts.crypto.context import context
from accounts.models import Team, User
from casework import audit, intake
from casework.importing import batches
from casework.importing.plan import Plan
from casework.importing.problems import BadRow
from casework.importing.rows import read_cases
from casework.keys import Grantor
from casework.models import ImportedReference
from casework.record import CaseRecord

LABEL: Final = "temoin/v1/imported-reference"
BATCH: Final = 200
# What one page shows; memory stays flat however many there are.
SHOWN_BAD_ROWS: Final = 50


@dataclass
class Checked:
    """What a reading found: `bad` holds the first SHOWN_BAD_ROWS of the `bad_rows` there are, `pages` the line at which each
    further page of them begins."""

    good_rows: int = 0
    bad_rows: int = 0
    bad: list[BadRow] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)


@dataclass
class Kept:
    new: int = 0
    unchanged: int = 0
    cases: list[UUID] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.new + self.unchanged


def check(file: BinaryIO, name: str, today: date, plan: Plan | None = None) -> Checked:
    """Reads the whole file once and keeps none of it. Raises a FileRefused."""
    found = Checked()
    for row in read_cases(file, name, today, plan):
        if not isinstance(row, BadRow):
            found.good_rows += 1
            continue
        if found.bad_rows % SHOWN_BAD_ROWS == 0:
            found.pages.append(row.line)
        found.bad_rows += 1
        if len(found.bad) < SHOWN_BAD_ROWS:
            found.bad.append(row)
    return found


def bad_rows(file: BinaryIO, name: str, today: date, plan: Plan, first: int) -> list[BadRow]:
    """One page of them, from the line at which it begins."""
    rows = read_cases(file, name, today, plan, first)
    return list(islice((row for row in rows if isinstance(row, BadRow)), SHOWN_BAD_ROWS))


def keep(
    file: BinaryIO,
    name: str,
    today: date,
    team: Team,
    grantor: Grantor,
    actor: User | None,
    plan: Plan | None = None,
) -> Iterator[Kept]:
    """Every good row becomes a case of the team; rows known by their reference are left as they are.

    Yields how far it is after each batch, and is one transaction: a caller who stops listening leaves nothing behind."""
    good = (row for row in read_cases(file, name, today, plan) if not isinstance(row, BadRow))
    kept = Kept()
    with transaction.atomic(), transaction.atomic(using="erasure"):
        for batch in _batches(good):
            _keep_batch(batch, team, grantor, kept)
            yield kept
        batches.enter(team, actor, name, kept.cases)
        audit.append(actor, "case.import", team.pk, new=kept.new, unchanged=kept.unchanged)
    yield kept


def _batches(records: Iterable[CaseRecord]) -> Iterator[list[CaseRecord]]:
    source = iter(records)
    while batch := list(islice(source, BATCH)):
        yield batch


def _keep_batch(batch: list[CaseRecord], team: Team, grantor: Grantor, kept: Kept) -> None:
    digests = {digest(team.pk, record.reference): record for record in batch}
    known = set(ImportedReference.objects.filter(pk__in=list(digests)).values_list("pk", flat=True))
    fresh = {mark: record for mark, record in digests.items() if mark not in known}
    cases = intake.keep_batch(list(fresh.values()), team, grantor)
    ImportedReference.objects.bulk_create(
        ImportedReference(digest=mark, case=case) for mark, case in zip(fresh, cases, strict=True)
    )
    kept.cases += [case.pk for case in cases]
    kept.new += len(fresh)
    kept.unchanged += len(batch) - len(fresh)


def digest(team_id: UUID, reference: str) -> bytes:
    """Keyed with the pepper: from the database alone nobody can test whether a reference was imported."""
    return hmac.digest(keyfiles.pepper(), context(LABEL, team_id, reference), "sha256")
