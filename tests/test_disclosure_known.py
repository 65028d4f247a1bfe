"""Totals that others publish about the same people are part of what an attacker knows."""

import numpy as np
import pytest

from casework.disclosure import BadTable, LinkedTables, Unprotectable, audit, protect, rendered
from tests.disclosure_tables import any_tables, at, flat, leaks, one_table


def some_known(tables: LinkedTables, seed: int) -> np.ndarray:
    """Margins, as annual reports print them, and an inner cell at times."""
    chance = np.random.default_rng(seed)
    crossed = (tables.nodes != 0).sum(axis=1)
    return (tables.values > 0) & (chance.random(tables.values.size) < np.where(crossed < 2, 0.3, 0.05))


@pytest.mark.parametrize("seed", range(25))
def test_whoever_knows_totals_from_elsewhere_learns_nothing_more(seed: int) -> None:
    tables = any_tables(seed, largest=4)
    known = some_known(tables, seed)
    try:
        protection = protect(tables, known=known, time_budget=20)
    except Unprotectable:
        return
    assert leaks(tables, protection, known=known) == []


def test_a_release_that_did_not_reckon_with_them_gives_cells_away() -> None:
    """So the attack above can fail."""
    found = 0
    for seed in range(25):
        tables = any_tables(seed, largest=4)
        protection = protect(tables, time_budget=20)
        known = some_known(tables, seed) & protection.suppressed
        found += bool(leaks(tables, protection, known=known))
    assert found > 3


def test_a_small_count_that_others_publish_is_not_repeated() -> None:
    tables = one_table(np.array([[9, 8, 7], [6, 2, 9], [8, 7, 6]]))
    known = tables.values == 2
    protection = protect(tables, known=known)
    assert protection.suppressed[known].all()
    assert protection.suppressed.sum() == 1, "nothing else needs to hide it"


def test_what_others_publish_and_contradicts_the_release_is_refused_by_name() -> None:
    tables = one_table(np.array([[9, 8], [6, 9]]))
    document = rendered(tables, protect(tables).suppressed)
    with pytest.raises(BadTable, match="different counts"):
        audit(document, known=[({"a": "a0"}, 16)])
    assert audit(document, known=[({"a": "a0"}, 17), ({"z": "z9"}, 3)]).clean


def test_a_zero_that_others_publish_and_a_group_needs_hidden_cannot_be_protected() -> None:
    from casework.disclosure import TableSpec, link

    grid = np.array([[9, 0], [8, 7]])
    tables = link([flat("a", 2), flat("b", 2, sensitive=True)], [TableSpec(("a", "b"))], [grid])
    with pytest.raises(Unprotectable, match="zero"):
        protect(tables, known=tables.values == 0)
    assert at(tables, int(np.flatnonzero(tables.values == 0)[0])) == {"a": "a0", "b": "b1"}
