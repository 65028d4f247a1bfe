"""A group's spreadsheet from the moment it arrives until its rows are kept: held sealed, looked at, mapped, checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import BinaryIO, Final
from uuid import UUID

import msgspec
from django.core.files.base import File

from accounts.keyring import Keyring
from accounts.models import Team
from casework import heldfiles, vocabulary
from casework.importing import keeping, memory, survey
from casework.importing.plan import Plan, faults
from casework.importing.problems import BadRow, Words
from casework.importing.reading import Readable
from casework.importing.rows import read_cases
from casework.importing.survey import Surveyed
from casework.models import HeldFile
from casework.record import CaseRecord

MINUTES: Final = 120
SHOWN: Final = 3


class Facts(msgspec.Struct):
    """What is known of it so far; sealed beside the file."""

    name: str
    team: UUID
    plan: Plan
    heads: dict[int, str] = {}
    columns: list[Surveyed] = []
    good_rows: int = 0
    bad_rows: int = 0
    pages: list[int] = []


@dataclass(frozen=True)
class Sheet:
    held: heldfiles.Held
    facts: Facts

    @property
    def faults(self) -> list[Words]:
        return list(faults(self.facts.plan))

    def open(self) -> BinaryIO:
        return self.held.open()


def receive(keyring: Keyring, team: Team, upload: "File[bytes]", today: date) -> Sheet:
    """Raises a FileRefused for what is no spreadsheet; nothing of it is kept then."""
    name = upload.name or ""
    facts = _guessed(keyring, team, upload, name, None)
    upload.seek(0)
    held = heldfiles.hold(
        keyring.principal, HeldFile.Kind.IMPORT, msgspec.msgpack.encode(facts), upload.chunks(), MINUTES
    )
    return look_again(Sheet(held, facts), facts.plan, today)


def _guessed(keyring: Keyring, team: Team, file: Readable, name: str, line: int | None) -> Facts:
    known = memory.recall(keyring, team)
    plan = survey.first_plan(file, name, known, line)
    plan.dates = plan.dates or survey.dates_of(file, name, plan)
    facts = Facts(name, team.pk, plan, survey.heads(file, name), survey.survey(file, name, plan))
    for surveyed, planned in zip(facts.columns, plan.columns, strict=True):
        for word in surveyed.unknown:
            proposed = survey.nearest(planned.field, word)
            if proposed:
                planned.codes.setdefault(vocabulary.spelling_key(word), proposed)
    return facts


def sheet_for(keyring: Keyring, held_id: UUID, share: bytes | None) -> Sheet:
    """Http404 to a stranger, after its time, and in another session."""
    held = heldfiles.held_for(keyring.principal, HeldFile.Kind.IMPORT, held_id, share)
    return Sheet(held, msgspec.msgpack.decode(held.facts, type=Facts))


def begin_at(keyring: Keyring, sheet: Sheet, team: Team, line: int, today: date) -> Sheet:
    """The titles stand on another line: what the columns are is guessed anew."""
    facts = _guessed(keyring, team, sheet.open(), sheet.facts.name, line)
    return look_again(Sheet(sheet.held, facts), facts.plan, today)


def look_again(sheet: Sheet, plan: Plan, today: date) -> Sheet:
    """The whole file under this plan: the words in it that mean nothing yet, the rows that are right and those that are not."""
    facts, file = sheet.facts, sheet.open()
    columns = survey.survey(file, facts.name, plan)
    found = keeping.Checked() if list(faults(plan)) else keeping.check(file, facts.name, today, plan)
    seen = Facts(
        facts.name, facts.team, plan, facts.heads, columns, found.good_rows, found.bad_rows, found.pages
    )
    sheet.held.keep_facts(msgspec.msgpack.encode(seen))
    return Sheet(sheet.held, seen)


def bad_rows(sheet: Sheet, first: int, today: date) -> list[BadRow]:
    return keeping.bad_rows(sheet.open(), sheet.facts.name, today, sheet.facts.plan, first)


def first_cases(sheet: Sheet, today: date) -> Iterator[CaseRecord]:
    """What the first good rows will become."""
    found = read_cases(sheet.open(), sheet.facts.name, today, sheet.facts.plan)
    yield from islice((row for row in found if not isinstance(row, BadRow)), SHOWN)
