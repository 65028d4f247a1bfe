"""What is drawn from a published document: nothing that its figures do not say."""

import uuid

import pytest

from casework import documents, vocabulary
from casework.beforeafter import windows
from casework.charts import Trend, chart
from casework.documents import Cell, Document, Table
from casework.funnel import funnel
from casework.tilemap import BOROUGHS, CITIES, tile_map
from casework.vocabulary.declarations import declarations
from tests.release_pages import words


def a_document(
    *tables: dict[tuple[str, str], int | None], period: tuple[str, str] = ("2014-01", "2021-12")
) -> Document:
    """Tables of one dimension: {(dimension, category): figure}."""
    dimensions, made = {}, []
    for table in tables:
        [code] = {code for code, _category in table}
        categories = [documents.Category(c, words(c)) for _code, c in table if c != "TOTAL"]
        dimensions[code] = documents.Dimension(code, words(code), categories, additive=code != "outcome")
        cells = [Cell({code: category}, value) for (_code, category), value in table.items()]
        made.append(Table(words(code), [code], cells))
    return Document(
        documents.SCHEMA, uuid.uuid4(), 1, None, words("t"), "person", None, documents.Months(*period), 5, words("m"),
        list(dimensions.values()), made, documents.Audit(0, 0, 0),
    )  # fmt: skip


HELD = {("held", "YES"): 30, ("held", "NO"): 20, ("held", "TOTAL"): 50}
CBSA = {
    ("cbsa_involvement", c): v
    for c, v in {"NONE": 10, "PHONE_ONLY": 25, "PICKUP_STN": 9, "UNK": 6, "TOTAL": 50}.items()
}
OUTCOME = {
    ("outcome", c): v for c, v in {"HANDED_OVER": 12, "DETAINED": None, "REMOVED": 7, "TOTAL": 50}.items()
}


def test_the_funnel_has_its_denominator_at_each_step() -> None:
    stages = {stage.label: stage for stage in funnel(a_document(HELD, CBSA, OUTCOME), "en")}
    assert stages["CBSA contacted"].value == 34
    assert stages["Held"].value == 30
    assert stages["Removed"].value == 7
    assert {stage.of for stage in stages.values()} == {50}


def test_a_step_with_a_suppressed_part_is_suppressed() -> None:
    hidden = {**CBSA, ("cbsa_involvement", "PICKUP_STN"): None}
    stages = {stage.label: stage.value for stage in funnel(a_document(HELD, hidden, OUTCOME), "fr")}
    assert stages["ASFC contactée"] is None
    assert stages["Détenues"] is None


def test_without_all_its_facts_there_is_no_funnel() -> None:
    assert funnel(a_document(HELD, CBSA), "en") == []


def years(**changes: int | None) -> dict[tuple[str, str], int | None]:
    found: dict[tuple[str, str], int | None] = {("year", str(y)): 10 + y % 10 for y in range(2014, 2022)}
    found |= {("year", year.removeprefix("y")): value for year, value in changes.items()}
    return found | {("year", "TOTAL"): 120}


def test_before_and_after_have_windows_of_the_same_length() -> None:
    [declared, *_rest] = windows(a_document(years()))
    assert (declared.declaration.code, declared.years) == ("MONTREAL_2017", 3)
    assert (declared.before, declared.after) == ((2014, 2016), (2018, 2020))
    assert (declared.count_before, declared.count_after) == (14 + 15 + 16, 18 + 19 + 10)


def test_a_window_with_a_suppressed_year_has_no_sum() -> None:
    [declared, *_rest] = windows(a_document(years(y2015=None)))
    assert (declared.count_before, declared.count_after) == (None, 47)


def test_a_half_year_is_in_no_window() -> None:
    [declared, *_rest] = windows(a_document(years(), period=("2014-07", "2019-06")))
    assert (declared.before, declared.after) == ((2016, 2016), (2018, 2018))


def test_declarations_are_marked_in_their_column() -> None:
    drawn = chart(a_document(years()), a_document(years()).tables[0], "fr")
    assert isinstance(drawn, Trend)
    mark = next(m for m in drawn.marks if m.month == "2017-02")
    column = drawn.columns[3]
    assert column.label.startswith("2017")
    assert column.x - 10 < mark.x < column.x + column.width + 10
    assert [m.number for m in drawn.marks] == list(range(1, len(drawn.marks) + 1))
    badges = [m.badge for m in drawn.marks]
    assert all(after - before >= 18 for before, after in zip(badges[:-1], badges[1:], strict=True))


def test_declarations_know_their_cities_and_say_both_languages() -> None:
    for one in declarations():
        assert one.city in vocabulary.codes("city")
        assert one.label_en and one.label_fr and one.source
    assert {"2017-02", "2019-06"} <= {one.month for one in declarations() if one.city == "MONTREAL"}


def test_every_borough_and_every_city_of_the_island_has_a_tile_of_its_own() -> None:
    assert set(BOROUGHS) == set(vocabulary.codes("borough")) - {"UNK"}
    assert len(CITIES) == 15
    assert set(CITIES) <= set(vocabulary.codes("city"))
    places = [(column, row) for column, row, _short in (*BOROUGHS.values(), *CITIES.values())]
    assert len(set(places)) == len(places) == 34


@pytest.mark.parametrize("hidden", [1, 4])
def test_the_colour_of_a_suppressed_tile_says_nothing(hidden: int) -> None:
    table = {("borough", "VERDUN"): None, ("borough", "LACHINE"): 40, ("borough", "TOTAL"): 40 + hidden}
    document = a_document(table)
    drawn = tile_map(document, document.tables[0], "fr")
    assert drawn is not None
    tiles = {tile.short: tile for tile in drawn.tiles}
    assert (tiles["Verdun"].value, tiles["Verdun"].shade) == (None, 0)
    assert tiles["Lachine"].shade == 4
    assert not tiles["Westmount"].counted


def test_a_table_without_places_has_no_map() -> None:
    document = a_document(HELD)
    assert tile_map(document, document.tables[0], "en") is None
