"""Channels: what is seen of one signal of a project, over all targets that it names, and why a target takes no part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from groundswell.anomalies import KEPT_OUT, Examined, examine, unexamined
from groundswell.history import History, column, place
from groundswell.models import EMPTY_SERIES, OWN, Anomaly, Kind, Metric, Project, Series, Signal
from groundswell.months import earlier, month_end
from groundswell.totals import total

OWNERS_WORD: Final = frozenset({OWN})  # figures that nobody else has seen: they are taken as they are told

POINT: Final = 1e6  # an index is measured in so many parts of a point: it has no unit, so no base of it is too small,
# and what its noise is, is told by its own scatter alone


@dataclass(frozen=True, slots=True)
class Scope:
    """What a measurement looks at."""

    project: Project
    history: History
    signals: Mapping[str, Signal]  # by full name
    labels: Mapping[str, str]  # source key → the name that people know it by
    today: dt.date
    oldest_days: int  # a value whose newest day is further behind is not shown
    standing: Mapping[str, tuple[Anomaly, ...]] = field(default_factory=dict)  # signal → when its source stood still

    def newest(self, signal: Signal) -> dt.date:
        """The newest day that can be complete."""
        return self.today - dt.timedelta(days=signal.lag)


@dataclass(frozen=True, slots=True)
class Part:
    """One target of a signal."""

    target: str
    column: str
    series: Series  # as seen and believed, up to the newest day that can be complete
    basis: Series  # what is compared: levels of a stock, amounts of a flow (of a running total, its differences)
    failure: str | None  # why nothing newer is seen: "npm answered 429 (too many requests) since 2026-11-19"
    unusable: str | None  # why it takes no part
    whole: Series  # the basis, and what lies before a level that was leapt to: what a chart shows
    apart: Series = EMPTY_SERIES  # what was seen, and is kept out because it would lie
    anomalies: tuple[Anomaly, ...] = ()


@dataclass(frozen=True, slots=True)
class Channel:
    """One signal over all its targets."""

    name: str  # "npm.downloads"
    signal: Signal
    parts: tuple[Part, ...]

    @property
    def kind(self) -> Kind:
        """The kind of each part's basis: a running total is compared as a flow."""
        return Kind.FLOW if self.signal.kind is Kind.COUNTER else self.signal.kind

    @property
    def usable(self) -> tuple[Part, ...]:
        """The targets of which something recent is seen."""
        return tuple(part for part in self.parts if part.unusable is None)

    @property
    def end(self) -> dt.date:
        """The last day that all usable targets have; there must be one."""
        return min(part.series.last_day for part in self.usable)


class Totals:
    """Totals over targets, each added up once however many rates are taken from it."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Series] = {}

    def of(self, channel: Channel, parts: Sequence[Part]) -> Series:
        """The total over some of a channel's targets, up to its last day."""
        key = tuple(part.column for part in parts)
        if key not in self._known:
            self._known[key] = total(channel.kind, [part.basis for part in parts], channel.end)
        return self._known[key]


def channels(metric: Metric, scope: Scope) -> tuple[Channel, ...]:
    """The signals of a metric that the project can have, the best first; none when it names no target for them."""
    found = []
    for name in metric.signals:
        targets = scope.project.targets.get(name.partition(".")[0]) or _imported(name, scope)
        if targets and name in scope.signals:
            parts = tuple(_part(name, target, scope, metric.none_given) for target in targets)
            found.append(Channel(name, scope.signals[name], parts))
    return tuple(found)


def _imported(name: str, scope: Scope) -> tuple[str, ...]:
    """The target of an imported history, which does not say what its figures are of: "", if there is such a column."""
    return ("",) if len(scope.history.series(column(name, ""))) else ()


def _part(name: str, target: str, scope: Scope, none_given: str) -> Part:
    signal, source = scope.signals[name], name.partition(".")[0]
    newest = scope.newest(signal)
    raw = scope.history.series(column(name, target)).until(newest)
    exact = _exact(raw, scope.history.at_least.get(column(name, target), ()))
    looked = _looked(name, target, exact, scope)
    series = _without(raw, looked.apart)
    failed = scope.history.failure(source, target, signal.key)
    failure = None if failed is None else f"{scope.labels.get(source, source)} {failed.reason} since {failed.since}"
    if failure is None and len(raw) > len(series) and (not len(series) or series.last_day < raw.last_day):
        failure = next((one.says for one in reversed(looked.anomalies) if one.kind in KEPT_OUT), None)
    unusable = None
    if not len(series):
        answered = none_given and any(one == column(one.partition(":")[0], target) for one in _columns(source, scope))
        unusable = failure or (none_given if answered else "not seen yet")
    elif overdue(signal, series.last_day, newest) > scope.oldest_days:
        unusable = _ended(source, target, scope) or last_seen(series.last_day, scope.today, failure)
    return Part(
        target,
        column(name, target),
        series,
        looked.basis,
        failure,
        unusable,
        looked.whole,
        looked.apart,
        looked.anomalies,
    )


def _looked(name: str, target: str, series: Series, scope: Scope) -> Examined:
    signal = scope.signals[name]
    if signal.rounding is not None:  # what 0 means in an index, its owner knows
        index = Series(series.days, series.values * POINT)
        return Examined(series, EMPTY_SERIES, index, index, ())
    if name.partition(".")[0] in OWNERS_WORD:
        return unexamined(series, signal)
    return examine(column(name, target), series, signal, scope.standing.get(name, ()))


def _without(series: Series, apart: Series) -> Series:
    if not len(apart):
        return series
    stays = ~np.isin(series.days, apart.days)
    return Series(series.days[stays], series.values[stays])


def _ended(source: str, target: str, scope: Scope) -> str | None:
    """Why nothing more comes, where that is no failure and its source has noted it: the company no longer reports."""
    noted = scope.history.state.get(place(source, target), {}).get("ended")
    return noted if isinstance(noted, str) else None


def _exact(series: Series, bounds: Sequence[dt.date]) -> Series:
    """A series without the lower bounds before its last day: to grow from one would be to grow from too little."""
    before = [day.toordinal() for day in bounds if len(series) and day < series.last_day]
    if not before:
        return series
    stays = ~np.isin(series.days, before)
    return Series(series.days[stays], series.values[stays])


def _columns(source: str, scope: Scope) -> Iterator[str]:
    return (name for name, series in scope.history.columns.items() if name.startswith(f"{source}.") and len(series))


def overdue(signal: Signal, last: dt.date, newest: dt.date) -> int:
    """Days by which the newest day seen is behind the newest that can be complete. A number by calendar is not behind
    before the next month or quarter is over, and the days of grace that its publication may take.
    """
    if not signal.kind.by_calendar:
        return max(0, (newest - last).days)
    return max(0, (newest - month_end(earlier(last, -signal.months))).days + 1 - signal.grace)


def last_seen(day: dt.date, today: dt.date, failure: str | None) -> str:
    """How old a value is, and why nothing newer is there when that is known."""
    age = (today - day).days
    text = f"last seen {day}, {age} {'day' if age == 1 else 'days'} ago"
    return f"{text}: {failure}" if failure else text


def why_unusable(found: Sequence[Channel]) -> str:
    """Why none of several signals can be used: what fails first, then what is too old, then what was never seen.

    One reason that holds for all targets of a signal is said once.
    """
    failing = [channel for channel in found if any(part.failure for part in channel.parts)]
    seen = [channel for channel in found if any(len(part.series) for part in channel.parts)]
    parts = (*failing, *seen, *found)[0].parts
    reasons = {part.target: part.unusable or "" for part in parts}
    if len(set(reasons.values())) == 1:
        return next(iter(reasons.values()))
    return "; ".join(f"{target}: {reason}" for target, reason in reasons.items())
