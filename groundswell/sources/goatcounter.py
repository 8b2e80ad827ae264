"""GoatCounter: visits to a site by month, where its owner has opened the visitor counter."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, TypeAdapter

from groundswell.http import Broken, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal
from groundswell.months import ONE_DAY, closed, earlier, last_closed, month_before, month_end

if TYPE_CHECKING:
    from groundswell.http import Door, Outside

LABEL = "GoatCounter"
NAMING = Naming(
    r"(?=.{4,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]",
    "example.goatcounter.com",
    "the host of a site's GoatCounter whose visitor counter is open",
    shared=True,
    names_host=True,
)
SIGNALS = (
    Signal(
        "visits",
        Kind.PERIOD,
        "visits",
        lag=1,
        backfill="three years, as far as the site was counted",
        docs="https://www.goatcounter.com/help/visitor-counter",
        caveat="Visitors who block scripts are not counted; the first hour (UTC) of the next month is.",
    ),
)
PACE: Mapping[str, float] = {}  # every site is a host of its own, and gets the usual pace

TOTAL: Final = "https://{}/counter/TOTAL.json"
MONTHS_BACK: Final = 36
NUMBER: Final = re.compile(r"[0-9]+|[0-9]{1,3}(?:[\s,.'’][0-9]{3})+")  # as the owner likes it: \s holds thin spaces too


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request a month: the closed months that are new, then, until it is done, the past back to an empty month.

    A month with 0 is asked for again the next time: it may be an outage. The state notes whether the past is `filled`.
    """
    newest = last_closed(today - dt.timedelta(days=SIGNALS[0].lag))
    for ask in asks:
        yield from _fetch_one(ask, door, newest)


def requests(asks: Sequence[Ask], _outside: Outside, today: dt.date) -> Mapping[str, int]:
    """What `fetch` will ask at the most: at first sight nobody knows how far back a site was counted."""
    newest = last_closed(today - dt.timedelta(days=SIGNALS[0].lag))
    floor = month_end(earlier(newest, MONTHS_BACK - 1))
    found = {}
    for ask in asks:
        past = 0 if ask.state.get("filled") is True else MONTHS_BACK - 1
        found[ask.target.lower()] = len(_later(ask, newest, floor)) + past
    return {host: number for host, number in found.items() if number}


def _fetch_one(ask: Ask, door: Door, newest: dt.date) -> Iterator[Answer | Failure]:
    floor = month_end(earlier(newest, MONTHS_BACK - 1))
    found: dict[dt.date, int] = {}
    state: dict[str, object] = {}
    reason = None
    try:
        for month in _later(ask, newest, floor):
            if visits := _visits(ask.target, month, door):
                found[month] = visits
            else:
                reason = f"gave no visits for the month that ended on {month}"
        oldest = min(filter(None, [*found, ask.oldest.get("visits")]), default=None)
        if oldest is not None and ask.state.get("filled") is not True:
            for month in takewhile(lambda month: month >= floor, closed(month_before(oldest))):
                if not (visits := _visits(ask.target, month, door)):
                    break  # before the site was counted
                found[month] = visits
            state["filled"] = True
    except Unanswered as error:
        shut = str(error) == "answered 403"
        reason = f"{error}: its owner has not opened the visitor counter" if shut else str(error)
    if found or state or reason is None:
        observations = tuple(Observation("visits", month, visits) for month, visits in sorted(found.items()))
        yield Answer("goatcounter", ask.project, ask.target, observations, state)
    if reason is not None:
        yield Failure("goatcounter", ask.project, ask.target, reason)


def _later(ask: Ask, newest: dt.date, floor: dt.date) -> Sequence[dt.date]:
    """The closed months that are not there yet, oldest first: so a refusal leaves no gap behind."""
    if "visits" not in ask.newest:
        return [newest]
    return [*takewhile(lambda month: month > ask.newest["visits"] and month >= floor, closed(newest))][::-1]


def _visits(host: str, month: dt.date, door: Door) -> int:
    # The range is by the hour and ends with the first one of the day named as its end.
    span = {"start": month.replace(day=1).isoformat(), "end": (month + ONE_DAY).isoformat()}
    return parse(door.json(TOTAL.format(host.lower()), params=span, stranger=True))


class _Counter(BaseModel):
    count: str  # "1 234", with the sign between thousands that the owner likes


_COUNTER: Final = TypeAdapter(_Counter)


def parse(answer: object) -> int:
    """The count, which is written for people. Raises Broken."""
    text = shaped(_COUNTER, answer).count
    if not NUMBER.fullmatch(text):
        raise Broken("answered in an unknown shape (count: not a whole number)")
    return int(re.sub(r"[^0-9]", "", text))
