"""A release on paper as a screen reader hears it: headings, tables and rows of bars, by the tags of PDF/UA-1. Pure: no Django."""

import ctypes
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

HEADINGS: Final = frozenset({"H1", "H2", "H3", "P", "Caption"})


class Part(NamedTuple):
    """`rows`: of a table, or label and value of each bar under a heading. `words`: those of a heading."""

    kind: str
    words: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    # Without a head of its own, a table goes on from the page before.
    goes_on: bool = False


def parts(paper: bytes) -> Iterator[Part]:
    document = pypdfium2.PdfDocument(paper)
    for page in document:
        words = _words_of(page)
        tree = pdfium.FPDF_StructTree_GetForPage(page.raw)
        count = pdfium.FPDF_StructTree_CountChildren(tree)
        for number in range(count):
            yield from _read(_Element(pdfium.FPDF_StructTree_GetChildAtIndex(tree, number), words))


class _Element(NamedTuple):
    raw: Any
    words: dict[int, str]

    @property
    def kind(self) -> str:
        return _utf16(lambda *into: pdfium.FPDF_StructElement_GetType(self.raw, *into))

    def children(self) -> Iterator["_Element | str"]:
        """In order: elements, and the words that stand right in this one."""
        for number in range(pdfium.FPDF_StructElement_CountChildren(self.raw)):
            child = pdfium.FPDF_StructElement_GetChildAtIndex(self.raw, number)
            if child:
                yield _Element(child, self.words)
            else:
                place = pdfium.FPDF_StructElement_GetChildMarkedContentID(self.raw, number)
                yield self.words.get(place, "")

    def elements(self) -> list["_Element"]:
        return [child for child in self.children() if isinstance(child, _Element)]

    def text(self) -> str:
        read = (child if isinstance(child, str) else child.text() for child in self.children())
        return " ".join("".join(read).split())

    def rows(self) -> Iterator["_Element"]:
        for child in self.elements():
            yield from [child] if child.kind == "TR" else child.rows()


def _read(element: _Element) -> Iterator[Part]:
    kind, inside = element.kind, element.elements()
    if kind == "Table":
        rows = tuple(tuple(cell.text() for cell in row.elements()) for row in element.rows())
        yield Part(kind, rows=rows, goes_on=not any(child.kind == "THead" for child in inside))
    elif kind in HEADINGS:
        yield Part(kind, element.text())
    elif kind == "Div" and inside and len(inside) % 2 == 0 and all(child.kind == "Div" for child in inside):
        texts = [child.text() for child in inside]
        yield Part("Bars", rows=tuple(zip(texts[::2], texts[1::2], strict=True)))
    else:
        for child in inside:
            yield from _read(child)


def _words_of(page: pypdfium2.PdfPage) -> dict[int, str]:
    """What is drawn under each mark that a tag may point to."""
    found: dict[int, str] = {}
    lines = page.get_textpage()
    for number in range(pdfium.FPDFPage_CountObjects(page.raw)):
        drawn = pdfium.FPDFPage_GetObject(page.raw, number)
        mark = pdfium.FPDFPageObj_GetMarkedContentID(drawn)
        if mark >= 0 and pdfium.FPDFPageObj_GetType(drawn) == pdfium.FPDF_PAGEOBJ_TEXT:
            found[mark] = found.get(mark, "") + _drawn(drawn, lines)
    return found


def _drawn(drawn: Any, lines: pypdfium2.PdfTextPage) -> str:
    def into(buffer: Any, size: int) -> int:
        return int(
            pdfium.FPDFTextObj_GetText(
                drawn, lines.raw, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size
            )
        )

    return _utf16(into)


def _utf16(fill: Callable[[Any, int], int]) -> str:
    """As pdfium gives text: asked for its length first, ended by a zero."""
    size = fill(None, 0)
    buffer = ctypes.create_string_buffer(size)
    fill(buffer, size)
    return buffer.raw.decode("utf-16-le").rstrip("\0")
