"""What can go wrong around a release is answered in words, and nothing half published remains."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import teams
from accounts.crypto.principal import Principal
from accounts.keyfiles import statistics_path
from casework import documents, jobs, membership, releases
from casework.models import DraftStep, Job, Release
from tests.cast import Cast, in_english
from tests.release_pages import a_published
from tests.statistics_rows import fill
from tests.test_drafting import ASKED, run_next_job

pytestmark = pytest.mark.django_db
FORMS = ("/", ".json", ".csv", ".pdf", ".zip", ".png")


@pytest.fixture
def ask(cast: Cast, django_capture_on_commit_callbacks: Any) -> Any:
    def asked(**changes: Any) -> Release:
        with django_capture_on_commit_callbacks():
            return releases.request_draft(cast.dana, ASKED | changes)

    return asked


def tampered(release: Release) -> Release:
    """By somebody who can write to the database: one digit, and the sums still right."""
    plain = json.loads(bytes(release.document or b""))
    plain["title"]["en"] += " "
    Release.objects.filter(pk=release.pk).update(
        document=documents.canonical(documents.read(json.dumps(plain).encode()))
    )
    return release


# Without the statistics key


def test_a_worker_without_the_statistics_key_says_so_and_leaves_no_draft(cast: Cast, ask: Any) -> None:
    fill(60)
    release = ask()
    statistics_path().unlink()
    job = run_next_job()
    release.refresh_from_db()
    assert (job.state, job.refusal) == (Job.State.FAILED, "no_statistics_root")
    assert (release.status, release.draft_ciphertext, release.document) == ("drafting", None, None)
    assert not DraftStep.objects.exists()


# A tampered document


def test_a_tampered_release_is_shown_in_no_form_and_the_others_still_are(cast: Cast, client: Client) -> None:
    other, release = a_published(cast), tampered(a_published(cast))
    for form in FORMS:
        response = in_english(client).get(f"/published/{release.pk}{form}")
        assert response.status_code == 409
        assert (
            "was altered" in response.content.decode()
            and "Stops and what followed" not in response.content.decode()
        )
        assert client.get(f"/published/{other.pk}{form}").status_code == 200
    assert client.get("/published/").status_code == 200
    checking = client.get("/published/checking/").content.decode()
    assert releases.document_of(other).signature.key in checking  # type: ignore[union-attr]


def test_nothing_is_drafted_beside_a_tampered_release(cast: Cast, ask: Any) -> None:
    fill(60)
    tampered(a_published(cast))
    release, job = ask(), run_next_job()
    release.refresh_from_db()
    assert (job.state, job.refusal, release.draft_ciphertext) == (Job.State.FAILED, "release_broken", None)
    assert "altered" in str(jobs.REFUSALS["release_broken"])


# A retired key


def verified(file: Path, key: str = "") -> str:
    out = StringIO()
    call_command("verify_release", file, *(["--key", key] if key else []), stdout=out)
    return out.getvalue()


def test_a_release_signed_by_a_key_that_was_retired_stays_readable_and_says_which(
    cast: Cast, client: Client, tmp_path: Path
) -> None:
    release = a_published(cast)
    retired = releases.document_of(release).signature.key  # type: ignore[union-attr]
    membership.renew(cast.keyring_of("dana"), teams.coordinators().pk)
    newer = a_published(cast)
    current = releases.document_of(newer).signature.key  # type: ignore[union-attr]
    assert current != retired
    assert client.get(f"/published/{release.pk}/").status_code == 200
    page = client.get("/published/checking/").content.decode()
    assert page.index(current) < page.index(retired)
    file = tmp_path / "release.json"
    file.write_bytes(bytes(release.document or b""))
    assert retired in verified(file, retired)
    with pytest.raises(CommandError, match="before a coordinator left|avant le départ"):
        verified(file, current)


def test_a_document_that_somebody_else_signed_is_not_taken_for_one_of_a_retired_key_s(
    cast: Cast, tmp_path: Path
) -> None:
    document = releases.document_of(a_published(cast))
    key = document.signature.key  # type: ignore[union-attr]
    file = tmp_path / "release.json"
    forged = documents.signed(document, Principal.generate("team"))
    file.write_bytes(documents.canonical(forged))
    with pytest.raises(CommandError, match="forgery|faux"):
        verified(file, key)
    forged.signature.value = "00" * 64  # type: ignore[union-attr]
    file.write_bytes(documents.canonical(forged))
    with pytest.raises(CommandError, match="missing|absente|manque"):
        verified(file, key)
