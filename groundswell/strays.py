"""Levels that leap: a source that answers for something else for a while, falls to nothing, or moves for good.

A level that leaves where it was and comes back has not been there: what was seen meanwhile is kept out of growth. One
that leaves by half, or by ten times, and does not come back is not believed before it has lasted; then it is, and the
leap itself is kept out. Smaller leaps that last are facts: a burst, or a fall.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from groundswell.models import Series

LEAST_LEAP: Final = float(np.log(1.25))  # of 1.1 million changes of stars from week to week, 1 in 3,000 is larger
FEWEST: Final = 50  # things by which a leap must differ: below that a percentage is not made either
BEYOND: Final = 8.0  # times the usual change of the series: a level that is always restless does not leap
NEAR: Final = float(np.log(1.15))  # a level is back when it is this near to where it left; it may have grown
RETURN: Final = 182  # days within which it may come back; then the place where it was before is forgotten
HALF: Final = 0.5  # a level below this share of the one before is not believed at once
TENFOLD: Final = 10.0  # nor one above this multiple of it
GOES_ON: Final = 0.02  # share of a tenfold leap that comes after it when people come: a redirect brings it all at once
BELIEVED: Final = 28  # days that such a level must last: one window of growth
BELIEVED_AFTER_FLIPS: Final = 91  # the same where the source has flipped before in the last year
_YEAR: Final = 365  # days back that a flip is remembered

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Visit:
    """Observations somewhere else, from the first to the last of them (places in the series)."""

    start: int
    stop: int  # one past the last
    home: int  # the last observation before it left
    back: int | None  # the first observation after it came back; None while it has not


@dataclass(frozen=True, slots=True)
class Strays:
    """What leaps were made of."""

    out: Flags  # observations that are of something else, or not believed yet
    visits: tuple[Visit, ...]
    steps: tuple[int, ...]  # first observations of levels that are believed although they were leapt to


def find(series: Series, *, falls_count: bool) -> Strays:
    """The leaps of a level or a running total. `falls_count`: a fall for good has to last before it is believed (of a
    running total it need not, since nothing is made from a fall of it).
    """
    walk = _Walk(series, falls_count)
    leaps = _leaps(series)
    if len(leaps):
        walk.follow([0, *leaps.tolist(), len(series)])
    return Strays(walk.out, tuple(walk.visits), tuple(walk.steps))


def _leaps(series: Series) -> npt.NDArray[np.intp]:
    """The places at which the series is far from where it was at the observation before."""
    values = series.values
    far = np.abs(np.diff(values)) >= FEWEST
    if not far.any():
        return np.empty(0, dtype=np.intp)
    changes = np.abs(np.diff(np.log(np.maximum(values, 1))))
    far &= changes >= max(LEAST_LEAP, BEYOND * float(np.median(changes)))
    return np.flatnonzero(far) + 1


def alike(one: float, other: float) -> bool:
    """Whether two levels are of the same thing, as far as can be told: no leap lies between them."""
    return _distance(one, other) <= LEAST_LEAP or max(one, other) < FEWEST


def _distance(one: float, other: float) -> float:
    """How far two levels are apart, as a ratio; 0 counts as 1."""
    return abs(float(np.log(max(one, 1) / max(other, 1))))


class _Walk:
    """Goes from leap to leap, and remembers where the series was at home."""

    def __init__(self, series: Series, falls_count: bool) -> None:
        self.out: Flags = np.zeros(len(series), dtype=np.bool_)
        self.visits: list[Visit] = []
        self.steps: list[int] = []
        self._days, self._values = series.days, series.values
        self._falls_count = falls_count
        self._home = 0

    def follow(self, bounds: list[int]) -> None:
        """`bounds`: the places of the leaps, with the beginning and the end of the series."""
        stays = list(pairwise(bounds))
        self._home = stays[0][1] - 1
        at = 1
        while at < len(stays):
            back = next((later for later in range(at + 1, len(stays)) if self._is_back(stays[later][0])), None)
            if back is not None:
                self._leave(stays[at][0], stays[back][0], stays[back][0])
                self._home = stays[back][1] - 1
                at = back + 1
                continue
            start = stays[at][0]
            while not self._is_believable(start) and at + 1 < len(stays) and self._is_mild(stays[at + 1][0]):
                at += 1
            self._stay_away(start, stays[at][1], last=at + 1 == len(stays))
            at += 1

    def _is_back(self, place: int) -> bool:
        if self._days[place] - self._days[self._home] > RETURN:
            return False
        return _distance(float(self._values[place]), float(self._values[self._home])) <= NEAR

    def _stay_away(self, start: int, stop: int, *, last: bool) -> None:
        """A leap from which the series does not come back."""
        if self._is_believable(start):
            self._home = stop - 1
        elif self._days[stop - 1] - self._days[start] >= self._patience(start):
            self.steps.append(start)
            self._home = stop - 1
        else:
            self._leave(start, stop, None if last else stop)

    def _leave(self, start: int, stop: int, back: int | None) -> None:
        self.visits.append(Visit(start, stop, self._home, back))
        self.out[start:stop] = True

    def _is_believable(self, place: int) -> bool:
        """Whether a leap can be what people did: not below half, and not tenfold without anybody after it."""
        before, now = float(self._values[self._home]), float(self._values[place])
        if now < before:
            return now >= HALF * before or not self._falls_count
        if now < TENFOLD * max(before, FEWEST):
            return True
        after = self._values[place + 1 : place + 2]
        return bool(len(after) and after[0] - now >= GOES_ON * (now - before))

    def _is_mild(self, place: int) -> bool:
        """Whether a leap is small enough to be one inside of the same level."""
        return bool(HALF <= self._values[place] / max(self._values[place - 1], 1) < TENFOLD)

    def _patience(self, place: int) -> int:
        """Days that a new level must last."""
        since = self._days[place] - _YEAR
        recent = [one for one in self.visits if one.back is not None and self._days[one.start] >= since]
        return BELIEVED_AFTER_FLIPS if len(recent) > 1 else BELIEVED
