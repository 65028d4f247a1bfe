"""What people take away from a published release: PDF, ZIP, the picture of its link, and how they check the signature."""

import csv
import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from django.test import Client

from casework import documents, releases
from casework.bundle import bundle
from casework.models import Release
from tests.cast import Cast
from tests.plugins_services import absent
from tests.release_pages import VALUES, a_document, a_published

pytestmark = pytest.mark.django_db


@pytest.fixture
def release(cast: Cast) -> Release:
    return a_published(cast)


def text_of(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in pages)


@pytest.mark.parametrize(("language", "word"), [("fr", "Date de publication"), ("en", "Published on")])
def test_the_pdf_is_tagged_and_says_what_the_page_says(
    client: Client, release: Release, language: str, word: str
) -> None:
    response = client.get(f"/published/{release.pk}.pdf", headers={"Accept-Language": language})
    assert response["Content-Type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(response.content)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang).startswith(language)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
    text = text_of(response.content)
    document = releases.document_of(release)
    for said in (document.title[language], word, document.signature.key[:16] if document.signature else ""):
        assert said in text.replace("\r\n", " ").replace("\n", " ")
    assert "primary" not in text and "complementary" not in text


def test_the_pdf_shows_suppressed_cells_as_such(client: Client, release: Release) -> None:
    text = text_of(client.get(f"/published/{release.pk}.pdf").content)
    assert text.count("×") >= sum(value is None for value in VALUES.values())


def test_the_bundle_holds_each_table_and_the_very_document(client: Client, release: Release) -> None:
    response = client.get(f"/published/{release.pk}.zip")
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        names = archive.namelist()
        rows = list(csv.DictReader(io.StringIO(archive.read("table-1-held-year.csv").decode("utf-8-sig"))))
        assert archive.read(f"temoin-release-{release.pk}.json") == bytes(release.document or b"")
        assert "×" in archive.read("README.txt").decode()
    assert names[0] == "README.txt"
    found = {(row["held"], row["year"]): row[next(iter(row.keys() - {"held", "year"}), "")] for row in rows}
    assert len(found) == len(VALUES)
    assert [row for row in rows if "×" in row.values()]


def test_the_same_release_is_the_same_bundle(release: Release) -> None:
    document = releases.document_of(release)
    assert bundle(document, "fr") == bundle(document, "fr")


def test_the_picture_of_a_link_is_there_and_named_on_the_page(client: Client, release: Release) -> None:
    page = client.get(f"/published/{release.pk}/").content.decode()
    assert f"/published/{release.pk}.png" in page
    picture = client.get(f"/published/{release.pk}.png")
    assert picture["Content-Type"] == "image/png"
    assert picture.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(picture.content[16:20], "big") == 1200


def test_the_page_on_checking_names_the_key_that_signed(client: Client, release: Release) -> None:
    document = releases.document_of(release)
    assert document.signature is not None
    assert document.signature.key in client.get("/published/checking/").content.decode()


@pytest.mark.services
def test_the_commands_on_that_page_verify_the_signature(release: Release, tmp_path: Path) -> None:
    for command in ("jq", "xxd", "openssl"):
        if not shutil.which(command):
            absent(command, "it is not installed")
    document = releases.document_of(release)
    assert document.signature is not None
    (tmp_path / "release.json").write_bytes(documents.canonical(document))
    commands = (
        "jq -cjS 'del(.signature) | .stories |= map({sha256})' release.json > signed.bytes",
        "jq -r .signature.value release.json | xxd -r -p > signature.bytes",
        f"printf '302a300506032b6570032100%s' {document.signature.key} | xxd -r -p > key.der",
        "openssl pkeyutl -verify -pubin -inkey key.der -keyform DER -rawin -in signed.bytes -sigfile signature.bytes",
    )
    for command in commands:
        told = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "Signature Verified Successfully" in told.stdout


def test_what_the_commands_sign_is_the_canonical_form() -> None:
    """jq's sorted, compact form is RFC 8785 for what these documents hold: plain keys, whole numbers, text."""
    import json
    import uuid

    document = a_document(uuid.uuid4())
    sorted_form = json.dumps(
        json.loads(documents.canonical(document)), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert sorted_form.encode() == documents.canonical(document)
