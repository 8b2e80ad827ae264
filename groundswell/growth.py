"""Relative growth: how much, how sure, and why not when there is none. Arithmetic on series alone.

A *month* is 28 days wherever windows are compared; the figure shown is scaled to a mean month, (1+g)^(30.4375/28) − 1.
`end` is T throughout: the last day for which the series is complete. What lies after it is not looked at.

What is compared, by kind (V(t) below):
- stock: the level on the day, between observations at most 14 days apart. T must be an observed day.
- flow, counter: the sum of the 28 days up to the day.
- rolling: the amount of the last `days` days, as given, read between observations like a level; T must be observed.
- period: the amount of the calendar month or quarter (`period` months) that ends on the day, scaled to one of mean
  length, so that periods are compared per day; T is moved back to the end of the last observed period.
- closing: the level at the end of the calendar month or quarter; T as for a period. Between two ends nothing is known.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from itertools import islice

import numpy as np

from groundswell import dispersion, intervals
from groundswell.dispersion import FEWEST_AMOUNTS, Amounts, Spread, even
from groundswell.models import Direction, Growth, Kind, Missing, Series
from groundswell.months import closed, earlier, month_end, period_before, period_days, period_name
from groundswell.windows import (
    FARTHEST,
    FEWEST_DAYS,
    WEEKS,
    WINDOW,
    amount,
    differences,
    filling,
    level,
    levels,
    observed_days,
    resets,
    total,
    weekly_amounts,
    weekly_gains,
    without_outages,
)

__all__ = [
    "MEAN_MONTH",
    "SMALLEST_FLOW",
    "SMALLEST_STOCK",
    "WINDOW",
    "acceleration",
    "amount",
    "compound",
    "differences",
    "growth",
    "level",
    "month_index",
    "points",
    "resets",
    "smallest",
    "year_on_year",
]

MEAN_MONTH = 30.4375  # days
SMALLEST_STOCK = 50  # a smaller base gives no percentage
SMALLEST_FLOW = 100  # the same of an amount, and of all others
_SHARE_UNSURE = Missing("a share has no interval, so no change of it is called a move")
_LARGEST_LOG = 50.0  # a bound of e^50 says as little as any larger one, and is still a number


def smallest(kind: Kind, *, people: bool = False) -> int:
    """The least base that has a percentage: 50 for a level, and for the people of a window, of whom most were there in
    the window before; 100 for amounts.
    """
    return SMALLEST_STOCK if people or kind in (Kind.STOCK, Kind.CLOSING) else SMALLEST_FLOW


def growth(
    kind: Kind, series: Series, end: dt.date, *, days: int = 1, period: int = 1, people: bool = False
) -> Growth | Missing:
    """Growth of the window that ends at T over the one before, with its 95 % interval.

    `days` is the length of a rolling signal's window, `period` that of a period in months. A comparison over another
    length than 28 days (rolling, period, closing) is scaled: `window` is what it comes to in 28 days, `month` in a mean
    month; so `month` is the growth from month to month, and of quarters the third root of that from quarter to quarter.
    `start` and `end` of the answer are the levels or amounts as they are, also for a period.

    A base below 50 (levels, and `people` in a window) or 100 (amounts) is `NEW` and has no percentage. Without 8
    amounts to tell how much the series varies there is no interval and no direction, and `unsure` says what is lacking.
    """
    view = _view(kind, series, end, days, period, people)
    before = view.earlier(1)
    start, now = view.value(before), view.value(view.end)
    if isinstance(start, Missing):
        return start
    if isinstance(now, Missing):
        return now
    shown = round(start, 6), round(now, 6)  # spread and filled days leave 141.99999999999997 behind
    if start < view.smallest:
        return Growth(None, None, None, None, Direction.NEW, *shown, view.end)
    ratio = (now / view.exposure(view.end)) / (start / view.exposure(before))
    window, month = ratio ** (WINDOW / view.length) - 1, ratio ** (MEAN_MONTH / view.length) - 1
    amounts = view.amounts()
    spread = dispersion.spread(amounts)
    if spread is None:
        return Growth(window, month, None, None, None, *shown, view.end, unsure=view.unsure(amounts))
    low, high = (
        math.expm1(min(bound * MEAN_MONTH / view.length, _LARGEST_LOG))
        for bound in _interval(view, start, now, ratio, spread)
    )
    return Growth(window, month, low, high, _direction(low, high), *shown, view.end, spread.phi)


def points(
    kind: Kind, series: Series, end: dt.date, *, days: int = 1, period: int = 1, people: bool = False
) -> Growth | Missing:
    """Change of a share (0 to 100) in percentage points: the value on T less that of one window before.

    A share has no relative growth here: from 2 % to 4 % is not "+100 %", and the smaller the share the louder that
    would sound. It has no interval either, since how many people it is a share of is not part of the series; so it
    never gets an arrow.
    """
    view = _view(kind, series, end, days, period, people)
    start, now = view.value(view.earlier(1)), view.value(view.end)
    if isinstance(start, Missing):
        return start
    if isinstance(now, Missing):
        return now
    change = round(now - start, 6)
    return Growth(None, None, None, None, None, start, now, view.end, unsure=_SHARE_UNSURE, points=change)


def compound(
    kind: Kind, series: Series, end: dt.date, months: int, *, days: int = 1, period: int = 1, people: bool = False
) -> float | Missing:
    """Mean growth a month over calendar months: (V(T)/V(T − months))^(1/months) − 1."""
    ratio = _ratio(_view(kind, series, end, days, period, people), months)
    return ratio if isinstance(ratio, Missing) else float(ratio ** (1 / months) - 1)


def year_on_year(
    kind: Kind, series: Series, end: dt.date, *, days: int = 1, period: int = 1, people: bool = False
) -> float | Missing:
    """Growth over twelve calendar months, as a whole: V(T)/V(T − 12 months) − 1."""
    ratio = _ratio(_view(kind, series, end, days, period, people), 12)
    return ratio if isinstance(ratio, Missing) else ratio - 1


def acceleration(
    kind: Kind, series: Series, end: dt.date, *, days: int = 1, period: int = 1, people: bool = False
) -> float | Missing:
    """This window's log growth less that of the one before: above 0 the growth gets faster.

    In 28 days, like `Growth.window`, of which it is the change in log(1 + window). Both bases must be large enough.
    """
    view = _view(kind, series, end, days, period, people)
    oldest, middle, now = view.base(view.earlier(2)), view.base(view.earlier(1)), view.rate(view.end)
    if isinstance(oldest, Missing):
        return oldest
    if isinstance(middle, Missing):
        return middle
    if isinstance(now, Missing):
        return now
    if now == 0:
        return Missing("fell to 0, which has no rate of growth")
    return math.log(now * oldest / middle**2) * WINDOW / view.length


def month_index(
    kind: Kind, series: Series, end: dt.date, *, days: int = 1, period: int = 1, people: bool = False
) -> Series:
    """V at the ends of the last 12 closed months, and of the one before them as the base; at most 13 values.

    Dated on the last day of each month. Months without a value are left out; small values are not. Inside a quarter
    each month takes an equal part of its relative growth, since which of them grew is not known.
    """
    view = _view(kind, series, end, days, period, people)
    ends = reversed(list(islice(closed(view.end), 13)))
    rates = {day.toordinal(): view.rate_between(day) for day in ends}
    known = {day: rate for day, rate in rates.items() if not isinstance(rate, Missing)}
    return Series(np.array(list(known), dtype=np.int64), np.array(list(known.values()), dtype=np.float64))


# --- One series, ready to be compared --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _View:
    """A series up to T: a counter as its flow, a flow without its outages."""

    kind: Kind
    series: Series
    end: dt.date
    days: int  # length of a rolling signal's window
    period: int  # length of a period in months
    people: bool  # whether it counts the people of a window
    first: int | None  # first day that can have a value

    @property
    def smallest(self) -> float:
        return smallest(self.kind, people=self.people)

    @property
    def length(self) -> float:
        """Days from one window to the next."""
        if self.kind.by_calendar:
            return self.period * MEAN_MONTH
        return float(self.days if self.kind is Kind.ROLLING else WINDOW)

    def earlier(self, windows: int) -> dt.date:
        """The end of the window that many windows before the last."""
        if self.kind.by_calendar:
            return period_before(self.end, windows * self.period)
        return self.end - dt.timedelta(days=windows * round(self.length))

    def exposure(self, day: dt.date) -> float:
        """How long the window is that ends on a day, in windows of mean length: only those of the calendar differ."""
        return period_days(day, self.period) / self.length if self.kind is Kind.PERIOD else 1.0

    def value(self, day: dt.date) -> float | Missing:
        """The level on the day, or the amount of the window that ends on it."""
        if self.first is None:
            return Missing("no observation yet")
        if self.kind in (Kind.FLOW, Kind.COUNTER):
            return _amount_on(self.series, day, self.first)
        return _period_on(self.series, day, self.period) if self.kind.by_calendar else _level_on(self.series, day)

    def rate(self, day: dt.date) -> float | Missing:
        """V on a day: the value, an amount of a calendar period scaled to one of mean length."""
        found = self.value(day)
        return found if isinstance(found, Missing) else found / self.exposure(day)

    def rate_between(self, day: dt.date) -> float | Missing:
        """V at the end of a month, also of one inside a longer period: between the periods on an exponential."""
        found = self.rate(day)
        inside = (12 * (self.end.year - day.year) + self.end.month - day.month) % self.period
        if not self.kind.by_calendar or not inside:
            return found
        after = month_end(earlier(day, -inside))
        ends = self.rate(after), self.rate(period_before(after, self.period))
        now, before = (math.nan if isinstance(one, Missing) or one <= 0 else one for one in ends)
        between = now * (before / now) ** (inside / self.period)
        return found if math.isnan(between) else between

    def base(self, day: dt.date) -> float | Missing:
        """V on a day, if it is large enough to be compared with."""
        found = self.value(day)
        if not isinstance(found, Missing) and found < self.smallest:
            return Missing(f"the base of {found:.0f} on {day} is below {self.smallest:.0f}")
        return self.rate(day)

    def amounts(self) -> Amounts:
        """The last 26 amounts that tell how much the series varies, as far as they are known.

        Weekly gains of a stock, weekly amounts of a flow; of the others their own windows, which must not overlap, and
        of a closing level the gains of its periods.
        """
        if self.kind is Kind.STOCK:
            return weekly_gains(self.series, self.end.toordinal())
        if self.kind in (Kind.FLOW, Kind.COUNTER):
            return weekly_amounts(self.series, self.end.toordinal())
        if self.kind is Kind.ROLLING:
            back = self.days * np.arange(WEEKS - 1, -1, -1, dtype=np.int64)
            return even(levels(self.series, self.end.toordinal() - back))
        rates = (self.rate(self.earlier(back)) for back in range(WEEKS, -1, -1))
        known = np.array([np.nan if isinstance(rate, Missing) else rate for rate in rates])
        return even(known[1:] if self.kind is Kind.PERIOD else np.diff(known))

    def stretches(self, windows: int) -> tuple[float, ...]:
        """The middles of the amounts that make up the window that many windows before the last."""
        weekly = not self.kind.by_calendar and self.kind is not Kind.ROLLING
        many = WINDOW // 7 if weekly else 1
        return tuple(-0.5 - many * windows - place for place in range(many))

    def filling(self, day: dt.date) -> float:
        """By how much missing days raise the variance of the window that ends on a day."""
        return filling(self.series, day.toordinal()) if self.kind in (Kind.FLOW, Kind.COUNTER) else 1.0

    def unsure(self, amounts: Amounts) -> Missing:
        """Why there is no interval."""
        by_calendar = f"{period_name(self.period)}s" if self.kind.by_calendar else "weeks"
        what = f"windows of {self.days} days" if self.kind is Kind.ROLLING else by_calendar
        return Missing(f"{FEWEST_AMOUNTS} {what} of history needed to say how sure, {len(amounts)} there")


def _view(kind: Kind, series: Series, end: dt.date, days: int, period: int, people: bool) -> _View:
    series = series.until(end)
    if not len(series):
        return _View(kind, series, end, days, period, people, None)
    first = int(series.days[0])
    if kind.by_calendar:
        end = series.last_day
    elif kind is Kind.FLOW:
        series = without_outages(series)
    elif kind is Kind.COUNTER:
        series, first = differences(series), first + 1
    return _View(kind, series, end, days, period, people, first)


def _level_on(series: Series, day: dt.date) -> float | Missing:
    found = level(series, day.toordinal())
    if found is not None:
        return found
    short = int(series.days[0]) - day.toordinal()
    if short > 0:
        return _more(short, "day")
    place = int(np.searchsorted(series.days, day.toordinal()))
    if place == len(series):
        return Missing(f"no observation on {day}")
    apart = int(series.days[place] - series.days[place - 1])
    return Missing(f"the observations around {day} lie {apart} days apart, more than {FARTHEST}")


def _amount_on(series: Series, day: dt.date, first: int) -> float | Missing:
    found = total(series, day.toordinal())
    if found is not None:
        return found
    short = first - (day.toordinal() - FEWEST_DAYS + 1)
    if short > 0:
        return _more(short, "day")
    seen = observed_days(series, day.toordinal())
    return Missing(f"only {seen} of the {WINDOW} days up to {day} were observed, {FEWEST_DAYS} are needed")


def _period_on(series: Series, day: dt.date, months: int) -> float | Missing:
    place = int(np.searchsorted(series.days, day.toordinal()))
    if place < len(series) and series.days[place] == day.toordinal():
        return float(series.values[place])
    first = dt.date.fromordinal(int(series.days[0]))
    short = 12 * (first.year - day.year) + first.month - day.month
    if short > 0:
        return _more(short, "month")
    return Missing(f"no figure for the {period_name(months)} that ended on {day}")


def _more(count: int, unit: str) -> Missing:
    return Missing(f"{count} more {unit}{'s' * (count != 1)} of history needed")


# --- Ratios and intervals --------------------------------------------------------------------------------------------


def _ratio(view: _View, months: int) -> float | Missing:
    """V(T)/V(T − months)."""
    if view.kind.by_calendar and months % view.period:
        return Missing(f"its figures are of {view.period} months each")
    then = earlier(view.end, months)
    base, now = view.base(month_end(then) if view.kind.by_calendar else then), view.rate(view.end)
    if isinstance(base, Missing):
        return base
    return now if isinstance(now, Missing) else now / base


def _interval(view: _View, start: float, end: float, ratio: float, spread: Spread) -> tuple[float, float]:
    """The logs of the least and the greatest ratio that 95 % leave open; −∞ is a fall to nothing."""
    before, last = view.stretches(1), view.stretches(0)
    usual = spread.usual(*before), spread.usual(*last)
    if view.kind in (Kind.STOCK, Kind.CLOSING):
        least, most = intervals.of_gain(end - start, usual[1], spread)
        return _log(1 + least / start), _log(1 + most / start)
    if end == 0:
        # A log ratio has no standard error here. What remains open is a mean that still leaves 2.5 % for seeing none;
        # of the base only its size counts, since at 100 and more it is far better known than that.
        return -math.inf, math.log(intervals.most_behind_nothing(spread) / start)
    filled = view.filling(view.earlier(1)), view.filling(view.end)
    below, above = intervals.of_ratio((start, end), usual, filled, spread, len(before) + len(last))
    return math.log(ratio) - below, math.log(ratio) + above


def _log(ratio: float) -> float:
    return math.log(ratio) if ratio > 0 else -math.inf


def _direction(low: float, high: float) -> Direction:
    if low > 0:
        return Direction.RISING
    return Direction.FALLING if high < 0 else Direction.STEADY
