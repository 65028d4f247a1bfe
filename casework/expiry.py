"""What ends by itself, without anybody signing in. Grants: permission and key are rows, taking them away needs no key; the case
is sealed anew at its next saving or sweep, because the grantee may have kept the old key. Drafts that nobody went on with."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.whole import whole
from casework import audit, permissions
from casework.models import Case, ConsentRecord, ImportBatch, IntakeDraft, OwnNote
from casework.models.notes import FOR_A_DAY


def take_back() -> int:
    """How many grants ended. One transaction a case, so that one that is being saved delays no other."""
    return sum(_take_back(case_id) for case_id in permissions.cases_with_ended_grants())


def forget_batches() -> None:
    """Which cases came together is nobody's to know once the import can no longer be undone."""
    ImportBatch.objects.filter(ends_on__lt=timezone.localdate()).delete()


@whole
def _take_back(case_id: UUID) -> int:
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


def let_drafts_go() -> int:
    return IntakeDraft.objects.filter(erase_after__lte=timezone.localdate()).delete()[0]


def forget_consent_records() -> int:
    """Those a year past the last consent in them. Whether a case still leads to one cannot be seen from here, and need not be:
    nothing is left in it that anybody agrees to. How many."""
    ended = ConsentRecord.objects.filter(keep_until__lte=timezone.localdate()).order_by("pk")
    with transaction.atomic():
        # Held first: somebody may be answering again at this moment, and then the record does not end.
        held = list(ended.select_for_update().values_list("pk", flat=True))
        _all, each = ConsentRecord.objects.filter(pk__in=held).delete()
    return int(each.get("casework.ConsentRecord", 0))
