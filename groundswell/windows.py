"""Levels and amounts read from a series: what it was on a day, how much came in the days up to one.

Nothing here is made up: a value that the observations do not carry is None (or NaN inside an array), never 0.
Days are proleptic ordinals throughout.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from groundswell.dispersion import Amounts, even
from groundswell.models import EMPTY_SERIES, Days, Series, Values

WINDOW = 28  # days: four whole weeks, so that weekends weigh the same
FEWEST_DAYS = 24  # of a window's 28 must be observed
FARTHEST = 14  # days between two observations that a value may still be read between
LARGE = 20  # a day: a Poisson count of this mean is 0 once in 500 million days
WEEKS = 26  # how many weekly amounts tell how much a series varies
_FEWEST_DAYS_OF_WEEK = 6  # must be observed for an amount of the week; the other is filled in
_STILL = 4  # days on average for which the amounts of a flow keep still that was spread between observations
_WEEKS_AROUND = np.concatenate([np.arange(-8, 0), np.arange(1, 9)])


# --- Levels ----------------------------------------------------------------------------------------------------------


def level(series: Series, day: int) -> float | None:
    """The level on a day: as observed, or on the straight line between two observations at most 14 days apart."""
    right = int(series.days.searchsorted(day))
    if right == len(series):
        return None
    end, now = int(series.days[right]), float(series.values[right])
    if end == day:
        return now
    if not right or end - (start := int(series.days[right - 1])) > FARTHEST:
        return None
    before = float(series.values[right - 1])
    return before + (now - before) * (day - start) / (end - start)


def levels(series: Series, at: Days) -> Values:
    """`level` for many days at once, NaN where there is none."""
    if not len(series):
        return np.full(len(at), np.nan)
    after = np.searchsorted(series.days, at)
    right, left = np.minimum(after, len(series) - 1), np.maximum(after - 1, 0)
    apart = series.days[right] - series.days[left]
    between = (left < right) & (apart <= FARTHEST)
    rise = (series.values[right] - series.values[left]) * (at - series.days[left]) / np.maximum(apart, 1)
    read = np.where(between, series.values[left] + rise, np.nan)
    return np.where(series.days[right] == at, series.values[right], read)


def weekly_gains(series: Series, end: int) -> Amounts:
    """What a level gained in the 26 weeks up to `end`, week by week as far as it was observed so often.

    A stretch lies between two observations, the newest ones up to the ends of weeks. A level that is seen once in a
    fortnight has gains of a fortnight: to read it between its observations would share them out evenly, and let it look
    calmer from week to week than it is. Stretches with observations further apart than 14 days are not known.
    """
    ends = end - 7 * np.arange(WEEKS, -1, -1, dtype=np.int64)
    seen = _newest(series.days, ends)
    return _between(series.days, series.values[seen], seen, end)


def _newest(days: Days, ends: Days) -> npt.NDArray[np.int64]:
    """The places of the newest of the days up to each of some ascending ones, each place once."""
    places = np.searchsorted(days, ends, side="right") - 1
    return np.asarray(places[np.diff(places, prepend=-1) > 0])


def _between(days: Days, levels: Values, seen: npt.NDArray[np.int64], end: int) -> Amounts:
    """What came between those of the observation days that are picked, whose levels are given."""
    first, last = days[seen[:-1]], days[seen[1:]]
    known = days[seen[:-1] + 1] - first <= FARTHEST
    gains, lengths = np.diff(levels), (last - first) / 7
    return Amounts(gains[known], ((first + last) / 2 - end)[known] / 7, lengths[known])


# --- Counters --------------------------------------------------------------------------------------------------------


def differences(series: Series) -> Series:
    """The flow of a running total: the amount of day d is total(d) − total(d−1).

    The difference over a gap of up to 14 days is spread evenly over its days: the sum is known, its days are not, and
    inside four weeks it hardly matters. Over a longer gap it does, so those days are missing, although their sum is
    known. Where the total falls (`resets`) the days since the observation before are missing.

    A large counter whose total stands still was not counted, or an old answer was handed out again: what is said of
    exact zeros in `without_outages` holds here too. That observation is passed over, and what came meanwhile is spread
    up to the next one; so nothing is counted twice.
    """
    flow = _spread(series)
    zeros = _unlikely_zeros(flow)
    if not zeros.any():
        return flow
    fresh = ~np.isin(series.days, flow.days[zeros])
    return _spread(Series(series.days[fresh], series.values[fresh]))


def resets(series: Series) -> Days:
    """The days on which a running total was first seen lower than before."""
    return series.days[1:][np.diff(series.values) < 0]


def _spread(series: Series) -> Series:
    if len(series) < 2:
        return EMPTY_SERIES
    gaps, gains = np.diff(series.days), np.diff(series.values)
    usable = (gaps <= FARTHEST) & (gains >= 0)
    lengths = gaps[usable]
    before_first = np.repeat(series.days[:-1][usable] - (np.cumsum(lengths) - lengths), lengths)
    days = before_first + np.arange(1, len(before_first) + 1)
    return Series(days.astype(np.int64), np.repeat(gains[usable] / lengths, lengths))


# --- Amounts ---------------------------------------------------------------------------------------------------------


def amount(series: Series, end: int, days: int = WINDOW) -> float | None:
    """F(t): the sum of a flow over the `days` days ending at `end`; None when too few of them were observed.

    At least 24 of 28 (the same share of another length) must be observed, a day that `without_outages` takes out not
    being one of them. A missing day counts as the mean of the same weekday in the window; where that weekday is missing
    in every week, as the mean of all observed days.
    """
    return total(without_outages(series), end, days)


def without_outages(series: Series) -> Series:
    """A flow without the days whose exact 0 is an outage, not a count.

    A 0 is taken for an outage when, within eight weeks before and after, at least half of the observed days of the same
    weekday brought 20 or more: no chance makes such a day 0. It is the same weekday that is looked at so that a package
    that rests at weekends keeps its zeros, as small counts keep theirs. Zeros that last for more than about five weeks
    up to the end are believed.
    """
    outages = _unlikely_zeros(series)
    return Series(series.days[~outages], series.values[~outages]) if outages.any() else series


def total(series: Series, end: int, days: int = WINDOW) -> float | None:
    """`amount` of a flow that is free of outages already."""
    dense = _dense(series, end, days)
    known = np.isfinite(dense)
    count = int(known.sum())
    if count < math.ceil(days * FEWEST_DAYS / WINDOW):
        return None
    if count == days:
        return float(dense.sum())
    weekday = np.arange(days) % 7
    sums = np.bincount(weekday[known], weights=dense[known], minlength=7)
    counts = np.bincount(weekday[known], minlength=7)
    usual = np.where(counts > 0, sums / np.maximum(counts, 1), dense[known].mean())
    return float(dense[known].sum() + usual[weekday[~known]].sum())


def observed_days(series: Series, end: int, days: int = WINDOW) -> int:
    """How many of the `days` days ending at `end` have a value."""
    first, last = np.searchsorted(series.days, [end - days + 1, end + 1])
    return int(last - first)


def weekly_amounts(series: Series, end: int) -> Amounts:
    """The amounts of the 26 weeks up to `end`, of a flow that is free of outages; of a running total that was not seen
    every day those between the days on which it was seen, as `weekly_gains` has them.
    """
    seen = _spread_until(series, end)
    if seen is None:
        return even(_amounts_of_weeks(series, end))
    days, totals = seen
    ends = end - 7 * np.arange(WEEKS, -1, -1, dtype=np.int64)
    picked = _newest(days, ends)
    return _between(days, totals[picked], picked, end)


def _spread_until(series: Series, end: int) -> tuple[Days, Values] | None:
    """The days on which a running total was seen that is spread over the days of this flow, and its level on them;
    None if the flow is not one that was spread.

    A flow whose amounts keep still for four to fourteen days was spread between observations by `differences`: days
    that are counted one by one do not repeat themselves so often, unless they are 0. The reason to know is that the
    weeks of such a flow mix two observations, and so look calmer than they are.
    """
    first, last = np.searchsorted(series.days, [end - 7 * (WEEKS + 2) + 1, end + 1])
    days, values = series.days[first:last], series.values[first:last]
    changes = values[1:] != values[:-1]
    if not len(days) or _STILL * np.count_nonzero(changes) > len(days):
        return None
    turns = np.flatnonzero(changes | (np.diff(days) != 1))
    ends = np.append(turns, len(days) - 1)
    still = np.diff(ends, prepend=-1)
    aligned = ((end - days[turns]) % 7 == 0).all()
    by_the_week = aligned and still[1:].min(initial=still[0]) <= 7  # whole weeks are what was seen
    zeros = 2 * np.count_nonzero(values) < len(values)
    if by_the_week or zeros or still.mean() < _STILL or still.max() > FARTHEST:
        return None
    return np.append(days[0] - 1, days[ends]), np.append(0.0, np.cumsum(values)[ends])


def _amounts_of_weeks(series: Series, end: int) -> Values:
    """Oldest first. One missing day in a week counts as the mean of the same weekday in the four weeks up to it. NaN
    where more days are missing, or where that weekday was never observed.
    """
    weeks = _dense(series, end, 7 * (WEEKS + 3)).reshape(WEEKS + 3, 7)
    known = np.isfinite(weeks)
    if known.all():
        return np.asarray(weeks[3:].sum(axis=1))
    sums, counts = _over_four_weeks(np.where(known, weeks, 0.0)), _over_four_weeks(known.astype(np.float64))
    filled = np.where(known[3:], weeks[3:], sums / np.maximum(counts, 1))
    enough = (known[3:].sum(axis=1) >= _FEWEST_DAYS_OF_WEEK) & (counts > 0).all(axis=1)
    return np.where(enough, filled.sum(axis=1), np.nan)


def filling(series: Series, end: int) -> float:
    """By how much the filling of missing days raises the variance of a sum of 28 days.

    The c of four like weekdays that were observed stand for all four: the variance of their sum is 4/c times as large.
    """
    first, last = np.searchsorted(series.days, [end - WINDOW + 1, end + 1])
    if last - first == WINDOW:
        return 1.0
    observed = np.bincount((series.days[first:last] - end) % 7, minlength=7)
    return float((4 / np.maximum(observed, 1)).mean())


def _over_four_weeks(weeks: Values) -> Values:
    return weeks[3:] + weeks[2:-1] + weeks[1:-2] + weeks[:-3]


def _dense(series: Series, end: int, days: int) -> Values:
    """One place for each of the `days` days ending at `end`, NaN where there is no value."""
    first, last = np.searchsorted(series.days, [end - days + 1, end + 1])
    dense = np.full(days, np.nan)
    dense[series.days[first:last] - (end - days + 1)] = series.values[first:last]
    return dense


def _unlikely_zeros(series: Series) -> npt.NDArray[np.bool_]:
    """Which values are an exact 0 where no chance makes a 0 (`without_outages` says when)."""
    unlikely = np.zeros(len(series), dtype=np.bool_)
    zeros = np.flatnonzero(series.values == 0)
    if not len(zeros) or series.values.max() < LARGE:
        return unlikely
    reach = 7 * int(_WEEKS_AROUND[-1])
    first = int(series.days[0]) - reach
    last = int(series.days[-1]) + reach
    around = _dense(series, last, last - first + 1)[(series.days[zeros] - first)[:, None] + 7 * _WEEKS_AROUND]
    large = (around >= LARGE).sum(axis=1)
    unlikely[zeros] = (large > 0) & (2 * large >= np.isfinite(around).sum(axis=1))
    return unlikely
