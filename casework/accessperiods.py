"""By when a public body must answer a request for access to information. Pure arithmetic over days: `docs/follow-up.md` says
what is counted and what to check.
"""

import datetime as dt
from functools import cache
from typing import Final

DAY: Final = dt.timedelta(days=1)
CALENDAR_DAYS: Final = {"QC": 20, "FEDERAL": 30, "ON": 30}
EXTENSION: Final = {"QC": 10}
BUSINESS_DAYS: Final = {"BC": 30}
BODIES: Final = ("QC", "FEDERAL", "ON", "BC")


def access_due(body: str, received_on: dt.date, *, extended: bool = False) -> dt.date:
    """The day by which the body must have answered. KeyError for a body whose law is not known here, ValueError for more time
    where the law leaves its length to the body: then the day it named is what counts."""
    if extended and body not in EXTENSION:
        raise ValueError("no fixed extension")
    if body in BUSINESS_DAYS:
        return _after_business_days(received_on, BUSINESS_DAYS[body])
    days = CALENDAR_DAYS[body] + (EXTENSION[body] if extended else 0)
    return received_on + DAY * days


def _after_business_days(day: dt.date, number: int) -> dt.date:
    while number:
        day += DAY
        number -= is_business_day(day)
    return day


def is_business_day(day: dt.date) -> bool:
    return day.weekday() < 5 and day not in holidays(day.year)


@cache
def holidays(year: int) -> frozenset[dt.date]:
    """Statutory holidays of British Columbia. One that falls on a Sunday is kept on the Monday."""
    days = [dt.date(year, month, day) for month, day in ((1, 1), (7, 1), (11, 11), (12, 25))]
    days += [dt.date(year, 9, 30)] if year >= 2023 else []
    kept = [day + DAY if day.weekday() == 6 else day for day in days]
    easter = easter_sunday(year)
    kept += [easter - 2 * DAY, easter + DAY, _monday_before(dt.date(year, 5, 25))]
    kept += [
        _nth_monday(year, 2, 3),
        _nth_monday(year, 8, 1),
        _nth_monday(year, 9, 1),
        _nth_monday(year, 10, 2),
    ]
    return frozenset(kept)


def _nth_monday(year: int, month: int, number: int) -> dt.date:
    first = dt.date(year, month, 1)
    return first + DAY * (-first.weekday() % 7 + 7 * (number - 1))


def _monday_before(day: dt.date) -> dt.date:
    return day - DAY * ((day.weekday() - 1) % 7 + 1)


def easter_sunday(year: int) -> dt.date:
    """The anonymous Gregorian rule (Meeus, Astronomical Algorithms, chapter 8)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    letter = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * letter) // 451
    month, day = divmod(h + letter - 7 * m + 114, 31)
    return dt.date(year, month, day + 1)
