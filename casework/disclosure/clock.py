"""How long a search may take, how far it is, and whether somebody stopped it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from casework.disclosure.errors import Cancelled

# Told the step and how much of it is done. It may raise, or return False, to end the work.
Progress = Callable[[str, float], bool | None]


class OutOfTime(Exception):
    """A search has used its share; what it has is mended and proved with the rest."""


@dataclass
class Clock:
    """budget: seconds of wall time. Every step of a search calls `tick`, which raises Cancelled when asked to stop."""

    budget: float
    progress: Progress | None = None
    cancelled: Callable[[], bool] | None = None
    started: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        return self.budget - (time.monotonic() - self.started)

    def share(self, part: float) -> float:
        """Seconds until `part` of the budget is used."""
        return self.left - (1.0 - part) * self.budget

    def used(self, part: float) -> float:
        """How much of `part` of the budget is used, 0 to 1."""
        allowed = part * self.budget
        return min(1.0, (time.monotonic() - self.started) / allowed) if allowed > 0 else 1.0

    def tick(self, step: str, done: float) -> None:
        if self.cancelled is not None and self.cancelled():
            raise Cancelled(step)
        if self.progress is not None and self.progress(step, done) is False:
            raise Cancelled(step)
