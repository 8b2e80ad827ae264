"""A figure of which growth alone is shown: what was measured of its index, as it goes on to stages, pages and files.

There is no value, so nothing is divided by it, ranked by it or held against a threshold. The index itself may be shown.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Final

import numpy as np

from groundswell.channels import POINT
from groundswell.growth import MEAN_MONTH
from groundswell.models import Direction, Growth, Kind, Measured, Missing, Series, Signal
from groundswell.windows import WINDOW

DECIMALS: Final = 4  # of a rate: hundredths of a percentage point, finer than any rounded index can tell
_WEEK: Final = 7
_FEWEST_DAYS: Final = 5
_Z: Final = 1.96
_FROM_ZERO: Final = Missing("the index was 0, from which there is no rate of growth")


def only(measured: Measured, signal: Signal) -> Measured:
    """The same without a value, in points of the index; intervals are as wide as its rounding makes them.

    An index of amounts a day is shown as the mean of weeks, and so is a level like any other.
    """
    where, kind = measured.provenance, signal.kind
    assert where is not None
    index = Series(measured.series.days, measured.series.values / POINT)
    days = WINDOW if kind is Kind.FLOW else 1
    return dataclasses.replace(
        measured,
        value=None,
        growth=_of_index(measured.growth, days, _unsure(signal, days)),
        compound={months: _rounded(rate) for months, rate in measured.compound.items()},
        year_on_year=_rounded(measured.year_on_year),
        acceleration=_rounded(measured.acceleration),
        series=_weekly(index) if kind is Kind.FLOW else index,
        provenance=dataclasses.replace(where, kind=Kind.STOCK) if kind is Kind.FLOW else where,
        relative=True,
    )


def _rounded(rate: float | Missing) -> float | Missing:
    return rate if isinstance(rate, Missing) else round(rate, DECIMALS)


def _unsure(signal: Signal, days: int) -> float:
    """Half of the 95 % interval that rounding leaves open of a mean of so many days, in points and scaled to a month:
    each day is off by up to half a step, evenly.
    """
    assert signal.rounding is not None
    windows = 1 / signal.months if signal.kind.by_calendar else MEAN_MONTH / WINDOW  # in a month
    return windows * _Z * signal.rounding / math.sqrt(12 * days)


def _of_index(found: Growth | Missing, days: int, unsure: float) -> Growth | Missing:
    """A growth in points, as a mean of so many days."""
    if isinstance(found, Missing):
        return found
    start, end = found.start / POINT / days, found.end / POINT / days
    if found.month is None or found.window is None or start <= 0:
        return _FROM_ZERO
    shown = dataclasses.replace(
        found,
        window=round(found.window, DECIMALS),
        month=round(found.month, DECIMALS),
        start=round(start, 2),
        end=round(end, 2),
        dispersion=None,
        index=True,
    )
    if found.low is None or found.high is None or end <= 0:
        return dataclasses.replace(shown, low=None, high=None, direction=None, unsure=shown.unsure or _FROM_ZERO)
    low, high = _widened(found.month, found.low, found.high, math.hypot(unsure / start, unsure / end))
    direction = Direction.RISING if low > 0 else Direction.FALLING if high < 0 else Direction.STEADY
    return dataclasses.replace(shown, low=low, high=high, direction=direction)


def _widened(month: float, low: float, high: float, half: float) -> tuple[float, float]:
    """An interval with a second, independent reason to be unsure, in logarithms of the ratio."""
    log = math.log1p(month)
    up = math.hypot(math.log1p(high) - log, half)
    down = math.inf if low <= -1 else math.hypot(log - math.log1p(low), half)
    return round(math.expm1(log - down), DECIMALS), round(math.expm1(log + up), DECIMALS)


def _weekly(index: Series) -> Series:
    """The mean of each week up to the newest day, dated on its last; weeks with fewer than five days are left out."""
    if not len(index):
        return index
    newest = int(index.days[-1])
    ago = (newest - index.days) // _WEEK
    seen, sums = np.bincount(ago), np.bincount(ago, weights=index.values)
    kept = np.flatnonzero(seen >= _FEWEST_DAYS)[::-1]
    return Series((newest - kept * _WEEK).astype(np.int64), np.round(sums[kept] / seen[kept], 2))
