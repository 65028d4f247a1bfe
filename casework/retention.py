"""What expires, and when: of the cases a person may open, by purpose. Two months ahead people are asked again."""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.keyring import Keyring
from casework import consent, erasing, vault
from casework.models import Case, ScheduledErasure

ASK_AGAIN_DAYS: Final = 60


@dataclass(frozen=True)
class Line:
    """One case. `ends`: purpose and last day, the nearest first; empty when the file is closed already, because consent to keep
    it has ended. `erased_on`: ordered, or by itself; not before `held_until`."""

    case_id: UUID
    reference: str
    ends: list[tuple[str, dt.date]]
    erased_on: dt.date
    is_ordered: bool
    held_until: dt.date | None

    @property
    def nearest(self) -> dt.date:
        return min([*(day for _purpose, day in self.ends[:1]), self.erased_on])

    def is_due(self, today: dt.date) -> bool:
        """Time to ask again: at least one purpose ends soon, or the file is closed already."""
        return not self.ends or self.ends[0][1] <= today + dt.timedelta(days=ASK_AGAIN_DAYS)

    def due_purposes(self, today: dt.date) -> list[tuple[str, dt.date]]:
        last = today + dt.timedelta(days=ASK_AGAIN_DAYS)
        return [(purpose, day) for purpose, day in self.ends if day <= last]


@sensitive_variables()
def calendar(keyring: Keyring) -> list[Line]:
    """The nearest first. Five questions to the database, however many cases."""
    cards = vault.cards(keyring).cases
    ids = [listed.case_id for listed in cards]
    kept = dict(Case.objects.filter(pk__in=ids).values_list("pk", "erase_after"))
    ordered = dict(ScheduledErasure.objects.filter(case__in=ids).values_list("case", "on"))
    held = dict(erasing.holds().filter(case__in=ids).values_list("case", "until"))
    lines = [
        Line(
            case_id=listed.case_id,
            reference=listed.card.reference,
            ends=sorted(consent.renewals(listed.card.ends).items(), key=lambda end: (end[1], end[0])),
            erased_on=ordered.get(listed.case_id) or kept[listed.case_id],
            is_ordered=listed.case_id in ordered,
            held_until=held.get(listed.case_id),
        )
        for listed in cards
        # Erased between two of the questions.
        if listed.case_id in kept
    ]
    return sorted(lines, key=lambda line: (line.nearest, line.reference))


def due_now(lines: list[Line]) -> list[Line]:
    today = timezone.localdate()
    return [line for line in lines if line.is_due(today) or line.is_ordered]
