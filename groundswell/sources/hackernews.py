"""Hacker News: stories with a phrase in their title or address, month by month.

The search gives a thousand stories at once, each with its time: counted here by month, years cost one request where a
question for each month's number would cost a hundred.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Broken, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal
from groundswell.months import closed, earlier, last_closed, month_end

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "Hacker News"
NAMING = Naming(r'[^\s"\\][^"\\\t\r\n]{1,80}', "apache arrow", "a phrase to search Hacker News for", shared=True)
SIGNALS = (
    Signal(
        "stories",
        Kind.PERIOD,
        "stories",
        lag=1,
        backfill="all months, or those of the last 5,000 stories",
        docs="https://hn.algolia.com/api",
        caveat="Every story with the phrase in its title or address, also where the phrase means something else, and "
        "also if nobody read it.",
    ),
)
PACE = {"hn.algolia.com": 1.0}

SEARCH: Final = "https://hn.algolia.com/api/v1/search_by_date"
AT_ONCE: Final = 1_000  # stories; no page and no number of pages goes beyond them
MOST_REQUESTS: Final = 5  # for one phrase
OVERLAP: Final = 2  # months counted again: stories are taken down, and merged
LARGE: Final = 10  # stories in a month that do not all go

Stories = Mapping[str, int]  # id → Unix seconds


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request a phrase (a few for one that is on everybody's lips), unless its last closed month is there."""
    end = last_closed(today - dt.timedelta(days=SIGNALS[0].lag))
    for ask in asks:
        newest = ask.newest.get("stories")
        if newest is not None and newest >= end:
            yield Answer("hackernews", ask.project, ask.target, ())
            continue
        since = None if newest is None else earlier(newest, OVERLAP - 1).replace(day=1)
        try:
            months = _months(ask.target, door, since, end)
            _check(months, newest, ask.state.get("last_count"))
        except Unanswered as error:
            yield Failure("hackernews", ask.project, ask.target, str(error))
        else:
            observations = tuple(Observation("stories", day, count) for day, count in sorted(months.items()))
            yield Answer("hackernews", ask.project, ask.target, observations, state={"last_count": months[end]})


def _check(months: Mapping[dt.date, int], newest: dt.date | None, before: object) -> None:
    """Raises Broken where the stories of a month that had many are all gone: then the search is at fault."""
    if newest is not None and isinstance(before, int) and before >= LARGE and months.get(newest) == 0:
        raise Broken(f"gave no story for {newest:%B %Y}, which had {before} before")


def _months(phrase: str, door: Door, since: dt.date | None, end: dt.date) -> Mapping[dt.date, int]:
    found: dict[str, int] = {}
    until = _seconds(end + dt.timedelta(days=1)) - 1
    for _ in range(MOST_REQUESTS):
        stories, whole = parse(door.json(SEARCH, params=_parameters(phrase, since, until)))
        fresh = stories.keys() - found.keys()
        found |= stories
        if whole:
            return by_month(found, since, end)
        if not fresh:
            raise Broken("gave the same stories again instead of older ones")
        until = min(stories.values())  # with that second: others may share it
    return by_month(found, _first_whole(found), end)


def _parameters(phrase: str, since: dt.date | None, until: int) -> Mapping[str, str]:
    start = 0 if since is None else _seconds(since)
    return {
        "query": f'"{phrase}"',
        "tags": "story",
        "numericFilters": f"created_at_i>={start},created_at_i<={until}",
        "hitsPerPage": str(AT_ONCE),
        "advancedSyntax": "true",  # quotation marks are heeded
        "typoTolerance": "false",
        "restrictSearchableAttributes": "title,url",  # an author of that name is no story about it
        "attributesToRetrieve": "created_at_i",
        "attributesToHighlight": "",
    }


def by_month(stories: Stories, since: dt.date | None, end: dt.date) -> Mapping[dt.date, int]:
    """Stories of each month from a day (None: from the first story) to an end; a month without one has 0.

    Raises Broken when there is no first story.
    """
    counts = Counter(month_end(_day(when)) for when in stories.values())
    if since is None:
        if not counts:
            raise Broken("has no story with that phrase")
        since = min(counts)
    months: dict[dt.date, int] = {}
    for month in closed(end):
        if month < since:
            break
        months[month] = counts[month]
    if not months:
        raise Broken("gave more stories for one month than can be counted")
    return months


def _first_whole(stories: Stories) -> dt.date:
    """The first day of the first month whose stories were all read: the one after the oldest's."""
    return month_end(_day(min(stories.values()))) + dt.timedelta(days=1)


def _day(when: int) -> dt.date:
    return dt.datetime.fromtimestamp(when, dt.UTC).date()


def _seconds(day: dt.date) -> int:
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())


class _Story(BaseModel):
    objectID: Annotated[str, Field(min_length=1)]  # noqa: N815 - their name
    created_at_i: Annotated[int, Field(strict=True, ge=1_100_000_000, lt=10_000_000_000)]


class _Found(BaseModel):
    hits: list[_Story]
    nbHits: Annotated[int, Field(strict=True, ge=0)]  # noqa: N815 - their name


_FOUND: Final = TypeAdapter(_Found)


def parse(answer: object) -> tuple[Stories, bool]:
    """Stories with their times, and whether these are all. Raises Broken."""
    found = shaped(_FOUND, answer)
    if found.nbHits and not found.hits:
        raise Broken(f"says that there are {found.nbHits} stories and gave none")
    return {story.objectID: story.created_at_i for story in found.hits}, found.nbHits <= len(found.hits)
