"""Suppressions: as few as possible, and enough."""

import numpy as np
import pytest

from casework.disclosure import BadTable, Cancelled, Reason, TableSpec, build, link, protect
from tests.disclosure_tables import any_tables, flat, leaks, one_table, optimum_differs, skewed


@pytest.mark.parametrize("seed", range(40))
def test_the_optimum_is_the_one_that_enumeration_finds(seed: int) -> None:
    assert optimum_differs(seed) is None


@pytest.mark.parametrize("seed", range(30))
def test_an_attacker_finds_nothing_in_random_linked_tables(seed: int) -> None:
    tables = any_tables(seed, largest=4)
    protection = protect(tables, time_budget=20)
    assert leaks(tables, protection) == []


@pytest.mark.parametrize(("seed", "best"), [(0, 6), (1, 7), (2, 11), (3, 15), (4, 9)])
def test_the_optimum_of_twelve_by_twenty_is_known(seed: int, best: int) -> None:
    tables = skewed((12, 20), 600, seed)
    protection = protect(tables)
    small = (tables.values > 0) & (tables.values < 5)
    assert (protection.suppressed & ~small).sum() == best
    assert protection.optimal
    assert protection.gap == 0


def test_the_same_table_gives_the_same_bytes() -> None:
    first, second = (protect(skewed((6, 8), 150, 3)) for _ in range(2))
    assert (first.suppressed == second.suppressed).all()
    assert first.certificate.to_bytes() == second.certificate.to_bytes()


def test_zeros_and_large_counts_are_published_and_small_ones_never() -> None:
    tables = skewed((8, 8), 300, 1)
    protection = protect(tables)
    small = (tables.values > 0) & (tables.values < 5)
    assert protection.suppressed[small].all()
    assert not protection.suppressed[tables.values == 0].any()
    assert set(protection.reason[small]) == {Reason.PRIMARY}
    assert Reason.PUBLISHED not in set(protection.reason[protection.suppressed])
    assert set(protection.reason[~protection.suppressed]) == {Reason.PUBLISHED}


def test_a_total_below_the_threshold_publishes_nothing() -> None:
    protection = protect(one_table(np.array([[1, 0], [0, 3]])))
    assert protection.nothing
    assert protection.suppressed.all()


DEGENERATE = {
    "empty": np.zeros((3, 3), dtype=int),
    "one record": np.array([[1, 0], [0, 0]]),
    "all sensitive": np.full((3, 4), 2),
    "all ones": np.ones((4, 4), dtype=int),
    "one category": np.array([[12]]),
    "one row": np.array([[3, 9, 20]]),
    "one full cell": np.array([[30, 0], [0, 0]]),
    "a diagonal": np.diag([1, 7, 2, 9]),
    "nothing small": np.array([[10, 20], [30, 40]]),
    "two ones": np.array([[1, 1], [20, 30]]),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_it_protects(name: str) -> None:
    tables = one_table(DEGENERATE[name])
    assert leaks(tables, protect(tables)) == []


def test_nothing_small_suppresses_nothing() -> None:
    assert not protect(one_table(DEGENERATE["nothing small"])).suppressed.any()


def test_the_insider_of_one_cell_cannot_compute_the_other() -> None:
    """Two cells of one in a column of two: each of the two persons would know the other's."""
    tables = one_table(np.array([[1, 10, 9], [1, 12, 30], [8, 9, 10]]))
    assert leaks(tables, protect(tables)) == []


def group_of_one_kind(people: int) -> np.ndarray:
    return np.array([[people, 0, 0], [20, 30, 11], [9, 6, 25]])


@pytest.mark.parametrize("people", [1, 3, 5, 12])
def test_a_group_with_one_outcome_gets_a_hidden_zero(people: int) -> None:
    dimensions = [flat("year", 3), flat("outcome", 3, sensitive=True)]
    tables = link(dimensions, [TableSpec(("year", "outcome"))], [group_of_one_kind(people)])
    protection = protect(tables)
    hidden = protection.suppressed & (tables.values == 0)
    assert hidden.sum() == 1
    assert set(protection.reason[hidden]) == {Reason.GROUP}
    assert leaks(tables, protection) == []


def test_a_fact_that_is_not_sensitive_hides_no_zero() -> None:
    tables = one_table(group_of_one_kind(12))
    assert not (protect(tables).suppressed & (tables.values == 0)).any()


def test_yes_or_no_tables_linked_by_their_total_are_protected_together() -> None:
    chance = np.random.default_rng(4)
    yes_no = [flat(code, 2) for code in ("harm-a", "harm-b", "harm-c")]
    dimensions = [flat("year", 4), *yes_no]
    columns = {
        d.code: chance.choice(d.leaves.size, 60, p=p)
        for d, p in zip(
            dimensions, ([0.5, 0.3, 0.15, 0.05], [0.1, 0.9], [0.4, 0.6], [0.03, 0.97]), strict=True
        )
    }
    specs = [TableSpec(("year", d.code)) for d in yes_no]
    tables = build(dimensions, specs, columns)
    assert leaks(tables, protect(tables)) == []


def test_over_its_time_it_still_protects_and_says_how_far_off_it_may_be() -> None:
    tables = skewed((5, 5, 4), 300, 0)
    protection = protect(tables, time_budget=0.0)
    if protection.certificate.complete:
        assert leaks(tables, protection) == []
    assert 0.0 <= protection.gap <= 1.0


def test_it_refuses_a_threshold_below_three() -> None:
    with pytest.raises(BadTable, match="at least 3"):
        protect(one_table(np.full((2, 2), 9)), 2)


def test_it_stops_when_told_to() -> None:
    with pytest.raises(Cancelled):
        protect(skewed((6, 6), 100, 0), cancelled=lambda: True)


def test_it_stops_when_what_it_reports_to_says_no_or_fails() -> None:
    with pytest.raises(Cancelled):
        protect(skewed((6, 6), 100, 0), progress=lambda _step, _done: False)

    def gone(step: str, done: float) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        protect(skewed((6, 6), 100, 0), progress=gone)


def test_it_can_be_stopped_between_any_two_programs() -> None:
    asked = []
    with pytest.raises(Cancelled):
        protect(skewed((5, 5, 4), 300, 0), cancelled=lambda: asked.append(1) or len(asked) > 40)
    assert len(asked) == 41


def test_it_says_how_far_it_is() -> None:
    heard: list[tuple[str, float]] = []
    protect(skewed((6, 6), 100, 0), progress=lambda step, done: heard.append((step, done)))
    assert {"suppressions"} <= {step for step, _ in heard}
    assert all(0.0 <= done <= 1.0 for _, done in heard)


@pytest.mark.parametrize("seed", [11, 17])
def test_any_tables_do_not_depend_on_the_order_of_records(seed: int) -> None:
    tables = any_tables(seed)
    assert (protect(tables).suppressed == protect(tables).suppressed).all()
