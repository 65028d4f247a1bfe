"""Coarser questions to offer beside one that hides much: a level up, small categories merged, or two facts no longer crossed.
Pure: no Django. Which of them is worth asking is found out by counting."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from casework.facts import GRADED, MERGED
from casework.questions import Specification

LEVEL, MERGE, UNCROSS = "level", "merge", "uncross"
UP: Final = {"quarter": "year", "borough": "sector"}
# So many of the threshold a category must count over all, or it is small: by itself, or once it is crossed with something else.
SMALL_TIMES: Final = (1, 2, 4)


@dataclass(frozen=True)
class Coarser:
    """`fact`: which one becomes coarser, by `kind`; `into`: the level above, or the codes that are merged."""

    kind: str
    fact: str
    into: tuple[str, ...]
    question: Specification


def coarser(question: Specification, counts: Mapping[str, Mapping[str, int]]) -> list[Coarser]:
    """`counts`: of each plain fact, how many each of its categories has over all."""
    found = [*_levels(question), *_merges(question, counts), *_uncrossed(question)]
    # Of two facts crossed with each other alone, uncrossing the one uncrosses the other.
    return list({_asked(one.question): one for one in reversed(found)}.values())[::-1]


def _asked(question: Specification) -> tuple[object, ...]:
    merged = {fact: frozenset(codes) for fact, codes in question.merged.items()}
    return frozenset(map(frozenset, question.tables)), frozenset(merged.items())


def _levels(question: Specification) -> Iterator[Coarser]:
    used = {fact.code for fact in question.facts}
    for fine, coarse in UP.items():
        if fine in used:
            tables = [[coarse if code == fine else code for code in table] for table in question.tables]
            yield Coarser(LEVEL, fine, (coarse,), _with(question, tables))


def _merges(question: Specification, counts: Mapping[str, Mapping[str, int]]) -> Iterator[Coarser]:
    """The small ones together, from two on; what was merged before stays in."""
    plain = [fact for fact in question.facts if fact.code not in GRADED]
    for fact, times in itertools.product(plain, SMALL_TIMES):
        small = _small(counts.get(fact.code, {}), times * question.threshold)
        merged = [*question.merged.get(fact.code, ()), *(code for code in small if code != MERGED)]
        if len(merged) >= 2 and set(merged) != set(question.merged.get(fact.code, ())):
            into = msgspec.structs.replace(question, merged=question.merged | {fact.code: merged})
            yield Coarser(MERGE, fact.code, tuple(merged), into)


def _small(counts: Mapping[str, int], least: int) -> list[str]:
    """Never all: one category of its own is left at least."""
    order = sorted(counts, key=lambda code: (counts[code], code))
    small = [code for code in order if counts[code] < least]
    return small if len(small) < len(order) else order[:-1]


def _uncrossed(question: Specification) -> Iterator[Coarser]:
    """A fact by itself instead of crossed with others."""
    for fact in question.facts:
        tables: list[list[str]] = []
        for table in question.tables:
            rest = [code for code in table if code != fact.code]
            tables += [rest, [fact.code]] if rest and fact.code in table else [table]
        if len(tables) > len(question.tables):
            yield Coarser(UNCROSS, fact.code, (), _with(question, tables))


def _with(question: Specification, tables: list[list[str]]) -> Specification:
    """Each table once, and nothing said of a fact that is no longer asked for."""
    unique = {frozenset(table): table for table in tables}
    # What is new and a margin of another table stands there already.
    kept = [t for k, t in unique.items() if t in question.tables or not any(k < other for other in unique)]
    used = {code for table in kept for code in table}
    merged = {code: codes for code, codes in question.merged.items() if code in used}
    return msgspec.structs.replace(question, tables=kept, merged=merged)
