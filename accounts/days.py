"""Days in words. Django writes « 1 mai » in French, where everybody says and writes « 1er mai »."""

import re
from typing import Any

from django.utils import formats
from django.utils.translation import get_language

FIRST = re.compile(r"^1 (?=[^\W\d])")


def date_format(value: Any, form: str = "DATE_FORMAT") -> str:
    return in_french(formats.date_format(value, form))


def in_french(day: str) -> str:
    """The first of a month, if the page is in French; everything else as it is."""
    return FIRST.sub("1er ", day) if (get_language() or "").startswith("fr") else day
