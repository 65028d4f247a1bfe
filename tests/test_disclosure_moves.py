"""Short moves: several cells at once, in whole numbers, and within what an attacker holds possible."""

import numpy as np
import pytest

from casework.disclosure.requirements import Problem, one_release, state
from casework.disclosure.short_moves import ShortMoves, apart
from tests.disclosure_tables import skewed

NO_ZEROS = np.zeros((0, 2), dtype=np.int64)


@pytest.fixture(params=[(8, 9), (6, 7, 5)], ids=["two-way", "three-way"])
def problem(request: pytest.FixtureRequest) -> Problem:
    tables = skewed(request.param, 400, 2)
    return state(one_release(tables, 5, NO_ZEROS, True), 5)[0]


def test_cells_far_apart_share_no_node_of_any_dimension(problem: Problem) -> None:
    cells = np.flatnonzero(problem.sensitive)
    chosen = cells[apart(problem, cells, 4)]
    assert chosen.size == 4 and chosen[0] == cells[0]
    for one in chosen:
        others = chosen[chosen != one]
        assert (problem.layers[others] != problem.layers[one]).all()


def test_no_more_cells_are_chosen_than_there_are_far_apart(problem: Problem) -> None:
    cells = np.flatnonzero(problem.sensitive)
    few = min(len(np.unique(column)) for column in problem.layers.T)
    assert 1 < apart(problem, cells, cells.size).size <= few
    assert apart(problem, cells[:0], 4).size == 0


def test_one_move_changes_each_of_several_cells_by_what_it_is_asked(problem: Problem) -> None:
    cells = np.flatnonzero(problem.sensitive & (problem.value > problem.floor))
    chosen = cells[apart(problem, cells, 3)]
    for targets in (np.array([1, 1, 1]), np.array([-1, 1, -1])):
        move = ShortMoves(problem).whole_move(chosen, targets, np.ones(problem.size))
        assert move is not None and (move[chosen] == targets).all()
        assert not (problem.matrix @ move).any()
        assert (problem.value + move >= problem.floor).all()


def test_a_cell_cannot_fall_below_what_is_known_of_it(problem: Problem) -> None:
    cell = np.flatnonzero(problem.sensitive)[:1]
    below = problem.floor[cell] - problem.value[cell] - 1
    assert ShortMoves(problem).whole_move(cell, below, np.ones(problem.size)) is None
