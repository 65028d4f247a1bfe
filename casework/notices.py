"""What people who keep a case do when somebody in it has said something: take note of it, tell whoever received something.

Both work in a case that is closed: that is when they have to be done."""

from uuid import UUID

from django.http import Http404

from accounts.keyring import Keyring
from accounts.whole import whole
from casework import coarsening, consent, intake, owed, withdrawing
from casework.models import Notice


@whole
def take_note(keyring: Keyring, case_id: UUID) -> None:
    """The case is written anew, so that its card says from now on what is to be done. One that closes it stays closed, unless
    everyone agrees again by now. Raises Http404, intake.SavedMeanwhile."""
    held = intake.hold(keyring, case_id)
    intake.keep_held(keyring, held, "notice.read")
    if consent.all_until(held.record, "STORE"):
        withdrawing.open_again(case_id, coarsening.token_hashes(held.record), keyring.user)
    Notice.objects.filter(case=case_id, closes=False).delete()


@whole
def tell(keyring: Keyring, case_id: UUID, item: UUID, person: UUID) -> None:
    """Somebody was told that this person no longer agrees. Raises Http404 when nobody is to be; intake.SavedMeanwhile."""
    held = intake.hold(keyring, case_id)
    left = owed.to_tell(held.key, held.record)
    wanted = (item.hex, person.hex)
    found = next((one for one in left if (one.passed.item, one.person.id) == wanted), None)
    if found is None:
        raise Http404
    owed.told(held.record, found, keyring.user.pk)
    intake.keep_held(keyring, held, "consent.told")


@whole
def taken_back(keyring: Keyring, case_id: UUID, told_id: UUID) -> None:
    """Nobody was told after all. Raises Http404, intake.SavedMeanwhile."""
    held = intake.hold(keyring, case_id)
    found = next((one for one in held.record.told if one.id == told_id.hex), None)
    if found is None:
        raise Http404
    held.record.told.remove(found)
    intake.keep_held(keyring, held, "consent.told")
