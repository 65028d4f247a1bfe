"""Word documents: the same text, without who wrote, changed and commented on it, when, and on which machine."""

import io
import zipfile
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any, Final

from lxml import etree

from casework.darkroom import pictures
from casework.darkroom.refused import Refused

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# A bomb of 42 KB unpacks to petabytes: what is declared is added up before anything is unpacked, and read no further than that.
MOST_BYTES: Final = 200_000_000
MOST_PARTS: Final = 5_000
DROPPED: Final = (
    "docProps/",
    "customXml/",
    "word/people.xml",
    "word/printerSettings",
    "word/attachedToolbars",
)
AUTHORS: Final = {"author": "–", "initials": None, "date": None, "dateUtc": None}
# Left in place, and said: taking them out would change what the document says or does.
TOLD: Final = {"word/comments": "comments", "word/embeddings/": "embedded", "word/vbaProject": "macros"}
PICTURES: Final = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
CHANGES: Final = ("ins", "del", "moveFrom", "moveTo")
EARLIEST: Final = (1980, 1, 1, 0, 0, 0)


def clean(content: bytes) -> tuple[dict[str, Any], bytes]:
    """`left`: codes of what is still in it and may tell of people."""
    source = zipfile.ZipFile(io.BytesIO(content))
    parts = source.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
        raise Refused("large")
    if "word/document.xml" not in source.namelist():
        raise Refused("unreadable")
    left: set[str] = set()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for part in parts:
            if not part.filename.startswith(DROPPED) and not part.is_dir():
                # A fixed time: the one in the original says when it was saved.
                entry = zipfile.ZipInfo(part.filename, EARLIEST)
                made.writestr(entry, _cleaned(part.filename, _read(source, part), left), zipfile.ZIP_DEFLATED)
    return {"kind": DOCX, "left": sorted(left)}, out.getvalue()


def _read(source: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """The declared size may be a lie: no more than it is read."""
    with source.open(part) as file:
        content = file.read(part.file_size + 1)
    if len(content) > part.file_size:
        raise Refused("large")
    return content


def _cleaned(name: str, content: bytes, left: set[str]) -> bytes:
    left.update(code for prefix, code in TOLD.items() if name.startswith(prefix))
    if name.startswith("word/media/"):
        return _cleaned_picture(PurePosixPath(name).suffix.lower(), content, left)
    if name.endswith((".xml", ".rels")):
        return _cleaned_xml(name, content, left)
    return content


def _cleaned_picture(suffix: str, content: bytes, left: set[str]) -> bytes:
    if suffix not in PICTURES:
        left.add("pictures")
        return content
    _told, made = pictures.clean(content, PICTURES[suffix])
    return made


def _cleaned_xml(name: str, content: bytes, left: set[str]) -> bytes:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(content, parser)
    if root.getroottree().docinfo.doctype:
        # No program writes one here; an adversary would.
        raise Refused("unreadable")
    _without_dropped(root)
    for element in root.iter(etree.Element):
        if _local(element.tag) in CHANGES and name.startswith("word/"):
            left.add("changes")
        _anonymise(element)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _without_dropped(root: Any) -> None:
    """Nothing may point at a part that is gone, or Word calls the file damaged."""
    for element in list(root):
        target = element.get("Target") or element.get("PartName") or ""
        # The template's address is a folder of the computer it was written on, with its owner's name in it.
        template = element.get("Type", "").endswith("/attachedTemplate")
        if template or _is_dropped(target) or _local(element.tag) in ("rsids", "attachedTemplate"):
            root.remove(element)


def _is_dropped(target: str) -> bool:
    path = target.lstrip("/").removeprefix("../")
    return path.startswith(DROPPED) or f"word/{path}".startswith(DROPPED[2:])


def _anonymise(element: Any) -> None:
    for attribute in list(element.attrib):
        name = _local(attribute)
        if name.startswith("rsid"):
            del element.attrib[attribute]
        elif name in AUTHORS and "{" in attribute:
            _replace(element.attrib, attribute, AUTHORS[name])


def _replace(attributes: Any, name: str, value: str | None) -> None:
    if value is None:
        del attributes[name]
    else:
        attributes[name] = value


def _local(tag: Any) -> str:
    localname: Callable[[Any], Any] = etree.QName
    return str(localname(tag).localname)
