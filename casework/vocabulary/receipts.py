"""What the receipt says, whole, in each of its five languages. Apart from the catalogue of the site, which knows two of them."""

import datetime as dt
from functools import cache

from casework.vocabulary import rows
from casework.vocabulary.wording import LANGUAGES


@cache
def words(language: str) -> dict[str, str]:
    """KeyError for a language the receipt is not written in."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return {row["code"]: row[language] for row in rows("receipt")}


def say(language: str, code: str, **values: object) -> str:
    return words(language)[code].format(**values)


def date_in(language: str, day: dt.date) -> str:
    """In words, so that nobody has to guess which number is the month."""
    month = words(language)["months"].split("/")[day.month - 1]
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    return say(language, "date", day=number, month=month, year=day.year)
