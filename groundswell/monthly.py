"""A series by closed months, for tables: the level at the end of each, or the amount in it. The running month is left
out, because half a month beside whole ones misleads.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from groundswell.models import Kind, Series, Values

MOST_MONTHS = 240  # that all_months looks back: twenty years
LATE = 14  # days: a level that is older at the end of a month does not stand for it
FEWEST_DAYS = 24  # of a month whose other days are taken as its mean; with fewer it has no amount
_AMOUNTS: Final = (Kind.FLOW, Kind.COUNTER)


@dataclass(frozen=True, slots=True)
class Month:
    """One closed month."""

    last: dt.date  # its last day
    value: float | None  # level at its end or amount in it; None is missing
    about: bool = False  # some of its days were not observed, and are taken as the mean of the others


def closed_months(series: Series, kind: Kind, today: dt.date, most: int = 24, *, period: int = 1) -> tuple[Month, ...]:
    """The newest closed months, newest first, back to the first one of the series.

    Of a signal by calendar with periods of several months, those months alone in which one of its periods ends.
    """
    if not len(series):
        return ()
    first = dt.date.fromordinal(int(series.days[0]))
    ends = [day for day in _last_ends(today, most) if day >= first]
    if kind.by_calendar:
        ends = [day for day in ends if (day.month - series.last_day.month) % period == 0]
    read = _amount if kind in _AMOUNTS else _level
    back = [end.day - 1 if kind in _AMOUNTS else 0 if kind.by_calendar else LATE for end in ends]
    days = np.array([end.toordinal() for end in ends], dtype=np.int64)
    starts = np.searchsorted(series.days, days - np.array(back, dtype=np.int64)).tolist()
    stops = np.searchsorted(series.days, days + 1).tolist()
    months = [read(end, series.values[start:stop]) for end, start, stop in zip(ends, starts, stops, strict=True)]
    while months and months[-1].value is None:
        months.pop()
    return tuple(months)


@lru_cache(maxsize=16)
def _last_ends(today: dt.date, most: int) -> tuple[dt.date, ...]:
    return tuple(itertools.islice(_month_ends(today), most))


def _month_ends(today: dt.date) -> Iterator[dt.date]:
    tomorrow = today + dt.timedelta(days=1)
    end = tomorrow.replace(day=1) - dt.timedelta(days=1)
    while True:
        yield end
        end = end.replace(day=1) - dt.timedelta(days=1)


def _level(end: dt.date, values: Values) -> Month:
    """The newest of the values that may stand for the end of a month."""
    return Month(end, float(values[-1]) if len(values) else None)


def _amount(end: dt.date, values: Values) -> Month:
    """Of the values of a month."""
    if len(values) < FEWEST_DAYS:
        return Month(end, None)
    filled = len(values) < end.day
    return Month(end, float(values.mean() * end.day) if filled else float(values.sum()), filled)


# --- All months at once ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Months:
    """All closed months of a series, oldest first: what `closed_months` says of each, as rows of numbers."""

    lasts: tuple[dt.date, ...]
    values: Values  # NaN is missing
    about: npt.NDArray[np.bool_]


def all_months(series: Series, kind: Kind, today: dt.date, *, period: int = 1, most: int = MOST_MONTHS) -> Months:
    """The same as `closed_months`, worked out at once, for a hundred months and more of a thousand projects."""
    first = dt.date.fromordinal(int(series.days[0])) if len(series) else dt.date.max
    ends_back = itertools.takewhile(lambda day: day >= first, _month_ends(today))
    lasts = list(itertools.islice(ends_back, most))[::-1]
    if kind.by_calendar and len(series):
        lasts = [day for day in lasts if (day.month - series.last_day.month) % period == 0]
    if not lasts:
        return Months((), np.empty(0), np.empty(0, dtype=np.bool_))
    ends = np.array([day.toordinal() for day in lasts], dtype=np.int64)
    if kind in _AMOUNTS:
        days = np.array([day.day for day in lasts], dtype=np.int64)
        start, stop = np.searchsorted(series.days, ends - days + 1), np.searchsorted(series.days, ends + 1)
        whole, seen = np.concatenate([[0.0], np.cumsum(series.values)]), stop - start
        sums = whole[stop] - whole[start]
        values = np.where(seen >= FEWEST_DAYS, sums * days / np.maximum(seen, 1), np.nan)
        about = (seen >= FEWEST_DAYS) & (seen < days)
    else:
        at = np.searchsorted(series.days, ends + 1) - 1
        age = ends - series.days[np.maximum(at, 0)]
        values = np.where(
            (at >= 0) & (age <= (0 if kind.by_calendar else LATE)), series.values[np.maximum(at, 0)], np.nan
        )
        about = np.zeros(len(ends), dtype=np.bool_)
    known = np.flatnonzero(~np.isnan(values))
    begin = int(known[0]) if len(known) else len(values)
    return Months(tuple(lasts[begin:]), values[begin:], about[begin:])
