"""PyPI: daily downloads from pypistats.org, and the months before those from ClickHouse's public copy of PyPI's log.

The two count differently (pypistats leaves mirrors out), so they are two signals and never one series.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, NonNegativeInt, TypeAdapter

from groundswell.http import Broken, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal
from groundswell.months import earlier, last_closed, month_end

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "PyPI"
NAMING = Naming(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?", "polars", "a package on PyPI")
SIGNALS = (
    Signal(
        "downloads",
        Kind.FLOW,
        "downloads",
        lag=1,
        backfill="180 days",
        docs="https://pypistats.org/api/",
        caveat="Downloads by machines count as much as those by people; mirrors are left out.",
    ),
    Signal(
        "downloads_month",
        Kind.PERIOD,
        "downloads",
        lag=3,
        backfill="five years",
        docs="https://github.com/ClickHouse/clickpy",
        caveat="Counts mirrors too, so it stands higher than the daily figure and is never mixed with it.",
    ),
    Signal(
        "downloads_last_month",
        Kind.ROLLING,
        "downloads",
        lag=1,
        backfill="only from an imported history",
        docs="https://pypistats.org/api/",
        caveat="The sum of the last 30 days as somebody else noted it at the time.",
        days=30,
    ),
)
MARKET: Final = ("downloads",)
PACE = {"pypistats.org": 2.5, "sql-clickhouse.clickhouse.com": 2.5}

WHOLE: Final = "__all__"  # pypistats' name for all packages together, which no package can have
DAYS: Final = "https://pypistats.org/api/packages/{}/overall"
MONTHS: Final = "https://sql-clickhouse.clickhouse.com/"
MONTHS_BACK: Final = 60


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One query for the months of all packages that lack the last closed one; then one request a package for its days,
    unless yesterday is there already.
    """
    yield from _fetch_months([ask for ask in asks if ask.target], door, today)
    for ask in asks:
        if ask.newest.get("downloads", dt.date.min) >= today - dt.timedelta(days=1):
            yield Answer("pypi", ask.project, ask.target, ())
            continue
        try:
            answer = door.json(DAYS.format(_normal(ask.target) or WHOLE), params={"mirrors": "false"})
            observations = parse_days(answer, today)
        except Unanswered as error:
            yield Failure("pypi", ask.project, ask.target, str(error))
        else:
            yield Answer("pypi", ask.project, ask.target, observations)


class _Day(BaseModel):
    category: str
    date: dt.date
    downloads: NonNegativeInt


class _Days(BaseModel):
    data: list[_Day]
    type: Literal["overall_downloads"]


_DAYS: Final = TypeAdapter(_Days)


def parse_days(answer: object, today: dt.date) -> tuple[Observation, ...]:
    """Downloads of each complete day without mirrors, from pypistats' `overall`. Raises Broken."""
    found = tuple(
        Observation("downloads", day.date, day.downloads)
        for day in shaped(_DAYS, answer).data
        if day.category == "without_mirrors" and day.date < today
    )
    if not found:
        raise Broken("gave no day at all for this package")
    return found


def _fetch_months(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    closed = last_closed(today - dt.timedelta(days=SIGNALS[1].lag))
    due = [ask for ask in asks if ask.state.get("months") != closed.isoformat()]
    if not due:
        return
    try:
        query = _query(sorted({_normal(ask.target) for ask in due}), closed)
        parameters = {"user": "demo", "default_format": "JSON"}
        months = parse_months(door.json(MONTHS, params=parameters, body=query), closed)
    except Unanswered as error:
        for ask in due:
            reason = f"by month (ClickHouse) {error}"
            yield Failure("pypi", ask.project, ask.target, reason, signals=("downloads_month",))
        return
    for ask in due:
        observations = months.get(_normal(ask.target), ())
        yield Answer("pypi", ask.project, ask.target, observations, state={"months": closed.isoformat()})


def _query(packages: Sequence[str], closed: dt.date) -> str:
    names = ", ".join(f"'{package}'" for package in packages)  # NAMING lets no quote or backslash through
    since = earlier(closed, MONTHS_BACK - 1).replace(day=1)
    return (
        "SELECT project, toString(month) AS month, sum(count) AS downloads FROM pypi.pypi_downloads_per_month "
        f"WHERE project IN ({names}) AND month >= '{since}' AND month <= '{closed.replace(day=1)}' "
        "GROUP BY project, month ORDER BY project, month"
    )


class _Month(BaseModel):
    project: str
    month: dt.date
    downloads: NonNegativeInt  # ClickHouse quotes 64-bit integers; a string of digits is read as one


class _Months(BaseModel):
    data: list[_Month]


_MONTHS: Final = TypeAdapter(_Months)


def parse_months(answer: object, closed: dt.date) -> Mapping[str, tuple[Observation, ...]]:
    """Package → downloads of each closed month, dated on the month's last day. Raises Broken."""
    found: dict[str, list[Observation]] = {}
    for month in shaped(_MONTHS, answer).data:
        last = month_end(month.month)
        if last <= closed and month.downloads > 0:  # a month without one download has no row; a 0 is a fault
            found.setdefault(month.project, []).append(Observation("downloads_month", last, month.downloads))
    return {project: tuple(observations) for project, observations in found.items()}


def _normal(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()
