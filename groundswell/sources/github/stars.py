"""The star history: stars gained a day, and the levels before the first observed one, rebuilt from them.

REST `/stargazers/history` gives 30 weeks a page and counts the stars that are still held, on the day they were given.
The list of stargazers is never asked for: since July 2026 only a repository's own maintainers may see it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final

from pydantic import BaseModel, Field, StrictInt, TypeAdapter, model_validator

from groundswell.http import Broken, LimitReached, NotFound, Outside, Unanswered
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources.github.counters import Seen
from groundswell.sources.github.notes import due_weekly
from groundswell.sources.github.shapes import Amount
from groundswell.sources.github.transport import Session
from groundswell.turns import turns

NOTE: Final = "star_history"
LAG: Final = 2  # days: GitHub's days need not end when UTC's do
WEEKS: Final = 30  # a page
PAGES: Final = 2  # at first sight: 60 weeks
SUNDAY: Final = 6
ONE_DAY: Final = dt.timedelta(days=1)


class Week(BaseModel):
    """One week of the star history, from Sunday to Saturday; days to come are zeros."""

    week: StrictInt  # Unix time of its start
    total: Amount
    days: Annotated[list[Amount], Field(min_length=7, max_length=7)]

    @property
    def start(self) -> dt.date:
        """Its Sunday."""
        return dt.datetime.fromtimestamp(self.week, dt.UTC).date()

    @model_validator(mode="after")
    def _adds_up(self) -> Week:
        if self.total != sum(self.days):
            raise ValueError("total is not the sum of the days")
        try:
            weekday = self.start.weekday()
        except (OverflowError, OSError) as error:
            raise ValueError("week is no time") from error
        if weekday != SUNDAY:
            raise ValueError("the week does not start on a Sunday")
        return self


WEEKS_SHAPE: Final = TypeAdapter(list[Week])


def due(seen: Sequence[Seen], today: dt.date, outside: Outside) -> list[Seen]:
    """Whose star history is to be read today."""
    beside = outside.beside.get("github", ())
    total = len(seen) + len(beside)
    days = turns(total, outside.pages.get("releases", 0)).stars
    return due_weekly(seen, NOTE, today, -(-total // days), dt.timedelta(days=days), beside)


def read(session: Session, seen: Sequence[Seen], today: dt.date) -> Iterator[Answer | Failure]:
    """Star history of repositories: two pages at first sight, then one a week."""
    for one in seen:
        ask = one.ask
        try:
            gains = gains_of(_weeks(session, one), today, one.created)
        except Unanswered as error:
            yield _failure(ask, error)
            continue
        observations = tuple(gained(gains, today))
        if NOTE not in ask.state:
            observations += tuple(rebuilt(gains, *first_level(ask, one.stars, today), one.created))
        yield Answer("github", ask.project, ask.target, observations, {NOTE: today.isoformat()})


def _failure(ask: Ask, error: Unanswered) -> Failure:
    reason = "has no star history of this repository (404)" if isinstance(error, NotFound) else str(error)
    deferred = isinstance(error, LimitReached)
    return Failure("github", ask.project, ask.target, reason, signals=("stars_gained",), deferred=deferred)


def _weeks(session: Session, seen: Seen) -> list[Week]:
    path = f"/repos/{seen.name}/stargazers/history"
    weeks: list[Week] = []
    for page in range(1, (1 if NOTE in seen.ask.state else PAGES) + 1):
        found = session.get(path, WEEKS_SHAPE, {"per_page": str(WEEKS), "page": str(page)})
        weeks += found
        if len(found) < WEEKS:
            break
    if seen.stars and not weeks:
        raise Broken("gave an empty star history")
    return weeks


def gains_of(weeks: Sequence[Week], today: dt.date, created: dt.date) -> Mapping[dt.date, int]:
    """Stars gained by day, oldest first, up to today (which is not over) and from the day the repository was made.

    Pages shift when a week begins, so that a week may come twice; the first one seen is kept.
    Raises Broken when weeks are missing in between.
    """
    by_start: dict[dt.date, Week] = {}
    for week in weeks:
        by_start.setdefault(week.start, week)
    starts = sorted(by_start)
    if starts and (starts[-1] - starts[0]).days != 7 * (len(starts) - 1):
        raise Broken("left weeks out of the star history")
    days = (
        (start + dt.timedelta(days=number), amount)
        for start in starts
        for number, amount in enumerate(by_start[start].days)
    )
    return {day: amount for day, amount in days if created <= day <= today}


def gained(gains: Mapping[dt.date, int], today: dt.date) -> Iterator[Observation]:
    """The days that are over wherever GitHub may count them."""
    last = today - dt.timedelta(days=LAG)
    return (Observation("stars_gained", day, amount) for day, amount in gains.items() if day <= last)


def first_level(ask: Ask, stars: int, today: dt.date) -> tuple[dt.date, int]:
    """The first day on which the stars were really seen, and how many there were; today, when it is the first."""
    day, level = ask.first_observed.get("stars", (today, float(stars)))
    return day, round(level)


def rebuilt(gains: Mapping[dt.date, int], first: dt.date, level: int, created: dt.date) -> Iterator[Observation]:
    """Levels before the first observed day, backwards: S(t) = S(t+1) − gained(t+1).

    Ends where a day's gain is not known, with the day the repository was made, and before a level below 0. Stars that
    were held on a day and taken back since are in no gain: the levels of long ago come out too low, and growth from
    them too high.
    """
    day = first
    if day not in gains and day - ONE_DAY in gains:  # the newest week begins later for GitHub than in UTC
        day -= ONE_DAY
        yield Observation("stars", day, level, rebuilt=True)
    while day in gains and day > created:
        level -= gains[day]
        if level < 0:
            return
        day -= ONE_DAY
        yield Observation("stars", day, level, rebuilt=True)
