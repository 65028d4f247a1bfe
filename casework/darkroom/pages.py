"""PDF: shown as pictures of its pages, cleaned of what names its makers, redacted into a file that has only pictures left."""

import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pikepdf
import pypdfium2
import pypdfium2.raw
from PIL import Image

from casework.darkroom import pictures
from casework.darkroom.refused import Refused

MOST_PAGES: Final = 300
REDACTED_DPI: Final = 150
LONGEST_REDACTED_SIDE: Final = 2600
POINTS_PER_INCH: Final = 72
MOST_TEXT: Final = 20_000
# Keys of objects that tell of makers, programs, other versions and times, or that act by themselves.
OF_THE_FILE: Final = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/AA", "/SpiderInfo")
OF_THE_ROOT: Final = ("/OpenAction", "/Collection", "/Legal", "/Perms", "/AF", "/Extensions")
OF_A_NOTE: Final = ("/T", "/M", "/NM", "/RC", "/Subj", "/CreationDate")
# JFIF says the density, Adobe how the colours are meant; every other such part is metadata.
KEPT_SEGMENTS: Final = (0xE0, 0xEE)


def opened(content: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD
        raise Refused("locked" if locked else "unreadable") from None


def show(content: bytes, number: int, side: int) -> tuple[dict[str, Any], bytes]:
    """One page as a picture, and its words beside it for those who do not see the picture."""
    document = opened(content)
    if not 1 <= number <= len(document):
        raise Refused("pages")
    page = document[number - 1]
    picture = drawn(page, side / max(page.get_size()))
    text = page.get_textpage().get_text_range()[:MOST_TEXT]
    told = {"pages": len(document), "width": picture.width, "height": picture.height, "text": text}
    return told, pictures.written(picture, "JPEG", quality=85)


def drawn(page: pypdfium2.PdfPage, scale: float) -> Image.Image:
    width, height = page.get_size()
    if width * height * scale * scale > pictures.MOST_PIXELS:
        raise Refused("large")
    picture: Image.Image = page.render(scale=scale).to_pil()
    return picture.convert("RGB")


def redact(content: bytes, areas: Sequence[pictures.Area]) -> tuple[dict[str, Any], bytes]:
    """Every page becomes one picture, with black where the areas are: no text, layer, note or earlier version is left."""
    source, made = opened(content), pypdfium2.PdfDocument.new()
    if len(source) > MOST_PAGES:
        raise Refused("pages")
    for number in range(1, len(source) + 1):
        page = source[number - 1]
        size = page.get_size()
        picture = drawn(page, min(REDACTED_DPI / POINTS_PER_INCH, LONGEST_REDACTED_SIDE / max(size)))
        pictures.blacken(picture, [area for area in areas if area[0] == number])
        _add_page(made, size, picture)
    out = io.BytesIO()
    made.save(out)
    return {"kind": "application/pdf", "left": []}, _without_metadata(out.getvalue())


def _add_page(made: pypdfium2.PdfDocument, size: tuple[float, float], picture: Image.Image) -> None:
    image = pypdfium2.PdfImage.new(made)
    image.load_jpeg(io.BytesIO(pictures.written(picture, "JPEG", quality=85)))
    image.set_matrix(pypdfium2.PdfMatrix().scale(*size))
    page = made.new_page(*size)
    page.insert_obj(image)
    page.gen_content()


def _without_metadata(content: bytes) -> bytes:
    return clean(content)[1]


def clean(content: bytes) -> tuple[dict[str, Any], bytes]:
    """`left`: codes of what could not be taken out."""
    try:
        document = pikepdf.open(io.BytesIO(content))
    except pikepdf.PasswordError:
        raise Refused("locked") from None
    left: set[str] = set()
    _clean_root(document)
    for found in _objects(document):
        _clean_object(found, left)
    out = io.BytesIO()
    # What nothing points at any more, earlier versions included, is not written.
    document.save(out, deterministic_id=True, encryption=False)
    return {"kind": "application/pdf", "left": sorted(left)}, out.getvalue()


def _clean_root(document: pikepdf.Pdf) -> None:
    if "/Info" in document.trailer:
        del document.trailer["/Info"]
    names = document.Root.get("/Names")
    for name in ("/EmbeddedFiles", "/JavaScript"):
        if isinstance(names, pikepdf.Dictionary) and name in names:
            del names[name]
    _delete(document.Root, OF_THE_ROOT)


def _objects(document: pikepdf.Pdf) -> Iterator[Any]:
    """Every dictionary, those written inside another one too."""
    waiting: list[Any] = [*document.objects]
    while waiting:
        found = waiting.pop()
        if isinstance(found, pikepdf.Array):
            waiting += [part for part in found if _is_inside(part)]
        elif isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
            yield found
            waiting += [part for part in dict(found.items()).values() if _is_inside(part)]


def _is_inside(part: Any) -> bool:
    holds = isinstance(part, pikepdf.Dictionary | pikepdf.Array)
    return holds and not part.is_indirect


def _delete(found: Any, names: Sequence[str]) -> None:
    for name in names:
        if name in found:
            del found[name]


def _clean_object(found: Any, left: set[str]) -> None:
    _delete(found, OF_THE_FILE)
    if found.get("/Type") == pikepdf.Name.Annot or "/Subtype" in found and "/Rect" in found:
        _clean_note(found)
    if found.get("/S") in (pikepdf.Name.JavaScript, pikepdf.Name.Launch, pikepdf.Name.SubmitForm):
        _delete(found, ("/JS", "/F", "/Win"))
    if found.get("/Type") == pikepdf.Name.Filespec and "/EF" in found:
        del found["/EF"]
    if isinstance(found, pikepdf.Stream) and found.get("/Subtype") == pikepdf.Name.Image:
        _clean_image(found, left)


def _clean_note(found: Any) -> None:
    if found.get("/Subtype") == pikepdf.Name.FileAttachment:
        _delete(found, ("/FS", "/Contents"))
    # A field of a form is called by its /T: that is not a person.
    if found.get("/Subtype") != pikepdf.Name.Widget:
        _delete(found, OF_A_NOTE)


def _clean_image(found: Any, left: set[str]) -> None:
    filters = found.get("/Filter")
    steps = list(filters) if isinstance(filters, pikepdf.Array) else [filters]
    if steps == [pikepdf.Name.DCTDecode]:
        found.write(
            without_segments(found.read_raw_bytes()),
            filter=pikepdf.Name.DCTDecode,
            decode_parms=found.get("/DecodeParms"),
        )
    elif steps and steps[-1] in (pikepdf.Name.DCTDecode, pikepdf.Name.JPXDecode):
        # JPEG 2000, or a JPEG packed once more: few programs write them, and they are said rather than guessed at.
        left.add("pictures")


def without_segments(jpeg: bytes) -> bytes:
    """A JPEG without EXIF, XMP, IPTC, comments and profiles, its pixels untouched; what follows its end is gone as well."""
    if jpeg[:2] != b"\xff\xd8":
        raise Refused("unreadable")
    kept, place = bytearray(jpeg[:2]), 2
    while place + 4 <= len(jpeg) and jpeg[place] == 0xFF:
        marker = jpeg[place + 1]
        length = 2 + int.from_bytes(jpeg[place + 2 : place + 4], "big")
        if not (0xE0 <= marker <= 0xEF or marker == 0xFE) or marker in KEPT_SEGMENTS:
            kept += jpeg[place : place + length]
        place += length
        if marker == 0xDA:
            break
    end = jpeg.rfind(b"\xff\xd9", place)
    return bytes(kept) + (jpeg[place : end + 2] if end >= 0 else jpeg[place:])
