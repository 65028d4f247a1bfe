"""The text that is read aloud before anybody is asked for consent, in five languages: version 1, which comes with the program.

A consent records the version it was given under, so a version is never edited: changing a word makes a new version, which
`casework.wordings` keeps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from casework.vocabulary import rows

LANGUAGES: Final = ("fr", "en", "es", "ht", "ar")
NATIVE_NAMES: Final = {
    "fr": "Français",
    "en": "English",
    "es": "Español",
    "ht": "Kreyòl ayisyen",
    "ar": "العربية",
}
RIGHT_TO_LEFT: Final = frozenset({"ar"})
FIRST: Final = "1"


@dataclass(frozen=True)
class Passage:
    """`kind` is `intro`, `purpose` or `closing`; `code` is the purpose's code for a purpose; `texts` has every language."""

    kind: str
    code: str
    texts: Mapping[str, str]

    def text(self, language: str) -> str:
        """English for a language nobody has written the text in: an interpreter reads from there."""
        return self.texts.get(language[:2]) or self.texts["en"]


@cache
def first_script() -> tuple[Passage, ...]:
    """The whole text in reading order."""
    return tuple(
        Passage(row["kind"], row["code"], {language: row[f"text_{language}"] for language in LANGUAGES})
        for row in rows("wording")
        if row["version"] == FIRST
    )
