"""The published document, `temoin-release/1`: one canonical JSON object from which page, CSV and chart are made. Pure: no Django.

`value: null` is suppressed. Every table lists every cell, TOTAL included. Nothing says which suppressed cell is small.
"""

import datetime as dt
import hashlib
import itertools
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
import rfc8785

from accounts.crypto.principal import Principal, verify_signature
from accounts.crypto.sealed import SealBroken
from casework.annex import Annexed
from casework.facts import TOTAL
from casework.outside import OutsideSeries

SCHEMA: Final = "temoin-release/1"
LANGUAGES: Final = ("en", "fr")
# Retold, and in their own words.
STORY_KINDS: Final = ("STORY", "QUOTE")
Words = dict[str, str]
# A story states no count, so the only digits in it are years.
YEAR: Final = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")
# A cell's name: its categories, without the dimensions at TOTAL.
Place = frozenset[tuple[str, str]]


class Category(msgspec.Struct, forbid_unknown_fields=True):
    code: str
    label: Words
    parent: str = TOTAL


class Dimension(msgspec.Struct, forbid_unknown_fields=True):
    """`additive` false: a person may be in several categories, and they do not add up to TOTAL."""

    code: str
    label: Words
    categories: list[Category]
    additive: bool = True


class Cell(msgspec.Struct, forbid_unknown_fields=True):
    at: dict[str, str]
    value: int | None


class Table(msgspec.Struct, forbid_unknown_fields=True):
    title: Words
    dimensions: list[str]
    cells: list[Cell]


class Months(msgspec.Struct, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    start: str
    end: str


class Audit(msgspec.Struct, forbid_unknown_fields=True):
    """How many things had to be shown impossible to compute, how many were, and against how many earlier editions."""

    requirements: int
    certified: int
    editions_checked: int


class Rounding(msgspec.Struct, forbid_unknown_fields=True):
    """Every figure is a multiple of `base`, and less than `within` from what was counted."""

    base: int
    within: int


class Story(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What somebody agreed to have told: retold (STORY) or in their own words (QUOTE), and what was changed in it. The hash is
    what is signed, so that a withdrawn one is blank and the signature holds."""

    sha256: str
    kind: str = ""
    text: Words = {}
    changed: Words = {}

    @property
    def withdrawn(self) -> bool:
        return not self.kind


def story(kind: str, text: Words, changed: Words) -> Story:
    bare = Story("", kind, dict(text), dict(changed))
    return msgspec.structs.replace(bare, sha256=_story_hash(bare))


def _story_hash(told: Story) -> str:
    """Over its canonical form without the hash."""
    plain: dict[str, Any] = {"kind": told.kind, "text": told.text, "changed": told.changed}
    return hashlib.sha256(rfc8785.dumps(plain)).hexdigest()


class Signature(msgspec.Struct, forbid_unknown_fields=True):
    key: str
    value: str


class Document(msgspec.Struct, forbid_unknown_fields=True, rename={"schema_name": "schema"}):
    schema_name: str
    id: UUID
    edition: int
    supersedes: UUID | None
    title: Words
    unit: str
    published_on: dt.date | None
    period: Months
    threshold: int
    method: Words
    dimensions: list[Dimension]
    tables: list[Table]
    audit: Audit
    outside: list[OutsideSeries] = []
    stories: list[Story] = []
    text: dict[str, Any] = {}
    rounding: Rounding | None = None
    annex: list[Annexed] = []
    signature: Signature | None = None

    def dimension(self, code: str) -> Dimension:
        return next(d for d in self.dimensions if d.code == code)


def key_of(at: Mapping[str, str]) -> Place:
    """The same for a cell whichever table, and whichever release, it stands in."""
    return frozenset((code, category) for code, category in at.items() if category != TOTAL)


class NotARelease(ValueError):
    """The document breaks its own rules. `code` is one of `casework.refusals`; `where` names the place."""

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(f"{code} {where}".strip())
        self.code, self.where = code, where


# Bytes


def canonical(document: Document) -> bytes:
    """RFC 8785: the same document is the same bytes everywhere."""
    return rfc8785.dumps(_plain(document))


def _plain(document: Document) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(document)
    for name in ("signature", "rounding", "annex"):
        if not plain[name]:
            del plain[name]
    return plain


def read(data: bytes) -> Document:
    """Raises NotARelease unless it is a whole, consistent document of this schema. The signature is checked apart."""
    try:
        document = msgspec.json.decode(data, type=Document)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise NotARelease("not_json") from None
    check(document)
    return document


# Signature


def signed(document: Document, signer: Principal) -> Document:
    """The canonical bytes without the signature, and of each story its hash alone, are what is signed. They begin with a brace,
    as no context does (those begin with a length), so that this signature can never be taken for one over anything else."""
    value = signer.sign(_to_sign(document)).hex()
    return msgspec.structs.replace(document, signature=Signature(signer.signing_public_key.hex(), value))


def _to_sign(document: Document) -> bytes:
    hashes = [Story(told.sha256) for told in document.stories]
    return canonical(msgspec.structs.replace(document, signature=None, stories=hashes))


def without(document: Document, places: Collection[int]) -> Document:
    """The words of these stories are gone; what was signed is the same."""
    left = [Story(told.sha256) if n in places else told for n, told in enumerate(document.stories)]
    return msgspec.structs.replace(document, stories=left)


def verify(document: Document, key: bytes | None = None) -> bytes:
    """The public key that signed it. Raises SealBroken when the signature is missing, wrong, or not by `key`."""
    if document.signature is None:
        raise SealBroken
    try:
        stated, value = bytes.fromhex(document.signature.key), bytes.fromhex(document.signature.value)
    except ValueError:
        raise SealBroken from None
    if key is not None and key != stated:
        raise SealBroken
    verify_signature(stated, value, _to_sign(document))
    return stated


# Rules


def check(document: Document) -> None:
    """Schema, completeness and arithmetic of what is visible. Raises NotARelease."""
    if document.schema_name != SCHEMA:
        raise NotARelease("other_schema", document.schema_name[:40])
    _check_words(document)
    codes = [d.code for d in document.dimensions]
    if len(set(codes)) < len(codes):
        raise NotARelease("dimension_twice", "dimensions")
    for dimension in document.dimensions:
        _check_tree(dimension)
    seen: dict[frozenset[tuple[str, str]], int | None] = {}
    for number, table in enumerate(document.tables, 1):
        _check_table(document, table, f"tables.{number}", seen)
    _check_rounding(document)
    for number, told in enumerate(document.stories, 1):
        _check_story(told, f"stories.{number}")


def _check_story(told: Story, where: str) -> None:
    """Blank, or whole: of a known kind, in one language at least, what was changed in both, and no number but years."""
    if told.withdrawn:
        if told.text or told.changed or not re.fullmatch(r"[0-9a-f]{64}", told.sha256):
            raise NotARelease("story_wrong", where)
        return
    languages = set(told.text)
    if told.kind not in STORY_KINDS or not languages or not languages <= set(LANGUAGES):
        raise NotARelease("story_wrong", where)
    if set(told.changed) != set(LANGUAGES) or told.sha256 != _story_hash(told):
        raise NotARelease("story_wrong", where)
    if any(re.search(r"\d", YEAR.sub("", text)) for text in told.text.values()):
        raise NotARelease("story_counts", where)


def _check_rounding(document: Document) -> None:
    """Rounded or suppressed, never both, and nothing between the multiples."""
    if document.rounding is None:
        return
    figures = [cell.value for table in document.tables for cell in table.cells]
    if document.rounding.base < 3 or any(f is None or f % document.rounding.base for f in figures):
        raise NotARelease("not_rounded", "rounding")


def _check_words(document: Document) -> None:
    labels = [c.label for d in document.dimensions for c in d.categories]
    for words in (
        document.title,
        document.method,
        *_written(document),
        *(d.label for d in document.dimensions),
        *labels,
    ):
        if set(words) != set(LANGUAGES):
            raise NotARelease("title_languages")
    if document.threshold < 1 or document.edition < 1 or not document.tables:
        raise NotARelease("not_json", "threshold")


def _written(document: Document) -> list[Words]:
    """The lead and the notes, in both languages or not at all."""
    known = [words for name, words in document.text.items() if name in ("lead", "notes")]
    if any(not isinstance(text, str) for words in known for text in words.values()):
        raise NotARelease("not_json", "text")
    return known


def _check_tree(dimension: Dimension) -> None:
    known = {TOTAL}
    for category in dimension.categories:
        # Parents come before their children, so that no category can be its own ancestor.
        if category.parent not in known or category.code in known:
            raise NotARelease("category_tree", f"{dimension.code}.{category.code}")
        known.add(category.code)


def _check_table(
    document: Document, table: Table, where: str, seen: dict[frozenset[tuple[str, str]], int | None]
) -> None:
    try:
        axes = [document.dimension(code) for code in table.dimensions]
    except StopIteration:
        raise NotARelease("unknown_dimension", where) from None
    values = _values(table, axes, where)
    for at, value in values.items():
        shared = frozenset(pair for pair in zip(table.dimensions, at, strict=True) if pair[1] != TOTAL)
        if seen.setdefault(shared, value) != value:
            raise NotARelease("cell_differs", where)
    for axis, dimension in enumerate(axes):
        _check_sums(values, axis, dimension, where)


def _values(table: Table, axes: list[Dimension], where: str) -> dict[tuple[str, ...], int | None]:
    """Every coordinate exactly once, nothing negative."""
    values: dict[tuple[str, ...], int | None] = {}
    for cell in table.cells:
        at = tuple(cell.at.get(code, "") for code in table.dimensions)
        if len(cell.at) != len(at) or at in values or (cell.value is not None and cell.value < 0):
            raise NotARelease("cells_wrong", where)
        values[at] = cell.value
    codes = [[*(c.code for c in axis.categories), TOTAL] for axis in axes]
    if set(values) != set(itertools.product(*codes)):
        raise NotARelease("cells_missing", where)
    return values


def _check_sums(
    values: dict[tuple[str, ...], int | None], axis: int, dimension: Dimension, where: str
) -> None:
    """Where all parts are visible they add up; where all but one are, the one could be computed."""
    for at, parts in lines(values, axis, dimension):
        line = [values[at], *(values[part] for part in parts)]
        hidden = line.count(None)
        if not dimension.additive:
            _check_bounds(line, where)
        elif hidden == 1:
            raise NotARelease("computable", where)
        elif hidden == 0 and line[0] != sum(v for v in line[1:] if v is not None):
            raise NotARelease("does_not_add_up", where)


def _check_bounds(line: list[int | None], where: str) -> None:
    """Somebody in several categories makes a part at most the whole."""
    whole = line[0]
    if whole is not None and any(part is not None and part > whole for part in line[1:]):
        raise NotARelease("does_not_add_up", where)


def lines(
    values: dict[tuple[str, ...], int | None], axis: int, dimension: Dimension
) -> Iterator[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """Each coordinate that has parts along one axis, with the coordinates of those parts."""
    children: dict[str, list[str]] = {}
    for category in dimension.categories:
        children.setdefault(category.parent, []).append(category.code)
    for at in values:
        if at[axis] in children:
            yield at, [(*at[:axis], code, *at[axis + 1 :]) for code in children[at[axis]]]
