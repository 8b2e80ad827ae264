"""Money and use, side by side: compound yearly growth of a company's revenue and of downloads, over the same span.

Twelve months are set against twelve months, so that no season tells: revenue of four quarters in a row, downloads of
twelve calendar months in a row. The span reaches from the oldest end of a quarter that both have twelve months up to,
to the newest, and is at least a year, so that the two twelve months share no day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from groundswell.catalogue import DOWNLOADS
from groundswell.channels import Channel, Scope
from groundswell.growth import SMALLEST_FLOW
from groundswell.history import column, place
from groundswell.models import (
    NO_COMPANY,
    Beside,
    Kind,
    Metric,
    Missing,
    MoneyAndUse,
    Series,
    Signal,
    Yearly,
)
from groundswell.monthly import closed_months
from groundswell.months import earlier, month_end

SOURCE: Final = "sec"
REVENUE: Final = "sec.revenue"
YEAR: Final = 12  # months
FARTHEST: Final = 600  # months back that anything is looked for
_ADDED_UP: Final = {Kind.FLOW, Kind.PERIOD}  # what twelve months can be made of

Amounts = Mapping[dt.date, float]  # last day of a period → its amount; of twelve months → theirs


def money_and_use(found: Mapping[Metric, Sequence[Channel]], scope: Scope) -> MoneyAndUse | Missing:
    """The pairs of a project: its company's revenue and each registry's downloads; or why there is no revenue."""
    companies = scope.project.targets.get(SOURCE, ())
    if not companies or REVENUE not in scope.signals:
        return NO_COMPANY
    company, signal = companies[0], scope.signals[REVENUE]
    quarters = scope.history.series(column(REVENUE, company))
    if not len(quarters):
        failed = scope.history.failure(SOURCE, company, signal.key)
        label = scope.labels.get(SOURCE, SOURCE)
        return Missing(f"{label} {failed.reason} since {failed.since}" if failed else "no revenue is seen yet")
    revenue = _Revenue(twelve_months(_by_day(quarters), signal.months), company, signal)
    if not revenue.years:
        return Missing(f"the company's revenue is not known for twelve months in a row up to {quarters.last_day}")
    named = {metric: of_it for metric, of_it in found.items() if metric.key in DOWNLOADS and of_it}
    pairs = {metric: _longest(metric, of_it, revenue, scope) for metric, of_it in named.items()}
    return MoneyAndUse(
        pairs=tuple(sorted((pair for pair in pairs.values() if isinstance(pair, Beside)), key=_longest_first)),
        missing={metric.key: pair for metric, pair in pairs.items() if isinstance(pair, Missing)},
        silent_since=_silent_since(company, quarters, scope),
        notes=tuple(f"without the company {one}" for one in companies[1:]),
    )


def _longest_first(pair: Beside) -> float:
    return -pair.years


def _silent_since(company: str, quarters: Series, scope: Scope) -> dt.date | None:
    """The end of its last quarter, of a company that reports no more."""
    noted = scope.history.state.get(place(SOURCE, company), {})
    return quarters.last_day if noted.get("reports") is False else None


def _by_day(series: Series) -> Amounts:
    days = map(dt.date.fromordinal, series.days.tolist())
    return dict(zip(days, series.values.tolist(), strict=True))


def twelve_months(amounts: Amounts, period: int) -> Amounts:
    """Last day → the amount of the twelve months up to it, where all of their periods of so many months are there."""
    years: dict[dt.date, float] = {}
    for end in sorted(amounts):
        parts = [amounts.get(month_end(earlier(end, back))) for back in range(0, YEAR, period)]
        known = [part for part in parts if part is not None]
        if len(known) == len(parts):
            years[end] = sum(known)
    return years


def yearly(start: float, end: float, months: int) -> float:
    """Compound growth a year from one amount of twelve months to another, so many months later."""
    return float((end / start) ** (YEAR / months) - 1)


# --- One registry ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Revenue:
    """A company's revenue of twelve months, by their last day."""

    years: Amounts
    company: str
    signal: Signal


@dataclass(frozen=True, slots=True)
class _Use:
    """Downloads of one target by twelve months, and the span over which revenue is there too."""

    target: str
    years: Amounts
    months: int  # that are known
    span: tuple[dt.date, dt.date] | None

    @property
    def length(self) -> int:
        return 0 if self.span is None else _months_between(*self.span)


def _longest(metric: Metric, found: Sequence[Channel], revenue: _Revenue, scope: Scope) -> Beside | Missing:
    """From the signal that reaches furthest; the better one where two reach as far."""
    usable = [channel for channel in found if channel.kind in _ADDED_UP]
    uses = {channel.name: [_use(channel, part.target, part.basis, revenue, scope) for part in channel.parts]
            for channel in usable}  # fmt: skip
    best = max(usable, key=lambda channel: max((use.length, use.months) for use in uses[channel.name]), default=None)
    if best is None:
        return Missing(f"{metric.noun} are not counted by day or month")
    return _beside(metric, best, uses[best.name], revenue)


def _use(channel: Channel, target: str, basis: Series, revenue: _Revenue, scope: Scope) -> _Use:
    months = closed_months(basis, channel.kind, scope.today, FARTHEST, period=channel.signal.months)
    known = {month.last: month.value for month in months if month.value is not None}
    years = twelve_months(known, channel.signal.months)
    return _Use(target, years, len(known) * channel.signal.months, _span(years.keys() & revenue.years.keys()))


def _span(days: Iterable[dt.date]) -> tuple[dt.date, dt.date] | None:
    """From the first to the last, if they are a year apart."""
    ordered = sorted(days)
    if not ordered or _months_between(ordered[0], ordered[-1]) < YEAR:
        return None
    return ordered[0], ordered[-1]


def _months_between(start: dt.date, end: dt.date) -> int:
    return YEAR * (end.year - start.year) + end.month - start.month


def _beside(metric: Metric, channel: Channel, uses: Sequence[_Use], revenue: _Revenue) -> Beside | Missing:
    """Of the packages that reach over the longest span that any of them has."""
    longest = max(uses, key=lambda use: use.length)
    if longest.span is None:
        return _too_short(metric, max(use.months for use in uses))
    start, end = longest.span
    there = [use for use in uses if start in use.years and end in use.years]
    before, after = (sum(use.years[day] for use in there) for day in (start, end))
    if before < SMALLEST_FLOW or revenue.years[start] <= 0:
        return Missing(f"the twelve months up to {start} are too small a base")
    months = _months_between(start, end)
    return Beside(
        metric=metric.key,
        start=start,
        end=end,
        use=Yearly(
            growth=yearly(before, after, months),
            start=before,
            end=after,
            signal=channel.name,
            targets=tuple(use.target for use in there),
            docs=channel.signal.docs,
        ),
        revenue=Yearly(
            growth=yearly(revenue.years[start], revenue.years[end], months),
            start=revenue.years[start],
            end=revenue.years[end],
            signal=REVENUE,
            targets=(revenue.company,),
            docs=revenue.signal.docs,
        ),
        notes=tuple(f"without {use.target}: it is not known over all of the span" for use in uses if use not in there),
    )


def _too_short(metric: Metric, months: int) -> Missing:
    if months < 2 * YEAR:
        return Missing(f"{2 * YEAR - months} more months of {metric.noun} needed: a year against the year before")
    return Missing(f"{metric.noun} and revenue have no two years in common, whole and apart")
