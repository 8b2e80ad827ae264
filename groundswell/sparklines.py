"""Small lines beside numbers: the shape of twelve months, as the path of an SVG a hundred by twenty-four."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from groundswell.models import Days, Series, Values

WIDTH: Final = 100
HEIGHT: Final = 24
_EDGE: Final = 2  # left free above and below, so that the stroke is not cut
_POINTS: Final = 27  # one a fortnight
_GAP: Final = 45  # days without a value, over which no line is drawn
_SEEN: Final = 0.5  # a point that lies no further than this from the line between its neighbours is not seen
_LEAST_SPAN: Final = 0.04  # of the level: a thousandth more or less must not look like a mountain


def sparkline(series: Series, today: dt.date) -> str:
    """Path of the last 365 days; the right edge is today. Empty with fewer than three values to draw."""
    start = today.toordinal() - 365
    inside = (series.days >= start) & (series.days <= today.toordinal())
    days, values = series.days[inside], series.values[inside]
    if len(days) < 3:
        return ""
    shown = np.unique(np.linspace(0, len(days) - 1, _POINTS).round().astype(np.int64))
    x = ((days[shown] - start) * WIDTH / 365).tolist()
    y = _heights(values[shown]).tolist()
    starts = [0, *(np.flatnonzero(_broken(days, shown)) + 1).tolist(), len(x)]
    return "".join(_stretch(x[i:j], y[i:j]) for i, j in pairwise(starts))


def _broken(days: Days, shown: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether a gap lies between each two neighbours among the points shown."""
    gaps_before = np.concatenate([[0], np.cumsum(np.diff(days) > _GAP)])
    return np.diff(gaps_before[shown]) > 0


def _heights(values: Values) -> Values:
    low, high = float(values.min()), float(values.max())
    short = max(0.0, _LEAST_SPAN * abs(high) - (high - low), 1e-9 - (high - low)) / 2
    low, high = low - short, high + short
    return HEIGHT - _EDGE - (values - low) / (high - low) * (HEIGHT - 2 * _EDGE)


def _stretch(x: Sequence[float], y: Sequence[float]) -> str:
    """The path of points that follow each other. Relative steps are the shortest, and pack well."""
    corners = [(round(x[i]), round(y[i])) for i in _corners(x, y)]
    steps = [(there[0] - here[0], there[1] - here[1]) for here, there in pairwise(corners)]
    return f"M{corners[0][0]} {corners[0][1]}" + "".join(
        f"l{across}{'' if down < 0 else ' '}{down}" for across, down in steps
    )


def _corners(x: Sequence[float], y: Sequence[float]) -> list[int]:
    """Which points a line goes through so that no other lies further from it than is seen (Douglas and Peucker)."""
    last = len(x) - 1
    kept, open_ = {0, last}, [(0, last)]
    while open_:
        first, end = open_.pop()
        if end - first < 2:
            continue
        slope = (y[end] - y[first]) / (x[end] - x[first])
        off, furthest = max((abs(y[i] - y[first] - slope * (x[i] - x[first])), i) for i in range(first + 1, end))
        if off > _SEEN:
            kept.add(furthest)
            open_ += [(first, furthest), (furthest, end)]
    return sorted(kept)
