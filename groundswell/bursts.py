"""Bursts: a day or a week that brought far more of a year than the series' own spread allows.

A burst is a fact, and stays in growth; it is said beside it. Nothing is said about why it came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from groundswell.models import Days, Values

LEAST_SHARE: Final = 0.05  # of a year in one week, where 2 % is even: less is no matter for the year's growth
LEAST_TIMES: Final = (
    3.0  # times the usual week around it; a growth of 30 % a month makes the newest week 1.4 times that
)
LEAST_TAILS: Final = 10.0  # times as far above the year's largest tenth of weeks as that lies above its middle
SPARSE: Final = 7.0  # a week; where fewer are usual, things come in clumps, and tenths say nothing of their size: …
TIMES_LARGEST: Final = 2.0  # … it must be so many times the largest other week of the year
FEWEST: Final = 30  # things in the week: fewer come together by chance
ONE_DAY: Final = 0.5  # of the week's amount; a day that brought more is named alone
APART: Final = 28  # days between two bursts: what lies closer is the fading of one
FEWEST_WEEKS: Final = 26  # of history before anything is said of a year
WEEK: Final = 7  # days of the weeks that are held against each other
_YEAR: Final = 364  # whole weeks
_FEWEST_DAYS: Final = 5  # of a week must be known; the others are taken as their mean
_AROUND: Final = WEEK * np.concatenate([np.arange(-9, -1), np.arange(2, 10)])  # the weeks beside it, but for the next
_FEWEST_AROUND: Final = 6  # of those must be known
_OF_YEAR: Final = WEEK * np.concatenate([np.arange(-52, -1), np.arange(2, 53)])  # all that a year around it can hold
_WEEKS_OF_YEAR: Final = 52  # the nearest of them that are taken


@dataclass(frozen=True, slots=True)
class Burst:
    """One burst. Days are ordinals."""

    first: int
    last: int
    amount: float  # in the day or week
    usual: float  # of a day or week around it
    share: float  # of the year that it lies in


def find(days: Days, amounts: Values, single: npt.NDArray[np.bool_]) -> list[Burst]:
    """The bursts of amounts a day, oldest first. `single`: days whose own amount is known; that of others is a mean."""
    if not len(days) or float(amounts.max()) * WEEK < FEWEST:
        return []
    first, length = int(days[0]), int(days[-1] - days[0]) + 1
    if length < FEWEST_WEEKS * WEEK:
        return []
    grid = np.full(length, np.nan)
    grid[days - first] = amounts
    weeks = _Weeks(grid)
    found = [burst for peak in weeks.peaks() if (burst := weeks.burst(peak, first, days, amounts, single)) is not None]
    kept: list[Burst] = []
    for burst in sorted(found, key=lambda one: -one.amount):
        if all(abs(burst.last - other.last) >= APART for other in kept):
            kept.append(burst)
    return sorted(kept, key=lambda one: one.first)


class _Weeks:
    """The amounts of all weeks of a series, each by its last day, and of the years that they lie in."""

    def __init__(self, grid: Values) -> None:
        known = np.isfinite(grid)
        self._sums = np.concatenate([[0.0], np.cumsum(np.where(known, grid, 0.0))])
        self._counts = np.concatenate([[0], np.cumsum(known)])
        self.length = len(grid)
        ends = np.arange(WEEK, self.length + 1)
        counts = self._counts[ends] - self._counts[ends - WEEK]
        sums = self._sums[ends] - self._sums[ends - WEEK]
        weeks = np.where(counts >= _FEWEST_DAYS, sums * WEEK / np.maximum(counts, 1), np.nan)
        self.amounts: Values = np.concatenate([np.full(WEEK - 1, np.nan), weeks])  # NaN where too little is known

    def peaks(self) -> list[int]:
        """The largest weeks of each stretch of weeks that have a large share of their year."""
        ends = np.arange(self.length)
        low = np.clip(ends - _YEAR // 2, 0, max(self.length - _YEAR, 0))
        high = np.minimum(low + _YEAR, self.length)
        self._years: Values = self._sums[high] - self._sums[low]
        seen = self._counts[high] - self._counts[low]
        with np.errstate(invalid="ignore"):
            large = (self.amounts >= FEWEST) & (self.amounts >= LEAST_SHARE * self._years)
        large &= (self._years > 0) & (seen >= FEWEST_WEEKS * WEEK)
        places = np.flatnonzero(large)
        if not len(places):
            return []
        runs = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
        return [int(part[np.argmax(self.amounts[part])]) for run in runs for part in _pieces(run)]

    def burst(self, peak: int, first: int, days: Days, amounts: Values, single: npt.NDArray[np.bool_]) -> Burst | None:
        """The burst of the week that ends at a place; None when the series' own spread allows it."""
        amount = float(self.amounts[peak])
        around = self._at(peak + _AROUND)
        if len(around) < _FEWEST_AROUND:
            return None
        usual = max(float(np.sort(around)[len(around) // 2]), 0.0)
        if amount < LEAST_TIMES * max(usual, 1.0):
            return None
        if amount < self._largest(peak):
            return None
        year, last = float(self._years[peak]), first + peak
        start, stop = np.searchsorted(days, [last - WEEK + 1, last + 1])
        own = np.where(single[start:stop], amounts[start:stop], -np.inf)
        top = int(np.argmax(own))
        if own[top] >= ONE_DAY * amount:
            day = int(days[start + top])
            return Burst(day, day, float(own[top]), usual / WEEK, min(float(own[top]) / year, 1.0))
        return Burst(last - WEEK + 1, last, amount, usual, min(amount / year, 1.0))

    def _largest(self, peak: int) -> float:
        """What a week of the year around can bring by the spread that the others show, however long its tail is."""
        places = peak + _OF_YEAR
        nearest = places[np.argsort(np.abs(places - peak), kind="stable")]
        others = self._at(nearest)[:_WEEKS_OF_YEAR]
        ordered = np.sort(others)
        middle, high = ordered[len(ordered) // 2], ordered[9 * (len(ordered) - 1) // 10]
        tail = float(high + LEAST_TAILS * (high - middle))
        return max(tail, TIMES_LARGEST * float(ordered[-1])) if middle < SPARSE else tail

    def _at(self, places: npt.NDArray[np.int64]) -> Values:
        inside = places[(places >= 0) & (places < self.length)]
        found = self.amounts[inside]
        return np.asarray(found[np.isfinite(found)])


def _pieces(run: npt.NDArray[np.intp]) -> list[npt.NDArray[np.intp]]:
    """A long stretch in pieces of four weeks, so that a small series whose every week is large is looked at evenly."""
    return [run] if len(run) < 2 * APART else np.array_split(run, len(run) // APART)
