"""How hard a passphrase is to guess, and one that is hard by construction."""

import math
import secrets
from functools import cache
from pathlib import Path
from typing import Final

from django.views.decorators.debug import sensitive_variables
from zxcvbn import zxcvbn

WORDS: Final = 6
LISTS: Final = Path(__file__).parent / "words"
LANGUAGES: Final = ("fr", "en")
# Guesses, as a power of ten, that the estimator must think necessary. At Argon2id's 0.4 s each, 10¹⁴ are a million years of one
# machine, or a year of a million; four unrelated words are beyond it.
LEAST: Final = 14
# The estimator takes seconds for long inputs, and reading the beginning alone only ever underrates.
READ: Final = 72


@cache
def words(language: str) -> tuple[str, ...]:
    """2048 of them, so that each is worth 11 bits; French for a language without a list."""
    name = language if language in LANGUAGES else "fr"
    return tuple((LISTS / f"{name}.txt").read_text(encoding="utf-8").split())


@sensitive_variables()
def offered(language: str) -> str:
    """Six words drawn at random: 66 bits."""
    return " ".join(secrets.choice(words(language)) for _ in range(WORDS))


@sensitive_variables()
def strength(passphrase: str, *own_words: str) -> float:
    """Guesses needed, as a power of ten. The estimator knows English words and leaked passwords; French ones are added here."""
    known = [*filter(None, own_words), "temoin", *words("fr")]
    guesses = zxcvbn(passphrase[:READ], user_inputs=known)["guesses"]
    return math.log10(max(guesses, 1))
