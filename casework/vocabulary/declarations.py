"""What cities declared and decided, as dates to read a trend beside. No cause is claimed."""

from dataclasses import dataclass
from functools import cache

from casework.vocabulary import rows


@dataclass(frozen=True)
class Declaration:
    """`month` is `2017-02`, or `2018` where only the year is known."""

    code: str
    city: str
    month: str
    label_en: str
    label_fr: str
    source: str

    def label(self, language: str) -> str:
        return self.label_fr if language.startswith("fr") else self.label_en

    @property
    def year(self) -> int:
        return int(self.month[:4])

    @property
    def quarter(self) -> int | None:
        return (int(self.month[5:]) + 2) // 3 if self.month[5:] else None

    @property
    def share_of_year(self) -> float:
        """How far into its year it lies; the middle when only the year is known."""
        return (int(self.month[5:]) - 0.5) / 12 if self.month[5:] else 0.5


@cache
def declarations() -> tuple[Declaration, ...]:
    return tuple(Declaration(**row) for row in rows("declarations"))
