"""Names that are written in many ways: Muhammad, Mohamed, Mohammed and محمد; Youssef and Yusuf; first and last name the other way
round. Pure: folded names in, nearness from 0 to 100 out."""

import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final

from rapidfuzz import fuzz

SAME: Final = 100.0
# The same consonants in the same order: another spelling of the name, most often.
OTHER_SPELLING: Final = 94.0
LIKE: Final = 80.0
# What a name loses for each word of the other that it does not have.
MISSING: Final = 4.0
# More words than ten thousand cases share; whole names, of which there is no end, make room for each other.
REMEMBERED: Final = 16_384

ARABIC: Final = dict(zip("بتثجحخدذرزسشصضطظعغفقكلمنهويءا", "bttghkddrssssdts-gfkklmnh----", strict=True))
FIRST_IN_ARABIC: Final = {"ا": "A", "ع": "A", "ي": "Y", "و": "W"}
# Order matters: longer spellings of one sound first. Capitals stand for a sound at the beginning, which is kept.
SOUNDS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("tsch|tch|sch|sh|ch", "s"),
        ("kh|ck|q", "k"),
        ("gh|dj|j", "g"),
        ("ph", "f"),
        ("th", "t"),
        ("dh", "d"),
        ("c(?=[eiy])|z", "s"),
        ("c", "k"),
        ("x", "ks"),
        ("^(?:ou|w)(?=[aeiouy])", "W"),
        ("^[iy](?=[aeiou])", "Y"),
        ("^[aeiou]", "A"),
        ("h$", ""),
        ("[aeiouwy]", ""),
    )
)
DOUBLED: Final = re.compile(r"(.)\1+")


def skeleton(word: str) -> str:
    """The consonants of a folded word, in Latin letters, each sound in one spelling; a vowel only where it begins."""
    sounds = _from_arabic(word)
    for pattern, sound in SOUNDS:
        sounds = pattern.sub(sound, sounds)
    return DOUBLED.sub(r"\1", sounds).lower()


def _from_arabic(word: str) -> str:
    if not any(letter in ARABIC for letter in word):
        return word
    # A ha at the end is the silent ta marbuta.
    first = FIRST_IN_ARABIC.get(word[0], ARABIC.get(word[0], word[0]))
    rest = (ARABIC.get(letter, letter) for letter in word[1:].removesuffix("ه"))
    return first + "".join(rest).replace("-", "")


def _alike(one: str, other: str) -> bool:
    """Two consonants alone are shared by too many names."""
    return fuzz.ratio(one, other) >= LIKE / 2


def _compare(bones_of: Callable[[str], str], one: str, other: str) -> float:
    if one == other:
        return SAME
    if min(len(one), len(other)) < 3:
        return 0.0
    bones, others = bones_of(one), bones_of(other)
    if bones == others and (len(bones) > 2 or one.isascii() != other.isascii() or _alike(one, other)):
        return OTHER_SPELLING
    near = fuzz.ratio(one, other, score_cutoff=LIKE)
    return min(near, OTHER_SPELLING) if bones[:1] == others[:1] else 0.0


class Spellings:
    """Compares names for the time of one search. Ten thousand cases share a few thousand words, each worked out once; and
    nothing of them stays in the memory of the process afterwards: caches of methods would hold it until cycles are collected."""

    def __init__(self) -> None:
        bones = lru_cache(REMEMBERED)(skeleton)
        self.word_nearness = lru_cache(REMEMBERED)(partial(_compare, bones))

    def nearness(self, one: str, other: str) -> float:
        """Of two folded names of several words, in whatever order. Every word of the shorter one must be in the longer."""
        few, many = sorted((one.split(), other.split()), key=len)
        if not few:
            return 0.0
        if one.replace(" ", "") == other.replace(" ", ""):
            return SAME
        together = self.word_nearness("".join(few), "".join(many))
        return max(self._each(few, many), min(together, OTHER_SPELLING))

    def _each(self, few: list[str], many: list[str]) -> float:
        """Every word of `few` with a word of `many` of its own, the nearest first."""
        pairs = ((self.word_nearness(a, b), i, j) for i, a in enumerate(few) for j, b in enumerate(many))
        taken: dict[int, float] = {}
        used: set[int] = set()
        for near, i, j in sorted(pairs, reverse=True):
            if near >= LIKE and i not in taken and j not in used:
                taken[i] = near
                used.add(j)
        if len(taken) < len(few):
            return 0.0
        return max(0.0, sum(taken.values()) / len(few) - MISSING * (len(many) - len(few)))
