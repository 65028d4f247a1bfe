"""Grants that have ended: permission and key go without anybody signing in, for both are rows and taking them away needs no key.
The case is sealed anew at its next saving or sweep, because the grantee may have kept the old key."""

from uuid import UUID

from django.db import transaction

from casework import audit, permissions
from casework.models import Case, OwnNote
from casework.models.notes import FOR_A_DAY


def take_back() -> int:
    """How many grants ended. One transaction a case, so that one that is being saved delays no other."""
    return sum(_take_back(case_id) for case_id in permissions.cases_with_ended_grants())


def _take_back(case_id: UUID) -> int:
    with transaction.atomic():
        permissions.hold_case(case_id)
        ended = permissions.take_back_ended(case_id)
        if ended:
            Case.objects.filter(pk=case_id).update(rekey_due=True)
        for grantee in sorted(ended):
            audit.append(None, "case.expire", case_id, grantee=str(grantee))
    return len(ended)


def forget_notes_of_the_day() -> None:
    """What somebody had selected, and how to take an act on it back: good for the day, and not to be found the day after."""
    OwnNote.objects.filter(kind__in=FOR_A_DAY).delete()
