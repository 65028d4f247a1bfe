"""What whoever approves a release has to read first: statements that name the figures of this very draft. Each is ticked by
itself, a tick is worth nothing for another draft, and what was ticked is kept with the approval and shown in the register of
anonymization."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework import documents, saidnumbers
from casework.comparing import compare
from casework.documents import Document
from casework.drafts import Inside
from casework.editorials import Editorial, with_words
from casework.saidnumbers import Flag

ATTACK, TABLES, EARLIER, CHANGED, GROUPS, NUMBERS, STORIES, LIMITS = (
    "attack", "tables", "earlier", "changed", "groups", "numbers", "stories", "limits",
)  # fmt: skip
TOKEN_LENGTH: Final = 24


class Statement(msgspec.Struct, frozen=True):
    """`code`: which of the above; `figures`: counts, and for numbers the words as they were written."""

    code: str
    figures: dict[str, int | str]


def statements(inside: Inside, editorial: Editorial, before: Document | None) -> list[Statement]:
    """For a draft that has a document, with the stories it tells laid in."""
    assert inside.document is not None
    document, found = inside.document, inside.attack
    cells = [cell for table in document.tables for cell in table.cells]
    attack = {name: getattr(found, name) for name in ("cells", "exact", "recognisable", "insider", "groups")}
    hidden = sum(cell.value is None for cell in cells)
    said = [
        Statement(ATTACK, attack),
        Statement(TABLES, {"tables": len(document.tables), "cells": len(cells), "hidden": hidden}),
        *_earlier(document, before),
    ]
    if inside.groups:
        said.append(Statement(GROUPS, {"groups": len(inside.groups)}))
    if doubtful := flagged(inside, editorial):
        said.append(Statement(NUMBERS, {"numbers": ", ".join(flag.said for flag in doubtful)}))
    if document.stories:
        said.append(Statement(STORIES, {"stories": len(document.stories)}))
    return [*said, Statement(LIMITS, {"threshold": document.threshold})]


def _earlier(document: Document, before: Document | None) -> list[Statement]:
    checked = document.audit.editions_checked
    said = [Statement(EARLIER, {"editions": checked})] if checked else []
    if before is not None:
        found = compare(before, document)
        changes = {name: len(getattr(found, name)) for name in ("other", "hidden", "shown")}
        said.append(Statement(CHANGED, {"same": found.same, **changes}))
    return said


def flagged(inside: Inside, editorial: Editorial) -> list[Flag]:
    """Numbers in titles, lead and notes that no table prints."""
    if inside.document is None:
        return []
    texts = [*inside.document.title.values(), *editorial.texts()]
    return saidnumbers.flags(texts, inside.document, {cell.value for cell in inside.suppressed})


def tokens(said: Sequence[Statement], inside: Inside, editorial: Editorial) -> dict[str, Statement]:
    """What is sent when a statement is ticked: it belongs to this document, words and stories included, and to no
    other."""
    assert inside.document is not None
    draft = documents.canonical(with_words(inside.document, editorial))
    packed = (msgspec.msgpack.encode(one) for one in said)
    names = (hashlib.sha256(draft + one).hexdigest()[:TOKEN_LENGTH] for one in packed)
    return dict(zip(names, said, strict=True))


def words(statement: Statement) -> str:
    return WORDS[statement.code](statement.figures)


def _attack(figures: dict[str, Any]) -> str:
    return _(
        "Of %(cells)s suppressed cells the attack computed %(exact)s, told %(recognisable)s to be small, learned %(insider)s "
        "with the knowledge of somebody counted, and gave %(groups)s groups away."
    ) % dict(figures)


def _tables(figures: dict[str, Any]) -> str:
    return ngettext(
        "I have looked at %(tables)s table as it will be published: %(hidden)s of its %(cells)s cells are suppressed.",
        "I have looked at all %(tables)s tables as they will be published: %(hidden)s of their %(cells)s cells are suppressed.",
        figures["tables"],
    ) % dict(figures)


def _editions(figures: dict[str, Any]) -> str:
    return ngettext(
        "%(editions)s published release counts some of the same people; the two were attacked together.",
        "%(editions)s published releases count some of the same people; all of them were attacked together.",
        figures["editions"],
    ) % dict(figures)


def _changed(figures: dict[str, Any]) -> str:
    return _(
        "Since the edition before, %(same)s cells are the same, %(other)s show another figure, %(hidden)s are suppressed now, "
        "%(shown)s are shown now. Readers will compare them too."
    ) % dict(figures)


def _groups(figures: dict[str, Any]) -> str:
    return ngettext(
        "In %(groups)s group everybody has the same outcome or harm. It was decided that hiding it is enough.",
        "In %(groups)s groups everybody has the same outcome or harm. It was decided that hiding it is enough in each.",
        figures["groups"],
    ) % dict(figures)


def _numbers(figures: dict[str, Any]) -> str:
    return _(
        "The words name numbers that stand in no table (%(numbers)s). I have made sure that they give nothing away."
    ) % dict(figures)


def _stories(figures: dict[str, Any]) -> str:
    return ngettext(
        "The release tells %(stories)s story. I have read it as somebody who was there would, in each language, and recognised "
        "nobody. Whoever copies it keeps the words, also once the person has withdrawn them.",
        "The release tells %(stories)s stories. I have read each as somebody who was there would, in each language, and "
        "recognised nobody even from several together. Whoever copies them keeps the words, also once a person has "
        "withdrawn them.",
        figures["stories"],
    ) % dict(figures)


def _limits(figures: dict[str, Any]) -> str:
    return _(
        "Numbers below %(threshold)s are hidden, not what the police know themselves; whoever reruns this software over guessed "
        "tables may find some suppressed cells likely to be small; what is published cannot be taken back."
    ) % dict(figures)


WORDS: Final = {
    ATTACK: _attack,
    TABLES: _tables,
    EARLIER: _editions,
    CHANGED: _changed,
    GROUPS: _groups,
    NUMBERS: _numbers,
    STORIES: _stories,
    LIMITS: _limits,
}
