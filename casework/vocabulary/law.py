"""The legal hook of each link of the chain: what the law says, in the words a page can show. Not advice; what is in dispute
says so.

One row per step and province; the row without a province serves everywhere else.
"""

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
