"""Small tables that others published, typed in as figures: protected, attacked, and compared with what can be worked out by hand.

The figures are those of `casework/vocabulary/series_points.csv`, with the sources named in `series.csv` beside it.
"""

import numpy as np
import pytest

from casework.disclosure import (
    BadTable,
    LinkedTables,
    TableSpec,
    audit,
    intervals,
    link,
    protect,
    rendered,
    verify,
)
from tests.disclosure_tables import alone, flat, leaks, one_table

# E4: Toronto police communications with CBSA by type, November 2014 to October 2015 (NOW Toronto, access to information):
# status checks, warrants, previously deported, database, photographs. Together 4 770.
E4 = [4254, 214, 103, 152, 47]
# E2: status checks by Montreal (first row) and Toronto police, 2018 to 2021.
E2 = np.array([[3010, 3135, 2015, 945], [2731, 2751, 1677, 2709]])
# E5: Vancouver police queries to CBSA, eight months to May 2019 (The Georgia Straight): of suspects, missing persons, victims.
# The total printed beside them is 183.
E5, E5_TOTAL = [159, 32, 1], 183


def kinds(counts: list[int]) -> LinkedTables:
    return link([flat("kind", len(counts))], [TableSpec(("kind",))], [np.array(counts)])


def test_what_has_no_small_count_is_published_as_it_is() -> None:
    tables = kinds(E4)
    assert tables.values[tables.total] == 4770
    assert not protect(tables).suppressed.any()


def test_one_small_type_takes_one_other_with_it() -> None:
    """With a threshold of fifty the 47 photographs are small: alone they are 4 770 less the rest."""
    tables = kinds(E4)
    protection = protect(tables, 50)
    assert protection.optimal
    assert protection.suppressed.sum() == 2
    assert leaks(tables, protection, 50) == []
    naive = audit(rendered(tables, (tables.values > 0) & (tables.values < 50)), 50)
    assert [(found.least, found.most) for found in naive.exact] == [(47, 47)]


def test_one_small_cell_of_two_by_four_takes_three_others_with_it() -> None:
    """The smallest pattern of a two-way table is a rectangle, and its intervals can be worked out by hand: what one corner
    gains its neighbours lose, and nobody can count fewer than one."""
    tables = one_table(E2)
    protection = protect(tables, 1_000, weight=np.where(tables.inner, 1.0, 10.0))
    assert protection.optimal
    assert verify(tables, protection.suppressed, protection.certificate, 1_000) == []
    rows, columns = np.nonzero(protection.suppressed[tables.of_table(tables.specs[0])].reshape(3, 5)[1:, 1:])
    assert sorted(set(rows)) == [0, 1]
    assert len(rows) == 4
    assert len(set(columns)) == 2
    corners = E2[:, sorted(set(columns))]
    down, up = int(min(corners[0, 0], corners[1, 1])) - 1, int(min(corners[0, 1], corners[1, 0])) - 1
    seen = intervals(rendered(tables, protection.suppressed))
    one, other = (
        {(int(c) - less, int(c) + more) for c in pair}
        for pair, less, more in (
            (corners.diagonal(), down, up),
            ((corners[0, 1], corners[1, 0]), up, down),
        )
    )
    assert set(seen.values()) == one | other


def test_the_one_victim_is_hidden_beside_one_other_kind() -> None:
    tables = kinds(E5)
    protection = protect(tables)
    assert protection.suppressed[3]
    assert protection.suppressed.sum() == 2
    assert not protection.suppressed[tables.total]
    assert leaks(tables, protection) == []
    small = (tables.values > 0) & (tables.values < 5)
    naive = audit(rendered(tables, small), insiders=alone(tables))
    assert [(found.least, found.most) for found in naive.exact] == [(1, 1)]


def test_kinds_that_do_not_add_up_to_their_printed_total_are_refused_by_name() -> None:
    with pytest.raises(BadTable, match="table kind does not add up"):
        link([flat("kind", 3)], [TableSpec(("kind",))], [np.array([E5_TOTAL, *E5])])
