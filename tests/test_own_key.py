"""Renewing one's own key: what was sealed to the old one still opens, what others read is moved, and what led to the old
root ends."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db.models import F
from django.http import Http404
from django.test import Client
from django.urls import reverse

from accounts import lockdown, recovery, rescue, second_factor, trustees
from accounts.crypto import trustee_shares
from accounts.crypto.context import field_context
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.keyring import Keyring, Locked
from accounts.models import PastOwnRoot, Rescue, Seat, TrusteeSeal, TrusteeSet, UserKey
from accounts.publickeys import recipient
from accounts.teams import auditors, organisation
from casework import audit, intake, intakedrafts, keychecks, keyproofs, membership, notes, sharing, vault
from casework.models import CaseUserKey
from casework.record import Officer
from tests.cast import PASSPHRASE, Cast, in_english, opened_anew, sign_in
from tests.factors import let_proof_lapse, sign_in_with_app, with_app
from tests.stories import NARRATIVE, story

pytestmark = pytest.mark.django_db
PAGE = "/own-key/"
PLACE = field_context("draft", UUID(int=1), UUID(int=2))


@pytest.fixture
def case_id(cast: Cast) -> UUID:
    """Kept by alice's team and granted to charlie by name."""
    made = intake.create_case(cast.keyring_of("alice"), cast.verdun, story())
    sharing.grant(cast.keyring_of("alice"), made, cast.charlie, may_change=True)
    return made


def renew(name: str) -> tuple[Client, Any]:
    client = in_english(sign_in(Client(), name))
    return client, client.post(PAGE, {"passphrase": PASSPHRASE})


def printed(page: Any) -> str:
    found = re.search(r"<code>([0-9A-Z -]+)</code>", page.content.decode())
    assert found
    return found[1]


def test_everything_still_opens_and_others_seal_to_the_new_key(cast: Cast, case_id: UUID) -> None:
    for name in ("alice", "charlie"):
        before = cast.principals[name]
        renew(name)
        keyring = opened_anew(name)
        assert (keyring.principal.epoch, recipient(before.id).epoch) == (2, 2)
        assert keyring.principal.public_key == recipient(before.id).public_key != before.public_key
        page = sign_in(Client(), name).get(reverse("case", args=[case_id]))
        assert NARRATIVE[:30] in page.content.decode()
        assert [card.case_id for card in vault.search(keyring, "accent").cases] == [case_id]
        assert keyproofs.findings(keyring) == []
    assert keychecks.findings() == []


def test_nothing_that_is_kept_opens_with_the_old_root(cast: Cast, case_id: UUID) -> None:
    old = cast.keyring_of("charlie")
    assert vault.open_case(old, case_id)
    renew("charlie")
    assert not Seat.objects.filter(user=cast.charlie).exclude(user_epoch=2).exists()
    assert not CaseUserKey.objects.exclude(grantee_epoch=2).exists()
    stale = Keyring(cast.charlie, cast.principals["charlie"])
    for attempt in (lambda: stale.team(cast.other_team.pk), lambda: vault.open_case(stale, case_id)):
        with pytest.raises((Locked, SealBroken, Http404)):
            attempt()


def test_what_was_sealed_to_an_earlier_epoch_stays_in_reach_through_several(cast: Cast) -> None:
    """Such as a draft, which says by which epoch it is sealed."""
    first = cast.principals["bob"].seal(b"a draft", PLACE)
    renew("bob")
    second = opened_anew("bob").principal.seal(b"another", PLACE)
    renew("bob")
    keyring = opened_anew("bob")
    assert keyring.principal_at(1).open(first, PLACE) == b"a draft"
    assert keyring.principal_at(2).open(second, PLACE) == b"another"
    assert keyring.principal_at(3) is keyring.principal
    assert keyring.principal_at(1).root == cast.principals["bob"].root
    for never in (0, -1, 4, 99):
        with pytest.raises(Locked):
            keyring.principal_at(never)


def test_a_case_being_told_and_a_saved_view_outlive_it(cast: Cast) -> None:
    bob = cast.keyring_of("bob")
    draft = intakedrafts.begin(bob, cast.verdun.pk, "fr", "H-9")
    notes.keep(bob, "view", Officer(badge="4711"))
    renew("bob")
    again = opened_anew("bob")
    assert intakedrafts.open_draft(again, draft).reference == "H-9"
    assert [note.badge for _, note in notes.all_of(again, "view", Officer) if note] == ["4711"]


def test_a_root_of_before_that_was_altered_moved_or_taken_opens_nothing(cast: Cast) -> None:
    for name in ("bob", "charlie"):
        renew(name)
    theirs = PastOwnRoot.objects.get(user=cast.charlie).root_ciphertext
    PastOwnRoot.objects.filter(user=cast.bob).update(root_ciphertext=theirs)
    with pytest.raises(SealBroken):
        opened_anew("bob").principal_at(1)
    PastOwnRoot.objects.filter(user=cast.bob).delete()
    with pytest.raises(Locked):
        opened_anew("bob").principal_at(1)
    assert {finding.kind for finding in keychecks.findings()} == {"past_own_root_missing"}
    assert {f.kind for f in keyproofs.findings(opened_anew("bob"))} == {"own_epoch_does_not_open"}


def test_a_key_sealed_to_the_old_epoch_meanwhile_opens_too(cast: Cast, case_id: UUID) -> None:
    """Somebody shared at that very moment, and had read the old public key."""
    old_row = CaseUserKey.objects.get().key_ciphertext
    old_seat = Seat.objects.get(user=cast.charlie, team=cast.other_team).root_ciphertext
    renew("charlie")
    CaseUserKey.objects.update(key_ciphertext=old_row, grantee_epoch=1, wrapped=False)
    mine = Seat.objects.filter(user=cast.charlie, team=cast.other_team)
    mine.update(root_ciphertext=old_seat, user_epoch=1)
    keyring = opened_anew("charlie")
    assert vault.open_case(keyring, case_id).record.statements[0].text == NARRATIVE
    assert len(vault.cards(keyring).cases) == 1
    assert keyring.team(cast.other_team.pk).root == cast.keyring_of("charlie").team(cast.other_team.pk).root
    assert keychecks.findings() == []
    mine.update(user_epoch=7)
    assert [finding.kind for finding in keychecks.findings()] == ["seat_for_an_unknown_epoch"]


def test_every_session_ends_and_one_signs_in_as_before(cast: Cast) -> None:
    phone = sign_in(Client(), "bob")
    laptop, page = renew("bob")
    assert page.status_code == 200
    for client in (phone, laptop):
        assert client.get("/teams/")["Location"].startswith("/sign-in/")
    assert sign_in(Client(), "bob").get("/teams/").status_code == 200


def test_the_second_factor_stays(cast: Cast) -> None:
    app = with_app(cast.bob)
    client = sign_in_with_app(Client(), "bob", app)
    assert client.post(PAGE, {"passphrase": PASSPHRASE}).status_code == 200
    assert second_factor.has_app(cast.bob)
    assert sign_in_with_app(Client(), "bob", app, ahead=1).get("/teams/").status_code == 200


def test_the_printed_code_ends_and_the_next_one_opens_the_new_root(cast: Cast) -> None:
    old = recovery.new_code(cast.keyring_of("bob"))
    _, page = renew("bob")
    with pytest.raises(recovery.RecoveryRefused):
        recovery.set_passphrase("bob", old, "seven otters sing at dusk")
    form = {"username": "bob", "code": printed(page), "password1": PASSPHRASE, "password2": PASSPHRASE}
    assert "code" in Client().post("/recovery/", form).content.decode()
    assert opened_anew("bob").principal.epoch == 2


def test_trustees_bring_back_the_new_root_and_nothing_else(cast: Cast) -> None:
    shares = rescue.appoint(cast.keyring_of("dana"), 2, 3)
    rescue.seal_all(cast.keyring_of("bob"))
    rescue.begin(cast.keyring_of("erin"), cast.bob)
    renew("bob")
    assert not Rescue.objects.exists()
    assert list(
        TrusteeSeal.objects.filter(principal_id=cast.bob.pk).values_list("principal_epoch", flat=True)
    ) == [2]
    root = trustee_shares.combine([trustee_shares.read(words) for words in shares[:2]])
    quorum = Principal("recovery", TrusteeSet.objects.get().pk, 1, root)
    assert trustees.open_root(quorum, "user", cast.bob.pk).root == opened_anew("bob").principal.root


def test_a_rescue_that_the_person_had_begun_is_begun_anew(cast: Cast) -> None:
    """Its shares wait sealed to the root that ended."""
    rescue.appoint(cast.keyring_of("dana"), 2, 3)
    rescue.seal_all(cast.keyring_of("alice"))
    rescue.begin(cast.keyring_of("dana"), cast.alice)
    renew("dana")
    assert not Rescue.objects.exists()


@pytest.mark.parametrize("typed", ["not her passphrase", ""])
def test_without_the_passphrase_nothing_changes(cast: Cast, typed: str) -> None:
    client = sign_in(Client(), "bob")
    assert client.post(PAGE, {"passphrase": typed}).status_code == 422
    assert UserKey.objects.get(user=cast.bob).epoch == 1 and not PastOwnRoot.objects.exists()
    assert client.get("/teams/").status_code == 200


def test_it_asks_for_the_passphrase_itself_and_counts_attempts(cast: Cast) -> None:
    client = in_english(sign_in(Client(), "bob"))
    let_proof_lapse(client)
    for _ in range(5):
        client.post(PAGE, {"passphrase": "a guess at it"})
    assert "Too many attempts" in client.post(PAGE, {"passphrase": PASSPHRASE}).content.decode()
    assert UserKey.objects.get(user=cast.bob).epoch == 1


def test_a_session_that_holds_an_ended_root_renews_nothing(cast: Cast) -> None:
    held = cast.keyring_of("bob")
    renew("bob")
    with pytest.raises(membership.renewal.RenewedMeanwhile):
        membership.renew_own(held, PASSPHRASE)
    assert UserKey.objects.get(user=cast.bob).epoch == 2 and PastOwnRoot.objects.count() == 1


def test_a_locked_account_is_not_opened_by_renewing(cast: Cast) -> None:
    held = cast.keyring_of("bob")
    lockdown.lock_account(cast.dana, cast.bob)
    with pytest.raises(membership.renewal.RenewedMeanwhile):
        membership.renew_own(held, PASSPHRASE)
    assert not UserKey.objects.filter(user=cast.bob).exists()


def test_what_goes_wrong_on_the_way_leaves_everything_as_it_was(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(trustees, "keep_sealed", broken)
    with pytest.raises(RuntimeError):
        membership.renew_own(cast.keyring_of("bob"), PASSPHRASE)
    assert opened_anew("bob").principal.root == cast.principals["bob"].root
    assert keychecks.findings() == []


def test_a_seat_somebody_broke_keeps_nobody_from_renewing(cast: Cast) -> None:
    seat = Seat.objects.get(user=cast.bob, team=cast.verdun)
    other = Seat.objects.get(user=cast.bob, team=organisation())
    Seat.objects.filter(pk=seat.pk).update(root_ciphertext=other.root_ciphertext)
    renew("bob")
    keyring = opened_anew("bob")
    assert keyring.team(organisation().pk)
    with pytest.raises(SealBroken):
        keyring.team(cast.verdun.pk)


def test_it_is_written_down(cast: Cast) -> None:
    renew("bob")
    entries = audit.entries(cast.keyring_of("frank"), auditors().pk)
    told = {(e.actor, e.action, e.subject, e.detail.get("epoch")) for e in entries}
    assert (cast.bob.pk, "root.renew", cast.bob.pk, 2) in told


def test_teams_go_on_after_it(cast: Cast, case_id: UUID) -> None:
    """A new epoch is sealed to the new key, and an older one of the team is reached through it."""
    renew("bob")
    membership.renew(cast.keyring_of("alice"), cast.verdun.pk)
    keyring = opened_anew("bob")
    assert keyring.team(cast.verdun.pk).epoch == cast.verdun.epoch + 1
    assert keyring.team(cast.verdun.pk, 1)
    assert Seat.objects.filter(user=cast.bob, epoch=F("team__epoch"), user_epoch=2).count() == 2
    assert keychecks.findings() == []
    with pytest.raises(Http404):
        vault.open_case(keyring, uuid4())
