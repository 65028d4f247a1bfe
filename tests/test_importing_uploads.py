"""What a browser sends stays in memory, and only so much of it."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import StopUpload
from django.test import RequestFactory

from casework.importing import problems, read_cases
from casework.importing.uploads import DRAINED_UP_TO, MemoryOnlyUploadHandler, RefusedUpload
from tests.importing_files import GOOD, TODAY, csv_file

LIMIT = 300_000


@pytest.fixture(autouse=True)
def a_small_limit(settings: object) -> None:
    settings.TEMOIN_UPLOAD_LIMIT = LIMIT  # type: ignore[attr-defined]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path


def send(**files: bytes) -> object:
    uploads = {
        name: SimpleUploadedFile(f"{name}.csv", content, "text/csv") for name, content in files.items()
    }
    return RequestFactory().post("/import/", {"before": "x", **uploads, "zz_after": "still read"})


def test_it_keeps_a_file_in_memory_byte_for_byte() -> None:
    content = os.urandom(LIMIT - 1)
    request = send(cases=content)
    assert request.FILES["cases"].read() == content
    assert request.FILES["cases"].size == len(content)


def test_it_is_the_only_handler_the_settings_name(settings: object) -> None:
    assert settings.FILE_UPLOAD_HANDLERS == ["casework.importing.uploads.MemoryOnlyUploadHandler"]


def test_it_writes_nothing_to_disk_even_for_a_large_file(temporary: Path, settings: object) -> None:
    settings.TEMOIN_UPLOAD_LIMIT = 4_000_000  # type: ignore[attr-defined]
    request = send(cases=b"canary" * 600_000)
    assert request.FILES["cases"].size == 3_600_000
    assert not hasattr(request.FILES["cases"], "temporary_file_path")
    assert list(temporary.iterdir()) == []


def test_it_refuses_a_file_over_the_limit_and_still_reads_the_rest_of_the_form() -> None:
    request = send(cases=b"x" * (LIMIT + 1))
    assert request.POST["zz_after"] == "still read"
    assert isinstance(request.FILES["cases"], RefusedUpload)
    assert request.FILES["cases"].size == 0


def test_it_holds_no_more_than_the_limit_for_all_files_of_one_request_together() -> None:
    request = send(first=b"a" * (LIMIT - 10), second=b"b" * 11, third=b"c" * 10)
    assert not isinstance(request.FILES["first"], RefusedUpload)
    assert isinstance(request.FILES["second"], RefusedUpload)
    assert request.FILES["third"].read() == b"c" * 10


def test_it_forgets_what_it_held_as_soon_as_the_limit_is_passed() -> None:
    handler = MemoryOnlyUploadHandler()
    handler.new_file("cases", "a.csv", "text/csv", None)
    handler.receive_data_chunk(b"x" * LIMIT, 0)
    assert handler.content is not None
    handler.receive_data_chunk(b"x", LIMIT)
    assert handler.content is None


def test_it_cuts_off_a_sender_who_does_not_stop() -> None:
    handler = MemoryOnlyUploadHandler()
    handler.new_file("cases", "a.csv", "text/csv", None)
    for _ in range(DRAINED_UP_TO):
        handler.receive_data_chunk(b"x" * LIMIT, 0)
    with pytest.raises(StopUpload) as stopped:
        handler.receive_data_chunk(b"x", 0)
    assert stopped.value.connection_reset


def test_it_lets_the_reader_name_the_refusal() -> None:
    request = send(cases=b"x" * (LIMIT + 1))
    with pytest.raises(problems.TooLarge) as refused:
        next(read_cases(request.FILES["cases"], "cases.csv", TODAY))
    assert "cases.csv" in str(refused.value)


def test_it_reads_cases_straight_from_an_upload() -> None:
    request = send(cases=csv_file(GOOD).getvalue())
    (record,) = read_cases(request.FILES["cases"], "cases.csv", TODAY)
    assert record.reference == "HERON"
