"""Names that are written in many ways: Muhammad, Mohamed, Mohammed and محمد; Youssef and Yusuf; first and last name the other way
round. Pure: folded names in, nearness from 0 to 100 out."""

import re
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz

SAME: Final = 100.0
# The same consonants in the same order: another spelling of the name, most often.
OTHER_SPELLING: Final = 94.0
LIKE: Final = 80.0
# What a name loses for each word of the other that it does not have.
MISSING: Final = 4.0

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


@lru_cache(maxsize=50_000)
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


@lru_cache(maxsize=200_000)
def word_nearness(one: str, other: str) -> float:
    if one == other:
        return SAME
    if min(len(one), len(other)) < 3:
        return 0.0
    bones, others = skeleton(one), skeleton(other)
    if bones == others and (len(bones) > 2 or one.isascii() != other.isascii() or _alike(one, other)):
        return OTHER_SPELLING
    near = fuzz.ratio(one, other, score_cutoff=LIKE)
    return min(near, OTHER_SPELLING) if bones[:1] == others[:1] else 0.0


def _alike(one: str, other: str) -> bool:
    """Two consonants alone are shared by too many names."""
    return fuzz.ratio(one, other) >= LIKE / 2


def nearness(one: str, other: str) -> float:
    """Of two folded names of several words, in whatever order. Every word of the shorter one must be in the longer."""
    few, many = sorted((one.split(), other.split()), key=len)
    if not few:
        return 0.0
    if one.replace(" ", "") == other.replace(" ", ""):
        return SAME
    together = word_nearness("".join(few), "".join(many))
    return max(_each(few, many), min(together, OTHER_SPELLING))


def _each(few: list[str], many: list[str]) -> float:
    """Every word of `few` with a word of `many` of its own, the nearest first."""
    pairs = sorted(
        ((word_nearness(a, b), i, j) for i, a in enumerate(few) for j, b in enumerate(many)), reverse=True
    )
    taken: dict[int, float] = {}
    used: set[int] = set()
    for near, i, j in pairs:
        if near >= LIKE and i not in taken and j not in used:
            taken[i] = near
            used.add(j)
    if len(taken) < len(few):
        return 0.0
    return max(0.0, sum(taken.values()) / len(few) - MISSING * (len(many) - len(few)))
