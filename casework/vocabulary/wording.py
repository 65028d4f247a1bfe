"""The text that is read aloud before anybody is asked for consent, by version and language.

A consent records the version it was given under, so a version is never edited once used: changing a word makes a new version.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

from casework.vocabulary import rows

CURRENT: Final = "1"


@dataclass(frozen=True)
class Passage:
    """`kind` is `intro`, `purpose` or `closing`; `code` is the purpose's code for a purpose."""

    kind: str
    code: str
    en: str
    fr: str

    def text(self, language: str) -> str:
        return self.fr if language.startswith("fr") else self.en


@cache
def script(version: str = CURRENT) -> tuple[Passage, ...]:
    """The whole text in reading order. Empty for a version that does not exist."""
    return tuple(
        Passage(row["kind"], row["code"], row["text_en"], row["text_fr"])
        for row in rows("wording")
        if row["version"] == version
    )


def question(purpose: str, language: str, version: str = CURRENT) -> str:
    """The question asked for one purpose. KeyError when that version does not ask for it."""
    asked = {p.code: p for p in script(version) if p.kind == "purpose"}
    return asked[purpose].text(language)
