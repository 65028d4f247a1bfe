"""One count, shared by every worker that has nothing else to do: portions of the table, each counted once and kept under the
worker's key. Whoever drafts begins at the first, helpers at the last; nobody waits for anybody, and a dead helper costs nothing.

A portion belongs to one run. A withdrawal takes the run away, so that what a helper counted before it is never added to what
is counted after it.
"""

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec

from accounts.crypto.principal import Principal
from casework import statistics, tallying
from casework.protection import Report
from casework.statistics import Portion
from casework.steps import KeptSteps
from casework.tallying import Counts, Sieve, Tally, array

PORTIONS: Final = 16
# Below, it is counted sooner than anybody could come and help.
WORTH_IT: Final = 50_000
RUN: Final = "run"


class Run(msgspec.Struct, array_like=True, frozen=True):
    """What a portion was counted for: beside which releases, on which day, and a random name of its own."""

    considered: list[UUID]
    today: dt.date
    name: bytes


def count(tally: Tally, root: Principal, today: dt.date, report: Report | None, portion: Portion) -> Counts:
    counts, sieve = tally.nothing(), Sieve(tally.layout.question, today)
    number = statistics.number() if report else 0
    for done, chunk in enumerate(statistics.rows(root, portion)):
        tally.add(counts, sieve.through(array(row for _name, row in chunk)))
        if report:
            report.progress(min(number, (done + 1) * statistics.CHUNK), number)
    return counts


def begun(kept: KeptSteps, considered: list[UUID], today: dt.date) -> Run:
    """The run that was interrupted, if it asked the same; else a new one, and nothing of the old one remains."""
    run = known(kept)
    if run is None or (run.considered, run.today) != (considered, today):
        kept.forget()
        run = Run(considered, today, secrets.token_bytes(16))
        kept.keep(RUN, msgspec.msgpack.encode(run))
    return run


def known(kept: KeptSteps) -> Run | None:
    found = kept.result(RUN)
    return msgspec.msgpack.decode(found, type=Run) if found is not None else None


@dataclass(frozen=True)
class SharedCount:
    tally: Tally
    root: Principal
    kept: KeptSteps
    run: Run

    def whole(self, report: Report) -> Counts:
        counts = self.tally.nothing()
        for part in range(PORTIONS):
            report.progress(part, PORTIONS)
            counts.add(self.portion(part))
        return counts

    def help(self) -> int:
        """From the end. How many portions. Raises Outdated when the run is over."""
        waiting = [part for part in reversed(range(PORTIONS)) if self._result(part) is None]
        for number, part in enumerate(waiting):
            if self._result(part) is not None:
                return number
            self.portion(part)
        return len(waiting)

    def portion(self, part: int) -> Counts:
        found = self._result(part)
        if found is None:
            found = count(self.tally, self.root, self.run.today, None, Portion(part, PORTIONS))
            data = msgspec.msgpack.encode((self.run.name, tallying.packed(found)))
            self.kept.keep(f"part {part}", data, of=(RUN, msgspec.msgpack.encode(self.run)))
        return found

    def _result(self, part: int) -> Counts | None:
        found = self.kept.result(f"part {part}")
        if found is None:
            return None
        name, data = msgspec.msgpack.decode(found, type=tuple[bytes, bytes])
        return tallying.unpacked(data) if name == self.run.name else None
