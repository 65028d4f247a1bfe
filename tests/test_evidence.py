"""Evidence, from the browser to the disk and back: encrypted while it arrives, seen by whoever may see the case, noted each time."""

import hashlib
import io
import os
import re
import time
import uuid
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.crypto.sealed import SealBroken
from accounts.crypto.stream import decrypt, file_key
from accounts.teams import auditors
from casework import audit, custody, evidencefiles, intake, keys, permissions, sharing, vault
from casework.consent import ConsentMissing
from casework.evidence import decoding, keeping, kinds, leaving, opening
from casework.evidence.receiving import EncryptingUploadHandler, receive, safe_name
from casework.models import Case, CustodyEntry, DoomedFile, Evidence
from casework.views.receiving import FORM_BYTES
from tests import exhibits
from tests.cast import in_english, sign_in
from tests.exhibits import BYTES, CANARY
from tests.stories import given, person, story

pytestmark = pytest.mark.django_db


@pytest.fixture
def case_id(cast):
    someone = person("Heron", "STORE", "STATS", "REFER_LEGAL")
    return intake.create_case(cast.keyring_of("alice"), cast.verdun, story("H-1", someone))


@pytest.fixture
def alice(cast):
    return in_english(sign_in(Client(), "alice"))


@pytest.fixture
def store(settings):
    return Path(settings.TEMOIN_EVIDENCE_DIR)


def add(client, case_id, *contents, name="letter.jpg", description="", **more):
    address = reverse("evidence-add", args=[case_id])
    sent = [SimpleUploadedFile(name, content) for content in contents]
    return client.post(address, {"description": description, "sent": sent, "whole": "yes", **more})


def kept(cast, case_id, content, name="letter.jpg", description="", who="alice"):
    """As a page would, without the page."""
    received = receive(case_id, name, content)
    keeping.keep(cast.keyring_of(who), case_id, [received], description)
    evidencefiles.keep(received.id)
    return received.id


def key_of(cast, case_id):
    return keys.open_key(cast.keyring_of("alice"), Case.objects.get(pk=case_id))


def pieces(cast, case_id):
    return custody.pieces(key_of(cast, case_id))


def acts(cast, case_id, evidence_id):
    return [(entry.name, entry.act) for entry in custody.log(key_of(cast, case_id), evidence_id)]


# Receiving


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
    assert [piece.details.kind for piece in pieces(cast, case_id)] == [kinds.JPEG, kinds.PNG]


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


class Unreadable(io.RawIOBase):
    def readable(self):
        return True

    def readinto(self, buffer):
        pytest.fail("the body was read")


def post_unread(client, address, length, **headers):
    """A request whose body fails the test when anybody reads it."""
    return client.generic(
        "POST",
        address,
        content_type="multipart/form-data; boundary=x",
        **{"wsgi.input": io.BufferedReader(Unreadable()), "CONTENT_LENGTH": str(length), **headers},
    )


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


def is_empty(store):
    return not store.exists() or not list(store.iterdir())


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
    class Breaks(io.RawIOBase):
        sent = 0

        def readable(self):
            return True

        def readinto(self, buffer):
            if self.sent > 3:
                raise OSError("connection reset")
            head = (
                b'--x\r\nContent-Disposition: form-data; name="sent"; filename="a.jpg"\r\n\r\n'
                if not self.sent
                else b""
            )
            self.sent += 1
            made = (head + bytes(len(buffer)))[: len(buffer)]
            buffer[: len(made)] = made
            return len(made)

    with pytest.raises(OSError):
        post_unread(
            alice,
            reverse("evidence-add", args=[case_id]),
            10_000_000,
            **{"wsgi.input": io.BufferedReader(Breaks())},
        )
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


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Maria\\ticket.jpg", "ticket.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie: x.jpg"),
        ("tab\there\x00.png", "tabhere.png"),
        ("...", ""),
        ("<script>alert(1)</script>.jpg", "script>.jpg"),
    ],
)
def test_a_name_has_no_folder_and_no_sign_that_is_not_seen(given_name, shown):
    assert safe_name(given_name) == shown


def test_a_long_name_keeps_its_ending():
    assert safe_name("é" * 500 + ".jpg") == "é" * 196 + ".jpg"


def test_markup_in_a_name_is_shown_as_text(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.png(), name="<img src=x onerror=alert(1)>.png")
    for address in (reverse("case", args=[case_id]), reverse("evidence", args=[case_id, evidence_id])):
        page = alice.get(address).content.decode()
        assert "<img src=x" not in page and "&lt;img src=x onerror=alert(1)&gt;.png" in page


# Types


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (exhibits.jpeg(), kinds.JPEG),
        (exhibits.png(), kinds.PNG),
        (exhibits.webp(), kinds.WEBP),
        (exhibits.heic(), kinds.HEIC),
        (exhibits.pdf(), kinds.PDF),
        (exhibits.docx(), kinds.DOCX),
        (exhibits.sound(), "audio/wav"),
        (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2", "video/mp4"),
        (b"\0\0\0\x18ftypM4A \0\0\2\0", "audio/mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\2\0", "video/quicktime"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\1B\xf7\x81\1", "video/webm"),
        (b"OggS\0\2" + bytes(22) + b"OpusHead", "audio/ogg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", kinds.SVG),
        (b"<!DOCTYPE html><script>alert(1)</script>", kinds.HTML),
        (b"  <html><body>", kinds.HTML),
        ("Élise a attendu trois heures.".encode(), kinds.TEXT),
        (bytes(range(100, 200)) + b"\0", kinds.UNKNOWN),
    ],
)
def test_the_type_is_told_by_the_content(content, kind):
    assert kinds.kind_of(content[: kinds.LOOKED_AT], content[-kinds.LOOKED_AT :]) == kind


def test_nothing_active_is_ever_shown_or_played():
    acting = {
        kinds.HTML,
        kinds.SVG,
        kinds.TEXT,
        kinds.ZIP,
        kinds.UNKNOWN,
        "application/xml",
        "text/javascript",
    }
    assert not acting & {*kinds.SHOWN, *kinds.PLAYED}


def test_a_polyglot_is_kept_and_named(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.polyglot())
    assert pieces(cast, case_id)[0].details.also == [kinds.ZIP]
    assert (
        "can be read as something else as well" in alice.get(reverse("case", args=[case_id])).content.decode()
    )
    page = alice.get(reverse("evidence", args=[case_id, evidence_id])).content.decode()
    assert "archive (ZIP)" in page and "Open it on no computer that matters" in page


def test_a_wrong_extension_is_named(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.pdf(1), name="photo.jpg")
    page = alice.get(reverse("evidence", args=[case_id, evidence_id])).content.decode()
    assert "Its name says another kind than its content" in page


# Looking


def page_of(client, case_id, evidence_id, query=""):
    return client.get(reverse("evidence", args=[case_id, evidence_id]) + query)


def test_a_picture_is_shown_in_the_page_drawn_anew_and_never_the_file_itself(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.jpeg(), description="The ticket")
    response = page_of(alice, case_id, evidence_id)
    page = response.content.decode()
    assert 'src="data:image/jpeg;base64,' in page and 'alt="The ticket"' in page
    assert hashlib.sha256(exhibits.jpeg()).hexdigest() in page
    assert CANARY not in page and response["Cache-Control"] == "no-store"


def test_each_viewing_is_noted_twice_and_turning_a_page_is_not_another(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.pdf(2))
    first = page_of(alice, case_id, evidence_id).content.decode()
    turned = re.search(r'href="(\?page=2&amp;seen=[^"]+)"', first)[1].replace("&amp;", "&")
    assert "Page 2 of 2" in page_of(alice, case_id, evidence_id, turned).content.decode()
    assert acts(cast, case_id, evidence_id) == [("alice", "received"), ("alice", "viewed")]
    page_of(alice, case_id, evidence_id)
    assert [act for _, act in acts(cast, case_id, evidence_id)] == ["received", "viewed", "viewed"]
    seen_by_auditors = list(audit.entries(cast.keyring_of("frank"), auditors().pk))
    noted = [e for e in seen_by_auditors if e.action.startswith("evidence.")]
    assert [(e.action, e.detail["entry"]) for e in noted] == [
        ("evidence.viewed", 3), ("evidence.viewed", 2), ("evidence.received", 1),
    ]  # fmt: skip
    assert {e.subject for e in noted} == {case_id}


def test_the_ticket_of_a_viewing_is_of_no_use_to_another_person_or_for_another_file(cast, alice, case_id):
    first, second = kept(cast, case_id, exhibits.sound()), kept(cast, case_id, exhibits.sound())
    ticket = re.search(r"media/\?seen=([^\"]+)\"", page_of(alice, case_id, first).content.decode())[1]
    media = reverse("evidence-media", args=[case_id, first])
    assert alice.get(f"{media}?seen={ticket}").status_code == 200
    assert sign_in(Client(), "bob").get(f"{media}?seen={ticket}").status_code == 302
    other = reverse("evidence-media", args=[case_id, second])
    assert alice.get(f"{other}?seen={ticket}").status_code == 302


def media_of(cast, alice, case_id, content):
    evidence_id = kept(cast, case_id, content, name="call.wav")
    page = page_of(alice, case_id, evidence_id).content.decode()
    return re.search(r'src="(/cases/[^"]+/media/\?seen=[^"]+)"', page)[1]


def body(response):
    return b"".join(response.streaming_content)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=65530-65545", 65530, 65545),
        ("bytes=131072-", 131072, None),
        ("bytes=-7", -7, None),
        ("bytes=0-999999999", 0, None),
    ],
)
def test_sound_is_played_in_ranges_across_chunks(cast, alice, case_id, asked, start, end):
    content = exhibits.sound(10)
    response = alice.get(media_of(cast, alice, case_id, content), headers={"Range": asked})
    expected = content[start:] if end is None else content[start : end + 1]
    first = len(content) + start if start < 0 else start
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{first + len(expected) - 1}/{len(content)}"
    assert body(response) == expected and response["Content-Length"] == str(len(expected))


@pytest.mark.parametrize("asked", ["bytes=999999999-", "bytes=5-2", "bytes=-", "bytes=-0"])
def test_a_range_that_is_not_there_is_answered_as_such(cast, alice, case_id, asked):
    content = exhibits.sound()
    response = alice.get(media_of(cast, alice, case_id, content), headers={"Range": asked})
    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{len(content)}")


def test_a_long_film_gives_the_thread_back_after_each_part(cast, alice, case_id, monkeypatch):
    monkeypatch.setattr("casework.views.evidence.PLAYED_AT_ONCE", 1000)
    content = exhibits.sound()
    response = alice.get(media_of(cast, alice, case_id, content), headers={"Range": "bytes=500-"})
    assert (response.status_code, response["Content-Range"]) == (206, f"bytes 500-1499/{len(content)}")
    assert body(response) == content[500:1500]


def test_media_is_sent_so_that_a_browser_can_do_nothing_but_play_it(cast, alice, case_id):
    response = alice.get(media_of(cast, alice, case_id, exhibits.sound()))
    assert response["Content-Type"] == "audio/wav"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert response["X-Content-Type-Options"] == "nosniff" and response["Cache-Control"] == "no-store"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("content", [exhibits.jpeg(), b"<svg><script/></svg>", b"<html>", exhibits.pdf(1)])
def test_nothing_but_sound_and_film_is_sent_as_itself(cast, alice, case_id, content):
    evidence_id = kept(cast, case_id, content)
    seen = re.search(r"seen=([^\"&]+)", page_of(alice, case_id, evidence_id).content.decode())
    query = f"?seen={seen[1]}" if seen else ""
    assert alice.get(reverse("evidence-media", args=[case_id, evidence_id]) + query).status_code == 404


def test_a_web_page_or_drawing_is_not_opened_in_ours(cast, alice, case_id):
    for content in (b"<!DOCTYPE html><script>alert(1)</script>", b"<svg onload='alert(1)'/>"):
        page = page_of(alice, case_id, kept(cast, case_id, content)).content.decode()
        assert "kept and handed out, but not opened here" in page and "alert(1)" not in page


@pytest.mark.parametrize("content", [exhibits.bomb(), exhibits.jpeg()[:900]])
def test_a_picture_that_does_harm_to_decoders_is_answered_in_words(cast, alice, case_id, content):
    response = page_of(alice, case_id, kept(cast, case_id, content))
    assert response.status_code == 200 and "It cannot be shown" in response.content.decode()


def test_altered_and_shortened_files_do_not_open(cast, alice, case_id, store):
    evidence_id = kept(cast, case_id, exhibits.sound(20))
    file = store / evidence_id.hex
    whole = file.read_bytes()
    seen = re.search(r"seen=([^\"&]+)", page_of(alice, case_id, evidence_id).content.decode())[1]
    media = reverse("evidence-media", args=[case_id, evidence_id]) + f"?seen={seen}"
    for broken in (whole[:-1], whole[: len(whole) // 2], whole[:100] + b"\0" + whole[101:]):
        file.write_bytes(broken)
        assert alice.get(media).status_code == 409
    file.unlink()
    assert alice.get(media).status_code == 409
    assert "The file is not in the store" in page_of(alice, case_id, evidence_id).content.decode()


def test_two_files_cannot_be_exchanged_on_the_disk(cast, case_id, store):
    first, second = kept(cast, case_id, b"one"), kept(cast, case_id, b"two")
    (store / first.hex).write_bytes((store / second.hex).read_bytes())
    with pytest.raises(SealBroken):
        list(opening.plaintext(opening.read(cast.keyring_of("alice"), case_id, first)))


def test_the_way_to_a_piece_is_by_its_own_case(cast, alice, case_id):
    elsewhere = intake.create_case(cast.keyring_of("alice"), cast.verdun, story("H-2"))
    evidence_id = kept(cast, case_id, exhibits.png())
    assert page_of(alice, elsewhere, evidence_id).status_code == 404
    assert page_of(alice, case_id, uuid.uuid4()).status_code == 404


def test_without_consent_to_keep_the_file_nothing_opens_and_nothing_is_added(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.png())
    keyring = cast.keyring_of("alice")
    record = vault.open_case(keyring, case_id).record
    record.persons[0].consents = []
    intake.save_consents(keyring, case_id, record, 1)
    before = acts(cast, case_id, evidence_id)
    assert page_of(alice, case_id, evidence_id).status_code == 403
    assert add(alice, case_id, exhibits.png()).status_code == 403
    assert acts(cast, case_id, evidence_id) == before and Evidence.objects.count() == 1
    assert DoomedFile.objects.count() == 0


def test_the_case_page_asks_the_database_no_more_for_many_files_than_for_one(
    cast, alice, case_id, django_assert_max_num_queries
):
    kept(cast, case_id, b"first")
    address = reverse("case", args=[case_id])
    alice.get(address)
    with django_assert_max_num_queries(200) as for_one:
        alice.get(address)
    for number in range(12):
        kept(cast, case_id, b"more", name=f"{number}.txt")
    with django_assert_max_num_queries(len(for_one)):
        alice.get(address)


# Custody, keys


def test_an_entry_taken_out_or_exchanged_is_missed(cast, case_id):
    evidence_id = kept(cast, case_id, exhibits.png())
    for _ in range(3):
        opening.view(cast.keyring_of("bob"), case_id, evidence_id)
    rows = list(CustodyEntry.objects.filter(evidence=evidence_id).order_by("number"))
    rows[1].delete()
    with pytest.raises(SealBroken):
        opening.view(cast.keyring_of("alice"), case_id, evidence_id)
    CustodyEntry.objects.filter(pk=rows[2].pk).update(number=2)
    with pytest.raises(SealBroken):
        custody.log(key_of(cast, case_id), evidence_id)


def test_a_revocation_seals_details_and_custody_anew_and_leaves_the_file(cast, case_id, store):
    evidence_id = kept(cast, case_id, exhibits.png())
    sharing.grant(cast.keyring_of("alice"), case_id, cast.charlie, may_change=False)
    opening.view(cast.keyring_of("charlie"), case_id, evidence_id)
    old, file = key_of(cast, case_id), (store / evidence_id.hex).read_bytes()
    sharing.revoke(cast.keyring_of("alice"), case_id, cast.charlie)
    with pytest.raises(SealBroken):
        custody.pieces(old)
    with pytest.raises(SealBroken):
        custody.log(old, evidence_id)
    assert acts(cast, case_id, evidence_id) == [("alice", "received"), ("charlie", "viewed")]
    assert (store / evidence_id.hex).read_bytes() == file
    with pytest.raises(permissions.Denied):
        opening.view(cast.keyring_of("charlie"), case_id, evidence_id)


def test_what_is_added_after_somebody_left_is_sealed_under_a_new_key(cast, case_id):
    old = key_of(cast, case_id)
    Case.objects.filter(pk=case_id).update(rekey_due=True)
    kept(cast, case_id, exhibits.png())
    with pytest.raises(SealBroken):
        custody.pieces(old)


def test_what_holds_the_key_of_a_file_prints_nothing_of_it(cast, case_id):
    kept(cast, case_id, b"x")
    (piece,) = pieces(cast, case_id)
    assert repr(piece.details) == "<Details>" and repr(piece.details.root) not in repr(piece)
    assert CANARY not in repr(receive(case_id, CANARY, b"x"))


# Handing out


def export(client, case_id, evidence_id, **form):
    given_form = {
        "what": "clean",
        "purpose": "REFER_LEGAL",
        "reason": "Maître Tremblay, for the review",
        **form,
    }
    return client.post(reverse("evidence-export", args=[case_id, evidence_id]), given_form)


def test_a_clean_copy_leaves_with_its_purpose_and_reason_written_down(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.jpeg(), name=f"{CANARY}.jpg")
    response = export(alice, case_id, evidence_id)
    sent = body(response)
    assert response.status_code == 200 and response["Content-Type"] == kinds.JPEG
    assert response["Content-Disposition"] == f'attachment; filename="temoin-{evidence_id.hex[:8]}.jpg"'
    assert BYTES not in sent and b"Exif" not in sent
    log = custody.log(key_of(cast, case_id), evidence_id)
    assert [entry.act for entry in log] == ["received", "cleaned", "exported"]
    assert log[-1].detail == {
        "purpose": "REFER_LEGAL",
        "reason": "Maître Tremblay, for the review",
        "sha256": hashlib.sha256(sent).hexdigest(),
        "what": "clean",
    }
    assert "Maître Tremblay" in page_of(alice, case_id, evidence_id).content.decode()


def test_the_reason_does_not_reach_the_auditors(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.png())
    export(alice, case_id, evidence_id)
    log = list(audit.entries(cast.keyring_of("frank"), auditors().pk))
    assert log[0].action == "evidence.exported" and "Tremblay" not in str([entry.detail for entry in log])


def test_an_original_leaves_bit_for_bit_once_somebody_says_that_it_may(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.jpeg(), name="été.jpg")
    refused = export(alice, case_id, evidence_id, what="original")
    assert refused.status_code == 422 and "may hold place, device, author" in refused.content.decode()
    response = export(alice, case_id, evidence_id, what="original", accepted="on")
    assert body(response) == exhibits.jpeg()
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''%C3%A9t%C3%A9.jpg"
    assert [act for _, act in acts(cast, case_id, evidence_id)] == ["received", "exported"]


def test_a_type_that_cannot_be_cleaned_says_so_and_offers_the_original_only(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.sound(), name="call.wav")
    page = alice.get(reverse("evidence-export", args=[case_id, evidence_id])).content.decode()
    assert "No clean copy can be made of this type" in page and 'value="clean"' not in page
    assert export(alice, case_id, evidence_id).status_code == 422
    assert body(export(alice, case_id, evidence_id, what="original", accepted="on")) == exhibits.sound()


def test_a_web_page_leaves_as_a_file_and_not_as_a_page(cast, alice, case_id):
    evidence_id = kept(cast, case_id, b"<!DOCTYPE html><script>alert(1)</script>", name="a.html")
    response = export(alice, case_id, evidence_id, what="original", accepted="on")
    assert (
        response["Content-Disposition"].startswith("attachment")
        and "sandbox" in response["Content-Security-Policy"]
    )


def test_what_a_clean_copy_still_holds_is_read_before_it_leaves(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.docx(), name="letter.docx")
    response = export(alice, case_id, evidence_id)
    assert response.status_code == 422
    assert "tracked changes, deleted words among them" in response.content.decode()
    assert "exported" not in [act for _, act in acts(cast, case_id, evidence_id)]
    assert BYTES not in body(export(alice, case_id, evidence_id, accepted="on"))


def test_nothing_leaves_for_a_purpose_that_nobody_agreed_to(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.jpeg())
    assert export(alice, case_id, evidence_id, purpose="MEDIA").status_code == 403
    assert export(alice, case_id, evidence_id, purpose="STATS").status_code == 422
    assert export(alice, case_id, evidence_id, reason=" ").status_code == 422
    assert acts(cast, case_id, evidence_id) == [("alice", "received")]
    with pytest.raises(ConsentMissing):
        leaving.export_original(cast.keyring_of("alice"), case_id, evidence_id, "QUOTE", "x")


def test_whoever_was_only_granted_the_case_hands_nothing_out(cast, case_id):
    evidence_id = kept(cast, case_id, exhibits.jpeg())
    sharing.grant(cast.keyring_of("alice"), case_id, cast.charlie, may_change=True)
    charlie = sign_in(Client(), "charlie")
    assert export(charlie, case_id, evidence_id).status_code == 404
    assert "/export/" not in page_of(charlie, case_id, evidence_id).content.decode()


def test_handing_out_asks_for_a_fresh_proof(cast, alice, case_id, monkeypatch):
    evidence_id = kept(cast, case_id, exhibits.jpeg())
    monkeypatch.setattr("accounts.sudo.FRESH_SECONDS", -2)
    response = alice.get(reverse("evidence-export", args=[case_id, evidence_id]))
    assert response.status_code == 302 and response["Location"].startswith(reverse("prove"))
    assert export(alice, case_id, evidence_id).status_code == 302
    assert acts(cast, case_id, evidence_id) == [("alice", "received")]


def test_a_clean_copy_for_an_export_is_given_as_bytes_and_noted(cast, case_id):
    evidence_id = kept(cast, case_id, exhibits.png())
    made = leaving.clean_copy(cast.keyring_of("bob"), case_id, evidence_id)
    assert made.kind == kinds.PNG and BYTES not in made.content and made.left == ()
    assert acts(cast, case_id, evidence_id)[-1] == ("bob", "cleaned")
    sound = kept(cast, case_id, exhibits.sound())
    with pytest.raises(decoding.CannotDecode, match="uncleaned"):
        leaving.clean_copy(cast.keyring_of("bob"), case_id, sound)


# Blacking out


def areas(*rows, **more):
    sent = {"areas-TOTAL_FORMS": str(len(rows)), "areas-INITIAL_FORMS": "0", **more}
    names = ("page", "left", "top", "width", "height")
    return sent | {
        f"areas-{n}-{name}": value
        for n, row in enumerate(rows)
        for name, value in zip(names, row, strict=True)
    }


def redact(client, case_id, evidence_id, *rows, **more):
    return client.post(reverse("evidence-redact", args=[case_id, evidence_id]), areas(*rows, **more))


def test_a_redacted_copy_is_evidence_of_its_own_beside_its_original(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.pdf(2), name="letter.pdf", description="The letter")
    response = redact(alice, case_id, evidence_id, ("1", "5", "5,0", "90", "20.5"), make="1")
    assert response.status_code == 302
    original, copy = pieces(cast, case_id)
    assert response["Location"] == reverse("evidence", args=[case_id, copy.id])
    assert (copy.details.made_from, copy.details.description) == (evidence_id, "The letter")
    assert exhibits.pdf_text(b"".join(opening.plaintext(copy))).strip() == ""
    assert b"".join(opening.plaintext(original)) == exhibits.pdf(2) or "telephoned" in exhibits.pdf_text(
        b"".join(opening.plaintext(original))
    )
    assert acts(cast, case_id, evidence_id)[-1] == ("alice", "redacted")
    assert acts(cast, case_id, copy.id) == [("alice", "received")]
    assert "This is a redacted copy" in alice.get(response["Location"]).content.decode()


def test_areas_are_looked_at_before_the_copy_is_made_without_a_script(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.pdf(2))
    response = redact(alice, case_id, evidence_id, ("2", "5", "10", "30", "20"), page="2", look="1")
    page = response.content.decode()
    assert response.status_code == 200
    assert '<rect class="ruled__area" x="5%" y="10%" width="30%" height="20%"/>' in page
    assert 'name="areas-0-left" value="5"' in page and "Page 2 of 2" in page
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("1", "5", "", "30", "20"), "An area needs a page"),
        (("1", "5", "5", "0", "20"), "above 0"),
        (("1", "5", "5", "130", "20"), "less than or equal to 100"),
        (("", "", "", "", ""), "No area is marked"),
    ],
)
def test_an_area_that_is_none_makes_nothing_and_keeps_what_was_typed(cast, alice, case_id, row, words):
    evidence_id = kept(cast, case_id, exhibits.png())
    response = redact(alice, case_id, evidence_id, row, make="1")
    assert response.status_code == 422 and words in response.content.decode()
    assert Evidence.objects.count() == 1


def test_a_redaction_that_cannot_be_made_keeps_nothing(cast, alice, case_id, store, monkeypatch):
    evidence_id = kept(cast, case_id, exhibits.jpeg()[:900])
    response = redact(alice, case_id, evidence_id, ("1", "5", "5", "10", "10"), make="1")
    assert response.status_code == 422 and "could not be decoded" in response.content.decode()
    assert [file.name for file in store.iterdir()] == [evidence_id.hex]


def test_sound_is_not_redacted_here(cast, alice, case_id):
    evidence_id = kept(cast, case_id, exhibits.sound())
    assert alice.get(reverse("evidence-redact", args=[case_id, evidence_id])).status_code == 404


# Erasing


def test_destroying_needs_no_key_and_leaves_no_row_and_no_file(
    cast, case_id, store, django_capture_on_commit_callbacks
):
    kept(cast, case_id, exhibits.png())
    other_case = intake.create_case(cast.keyring_of("alice"), cast.verdun, story("H-2"))
    stays = kept(cast, other_case, exhibits.png())
    with django_capture_on_commit_callbacks(execute=True):
        evidencefiles.destroy(case_id)
    assert list(Evidence.objects.values_list("pk", flat=True)) == [stays]
    assert {row.evidence_id for row in CustodyEntry.objects.all()} == {stays}
    assert [file.name for file in store.iterdir()] == [stays.hex]
    assert not DoomedFile.objects.exists()


def test_a_case_that_is_deleted_takes_its_files_with_it(
    cast, case_id, store, django_capture_on_commit_callbacks
):
    kept(cast, case_id, exhibits.png())
    with django_capture_on_commit_callbacks(execute=True):
        Case.objects.filter(pk=case_id).delete()
    assert is_empty(store)


def test_a_process_without_the_store_leaves_the_files_to_one_that_has_it(
    cast, case_id, store, settings, django_capture_on_commit_callbacks
):
    evidence_id = kept(cast, case_id, exhibits.png())
    settings.TEMOIN_EVIDENCE_DIR = store.parent / "elsewhere"
    with django_capture_on_commit_callbacks(execute=True):
        evidencefiles.destroy(case_id)
    assert (store / evidence_id.hex).exists() and DoomedFile.objects.count() == 1
    settings.TEMOIN_EVIDENCE_DIR = store
    evidencefiles.sweep()
    assert is_empty(store) and not DoomedFile.objects.exists()


def test_files_that_no_row_mentions_are_named_and_never_deleted(cast, case_id, store):
    evidence_id = kept(cast, case_id, exhibits.png())
    stray = receive(uuid.uuid4(), "x", b"x")
    evidencefiles.keep(stray.id)
    (store / evidence_id.hex).unlink()
    assert evidencefiles.astray() == ([evidence_id], [stray.id.hex])
    evidencefiles.sweep()
    assert (store / stray.id.hex).exists()


def test_the_handler_holds_one_piece_of_a_file_at_a_time(store):
    handler = EncryptingUploadHandler(uuid.uuid4())
    handler.new_file("sent", "film.mp4", "video/mp4", None)
    for start in range(20):
        handler.receive_data_chunk(bytes(handler.chunk_size), start * handler.chunk_size)
        assert handler._arriving is not None
        assert len(handler._arriving._encryptor._waiting) <= 64 * 1024
    handler.file_complete(20 * handler.chunk_size)
    assert handler.received[0].size == 20 * handler.chunk_size
    assert given("STORE")
