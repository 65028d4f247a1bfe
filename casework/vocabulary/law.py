"""The legal hook of each link of the chain: what the law says, in the words a page can show. Not advice; what is in dispute
says so; and what cities have promised about their services.

One row per step and province; the row without a province serves everywhere else.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache

from casework.vocabulary import ancestors, rows


@dataclass(frozen=True)
class Hook:
    cite_en: str
    cite_fr: str
    text_en: str
    text_fr: str

    def cite(self, language: str) -> str:
        return self.cite_fr if language.startswith("fr") else self.cite_en

    def text(self, language: str) -> str:
        return self.text_fr if language.startswith("fr") else self.text_en


@cache
def _hooks() -> dict[tuple[str, str], Hook]:
    return {
        (row["step"], row["province"]): Hook(row["cite_en"], row["cite_fr"], row["text_en"], row["text_fr"])
        for row in rows("law")
    }


def hook(step: str, city: str = "") -> Hook | None:
    """That of the province the city lies in, else that of the whole country."""
    province = dict(ancestors("city", city)).get("province", "") if city else ""
    return _hooks().get((step, province)) or _hooks().get((step, ""))


@cache
def _commitments() -> dict[str, tuple[dt.date, Hook]]:
    return {
        row["city"]: (
            dt.date.fromisoformat(row["since"]),
            Hook(row["cite_en"], row["cite_fr"], row["text_en"], row["text_fr"]),
        )
        for row in rows("commitments")
    }


def commitment(city: str, on: dt.date | None) -> Hook | None:
    """What the city had promised by that day; without a day, what it has promised."""
    since, promised = _commitments().get(city, (dt.date.max, None))
    return promised if on is None or since <= on else None
