"""What must never leave in a story, as far as a program sees it: names, places, dates and numbers of a case, and what only sounds
like them. Pure. A net, not a proof: two people read every line, and this only makes sure that neither of them was tired.

A flag either stands until the words are gone, or until whoever types says why they may stay (`ANSWERABLE`).
"""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Final, NamedTuple

from casework import vocabulary
from casework.folding import Span, normalise
from casework.record import CaseRecord

STORY: Final = "STORY"
# Words in a row that are the person's own; fewer is how everybody speaks.
OWN_WORDS: Final = 5
SHORTEST_REASON: Final = 3
# Said of a word only where nothing else is.
VAGUEST: Final = "NAME_LIKE"
ANSWERABLE: Final = frozenset(
    {"NAME_LIKE", "MONTH", "AGE", "ORIGIN", "INSTITUTION", "COUNT", "CHILD", "RARE", "STATUS", "AHEAD", "QUOTATION"}
)  # fmt: skip
# In cities this large, where somebody comes from says little.
LARGE: Final = frozenset({"MONTREAL", "TORONTO", "VANCOUVER", "OUTSIDE", "OTHER", "UNK"})

WORD: Final = re.compile(r"\w+")
SENTENCE_END: Final = re.compile(r"[.!?…:«“\"\n]\s*$")
PATTERNS: Final = {
    "CONTACT": (
        r"[\w.+-]+@[\w-]+\.\w+", r"@\w{2,}", r"https?://\S+", r"\bwww\.\S+", r"\b[\w-]+\.(?:com|ca|org|net|qc)\b",
        r"(?:\+?1[\s.-]?)?\(?\b\d{3}\)?[\s.-]\d{3}[\s.-]?\d{4}\b", r"\b\d{3}[.-]\d{4}\b",
    ),
    "DATE": (
        r"\b\d{4}-\d{1,2}(?:-\d{1,2})?\b", r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b", r"\b\d{1,2}\s?[hH]\s?\d{0,2}\b",
        r"\b\d{1,2}:\d{2}\b", r"\b\d{1,2}\s?(?:[ap]\.?m\b\.?|heures?\b|o.clock\b)",
    ),
    "ADDRESS": (
        r"\b[A-Za-z]\d[A-Za-z]\s?\d[A-Za-z]\d\b", r"\b(?:PDQ|SPVM)\s?\d+\b",
        r"\b\d+(?:e|ère|er|st|nd|rd|th)\s+(?:rue|avenue|street)\b",
    ),
    "BADGE": (r"(?i)\b(?:matricule|badge)s?\W+(?:[^\W\d]+\W+){0,3}?[\w-]*\d[\w-]*",),
    "PLATE": (r"\b[A-Z]{3}\s?-?\d{3}\b", r"\b\d{3}\s?-?[A-Z]{3}\b", r"\b[A-Z]\d{2}\s?-?[A-Z]{3}\b", r"\b[A-Z]{4}\s?-?\d{3}\b"),
    "FILE_NUMBER": (
        r"\b(?:UCI|IUC|IMM|CRPQ|CPIC)\W{0,2}[\d-]{3,}", r"\b\d{2}-?\d{4}-?\d{4}\b", r"\b\d{4}-\d{4}\b", r"\b\d{5,}\b",
        r"\b\d{3}-\d{2}-\d{4,}\b", r"\b[A-Z]{1,4}\d?-\d{4,}\b",
    ),
    "QUOTATION": (r"[«“„\"][^»”\"]*[»”\"]",),
}  # fmt: skip
# What a street is called by stands before these in English.
AFTER_NAMES: Final = frozenset(
    {"street", "road", "avenue", "boulevard", "station", "drive", "lane", "crescent"}
)
YEAR: Final = re.compile(r"(?:19|20)\d\d")
COMPILED: Final = {code: [re.compile(one) for one in many] for code, many in PATTERNS.items()}


class Flag(NamedTuple):
    """`words` as they stand in the text."""

    code: str
    start: int
    end: int
    words: str

    @property
    def answerable(self) -> bool:
        return self.code in ANSWERABLE

    @property
    def key(self) -> tuple[str, str]:
        """The same flag, wherever in the text it stands."""
        return self.code, normalise(self.words)


class Token(NamedTuple):
    folded: str
    start: int
    end: int
    words: str


class Known(NamedTuple):
    """What of a case is looked for word by word, in folded form. `told`: everything the person's words stand in."""

    names: frozenset[str] = frozenset()
    places: tuple[str, ...] = ()
    told: tuple[tuple[str, ...], ...] = ()


NOTHING: Final = Known()


def known(record: CaseRecord, people: Iterable[str] = ()) -> Known:
    """`people`: names that stand in no case, such as those of the organizers."""
    names = {token for text in chain(_names(record), people) for token in _tokens_of_name(text)}
    places = {normalise(text) for text in _places(record)}
    told = (statement.text for statement in record.statements)
    return Known(
        frozenset(names),
        tuple(sorted(place for place in places if len(place) > 3)),
        tuple(tuple(normalise(text).split()) for text in told),
    )


def _names(record: CaseRecord) -> Iterator[str]:
    yield record.reference
    for person in record.persons:
        yield from (person.name, person.alias, *(answer.explained_by for answer in person.consents))
    for officer in record.officers:
        yield from (officer.name, officer.badge)
    yield from (referral.name for referral in record.referrals)
    yield from (interaction.whom for interaction in record.interactions)


def _tokens_of_name(text: str) -> set[str]:
    """Without particles and titles: by themselves they name nobody."""
    tokens = set(normalise(text).split())
    return {t for t in tokens if t not in _single("particle") and len(t) > 1} or tokens


def _places(record: CaseRecord) -> Iterator[str]:
    yield record.event.place_note
    yield from (denial.place for denial in record.denials)
    yield from (step.place for person in record.persons for step in person.steps)


def flags(text: str, kind: str, known: Known = NOTHING) -> list[Flag]:
    """In the order of the text; of several that say the same of the same words, the first and strictest."""
    tokens = [Token(normalise(m[0]), m.start(), m.end(), m[0]) for m in WORD.finditer(text)]
    found = list(
        chain(
            _from_case(tokens, kind, known),
            _patterns(text, kind),
            _by_lists(text, tokens),
            _numbers(tokens),
            _name_like(text, tokens),
        )
    )
    return _sifted([Flag(code, span.start, span.end, text[span.start : span.end]) for code, span in found])


Found = Iterator[tuple[str, Span]]


def _sifted(found: list[Flag]) -> list[Flag]:
    """What only perhaps is something is not said of words that certainly are."""
    kept: list[Flag] = []
    for flag in sorted(
        found, key=lambda flag: (flag.answerable, flag.code == VAGUEST, flag.start - flag.end)
    ):
        if not any(_covers(other, flag) for other in kept):
            kept.append(flag)
    return sorted(kept, key=lambda flag: (flag.start, flag.end))


def _covers(other: Flag, flag: Flag) -> bool:
    """Longer or as long, and as strict; two that may be answered are answered each by itself."""
    inside = other.start <= flag.start and flag.end <= other.end
    return inside and (not other.answerable or flag.code in (other.code, VAGUEST))


def _from_case(tokens: list[Token], kind: str, known: Known) -> Found:
    for token in tokens:
        short = len(token.folded) == 2 and not token.words[0].isupper()
        if set(token.folded.split()) & known.names and not short:
            yield "KNOWN_NAME", Span(token.start, token.end)
    for place in known.places:
        yield from (("KNOWN_PLACE", span) for span in _phrase(tokens, place))
    if kind == STORY:
        yield from (("OWN_WORDS", span) for span in _own_words(tokens, known.told))


def _own_words(tokens: list[Token], told: Collection[tuple[str, ...]]) -> Iterator[Span]:
    """Runs of words that are somebody's own."""
    runs = {words[n : n + OWN_WORDS] for words in told for n in range(len(words) - OWN_WORDS + 1)}
    folded = [token.folded for token in tokens]
    start = last = -1
    for n in range(len(folded) - OWN_WORDS + 1):
        if tuple(folded[n : n + OWN_WORDS]) not in runs:
            continue
        if n > last + 1 and start >= 0:
            yield Span(tokens[start].start, tokens[last + OWN_WORDS - 1].end)
        start = n if start < 0 or n > last + 1 else start
        last = n
    if start >= 0:
        yield Span(tokens[start].start, tokens[last + OWN_WORDS - 1].end)


def _patterns(text: str, kind: str) -> Found:
    for code, many in COMPILED.items():
        if code == "QUOTATION" and kind != STORY:
            continue
        for pattern in many:
            yield from ((code, Span(*match.span())) for match in pattern.finditer(text))


def _numbers(tokens: list[Token]) -> Found:
    for token in tokens:
        if any(c.isdigit() for c in token.words) and not YEAR.fullmatch(token.folded):
            yield "NUMBER", Span(token.start, token.end)


# By lists of words


@cache
def _list(name: str) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """Each as its folded words, and whether the last goes on."""
    row = next(row for row in vocabulary.rows("story_words") if row["list"] == name)
    words = row["words"].split("|")
    return tuple((tuple(normalise(word.rstrip("*")).split()), word.endswith("*")) for word in words)


@cache
def _single(name: str) -> frozenset[str]:
    return frozenset(words[0] for words, _goes_on in _list(name) if len(words) == 1)


@cache
def _small_places() -> tuple[str, ...]:
    terms = (t for name in ("borough", "city") for t in vocabulary.terms(name) if t.code not in LARGE)
    return tuple({normalise(spelling) for term in terms for spelling in (term.en, term.fr, *term.also)})


def _phrase(tokens: list[Token], phrase: str) -> Iterator[Span]:
    return _listed(tokens, ((tuple(phrase.split()), False),))


def _listed(tokens: list[Token], entries: Iterable[tuple[tuple[str, ...], bool]]) -> Iterator[Span]:
    folded = [token.folded for token in tokens]
    for words, goes_on in entries:
        for n in range(len(folded) - len(words) + 1):
            here = folded[n : n + len(words)]
            same = here[:-1] == list(words[:-1]) and (
                here[-1].startswith(words[-1]) if goes_on else here[-1] == words[-1]
            )
            if same:
                yield Span(tokens[n].start, tokens[n + len(words) - 1].end)


def _by_lists(text: str, tokens: list[Token]) -> Found:
    yield from _streets(tokens)
    yield from _dates(tokens)
    yield from _institutions(text, tokens)
    origins = list(_listed(tokens, _list("origin")))
    small = [span for place in _small_places() for span in _phrase(tokens, place)]
    code = "ORIGIN_PLACE" if origins and small else "ORIGIN"
    yield from ((code, span) for span in origins)
    yield from (("ORIGIN_PLACE", span) for span in small if origins)
    yield from (("AGE", span) for span in _pairs(tokens, "number", "year_word"))
    yield from (("COUNT", span) for span in _pairs(tokens, "number", "people"))
    for code in ("AGE", "CHILD", "RARE", "STATUS", "AHEAD"):
        yield from ((code, span) for span in _listed(tokens, _list(code.lower())))


def _starting(tokens: list[Token], listed: str) -> set[int]:
    """Where the words of a list begin and, being of one word, end."""
    return {n for n, token in enumerate(tokens) if token.folded in _single(listed)}


def _pairs(tokens: list[Token], first: str, second: str) -> Iterator[Span]:
    """A word of the one list and, within three words, one of the other."""
    seconds = _starting(tokens, second)
    for n in sorted(_starting(tokens, first)):
        end = next((m for m in range(n + 1, min(n + 4, len(tokens))) if m in seconds), None)
        if end is not None:
            yield Span(tokens[n].start, tokens[end].end)


def _streets(tokens: list[Token]) -> Found:
    """A street, road or station with its name or number."""
    stations = _listed(tokens, _list("station"))
    ends = {span.end for span in stations} | {tokens[n].end for n in _starting(tokens, "street")}
    for n, token in enumerate(tokens):
        if token.end not in ends:
            continue
        named = _named(tokens, n)
        if named:
            yield "ADDRESS", Span(token.start, tokens[named].end)
        if n and _touches(tokens, n) and tokens[n - 1].words[0].isdigit():
            yield "ADDRESS", Span(tokens[n - 1].start, token.end)
        if n and _touches(tokens, n) and token.folded in AFTER_NAMES and tokens[n - 1].words[0].isupper():
            yield "ADDRESS", Span(tokens[n - 1].start, token.end)


def _touches(tokens: list[Token], n: int) -> bool:
    """Nothing but a space or a hyphen stands before it."""
    return tokens[n].start - tokens[n - 1].end == 1


def _named(tokens: list[Token], n: int) -> int:
    """Where the name or number ends that follows at once, or after at most two small words; 0 without one."""
    end = n + 1
    while end < min(n + 3, len(tokens)) and tokens[end].folded in _single("particle"):
        end += 1
    if end >= len(tokens) or not (tokens[end].words[0].isupper() or tokens[end].words[0].isdigit()):
        return 0
    while end + 1 < len(tokens) and _touches(tokens, end + 1) and tokens[end + 1].words[0].isupper():
        end += 1
    return end if tokens[n + 1].start - tokens[n].end <= 2 else 0


def _dates(tokens: list[Token]) -> Found:
    months = _starting(tokens, "dated_month")
    for n in sorted(months):
        near = [m for m in (n - 1, n + 1) if 0 <= m < len(tokens) and tokens[m].words[0].isdigit()]
        if near:
            yield "DATE", Span(tokens[min(n, *near)].start, tokens[max(n, *near)].end)
        elif tokens[n - 1].folded == "premier" and n:
            yield "DATE", Span(tokens[n - 1].start, tokens[n].end)
    yield from (("MONTH", span) for span in _listed(tokens, _list("month")))


def _institutions(text: str, tokens: list[Token]) -> Found:
    """By name where a capital follows, or stands before it within the sentence."""
    for n in sorted(_starting(tokens, "institution")):
        named, before = _named(tokens, n), tokens[n - 1] if n and _touches(tokens, n) else None
        if named:
            yield "INSTITUTION_NAMED", Span(tokens[n].start, tokens[named].end)
        elif before and before.words[0].isupper() and not _begins(text, before):
            yield "INSTITUTION_NAMED", Span(before.start, tokens[n].end)
        else:
            yield "INSTITUTION", Span(tokens[n].start, tokens[n].end)


def _begins(text: str, token: Token) -> bool:
    """A sentence, so that its capital says nothing."""
    return not text[: token.start].strip() or bool(SENTENCE_END.search(text[: token.start]))


def _name_like(text: str, tokens: list[Token]) -> Found:
    """A capital within a sentence."""
    for token in tokens:
        capital = token.words[0].isupper() and len(token.words) > 1
        if capital and token.folded not in _single("public") and not _begins(text, token):
            yield "NAME_LIKE", Span(token.start, token.end)


def unanswered(found: Iterable[Flag], answers: Iterable[tuple[str, str, str]]) -> list[Flag]:
    """What still stands in the way. An answer is a code, words, and a reason that says something."""
    given = {
        (code, normalise(words)) for code, words, reason in answers if len(reason.strip()) >= SHORTEST_REASON
    }
    return [flag for flag in found if not flag.answerable or flag.key not in given]
