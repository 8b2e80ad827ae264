"""How many requests a run will make of GitHub, before it makes them: what is due, times what it costs as a rule.

What the counters, the star history, the months and the earlier commits cost follows from the code. What a repository's
weekly turn costs depends on how much happens in it: A_TURN and A_FIRST_TURN are what the invented projects of the
sandbox take in the mean, and a little more; tests/test_forecast.py holds them against the requests that it counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Final

from groundswell.http import Outside
from groundswell.models import Ask
from groundswell.sources.github import activity, counters, earlier, months, stars, tickets
from groundswell.sources.github.activity import READ
from groundswell.sources.github.counters import Seen
from groundswell.sources.github.transport import HOST, QUERIES, SEARCHES

A_TURN: Final = 1.2  # queries for a repository that is read again
A_FIRST_TURN: Final = 2.1  # queries for one that is read for the first time


def requests(asks: Sequence[Ask], today: dt.date, outside: Outside) -> Mapping[str, int]:
    """Host, or what is paced beside it → requests."""
    seen = [_seen(ask) for ask in asks]
    history = sum(1 if stars.NOTE in one.ask.state else stars.PAGES for one in stars.due(seen, today, outside))
    if not outside.has_token:
        return {HOST: len(asks) + history}
    beside = outside.beside.get("github", ())
    turned = {one.ask.project: one.ask for one in activity.due(seen, today, beside)}
    turned |= {one.seen.ask.project: one.seen.ask for one in tickets.due(seen, today, beside)}
    first = sum(activity.NOTE not in ask.state for ask in turned.values())
    past = sum(ask.state.get(earlier.NOTE_BEFORE) != READ for ask in turned.values())
    searches, pages = _months(seen, today)
    queries = (
        _full(len(asks), counters.BATCH)
        + ceil(A_FIRST_TURN * first + A_TURN * (len(turned) - first))
        + _full(2 * past, earlier.BATCH)
        + pages
    )
    return {HOST: history, QUERIES: queries, SEARCHES: searches}


def _seen(ask: Ask) -> Seen:
    """A repository as it will probably be seen; one of which nothing is known has more than fits on a page."""
    issues, pull_requests = (
        round(ask.first_observed[signal][1]) if signal in ask.first_observed else months.PAGE + 1
        for signal in ("issues", "pull_requests")
    )
    return Seen(ask, ask.project, dt.date.min, 0, issues=issues, pull_requests=pull_requests)


def _months(seen: Sequence[Seen], today: dt.date) -> tuple[int, int]:
    """Queries with searches, and with pages of dates, for the months that do not ride with a weekly turn."""
    plans = [plan for plan in months.plans(seen, today) if not months.may_ride(plan, today)]
    on_a_page = sum(plan.on_one_page for plan in plans)
    return sum(1 for _ in months.searches(plans)), _full(on_a_page, months.PAGES_AT_ONCE)


def _full(number: int, at_once: int) -> int:
    return -(-number // at_once)
