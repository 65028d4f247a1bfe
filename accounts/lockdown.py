"""A laptop was taken, or a passphrase: every session dies and every wrap under a passphrase is deleted. The roots themselves are
untouched; only what is on paper opens them again."""

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet

from accounts import devices, events
from accounts.models import Invitation, TrusteeSeal, User, UserKey


def lock_account(actor: User | None, user: User) -> None:
    with transaction.atomic():
        _delete_wraps(User.objects.filter(pk=user.pk))
        events.tell(actor, "lockdown.account", user.pk)
    devices.end_all(actor, user)


def lock_everybody(actor: User | None) -> int:
    """Links that wait to be used open roots too, and go with the rest. Returns how many accounts were locked."""
    with transaction.atomic():
        locked = _delete_wraps(User.objects.all())
        Invitation.objects.all().delete()
        events.tell(actor, "lockdown.organisation", None, accounts=locked)
    Session.objects.all().delete()
    return locked


def _delete_wraps(people: "QuerySet[User]") -> int:
    """The verifier goes as well: it would still tell a good guess from a bad one."""
    UserKey.objects.filter(user__in=people).delete()
    for person in people.select_for_update():
        person.set_unusable_password()
        person.save(update_fields=["password"])
    return people.count()


def without_way_back(people: "QuerySet[User]") -> list[User]:
    """Who could not come in again: nothing on paper opens their root."""
    with_trustees = TrusteeSeal.objects.filter(kind="user").values("principal_id")
    without = people.filter(is_active=True, recovery_key=None).exclude(pk__in=with_trustees)
    return list(without.order_by("username"))
