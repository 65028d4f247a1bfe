"""An act is done as a whole or not at all, and several at once wait for each other in one order, never in a circle.

The order: teams, cases by id, consent records by id, key rows, coarse records, releases, and last the head of the audit log. Acts
that change a case are marked `@whole`. Two things cannot be known when such an act begins, and are seen to here:

- which other cases it will come to, of somebody who is in several: then it begins again and holds all of them from the start;
- what it will write into the audit log: that is written when everything else is done, under the locks of the act.

Should the database find a circle all the same, one of the two is undone and begins again. So an act may run more than once: it
keeps nothing outside the databases."""

import functools
import random
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, ParamSpec, TypeVar
from uuid import UUID

from django.db import OperationalError, connection, transaction

P = ParamSpec("P")
R = TypeVar("R")

TRIES: Final = 6
# Seconds. SQLite lets somebody wait for as long before it says that it is busy.
PATIENCE: Final = 15
# Deadlock, serialization, a lock that was waited for too long.
POSTGRESQL: Final = frozenset({"40P01", "40001", "55P03"})
# Busy, locked; the rest of the number says more and is not needed.
SQLITE: Final = frozenset({5, 6})


class Crossed(Exception):
    """Others were at the same rows at each try. Nothing was kept; doing it again a moment later helps."""


class _More(Exception):
    """Cases that have to be held before those that are held already."""

    def __init__(self, ids: frozenset[UUID]) -> None:
        super().__init__()
        self.ids = ids


@dataclass
class _Act:
    """What is held so far, and what is to be held with the first of it; what is written at the end."""

    from_the_start: frozenset[UUID] = frozenset()
    held: frozenset[UUID] = frozenset()
    at_the_end: list[Callable[[], object]] = field(default_factory=list)


_current: ContextVar[_Act | None] = ContextVar("act", default=None)


def whole(act: Callable[P, R]) -> Callable[P, R]:
    """Within another such act it is a part of that."""

    @functools.wraps(act)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        around = _current.get()
        if around is None:
            return _tried(lambda: act(*args, **kwargs))
        part = _Act(around.from_the_start, around.held)
        done = _run(part, lambda: act(*args, **kwargs))
        # What a part that was undone held and was about to write is forgotten with it.
        around.held = part.held
        around.at_the_end += part.at_the_end
        return done

    return run


def _run(act: _Act, work: Callable[[], R]) -> R:
    outside = _current.set(act)
    try:
        with transaction.atomic():
            return work()
    finally:
        _current.reset(outside)


def _tried(work: Callable[[], R]) -> R:
    wanted: frozenset[UUID] = frozenset()
    ends = time.monotonic() + PATIENCE
    for number in range(TRIES):
        act = _Act(wanted)
        try:
            return _run(act, functools.partial(_to_the_end, act, work))
        except _More as more:
            wanted |= more.ids
        except OperationalError as error:
            if not is_crossing(error) or connection.in_atomic_block:
                raise
            if time.monotonic() > ends:
                break
            # So that the two do not meet again.
            time.sleep(random.uniform(0, 0.05 * 2**number))  # noqa: S311
    raise Crossed


def _to_the_end(act: _Act, work: Callable[[], R]) -> R:
    done = work()
    for write in act.at_the_end:
        write()
    return done


def is_crossing(error: OperationalError) -> bool:
    cause = error.__cause__
    code = getattr(cause, "sqlite_errorcode", None)
    return getattr(cause, "sqlstate", None) in POSTGRESQL or (code is not None and code & 0xFF in SQLITE)


def at_the_end(write: Callable[[], object]) -> None:
    """In the transaction of the act, when nothing else is left to lock; at once outside of one."""
    act = _current.get()
    if act is None:
        write()
    else:
        act.at_the_end.append(write)


def to_hold(ids: Iterable[UUID]) -> list[UUID]:
    """Which cases the caller locks now, in this order, so that `ids` are held. One that comes too late begins the act again."""
    act, wanted = _current.get(), frozenset(ids)
    if act is None:
        return sorted(wanted)
    if act.held and not wanted <= act.held:
        raise _More(wanted | act.held)
    if not act.held:
        act.held = wanted | act.from_the_start
        return sorted(act.held)
    return sorted(wanted)
