"""Figures of others, as a release shows them beside its own: what each is, what may be computed from it, and where it contradicts
itself. Never added to ours, never to each other. Pure: no Django.

What is printed is left as printed: whoever corrects another's figure publishes a figure nobody has counted.
"""

import datetime as dt
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

import msgspec

from casework import vocabulary
from casework.vocabulary import series
from casework.vocabulary.series import Point, Series

Words = dict[str, str]
LANGUAGES: Final = ("en", "fr")
TENTH: Final = Decimal("0.1")


class OutsidePoint(msgspec.Struct, forbid_unknown_fields=True):
    """`short`: the service in a few letters."""

    short: str
    service: Words
    measure: Words
    start: dt.date
    end: dt.date
    value: int


class OutsideSeries(msgspec.Struct, forbid_unknown_fields=True):
    """`notes`: what was computed from the points. `warnings`: where they contradict each other. Both as sentences to print."""

    code: str
    title: Words
    unit: Words
    definition: Words
    source: str
    points: list[OutsidePoint]
    notes: list[Words] = []
    warnings: list[Words] = []


def chosen(codes: list[str]) -> list[OutsideSeries]:
    """KeyError for a series that does not exist."""
    return [shown(series.series(code)) for code in codes]


def shown(one: Series) -> OutsideSeries:
    return OutsideSeries(
        one.code,
        {"en": one.title_en, "fr": one.title_fr},
        {"en": one.unit_en, "fr": one.unit_fr},
        {"en": one.definition_en, "fr": one.definition_fr},
        one.source,
        [
            OutsidePoint(
                p.service,
                _words("series_service", p.service),
                _words("series_measure", p.measure),
                p.period_start,
                p.period_end,
                p.value,
            )
            for p in one.points
        ],
        list(_notes(one)),
        list(_warnings(one)),
    )


def _words(name: str, code: str) -> Words:
    term = vocabulary.term(name, code)
    return {"en": term.en, "fr": term.fr}


# What may be computed


def _notes(one: Series) -> Iterator[Words]:
    if one.derived == "CHANGES":
        yield from (_change_words(before, after) for before, after in _pairs(one.points))
    if one.derived == "SHARES":
        yield from _share_words(one)


def _pairs(points: tuple[Point, ...]) -> Iterator[tuple[Point, Point]]:
    """Of one service and one measure, each period and the one right after it. A gap is not bridged."""
    for before in points:
        for after in points:
            same = (before.service, before.measure) == (after.service, after.measure)
            if same and after.period_start == before.period_end + dt.timedelta(days=1):
                yield before, after


def change(before: int, after: int) -> Decimal:
    """In percent, to one decimal."""
    return _tenth(Decimal(100 * (after - before)) / before)


def share(part: int, whole: int) -> Decimal:
    return _tenth(Decimal(100 * part) / whole)


def weekly(one: Series) -> Decimal:
    """The sum over the whole weeks of the period."""
    first = one.points[0]
    weeks = ((first.period_end - first.period_start).days + 1) // 7
    return _tenth(Decimal(total(one)) / weeks)


def total(one: Series) -> int:
    return sum(point.value for point in one.points)


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(TENTH, ROUND_HALF_UP)


def _change_words(before: Point, after: Point) -> Words:
    years = f"{before.period_start.year}–{after.period_start.year}"
    by = change(before.value, after.value)
    sign = "−" if by < 0 else "+"
    return {
        language: f"{_words('series_service', after.service)[language]}, {years}{colon} {sign}{_number(abs(by), language)}"
        for language, colon in (("en", ":"), ("fr", "\u00a0:"))
    }


def _share_words(one: Series) -> Iterator[Words]:
    whole = total(one)
    yield {
        "en": f"Together {whole:,}, a sum computed here; {weekly(one)} a week.",
        "fr": f"En tout {_thousands(whole)}, somme calculée ici\u00a0; {_comma(weekly(one))} par semaine.",
    }
    for point in one.points:
        words, part = _words("series_measure", point.measure), share(point.value, whole)
        yield {
            "en": f"{words['en']}: {_number(part, 'en')}",
            "fr": f"{words['fr']}\u00a0: {_number(part, 'fr')}",
        }


def _number(percent: Decimal, language: str) -> str:
    return f"{percent}%" if language == "en" else f"{_comma(percent)}\u00a0%"


def _comma(number: Decimal) -> str:
    return str(number).replace(".", ",")


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", "\u00a0")


# Where the source contradicts itself


def _warnings(one: Series) -> Iterator[Words]:
    """Left as printed; the reader is told."""
    for whole in one.points:
        parts = sum(p.value for p in one.points if p.whole == whole.measure and p.service == whole.service)
        if parts and parts != whole.value:
            yield {
                "en": f"The parts printed add up to {parts}, and the total printed is {whole.value}. Left as printed.",
                "fr": f"Les parties imprimées totalisent {parts}, et le total imprimé est {whole.value}. Laissé tel quel.",
            }
