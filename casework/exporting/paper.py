"""Typst, from memory to memory: source and data go in as bytes, and no file is written, not even a temporary one."""

import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
import typst

TEMPLATE: Final = Path(__file__).parent / "person.typ"
# Tagged: a screen reader finds headings, lists and the language of each.
STANDARD: Final = "ua-1"


@cache
def _fonts() -> typst.Fonts:
    """DejaVu Sans, which matplotlib carries: Latin, Arabic, Cyrillic and Greek letters. The same on every machine."""
    found = importlib.util.find_spec("matplotlib")
    assert found is not None and found.origin is not None
    folder = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def pdf(document: Any) -> bytes:
    data = json.dumps(msgspec.to_builtins(document), ensure_ascii=False)
    made = typst.Compiler(
        input=TEMPLATE.read_bytes(), font_paths=_fonts(), sys_inputs={"document": data}
    ).compile(format="pdf", pdf_standards=[STANDARD])
    assert isinstance(made, bytes)
    return made
