"""A case is erased while somebody saves it, shares it, seals it anew or erases it too: one waits for the other, and nothing is
left."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connections
from django.http import Http404

from accounts.crypto.sealed import SealBroken
from casework import erasing, erasureorders, intake, keychecks, rekeying, sharing, vault
from casework.models import Case, ErasedCase, ErasureShare, Revision, Rule, Statistic
from tests.cast import Cast
from tests.stories import story
from tests.writers import at_once, on_disk

pytestmark = pytest.mark.django_db(transaction=True)
# What somebody is told who comes too late.
TOO_LATE = (Http404, SealBroken, erasing.NoSuchCase)


def others(cast: Cast, case_id: uuid.UUID) -> dict[str, Callable[[], object]]:
    bob = cast.keyring_of("bob")

    def save() -> None:
        opened = vault.open_case(bob, case_id)
        intake.save_case(bob, case_id, opened.record, opened.revision)

    return {
        "save": save,
        "share": lambda: sharing.grant(bob, case_id, cast.charlie, may_change=True),
        "sweep": lambda: list(rekeying.sweep(bob, cast.verdun)),
        "erase": lambda: erasureorders.erase_now(bob, case_id),
        "worker": lambda: erasing.erase(case_id, Rule.RETENTION),
        "replay": erasing.replay_if_needed,
    }


@pytest.mark.parametrize("what", ["save", "share", "sweep", "erase", "worker", "replay"])
def test_whatever_else_happens_to_a_case_meanwhile_it_is_erased_whole_and_once(
    cast: Cast, tmp_path: Path, what: str
) -> None:
    alice = cast.keyring_of("alice")
    case_id = intake.create_case(alice, cast.verdun, story())
    kept = intake.create_case(alice, cast.verdun, story("K-1"))
    Case.objects.update(rekey_due=True)
    with on_disk(tmp_path):
        other = others(cast, case_id)[what]
        errors = at_once([lambda: erasureorders.erase_now(alice, case_id), other])
        assert all(isinstance(error, TOO_LATE) for error in errors) and len(errors) < 2, errors
        assert list(Case.objects.values_list("pk", flat=True)) == [kept]
        assert ErasureShare.objects.get().pk == kept and ErasedCase.objects.count() == 1
        assert set(Revision.objects.values_list("case", flat=True)) == {kept}
        # Without a key nobody could name the coarse record: were the worker first, it would go when its time is over.
        assert Statistic.objects.count() in ((1, 2) if what == "worker" else (1,))
        assert keychecks.findings() == []
        connections.close_all()
