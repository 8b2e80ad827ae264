"""Small made-up histories: series with a known growth, the signals they are of, and the project that has them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from groundswell.community import COMMUNITY
from groundswell.history import Failed, History
from groundswell.models import Kind, Project, RepositoryFacts, RepositoryState, Series, Signal

TODAY: Final = dt.date(2026, 11, 22)
LABELS: Final = {"github": "GitHub", "pypi": "PyPI", "npm": "npm"}


def _signal(kind: Kind, lag: int = 0, days: int = 1, unit: str = "things") -> Signal:
    return Signal("", kind, unit, lag, "a year", "https://example.org/docs", "Not everything is said.", days)


_KINDS: Final = {
    "github.stars": _signal(Kind.STOCK),
    "github.watchers": _signal(Kind.STOCK),
    "github.forks": _signal(Kind.STOCK),
    "github.sponsors": _signal(Kind.STOCK),
    "github.issues": _signal(Kind.COUNTER),
    "github.issues_opened": _signal(Kind.PERIOD, lag=1),
    "github.pull_requests": _signal(Kind.COUNTER),
    "github.pull_requests_opened": _signal(Kind.PERIOD, lag=1),
    "github.releases": _signal(Kind.COUNTER),
    "github.commits": _signal(Kind.ROLLING, days=28),
    "github.active_contributors": _signal(Kind.ROLLING, days=28),
    **{metric.signals[0]: _signal(Kind.ROLLING, days=28, unit=metric.unit) for metric in COMMUNITY},
    "pypi.downloads": _signal(Kind.FLOW, lag=1),
    "pypi.downloads_month": _signal(Kind.PERIOD, lag=1),
    "pypi.downloads_last_month": _signal(Kind.ROLLING, lag=1, days=30),
    "npm.downloads": _signal(Kind.FLOW, lag=2),
}
SIGNALS: Final[Mapping[str, Signal]] = {
    name: Signal(name.partition(".")[2], one.kind, one.unit, one.lag, one.backfill, one.docs, one.caveat, one.days)
    for name, one in _KINDS.items()
}


def newest(signal: str, today: dt.date = TODAY) -> dt.date:
    """The newest complete day of a signal."""
    return today - dt.timedelta(days=SIGNALS[signal].lag)


def daily(end: dt.date, values: Sequence[float] | Iterable[float]) -> Series:
    """One value a day, the last on `end`."""
    known = np.array(list(values), dtype=np.float64)
    return Series(np.arange(end.toordinal() - len(known) + 1, end.toordinal() + 1, dtype=np.int64), known)


def level(end: dt.date, value: float, month: float, days: int = 400) -> Series:
    """A level that ends at a value and grew evenly by so much a month."""
    back = np.arange(days - 1, -1, -1)
    return daily(end, np.round(value * (1 + month) ** (-back / 30.4375)))


def flow(end: dt.date, amount: float, month: float, days: int = 400) -> Series:
    """Amounts a day that end near a value and grew evenly by so much a month."""
    back = np.arange(days - 1, -1, -1)
    return daily(end, np.round(amount * (1 + month) ** (-back / 30.4375)))


def counter(end: dt.date, amount: float, month: float, days: int = 400) -> Series:
    """A running total whose amounts a day end near a value and grew evenly by so much a month."""
    amounts = flow(end, amount, month, days)
    return Series(amounts.days, 10_000 + np.cumsum(amounts.values))


def rolling(end: dt.date, amount: float, month: float, days: int = 400) -> Series:
    """Amounts in the last days as a source gives them, a value a week, grown evenly by so much a month."""
    back = np.arange(days - days % 7, -1, -7)
    return Series(end.toordinal() - back, np.round(amount * (1 + month) ** (-back / 30.4375)))


def monthly(end: dt.date, amounts: Sequence[float]) -> Series:
    """Amounts in calendar months, the last one in the last month that is over on `end`."""
    last = (end + dt.timedelta(days=1)).replace(day=1) - dt.timedelta(days=1)
    ends = [last]
    while len(ends) < len(amounts):
        ends.append(ends[-1].replace(day=1) - dt.timedelta(days=1))
    days = [day.toordinal() for day in reversed(ends)]
    return Series(np.array(days, dtype=np.int64), np.array(amounts, dtype=np.float64))


def without(series: Series, days: Iterable[dt.date]) -> Series:
    """A series with holes."""
    kept = ~np.isin(series.days, [day.toordinal() for day in days])
    return Series(series.days[kept], series.values[kept])


def project(*, name: str = "a/b", npm: Sequence[str] = (), pypi: Sequence[str] = (), github: bool = True) -> Project:
    """A project with what it names for each source."""
    targets: dict[str, tuple[str, ...]] = {"github": ("",)} if github else {}
    for key, named in (("npm", npm), ("pypi", pypi)):
        if named:
            targets[key] = tuple(named)
    return Project(name, name, "Databases", (), targets)


def history(
    columns: Mapping[str, Series],
    *,
    name: str = "a/b",
    failures: Mapping[str, Failed] | None = None,
    at_least: Mapping[str, tuple[dt.date, ...]] | None = None,
    facts: RepositoryFacts | None = None,
) -> History:
    """A history of which every day was really observed."""
    since = {key: dt.date.fromordinal(int(one.days[0])) for key, one in columns.items() if len(one)}
    return History(name, columns, since, at_least or {}, {}, failures or {}, facts)


def facts(state: RepositoryState = RepositoryState.ACTIVE, name: str = "a/b") -> RepositoryFacts:
    """What is known of the repository that is not a number."""
    archived = dt.date(2026, 5, 1) if state is RepositoryState.ARCHIVED else None
    return RepositoryFacts("R_1", name, state, archived=archived)
