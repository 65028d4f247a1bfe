"""Two layers of a large table at a time: what one layer gains the other loses.

Two layers with their totals are nearly a two-way table, and the vertices of two-way tables are whole. So a linear program
over a pair of layers meets many requirements of a three-way table at once, where the whole table's vertices are fractions.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from casework.disclosure.deviations import Deviations
from casework.disclosure.linear import Floats, Integers
from casework.disclosure.requirements import Problem
from casework.disclosure.tables import Mask

LEAST_DIMENSIONS = 3


def pairs_of_layers(problem: Problem, unmet: Mask) -> Iterator[Mask]:
    """Classes in two layers of one dimension, or above them; `unmet` is watched: pairs that ask nothing are left out."""
    if len(problem.kin) < LEAST_DIMENSIONS:
        return
    for axis, kin in enumerate(problem.kin):
        layers = problem.layers[:, axis]
        bottom = [node for node in range(1, len(kin)) if not kin[:, node].sum() > 1]
        counts = np.bincount(layers[layers >= 0], minlength=len(kin))
        pairs = sorted(itertools.combinations(bottom, 2), key=lambda pair: -int(min(counts[list(pair)])))
        for one, other in pairs:
            asking = np.isin(layers[problem.cell[unmet]], (one, other))
            if asking.any() and counts[one] and counts[other]:
                yield (layers >= 0) & (kin[one] | kin[other])[layers]


def moves_in(problem: Problem, chosen: Mask, unmet: Mask) -> Iterator[Floats]:
    """Moves of the whole problem that stay within the chosen classes and meet some of the unmet requirements there."""
    inside = chosen[problem.cell]
    part = problem.within(chosen)
    deviations = Deviations(part)
    deviations.suppress(np.ones(part.size))
    asked = unmet[inside]
    kept: Integers = np.flatnonzero(chosen)
    for vertex in deviations.in_bulk(asked):
        move = np.zeros(problem.size)
        move[kept] = vertex
        yield move
