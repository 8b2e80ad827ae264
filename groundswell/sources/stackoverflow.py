"""Stack Overflow: questions with a tag, month by month, as many months a run as the day's quota leaves."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import quote

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Broken, TooMany, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal
from groundswell.months import closed, earlier, last_closed, month_end

if TYPE_CHECKING:
    from groundswell.http import Door, Outside

LABEL = "Stack Overflow"
NAMING = Naming(r"[a-z0-9.#+-]{1,35}", "python-polars", "a tag on Stack Overflow", shared=True)
SIGNALS = (
    Signal(
        "questions",
        Kind.PERIOD,
        "questions",
        lag=1,
        backfill="five years, over the first days",
        docs="https://api.stackexchange.com/docs/questions",
        caveat="Questions that still stand: deleted ones are not counted, and people ask there less from year to year.",
    ),
)
HOST: Final = "api.stackexchange.com"
PACE = {HOST: 1.0}

API: Final = "https://api.stackexchange.com/2.3"
MONTHS_BACK: Final = 60
MOST_REQUESTS: Final = 100  # a run, of the 300 a day that an address without a key has; runners share addresses
SPARE: Final = 20  # requests of the day's quota that are left to others
TAGS_AT_ONCE: Final = 50
LONGEST_BACKOFF: Final = 60  # seconds that a run waits when it is told to
MOST_REFUSALS: Final = 2  # after which nothing more is asked for: a used-up quota is refused as a bad request is
LARGE: Final = 50  # questions in a month after which the next one has some
LATER: Final = "is left for a later run: it answers 300 questions a day"


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request for many tags to see which there are and how much may be asked; then one a month and tag, the newest
    months of all tags first. A run ends with its share of the day's quota, and the next one goes on.
    """
    end = last_closed(today - dt.timedelta(days=SIGNALS[0].lag))
    due = [ask for ask in asks if lacking(ask, end)]
    for ask in asks:
        if ask not in due:
            yield Answer("stackoverflow", ask.project, ask.target, ())
    names = sorted({ask.target for ask in due})
    try:
        known = [_ask_tags(names[n : n + TAGS_AT_ONCE], door) for n in range(0, len(names), TAGS_AT_ONCE)]
    except Unanswered as error:
        for ask in due:
            yield Failure("stackoverflow", ask.project, ask.target, str(error))
        return
    tags = {tag for found, _ in known for tag in found}
    for ask in due:
        if ask.target not in tags:
            yield Failure("stackoverflow", ask.project, ask.target, "has no tag of that name")
    left = min([MOST_REQUESTS, *(quota - SPARE for _, quota in known)])
    yield from _ask_months([ask for ask in due if ask.target in tags], door, end, left)


def requests(asks: Sequence[Ask], _outside: Outside, today: dt.date) -> Mapping[str, int]:
    """What `fetch` will ask, when the day's quota lets it."""
    end = last_closed(today - dt.timedelta(days=SIGNALS[0].lag))
    due = [months for ask in asks if (months := lacking(ask, end))]
    return {HOST: -(-len(due) // TAGS_AT_ONCE) + min(MOST_REQUESTS, sum(map(len, due)))}


def lacking(ask: Ask, end: dt.date) -> Sequence[dt.date]:
    """The last days of the months to ask for: those since the newest, oldest first, then those before the oldest."""
    goal = month_end(earlier(end, MONTHS_BACK - 1))
    newest, oldest = ask.newest.get("questions", goal), ask.oldest.get("questions", dt.date.max)
    months = []
    for month in closed(end):
        if month < goal:
            break
        months.append(month)
    before = [month for month in months if month < oldest]
    if "questions" not in ask.newest:
        return before
    return [*(month for month in reversed(months) if month > newest), *(() if ask.state.get("filled") else before)]


def _ask_tags(names: Sequence[str], door: Door) -> tuple[frozenset[str], int]:
    address = f"{API}/tags/{';'.join(quote(name, safe='') for name in names)}/info"
    return parse_tags(door.json(address, params={"site": "stackoverflow", "pagesize": "100"}))


def _ask_months(asks: Sequence[Ask], door: Door, end: dt.date, left: int) -> Iterator[Answer | Failure]:
    goal = month_end(earlier(end, MONTHS_BACK - 1))
    wanted = [lacking(ask, end) for ask in asks]
    turns = [(turn, place) for place, months in enumerate(wanted) for turn in range(len(months))]
    heard: set[int] = set()
    refused: set[int] = set()
    for turn, place in sorted(turns):
        if left <= 0 or len(refused) >= MOST_REFUSALS:
            break
        if place in refused:
            continue
        ask, month = asks[place], wanted[place][turn]
        left -= 1
        heard.add(place)
        try:
            count = parse_total(door.json(f"{API}/questions", params=_parameters(ask.target, month)))
            if month > ask.newest.get("questions", dt.date.max):
                _check(count, month, ask.state.get("last_count"))
        except Unanswered as error:
            refused.add(place)
            left = 0 if isinstance(error, TooMany) else left
            yield Failure("stackoverflow", ask.project, ask.target, str(error))
        else:
            state: dict[str, object] = {"last_count": count} if month == end else {}
            state |= {"filled": True} if month == goal else {}
            yield Answer("stackoverflow", ask.project, ask.target, (Observation("questions", month, count),), state)
    for place, ask in enumerate(asks):
        if place in heard:
            continue
        if ask.newest.get("questions") == end:  # only old months are lacking, and they can wait
            yield Answer("stackoverflow", ask.project, ask.target, ())
        else:
            yield Failure("stackoverflow", ask.project, ask.target, LATER, deferred=True)


def _check(count: int, month: dt.date, before: object) -> None:
    """Raises Broken where a tag that many ask about has no question in a month."""
    if count == 0 and isinstance(before, int) and before >= LARGE:
        raise Broken(f"gave no question for {month:%B %Y}, after {before} in a month before")


def _parameters(tag: str, month: dt.date) -> dict[str, str]:
    first, after = month.replace(day=1), month + dt.timedelta(days=1)
    start, stop = (int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp()) for day in (first, after))
    span = {"fromdate": str(start), "todate": str(stop - 1)}
    return {"tagged": tag, "site": "stackoverflow", "filter": "total", **span}


class _Wrapper(BaseModel):
    backoff: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)] | None = None


class _Tag(BaseModel):
    name: str
    count: Annotated[int, Field(strict=True, ge=0)]


class _Tags(_Wrapper):
    items: list[_Tag]
    quota_remaining: Annotated[int, Field(strict=True, ge=0)]


class _Total(_Wrapper):
    total: Annotated[int, Field(strict=True, ge=0)]


_TAGS: Final = TypeAdapter(_Tags)
_TOTAL: Final = TypeAdapter(_Total)


def parse_tags(answer: object) -> tuple[frozenset[str], int]:
    """Those of the tags that there are, and how many requests are left today. Waits when told to. Raises Broken."""
    found = shaped(_TAGS, answer)
    _wait(found)
    return frozenset(tag.name for tag in found.items), found.quota_remaining


def parse_total(answer: object) -> int:
    """How many questions there are. Waits when told to. Raises Broken."""
    found = shaped(_TOTAL, answer)
    _wait(found)
    return found.total


def _wait(answer: _Wrapper) -> None:
    """Obey `backoff`. Raises TooMany where it is longer than a run can wait."""
    if answer.backoff is None:
        return
    if answer.backoff > LONGEST_BACKOFF:
        raise TooMany(f"wants to be left alone for {answer.backoff:.0f} seconds")
    time.sleep(answer.backoff)
