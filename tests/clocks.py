"""A clock that only moves when somebody waits, each thread's time for itself, as hosts are asked at the same time."""

from __future__ import annotations

import threading

from groundswell.timing import Clock


class Counted(Clock):
    """Nothing takes time but waiting. `waits` holds every wait of every thread."""

    def __init__(self) -> None:
        self._own = threading.local()
        self.waits: list[float] = []

    def now(self) -> float:
        return float(getattr(self._own, "now", 0.0))

    def sleep(self, seconds: float) -> None:
        self._own.now = self.now() + seconds
        self.waits.append(seconds)
