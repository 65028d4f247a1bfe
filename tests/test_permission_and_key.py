"""Permission and key are one thing, even when somebody writes to the database by hand."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404

from accounts.crypto.sealed import SealBroken
from casework import intake, keys, permissions, sharing, vault
from casework.models import Case, CaseTeamKey, CaseTeamPermission, CaseUserKey, CaseUserPermission
from tests.stories import story

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case(cast):
    return Case.objects.get(pk=intake.create_case(cast.keyring_of("alice"), cast.verdun, story()))


def write_permission_by_hand(case, user) -> None:
    with transaction.atomic():
        CaseUserPermission.objects.create(
            user=user, content_object=case, permission=permissions.codename_row(permissions.VIEW)
        )


def test_a_permission_written_by_hand_opens_nothing(cast, case):
    """PostgreSQL refuses the row; SQLite has no deferred triggers, so there the missing key is what holds."""
    if connection.vendor == "postgresql":
        with pytest.raises(DatabaseError):
            write_permission_by_hand(case, cast.charlie)
        assert not CaseUserPermission.objects.exists()
        return
    write_permission_by_hand(case, cast.charlie)
    with pytest.raises(SealBroken):
        vault.open_case(cast.keyring_of("charlie"), case.pk)
    assert vault.cards(cast.keyring_of("charlie")).cases == []


def test_every_view_permission_has_its_key_and_every_key_its_permission(cast, case):
    sharing.grant(cast.keyring_of("alice"), case.pk, cast.charlie, may_change=True)
    sharing.grant(cast.keyring_of("alice"), case.pk, cast.dana, may_change=False)
    sharing.revoke(cast.keyring_of("alice"), case.pk, cast.dana)
    for rows, held in ((CaseUserPermission, CaseUserKey), (CaseTeamPermission, CaseTeamKey)):
        viewing = set(rows.objects.filter(permission__codename=permissions.VIEW).values_list("pk", flat=True))
        assert viewing == set(held.objects.values_list("pk", flat=True)) and viewing


def test_deleting_the_permission_by_hand_takes_the_key_with_it(cast, case):
    sharing.grant(cast.keyring_of("alice"), case.pk, cast.charlie, may_change=False)
    CaseUserPermission.objects.all().delete()
    assert not CaseUserKey.objects.exists()
    with pytest.raises(Http404):
        vault.open_case(cast.keyring_of("charlie"), case.pk)


def test_a_key_row_moved_to_another_persons_permission_opens_nothing(cast, case):
    alice = cast.keyring_of("alice")
    sharing.grant(alice, case.pk, cast.charlie, may_change=False)
    sharing.grant(alice, case.pk, cast.dana, may_change=False)
    hers = CaseUserKey.objects.get(permission__user=cast.dana)
    CaseUserKey.objects.filter(permission__user=cast.charlie).update(key_ciphertext=hers.key_ciphertext)
    with pytest.raises(SealBroken):
        vault.open_case(cast.keyring_of("charlie"), case.pk)


def test_a_key_from_before_a_revocation_does_not_open_what_came_after(cast, case):
    alice = cast.keyring_of("alice")
    sharing.grant(alice, case.pk, cast.charlie, may_change=False)
    old = bytes(CaseUserKey.objects.get().key_ciphertext)
    sharing.revoke(alice, case.pk, cast.charlie)
    people = keys.open_share(cast.principals["charlie"], case.pk, 1, old, wrapped=False)
    case.refresh_from_db()
    assert people != keys.open_key(alice, case).people
