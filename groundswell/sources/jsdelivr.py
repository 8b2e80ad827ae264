"""jsDelivr: daily requests for the files of an npm package or of a GitHub repository."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, NonNegativeInt, Strict, TypeAdapter

from groundswell.http import Broken, NotFound, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door, Outside

LABEL = "jsDelivr"
NAMING = Naming(
    r"npm/(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-zA-Z0-9~-][a-zA-Z0-9._~-]*|gh/[A-Za-z0-9-]+/[A-Za-z0-9._-]+",
    "npm/jquery",
    "npm/ and the name of a package, or gh/ and owner/name of a repository",
)
SIGNALS = (
    Signal(
        "hits",
        Kind.FLOW,
        "requests",
        lag=2,
        backfill="from the beginning of last year",
        docs="https://www.jsdelivr.com/docs/data.jsdelivr.com",
        caveat="Every request for a file counts, so one much visited page that loads it looks like many users.",
    ),
)
HOST: Final = "data.jsdelivr.com"
PACE = {HOST: 1.0}  # who asks more than 100 times a minute is asked to write first

ADDRESS: Final = "https://data.jsdelivr.com/v1/stats/packages/{}"
PERIODS: Final = (("month", 30), ("quarter", 90), ("year", 365))
OVERLAP: Final = 3  # days asked for again
LARGE: Final = 20  # requests on a usual day, above which a day with exactly 0 was not counted


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request a package, two at first sight; none where no day is lacking."""
    newest = today - dt.timedelta(days=SIGNALS[0].lag)
    for ask in asks:
        known = ask.newest.get("hits")
        if known is not None and known >= newest:
            yield Answer("jsdelivr", ask.project, ask.target, ())
            continue
        try:
            days = dict(_earlier(ask, door, today)) if known is None else {}
            days |= parse(door.json(ADDRESS.format(ask.target), params={"period": _period(known, newest)}))
            complete = {day: amount for day, amount in days.items() if day <= newest}
            counted = counted_days(complete, ask.oldest.get("hits"))
        except Unanswered as error:
            yield Failure("jsdelivr", ask.project, ask.target, str(error))
            continue
        observations = tuple(Observation("hits", day, amount) for day, amount in sorted(counted.items()))
        yield Answer("jsdelivr", ask.project, ask.target, observations)


def requests(asks: Sequence[Ask], _outside: Outside, today: dt.date) -> Mapping[str, int]:
    """What `fetch` will ask."""
    newest = today - dt.timedelta(days=SIGNALS[0].lag)
    due = [ask for ask in asks if ask.newest.get("hits", dt.date.min) < newest]
    return {HOST: len(due) + sum("hits" not in ask.newest for ask in due)}


def _earlier(ask: Ask, door: Door, today: dt.date) -> Mapping[dt.date, int]:
    """The calendar year before this one; nothing for what nobody asked for then."""
    try:
        return parse(door.json(ADDRESS.format(ask.target), params={"period": str(today.year - 1)}))
    except NotFound:
        return {}


def _period(known: dt.date | None, newest: dt.date) -> str:
    if known is not None:
        for name, days in PERIODS:
            if (newest - known).days + OVERLAP <= days:
                return name
    return "year"


class _Hits(BaseModel):
    dates: dict[dt.date, Annotated[NonNegativeInt, Strict()]]


class _Package(BaseModel):
    hits: _Hits


_PACKAGE: Final = TypeAdapter(_Package)


def parse(answer: object) -> Mapping[dt.date, int]:
    """Requests by day. Raises Broken."""
    return shaped(_PACKAGE, answer).hits.dates


def counted_days(hits: Mapping[dt.date, int], known_since: dt.date | None = None) -> Mapping[dt.date, int]:
    """The days that were counted: what jsDelivr does not know it fills with zeros, before the first request (or the
    first day in history) and in between. Raises Broken where there is no request on any day: there may be no such
    package.
    """
    amounts = [amount for amount in hits.values() if amount]
    if not amounts:
        raise Broken("gave no requests on any day: there may be nothing of that name")
    first = min(known_since or dt.date.max, *(day for day, amount in hits.items() if amount))
    large = statistics.median(amounts) >= LARGE
    return {day: amount for day, amount in hits.items() if day >= first and (amount or not large)}
