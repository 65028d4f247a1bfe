"""`manage.py draft_release`: the worker's draft without the worker, and every way it can say no."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.keyfiles import statistics_path
from casework import documents, releases
from casework.models import Job, Release
from tests.cast import Cast
from tests.statistics_rows import fill
from tests.test_drafting import ASKED, document_of, drafted

__all__ = ["drafted"]


@pytest.fixture
def specification(tmp_path: Path) -> Path:
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(ASKED))
    return path


def test_draft_release_writes_a_whole_unsigned_document(
    cast: Cast, specification: Path, tmp_path: Path
) -> None:
    fill(200)
    out = tmp_path / "release.json"
    call_command("draft_release", specification, out=out)
    document = documents.read(out.read_bytes())
    assert document.signature is None
    assert document.published_on is not None
    assert out.read_bytes() == documents.canonical(document)
    call_command("verify_release", out, unsigned=True)
    with pytest.raises(CommandError, match="signature"):
        call_command("verify_release", out)


def test_draft_release_leaves_the_database_as_it_was(cast: Cast, specification: Path, tmp_path: Path) -> None:
    fill(50)
    call_command("draft_release", specification, out=tmp_path / "release.json")
    assert not Release.objects.exists()
    assert not Job.objects.exists()


def test_draft_release_gives_the_same_figures_as_the_page(
    cast: Cast, specification: Path, tmp_path: Path, drafted: Callable[..., Release]
) -> None:
    fill(200)
    call_command("draft_release", specification, out=tmp_path / "release.json")
    inside = releases.open_draft(cast.keyring_of("dana"), drafted())
    assert documents.read((tmp_path / "release.json").read_bytes()).tables == document_of(inside).tables


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "not in the form of a release specification"),
        ("{", "not in the form of a release specification"),
        ("[]", "not in the form of a release specification"),
        (json.dumps(ASKED | {"tables": [["nationality"]]}), r"not known.*tables.1: nationality"),
        (json.dumps(ASKED | {"threshold": 1}), r"threshold: 1"),
        (json.dumps(ASKED | {"colour": "red"}), r"colour"),
        (json.dumps(ASKED | {"supersedes": str(uuid.UUID(int=9))}), "superseded"),
    ],
)
def test_draft_release_names_what_is_wrong_and_writes_nothing(
    cast: Cast, specification: Path, tmp_path: Path, content: str, said: str
) -> None:
    specification.write_text(content)
    with pytest.raises(CommandError, match=said):
        call_command("draft_release", specification, out=tmp_path / "release.json")
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".json"] == ["spec.json"]


def test_draft_release_explains_a_refusal(cast: Cast, specification: Path, tmp_path: Path) -> None:
    fill(3)
    with pytest.raises(CommandError, match="Fewer people were counted than the threshold"):
        call_command("draft_release", specification, out=tmp_path / "release.json")
    assert not (tmp_path / "release.json").exists()


def test_draft_release_names_a_missing_root(cast: Cast, specification: Path, tmp_path: Path) -> None:
    statistics_path().unlink()
    with pytest.raises(CommandError, match="TEMOIN_STATISTICS_ROOT_FILE"):
        call_command("draft_release", specification, out=tmp_path / "release.json")


def test_draft_release_never_writes_over_a_file(cast: Cast, specification: Path, tmp_path: Path) -> None:
    out = tmp_path / "release.json"
    out.write_text("mine")
    with pytest.raises(CommandError, match="exists"):
        call_command("draft_release", specification, out=out)
    assert out.read_text() == "mine"


def test_draft_release_names_a_folder_that_is_not_there(
    cast: Cast, specification: Path, tmp_path: Path
) -> None:
    fill(50)
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("draft_release", specification, out=tmp_path / "none" / "release.json")
