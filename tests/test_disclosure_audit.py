"""The attacker, fed with what is printed."""

from typing import Any

import numpy as np
import pytest

from casework.disclosure import BadTable, TableSpec, audit, link, protect, rendered
from tests.disclosure_tables import flat, intervals_compared, one_table, skewed


def line(total: int | None, **values: int | None) -> dict[str, Any]:
    """A document with one table of one dimension."""
    categories = [{"code": code, "parent": "TOTAL"} for code in values]
    cells = [{"at": {"kind": code}, "value": value} for code, value in {"TOTAL": total, **values}.items()]
    return {
        "dimensions": [{"code": "kind", "categories": categories}],
        "tables": [{"dimensions": ["kind"], "cells": cells}],
    }


def test_published_zeros_give_two_ones_away() -> None:
    """15 = 10 + 3 + x + x: a reader of totals alone says 0 to 2, a reader of zeros says 1."""
    found = audit(line(15, a=10, b=3, c=None, d=None))
    assert len(found.exact) == 2
    assert all((finding.least, finding.most) == (1, 1) for finding in found.exact)


def test_a_cell_alone_in_its_line_is_computed() -> None:
    found = audit(line(20, a=17, b=None))
    assert [(f.where, f.least) for f in found.exact] == [("kind=b", 3)]


def test_a_cell_that_cannot_be_five_is_recognised() -> None:
    found = audit(line(15, a=10, b=None, c=None))
    assert not found.exact
    assert len(found.recognisable) == 2


def test_a_wide_interval_is_clean() -> None:
    assert audit(line(40, a=10, b=None, c=None)).clean


def test_what_one_table_prints_another_cannot_hide() -> None:
    """A column of shares, or a second rendering, that shows the count."""
    document = line(40, a=10, b=None, c=None)
    again = line(40, a=10, b=27, c=None)
    document["tables"] += again["tables"]
    assert [f.least for f in audit(document).exact] == [3]


def test_it_refuses_what_is_no_table() -> None:
    for broken in (
        line(20, a=17, b=1),
        line(5, a=9, b=None),
        line(20, a=-3, b=None),
        line(20, a=2.5, b=None),
    ):  # type: ignore[arg-type]
        with pytest.raises(BadTable):
            audit(broken)
    short = line(20, a=None, b=None)
    del short["tables"][0]["cells"][1]
    with pytest.raises(BadTable, match="leaves out"):
        audit(short)
    unknown = line(20, a=None, b=None)
    unknown["tables"][0]["cells"][1]["at"]["kind"] = "z"
    with pytest.raises(BadTable, match="does not declare"):
        audit(unknown)


def test_a_fact_with_several_values_is_yes_or_no_each() -> None:
    """40 counted, 38 with harm: two people are printed as having none."""
    document = line(40, harm=38)
    document["dimensions"][0]["additive"] = False
    assert [f.least for f in audit(document).exact] == [2]


def test_a_group_with_one_feasible_category_is_found() -> None:
    document = line(12, deported=12, released=0)
    document["dimensions"][0]["sensitive"] = True
    assert len(audit(document).group) == 1
    document = line(12, deported=None, released=None)
    document["dimensions"][0]["sensitive"] = True
    assert not audit(document).group


def test_the_only_person_in_a_cell_computes_its_neighbour() -> None:
    grid = np.array([[1, 1, 30], [20, 20, 20]])
    tables = one_table(grid)
    hidden = (tables.values < 5) & (tables.values > 0)
    row = tables.position["a0", "TOTAL"]
    hidden[row] = False
    document = rendered(tables, hidden)
    found = audit(document, insiders=[{"a": "a0", "b": "b0"}])
    assert found.insiders == 1
    assert found.exact or found.insider


@pytest.mark.parametrize("seed", range(25))
def test_intervals_are_those_that_enumeration_finds(seed: int) -> None:
    cells, wrong = intervals_compared(seed)
    assert cells
    assert not wrong


def test_it_finds_what_a_naive_release_gives_away() -> None:
    tables = skewed((6, 6), 120, 0)
    naive = (tables.values > 0) & (tables.values < 5)
    found = audit(rendered(tables, naive))
    assert found.recognisable or found.exact


def test_a_small_change_between_editions_is_computed() -> None:
    before, after = line(40, a=10, b=None, c=None), line(43, a=13, b=None, c=None)
    found = audit([before, after])
    assert {f.where for f in found.changes} == {"TOTAL", "kind=a"}
    assert not found.withdrawals


def test_a_withdrawal_between_editions_is_proven() -> None:
    found = audit([line(40, a=10, b=None, c=None), line(38, a=10, b=None, c=None)])
    assert [f.where for f in found.withdrawals] == ["TOTAL"]


def test_large_changes_and_none_are_clean() -> None:
    before = line(40, a=10, b=None, c=None)
    assert audit([before, line(60, a=20, b=None, c=None)]).clean
    assert audit([before, before]).clean


def test_a_zero_hidden_for_a_group_does_not_confuse_the_attacker() -> None:
    dimensions = [flat("year", 3), flat("outcome", 3, sensitive=True)]
    grid = np.array([[12, 0, 0], [20, 30, 11], [9, 6, 25]])
    tables = link(dimensions, [TableSpec(("year", "outcome"))], [grid])
    assert audit(rendered(tables, protect(tables).suppressed)).clean
