"""Small lines beside numbers: the shape of twelve months, as the path of an SVG a hundred by twenty-four."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import numpy.typing as npt

from groundswell.models import Days, Series, Values

WIDTH: Final = 100
HEIGHT: Final = 24
_EDGE: Final = 2  # left free above and below, so that the stroke is not cut
_POINTS: Final = 27  # one a fortnight
_GAP: Final = 45  # days without a value, over which no line is drawn
_LEAST_SPAN: Final = 0.04  # of the level: a thousandth more or less must not look like a mountain


def sparkline(series: Series, today: dt.date) -> str:
    """Path of the last 365 days; the right edge is today. Empty with fewer than three values to draw."""
    start = today.toordinal() - 365
    inside = (series.days >= start) & (series.days <= today.toordinal())
    days, values = series.days[inside], series.values[inside]
    if len(days) < 3:
        return ""
    shown = np.unique(np.linspace(0, len(days) - 1, _POINTS).round().astype(np.int64))
    x = np.rint((days[shown] - start) * WIDTH / 365).astype(np.int64)
    y = _heights(values[shown])
    broken = _broken(days, shown)
    return "".join(_step(x, y, i, apart=i == 0 or bool(broken[i - 1])) for i in range(len(x)))


def _broken(days: Days, shown: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether a gap lies between each two neighbours among the points shown."""
    gaps_before = np.concatenate([[0], np.cumsum(np.diff(days) > _GAP)])
    return np.diff(gaps_before[shown]) > 0


def _heights(values: Values) -> npt.NDArray[np.int64]:
    low, high = float(values.min()), float(values.max())
    short = max(0.0, _LEAST_SPAN * abs(high) - (high - low), 1e-9 - (high - low)) / 2
    low, high = low - short, high + short
    return np.rint(HEIGHT - _EDGE - (values - low) / (high - low) * (HEIGHT - 2 * _EDGE)).astype(np.int64)


def _step(x: npt.NDArray[np.int64], y: npt.NDArray[np.int64], i: int, *, apart: bool) -> str:
    """One command of the path: relative steps are the shortest, and pack well."""
    if apart:
        return f"M{x[i]} {y[i]}"
    down = y[i] - y[i - 1]
    return f"l{x[i] - x[i - 1]}{'' if down < 0 else ' '}{down}"
