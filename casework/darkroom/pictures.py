"""Pictures, as pixels and nothing else: what goes out was drawn anew, so it has no EXIF, place, author, thumbnail, profile or
anything behind its end."""

import io
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import pillow_heif
from PIL import Image, ImageCms, ImageDraw, ImageOps

from casework.darkroom import moving
from casework.darkroom.refused import Refused

pillow_heif.register_heif_opener()
# Plugins are imported on first use otherwise, and by then no file opens any more.
Image.init()
# Its own limit warns where ours refuses.
Image.MAX_IMAGE_PIXELS = None

FORMATS: Final = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/heic": "HEIF",
    "image/gif": "GIF",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
}
# What a clean copy is written as. Few programs open HEIC, and a picture that leaves is meant to be looked at.
WRITTEN_AS: Final = {
    "JPEG": "JPEG", "PNG": "PNG", "WEBP": "WEBP", "HEIF": "JPEG", "GIF": "PNG", "BMP": "PNG", "TIFF": "PNG",
}  # fmt: skip
KINDS: Final = {form: kind for kind, form in FORMATS.items()}
MOST_PIXELS: Final = 80_000_000
Area = Sequence[float]


def opened(content: bytes) -> Image.Image:
    """Only these formats; the size is looked at before a single pixel is decoded."""
    picture = Image.open(io.BytesIO(content), formats=tuple(FORMATS.values()))
    if picture.width * picture.height > MOST_PIXELS:
        raise Refused("large")
    return picture


def upright(picture: Image.Image) -> Image.Image:
    """The pixels as they are meant to be seen, in a new picture that knows nothing of the old one."""
    turned = ImageOps.exif_transpose(_in_plain_colours(picture))
    mode = "RGBA" if "A" in turned.mode or "transparency" in turned.info else "RGB"
    drawn = turned.convert(mode)
    fresh = Image.new(mode, drawn.size)
    fresh.paste(drawn)
    return fresh


def _in_plain_colours(picture: Image.Image) -> Image.Image:
    """The colour profile goes, because it can name the camera; the colours it meant stay."""
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "RGBA", "CMYK"):
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            exif = picture.info.get("exif")
            mode = "RGB" if picture.mode == "CMYK" else picture.mode
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            plain = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode=mode
            )
            if plain is not None:
                plain.info["exif"] = exif or b""
                return plain
    return picture


def written(picture: Image.Image, form: str, quality: int = 92) -> bytes:
    out = io.BytesIO()
    if form == "JPEG":
        on_white(picture).save(out, form, quality=quality)
    elif form == "WEBP":
        picture.save(out, form, quality=quality)
    else:
        picture.save(out, form)
    return out.getvalue()


def on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def show(content: bytes, page: int, side: int) -> tuple[dict[str, Any], bytes]:
    """For the page: never the file itself, so what the browser is given can be nothing but a picture."""
    picture = opened(content)
    pages = moving.frames_in(picture)
    moving.turn_to(picture, page)
    picture.draft("RGB", (side, side))
    shown = upright(picture)
    shown.thumbnail((side, side))
    told = {"pages": pages, "width": shown.width, "height": shown.height, "text": ""}
    return told, written(shown, "JPEG", quality=85)


def clean(content: bytes, kind: str) -> tuple[dict[str, Any], bytes]:
    return _drawn_anew(content, kind, upright)


def redact(content: bytes, kind: str, areas: Sequence[Area]) -> tuple[dict[str, Any], bytes]:
    """Black over each area, in the pixels: there is nothing beneath. What is marked on one frame of a picture that moves is
    black on all: nobody marks the same face a hundred times without missing it once."""

    def draw(frame: Image.Image) -> Image.Image:
        drawn = on_white(upright(frame))
        blacken(drawn, areas)
        return drawn

    return _drawn_anew(content, kind, draw)


def _drawn_anew(content: bytes, kind: str, draw: moving.Draw) -> tuple[dict[str, Any], bytes]:
    picture = opened(content)
    if moving.frames_in(picture) > 1:
        form, made = str(picture.format), moving.drawn_anew(picture, draw)
    else:
        form = WRITTEN_AS[FORMATS[kind]]
        made = written(draw(picture), form)
    return {"kind": KINDS[form], "left": []}, made


def blacken(picture: Image.Image, areas: Sequence[Area]) -> None:
    """`areas`: page, left, top, width, height, in parts of the whole; rounded outwards, so that no edge shows through."""
    brush = ImageDraw.Draw(picture)
    for _page, left, top, width, height in areas:
        corner = (int(left * picture.width), int(top * picture.height))
        other = (int((left + width) * picture.width) + 1, int((top + height) * picture.height) + 1)
        brush.rectangle((corner, other), fill="black")
