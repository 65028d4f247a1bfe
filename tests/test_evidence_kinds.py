"""A file is what its content says, and its name may say whatever it likes."""

import pytest

from casework.evidence import kinds
from casework.evidence.receiving import safe_name
from tests import exhibits


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
