"""What `check_keys` finds when a hand, a backup or a mistake has set permissions, keys and rows apart."""

import io
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.crypto.sealed import Sealed
from accounts.models import PastRoot, PublicKey, Seat, Team, UserKey
from casework import intake, keychecks, keyproofs, permissions, sharing, tasks
from casework.management.commands.check_keys import EXPLAINED
from casework.models import (
    Case,
    CaseCard,
    CaseTeamKey,
    CaseTeamPermission,
    CaseText,
    CaseUserKey,
    CaseUserPermission,
    ErasureShare,
    Revision,
    Statistic,
    WorkerSign,
)
from tests.cast import PASSPHRASE, Cast
from tests.conftest import DATABASES
from tests.stories import story

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast: Cast) -> Case:
    """In alice's team, and granted by name to charlie."""
    alice = cast.keyring_of("alice")
    made = Case.objects.get(pk=intake.create_case(alice, cast.verdun, story()))
    sharing.grant(alice, made.pk, cast.charlie, may_change=True)
    return made


@contextmanager
def undone() -> Iterator[None]:
    """What a hand breaks, PostgreSQL would refuse at the end of the transaction: there is no such end."""
    with ExitStack() as stack:
        for alias in DATABASES:
            stack.enter_context(transaction.atomic(using=alias))
            stack.callback(transaction.set_rollback, True, using=alias)
        yield


def found() -> set[str]:
    return {finding.kind for finding in keychecks.findings()}


def test_it_finds_nothing_where_nobody_wrote_by_hand(cast: Cast, case: Case) -> None:
    sharing.revoke(cast.keyring_of("alice"), case.pk, cast.charlie)
    assert keychecks.findings() == []
    for name in cast.users:
        assert keyproofs.findings(cast.keyring_of(name)) == []


def _without_view(case: Case) -> None:
    rows = CaseUserPermission.objects.filter(permission__codename=permissions.VIEW)
    rows.delete()


def _homeless(case: Case) -> None:
    group = Group.objects.create(name="nobody's")
    CaseTeamPermission.objects.create(
        group=group, permission=permissions.codename_row(permissions.VIEW), content_object=case
    )


def _moved_key(case: Case) -> None:
    other = Case.objects.create(team=case.team, erase_after=case.erase_after)
    CaseUserKey.objects.update(case=other)


def _key_on_change(case: Case) -> None:
    change = CaseUserPermission.objects.get(permission__codename=permissions.CHANGE)
    CaseUserKey.objects.update(permission=change)


def _altered_public_key(case: Case) -> None:
    row = PublicKey.objects.filter(kind="user").first()
    assert row is not None
    PublicKey.objects.filter(pk=row.pk).update(public_key=bytes(row.public_key)[::-1])


def _newer_person(case: Case) -> None:
    PublicKey.objects.create(
        principal_id=CaseUserPermission.objects.first().user_id,  # type: ignore[union-attr]
        kind="user",
        epoch=2,
        public_key=b"x",
        signature=b"y",
    )


def _no_share(case: Case) -> None:
    ErasureShare.objects.all().delete()


def _lone_share(case: Case) -> None:
    ErasureShare.objects.create(case_id=uuid4(), share=b"x" * 32)


BROKEN: dict[str, Callable[[Case], object]] = {
    "permission_without_key": lambda case: CaseUserKey.objects.all().delete(),
    "change_without_view": _without_view,
    "permission_of_no_team": _homeless,
    "key_of_another_case": _moved_key,
    "key_on_a_wrong_permission": _key_on_change,
    "key_of_another_epoch": lambda case: Case.objects.update(epoch=2),
    "key_of_unknown_grantee": lambda case: CaseTeamKey.objects.update(grantee_epoch=9),
    "key_of_ended_grantee": _newer_person,
    "case_without_its_team": lambda case: CaseTeamPermission.objects.all().delete(),
    "case_without_card": lambda case: CaseCard.objects.all().delete(),
    "case_without_text": lambda case: CaseText.objects.all().delete(),
    "case_without_record": lambda case: Revision.objects.all().delete(),
    "case_without_share": _no_share,
    "share_without_case": _lone_share,
    "statistic_of_unknown_epoch": lambda case: Statistic.objects.update(epoch=7),
    "public_key_unvouched": _altered_public_key,
    "person_without_public_key": lambda case: PublicKey.objects.filter(kind="user").delete(),
    "person_key_of_another_epoch": lambda case: UserKey.objects.update(epoch=3),
    "team_without_public_key": lambda case: PublicKey.objects.filter(principal_id=case.team_id).delete(),
    "team_ahead_of_its_key": lambda case: Team.objects.filter(pk=case.team_id).update(epoch=3),
    "seat_of_another_epoch": lambda case: Seat.objects.filter(team=case.team_id).update(epoch=1),
    "team_without_members": lambda case: Seat.objects.filter(team=case.team_id).delete(),
    "membership_without_seat": lambda case: Seat.objects.filter(team=case.team_id).delete(),
    "seat_without_membership": lambda case: case.team.group.user_set.clear(),
    "past_root_missing": lambda case: PastRoot.objects.filter(team=case.team_id).delete(),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_was_set_apart_by_hand_is_named(case: Case, kind: str) -> None:
    with undone():
        BROKEN[kind](case)
        assert kind in found()


def test_every_finding_has_words() -> None:
    assert set(BROKEN) <= set(EXPLAINED)


def test_without_the_erasure_database_it_says_nothing_about_shares(case: Case) -> None:
    ErasureShare.objects.all().delete()
    assert keychecks.findings(erasure=False) == []


def test_a_card_that_does_not_open_is_found_with_somebodys_keys_only(cast: Cast, case: Case) -> None:
    card = CaseCard.objects.get()
    CaseCard.objects.update(ciphertext=Sealed(bytes(card.ciphertext)[::-1]))
    assert keychecks.findings() == []
    assert [f.kind for f in keyproofs.findings(cast.keyring_of("bob"))] == ["case_does_not_open"]
    assert keyproofs.findings(cast.keyring_of("dana")) == []


def test_a_seat_whose_root_was_exchanged_is_found(cast: Cast, case: Case) -> None:
    bobs = Seat.objects.get(team=cast.verdun, user=cast.bob)
    Seat.objects.filter(team=cast.verdun, user=cast.alice).update(root_ciphertext=bobs.root_ciphertext)
    kinds = {finding.kind for finding in keyproofs.findings(cast.keyring_of("alice"))}
    assert "team_epoch_does_not_open" in kinds
    assert keyproofs.findings(cast.keyring_of("bob")) == []


def run(monkeypatch: pytest.MonkeyPatch, *words: str, typed: str = "") -> str:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{typed}\n"))
    call_command("check_keys", *words, stdout=out)
    return out.getvalue()


def test_the_command_says_that_all_agrees_and_opens(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch) == "Permissions and keys agree.\n"
    assert run(monkeypatch, "--as", "Alice", typed=PASSPHRASE).endswith("All of it opens.\n")


def test_the_command_lists_what_it_finds_and_fails(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    ErasureShare.objects.all().delete()
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 findings"):
        call_command("check_keys", stdout=out)
    assert out.getvalue().startswith(f"case_without_share {case.pk}: ")


@pytest.mark.parametrize(("name", "typed"), [("alice", "wrong passphrase"), ("nobody", PASSPHRASE)])
def test_a_wrong_name_and_a_wrong_passphrase_sound_alike(
    case: Case, monkeypatch: pytest.MonkeyPatch, name: str, typed: str
) -> None:
    with pytest.raises(CommandError, match="User name or passphrase is not right"):
        run(monkeypatch, "--as", name, typed=typed)


def test_the_worker_looks_once_a_day_and_logs_counts_only(
    case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    Case.objects.update(epoch=2)
    with caplog.at_level(logging.INFO):
        tasks.chores()
        tasks.chores()
    said = [record.getMessage() for record in caplog.records if "Keys checked" in record.getMessage()]
    assert said == ["Keys checked; found: key_of_another_epoch 1."]
    assert str(case.pk) not in caplog.text
    WorkerSign.objects.update(chores_on="2020-01-01")
    with caplog.at_level(logging.INFO):
        tasks.chores()
    assert caplog.text.count("Keys checked") == 2
