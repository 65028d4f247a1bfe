"""Yesterday's backup of the main database beside today's erasure database: what was erased stays erased, whoever holds which
key."""

import io
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client

from accounts import keyfiles, rescue, trustees
from accounts.crypto.context import field_context
from accounts.crypto.envelope import open_sealed
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.crypto.shares import join
from accounts.crypto.trustee_shares import combine, read
from accounts.fields import BytesField, SealedField
from accounts.keyring import Keyring
from accounts.models import Team, TrusteeSet, User
from casework import (
    audit,
    erasing,
    erasureorders,
    holding,
    intake,
    keychecks,
    keys,
    ledger,
    sharing,
    tasks,
    vault,
)
from casework.models import (
    Case,
    CaseCard,
    CaseTeamKey,
    CaseText,
    CaseUserKey,
    ErasedCase,
    ErasureShare,
    LedgerEntry,
    LegalHold,
    Rule,
    Statistic,
)
from tests.backups import back_up, forget, restore
from tests.cast import Cast, _opened, in_english, sign_in
from tests.stories import NARRATIVE, person, story
from tests.writers import on_disk

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class World:
    cast: Cast
    erased: uuid.UUID
    kept: uuid.UUID
    trustees: Principal
    folder: Path
    backups: dict[str, str]


@pytest.fixture
def world(cast: Cast, tmp_path: Path) -> Iterator[World]:
    """Two cases, both granted by name and to another team; trustees; backups of both databases; then one case is erased."""
    alice = cast.keyring_of("alice")
    erased = intake.create_case(alice, cast.verdun, story("H-1", person(), person("Cedar")))
    kept = intake.create_case(alice, cast.verdun, story("K-1"))
    for case in (erased, kept):
        sharing.grant(alice, case, cast.charlie, may_change=True)
        sharing.grant(alice, case, cast.other_team, may_change=False)
    holding.ask(alice, erased, "A lawsuit", holding.last_day())
    shares = rescue.appoint(cast.keyring_of("dana"), 2, 3)
    for name in ("alice", "charlie", "dana"):
        rescue.seal_all(cast.keyring_of(name))
    backups: dict[str, str] = {}
    with on_disk(tmp_path):
        try:
            for alias in ("default", "erasure"):
                backups[alias] = back_up(alias, tmp_path)
            erasureorders.erase_now(alice, erased)
            held = Principal(
                "recovery", TrusteeSet.objects.get().pk, 1, combine([read(share) for share in shares[:2]])
            )
            yield World(cast, erased, kept, held, tmp_path, backups)
        finally:
            for alias, name in backups.items():
                forget(alias, name)
            connections.close_all()


@pytest.fixture
def yesterday(world: World) -> World:
    """The main database of the backup, the erasure database of today."""
    restore("default", world.backups["default"])
    return world


def keyrings(world: World) -> Iterator[Keyring]:
    """Everybody's, opened with the passphrase from what the restored database holds, and again with the trustees' key."""
    for user in User.objects.order_by("username"):
        yield Keyring(user, _opened(user))
        if trustees.is_sealed(user):
            yield Keyring(user, trustees.open_root(world.trustees, "user", user.pk))


def candidates(world: World) -> set[bytes]:
    """Every 32 bytes that those people, their teams, the trustees and both databases can bring together."""
    found = {world.trustees.root}
    for ring in keyrings(world):
        found.add(ring.principal.root)
        for team in Team.objects.filter(group__user=ring.user):
            found.add(ring.team(team.pk).root)
            for row in CaseTeamKey.objects.filter(permission__group=team.group):
                grantee = ring.team(team.pk, row.grantee_epoch)
                found.add(
                    keys.open_share(grantee, row.case_id, row.epoch, row.key_ciphertext, wrapped=row.wrapped)
                )
        for named in CaseUserKey.objects.filter(permission__user=ring.user):
            found.add(
                keys.open_share(
                    ring.principal, named.case_id, named.epoch, named.key_ciphertext, wrapped=named.wrapped
                )
            )
    for team in Team.objects.all():
        try:
            found.add(trustees.open_root(world.trustees, "team", team.pk).root)
        except SealBroken:
            continue
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, BytesField) and not isinstance(field, SealedField):
                found |= {bytes(v) for v in model._default_manager.values_list(field.name, flat=True) if v}
    return {value for value in found if len(value) == 32}


def sealed_parts(case_id: uuid.UUID) -> list[tuple[bytes, bytes]]:
    """Each sealed column of the case, with its place."""
    case = Case.objects.get(pk=case_id)
    parts = [
        (bytes(CaseCard.objects.get(pk=case_id).ciphertext), field_context("card", case_id, case_id)),
        (bytes(CaseText.objects.get(pk=case_id).ciphertext), field_context("search_text", case_id, case_id)),
    ]
    parts += [
        (bytes(hold.reason_ciphertext), field_context(holding.HOLD, case_id, case_id))
        for hold in LegalHold.objects.filter(case=case_id)
    ]
    return parts + [
        (bytes(row.record_ciphertext), field_context(vault.RECORD, case_id, row.pk))
        for row in case.revisions.all()
    ]


def opened(world: World, case_id: uuid.UUID) -> int:
    """How many parts open with a key that can be had, or with two halves put together."""
    halves, parts = candidates(world), sealed_parts(case_id)
    epoch = Case.objects.get(pk=case_id).epoch
    wholes = halves | {join(one, other) for one in halves for other in halves}
    assert len(halves) > 30
    return sum(any(_opens(key, epoch, *part) for key in wholes) for part in parts)


def _opens(key: bytes, epoch: int, sealed: bytes, place: bytes) -> bool:
    try:
        open_sealed(key, epoch, sealed, place)
    except SealBroken:
        return False
    return True


def refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except SealBroken:
        return True
    return False


def test_with_every_passphrase_and_the_trustees_key_at_hand_an_erased_case_does_not_open_from_yesterday_s_backup(
    yesterday: World,
) -> None:
    """The counter-proof is the case that was not erased: the same people and the same attempt open it."""
    world = yesterday
    assert Case.objects.filter(pk=world.erased).exists() and Statistic.objects.count() == 3
    rings = list(keyrings(world))
    assert len(rings) > len(world.cast.users)
    readers = [
        ring for ring in rings if Case.objects.filter(pk__in=vault.permissions.cases_for(ring.user)).exists()
    ]
    assert {ring.user.username for ring in readers} == {"alice", "bob", "charlie"} and len(readers) >= 5
    for ring in readers:
        assert refused(lambda ring=ring: vault.open_case(ring, world.erased))  # type: ignore[misc]
        assert vault.open_case(ring, world.kept).record.reference == "K-1"
        assert [listed.card.reference for listed in vault.cards(ring).cases] == ["K-1"]
        assert vault.cards(ring).broken == [world.erased]
        assert len(vault.search(ring, "accent").cases) == 1
    assert opened(world, world.kept) == len(sealed_parts(world.kept)) == 3
    assert opened(world, world.erased) == 0 and len(sealed_parts(world.erased)) == 4


def test_nobody_comes_in_before_what_was_erased_is_erased_again(yesterday: World) -> None:
    visitor = in_english(Client())
    for address in ("/sign-in/", "/recovery/"):
        answer = visitor.get(address)
        assert answer.status_code == 503 and answer["Retry-After"]
        assert "A backup was restored" in answer.content.decode()
    posted = visitor.post("/sign-in/", {"login": "alice", "password": "nine llamas knit quietly"})
    assert posted.status_code == 503 and "_auth_user_id" not in visitor.session
    assert visitor.get("/published/").status_code == 200
    tasks.pick_up()
    sign_in(visitor, "alice")
    page = visitor.get("/cases/").content.decode()
    assert "K-1" in page and "H-1" not in page and NARRATIVE[:20] not in page


def test_replaying_takes_away_rows_statistics_and_nothing_else(yesterday: World) -> None:
    world = yesterday
    before = ErasedCase.objects.count()
    out = io.StringIO()
    call_command("replay_erasures", stdout=out)
    assert "Erased again: 1." in out.getvalue() and ledger.agrees()
    assert (before, ErasedCase.objects.count()) == (0, 1)
    assert Case.objects.get().pk == world.kept and Statistic.objects.count() == 1
    assert keychecks.findings() == [] and audit.verify() is None
    assert vault.open_case(world.cast.keyring_of("alice"), world.kept).record.reference == "K-1"
    assert erasing.replay() == 0


def test_bringing_the_databases_up_to_date_replays_as_well(yesterday: World) -> None:
    call_command("migrate_all", verbosity=0)
    assert ledger.agrees() and not Case.objects.filter(pk=yesterday.erased).exists()


@pytest.mark.parametrize("key", [None, "ab" * 32])
def test_without_the_right_ledger_key_nothing_is_said_to_be_in_order(
    yesterday: World, key: str | None
) -> None:
    path = keyfiles.path_of(keyfiles.LEDGER)
    path.write_text(key) if key else path.unlink()
    for command in ("replay_erasures", "migrate_all"):
        with pytest.raises(CommandError, match="ledger.key"):
            call_command(command, verbosity=0, stdout=io.StringIO())
    tasks.pick_up()
    assert not ErasedCase.objects.exists() and Client().get("/sign-in/").status_code == 503


def test_yesterday_s_erasure_database_beside_today_s_main_one_gives_nothing_back(world: World) -> None:
    restore("erasure", world.backups["erasure"])
    assert ErasureShare.objects.filter(pk=world.erased).exists() and not LedgerEntry.objects.exists()
    assert Client().get("/sign-in/").status_code == 503
    tasks.pick_up()
    assert not ErasureShare.objects.filter(pk=world.erased).exists()
    assert (
        LedgerEntry.objects.get(kind="case").rule == Rule.ASKED
        and Client().get("/sign-in/").status_code == 200
    )


def test_a_ledger_kept_elsewhere_undoes_the_restoring_of_both_databases(world: World) -> None:
    """Both from yesterday: for the length of the backups of the shares this is the one way an erased case comes back, and the
    exported ledger closes it again."""
    kept = world.folder / "ledger.txt"
    call_command("replay_erasures", "--export", str(kept), stdout=io.StringIO())
    for alias, name in world.backups.items():
        restore(alias, name)
    alice = world.cast.keyring_of("alice")
    assert vault.open_case(alice, world.erased).record.reference == "H-1"
    call_command("replay_erasures", "--import", str(kept), stdout=io.StringIO())
    assert ErasedCase.objects.count() == 1 and not ErasureShare.objects.filter(pk=world.erased).exists()
    assert not Case.objects.filter(pk=world.erased).exists() and Statistic.objects.count() == 1


@pytest.mark.parametrize("text", ["hello", "ab case E-1 2026-01-01 asked", "00" * 32 + " case - - -", ""])
def test_a_file_that_is_no_ledger_is_refused_and_changes_nothing(
    cast: Cast, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "ledger.txt"
    path.write_text(text) if text else None
    with pytest.raises(CommandError, match="not a ledger"):
        call_command("replay_erasures", "--import", str(path), stdout=io.StringIO())
    assert not LedgerEntry.objects.exists()


def test_an_erasure_that_was_stopped_between_the_two_databases_is_finished(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*given: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(erasing, "_finish", killed)
        with pytest.raises(KeyboardInterrupt):
            erasureorders.erase_now(world.cast.keyring_of("alice"), world.kept)
    assert Case.objects.filter(pk=world.kept).exists()
    assert refused(lambda: vault.open_case(world.cast.keyring_of("alice"), world.kept))
    tasks.pick_up()
    assert not Case.objects.exists() and not Statistic.objects.exists() and ErasedCase.objects.count() == 2
