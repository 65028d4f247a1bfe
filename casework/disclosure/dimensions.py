"""Dimensions of a release: flat or hierarchical lists of categories under one implicit root, TOTAL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from casework.disclosure.errors import BadTable

TOTAL = "TOTAL"
NOT_RECORDED = "NOT_RECORDED"


@dataclass(frozen=True)
class Category:
    """One category; `parent` is another category's code, or TOTAL.

    telling: False for the "no" of a yes/no dimension. That nobody in a group was deported says nothing of its members
    that has to be hidden; that everybody was does.
    """

    code: str
    parent: str = TOTAL
    telling: bool = True


@dataclass(frozen=True)
class Dimension:
    """A coded fact about a record. Node 0 is TOTAL, node i is `categories[i - 1]`.

    sensitive: belonging to one of its categories is itself something to hide (outcome, harm, basis).
    additive: False for a fact that can have several values at once; such a fact is refused by `build`,
        because its categories do not add up: give one yes/no dimension for each category instead.
    """

    code: str
    categories: tuple[Category, ...]
    additive: bool = True
    sensitive: bool = False

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Codes by node index, TOTAL first."""
        return (TOTAL, *(category.code for category in self.categories))

    @cached_property
    def position(self) -> dict[str, int]:
        """Node index by code."""
        return {code: node for node, code in enumerate(self.nodes)}

    @cached_property
    def parents(self) -> NDArray[np.int64]:
        """Parent node of each node; -1 for TOTAL."""
        return np.array(
            [-1, *(self.position[category.parent] for category in self.categories)], dtype=np.int64
        )

    @cached_property
    def children(self) -> dict[int, NDArray[np.int64]]:
        """Child nodes of each node that has some."""
        found = {node: np.flatnonzero(self.parents == node) for node in range(len(self.nodes))}
        return {node: below for node, below in found.items() if below.size}

    @cached_property
    def telling(self) -> NDArray[np.bool_]:
        """(nodes,) whether belonging to the node says something; TOTAL does not."""
        return np.array([False, *(category.telling for category in self.categories)])

    @cached_property
    def leaves(self) -> NDArray[np.int64]:
        """Nodes without children, in the order of `categories`: the index that `build` takes in its columns."""
        return np.array([n for n in range(1, len(self.nodes)) if n not in self.children], dtype=np.int64)

    @cached_property
    def above(self) -> NDArray[np.int64]:
        """(nodes, leaves) 0/1: whether the node is the leaf or one of its ancestors."""
        table = np.zeros((len(self.nodes), self.leaves.size), dtype=np.int64)
        for column, leaf in enumerate(self.leaves):
            node = int(leaf)
            while node >= 0:
                table[node, column] = 1
                node = int(self.parents[node])
        return table

    def encode(self, codes: Iterable[str | None]) -> NDArray[np.int64]:
        """Leaf index of each code, -1 for None. Raises BadTable on a code that is not one of the leaves."""
        index = {self.nodes[leaf]: i for i, leaf in enumerate(self.leaves)}
        try:
            return np.array([-1 if code is None else index[code] for code in codes], dtype=np.int64)
        except KeyError as unknown:
            raise BadTable(f"dimension {self.code}: unknown category {unknown.args[0]}") from None


def check_dimension(dimension: Dimension) -> None:
    """Raise BadTable unless the categories form one tree under TOTAL and add up."""
    if not dimension.additive:
        raise BadTable(f"dimension {dimension.code} can have several values: give one yes/no dimension each")
    if not dimension.categories:
        raise BadTable(f"dimension {dimension.code} has no category")
    codes = Counter([TOTAL, *(category.code for category in dimension.categories)])
    for code, times in codes.items():
        if times > 1:
            raise BadTable(f"dimension {dimension.code}: category {code} appears twice")
    _check_tree(dimension)


def _check_tree(dimension: Dimension) -> None:
    parent = {category.code: category.parent for category in dimension.categories}
    for code in parent:
        seen = {code}
        while (code := parent[code]) != TOTAL:
            if code not in parent:
                raise BadTable(f"dimension {dimension.code}: unknown parent {code}")
            if code in seen:
                raise BadTable(f"dimension {dimension.code}: {code} is its own ancestor")
            seen.add(code)


def with_not_recorded(dimension: Dimension) -> Dimension:
    """The same dimension with one more leaf, for records that have no value in it.

    Dropping them would make totals disagree between tables, which is an attack by subtraction.
    """
    return replace(dimension, categories=(*dimension.categories, Category(NOT_RECORDED)))
