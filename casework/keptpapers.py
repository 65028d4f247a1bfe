"""Papers and pictures of published releases, kept in the memory of this process: everybody may ask for them, as often as they
like, so each is made once.

A story that was withdrawn must not stay in it until others push it out: whoever seizes a running server reads its memory. So a
paper stands under its release, and goes as soon as anything of that release is asked for with other words blank. Drafts are not
kept.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Final, NamedTuple
from uuid import UUID

from casework import documents
from casework.documents import Document

KEPT: Final = 64
Key = tuple[UUID, str, str]
Blanks = tuple[bool, ...]


class Paper(NamedTuple):
    digest: bytes
    blanks: Blanks
    made: bytes


_papers: OrderedDict[Key, Paper] = OrderedDict()
_lock: Final = Lock()


def kept(document: Document, what: str, language: str, make: Callable[[Document, str], bytes]) -> bytes:
    if document.signature is None:
        return make(document, language)
    key, digest = (document.id, what, language), hashlib.sha256(documents.canonical(document)).digest()
    return _known(key, digest) or _keep(key, Paper(digest, _blanks(document), make(document, language)))


def _known(key: Key, digest: bytes) -> bytes | None:
    with _lock:
        known = _papers.get(key)
        if known is None or known.digest != digest:
            return None
        _papers.move_to_end(key)
        return known.made


def _keep(key: Key, paper: Paper) -> bytes:
    with _lock:
        _papers[key] = paper
        while len(_papers) > KEPT:
            _papers.popitem(last=False)
    return paper.made


def settle(document: Document) -> None:
    """What was made of this release with words that are blank by now goes. Nothing else of what is published ever changes."""
    _let_go(document.id, _blanks(document))


def let_go(release_id: UUID) -> None:
    """All of it: the release was withdrawn."""
    _let_go(release_id, None)


def _let_go(release_id: UUID, standing: Blanks | None) -> None:
    with _lock:
        gone = [key for key, paper in _papers.items() if key[0] == release_id and paper.blanks != standing]
        for key in gone:
            del _papers[key]


def _blanks(document: Document) -> Blanks:
    return tuple(story.withdrawn for story in document.stories)
