"""Which cells to suppress, why, and with what proof."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from casework.disclosure.certificate import Certificate
from casework.disclosure.clock import Clock, Progress
from casework.disclosure.editions import Block, EarlierEdition, blocks, joined
from casework.disclosure.errors import BadTable, Impossible, Proposal, Unprotectable
from casework.disclosure.groups import hidden_zeros
from casework.disclosure.proposals import coarsened, propose
from casework.disclosure.requirements import Contraction, Problem, World, one_release, sensitive_cells, state
from casework.disclosure.search import Found, Search
from casework.disclosure.tables import LinkedTables, Mask

LEAST_THRESHOLD = 3


class Reason(Enum):
    """Why a cell is suppressed. It stays inside: a reader must not learn which cells are the small ones."""

    PUBLISHED = "published"
    PRIMARY = "primary"
    COMPLEMENTARY = "complementary"
    GROUP = "group"
    EDITION = "edition"
    INSIDER = "insider"


@dataclass(frozen=True)
class Protection:
    """suppressed: (cells,) the pattern. reason: (cells,) one Reason each.
    gap: the pattern costs at most this fraction more than the cheapest one; optimal: it is the cheapest.
    certificate: its proof. requirements: how many had to hold.   nothing: the total is below the threshold.
    relaxed: sensitive cells whose lower end could not be hidden whatever is suppressed.
    """

    suppressed: Mask
    reason: NDArray[np.object_]
    gap: float
    optimal: bool
    certificate: Certificate
    requirements: int
    nothing: bool = False
    relaxed: int = 0


def protect(
    tables: LinkedTables,
    threshold: int = 5,
    *,
    group_dimensions: Collection[str] | None = None,
    earlier: Sequence[EarlierEdition] = (),
    known: Mask | None = None,
    time_budget: float = 120.0,
    weight: NDArray[np.float64] | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Protection:
    """Suppress as little as possible so that everything in docs/disclosure.md holds.

    group_dimensions: codes of sensitive facts; those marked in the dimensions if None. earlier: what is published
    already, oldest first. known: (cells,) cells whose very count others publish. time_budget: seconds, after
    which the best protected pattern found is returned with its gap. progress, cancelled: asked before every linear program;
    to end the work, raise or return False from the one, return True from the other. weight: (cells,) cost of
    suppressing each cell.
    Raises BadTable on a threshold below 3, Unprotectable when no pattern will do, Cancelled when asked to stop.
    The same input gives the same result unless the time runs out.
    """
    if threshold < LEAST_THRESHOLD:
        raise BadTable(f"the threshold must be at least {LEAST_THRESHOLD}")
    if tables.values[tables.total] < threshold:
        return _nothing(tables)
    clock = Clock(time_budget, progress, cancelled)
    facts = (
        {d.code for d in tables.dimensions if d.sensitive}
        if group_dimensions is None
        else set(group_dimensions)
    )
    zeros, past = hidden_zeros(tables, facts, threshold), blocks(tables, earlier)
    if known is not None and known[zeros[:, 0]].any():
        raise Unprotectable("others publish a zero that has to be hidden", propose(tables, threshold))
    for total_hidden in (False, True):
        alone = one_release(tables, threshold, zeros, total_hidden, weight, known)
        try:
            world, search, contraction, relaxed = _reachable(alone, tables, threshold, past, clock)
            found = search.run()
        except Impossible:
            continue
        done = _finished(world, threshold, search.problem, contraction, found, relaxed)
        return _small_kept_back(tables, _without_idle(tables, done), threshold)
    beside = " beside what is published already" if earlier else ""
    raise Unprotectable(
        f"a small count shows{beside} even when everything is suppressed",
        propose(tables, threshold) if not earlier else _possible_beside(tables, threshold, earlier, clock),
    )


def _possible_beside(
    tables: LinkedTables, threshold: int, earlier: Sequence[EarlierEdition], clock: Clock
) -> tuple[Proposal, ...]:
    """Proposals that hold beside what is published: those that leave a dimension out. Merged categories beside separate ones
    of an earlier edition would be an attack by subtraction."""
    dimension = {d.code: d for d in tables.dimensions}
    offers = [offer for offer in propose(tables, threshold) if not offer.merge]
    return tuple(
        offer
        for offer in offers
        if _is_possible(coarsened(tables, dimension[offer.dimension], ()), threshold, earlier, clock)
    )


def _is_possible(
    tables: LinkedTables, threshold: int, earlier: Sequence[EarlierEdition], clock: Clock
) -> bool:
    """Whether everything that is asked can be met when everything that may be is suppressed."""
    facts = {d.code for d in tables.dimensions if d.sensitive}
    alone = one_release(tables, threshold, hidden_zeros(tables, facts, threshold), True)
    try:
        _reachable(alone, tables, threshold, blocks(tables, earlier), clock)
    except Impossible:
        return False
    return True


def _nothing(tables: LinkedTables) -> Protection:
    cells = tables.values.size
    certificate = Certificate(np.zeros((0, cells), np.int32), np.zeros((0, 2), np.int32), True)
    return Protection(
        np.ones(cells, bool), np.full(cells, Reason.PRIMARY), 0.0, True, certificate, 0, nothing=True
    )


def _reachable(
    alone: World, tables: LinkedTables, threshold: int, past: Sequence[Block], clock: Clock
) -> tuple[World, Search, Contraction, dict[int, int]]:
    """A search whose requirements can all be met with every candidate suppressed. A change that cannot go the shorter way
    goes the longer one. With the total hidden, a lower end that the structure itself reveals is given up. Raises
    Impossible."""
    turned: set[int] = set()
    while True:
        world = joined(alone, tables, threshold, past, turned)
        problem, contraction = state(world, threshold)
        search = Search(problem, clock)
        failing = search.unreachable()
        if not failing.size:
            return world, search, contraction, {}
        changes = {int(c) for c in np.flatnonzero(np.isin(contraction.owner, problem.cell[failing]))}
        changes = {cell for cell in changes if cell >= world.printed}
        if not changes - turned:
            break
        turned |= changes
    if not alone.candidate.all() or not problem.lower[failing].all():
        raise Impossible
    kept = np.ones(problem.cell.size, dtype=bool)
    kept[failing] = False
    given_up = {int(c): int(problem.value[c]) for c in problem.cell[failing]}
    return world, Search(problem.only(kept), clock), contraction, given_up


def _finished(
    world: World,
    threshold: int,
    problem: Problem,
    contraction: Contraction,
    found: Found,
    relaxed: dict[int, int],
) -> Protection:
    fresh = slice(0, world.fresh)
    suppressed = contraction.expand(found.pattern)[fresh]
    cost = float(problem.weight[found.pattern & ~problem.forced].sum())
    gap = 0.0 if cost <= found.bound + 1e-6 else (cost - max(0.0, found.bound)) / cost
    pairs = problem.singles.size * (int(problem.sensitive.sum()) - 1)
    certificate = _certificate(world, contraction, found, relaxed | _held_up(world, problem, contraction))
    return Protection(
        suppressed,
        _reasons(world, threshold, problem, contraction, found),
        gap,
        gap < 1e-9,
        certificate,
        int(problem.cell.size) + max(0, pairs),
        relaxed=certificate.relaxed.shape[0],
    )


def _without_idle(tables: LinkedTables, done: Protection) -> Protection:
    """Publish what hides nothing: a suppressed cell alone in an equation can be computed by anybody. The search leaves some
    where hiding costs nothing, or where an earlier edition hid the cell."""
    suppressed, reason, lines = done.suppressed.copy(), done.reason.copy(), abs(tables.matrix)
    while (alone := np.flatnonzero(lines @ suppressed.astype(np.int64) == 1)).size:
        idle = np.flatnonzero(lines[alone].sum(axis=0).A1 * suppressed)
        suppressed[idle], reason[idle] = False, Reason.PUBLISHED
    return replace(done, suppressed=suppressed, reason=reason)


def _small_kept_back(tables: LinkedTables, done: Protection, threshold: int) -> Protection:
    """A small count that others publish is known; this release does not repeat it."""
    small = sensitive_cells(tables.values, threshold)
    return replace(done, suppressed=done.suppressed | small)


def _held_up(world: World, problem: Problem, contraction: Contraction) -> dict[int, int]:
    """Small counts, by class, that an earlier edition keeps above what this one alone would let a reader believe: they did
    not change, and more cells under them were filled then. With the least they can be."""
    owner = contraction.owner[: world.fresh]
    here = np.flatnonzero(owner >= 0)
    own = np.full(problem.size, np.iinfo(np.int64).min)
    np.maximum.at(own, owner[here], world.floors[here])
    held = np.flatnonzero(problem.sensitive & (problem.floor > own))
    return {int(one): int(problem.floor[one]) for one in held}


def _certificate(
    world: World, contraction: Contraction, found: Found, relaxed: dict[int, int]
) -> Certificate:
    """Witnesses from classes to cells: the release's own, then those of earlier editions. Differences follow from them."""
    classes = found.pattern.size
    # Counted, not guessed: where everything is settled by earlier editions there is no class, and no guess.
    rows = len(found.evidence.deviations)
    moves = np.array(found.evidence.deviations, dtype=np.int64).reshape(rows, classes)
    used = np.flatnonzero(contraction.owner >= 0)
    witnesses = np.zeros((moves.shape[0], world.values.size), dtype=np.int32)
    witnesses[:, used] = moves[:, contraction.owner[used]]
    given_up = [
        (c, relaxed[int(o)]) for c, o in enumerate(contraction.owner[: world.fresh]) if int(o) in relaxed
    ]
    return Certificate(
        witnesses[:, : world.fresh],
        np.array(given_up, dtype=np.int32).reshape(-1, 2),
        found.evidence.complete,
        world.values[world.fresh : world.printed].astype(np.int32),
        witnesses[:, world.fresh : world.printed]
        if world.printed > world.fresh
        else np.zeros((0, 0), np.int32),
    )


def _reasons(
    world: World, threshold: int, problem: Problem, contraction: Contraction, found: Found
) -> NDArray[np.object_]:
    """A complementary cell that no requirement's witness moves is there for an insider."""
    fresh = slice(0, world.fresh)
    suppressed = contraction.expand(found.pattern)[fresh]
    serving = np.zeros(problem.size, dtype=bool)
    for move in found.evidence.deviations:
        if (problem.sign * move[problem.cell] >= problem.need).any():
            serving |= move != 0
    values = world.values[fresh]
    reason = np.full(suppressed.size, Reason.PUBLISHED)
    reason[suppressed] = Reason.INSIDER
    reason[suppressed & contraction.expand(serving)[fresh]] = Reason.COMPLEMENTARY
    reason[suppressed & world.forced[fresh]] = Reason.EDITION
    reason[suppressed & (values == 0)] = Reason.GROUP
    reason[sensitive_cells(values, threshold)] = Reason.PRIMARY
    return reason


def without_proof(protection: Protection) -> Protection:
    """The same pattern for storage beside its sealed certificate."""
    empty = np.zeros((0, protection.suppressed.size), np.int32)
    return replace(protection, certificate=Certificate(empty, protection.certificate.relaxed, False))
