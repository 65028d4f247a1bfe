"""Evidence comes in encrypted from its first byte on, whole or not at all, and only from whoever may add it."""

import hashlib
import io
import os
import re
import time
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.crypto.stream import decrypt, file_key
from casework import evidencefiles, permissions, sharing
from casework.evidence import keeping, kinds, opening
from casework.evidence.receiving import receive
from casework.models import CustodyEntry, Evidence
from casework.views.receiving import FORM_BYTES
from tests import exhibits
from tests.cast import in_english, sign_in
from tests.evidence_desk import a_case, acts, add, is_empty, kept, pieces
from tests.exhibits import CANARY

pytestmark = pytest.mark.django_db


@pytest.fixture
def case_id(cast):
    return a_case(cast)


def test_what_arrives_is_kept_encrypted_and_opens_byte_for_byte(cast, alice, case_id, store):
    content = exhibits.jpeg() + os.urandom(200_000)
    response = add(alice, case_id, content, description="The ticket")
    assert (response.status_code, response["Location"]) == (302, f"/cases/{case_id}/#evidence")
    (piece,) = pieces(cast, case_id)
    assert piece.details.sha256 == hashlib.sha256(content).digest()
    assert (piece.details.name, piece.details.size, piece.details.kind) == (
        "letter.jpg",
        len(content),
        kinds.JPEG,
    )
    (file,) = store.iterdir()
    assert CANARY.encode() not in file.read_bytes() and file.name.startswith(piece.id.hex)
    key = file_key(piece.details.root, case_id, piece.id)
    assert b"".join(decrypt(key, [file.read_bytes()])) == content
    assert acts(cast, case_id, piece.id) == [("alice", "received")]


def test_several_files_arrive_together(cast, alice, case_id):
    add(alice, case_id, exhibits.jpeg(), exhibits.png())
    assert sorted(piece.details.kind for piece in pieces(cast, case_id)) == [kinds.JPEG, kinds.PNG]


def test_the_database_says_nothing_about_the_file(cast, alice, case_id):
    add(alice, case_id, exhibits.jpeg(), name=f"{CANARY}.jpg", description=CANARY)
    rows = [*Evidence.objects.values_list(), *CustodyEntry.objects.values_list()]
    assert rows and not any(CANARY.encode() in bytes(v) for row in rows for v in row if isinstance(v, bytes))


def test_nothing_of_the_plaintext_touches_a_temporary_file(alice, case_id, monkeypatch, tmp_path):
    monkeypatch.setattr(
        TemporaryFileUploadHandler, "new_file", lambda *a, **k: pytest.fail("a temporary file")
    )
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "empty"))
    (tmp_path / "empty").mkdir()
    add(alice, case_id, exhibits.jpeg() + bytes(4_000_000))
    assert list((tmp_path / "empty").iterdir()) == []


class Body(io.RawIOBase):
    """What a browser would send, a piece at a time; it counts how often anybody reads, and breaks after `pieces`."""

    HEAD = b'--x\r\nContent-Disposition: form-data; name="sent"; filename="a.jpg"\r\n\r\n'

    def __init__(self, pieces=3):
        self.pieces, self.reads = pieces, 0

    def readable(self):
        return True

    def readinto(self, buffer):
        if self.reads == self.pieces:
            raise OSError("connection reset")
        made = ((b"" if self.reads else self.HEAD) + bytes(len(buffer)))[: len(buffer)]
        self.reads += 1
        buffer[: len(made)] = made
        return len(made)


def post(client, address, length, body):
    sent = {"wsgi.input": io.BufferedReader(body), "CONTENT_LENGTH": str(length)}
    return client.generic("POST", address, **sent, CONTENT_TYPE="multipart/form-data; boundary=x")


def post_unread(client, address, length):
    body = Body()
    response = post(client, address, length, body)
    assert body.reads == 0
    return response


def guarded(client):
    strict = in_english(Client(enforce_csrf_checks=True))
    strict.cookies = client.cookies
    return strict


def test_a_form_without_its_token_is_refused_before_its_body_is_read(alice, case_id):
    address = reverse("evidence-add", args=[case_id])
    for wrong in (address, f"{address}?token=", f"{address}?token={'A' * 64}"):
        assert post_unread(guarded(alice), wrong, 1000).status_code == 403


def test_the_token_in_the_address_of_the_form_lets_it_in(cast, alice, case_id):
    client = guarded(alice)
    page = client.get(reverse("evidence-add", args=[case_id])).content.decode()
    address = re.search(r'action="([^"]+\?token=\w{64})"', page)[1]
    sent = {"sent": SimpleUploadedFile("a.png", exhibits.png()), "whole": "yes"}
    assert client.post(address, sent).status_code == 302
    assert len(pieces(cast, case_id)) == 1


def test_ten_declared_gigabytes_are_refused_before_a_byte_is_read(alice, case_id, store):
    response = post_unread(alice, reverse("evidence-add", args=[case_id]), 10 * 1024**3)
    assert response.status_code == 413
    assert "Nothing was read and nothing was kept" in response.content.decode()
    assert not store.exists() or not list(store.iterdir())


def test_the_limit_is_two_gigabytes(settings):
    assert settings.TEMOIN_EVIDENCE_LIMIT == 2 * 1024**3
    assert FORM_BYTES < 1024**2


@pytest.mark.parametrize("who", ["charlie", "dana", "frank"])
def test_to_a_stranger_there_is_nothing_to_send_to(cast, case_id, who):
    client = sign_in(Client(), who)
    assert post_unread(client, reverse("evidence-add", args=[case_id]), 1000).status_code == 404


def test_whoever_may_only_read_adds_nothing(cast, case_id):
    sharing.grant(cast.keyring_of("alice"), case_id, cast.charlie, may_change=False)
    assert add(sign_in(Client(), "charlie"), case_id, exhibits.png()).status_code == 404
    assert not Evidence.objects.exists()


@pytest.mark.parametrize("cut", [0.3, 0.9, 0.999])
def test_an_interrupted_upload_leaves_nothing(alice, case_id, store, cut):
    request = RequestFactory().post(
        "/", {"description": "x", "sent": SimpleUploadedFile("a.jpg", os.urandom(300_000)), "whole": "yes"}
    )
    whole = request.environ["wsgi.input"].read()
    response = alice.generic(
        "POST",
        reverse("evidence-add", args=[case_id]),
        whole[: int(len(whole) * cut)],
        content_type=request.environ["CONTENT_TYPE"],
    )
    assert response.status_code == 422
    assert "The connection was lost on the way. Nothing was kept" in response.content.decode()
    assert not Evidence.objects.exists() and is_empty(store)


def test_an_upload_that_breaks_while_it_is_read_leaves_nothing(alice, case_id, store):
    body = Body()
    with pytest.raises(OSError):
        post(alice, reverse("evidence-add", args=[case_id]), 10_000_000, body)
    assert body.reads == 3
    assert not Evidence.objects.exists() and is_empty(store)


def test_a_disk_without_room_is_said_and_leaves_nothing(alice, case_id, store, monkeypatch):
    def full(self, piece):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("casework.evidence.receiving.Arriving.write", full)
    response = add(alice, case_id, exhibits.png())
    assert response.status_code == 422 and "has no room" in response.content.decode()
    assert not Evidence.objects.exists() and is_empty(store)


def test_an_empty_file_is_refused_and_what_was_typed_is_kept(alice, case_id, store):
    response = add(alice, case_id, b"", description="The ticket")
    page = response.content.decode()
    assert response.status_code == 422 and "The file is empty" in page and 'value="The ticket"' in page
    assert is_empty(store)


def test_one_bad_file_keeps_none_of_the_others(alice, case_id, store):
    assert add(alice, case_id, exhibits.png(), b"").status_code == 422
    assert not Evidence.objects.exists() and is_empty(store)


def test_no_file_at_all_is_said(alice, case_id):
    response = add(alice, case_id)
    assert response.status_code == 422 and "Choose a file" in response.content.decode()


def test_a_permission_revoked_while_the_file_arrives_keeps_nothing(cast, case_id):
    sharing.grant(cast.keyring_of("alice"), case_id, cast.charlie, may_change=True)
    received = receive(case_id, "a.png", exhibits.png())
    sharing.revoke(cast.keyring_of("alice"), case_id, cast.charlie)
    with pytest.raises(permissions.Denied):
        keeping.keep(cast.keyring_of("charlie"), case_id, [received])
    assert not Evidence.objects.exists()


def test_what_was_interrupted_is_swept_after_a_day_and_nothing_younger(store):
    old, new = receive(uuid.uuid4(), "a", b"x"), receive(uuid.uuid4(), "b", b"y")
    day_before = time.time() - 25 * 3600
    os.utime(store / f"{old.id.hex}.part", (day_before, day_before))
    assert evidencefiles.sweep() == 1
    assert [file.name for file in store.iterdir()] == [f"{new.id.hex}.part"]


def test_a_crash_between_commit_and_naming_loses_nothing(cast, case_id, store):
    received = receive(case_id, "a.png", exhibits.png())
    keeping.keep(cast.keyring_of("alice"), case_id, [received])
    (piece,) = pieces(cast, case_id)
    assert b"".join(opening.plaintext(piece)) == exhibits.png()
    os.utime(store / f"{received.id.hex}.part", (0, 0))
    assert evidencefiles.sweep() == 0
    assert [file.name for file in store.iterdir()] == [received.id.hex]
    assert b"".join(opening.plaintext(piece)) == exhibits.png()


def test_markup_in_a_name_is_shown_as_text(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.png(), name="<img src=x onerror=alert(1)>.png")
    for address in (reverse("case", args=[case_id]), reverse("evidence", args=[case_id, evidence_id])):
        page = alice.get(address).content.decode()
        assert "<img src=x" not in page and "&lt;img src=x onerror=alert(1)&gt;.png" in page
