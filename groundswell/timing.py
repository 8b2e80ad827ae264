"""Time as the door keeps it: whose turn it is, the pace of each host, every wait, and the end of the run."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from pyrate_limiter import InMemoryBucket, Rate, RateItem

from groundswell.refusals import OutOfTime
from groundswell.tally import Tally

USUAL_PACE: Final = 0.5  # least seconds between two requests to a host that names no other pace
HASTE: Final = 750  # how many times shorter than life waits are where nobody has to be spared


class Clock:
    """What the time is, in seconds from some beginning, and how to let some of it pass."""

    def now(self) -> float:
        """Seconds; never less than before."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Do nothing for so long."""
        time.sleep(seconds)


class Timetable:
    """Who may ask when. A host is asked by one thread at a time, at its pace, and nobody once the run's time is up.

    `patient` says whether the other side is real, or is to be treated so: else no pace is kept, and waits are short.
    Whoever keeps the pace of a host is about to ask it, and is counted; what is paced beside a host (`host/…`) is not.
    """

    def __init__(self, paces: Mapping[str, float], *, minutes: float | None, patient: bool, clock: Clock) -> None:
        self._paces, self._patient, self._clock = paces, patient, clock
        self._end = math.inf if minutes is None else clock.now() + 60 * minutes
        self._guard = threading.Lock()
        self._turns: dict[str, threading.RLock] = {}
        self._buckets: dict[str, InMemoryBucket] = {}
        self.tally = Tally()

    @property
    def left(self) -> float:
        """Seconds until the run's time is up; infinite when nobody set one."""
        return self._end - self._clock.now()

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Be the only one who asks a host. A thread may hold the same turn twice."""
        with self._guard:
            turn = self._turns.setdefault(host, threading.RLock())
        with turn:
            yield

    def keep_pace(self, host: str) -> None:
        """Wait until a host may be asked again; for who holds its turn. Raises OutOfTime."""
        if self.left <= 0:
            raise OutOfTime
        if self._patient:
            self._keep(host)
        if "/" not in host:
            self.tally.asked(host)

    def _keep(self, host: str) -> None:
        bucket = self._bucket(host)
        bucket.leak(self._milliseconds())
        while not bucket.put(asking := RateItem(host, self._milliseconds())):
            waiting = bucket.waiting(asking)
            assert isinstance(waiting, int), "a bucket in memory answers at once"
            self.wait(max(1, waiting) / 1000)

    def wait(self, seconds: float) -> None:
        """Let time pass. Raises OutOfTime at once when the run would be over before."""
        if seconds > self.left:
            raise OutOfTime
        self._clock.sleep(seconds if self._patient else seconds / HASTE)

    def _milliseconds(self) -> int:
        return int(1000 * self._clock.now())

    def _bucket(self, host: str) -> InMemoryBucket:
        with self._guard:
            if host not in self._buckets:
                interval = max(1, round(1000 * self._paces.get(host, USUAL_PACE)))
                self._buckets[host] = InMemoryBucket([Rate(1, interval)])
            return self._buckets[host]
