"""Evidence is seen by whoever may see its case, and every time stands in two logs; what acts is never shown."""

import hashlib
import re
import uuid

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.crypto.sealed import SealBroken
from accounts.teams import auditors
from casework import audit, custody, evidencefiles, intake, permissions, sharing, vault
from casework.evidence import kinds, opening
from casework.evidence.receiving import EncryptingUploadHandler, receive
from casework.models import Case, CustodyEntry, DoomedFile, Evidence
from tests import exhibits
from tests.cast import sign_in
from tests.evidence_desk import a_case, acts, add, body, is_empty, kept, key_of, page_of, pieces
from tests.exhibits import CANARY
from tests.stories import given, story

pytestmark = pytest.mark.django_db


@pytest.fixture
def case_id(cast):
    return a_case(cast)


# Looking


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


def test_the_command_names_what_is_astray_and_deletes_strays_only_when_told(cast, case_id, store, capsys):
    kept(cast, case_id, exhibits.png())
    call_command("check_evidence")
    stray = receive(uuid.uuid4(), "x", b"x")
    evidencefiles.keep(stray.id)
    with pytest.raises(CommandError):
        call_command("check_evidence")
    assert f"file without evidence: {stray.id.hex}" in capsys.readouterr().out
    call_command("check_evidence", "--delete-strays")
    assert len(list(store.iterdir())) == 1


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
