"""GitHub's hourly limits: what is left of each, and the headers that say so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

HOUR: Final = 3_600


@dataclass(frozen=True, slots=True)
class Reading:
    """A limit at a moment."""

    resource: str
    limit: int
    used: int
    reset: int  # Unix seconds

    @property
    def remaining(self) -> int:
        """What is left; never below 0."""
        return max(0, self.limit - self.used)

    def headers(self) -> dict[str, str]:
        """As every answer carries it."""
        numbers = {"limit": self.limit, "remaining": self.remaining, "used": self.used, "reset": self.reset}
        return {f"X-RateLimit-{name.title()}": str(number) for name, number in numbers.items()} | {
            "X-RateLimit-Resource": self.resource
        }

    def plain(self) -> Mapping[str, object]:
        """As GET /rate_limit gives it."""
        return {"limit": self.limit, "used": self.used, "remaining": self.remaining, "reset": self.reset}


class Meter:
    """Counts what is used of a limit. The hour is the real one, since clients compare it with their own clock."""

    def __init__(self, resource: str, limit: int, clock: Callable[[], float] = time.time) -> None:
        self._resource, self._limit, self._clock = resource, limit, clock
        self._used = 0
        self._reset = 0
        self._lock = threading.Lock()

    def read(self, cap: int | None = None) -> Reading:
        """The limit now; `cap` puts a lower one in its place."""
        with self._lock:
            return self._reading(cap)

    def charge(self, amount: int, cap: int | None = None) -> Reading | None:
        """Use some of the limit, also past its end if anything is left of it; None when nothing is."""
        with self._lock:
            if self._reading(cap).remaining <= 0:
                return None
            self._used += amount
            return self._reading(cap)

    def _reading(self, cap: int | None) -> Reading:
        now = self._clock()
        if now >= self._reset:
            self._used, self._reset = 0, int(now) + HOUR
        limit = self._limit if cap is None else min(cap, self._limit)
        return Reading(self._resource, limit, self._used, self._reset)
