"""CRAN: daily downloads of R packages from the mirror that publishes its log, several packages at once."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, NonNegativeInt, Strict, TypeAdapter

from groundswell.http import Broken, NotFound, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "CRAN"
NAMING = Naming(r"[A-Za-z][A-Za-z0-9.]{0,98}[A-Za-z0-9]", "ggplot2", "a package on CRAN")
SIGNALS = (
    Signal(
        "downloads",
        Kind.FLOW,
        "downloads",
        lag=2,
        backfill="two years",
        docs="https://github.com/r-hub/cranlogs.app",
        caveat="Counts one mirror of many, Posit's, and every installation by a machine on it.",
    ),
)
PACE = {"cranlogs.r-pkg.org": 1.0}

ADDRESS: Final = "https://cranlogs.r-pkg.org/downloads/daily/{}:{}/{}"
FIRST_SIGHT: Final = 730  # days; the log goes back to October 2012
NAMES: Final = 40  # packages at once
OVERLAP: Final = 14  # days asked for again
LARGE: Final = 20  # downloads on a usual day, above which a day with exactly 0 was not counted


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """All packages in bulk, new ones two years back; packages that lack no day are not asked for."""
    newest = today - dt.timedelta(days=SIGNALS[0].lag)
    first = newest - dt.timedelta(days=FIRST_SIGHT - 1)
    due = [ask for ask in asks if ask.newest.get("downloads", dt.date.min) < newest]
    for ask in asks:
        if ask not in due:
            yield Answer("cran", ask.project, ask.target, ())
    fresh = [ask for ask in due if "downloads" not in ask.newest]
    known = [ask for ask in due if "downloads" in ask.newest]
    oldest_gap = min((ask.newest["downloads"] for ask in known), default=newest)
    for group, since in ((fresh, first), (known, max(first, oldest_gap - dt.timedelta(days=OVERLAP)))):
        for start in range(0, len(group), NAMES):
            yield from _fetch_bulk(group[start : start + NAMES], door, since, newest)


def _fetch_bulk(asks: Sequence[Ask], door: Door, since: dt.date, newest: dt.date) -> Iterator[Answer | Failure]:
    names = ",".join(sorted({ask.target for ask in asks}))
    try:
        packages = parse(door.json(ADDRESS.format(since, newest, names)))
    except Unanswered as error:
        yield from (Failure("cran", ask.project, ask.target, str(error)) for ask in asks)
        return
    for ask in asks:
        try:
            counted = counted_days(parse_days(packages.get(ask.target)), ask.oldest.get("downloads"))
        except Unanswered as error:
            yield Failure("cran", ask.project, ask.target, str(error))
            continue
        days = sorted(day for day in counted if since <= day <= newest)
        yield Answer(
            "cran", ask.project, ask.target, tuple(Observation("downloads", day, counted[day]) for day in days)
        )


class _Named(BaseModel, extra="allow"):
    package: str


class _Day(BaseModel):
    day: dt.date
    downloads: Annotated[NonNegativeInt, Strict()]


class _Package(BaseModel):
    downloads: list[_Day]


_NAMED: Final = TypeAdapter(list[_Named])
_PACKAGE: Final = TypeAdapter(_Package)


def parse(answer: object) -> Mapping[str, object]:
    """What is said of each package, not looked at yet: one that is broken spoils no other. Raises Broken."""
    return {one.package: one.model_extra for one in shaped(_NAMED, answer)}


def parse_days(package: object) -> Mapping[dt.date, int]:
    """Downloads by day of one package. Raises NotFound where there are none, and Broken for any other shape."""
    if package is None:
        raise NotFound("has no package of that name")
    days = {day.day: day.downloads for day in shaped(_PACKAGE, package).downloads}
    if not any(days.values()):  # a package that is not there is answered under 200 with zeros, or with nothing
        raise Broken("gave no downloads on any day for this package: there may be none of that name")
    return days


def counted_days(downloads: Mapping[dt.date, int], known_since: dt.date | None = None) -> Mapping[dt.date, int]:
    """The days that were counted. The zeros before the first download (or the first day in history) say that the
    package was not there yet; an exact 0 where a usual day has LARGE or more says that the mirror's log was not.
    """
    first = min(known_since or dt.date.max, *(day for day, amount in downloads.items() if amount))
    large = statistics.median(amount for amount in downloads.values() if amount) >= LARGE
    return {day: amount for day, amount in downloads.items() if day >= first and (amount or not large)}
