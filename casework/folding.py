"""One spelling for what people write in many: texts are folded once when they are kept, words when they are searched. Pure.

Every character folds by itself, so that a place in the folded text leads back to the place in the text as it was told:
accents, capitals, tashkeel and tatweel go; alef, ya and ta marbuta, ligatures and digits become one form each; apostrophes,
hyphens and all other signs become a space. `l’Élysée`, `L'ELYSEE` and `l elysee` are one; so are `إلى` and `الي`.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain, starmap
from typing import Final, NamedTuple

SPACE: Final = " "
# What Unicode keeps apart and people do not: Latin letters without a decomposition, and the Arabic letters that keyboards of
# other countries write. Hamza on its carrier and alef with madda are taken apart by NFKD already.
ALIKE: Final = {
    "œ": "oe",
    "æ": "ae",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ħ": "h",
    "ı": "i",
    "ł": "l",
    "þ": "th",
    "ŋ": "n",
    "ٱ": "ا",
    "ى": "ي",
    "ی": "ي",
    "ے": "ي",
    "ة": "ه",
    "ہ": "ه",
    "ھ": "ه",
    "ک": "ك",
    "گ": "ك",
    "ـ": "",
}


class _Folded(dict[int, str]):
    """Each character is worked out when it is first met; a narrative has thousands of letters and a hundred different ones."""

    def __missing__(self, point: int) -> str:
        self[point] = folded = _fold(chr(point))
        return folded


def _fold(character: str) -> str:
    folded = character
    # Until nothing changes: a capital with an accent comes apart, and its letter is then made small.
    while (again := "".join(map(_once, unicodedata.normalize("NFKD", folded).casefold()))) != folded:
        folded = again
    return folded


def _once(character: str) -> str:
    if character in ALIKE:
        return ALIKE[character]
    kind = unicodedata.category(character)
    if kind in ("Mn", "Me", "Cf"):
        # Marks above and below; joiners, soft hyphens and the characters that turn the direction of writing.
        return ""
    if kind == "Nd":
        return str(unicodedata.digit(character))
    return character if kind[0] in "LNM" else SPACE


FOLDED: Final = _Folded()
NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")


def normalise(text: str) -> str:
    """Python translates a text of ASCII alone eight times as fast: in French or Spanish, the few other letters go first."""
    others = NOT_ASCII.findall(text)
    if len(others) * 8 < len(text):
        for other in set(others):
            text = text.replace(other, FOLDED[ord(other)])
    return SPACE.join(text.translate(FOLDED).split())


# « … », “ … ” and " … ": together, in this order.
PHRASE: Final = re.compile(r"[\"“”„«»]([^\"“”„«»]*)[\"“”„«»]")


def terms(words: str) -> list[str]:
    """What was typed to search, as it must stand in a folded text: phrases whole, everything else word by word. What is written
    together with an apostrophe or a hyphen stays together: `porte-parole` is not any door and any word."""
    phrases = PHRASE.findall(words)
    single = PHRASE.sub(SPACE, words).split()
    return list(dict.fromkeys(filter(None, map(normalise, (*phrases, *single)))))


class Span(NamedTuple):
    """A place in the text as it was told."""

    start: int
    end: int


class Told:
    """A text as it was told, folded once, in which many terms can be looked for. Nothing of it or of them is remembered."""

    def __init__(self, text: str) -> None:
        pieces = list(map(FOLDED.__getitem__, map(ord, text)))
        self.text, self._folded = text, "".join(pieces)
        # Where the folded form of each character ends: the way back, found by bisection.
        self._ends = list(accumulate(map(len, pieces)))

    def holds(self, term: str) -> bool:
        return next(self._found(term), None) is not None

    def spans(self, wanted: Iterable[str]) -> list[Span]:
        """Where the terms stand in the text, in order and without overlap."""
        found = chain.from_iterable(map(self._found, wanted))
        return list(_merged(sorted(starmap(self._told, found))))

    def _found(self, term: str) -> Iterator[tuple[int, int]]:
        """In the folded text, which still has all its spaces."""
        first, *rest = term.split() or [""]
        at = self._folded.find(first) if first else -1
        while at >= 0:
            end = self._end_of(rest, at + len(first))
            if end:
                yield at, end
            at = self._folded.find(first, end or at + 1)

    def _end_of(self, words: list[str], at: int) -> int:
        """Of these words one after the other from here on, with one space or several before each; 0 when they are not there."""
        for word in words:
            start = at
            while self._folded.startswith(SPACE, start):
                start += 1
            if start == at or not self._folded.startswith(word, start):
                return 0
            at = start + len(word)
        return at

    def _told(self, start: int, end: int) -> Span:
        """With the accents that are characters of their own."""
        after = bisect_left(self._ends, end) + 1
        while after < len(self.text) and not FOLDED[ord(self.text[after])]:
            after += 1
        return Span(bisect_right(self._ends, start), after)


def found_in(text: str, wanted: Iterable[str]) -> list[Span]:
    return Told(text).spans(wanted)


def _merged(spans: list[Span]) -> Iterator[Span]:
    before: Span | None = None
    for span in spans:
        if before and span.start < before.end:
            before = Span(before.start, max(before.end, span.end))
            continue
        if before:
            yield before
        before = span
    if before:
        yield before


class Piece(NamedTuple):
    text: str
    hit: bool


AROUND: Final = 120
SENTENCE_ENDS: Final = re.compile(r"[.!?…؟۔]+[\"”»)\]]*\s+|\n+")


def snippet(text: str, spans: list[Span], around: Span | None = None) -> list[Piece]:
    """The sentence of one hit, the first unless named, shortened to about AROUND characters on either side, with every hit in it
    marked."""
    start, end = _sentence(text, around or spans[0])
    inside = [span for span in spans if start <= span.start and span.end <= end]
    pieces = [*_pieces(text, start, end, inside)]
    return [Piece("… ", hit=False)] * (start > 0) + pieces + [Piece(" …", hit=False)] * (end < len(text))


def _sentence(text: str, hit: Span) -> tuple[int, int]:
    """Between two ends of sentences, or between two spaces where the sentence is long."""
    ends = [match.end() for match in SENTENCE_ENDS.finditer(text)]
    start = max((end for end in ends if end <= hit.start), default=0)
    end = min((end for end in ends if end >= hit.end), default=len(text))
    if hit.start - start > AROUND:
        cut = text.find(SPACE, hit.start - AROUND, hit.start)
        start = cut + 1 if cut >= 0 else hit.start - AROUND
    if end - hit.end > AROUND:
        cut = text.rfind(SPACE, hit.end, hit.end + AROUND)
        end = cut if cut >= 0 else hit.end + AROUND
    return start, len(text[:end].rstrip())


def _pieces(text: str, start: int, end: int, hits: list[Span]) -> Iterator[Piece]:
    at = start
    for hit in hits:
        yield Piece(text[at : hit.start], hit=False)
        yield Piece(text[hit.start : hit.end], hit=True)
        at = hit.end
    yield Piece(text[at:end], hit=False)
