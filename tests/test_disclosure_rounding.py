"""Very sparse tables: multiples of five that add up, and tell nobody's count."""

import numpy as np
import pytest

from casework.disclosure import BadTable, Unprotectable, audit, printed, round_counts
from tests.disclosure_tables import alone, any_tables, one_table, skewed


@pytest.mark.parametrize("seed", range(20))
def test_rounded_figures_add_up_and_stay_near_and_tell_nothing(seed: int) -> None:
    tables = any_tables(seed, largest=5)
    try:
        rounded = round_counts(tables, time_budget=10)
    except Unprotectable:
        return
    assert not (rounded.values % 5).any()
    assert not (tables.matrix @ rounded.values).any()
    assert (np.abs(rounded.values - tables.values) < rounded.within).all()
    assert audit(printed(tables, rounded), insiders=alone(tables)).clean


def test_most_very_sparse_tables_can_be_rounded() -> None:
    done = 0
    for seed in range(10):
        try:
            done += bool(round_counts(skewed((8, 10), 90, seed), time_budget=10).base)
        except Unprotectable:
            continue
    assert done >= 8


def test_a_two_way_table_moves_no_count_further_than_to_its_neighbours() -> None:
    tables = skewed((6, 9), 120, 4)
    rounded = round_counts(tables)
    assert rounded.within == 5
    stay = tables.values % 5 == 0
    assert (rounded.values[stay] == tables.values[stay]).all()


def test_the_attack_sees_through_a_rounding_that_does_not_hide() -> None:
    """Fifteen parts rounded up to five each, under a total of fifteen rounded to fifteen: whoever believes it, computes."""
    document = {
        "rounding": {"base": 5, "within": 5},
        "dimensions": [
            {"code": "a", "categories": [{"code": "x", "parent": "TOTAL"}, {"code": "y", "parent": "TOTAL"}]}
        ],
        "tables": [
            {
                "dimensions": ["a"],
                "cells": [
                    {"at": {"a": "x"}, "value": 5},
                    {"at": {"a": "y"}, "value": 5},
                    {"at": {"a": "TOTAL"}, "value": 0},
                ],
            }
        ],
    }
    found = audit(document)
    assert [(finding.least, finding.most) for finding in found.recognisable] != []


def test_what_cannot_be_rounded_is_refused_by_name() -> None:
    tables = one_table(np.array([[9, 1], [2, 8]]))
    with pytest.raises(BadTable, match="base"):
        round_counts(tables, base=2)
    with pytest.raises(Unprotectable, match="total"):
        round_counts(one_table(np.array([[1, 2]])))


def test_a_figure_that_is_no_multiple_is_refused_by_name() -> None:
    tables = skewed((3, 3), 60, 1)
    document = printed(tables, round_counts(tables))
    document["tables"][0]["cells"][0]["value"] += 1
    with pytest.raises(BadTable, match="multiple"):
        audit(document)
