"""A new root for the statistics: people seal to it at once, and what is there stays readable until it has moved."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts import keyfiles
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.keyring import Locked
from accounts.publickeys import statistics_recipient
from accounts.teams import auditors
from casework import audit, drafts, intake, keychecks, statistics, statisticskeys
from casework.models import Release, Statistic
from tests.cast import PASSPHRASE, Cast
from tests.release_pages import a_published
from tests.stories import story

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted(cast: Cast) -> Cast:
    """Two people counted, one of them compacted."""
    intake.create_case(cast.keyring_of("alice"), cast.verdun, story("S-1"))
    statistics.compact(statistics.worker_root())
    intake.create_case(cast.keyring_of("alice"), cast.verdun, story("S-2"))
    return cast


def rotate(cast: Cast) -> Principal:
    made = statisticskeys.prepare()
    statisticskeys.admit(cast.keyring_of("dana"), statisticskeys.line(made))
    return made


def read() -> int:
    return sum(map(len, statistics.rows(statistics.worker_root())))


def test_old_rows_stay_readable_and_compaction_moves_them_under_the_new_root(counted: Cast) -> None:
    made = rotate(counted)
    intake.create_case(counted.keyring_of("alice"), counted.verdun, story("S-3"))
    assert sorted(Statistic.objects.values_list("epoch", "compacted")) == [(1, False), (1, True), (2, False)]
    assert read() == 3 and statistics.needs_compaction()
    assert statistics.compact(statistics.worker_root()) == 3
    assert set(Statistic.objects.values_list("epoch", "compacted")) == {(2, True)}
    assert not statistics.needs_compaction()
    keyfiles.statistics_path().write_text(keyfiles.later_statistics_path(2).read_text())
    keyfiles.later_statistics_path(2).unlink()
    assert read() == 3 and statistics.worker_root().root == made.root
    assert keychecks.findings() == []


def test_a_root_that_was_made_and_not_admitted_changes_nothing(counted: Cast) -> None:
    made = statisticskeys.prepare()
    assert statisticskeys.prepare().root == made.root
    assert statistics.worker_root().epoch == statistics_recipient().epoch == 1
    assert read() == 2


def test_without_the_old_root_nothing_is_counted_and_nothing_is_guessed(counted: Cast) -> None:
    rotate(counted)
    keyfiles.statistics_path().write_text(keyfiles.later_statistics_path(2).read_text())
    with pytest.raises(SealBroken):
        read()


def test_the_ledgers_of_releases_move_too(counted: Cast) -> None:
    release = a_published(counted)
    old = statistics.worker_root()
    inside = drafts.Inside(drafted_by=None)
    Release.objects.filter(pk=release.pk).update(
        ledger_ciphertext=drafts.sealed_ledger(old, release.pk, inside), ledger_epoch=1
    )
    rotate(counted)
    assert drafts.reseal_ledgers(statistics.worker_root()) == 1
    release.refresh_from_db()
    assert release.ledger_epoch == 2
    assert drafts.reseal_ledgers(statistics.worker_root()) == 0


def test_only_a_coordinator_admits_and_only_the_next_epoch(counted: Cast) -> None:
    made = statisticskeys.prepare()
    line = statisticskeys.line(made)
    stranger = statisticskeys.line(Principal.generate("statistics", None, 2))
    later = statisticskeys.line(Principal.generate("statistics", made.id, 3))
    for name, carried in (
        ("alice", line),
        ("dana", stranger),
        ("dana", later),
        ("dana", "x"),
        ("dana", line[:-2]),
    ):
        with pytest.raises(statisticskeys.NotTheNext):
            statisticskeys.admit(counted.keyring_of(name), carried)
    with pytest.raises(Locked):
        statisticskeys.admit(counted.keyring_of("root_user"), line)
    assert statistics_recipient().epoch == 1
    statisticskeys.admit(counted.keyring_of("dana"), line)
    with pytest.raises(statisticskeys.NotTheNext):
        statisticskeys.admit(counted.keyring_of("dana"), line)
    entry = next(audit.entries(counted.keyring_of("frank"), auditors().pk))
    assert (entry.action, entry.detail) == ("statistics.rotate", {"epoch": 2})


def run(monkeypatch: pytest.MonkeyPatch, *words: Any) -> str:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSPHRASE}\n"))
    call_command("rotate_statistics_key", *map(str, words), stdout=out)
    return out.getvalue()


def test_the_command_does_it_on_two_hosts_or_on_one(
    counted: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = tmp_path / "carried"
    run(monkeypatch, "--out", public)
    assert keyfiles.later_statistics_path(2).exists() and statistics_recipient().epoch == 1
    assert keyfiles.statistics_principals()[-1].root.hex() not in public.read_text()
    assert "Root 2" in run(monkeypatch, "--admit", public, "--as", "dana")
    assert run(monkeypatch, "--status") == "root 1: 2 rows\nroot 2: 0 rows\n"
    assert "Root 3" in run(monkeypatch, "--as", "dana")
    assert read() == 2
    for words in ([], ["--as", "alice"], ["--admit", tmp_path / "absent", "--as", "dana"]):
        with pytest.raises(CommandError):
            run(monkeypatch, *words)
