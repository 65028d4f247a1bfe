"""Files of strangers are decoded where there is nothing to take: what comes out is clean, and nothing else comes out."""

import io
import os
import subprocess
import sys
import time

import pikepdf
import pytest
from PIL import Image

from casework.evidence import decoding, kinds
from casework.evidence.decoding import CannotDecode
from tests import exhibits
from tests.exhibits import BYTES, CANARY


def run(job, kind, content, **more):
    return decoding.develop(job, kind, len(content), [content], **more)


def refusal(job, kind, content, **more):
    with pytest.raises(CannotDecode) as refused:
        run(job, kind, content, **more)
    return refused.value.reason


# Clean copies


@pytest.mark.parametrize(
    ("kind", "made", "becomes"),
    [
        (kinds.JPEG, exhibits.jpeg, "JPEG"),
        (kinds.PNG, exhibits.png, "PNG"),
        (kinds.WEBP, exhibits.webp, "WEBP"),
        (kinds.HEIC, exhibits.heic, "JPEG"),
    ],
)
def test_a_clean_picture_shows_the_same_and_tells_nothing(kind, made, becomes):
    original = made()
    assert BYTES in original
    told, clean = run("clean", kind, original)
    picture = Image.open(io.BytesIO(clean))
    assert (picture.format, picture.size, told.left) == (becomes, (120, 80), [])
    assert told.kind == kinds.kind_of(clean, clean)
    assert BYTES not in clean and b"Exif" not in clean
    assert not picture.getexif() and not {"exif", "xmp", "icc_profile", "comment"} & set(picture.info)
    left, right = (picture.convert("RGB").getpixel(place) for place in ((20, 40), (100, 40)))
    assert all(abs(a - b) < 12 for a, b in zip(left + right, exhibits.DARK + exhibits.LIGHT, strict=True))


def test_a_picture_taken_on_its_side_stands_upright_without_its_note():
    _, clean = run("clean", kinds.JPEG, exhibits.jpeg(orientation=6))
    picture = Image.open(io.BytesIO(clean))
    assert picture.size == (80, 120)
    assert picture.getpixel((40, 20))[0] > 150


def test_a_clean_pdf_reads_the_same_and_names_nobody():
    original = exhibits.pdf()
    assert BYTES in original
    told, clean = run("clean", kinds.PDF, original)
    document = pikepdf.open(io.BytesIO(clean))
    assert exhibits.pdf_text(clean) == exhibits.pdf_text(original)
    assert "/Info" not in document.trailer and "/Metadata" not in document.Root
    assert "/OpenAction" not in document.Root and not document.attachments
    everything = clean + b"".join(decoded(part) for part in streams(document))
    assert BYTES not in everything and b"Exif" not in everything
    assert told.left == []


def streams(document):
    return [part for part in document.objects if isinstance(part, pikepdf.Stream)]


def decoded(part):
    is_photo = part.get("/Filter") == pikepdf.Name.DCTDecode
    return part.read_raw_bytes() if is_photo else part.read_bytes()


def test_the_photographs_in_a_pdf_keep_every_pixel():
    _, clean = run("clean", kinds.PDF, exhibits.pdf(1))
    document = pikepdf.open(io.BytesIO(clean))
    (photo,) = [part for part in streams(document) if part.get("/Subtype") == pikepdf.Name.Image]
    kept = Image.open(io.BytesIO(photo.read_raw_bytes())).convert("RGB")
    assert kept.tobytes() == Image.open(io.BytesIO(exhibits.jpeg())).convert("RGB").tobytes()


def test_an_earlier_version_inside_a_pdf_is_gone():
    document = pikepdf.open(io.BytesIO(exhibits.pdf(1, words="Nothing.")))
    document.trailer["/Hidden"] = pikepdf.String("x")
    stray = document.make_stream(BYTES)
    document.Root.PieceInfo = pikepdf.Dictionary(Maker=pikepdf.Dictionary(Private=stray))
    out = io.BytesIO()
    document.save(out)
    assert BYTES not in run("clean", kinds.PDF, out.getvalue())[1]


def test_a_clean_word_document_reads_the_same_and_names_nobody():
    told, clean = run("clean", kinds.DOCX, exhibits.docx())
    parts = exhibits.unpacked(clean)
    assert b"Dear council," in parts["word/document.xml"] and b"we write." in parts["word/document.xml"]
    assert not [name for name in parts if name.startswith("docProps/")]
    assert not [name for name, content in parts.items() if BYTES in content or b"Exif" in content]
    assert b"docProps" not in parts["_rels/.rels"] + parts["[Content_Types].xml"]
    assert b"2026-01-02" not in parts["word/document.xml"] and b"rsid" not in parts["word/document.xml"]
    assert told.left == ["changes"]


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("word/comments.xml", "comments"),
        ("word/embeddings/a.bin", "embedded"),
        ("word/media/a.emf", "pictures"),
    ],
)
def test_what_a_word_document_still_holds_is_said(part, code):
    content = f'<w:comments xmlns:w="{exhibits.WORD}"><w:comment w:author="{CANARY}"/></w:comments>'.encode()
    told, clean = run("clean", kinds.DOCX, exhibits.docx(**{part: content}))
    assert code in told.left
    assert part != "word/comments.xml" or BYTES not in exhibits.unpacked(clean)[part]


# Redaction


def test_a_redacted_picture_has_no_pixel_left_under_the_black():
    _, made = run("redact", kinds.PNG, exhibits.png(), areas=[(1, 0.1, 0.1, 0.2, 0.5)])
    picture = Image.open(io.BytesIO(made))
    inside = picture.crop((12, 8, 36, 48))
    assert inside.getcolors() == [(24 * 40, (0, 0, 0))]
    assert picture.getpixel((5, 40)) == exhibits.DARK and BYTES not in made


def test_a_redacted_pdf_has_pictures_only():
    original = exhibits.pdf(3)
    _, made = run("redact", kinds.PDF, original, areas=[(2, 0.05, 0.05, 0.9, 0.2)])
    document = pikepdf.open(io.BytesIO(made))
    assert len(document.pages) == 3
    assert exhibits.pdf_text(made).strip() == ""
    assert BYTES not in made and not document.attachments and "/Annots" not in document.pages[0]
    _, first = run("show", kinds.PDF, made, page=1, side=800)
    _, second = run("show", kinds.PDF, made, page=2, side=800)
    assert 1 < darkest(first, (0.06, 0.06, 0.9, 0.2)) < 50
    assert darkest(second, (0.06, 0.06, 0.9, 0.2)) > 99


def darkest(content, part):
    """How many percent of a part are black."""
    picture = Image.open(io.BytesIO(content)).convert("L")
    left, top, right, bottom = (int(side * picture.size[n % 2]) for n, side in enumerate(part))
    found = picture.crop((left, top, right, bottom)).tobytes()
    return 100 * sum(value < 128 for value in found) / len(found)


def test_the_page_of_a_pdf_is_shown_with_its_words():
    told, shown = run("show", kinds.PDF, exhibits.pdf(2), page=2, side=500)
    assert (told.pages, max(told.width, told.height)) == (2, 500)
    assert "Page 2." in told.text
    assert Image.open(io.BytesIO(shown)).format == "JPEG"


# Hostile files


def test_a_decompression_bomb_is_refused_before_it_is_decoded():
    began = time.monotonic()
    assert refusal("show", kinds.PNG, exhibits.bomb(), page=1, side=100) == "large"
    assert time.monotonic() - began < 10


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    assert refusal("clean", kinds.DOCX, exhibits.zip_bomb()) == "large"


@pytest.mark.parametrize("kind", [*kinds.SHOWN, kinds.DOCX])
def test_garbage_is_refused_in_a_word(kind):
    job = "clean" if kind == kinds.DOCX else "show"
    assert refusal(job, kind, os.urandom(5000), page=1, side=100) == "unreadable"


def test_a_damaged_picture_is_refused_or_shown_in_part_but_never_crashes_the_page():
    content = exhibits.jpeg(width=600, height=400)
    assert refusal("clean", kinds.JPEG, content[: len(content) // 3]) == "unreadable"


def test_a_locked_pdf_says_so():
    out = io.BytesIO()
    pikepdf.open(io.BytesIO(exhibits.pdf(1))).save(out, encryption=pikepdf.Encryption(user="a", owner="b"))
    assert refusal("clean", kinds.PDF, out.getvalue()) == "locked"
    assert refusal("show", kinds.PDF, out.getvalue(), page=1, side=100) == "locked"


MOVING = [(kinds.GIF, "GIF"), (kinds.PNG, "PNG"), (kinds.WEBP, "WEBP")]


def frames(content):
    picture = Image.open(io.BytesIO(content))
    found = []
    for number in range(picture.n_frames):
        picture.seek(number)
        picture.load()
        found.append((picture.convert("RGB"), int(picture.info.get("duration", 0))))
    return picture, found


@pytest.mark.parametrize(("kind", "form"), MOVING)
def test_a_picture_that_moves_is_drawn_anew_frame_by_frame_and_tells_nothing(kind, form):
    original = exhibits.moving(form)
    assert BYTES in original
    told, clean = run("clean", kind, original)
    picture, shown = frames(clean)
    assert (told.kind, told.left, picture.format, picture.info["loop"]) == (kind, [], form, 3)
    assert BYTES not in clean and b"Exif" not in clean and CANARY.encode() not in clean
    assert not picture.getexif() and not {"exif", "xmp", "icc_profile", "comment"} & set(picture.info)
    assert [milliseconds for _, milliseconds in shown] == [100, 200, 300]
    seen = [frame.getpixel((20, 40)) for frame, _ in shown]
    for pixel, meant in zip(seen, (exhibits.DARK, (0, 0, 0), exhibits.LIGHT), strict=True):
        assert all(abs(a - b) < 16 for a, b in zip(pixel, meant, strict=True)), seen


@pytest.mark.parametrize(("kind", "form"), MOVING)
def test_what_is_marked_on_one_frame_is_black_on_all_and_every_frame_can_be_looked_at(kind, form):
    told, copy = run("redact", kind, exhibits.moving(form), areas=[(3, 0.1, 0.4, 0.2, 0.2)])
    picture, shown = frames(copy)
    assert len(shown) == 3 and BYTES not in copy and told.kind == kind
    for frame, _ in shown:
        hidden = frame.crop((13, 33, 35, 47))
        assert max(high for _low, high in hidden.getextrema()) < 16
    assert max(shown[2][0].getpixel((60, 10))) > 100
    looked = [run("show", kind, exhibits.moving(form), page=number, side=120) for number in (1, 2, 3)]
    assert {told.pages for told, _ in looked} == {3} and len({made for _, made in looked}) == 3
    assert refusal("show", kind, copy, page=4, side=120) == "pages"


@pytest.mark.parametrize(("kind", "form"), [(kinds.GIF, "GIF"), (kinds.BMP, "BMP"), (kinds.TIFF, "TIFF")])
def test_a_still_picture_of_an_old_kind_leaves_as_png(kind, form):
    told, clean = run("clean", kind, exhibits.saved(exhibits.drawing(), form))
    assert (told.kind, Image.open(io.BytesIO(clean)).format) == (kinds.PNG, "PNG")


def test_the_pages_of_a_tiff_can_be_looked_at_and_are_not_cleaned_into_one():
    pages = exhibits.saved(
        exhibits.drawing(), "TIFF", save_all=True, append_images=[Image.new("RGB", (120, 80))]
    )
    assert run("show", kinds.TIFF, pages, page=2, side=100)[0].pages == 2
    assert refusal("clean", kinds.TIFF, pages) == "moving"


def test_a_film_of_too_many_pixels_is_refused_before_its_second_frame_is_decoded():
    wide = [Image.new("L", (3000, 2000), shade) for shade in range(12)]
    content = exhibits.saved(wide[0], "GIF", save_all=True, append_images=wide[1:])
    assert len(content) < 1_000_000 and refusal("clean", kinds.GIF, content) == "large"


def test_entities_in_a_word_document_are_refused():
    laughs = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    assert refusal("clean", kinds.DOCX, exhibits.docx(**{"word/styles.xml": laughs})) == "unreadable"


def test_a_file_above_the_size_is_not_sent_there():
    with pytest.raises(CannotDecode, match="large"):
        decoding.develop("show", kinds.JPEG, kinds.DECODED_UP_TO + 1, iter(()), side=100)


def test_a_process_that_dies_is_answered_with_crashed(monkeypatch):
    monkeypatch.setattr(decoding, "PROGRAM", "/dev/null")
    assert refusal("show", kinds.PNG, exhibits.png(), side=100) == "crashed"


def test_an_error_while_decrypting_is_not_taken_for_a_bad_file():
    def torn():
        yield b"x"
        raise LookupError

    with pytest.raises(LookupError):
        decoding.develop("show", kinds.PNG, 1, torn(), side=100)


ATTEMPTS = {
    "a file": "open('/etc/hostname').read()",
    "a key": "import os; os.open('/proc/self/environ', 0)",
    "a connection": "import socket; socket.socket()",
    "a new file": "open('/tmp/temoin-escaped', 'w')",
    "two gigabytes": "bytearray(2 * 1024 ** 3)",
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_whoever_took_the_process_over_opens_nothing(attempt):
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import os, socket\n"
        "from casework.darkroom.confinement import confine; confine(5)\n"
        f"try:\n    {ATTEMPTS[attempt]}\nexcept (OSError, MemoryError):\n    print('refused')\n"
    )
    root = str(decoding.PROGRAM.parent.parent.parent)
    done = subprocess.run([sys.executable, "-I", "-c", program, root], env={}, capture_output=True, text=True)
    assert done.stdout == "refused\n", done.stderr


def test_the_darkroom_inherits_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("TEMOIN_SECRET_KEY", CANARY)
    spy = tmp_path / "spy.py"
    spy.write_text(
        "import os, sys; sys.stdin.buffer.read()\n"
        "print('{\"text\": \"%s %s %s\"}' % (os.environ.get('TEMOIN_SECRET_KEY'), os.getcwd(), len(os.listdir('/proc/self/fd'))))"
    )
    monkeypatch.setattr(decoding, "PROGRAM", spy)
    told, _ = run("show", kinds.PNG, b"x", side=1)
    assert told.text == "None / 4"
