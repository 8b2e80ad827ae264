"""Wikipedia: page views of an article by people, month by month since July 2015."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal
from urllib.parse import quote

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Broken, NotFound, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal
from groundswell.months import earlier, last_closed, month_end

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "Wikipedia"
NAMING = Naming(
    r"(?:[a-z][a-z-]{1,20}\.wikipedia/)?[^\s/#<>\[\]|{}][^\t\r\n#<>\[\]|{}]{0,200}",
    "en.wikipedia/Kubernetes",
    "an article on Wikipedia, in English unless its language stands before it",
    shared=True,
)
SIGNALS = (
    Signal(
        "views",
        Kind.PERIOD,
        "views",
        lag=2,
        backfill="all months since July 2015",
        docs="https://doc.wikimedia.org/generated-data-platform/aqs/analytics-api/reference/page-views.html",
        caveat="Views by people as far as Wikipedia can tell them from machines; an article that was renamed begins "
        "anew under its new title.",
    ),
)
PACE = {"wikimedia.org": 1.0}

VIEWS: Final = (
    "https://wikimedia.org/api/rest_v1/metrics/pageviews/per-article/{}/all-access/user/{}/monthly/{:%Y%m%d}/{:%Y%m%d}"
)
FIRST_MONTH: Final = dt.date(2015, 7, 1)
OVERLAP: Final = 2  # months asked for again
PREFIX: Final = re.compile(r"([a-z][a-z-]+\.wikipedia)/(.+)")


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request an article, unless its last closed month is there already."""
    closed = last_closed(today - dt.timedelta(days=SIGNALS[0].lag))
    for ask in asks:
        newest = ask.newest.get("views")
        if newest is not None and newest >= closed:
            yield Answer("wikipedia", ask.project, ask.target, ())
            continue
        since = FIRST_MONTH if newest is None else earlier(newest, OVERLAP - 1).replace(day=1)
        try:
            observations = parse(door.json(_address(ask.target, since, closed), signed=True), closed)
        except NotFound:
            reason = f"has no views of an article of that title since {since:%B %Y} (404)"
            yield Failure("wikipedia", ask.project, ask.target, reason)
        except Unanswered as error:
            yield Failure("wikipedia", ask.project, ask.target, str(error))
        else:
            yield Answer("wikipedia", ask.project, ask.target, observations)


def _address(target: str, since: dt.date, closed: dt.date) -> str:
    named = PREFIX.fullmatch(target)
    wiki, title = (named[1], named[2]) if named else ("en.wikipedia", target)
    title = (title[0].upper() + title[1:]).replace(" ", "_")  # as Wikipedia writes it: the first letter is large
    return VIEWS.format(wiki, quote(title, safe=""), since, closed)


class _Month(BaseModel):
    granularity: Literal["monthly"]
    agent: Literal["user"]
    timestamp: Annotated[str, Field(pattern=r"^(19|20)\d\d(0[1-9]|1[0-2])0100$")]
    views: Annotated[int, Field(strict=True, ge=0)]


class _Months(BaseModel):
    items: list[_Month]


_MONTHS: Final = TypeAdapter(_Months)


def parse(answer: object, closed: dt.date) -> tuple[Observation, ...]:
    """Views of each closed month. A month without one view has no row, so a 0 is a fault, no number. Raises Broken."""
    found = {
        month_end(dt.date(int(month.timestamp[:4]), int(month.timestamp[4:6]), 1)): month.views
        for month in shaped(_MONTHS, answer).items
    }
    observations = tuple(Observation("views", day, views) for day, views in sorted(found.items()) if views)
    if not observations:
        raise Broken("gave no month at all for this article")
    return tuple(one for one in observations if one.day <= closed)
