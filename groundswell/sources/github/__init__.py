"""GitHub: stars, watchers, forks, issues, pull requests, releases, discussions, commits, contributors and sponsors.

One GraphQL query for 20 repositories gives the numbers of the day; what moves slowly or costs more is read in turn:
commits and contributors weekly, issues and pull requests by month, the star history from REST. Everything is asked
serially, the longest-waiting first, and what does not fit into the hour's limit is left for the next run and said so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from groundswell.models import Answer, Ask, Failure, Naming
from groundswell.sources.github import (
    activity,
    counters,
    earlier,
    expected,
    months,
    stars,
    tickets,
    weekly,
    without_token,
)
from groundswell.sources.github.queries import SEARCH_PAUSE
from groundswell.sources.github.signals import SIGNALS
from groundswell.sources.github.transport import BETWEEN_QUERIES, BETWEEN_REQUESTS, HOST, QUERIES, SEARCHES, Session

if TYPE_CHECKING:
    from groundswell.http import Door, Outside

__all__ = ["LABEL", "NAMING", "PACE", "SIGNALS", "fetch", "requests"]

LABEL = "GitHub"
NAMING = Naming(
    r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}/(?!\.{1,2}$)(?!.*\.git$)[A-Za-z0-9._-]{1,100}",
    "pola-rs/polars",
    "a repository on GitHub, as owner/name",
)
PACE = {HOST: BETWEEN_REQUESTS, QUERIES: BETWEEN_QUERIES, SEARCHES: SEARCH_PAUSE}


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """Today's numbers of all repositories, then what else is due, each part as an answer of its own."""
    with Session(door) as session:
        if not door.outside.has_token:
            seen = yield from without_token.read(session, asks, today)
        else:
            seen = yield from counters.read(session, asks, today)
            yield from _slow(session, seen, today, door.outside.beside.get("github", ()))
        yield from stars.read(session, stars.due(seen, today, door.outside), today)


def requests(asks: Sequence[Ask], outside: Outside, today: dt.date) -> Mapping[str, int]:
    """What `fetch` will ask, from what is due and from what a repository costs as a rule (`expected`)."""
    return expected.requests(asks, today, outside)


def _slow(
    session: Session, seen: Sequence[counters.Seen], today: dt.date, beside: Sequence[Ask]
) -> Iterator[Answer | Failure]:
    active = activity.due(seen, today, beside)
    projects = {one.ask.project for one in active}
    again = [one for one in earlier.left(seen, today) if one.ask.project not in projects][: weekly.GROUP]
    active, projects = [*active, *again], projects | {one.ask.project for one in again}
    plans = months.plans(seen, today)
    riding = {
        plan.seen.ask.project: plan
        for plan in plans
        if months.may_ride(plan, today) and plan.seen.ask.project in projects
    }
    work = [activity.Work.of(one, today) for one in active]
    yield from weekly.read(session, (*work, *tickets.due(seen, today, beside)), today, riding)
    met = {one.seen.ask.project: learnt for one in work if (learnt := one.met) is not None}
    yield from earlier.read(session, earlier.due(seen, met, today), today)
    yield from months.read(session, [plan for plan in plans if not months.may_ride(plan, today)])
