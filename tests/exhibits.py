"""Files to hand in as evidence: small, invented, and with something in each that must not leave."""

import io
import struct
import wave
import zipfile
from typing import Any

import pikepdf
import pillow_heif
import pypdfium2
from PIL import Image
from PIL.PngImagePlugin import PngInfo

pillow_heif.register_heif_opener()
CANARY = "Xanthippe Brindamour"
BYTES = CANARY.encode()
DARK, LIGHT = (200, 30, 30), (30, 160, 60)


def drawing(width: int = 120, height: int = 80) -> Image.Image:
    """Left half red, right half green."""
    picture = Image.new("RGB", (width, height), LIGHT)
    picture.paste(DARK, (0, 0, width // 2, height))
    return picture


def exif(orientation: int = 1) -> Image.Exif:
    """A camera's notes: who, with what, and where to the second of an arc."""
    notes = Image.Exif()
    notes[0x0112] = orientation
    notes[0x010F] = CANARY
    notes[0x013B] = CANARY
    notes.get_ifd(0x8825).update({1: "N", 2: (45.0, 30.0, 30.5), 3: "W", 4: (73.0, 33.0, 12.25)})
    return notes


def saved(picture: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def jpeg(orientation: int = 1, **size: int) -> bytes:
    return saved(drawing(**size), "JPEG", exif=exif(orientation), comment=BYTES, quality=95) + BYTES


def png() -> bytes:
    notes = PngInfo()
    notes.add_text("Author", CANARY)
    return saved(drawing(), "PNG", pnginfo=notes, exif=exif())


def webp() -> bytes:
    return saved(drawing(), "WEBP", exif=exif(), xmp=BYTES, lossless=True)


def heic() -> bytes:
    return saved(drawing(), "HEIF", exif=exif().tobytes(), quality=90)


def moving(form: str = "PNG") -> bytes:
    """Three frames: the drawing, black, the drawing upside down; with a comment, EXIF and something behind the end."""
    frames = [Image.new("RGB", (120, 80)), drawing().transpose(Image.Transpose.ROTATE_180)]
    told = {"comment": BYTES} if form == "GIF" else {"exif": exif()}
    made = saved(
        drawing(),
        form,
        save_all=True,
        append_images=frames,
        duration=[100, 200, 300],
        loop=3,
        quality=95,
        **told,
    )
    return made + BYTES


def bomb() -> bytes:
    """A PNG of 40 KB that says it is 4 gigapixels."""
    small = bytearray(saved(Image.new("1", (64, 64)), "PNG"))
    small[16:24] = struct.pack(">II", 65_000, 65_000)
    import zlib

    small[29:33] = struct.pack(">I", zlib.crc32(bytes(small[12:29])))
    return bytes(small)


def pdf(pages: int = 2, words: str = "The officer telephoned.") -> bytes:
    """Words on each page, a photograph with its notes, an attachment, a script, an author, and a comment by name."""
    document = pikepdf.new()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    photo = pikepdf.Stream(document, jpeg())
    photo.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=120, Height=80,
        ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode,
    )  # fmt: skip
    for number in range(1, pages + 1):
        page = document.add_blank_page(page_size=(300, 400))
        page.Resources = pikepdf.Dictionary(
            Font=pikepdf.Dictionary(F1=font), XObject=pikepdf.Dictionary(P1=photo)
        )
        drawn = f"BT /F1 14 Tf 30 350 Td ({words} Page {number}.) Tj ET q 100 0 0 80 30 100 cm /P1 Do Q"
        page.Contents = pikepdf.Stream(document, drawn.encode())
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[10, 10, 30, 30],
        T=pikepdf.String(CANARY), Contents=pikepdf.String("look here"),
    )  # fmt: skip
    document.pages[0].Annots = document.make_indirect(pikepdf.Array([note]))
    document.attachments["notes.txt"] = BYTES
    document.docinfo["/Author"] = CANARY
    document.Root.OpenAction = pikepdf.Dictionary(
        S=pikepdf.Name.JavaScript, JS=pikepdf.String(f"app.alert('{CANARY}')")
    )
    with document.open_metadata() as metadata:
        metadata["dc:creator"] = [CANARY]
    out = io.BytesIO()
    document.save(out, compress_streams=False)
    return out.getvalue()


def pdf_text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def docx(**parts: bytes) -> bytes:
    """A letter whose author, template, change and picture each say a name."""
    letter = (
        f'<w:document xmlns:w="{WORD}"><w:body><w:p w:rsidR="00A1B2C3"><w:r><w:t>Dear council,</w:t></w:r>'
        f'<w:ins w:author="{CANARY}" w:date="2026-01-02T03:04:05Z"><w:r><w:t>we write.</w:t></w:r></w:ins></w:p></w:body>'
        "</w:document>"
    )
    relations = (
        f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" TargetMode="External" '
        f'Type="http://x/attachedTemplate" Target="file:///C:/Users/{CANARY}/t.dotx"/></Relationships>'
    )
    core = f"<cp:coreProperties xmlns:cp='urn:cp'><cp:lastModifiedBy>{CANARY}</cp:lastModifiedBy></cp:coreProperties>"
    types = (
        f'<Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/docProps/core.xml" ContentType="x"/></Types>'
    )
    top = f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="t" Target="docProps/core.xml"/></Relationships>'
    inside = {
        "[Content_Types].xml": types.encode(),
        "_rels/.rels": top.encode(),
        "word/document.xml": letter.encode(),
        "word/_rels/settings.xml.rels": relations.encode(),
        "docProps/core.xml": core.encode(),
        "docProps/thumbnail.jpeg": jpeg(),
        "word/media/image1.jpeg": jpeg(),
        **parts,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in inside.items():
            made.writestr(name, content)
    return out.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        return {name: source.read(name) for name in source.namelist()}


def zip_bomb() -> bytes:
    """A Word document of a few hundred kilobytes that unpacks to 300 MB."""
    return docx(**{"word/media/image2.jpeg": bytes(300_000_000)})


def sound(seconds: int = 1) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(range(256)) * (8000 * 2 * seconds // 256))
    return out.getvalue()


def polyglot() -> bytes:
    """A picture to one program, an archive to another."""
    out = io.BytesIO(jpeg())
    with zipfile.ZipFile(out, "a") as made:
        made.writestr("run.sh", "echo")
    return out.getvalue()
