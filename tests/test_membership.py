"""Leaving a team, and sealing anew what the one who left may have kept the keys of."""

import contextlib
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse

from accounts import teams
from accounts.crypto.sealed import SealBroken
from accounts.keyring import Locked
from accounts.models import Invitation, Seat
from accounts.teams import add_member, auditors, coordinators, hold_still, members, organisation
from casework import audit, intake, keychecks, keyproofs, keys, membership, rekeying, sharing, vault
from casework.models import Case, CaseTeamKey, CaseUserKey, ErasureShare, Revision
from tests.cast import PASSPHRASE, Cast, in_english, opened_anew, sign_in
from tests.stories import story
from tests.writers import at_once, on_disk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_stewards(cast: Cast) -> None:
    """Both do here what only stewards may: see `test_stewards`."""
    teams.set_steward(cast.verdun, cast.bob, steward=True)


def removal(cast: Cast, name: str) -> str:
    return reverse("member-remove", args=[cast.verdun.pk, cast.users[name].pk])


def all_agrees(cast: Cast, *names: str) -> None:
    assert keychecks.findings() == []
    for name in names:
        assert keyproofs.findings(cast.keyring_of(name)) == []


def body(response: Any) -> str:
    return b"".join(response).decode()


# Removing


def test_the_page_says_first_what_a_former_member_could_still_have(
    cast: Cast, case_id: uuid.UUID, alice: Client
) -> None:
    page = body(alice.get(removal(cast, "bob")))
    assert "Remove bob from the team" in page
    assert "printed or photographed of 1 case" in page
    assert set(members(cast.verdun)) == {cast.alice, cast.bob}


def test_a_member_who_is_removed_opens_nothing_from_that_moment_on(
    cast: Cast, case_id: uuid.UUID, alice: Client
) -> None:
    bobs_browser = sign_in(Client(), "bob")
    bob = cast.keyring_of("bob")
    kept_root = bob.team(cast.verdun.pk)
    kept_row = CaseTeamKey.objects.get()
    assert alice.post(removal(cast, "bob")).status_code == 302
    assert bobs_browser.get(reverse("case", args=[case_id])).status_code == 404
    assert bobs_browser.get(reverse("team", args=[cast.verdun.pk])).status_code == 404
    assert vault.cards(cast.keyring_of("bob")).cases == []
    row = CaseTeamKey.objects.get()
    assert row.grantee_epoch == kept_root.epoch + 1 and row.key_ciphertext != kept_row.key_ciphertext
    with pytest.raises(SealBroken):
        keys.open_share(kept_root, case_id, row.epoch, row.key_ciphertext, wrapped=True)
    all_agrees(cast, "alice", "bob")


def test_what_was_granted_by_name_before_they_joined_goes_too(
    cast: Cast, case_id: uuid.UUID, alice: Client
) -> None:
    keyring = cast.keyring_of("alice")
    sharing.grant(keyring, case_id, cast.charlie, may_change=True)
    add_member(keyring, cast.verdun, cast.charlie)
    assert "Access to 1 case of this team that was granted by name is revoked too" in body(
        alice.get(removal(cast, "charlie"))
    )
    alice.post(removal(cast, "charlie"))
    assert not CaseUserKey.objects.exists()
    with pytest.raises(Http404):
        vault.open_case(cast.keyring_of("charlie"), case_id)
    all_agrees(cast, "alice", "charlie")


def test_it_is_written_down_who_removed_whom(cast: Cast, alice: Client) -> None:
    alice.post(removal(cast, "bob"))
    entry = next(audit.entries(cast.keyring_of("frank"), auditors().pk))
    assert (entry.actor, entry.action, entry.subject) == (cast.alice.pk, "team.remove", cast.verdun.pk)
    assert entry.detail == {"member": str(cast.bob.pk)}


def test_open_invitations_end(cast: Cast, alice: Client) -> None:
    alice.post(reverse("invite", args=[cast.verdun.pk]))
    assert Invitation.objects.exists()
    alice.post(removal(cast, "bob"))
    assert not Invitation.objects.exists()


def test_one_may_leave_but_the_last_one_may_not(cast: Cast, case_id: uuid.UUID, alice: Client) -> None:
    assert alice.post(removal(cast, "alice")).headers["Location"] == reverse("teams")
    bob = in_english(sign_in(Client(), "bob"))
    assert "last member" in body(bob.get(removal(cast, "bob")))
    assert bob.post(removal(cast, "bob")).status_code == 409
    assert set(members(cast.verdun)) == {cast.bob}
    with pytest.raises(membership.LastMember):
        membership.remove(cast.keyring_of("bob"), cast.verdun.pk, cast.bob.pk)
    assert vault.open_case(cast.keyring_of("bob"), case_id).record.reference == "H-1"
    all_agrees(cast, "bob")


@pytest.mark.parametrize("name", ["charlie", "dana", "frank", "grace", "root_user"])
def test_to_everybody_else_the_team_does_not_exist(cast: Cast, name: str) -> None:
    stranger = sign_in(Client(), name)
    for address in (
        removal(cast, "bob"),
        reverse("team-keys", args=[cast.verdun.pk]),
        reverse("team-sweep", args=[cast.verdun.pk]),
        reverse("team-renew", args=[cast.verdun.pk]),
    ):
        assert stranger.post(address).status_code == 404, address
    assert Seat.objects.filter(team=cast.verdun).count() == 2


def test_nobody_is_removed_from_the_organisation_and_its_key_is_not_renewed_here(
    cast: Cast, alice: Client
) -> None:
    whole = organisation().pk
    for address in (
        reverse("member-remove", args=[whole, cast.bob.pk]),
        reverse("team-keys", args=[whole]),
        reverse("team-renew", args=[whole]),
    ):
        assert alice.post(address).status_code == 404


def test_an_auditor_and_a_coordinator_may_leave_too(cast: Cast) -> None:
    add_member(cast.keyring_of("frank"), auditors(), cast.alice)
    membership.remove(cast.keyring_of("frank"), auditors().pk, cast.alice.pk)
    membership.remove(cast.keyring_of("dana"), coordinators().pk, cast.erin.pk)
    assert [e.action for e in audit.entries(cast.keyring_of("frank"), auditors().pk)] == ["team.remove"] * 2
    all_agrees(cast, "frank", "dana")


# Sealing anew


def swept(cast: Cast, name: str = "alice") -> rekeying.Swept | None:
    steps = list(rekeying.sweep(cast.keyring_of(name), cast.verdun))
    return steps[-1] if steps else None


def test_the_sweep_seals_every_case_under_a_key_the_leaver_never_had(
    cast: Cast, case_id: uuid.UUID, alice: Client
) -> None:
    other = intake.create_case(cast.keyring_of("alice"), cast.verdun, story("H-2"))
    old = keys.open_key(cast.keyring_of("bob"), Case.objects.get(pk=case_id))
    alice.post(removal(cast, "bob"))
    assert "2 cases wait" in body(alice.get(reverse("team-keys", args=[cast.verdun.pk])))
    page = body(alice.post(reverse("team-sweep", args=[cast.verdun.pk])))
    assert "2 cases were sealed anew" in page and "Nothing waits any more" in page
    assert set(Case.objects.values_list("epoch", "rekey_due")) == {(2, False)}
    with pytest.raises(SealBroken):
        vault.open_revision(old, Revision.objects.get(case=case_id))
    assert {listed.case_id for listed in vault.cards(cast.keyring_of("alice")).cases} == {case_id, other}
    assert "Nothing waits" in body(alice.get(reverse("team-keys", args=[cast.verdun.pk])))
    all_agrees(cast, "alice")


def test_a_case_is_sealed_anew_at_its_next_saving(cast: Cast, case_id: uuid.UUID, alice: Client) -> None:
    alice.post(removal(cast, "bob"))
    opened = vault.open_case(cast.keyring_of("alice"), case_id)
    assert intake.save_case(cast.keyring_of("alice"), case_id, opened.record, opened.revision) == 2
    assert Case.objects.values_list("epoch", "rekey_due").get() == (2, False)
    actions = [e.action for e in audit.entries(cast.keyring_of("frank"), auditors().pk)]
    assert actions[:2] == ["case.save", "case.rekey"]
    all_agrees(cast, "alice")


def test_a_sweep_that_was_stopped_goes_on_from_there(
    cast: Cast, case_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        intake.create_case(cast.keyring_of("alice"), cast.verdun, story(f"N-{number}"))
    membership.renew(cast.keyring_of("bob"), cast.verdun.pk)
    begun = rekeying.sweep(cast.keyring_of("alice"), cast.verdun)
    next(begun), next(begun)
    begun.close()
    assert rekeying.due(cast.verdun) == 3
    monkeypatch.setattr(rekeying, "SWEPT_AT_ONCE", 2)
    first, second = swept(cast), swept(cast, "bob")
    assert first and second
    assert (first.done, second.done, rekeying.due(cast.verdun)) == (2, 1, 0)
    assert swept(cast) is None
    all_agrees(cast, "alice", "bob")


def test_a_crash_in_the_middle_of_a_case_leaves_it_as_it_was(
    cast: Cast, case_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch, alice: Client
) -> None:
    membership.renew(cast.keyring_of("bob"), cast.verdun.pk)
    with monkeypatch.context() as patched:
        patched.setattr(keys, "grant_again", lambda *given: 1 / 0)
        page = body(alice.post(reverse("team-sweep", args=[cast.verdun.pk])))
    assert "It was interrupted" in page
    assert Case.objects.values_list("epoch", "rekey_due").get() == (1, True)
    all_agrees(cast, "alice")
    assert "1 case was sealed anew" in body(alice.post(reverse("team-sweep", args=[cast.verdun.pk])))


def test_a_case_that_does_not_open_is_counted_and_stops_no_other(cast: Cast, case_id: uuid.UUID) -> None:
    intake.create_case(cast.keyring_of("alice"), cast.verdun, story("H-2"))
    ErasureShare.objects.filter(pk=case_id).delete()
    membership.renew(cast.keyring_of("alice"), cast.verdun.pk)
    last = swept(cast)
    assert last and (last.done, last.broken) == (1, 1)
    assert Case.objects.get(rekey_due=True).pk == case_id


def test_everyone_it_was_granted_to_keeps_the_case_through_a_sweep(cast: Cast, case_id: uuid.UUID) -> None:
    sharing.grant(cast.keyring_of("alice"), case_id, cast.charlie, may_change=True)
    membership.renew(cast.keyring_of("alice"), cast.verdun.pk)
    swept(cast)
    opened = vault.open_case(cast.keyring_of("charlie"), case_id)
    assert intake.save_case(cast.keyring_of("charlie"), case_id, opened.record, 1) == 2
    all_agrees(cast, "alice", "bob", "charlie")


def test_somebody_outside_the_team_who_may_change_seals_a_marked_case_anew_by_saving(
    cast: Cast, case_id: uuid.UUID
) -> None:
    sharing.grant(cast.keyring_of("alice"), case_id, cast.charlie, may_change=True)
    membership.renew(cast.keyring_of("alice"), cast.verdun.pk)
    charlie = cast.keyring_of("charlie")
    intake.save_case(charlie, case_id, vault.open_case(charlie, case_id).record, 1)
    assert Case.objects.get().epoch == 2
    assert vault.open_case(cast.keyring_of("bob"), case_id).revision == 2
    all_agrees(cast, "alice", "charlie")


# Renewing


def test_renewing_the_key_keeps_everybody_and_opens_everything_from_before(
    cast: Cast, case_id: uuid.UUID, alice: Client
) -> None:
    epoch = hold_still([cast.verdun.pk])[cast.verdun.pk]
    assert alice.post(reverse("team-renew", args=[cast.verdun.pk])).status_code == 302
    assert hold_still([cast.verdun.pk]) == {cast.verdun.pk: epoch + 1}
    for name in ("alice", "bob"):
        assert vault.open_case(cast.keyring_of(name), case_id).record.reference == "H-1"
    all_agrees(cast, "alice", "bob")


def test_a_keyring_opened_before_a_new_epoch_seals_to_the_new_one(cast: Cast, case_id: uuid.UUID) -> None:
    alice = cast.keyring_of("alice")
    vault.open_case(alice, case_id)
    membership.renew(cast.keyring_of("bob"), cast.verdun.pk)
    intake.create_case(alice, cast.verdun, story("H-2"))
    all_agrees(cast, "alice", "bob")


def test_an_import_that_began_under_the_old_key_keeps_nothing_sealed_to_it(cast: Cast) -> None:
    grantor = keys.to_team(cast.keyring_of("alice"), cast.verdun)
    membership.renew(cast.keyring_of("bob"), cast.verdun.pk)
    with pytest.raises(keys.EpochEnded), transaction.atomic():
        intake.keep_batch([story("H-3")], cast.verdun, grantor)


# All at once


@pytest.mark.django_db(transaction=True)
def test_sweep_saves_grants_revocations_and_leaving_at_once_leave_nothing_apart(
    cast: Cast, tmp_path: Path
) -> None:
    """Whoever loses a race is refused in a known way; what stays is whole."""
    with on_disk(tmp_path):
        alice = cast.keyring_of("alice")
        add_member(alice, cast.verdun, cast.grace)
        cases = [intake.create_case(alice, cast.verdun, story(f"C-{number}")) for number in range(4)]
        membership.renew(alice, cast.verdun.pk)
        errors = at_once(
            [
                lambda: _sweep(cast, 3),
                lambda: _sweep(cast, 3),
                lambda: _save(cast, "bob", cases),
                lambda: _save(cast, "grace", cases),
                lambda: _share(cast, cases),
                lambda: _shuffle(cast),
                lambda: _renew_own(cast, "charlie"),
            ]
        )
        assert errors == []
        _sweep(cast, 4)
        assert rekeying.due(cast.verdun) == 0
        cast.principals["charlie"] = opened_anew("charlie").principal
        all_agrees(cast, "alice", "bob", "charlie", "grace")
        assert audit.verify() is None
        assert all(Revision.objects.filter(case_id=case_id).count() > 1 for case_id in cases)
        connections.close_all()


LOST = (Http404, Locked, intake.SavedMeanwhile, keys.EpochEnded)


def _sweep(cast: Cast, times: int) -> None:
    for _ in range(times):
        swept(cast)


def _save(cast: Cast, name: str, cases: list[uuid.UUID]) -> None:
    for case_id in cases * 2:
        with contextlib.suppress(*LOST):
            keyring = cast.keyring_of(name)
            opened = vault.open_case(keyring, case_id)
            intake.save_case(keyring, case_id, opened.record, opened.revision)


def _share(cast: Cast, cases: list[uuid.UUID]) -> None:
    acts: list[Callable[[Any, uuid.UUID], None]] = [
        lambda keyring, case_id: sharing.grant(keyring, case_id, cast.charlie, may_change=True),
        lambda keyring, case_id: sharing.revoke(keyring, case_id, cast.charlie),
    ]
    for case_id in cases:
        for act in acts:
            with contextlib.suppress(*LOST):
                act(cast.keyring_of("alice"), case_id)


def _renew_own(cast: Cast, name: str) -> None:
    for _ in range(2):
        membership.renew_own(opened_anew(name), PASSPHRASE)


def _shuffle(cast: Cast) -> None:
    membership.renew(cast.keyring_of("alice"), cast.verdun.pk)
    membership.remove(cast.keyring_of("alice"), cast.verdun.pk, cast.grace.pk)
