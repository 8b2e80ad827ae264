"""Measuring: every metric of the catalogue for one project, as a value with all that is known of it, or a reason.

A number is never made from two signals: the value is taken from the best signal that can give one, the growth from the
best that can give a growth, and so on, and a note says when they are not the same.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Generic, TypeVar

from groundswell import growth, relative
from groundswell.catalogue import METRICS, metrics_of
from groundswell.channels import Channel, Part, Scope, Totals, channels, last_seen, overdue, why_unusable
from groundswell.figures import own_signals
from groundswell.history import History
from groundswell.models import (
    EMPTY_SERIES,
    Anomaly,
    Growth,
    Kind,
    Measured,
    Metric,
    Missing,
    Oddity,
    Project,
    Provenance,
    Series,
    Signal,
)
from groundswell.months import month_before
from groundswell.reference import page
from groundswell.totals import total
from groundswell.windows import FEWEST_DAYS, observed_days

__all__ = ["METRICS", "OLDEST_DAYS", "Metric", "measure", "measure_one", "months", "page"]

OLDEST_DAYS: Final = 14  # that an old value is shown, unless projects.yaml says otherwise
COMPOUND_MONTHS: Final = (3, 6, 12)  # that mean growth a month is taken over
DAYS_OF_YEAR: Final = 365  # as long as some growth reaches back
LEAST_SHARE: Final = 0.2  # of a growth in one burst, from which it is said beside the growth
NO_RATE: Final = Missing("a share has no rate of growth: its change is given in percentage points")
ALONE: Final = "shares are not added up"
LOWER_BOUND: Final = Missing("more than could be read: the value is a lower bound")

Found = TypeVar("Found", Growth, float)
Formula = Callable[[Channel, Series], Found | Missing]  # of a series of the channel's, up to the channel's last day


def measure(
    project: Project,
    history: History,
    signals: Mapping[str, Signal],
    today: dt.date,
    oldest_days: int = OLDEST_DAYS,
    *,
    labels: Mapping[str, str] | None = None,
) -> Mapping[str, Measured]:
    """Every metric of the project by its key, also those that the project cannot have: they are missing, and say why.

    A value whose newest day lies more than `oldest_days` behind the newest complete day is missing. `labels` gives the
    names that people know the sources by, for the reasons.
    """
    scope = Scope(project, history, {**signals, **own_signals(project)}, labels or {}, today, oldest_days)
    return {metric.key: measure_one(metric, channels(metric, scope), scope) for metric in metrics_of(project)}


def months(found: Iterable[Channel]) -> Mapping[int, float]:
    """Log growth of a metric in each of the last closed months, by the ordinal of the month's last day.

    Each month is taken from the best signal that has it and the month before, over the targets that have both; months
    that start below the base for a percentage are left out.
    """
    logs: dict[int, float] = {}
    for channel in found:
        for day, log in _month_logs(channel).items():
            logs.setdefault(day, log)
    return logs


def measure_one(metric: Metric, found: Sequence[Channel], scope: Scope) -> Measured:
    """One metric from its signals, the best first."""
    if not found:
        return _unmeasured(metric, Missing(f"no {metric.place or 'repository'} is named for this project"))
    usable = [channel for channel in found if channel.usable]
    if not usable:
        return _unmeasured(metric, Missing(why_unusable(found)))
    amounts = next(filter(None, map(_show, usable)), None)
    if amounts is None:
        return _unmeasured(metric, Missing(_too_few_days(usable[0])))
    return _shown(metric, amounts, found, scope)


def _unmeasured(metric: Metric, reason: Missing) -> Measured:
    return _nothing(metric.key, reason)


@lru_cache(maxsize=4096)  # most metrics of most projects are missing, for the same reason as those of the others
def _nothing(key: str, reason: Missing) -> Measured:
    spans = dict.fromkeys(COMPOUND_MONTHS, reason)
    return Measured(key, None, None, reason, spans, reason, reason, reason, None, EMPTY_SERIES)


# --- Value -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shown:
    """The value of a signal on its last day, and the targets that it is the total of."""

    value: float
    channel: Channel
    parts: tuple[Part, ...]


def _show(channel: Channel) -> _Shown | None:
    found = [(part, value) for part in channel.usable if (value := _value(channel, part.basis)) is not None]
    if not found:
        return None
    found = found[:1] if channel.signal.is_share else found
    value = round(math.fsum(value for _, value in found), 6)  # spread and filled days leave 141.99999999999997 behind
    return _Shown(value, channel, tuple(part for part, _ in found))


def _value(channel: Channel, basis: Series) -> float | None:
    kind, end = channel.kind, channel.end
    if kind is Kind.STOCK:
        return growth.level(basis, end.toordinal())
    if kind is Kind.FLOW:
        return growth.amount(basis, end.toordinal())
    known = basis.until(end)
    return float(known.values[-1]) if len(known) and known.last_day == end else None


def _too_few_days(channel: Channel) -> str:
    """Why a flow has no amount: its history is too short, or has too many holes."""
    part, end = channel.usable[0], channel.end.toordinal()
    first = int(part.series.days[0]) + (channel.signal.kind is Kind.COUNTER)  # a total's first difference comes later
    short = first - (end - FEWEST_DAYS + 1)
    if short > 0:
        return f"{short} more {'day' if short == 1 else 'days'} of history needed"
    seen = observed_days(part.basis, end)
    return f"only {seen} of the {growth.WINDOW} days up to {channel.end} were observed, {FEWEST_DAYS} are needed"


def _shown(metric: Metric, shown: _Shown, found: Sequence[Channel], scope: Scope) -> Measured:
    channel, parts, history = shown.channel, shown.parts, scope.history
    usable = [one for one in found if one.usable]
    bound = any(channel.end in history.at_least.get(part.column, ()) for part in parts)
    rates = _rates_of(metric, shown, usable, bound=bound)
    measured = Measured(
        metric=metric.key,
        value=shown.value,
        observed=channel.end,
        growth=rates.growth,
        compound=rates.compound,
        year_on_year=rates.year_on_year,
        acceleration=rates.acceleration,
        missing=None,
        provenance=_provenance(shown, history),
        series=_chart(shown),
        at_least=bound,
        stale=_stale(metric, shown, scope),
        notes=(
            *_failing(found[: found.index(channel)]),
            *_left_out(shown),
            *rates.notes_beside(channel.name),
            *_notes_on_growth(rates.growth, rates.growth_from, usable),
        ),
        growth_from=rates.growth_from,
        apart=parts[0].apart if len(parts) == 1 else EMPTY_SERIES,
        anomalies=_odd(parts),
    )
    return measured if channel.signal.rounding is None else relative.only(measured, channel.signal)


def _provenance(shown: _Shown, history: History) -> Provenance:
    channel = shown.channel
    since = [day for part in shown.parts if (day := history.observed_since.get(part.column)) is not None]
    return Provenance(
        signal=channel.name,
        kind=channel.signal.kind,
        targets=tuple(part.target for part in shown.parts),
        observed_since=max(since) if since else None,
        docs=channel.signal.docs,
        caveat=channel.signal.caveat,
        months=channel.signal.months,
        credit=channel.signal.credit,
    )


def _chart(shown: _Shown) -> Series:
    """Levels of a stock, amounts of a flow: of the one target, or the total of several."""
    channel, wholes = shown.channel, [part.whole for part in shown.parts]
    return wholes[0].until(channel.end) if len(wholes) == 1 else total(channel.kind, wholes, channel.end)


# --- What is odd -----------------------------------------------------------------------------------------------------


def _odd(parts: Sequence[Part]) -> tuple[Anomaly, ...]:
    found = [one for part in parts for one in part.anomalies]
    return tuple(sorted(found, key=lambda one: (one.first, one.kind, one.column)))


def _notes_on_growth(window: Growth | Missing, source: str | None, found: Sequence[Channel]) -> Iterator[str]:
    """What must be said beside a growth: that it begins at a step, or how much of it came at once."""
    channel = next((one for one in found if one.name == source), found[0])
    for anomaly in _odd(channel.usable):
        if anomaly.kind is Oddity.STEP and channel.kind is Kind.STOCK:
            if channel.end - anomaly.last < dt.timedelta(days=DAYS_OF_YEAR):
                yield anomaly.says
        elif anomaly.kind is Oddity.BURST and isinstance(window, Growth):
            share = _share_of_growth(anomaly, window, channel.kind)
            if share >= LEAST_SHARE:
                yield _said(anomaly, share, channel)


def _share_of_growth(burst: Anomaly, window: Growth, kind: Kind) -> float:
    """How much of a level's gain, or of the newest window's amount, came in a burst."""
    if not window.end_day - dt.timedelta(days=growth.WINDOW) < burst.first <= burst.last <= window.end_day:
        return 0.0
    whole = window.end - window.start if kind is Kind.STOCK else window.end
    return min(burst.seen["amount"] / whole, 1.0) if whole > 0 else 0.0


def _said(burst: Anomaly, share: float, channel: Channel) -> str:
    what = "this growth" if channel.kind is Kind.STOCK else f"the {channel.signal.unit} of these {growth.WINDOW} days"
    when = f"on one day, {burst.last}" if burst.first == burst.last else f"in one week, up to {burst.last}"
    return f"{100 * share:.0f} % of {what} came {when}"


def _stale(metric: Metric, shown: _Shown, scope: Scope) -> Missing | None:
    """Set when an old value was kept because something failed, and not because its turn to be refreshed is to come."""
    signal, end = shown.channel.signal, shown.channel.end
    patience = 0 if signal.kind.by_calendar else metric.refresh_days - 1
    behind = (part.failure for part in shown.parts if part.series.last_day == end)
    failure = next(filter(None, behind), None)
    if failure is None or overdue(signal, end, scope.newest(signal)) <= patience:
        return None
    return Missing(last_seen(end, scope.today, failure))


def _failing(better: Sequence[Channel]) -> Iterator[str]:
    """Why the value is not from a better signal, where that one fails."""
    for channel in better:
        if not channel.usable and any(part.failure for part in channel.parts):
            yield f"not from {channel.name}: {why_unusable([channel])}"


def _left_out(shown: _Shown) -> tuple[str, ...]:
    others = [part for part in shown.channel.parts if part not in shown.parts]
    seen = ALONE if shown.channel.signal.is_share else "too few days are seen"
    return tuple(f"without {part.target}: {part.unusable or seen}" for part in others)


# --- Rates -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rate(Generic[Found]):
    """A rate over the targets that have both of the windows it compares."""

    rate: Found | Missing
    signal: str  # that it is from
    without: tuple[str, ...] = ()  # targets that lack one of the windows, each with the reason


@dataclass(frozen=True, slots=True)
class _Rates:
    """Each from the best signal that can give it."""

    growth: Growth | Missing
    compound: Mapping[int, float | Missing]
    year_on_year: float | Missing
    acceleration: float | Missing
    growth_from: str | None = None
    growth_without: tuple[str, ...] = ()

    def notes_beside(self, value_from: str) -> tuple[str, ...]:
        """What to say of the growth beside a value that is from a certain signal."""
        notes = [f"growth without {one}" for one in self.growth_without]
        if self.growth_from is not None and self.growth_from != value_from:
            notes.insert(0, f"the value is from {value_from}, its growth from {self.growth_from}")
        return tuple(notes)


def _rates_of(metric: Metric, shown: _Shown, usable: Sequence[Channel], *, bound: bool) -> _Rates:
    if metric.no_growth:
        return _none(Missing(metric.no_growth), Missing(metric.no_growth))
    if metric.is_share:
        return _of_share(shown)
    return _lower_bound() if bound else _rates(usable)


def _lower_bound() -> _Rates:
    return _none(LOWER_BOUND, LOWER_BOUND)


def _of_share(shown: _Shown) -> _Rates:
    """The change in percentage points of the one target that is shown."""
    channel, (part,) = shown.channel, shown.parts
    return _none(
        growth.points(channel.kind, part.basis, channel.end, days=channel.signal.days, period=channel.signal.months),
        NO_RATE,
    )


def _none(window: Growth | Missing, rate: Missing) -> _Rates:
    """No rate of growth, for a reason."""
    return _Rates(window, dict.fromkeys(COMPOUND_MONTHS, rate), rate, rate)


def _rates(usable: Sequence[Channel]) -> _Rates:
    totals = Totals()
    window = _first(usable, _growth, totals)
    known = not isinstance(window.rate, Missing)
    return _Rates(
        growth=window.rate,
        compound={span: _first(usable, _compound_over(span), totals).rate for span in COMPOUND_MONTHS},
        year_on_year=_first(usable, _year_on_year, totals).rate,
        acceleration=_first(usable, _acceleration, totals).rate,
        growth_from=window.signal if known else None,
        growth_without=window.without if known else (),
    )


def _first(usable: Sequence[Channel], formula: Formula[Found], totals: Totals) -> _Rate[Found]:
    """From the first signal that can give the rate; the first signal's reason when none can."""
    tried = []
    for channel in usable:
        rate = _alike(channel, formula, totals)
        if not isinstance(rate.rate, Missing):
            return rate
        tried.append(rate)
    return tried[0]


def _alike(channel: Channel, formula: Formula[Found], totals: Totals) -> _Rate[Found]:
    """The rate of a signal, like for like: over the total of those targets that have both windows."""
    rates = [(part, formula(channel, part.basis)) for part in channel.usable]
    have = [part for part, rate in rates if not isinstance(rate, Missing)]
    without = tuple(f"{part.target}: {rate.reason}" for part, rate in rates if isinstance(rate, Missing))
    if len(have) > 1:
        return _Rate(formula(channel, totals.of(channel, have)), channel.name, without)
    known = next((rate for part, rate in rates if part in have), rates[0][1])
    return _Rate(known, channel.name, without)


def _growth(channel: Channel, series: Series) -> Growth | Missing:
    days, period, people = channel.signal.days, channel.signal.months, channel.signal.of_people
    return growth.growth(channel.kind, series, channel.end, days=days, period=period, people=people)


def _compound_over(span: int) -> Formula[float]:
    def rate(channel: Channel, series: Series) -> float | Missing:
        days, period, people = channel.signal.days, channel.signal.months, channel.signal.of_people
        return growth.compound(channel.kind, series, channel.end, span, days=days, period=period, people=people)

    return rate


def _year_on_year(channel: Channel, series: Series) -> float | Missing:
    days, period, people = channel.signal.days, channel.signal.months, channel.signal.of_people
    return growth.year_on_year(channel.kind, series, channel.end, days=days, period=period, people=people)


def _acceleration(channel: Channel, series: Series) -> float | Missing:
    days, period, people = channel.signal.days, channel.signal.months, channel.signal.of_people
    return growth.acceleration(channel.kind, series, channel.end, days=days, period=period, people=people)


def _month_logs(channel: Channel) -> Mapping[int, float]:
    if not channel.usable:
        return {}
    kind, days, period = channel.kind, channel.signal.days, channel.signal.months
    indexes = [growth.month_index(kind, part.basis, channel.end, days=days, period=period) for part in channel.usable]
    levels = [dict(zip(index.days.tolist(), index.values.tolist(), strict=True)) for index in indexes]
    base = growth.smallest(kind, people=channel.signal.of_people)
    logs: dict[int, float] = {}
    for day in sorted(set().union(*levels)):
        before = month_before(dt.date.fromordinal(day)).toordinal()
        both = [level for level in levels if day in level and before in level]
        start, now = math.fsum(level[before] for level in both), math.fsum(level[day] for level in both)
        if now > 0 and start >= base:
            logs[day] = math.log(now / start)
    return logs
