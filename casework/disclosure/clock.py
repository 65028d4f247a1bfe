"""How long a search may take, how far it is, and whether somebody stopped it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from casework.disclosure.errors import Cancelled

Progress = Callable[[str, float], None]


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

    def tick(self, step: str, done: float) -> None:
        if self.cancelled is not None and self.cancelled():
            raise Cancelled(step)
        if self.progress is not None:
            self.progress(step, done)
