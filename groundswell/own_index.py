"""From levels to an index that does not tell them: the one place where a relative-only figure is let out.

The index is 100 on the newest day when the figure was first read, and is rounded to steps of half a point (or what the
entry says). What comes after (growth, intervals, pages, files) is worked out from the rounded index alone, and cannot
tell more than it does. `docs/decisions/0007-own-figures.md` says why this is enough.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np

from groundswell.figure_table import Levels
from groundswell.models import GroundswellError, Kind, OwnFigure, Series

START: Final = 100.0  # of the index
FEWEST_UNITS: Final = 5  # of the levels' own smallest unit that a step of the index holds at least
FEWEST_ALIKE: Final = 3  # different levels from which on a number that divides them all is taken for their unit
AROUND: Final = 28  # days over which a flow is taken as its mean, so that the index does not begin on a weekend


class NoIndex(GroundswellError):
    """There can be no index that keeps the levels to itself, or none that goes on with what was published."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """What may leave of a relative-only figure."""

    values: Mapping[dt.date, float]
    base: dt.date  # the day on which it is 100


def index(levels: Levels, figure: OwnFigure, published: Series, base: dt.date | None) -> Indexed:
    """The index of a figure, going on with what was published of it.

    A published point stays unless it is off by more than a step: rounded anew from day to day, it would flicker between
    two steps, and the flicker would tell what lies between them. Raises NoIndex.
    """
    known = {dt.date.fromordinal(day): value for day, value in _pairs(published)}
    if known:
        base = base if base is not None and _is_whole(base, levels, figure, known) else None
        scale = START / _reference(levels, figure, base) if base else _joining(levels, known)
        began = base or _newest(levels.days, known)
    else:
        began = levels.days[-1]
        scale = START / _reference(levels, figure, began)
    if figure.rounding < FEWEST_UNITS * scale * _unit(list(levels.values.values())):
        raise NoIndex(
            f"its numbers are too small or too round to stay hidden behind an index in steps of {figure.rounding:g}: "
            "take larger steps ('rounding'), or longer periods"
        )
    fresh = {day: _rounded(float(value) * scale, figure.rounding) for day, value in levels.values.items()}
    return Indexed({day: _settled(value, known.get(day), figure.rounding) for day, value in fresh.items()}, began)


def _pairs(series: Series) -> Sequence[tuple[int, float]]:
    return list(zip(series.days.tolist(), series.values.tolist(), strict=True))


def _newest(days: Sequence[dt.date], known: Mapping[dt.date, float]) -> dt.date:
    return max(day for day in days if day in known)


def _window(base: dt.date, days: Sequence[dt.date], figure: OwnFigure) -> list[dt.date]:
    """The days whose mean is 100: the base alone, or the four weeks up to it of a flow."""
    first = base - dt.timedelta(days=AROUND - 1) if figure.kind is Kind.FLOW else base
    return [day for day in days if first <= day <= base]


def _is_whole(base: dt.date, levels: Levels, figure: OwnFigure, known: Mapping[dt.date, float]) -> bool:
    """Whether all that the index was based on is still in the table."""
    return set(_window(base, list(known), figure)) <= set(levels.days) and base in levels.values


def _reference(levels: Levels, figure: OwnFigure, base: dt.date) -> float:
    """The level that is 100."""
    values = [float(levels.values[day]) for day in _window(base, levels.days, figure)]
    mean = math.fsum(values) / len(values)
    if mean <= 0:
        raise NoIndex("its newest number is 0, from which no index can begin")
    return mean


def _joining(levels: Levels, known: Mapping[dt.date, float]) -> float:
    """Points for each unit of a level, so that the index goes on where a table without its beginning still meets it."""
    both = [day for day in levels.days if known.get(day)][-AROUND:]
    total = math.fsum(float(levels.values[day]) for day in both)
    if total <= 0:
        raise NoIndex("its table has no day in common with what was read before: give it another key to begin anew")
    return math.fsum(known[day] for day in both) / total


def _unit(values: Sequence[Decimal]) -> float:
    """The smallest unit that the levels come in: that of all, or the power of ten that at least half of them share."""
    there = [value for value in values if value]
    shift = max((max(0, -int(value.normalize().as_tuple().exponent)) for value in there), default=0)
    whole = [int(value.scaleb(shift)) for value in there]
    common = math.gcd(*whole) if len(set(whole)) >= FEWEST_ALIKE else 1  # of one or two it says nothing
    zeros = [len(str(one)) - len(str(one).rstrip("0")) for one in whole]
    usual = sorted(zeros, reverse=True)[(len(zeros) - 1) // 2] if zeros else 0
    return float(max(common, 10**usual)) / float(10**shift)


def _rounded(value: float, step: float) -> float:
    return round(round(value / step) * step, 6)


def _settled(fresh: float, published: float | None, step: float) -> float:
    if published is None or abs(fresh - published) > step + 1e-9:
        return fresh
    return published


def series(values: Mapping[dt.date, float]) -> Series:
    """An index as a series."""
    days = sorted(values)
    ordinals = np.array([day.toordinal() for day in days], dtype=np.int64)
    return Series(ordinals, np.array([values[day] for day in days], dtype=np.float64))
