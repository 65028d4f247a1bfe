"""Bring the French catalogue up to date with the sources: `.venv/bin/python -m tests.catalogue`.

New messages are added empty for a person to translate, messages nobody says any more are dropped, and nothing is guessed.
Written here rather than left to `makemessages` so that nobody needs GNU gettext on their machine.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("accounts", "casework", "config")
FRENCH = ROOT / "config" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
COMPILED = FRENCH.with_suffix(".mo")
HEADER = "# What Témoin says, in French. Brought up to date with `python -m tests.catalogue`, translated by hand.\n#"
# A time stamp would make every run a change, and nobody's name or address belongs here.
UNKEPT = (
    b'"POT-Creation',
    b'"PO-Revision',
    b'"Project-Id',
    b'"Last-',
    b'"Language-Team',
    b'"Report-',
    b'"Generated',
)

# Which arguments are the context, the message and its plural, for every function that marks one.
ARGUMENTS = {"gettext": "m", "ngettext": "mp", "pgettext": "cm", "npgettext": "cmp"}
MARKS = {name + lazy: roles for name, roles in ARGUMENTS.items() for lazy in ("", "_lazy")}
MARKS |= {"gettext_noop": "m"}

LITERAL = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
MARKED = re.compile(rf"\b(_|n?p?gettext)\(({LITERAL}(?:, ?{LITERAL})*)", re.DOTALL)


class Message(NamedTuple):
    singular: str
    plural: str = ""
    context: str = ""


def messages() -> dict[Message, list[str]]:
    """Every message of the sources, and the files that say it."""
    found: dict[Message, list[str]] = {}
    for path in files():
        name = path.relative_to(ROOT).as_posix()
        for message in read(path):
            if name not in found.setdefault(message, []):
                found[message].append(name)
    return _with_one_plural(found)


def files() -> list[Path]:
    paths = (path for source in SOURCES for path in (ROOT / source).rglob("*"))
    return sorted(
        path for path in paths if path.suffix in {".py", ".html", ".txt"} and "tests" not in path.parts
    )


def read(path: Path) -> Iterator[Message]:
    text = path.read_text(encoding="utf-8")
    return in_python(text) if path.suffix == ".py" else in_template(text)


def in_python(text: str) -> Iterator[Message]:
    tree = ast.parse(text)
    names = _names_of_marks(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not (mark := _mark(node.func, names)):
            continue
        words = [
            arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
        ]
        if len(words) >= len(MARKS[mark]):
            yield _message(mark, words)


def in_template(text: str) -> Iterator[Message]:
    if "{%" not in text and "{{" not in text:
        return
    # Django's own reading of its tags, so that what is looked up at run time is what is found here.
    for mark, literals in MARKED.findall(templatize(text)):
        yield _message("gettext" if mark == "_" else mark, list(ast.literal_eval(f"({literals},)")))


def _message(mark: str, words: list[str]) -> Message:
    said = dict(zip(MARKS[mark], words, strict=False))
    return Message(said["m"], said.get("p", ""), said.get("c", ""))


def _names_of_marks(tree: ast.Module) -> dict[str, str]:
    """What this module calls them: `_`, mostly."""
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in MARKS
    }


def _mark(function: ast.expr, names: dict[str, str]) -> str:
    if isinstance(function, ast.Name):
        return names.get(function.id, "")
    if isinstance(function, ast.Attribute) and function.attr in MARKS:
        return function.attr
    return ""


def _with_one_plural(found: dict[Message, list[str]]) -> dict[Message, list[str]]:
    """gettext keys on the singular alone: a message said both with and without a plural is one entry, with it."""
    plurals = {(message.singular, message.context) for message in found if message.plural}
    return {
        message: places
        for message, places in found.items()
        if message.plural or (message.singular, message.context) not in plurals
    }


def template() -> Catalog:
    catalog = Catalog(domain="django", charset="utf-8")
    for message, places in messages().items():
        key = (message.singular, message.plural) if message.plural else message.singular
        catalog.add(key, locations=[(place, None) for place in places], context=message.context or None)
    return catalog


def french() -> Catalog:
    if not FRENCH.exists():
        return Catalog(locale="fr", domain="django", charset="utf-8", fuzzy=False)
    with FRENCH.open("rb") as file:
        return read_po(file, locale="fr", domain="django")


def write(catalog: Catalog) -> None:
    catalog.header_comment = HEADER
    text = BytesIO()
    write_po(text, catalog, width=110, ignore_obsolete=True, include_lineno=False)
    kept = [line for line in text.getvalue().splitlines(keepends=True) if not line.startswith(UNKEPT)]
    FRENCH.write_bytes(b"".join(kept))


def compile_if_stale() -> None:
    """What `make translations` does, for a suite started without make."""
    if COMPILED.exists() and COMPILED.stat().st_mtime >= FRENCH.stat().st_mtime:
        return
    # Several test processes may come here at once; each renames a whole file into place.
    fresh = COMPILED.with_suffix(f".{os.getpid()}.part")
    with fresh.open("wb") as file:
        write_mo(file, french())
    fresh.replace(COMPILED)


def main() -> int:
    catalog = french()
    catalog.update(template(), no_fuzzy_matching=True)
    write(catalog)
    empty = [message for message in catalog if message.id and not is_complete(message.string)]
    for message in empty:
        sys.stdout.write(
            f"to translate: {message.id!r} ({', '.join(place for place, _ in message.locations)})\n"
        )
    for message in catalog.obsolete.values():
        sys.stdout.write(f"dropped: {message.id!r} = {message.string!r}\n")
    sys.stdout.write(f"{len(catalog)} messages, {len(empty)} to translate\n")
    return bool(empty)


def is_complete(string: str | tuple[str, ...] | list[str]) -> bool:
    return bool(string) if isinstance(string, str) else bool(string) and all(string)


if __name__ == "__main__":
    sys.exit(main())
