"""A series by closed months, for tables: the level at the end of each, or the amount in it. The running month is left
out, because half a month beside whole ones misleads.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from groundswell.models import Kind, Series, Values

LATE = 14  # days: a level that is older at the end of a month does not stand for it
FEWEST_DAYS = 24  # of a month whose other days are taken as its mean; with fewer it has no amount


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
    ends = [day for _, day in zip(range(most), _month_ends(today), strict=False) if day >= first]
    if kind.by_calendar:
        ends = [day for day in ends if (day.month - series.last_day.month) % period == 0]
    read = _amount if kind in {Kind.FLOW, Kind.COUNTER} else _dated if kind.by_calendar else _level
    months = [read(series, end) for end in ends]
    while months and months[-1].value is None:
        months.pop()
    return tuple(months)


def _month_ends(today: dt.date) -> Iterator[dt.date]:
    tomorrow = today + dt.timedelta(days=1)
    end = tomorrow.replace(day=1) - dt.timedelta(days=1)
    while True:
        yield end
        end = end.replace(day=1) - dt.timedelta(days=1)


def _between(series: Series, first: int, last: int) -> Values:
    start, stop = np.searchsorted(series.days, [first, last + 1])
    return series.values[start:stop]


def _level(series: Series, end: dt.date) -> Month:
    values = _between(series, end.toordinal() - LATE, end.toordinal())
    return Month(end, float(values[-1]) if len(values) else None)


def _dated(series: Series, end: dt.date) -> Month:
    values = _between(series, end.toordinal(), end.toordinal())
    return Month(end, float(values[-1]) if len(values) else None)


def _amount(series: Series, end: dt.date) -> Month:
    days = calendar.monthrange(end.year, end.month)[1]
    values = _between(series, end.toordinal() - days + 1, end.toordinal())
    if len(values) < FEWEST_DAYS:
        return Month(end, None)
    return Month(end, float(values.mean() * days) if len(values) < days else float(values.sum()), len(values) < days)
