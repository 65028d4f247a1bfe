"""What expires, and when: of the cases a person may open, by purpose. Two months ahead people are asked again."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.keyring import Keyring
from casework import consent, erasing, permissions, vault
from casework.models import ScheduledErasure

ASK_AGAIN_DAYS: Final = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One case; small, for as many as somebody may open stand in memory together. `erased_on`: ordered, or by itself; not before
    `held_until`."""

    case: bytes
    reference: str
    # When consent for each purpose ends, as the card has it.
    written: str
    first_end: dt.date | None
    erased_on: dt.date
    is_ordered: bool
    held_until: dt.date | None

    @property
    def case_id(self) -> UUID:
        return UUID(bytes=self.case)

    @property
    def ends(self) -> list[tuple[str, dt.date]]:
        """Purpose and last day, the nearest first; none when the file is closed already: consent to keep it has ended."""
        return sorted(consent.renewals(self.written).items(), key=lambda end: (end[1], end[0]))

    @property
    def nearest(self) -> dt.date:
        return min(self.first_end or self.erased_on, self.erased_on)

    def is_due(self, today: dt.date) -> bool:
        """Time to ask again: at least one purpose ends soon, or the file is closed already."""
        return self.first_end is None or self.first_end <= today + dt.timedelta(days=ASK_AGAIN_DAYS)

    def due_purposes(self, today: dt.date) -> list[tuple[str, dt.date]]:
        last = today + dt.timedelta(days=ASK_AGAIN_DAYS)
        return [(purpose, day) for purpose, day in self.ends if day <= last]


class Calendar(NamedTuple):
    """`broken`: cases whose sealed bytes were altered: nobody can say what ends in them."""

    lines: list[Line]
    broken: list[UUID]


@sensitive_variables()
def calendar(keyring: Keyring) -> Calendar:
    """Every case the person may open, the nearest first. As many questions to the database as for one case."""
    kept = dict(permissions.cases_for(keyring.user).values_list("pk", "erase_after"))
    # Few, whoever's they are: looked up for cases that were opened, never shown.
    ordered = dict(ScheduledErasure.objects.values_list("case", "on"))
    held = dict(erasing.holds().values_list("case", "until"))

    def lines(cards: Iterable[vault.Listed]) -> list[Line]:
        # Those that came between two of the questions stand on the next page that is asked for.
        return [
            _line(listed, ordered.get(case_id), kept[case_id], held.get(case_id))
            for listed in cards
            if (case_id := listed.case_id) in kept
        ]

    found, broken = vault.every_card(keyring, lines)
    return Calendar(sorted(found, key=lambda line: (line.nearest, line.reference)), broken)


def _line(
    listed: vault.Listed, ordered: dt.date | None, erased_on: dt.date, held_until: dt.date | None
) -> Line:
    written = listed.card.ends
    first = min(consent.renewals(written).values(), default=None)
    reference = listed.head.reference
    return Line(listed.case, reference, written, first, ordered or erased_on, ordered is not None, held_until)


def due_now(lines: list[Line]) -> list[Line]:
    today = timezone.localdate()
    return [line for line in lines if line.is_due(today) or line.is_ordered]
