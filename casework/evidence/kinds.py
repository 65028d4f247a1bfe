"""What a file is, by its content. The name it came with proves nothing, and neither does what the browser called it."""

import mimetypes
from pathlib import PurePosixPath
from typing import Final

import puremagic

JPEG, PNG, WEBP, HEIC = "image/jpeg", "image/png", "image/webp", "image/heic"
GIF, BMP, TIFF = "image/gif", "image/bmp", "image/tiff"
PDF, ZIP, HTML, SVG = "application/pdf", "application/zip", "text/html", "image/svg+xml"
OFFICE: Final = "application/vnd.openxmlformats-officedocument."
DOCX: Final = f"{OFFICE}wordprocessingml.document"
XLSX: Final = f"{OFFICE}spreadsheetml.sheet"
PPTX: Final = f"{OFFICE}presentationml.presentation"
TEXT, UNKNOWN = "text/plain", "application/octet-stream"

PICTURES: Final = (JPEG, PNG, WEBP, HEIC, GIF, BMP, TIFF)
# Decoded for the page, in the darkroom; the browser is given a picture of them.
SHOWN: Final = (*PICTURES, PDF)
# Played by the browser itself, from decrypted chunks. Nothing in these lists can act in a page.
AUDIO: Final = ("audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/flac", "audio/aac", "audio/webm")
VIDEO: Final = ("video/mp4", "video/webm", "video/ogg", "video/quicktime", "video/3gpp")
PLAYED: Final = (*AUDIO, *VIDEO)
CLEANED: Final = (*SHOWN, DOCX)
REDACTED: Final = SHOWN
# Decoded whole in memory, and so only up to this size; larger ones are kept, and leave as they are.
DECODED_UP_TO: Final = 100 * 1024 * 1024

ALIASES: Final = {
    "image/heif": HEIC,
    "image/x-ms-bmp": BMP,
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "audio/x-flac": "audio/flac",
    "audio/x-m4a": "audio/mp4",
    "application/ogg": "audio/ogg",
    "application/x-zip-compressed": ZIP,
    "audio/mp3": "audio/mpeg",
}
EXTENSIONS: Final = {
    JPEG: ".jpg",
    PNG: ".png",
    WEBP: ".webp",
    HEIC: ".heic",
    GIF: ".gif",
    BMP: ".bmp",
    TIFF: ".tiff",
    PDF: ".pdf",
    DOCX: ".docx",
}
BY_EXTENSION: Final = {".m4a": "audio/mp4", ".f4a": "audio/mp4", ".3gp": "video/3gpp", ".3ga": "video/3gpp"}
# puremagic says `video/mp4` of every file of that family, pictures and sound included: the brand decides.
BRANDS: Final = {
    b"heic": HEIC,
    b"heix": HEIC,
    b"heif": HEIC,
    b"mif1": HEIC,
    b"msf1": HEIC,
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
    b"3gp4": "video/3gpp",
    b"3gp5": "video/3gpp",
}
KNOWN: Final = frozenset((*PICTURES, *PLAYED, PDF, ZIP, DOCX, XLSX, PPTX, HTML, SVG, TEXT))
LOOKED_AT: Final = 64 * 1024
ZIP_END: Final = b"PK\x05\x06"
MARKUP: Final = (b"<script", b"<!doctype html", b"<html", b"<svg")


def kind_of(head: bytes, tail: bytes) -> str:
    """`head` and `tail`: the first and the last LOOKED_AT bytes, the same ones for a short file."""
    if head[4:8] == b"ftyp":
        return BRANDS.get(head[8:12], "video/mp4")
    found = _by_magic(head, tail)
    if found in (ZIP, DOCX, XLSX, PPTX):
        return _inside_zip(tail)
    if found == "audio/ogg" and b"theora" in head[:4096]:
        return "video/ogg"
    return found


def _by_magic(head: bytes, tail: bytes) -> str:
    try:
        matches = puremagic.magic_string(head + (tail if len(head) == LOOKED_AT else b""))
    except (LookupError, ValueError):
        matches = []
    for match in matches:
        kind = ALIASES.get(match.mime_type, match.mime_type) or BY_EXTENSION.get(match.extension, "")
        if kind in KNOWN:
            return kind
    if any(mark in head[:1024].lower() for mark in MARKUP):
        return HTML
    return TEXT if _is_text(head) else UNKNOWN


def _inside_zip(tail: bytes) -> str:
    """The directory of a ZIP stands at its end, in clear; nothing is unpacked for it."""
    for folder, kind in (
        (b"word/document.xml", DOCX),
        (b"xl/workbook.xml", XLSX),
        (b"ppt/presentation.xml", PPTX),
    ):
        if folder in tail:
            return kind
    return ZIP


def _is_text(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # A letter cut in two at the very end is no reason.
        return bool(len(head) == LOOKED_AT and error.start > LOOKED_AT - 4)
    return b"\0" not in head


def also(kind: str, head: bytes, tail: bytes) -> list[str]:
    """What else the same bytes can be read as. A polyglot passes one program as a picture and another as a program."""
    found = []
    if ZIP_END in tail and kind not in (ZIP, DOCX, XLSX, PPTX):
        found.append(ZIP)
    if b"%PDF-" in head[:1024] and kind != PDF:
        found.append(PDF)
    if any(mark in head.lower() for mark in MARKUP) and kind not in (HTML, SVG, TEXT, PDF, *PLAYED):
        found.append(HTML)
    return found


def of_name(name: str) -> str:
    """What its name says it is, or an empty text."""
    guessed = mimetypes.guess_type(name)[0] or ""
    return ALIASES.get(guessed, guessed) or BY_EXTENSION.get(PurePosixPath(name).suffix.lower(), "")


def disagree(name: str, kind: str) -> bool:
    """The name says one thing and the content another, and both are known."""
    said = of_name(name)
    return bool(said in KNOWN and kind != said and not (said == TEXT or {said, kind} <= set(PLAYED)))
