"""Packagist: downloads a month, from the beginning.

Packagist gives the mean of a month's days, rounded up; times the month's days that is the month, by up to 30 too high.
Every question begins and ends with a whole month, since the mean is taken over the days that are asked for.
Packagist wants to know whom to write to, and not to be asked at the full hour (the workflow begins at another minute).
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Broken, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal
from groundswell.months import earlier, last_closed, month_end

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "Packagist"
NAMING = Naming(
    r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?/[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?",
    "monolog/monolog",
    "a package on Packagist",
)
SIGNALS = (
    Signal(
        "downloads_month",
        Kind.PERIOD,
        "downloads",
        lag=2,
        backfill="to May 2012, or to the package's first month",
        docs="https://packagist.org/apidoc",
        caveat="Installations by Composer, most of them by build machines; up to 30 too many a month, since Packagist "
        "gives the mean of a month's days, rounded up.",
    ),
)
PACE = {"packagist.org": 1.0}

STATS: Final = "https://packagist.org/packages/{}/stats/all.json"
FIRST: Final = dt.date(2012, 5, 1)  # Packagist counts since 13 April 2012
OVERLAP: Final = 3  # months asked for again
LARGE: Final = 20  # downloads a day in a usual month, above which a month with exactly 0 was not counted


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request a package that lacks the last closed month: for its whole history first, for some months later."""
    closed = last_closed(today - dt.timedelta(days=SIGNALS[0].lag))
    for ask in asks:
        newest = ask.newest.get("downloads_month")
        if newest is not None and newest >= closed:
            yield Answer("packagist", ask.project, ask.target, ())
        else:
            since = FIRST if newest is None else max(FIRST, earlier(newest, OVERLAP).replace(day=1))
            yield _fetch_one(ask, door, since, closed)


def _fetch_one(ask: Ask, door: Door, since: dt.date, closed: dt.date) -> Answer | Failure:
    params = {"average": "monthly", "from": since.isoformat(), "to": closed.isoformat()}
    try:
        months = counted_months(parse(door.json(STATS.format(ask.target), params=params, signed=True), closed))
        if not months:
            raise Broken("gave no downloads in any month that is over")
    except Unanswered as error:
        return Failure("packagist", ask.project, ask.target, str(error))
    observations = tuple(Observation("downloads_month", end, mean * end.day) for end, mean in sorted(months.items()))
    return Answer("packagist", ask.project, ask.target, observations)


class _Stats(BaseModel):
    labels: list[Annotated[str, Field(pattern=r"^\d{4}-(?:0[1-9]|1[0-2])$")]]
    values: dict[
        str, list[Annotated[float, Field(strict=True, ge=0, multiple_of=1, allow_inf_nan=False)]]
    ]  # PHP's ceil
    average: Literal["monthly"]


_STATS: Final = TypeAdapter(_Stats)


def parse(answer: object, closed: dt.date) -> Mapping[dt.date, float]:
    """Last day of each closed month → the mean of its days, rounded up. Raises Broken."""
    stats = shaped(_STATS, answer)
    if len(stats.values) != 1:
        raise Broken(f"answered with {len(stats.values)} packages where one was asked for")
    (means,) = stats.values.values()
    if len(means) != len(stats.labels):
        raise Broken(f"answered with {len(means)} values for {len(stats.labels)} months")
    ends = [month_end(dt.date(int(label[:4]), int(label[5:]), 1)) for label in stats.labels]
    return {end: mean for end, mean in zip(ends, means, strict=True) if end <= closed}


def counted_months(means: Mapping[dt.date, float]) -> Mapping[dt.date, float]:
    """The months that Packagist counted: none before the first download, and no exact 0 in a large series."""
    amounts = [mean for mean in means.values() if mean]
    if not amounts:
        return {}
    first = min(end for end, mean in means.items() if mean)
    large = statistics.median(amounts) >= LARGE
    return {end: mean for end, mean in means.items() if end >= first and (mean or not large)}
