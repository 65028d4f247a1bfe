"""Counting and linking."""

import numpy as np
import pytest

from casework.disclosure import NOT_RECORDED, BadTable, Category, Dimension, TableSpec, build, link
from tests.disclosure_tables import any_tables, flat, one_table, tree


def test_a_cell_that_two_tables_share_is_one_cell() -> None:
    columns = {"a": np.array([0, 1, 1]), "b": np.array([0, 0, 1]), "c": np.array([1, 1, 1])}
    tables = build(
        [flat("a", 2), flat("b", 2), flat("c", 2)], [TableSpec(("a", "b")), TableSpec(("b", "c"))], columns
    )
    assert len(set(tables.cells)) == len(tables.cells) == 9 + 9 - 3
    assert tables.values[tables.position["TOTAL", "b0", "TOTAL"]] == 2


@pytest.mark.parametrize("seed", range(12))
def test_every_parent_is_the_sum_of_its_children(seed: int) -> None:
    tables = any_tables(seed)
    assert not (tables.matrix @ tables.values).any()
    assert (tables.non_zero_inner_below <= tables.values).all()
    assert ((tables.non_zero_inner_below == 0) == (tables.values == 0)).all()


def test_it_counts_up_a_hierarchy() -> None:
    tables = build([tree("a", 4)], [TableSpec(("a",))], {"a": np.array([0, 0, 1, 3])})
    assert [
        int(tables.values[tables.position[(code,)]]) for code in ("TOTAL", "a-north", "a-south", "a0")
    ] == [4, 3, 1, 2]


def test_a_record_without_a_value_stays_in_the_total_and_in_a_category_of_its_own() -> None:
    tables = build([flat("a", 2)], [TableSpec(("a",))], {"a": np.array([0, -1, -1, 1])})
    assert tables.values[tables.total] == 4
    assert tables.values[tables.position[(NOT_RECORDED,)]] == 2


def test_a_million_records_are_counted_without_a_loop() -> None:
    chance = np.random.default_rng(0)
    columns = {code: chance.integers(0, 5, 1_000_000) for code in "ab"}
    tables = build([flat("a", 5), flat("b", 5)], [TableSpec(("a", "b"))], columns)
    assert tables.values[tables.total] == 1_000_000


def test_the_last_dimension_of_a_table_runs_fastest() -> None:
    tables = one_table(np.array([[1, 2], [3, 4]]))
    spec = tables.specs[0]
    assert tables.at(int(tables.of_table(spec)[1]), spec) == {"a": "TOTAL", "b": "b0"}


REFUSED = {
    "negative": ([[1, -1], [2, 3]], "negative"),
    "not whole": ([[1, 0.5], [2, 3]], "whole"),
    "no number": ([[1, np.nan], [2, 3]], "whole"),
    "endless": ([[1, np.inf], [2, 3]], "above"),
    "wrong shape": ([[1, 2, 3, 4]], "shape"),
    "not additive": ([[9, 3, 3], [4, 1, 2], [3, 2, 2]], "add up"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses_by_name(name: str) -> None:
    grid, message = REFUSED[name]
    with pytest.raises(BadTable, match=message):
        link([flat("a", 2), flat("b", 2)], [TableSpec(("a", "b"))], [np.array(grid)])


def test_it_refuses_two_tables_that_disagree() -> None:
    grids = [np.array([[3, 1], [1, 1]]), np.array([4, 3])]
    with pytest.raises(BadTable, match="different counts"):
        link([flat("a", 2), flat("b", 2)], [TableSpec(("a", "b")), TableSpec(("a",))], grids)


def test_it_refuses_an_unknown_category_and_an_unknown_dimension() -> None:
    with pytest.raises(BadTable, match="unknown category"):
        build([flat("a", 2)], [TableSpec(("a",))], {"a": np.array([0, 2])})
    with pytest.raises(BadTable, match="unknown category X"):
        flat("a", 2).encode(["a0", "X"])
    with pytest.raises(BadTable, match="unknown dimension b"):
        build([flat("a", 2)], [TableSpec(("b",))], {"a": np.array([0])})


BROKEN = {
    "several values": (Dimension("a", (Category("x"),), additive=False), "several values"),
    "no category": (Dimension("a", ()), "no category"),
    "a category twice": (Dimension("a", (Category("x"), Category("x"))), "twice"),
    "an unknown parent": (Dimension("a", (Category("x", "y"),)), "unknown parent"),
    "a circle": (Dimension("a", (Category("x", "y"), Category("y", "x"))), "ancestor"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_it_refuses_a_dimension_with(name: str) -> None:
    dimension, message = BROKEN[name]
    with pytest.raises(BadTable, match=message):
        build([dimension], [TableSpec(("a",))], {"a": np.array([0])})
