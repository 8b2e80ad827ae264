"""One series from several targets of the same signal: a project's packages added up, like for like.

A day is in the total only if every target has it, after each target's own missing days have been filled in, so that a
total never moves because one of its parts was not seen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import numpy as np

from groundswell.models import EMPTY_SERIES, Kind, Series, Values
from groundswell.windows import FEWEST_DAYS, WINDOW, levels

_WEEK: Final = 7


def total(kind: Kind, series: Sequence[Series], end: dt.date) -> Series:
    """The sum of several series of a kind up to a day; running totals must be differences already.

    Levels are read between observations at most 14 days apart, amounts filled in window by window back from `end`, so
    that the sum of the last 28 days is the sum of the targets' own amounts.
    """
    if kind is Kind.FLOW:
        return _sum([filled(one, end) for one in series])
    if kind is not Kind.STOCK:
        return _sum([one.until(end) for one in series])
    days = np.unique(np.concatenate([one.days for one in series]))
    days = days[days <= end.toordinal()]
    values = np.sum([levels(one, days) for one in series], axis=0)
    known = np.isfinite(values)
    return Series(days[known], values[known])


def _sum(parts: Sequence[Series]) -> Series:
    days = parts[0].days
    for part in parts[1:]:
        days = np.intersect1d(days, part.days, assume_unique=True)
    return Series(days, np.sum([part.values[np.searchsorted(part.days, days)] for part in parts], axis=0))


def filled(series: Series, end: dt.date) -> Series:
    """Amounts in a day without holes: in each window of 28 days back from `end` of which at least 24 were observed, a
    missing day is the mean of the same weekday in it, or of all its days where that weekday was never observed. Windows
    with fewer observed days stay as they are.
    """
    series = series.until(end)
    if not len(series):
        return EMPTY_SERIES
    windows = (end.toordinal() - int(series.days[0])) // WINDOW + 1
    first = end.toordinal() - windows * WINDOW + 1
    grid = np.full(windows * WINDOW, np.nan)
    grid[series.days - first] = series.values
    _fill(grid.reshape(windows, WINDOW // _WEEK, _WEEK))  # the same weekday stands in one column of a window
    known = np.isfinite(grid)
    return Series(np.flatnonzero(known) + first, grid[known])


def _fill(table: Values) -> None:
    seen = np.isfinite(table)
    amounts, counts = np.where(seen, table, 0.0).sum(axis=1), seen.sum(axis=1)
    days = counts.sum(axis=1, keepdims=True)
    overall = amounts.sum(axis=1, keepdims=True) / np.maximum(days, 1)
    usual = np.where(counts > 0, amounts / np.maximum(counts, 1), overall)
    holes = ~seen & (days >= FEWEST_DAYS)[:, :, None]
    table[holes] = np.broadcast_to(usual[:, None, :], table.shape)[holes]
