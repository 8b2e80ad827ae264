"""The model behind every invented figure: amounts a day with a trend, a weekly season and over-dispersed chance.

Days are proleptic ordinals (`date.toordinal()`), moments are Unix seconds. Chance is drawn day by day from streams that
begin at a project's first day and does not know which day it is: a figure, once given, stays what it was.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Small = npt.NDArray[np.int32]  # amounts of a day, kept for every day of every project
Luck = npt.NDArray[np.float32]

DAY_ZERO: Final = dt.date(2026, 11, 20).toordinal()
"""The gallery's day: on it the invented projects are what their descriptions say."""

SECONDS: Final = 86_400
EPOCH: Final = dt.date(1970, 1, 1).toordinal()
SETTLING: Final = 90.0  # days after DAY_ZERO in which every growth fades, so that no figure runs away
STEEPEST: Final = 0.15  # growth in 28 days after DAY_ZERO
FORGETTING: Final = 200.0  # days in which most of those who take a star back have done so

LOOKED_AT_AGAIN: Final = 0.05  # share of issues and pull requests to which something happens after their end

PEOPLE: Final = np.array([1.08, 1.09, 1.07, 1.05, 1.00, 0.84, 0.87])  # weekly season from Monday: what people look at
WORK: Final = np.array([1.22, 1.26, 1.25, 1.20, 1.07, 0.45, 0.55])  # what people do for a living
MACHINES: Final = np.array([1.11, 1.19, 1.20, 1.17, 1.06, 0.63, 0.64])  # downloads, most of them by build machines


def moment(day: int, second: int = 0) -> int:
    """Unix seconds of a day's second."""
    return (day - EPOCH) * SECONDS + second


def day_of(when: int) -> int:
    """The day (UTC) that a moment lies in."""
    return when // SECONDS + EPOCH


def generator(seed: int, *names: str) -> np.random.Generator:
    """A stream of chance of its own for each combination of names."""
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])


@dataclass(frozen=True, slots=True)
class Course:
    """How an amount a day moves through the years, before season and chance."""

    level: float  # a day, on DAY_ZERO
    growth: float = 0.0  # in 28 days, since `turn`
    earlier: float = 0.01  # in 28 days, before that
    turn: int = -150  # days from DAY_ZERO

    def means(self, days: Counts) -> Floats:
        """The expected amount of each day."""
        x = (days - DAY_ZERO).astype(np.float64)
        recent = np.log1p(self.growth) / 28
        before = np.log1p(self.earlier) / 28
        late = min(recent, np.log1p(STEEPEST) / 28)
        after = SETTLING * -np.expm1(-np.maximum(x, 0) / SETTLING)
        path = np.clip(x, self.turn, 0) * recent + np.minimum(x - self.turn, 0) * before + after * late
        return np.asarray(self.level * np.exp(path))

    def times(self, factor: float) -> Course:
        """The same course at another height."""
        return Course(self.level * factor, self.growth, self.earlier, self.turn)


@dataclass(frozen=True, slots=True)
class Burst:
    """A day on which everybody looks, and the days in which it fades."""

    day: int  # days from DAY_ZERO
    height: float  # how many times the usual amount comes on top
    fade: float  # days until a third of it is left

    def factors(self, days: Counts) -> Floats:
        """What each day's expected amount is multiplied with."""
        since = (days - DAY_ZERO - self.day).astype(np.float64)
        return np.asarray(np.where(since < 0, 1.0, 1 + self.height * np.exp(-np.maximum(since, 0) / self.fade)))


def chance(means: Floats, noise: float, seed: int, *names: str) -> Small:
    """Whole amounts around their means, with variance mean + (noise × mean)²."""
    if noise > 0:
        spread = generator(seed, *names, "spread").gamma(1 / noise**2, noise**2, len(means))
    else:
        spread = np.ones(len(means))
    return generator(seed, *names, "count").poisson(means * spread).astype(np.int32)


def seasonal(means: Floats, first: int, season: Floats) -> Floats:
    """Means with the weekly season laid over them; `first` is the day of the first one."""
    return np.asarray(means * season[(first - 1 + np.arange(len(means))) % 7])


@dataclass(frozen=True)
class Arrivals:
    """Things that come one by one: so many each day, evenly over the day."""

    first: int
    counts: Small

    @cached_property
    def running(self) -> Counts:
        """How many had come before each day begins, and after the last one ends."""
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(self.counts, dtype=np.int64)])

    def until(self, when: int) -> int:
        """How many have come up to and with a moment."""
        place = day_of(when) - self.first
        if place < 0:
            return 0
        if place >= len(self.counts):
            return int(self.running[-1])
        return int(self.running[place]) + _by_second(int(self.counts[place]), when % SECONDS)

    def day_counts(self, when: int) -> Small:
        """The amounts of each day up to a moment, the last day cut off there."""
        place = day_of(when) - self.first
        counts = self.counts[: max(place + 1, 0)].copy()
        if 0 <= place < len(counts):
            counts[place] = _by_second(int(counts[place]), when % SECONDS)
        return counts

    def moments(self, start: int, stop: int) -> Counts:
        """When the start-th … the one before the stop-th came (counted from 0, oldest first)."""
        places = np.arange(start, stop)
        days = np.searchsorted(self.running, places, side="right") - 1
        seconds = ((2 * (places - self.running[days]) + 1) * (SECONDS // 2)) // np.maximum(self.counts[days], 1)
        return np.asarray((self.first + days - EPOCH) * SECONDS + seconds)


def _by_second(count: int, second: int) -> int:
    # The k-th of n comes at second ((2k+1)·43200)//n: how many of those are ≤ second?
    return min(((((second + 1) * count - 1) // (SECONDS // 2)) + 1) // 2, count)


@dataclass(frozen=True)
class Stock:
    """A level that grows by arrivals and loses some of them again: stars, watchers, sponsors."""

    arrivals: Arrivals
    luck: Luck  # a number from 0 to 1 for each day, which decides about its fractions
    churn: float = 0.0  # share of those who come that go again in the long run
    exodus: float = 0.0  # share of all that goes in 28 days, since `exodus_day`
    exodus_day: int = DAY_ZERO

    def held(self, when: int) -> Counts:
        """Of those who came on each day, how many are still there at a moment. Falls as the moment moves on."""
        came = self.arrivals.day_counts(when)
        days = self.arrivals.first + np.arange(len(came))
        gone = came * (1 - survival(days, day_of(when), self.churn, self.exodus, self.exodus_day))
        lost = np.floor(gone + self.luck[: len(came)]).astype(np.int64)
        return np.asarray(np.maximum(came - lost, 0), np.int64)

    def level(self, when: int) -> int:
        """How many there are at a moment."""
        return int(self.held(when).sum())


def survival(days: Counts, at: int, churn: float, exodus: float, exodus_day: int) -> Floats:
    """The expected share of those who came on each day that is still there on a day."""
    stays = 1 - churn * (1 - np.exp(-(at - days) / FORGETTING))
    left = np.maximum(max(at, exodus_day) - np.maximum(days, exodus_day), 0) / 28
    return np.asarray(stays * (1 - exodus) ** left)


@dataclass(frozen=True)
class Tickets:
    """Issues or pull requests: opened one by one, most of them closed after a while, some of them merged."""

    arrivals: Arrivals
    luck: Luck  # a number from 0 to 1 for each of them, oldest first
    merged: float  # share that is merged in the end
    closed: float  # share that is closed otherwise in the end
    patience: float  # mean days until then

    @cached_property
    def opened(self) -> Counts:
        """When each is opened."""
        return self.arrivals.moments(0, len(self.luck))

    @cached_property
    def ended(self) -> Counts:
        """When each is closed or merged; after thousands of years when it never is."""
        done = self.merged + self.closed
        share = np.minimum(self.luck / done, 1 - 1e-6)
        waits = np.where(self.luck < done, -np.log1p(-share) * self.patience, 1e6)
        return np.asarray(self.opened + 600 + (waits * SECONDS).astype(np.int64))

    @cached_property
    def merges(self) -> npt.NDArray[np.bool_]:
        """Whether each ends by being merged."""
        # The order of `luck` decides about the waiting too: a second look at its digits decides this.
        return np.asarray((self.luck * 7919) % 1 < self.merged / (self.merged + self.closed))

    def places(self, now: int, states: Collection[str] | None = None) -> Counts:
        """Those that exist at a moment and are OPEN, CLOSED or MERGED then, oldest first."""
        count = self.arrivals.until(now)
        if states is None:
            return np.arange(count)
        ended, merges = self.ended[:count] <= now, self.merges[:count]
        wanted = np.zeros(count, np.bool_)
        for state, are in (("OPEN", ~ended), ("CLOSED", ended & ~merges), ("MERGED", ended & merges)):
            if state in states:
                wanted |= are
        return np.flatnonzero(wanted)

    def touched(self, now: int, places: Counts) -> Counts:
        """When anything last happened to some that exist at a moment; some are looked at again long after their end."""
        opened, ended, luck = self.opened[places], self.ended[places], self.luck[places].astype(np.float64)
        later = ended + (luck * 104_729 % 1 * 60 * SECONDS).astype(np.int64)
        again = (luck * 1_299_709 % 1 < LOOKED_AT_AGAIN) & (later <= now)
        return np.asarray(np.where(ended > now, opened, np.where(again, later, ended)))

    def state(self, place: int, now: int) -> str:
        """OPEN, CLOSED or MERGED at a moment."""
        if self.ended[place] > now:
            return "OPEN"
        return "MERGED" if self.merges[place] else "CLOSED"
