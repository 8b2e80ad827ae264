"""Open Collective: how many have ever given to a collective, and what it was given each month."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Broken, NotFound, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal
from groundswell.months import earlier, last_closed, month_end

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "Open Collective"
NAMING = Naming(
    r"[a-z0-9][a-z0-9_-]{0,99}", "webpack", "the short name (slug) of a collective on Open Collective", shared=True
)
_DOCS: Final = "https://docs.opencollective.com/help/contributing/development/api"
SIGNALS = (
    Signal(
        "backers",
        Kind.STOCK,
        "backers",
        lag=0,
        backfill="none",
        docs=_DOCS,
        caveat="People and organizations that have ever given anything: nobody who stops leaves this number.",
    ),
    Signal(
        "income",
        Kind.PERIOD,
        "currency units",
        lag=2,
        backfill="ten years",
        docs=_DOCS,
        caveat="What came in within the month before fees, in the collective's own currency; one large gift makes a "
        "month.",
    ),
)
PACE = {"api.opencollective.com": 7.0}  # ten requests a minute without a token

API: Final = "https://api.opencollective.com/graphql/v2"
MONTHS_BACK: Final = 120
OVERLAP: Final = 3  # months asked for again: gifts are refunded, and booked late
LARGE: Final = 5  # backers that do not all go
NOBODY: Final = "has no collective of that name"
QUERY: Final = """
query ($slug: String!, $since: DateTime!, $until: DateTime!) {
  account(slug: $slug) {
    slug
    currency
    stats {
      contributorsCount
      totalAmountReceivedTimeSeries(timeUnit: MONTH, dateFrom: $since, dateTo: $until) {
        timeUnit
        nodes { date amount { valueInCents currency } }
      }
    }
  }
}
"""


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request a collective for both numbers, unless today's are there already."""
    closed = last_closed(today - dt.timedelta(days=SIGNALS[1].lag))
    for ask in asks:
        if ask.newest.get("backers") == today:
            yield Answer("opencollective", ask.project, ask.target, ())
            continue
        newest = ask.newest.get("income")
        back = MONTHS_BACK - 1 if newest is None else OVERLAP - 1
        since = earlier(closed if newest is None else min(newest, closed), back).replace(day=1)
        variables = {"slug": ask.target, "since": f"{since}T00:00:00Z", "until": f"{closed}T23:59:59Z"}
        body = json.dumps({"query": QUERY, "variables": variables})
        try:
            given = door.json(API, body=body, headers={"Content-Type": "application/json"})
            backers, income = parse(given, since, closed, first_sight=newest is None)
            _check(backers, ask.state.get("backers"))
        except Unanswered as error:
            yield Failure("opencollective", ask.project, ask.target, str(error))
        else:
            observations = (Observation("backers", today, backers), *income)
            yield Answer("opencollective", ask.project, ask.target, observations, state={"backers": backers})


def _check(backers: int, before: object) -> None:
    """Raises Broken where all backers are gone at once."""
    if backers == 0 and isinstance(before, int) and before >= LARGE:
        raise Broken(f"gave 0 backers where there were {before} before")


class _Amount(BaseModel):
    valueInCents: Annotated[int, Field(strict=True)]  # noqa: N815 - their name
    currency: str


class _Node(BaseModel):
    date: dt.datetime
    amount: _Amount


class _Received(BaseModel):
    timeUnit: str  # noqa: N815 - their name
    nodes: list[_Node]


class _Stats(BaseModel):
    contributorsCount: Annotated[int, Field(strict=True, ge=0)]  # noqa: N815 - their name
    totalAmountReceivedTimeSeries: _Received  # noqa: N815 - their name


class _Account(BaseModel):
    slug: str
    currency: str
    stats: _Stats


class _Data(BaseModel):
    account: _Account | None


class _Answered(BaseModel):
    data: _Data


_ANSWERED: Final = TypeAdapter(_Answered)


def parse(answer: object, since: dt.date, closed: dt.date, *, first_sight: bool) -> tuple[int, tuple[Observation, ...]]:
    """Backers, and the income of each closed month. A month without income has no row: it is 0, but not before the
    first one with income where nothing is known of the time before. A month in which more was given back than came in
    is left out. Raises NotFound and Broken.
    """
    _refuse_errors(answer)
    account = shaped(_ANSWERED, answer).data.account
    if account is None:
        raise NotFound(NOBODY)
    received = account.stats.totalAmountReceivedTimeSeries
    if received.timeUnit != "MONTH" or any(node.amount.currency != account.currency for node in received.nodes):
        raise Broken("answered with other months or another currency than asked for")
    cents = {month_end(node.date.date()): node.amount.valueInCents for node in received.nodes}
    month = min(cents, default=closed + dt.timedelta(days=1)) if first_sight else month_end(since)
    income = []
    while month <= closed:
        if (received_then := cents.get(month, 0)) >= 0:
            income.append(Observation("income", month, received_then / 100))
        month = month_end(month + dt.timedelta(days=1))
    return account.stats.contributorsCount, tuple(income)


def _refuse_errors(answer: object) -> None:
    errors = answer.get("errors") if isinstance(answer, dict) else None
    if errors:
        raise NotFound(NOBODY) if "no account found" in str(errors).lower() else Broken("refused the question")
