"""The worker aggregates what it cannot read: with its own environment and a case's id, no function and no key opens the case."""

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings

from config import running
from tests.processes import Temoin

# Sealed to the worker's own key: a person's coarse facts, what it must remember about its earlier releases, what a step of a
# draft found, and the month in which a passage may no longer be told.
ITS_OWN = {
    "Statistic.coarse_ciphertext",
    "Release.ledger_ciphertext",
    "DraftStep.result_ciphertext",
    "Story.ends_ciphertext",
}
NOT_THE_WORKER_S = ("sessions.sqlite3", "secret-key", "keys")


def run(command: str, environment: dict[str, str], typed: str = "") -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.worker_attack", command],
        cwd=settings.BASE_DIR,
        env=environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> dict[str, Any]:
    """A worker as `serve` starts it, moved to a machine of its own: the databases it works with, its two key files, no more."""
    temoin = Temoin(tmp_path_factory.mktemp("web"), migrated)
    furnished = run("furnish", temoin.environment)
    elsewhere = tmp_path_factory.mktemp("worker") / "data"
    shutil.copytree(temoin.data, elsewhere, ignore=shutil.ignore_patterns(*NOT_THE_WORKER_S))
    root = elsewhere / "statistics.root"
    shutil.copyfile(temoin.data / "keys" / root.name, root)
    keys = elsewhere / "public"
    keys.mkdir()
    shutil.copyfile(temoin.data / "keys" / "organisation.pub", keys / "organisation.pub")
    own = {"DATA_DIR": str(elsewhere), "TEMOIN_KEYS_DIR": str(keys), "TEMOIN_STATISTICS_ROOT_FILE": str(root)}
    return run("attack", running.environment("worker", temoin.environment) | own, json.dumps(furnished))


def test_nothing_the_worker_holds_opens_anything_that_is_not_its_own(told: dict[str, Any]) -> None:
    assert told["opened"] == []
    assert told["held"] > 30 and told["tried"] > 1000


def test_it_was_a_worker_that_tried(told: dict[str, Any]) -> None:
    assert told["may"] == {
        "knows the case": True,
        "reads its erasure share": True,
        "has the pepper": False,
        "has sessions": False,
    }


def test_every_sealed_column_was_tried(told: dict[str, Any]) -> None:
    assert set(told["kinds"]) == set(told["fields"]) - ITS_OWN


@pytest.mark.parametrize(
    ("root", "opened"),
    [
        ("alice", {"Seat.root_ciphertext", "open_case as alice", "cards as alice", "search as alice"}),
        ("charlie", {"CaseUserKey.key_ciphertext", "open_case as charlie", "Seat.root_ciphertext"}),
        ("verdun", {"CaseTeamKey.key_ciphertext", "PastRoot.root_ciphertext", "Contact.contact_ciphertext"}),
        ("bob", {"IntakeDraft.ciphertext", "OwnNote.note_ciphertext"}),
        ("case key", {"Evidence.details_ciphertext", "CustodyEntry.entry_ciphertext"}),
        ("case key", {"CaseCard.ciphertext", "Revision.record_ciphertext", "LegalHold.reason_ciphertext"}),
        ("dana", {"Seat.root_ciphertext", "RescueShare.share_ciphertext"}),
        (
            "coordinators",
            {"RegisterEntry.entry_ciphertext", "Release.draft_ciphertext", "Release.approval_ciphertext"},
        ),
        ("auditors", {"AuditEntry.entry_ciphertext"}),
        ("verdun", {"ImportBatch.facts_ciphertext", "ImportMapping.mapping_ciphertext"}),
        ("case key", {"CaseExport.entry_ciphertext"}),
        ("held file", {"HeldFile.facts_ciphertext", "HeldPart.ciphertext"}),
        ("receipt", {"ConsentKey.key_ciphertext"}),
        ("answers", {"ConsentRecord.ciphertext"}),
        ("coordinators", {"Story.key_ciphertext", "Story.acceptance_ciphertext"}),
        ("content key", {"Story.passage_ciphertext", "Story.reply_ciphertext"}),
    ],
)
def test_the_same_attack_succeeds_with_the_right_key(
    told: dict[str, Any], root: str, opened: set[str]
) -> None:
    assert opened <= set(told["with"][root])


# The other half: no import leads there.


def contract(name: str) -> dict[str, Any]:
    contracts = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text())["tool"][
        "importlinter"
    ]["contracts"]
    found: dict[str, Any] = next(c for c in contracts if c["name"] == name)
    return found


def test_the_contract_names_every_module_of_the_worker_and_every_door_to_plaintext() -> None:
    found = contract("the worker cannot reach plaintext")
    current_app.loader.import_default_modules()
    tasks = {task.__module__ for name, task in current_app.tasks.items() if not name.startswith("celery.")}
    assert tasks | {"casework.statistics", "casework.releases"} <= set(found["source_modules"])
    assert {"casework.vault", "casework.record", "accounts.keyring", "accounts.sessions"} <= set(
        found["forbidden_modules"]
    )
    # An exception in the list would be the way round it.
    assert not {"ignore_imports", "allow_indirect_imports"} & set(found)


def test_the_contracts_are_kept() -> None:
    line = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(line, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120)
    assert "the worker cannot reach plaintext KEPT" in done.stdout, done.stdout[-2000:] + done.stderr
    assert done.returncode == 0, done.stdout[-2000:]
