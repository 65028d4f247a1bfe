"""Figures of others: what the sources print, what may be computed from it to the last digit, and what is left as printed."""

from decimal import Decimal

import pytest

from casework import outside
from casework.vocabulary import series


def notes(code: str, language: str) -> list[str]:
    return [words[language] for words in outside.shown(series.series(code)).notes]


def test_toronto_by_type_is_reproduced_to_the_last_digit() -> None:
    e4 = series.series("E4")
    assert outside.total(e4) == 4770
    shares = [outside.share(point.value, 4770) for point in e4.points]
    assert shares == [Decimal(text) for text in ("89.2", "4.5", "2.2", "3.2", "1.0")]
    assert outside.weekly(e4) == Decimal("91.7")
    assert notes("E4", "en")[:2] == [
        "Together 4,770, a sum computed here; 91.7 a week.",
        "Status checks: 89.2%",
    ]
    assert notes("E4", "fr")[0] == "En tout 4\u00a0770, somme calculée ici\u00a0; 91,7 par semaine."


def test_the_changes_from_year_to_year_are_those_computed_by_hand() -> None:
    assert notes("E1", "en") == [
        "Montreal police (SPVM), 2015–2016: +9.1%",
        "Montreal police (SPVM), 2016–2017: +25.6%",
        "Toronto Police Service, 2016–2017: −31.2%",
    ]
    assert [line.split(": ")[1] for line in notes("E2", "en")] == [
        "+4.2%", "+0.7%", "−35.7%", "−39.0%", "−53.1%", "+61.5%",
    ]  # fmt: skip
    assert notes("E1", "fr")[2].endswith("2016–2017\u00a0: −31,2\u00a0%")


def test_parts_that_do_not_add_up_are_shown_as_printed_with_a_warning() -> None:
    e5 = outside.shown(series.series("E5"))
    assert [point.value for point in e5.points] == [183, 159, 32, 1]
    assert [words["en"] for words in e5.warnings] == [
        "The parts printed add up to 192, and the total printed is 183. Left as printed."
    ]
    assert "192" in e5.warnings[0]["fr"] and "183" in e5.warnings[0]["fr"]
    assert e5.notes == []


@pytest.mark.parametrize("code", [one.code for one in series.all_series() if one.code != "E5"])
def test_nothing_else_is_warned_of(code: str) -> None:
    assert outside.shown(series.series(code)).warnings == []


def test_a_series_has_one_unit_and_quarters_that_overlap_are_never_added_or_compared() -> None:
    assert {one.code for one in series.all_series()} == {
        "E1", "E2", "E2b", "E3", "E4", "E4b", "E5", "E5b", "E6", "E6b", "E6c", "E7",
    }  # fmt: skip
    assert series.series("E5").unit_en != series.series("E5b").unit_en
    assert notes("E7", "en") == [] and len(series.series("E7").points) == 18


def test_a_gap_between_two_periods_is_not_bridged() -> None:
    assert not any(
        "2021–2023" in line or "2017–2018" in line
        for one in series.all_series()
        for line in notes(one.code, "en")
    )
