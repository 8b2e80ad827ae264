"""npm: daily downloads, unscoped packages in bulk."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, NonNegativeInt, TypeAdapter

from groundswell.http import Broken, NotFound, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door, Outside

LABEL = "npm"
NAMING = Naming(
    r"(?=.{1,214}$)(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-zA-Z0-9~-][a-zA-Z0-9._~-]*",
    "@supabase/supabase-js",
    "a package on npm",
)
SIGNALS = (
    Signal(
        "downloads",
        Kind.FLOW,
        "downloads",
        lag=2,
        backfill="18 months",
        docs="https://github.com/npm/registry/blob/main/docs/download-counts.md",
        caveat="Every installation counts, most of them by build machines; a day that npm failed to count is missing.",
    ),
)
MARKET: Final = ("downloads",)
HOST: Final = "api.npmjs.org"
PACE = {HOST: 2.5}  # one request a second is banned

RANGE: Final = "https://api.npmjs.org/downloads/range/{}:{}/{}"
WHOLE: Final = "https://api.npmjs.org/downloads/range/{}:{}"  # all packages together
FIRST_SIGHT: Final = 540  # days; npm gives at most 18 months at once
BULK_DAYS: Final = 365
BULK_NAMES: Final = 128
OVERLAP: Final = 28  # days asked for again, since npm corrects its recent past
NOBODY: Final = "has no package of that name"
LARGE: Final = 20  # downloads on a usual day, above which a day with exactly 0 was not counted


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """All unscoped packages in bulk, scoped ones alone, the whole registry last; what lacks no day is not asked for."""
    newest = today - dt.timedelta(days=SIGNALS[0].lag)
    due = [ask for ask in asks if ask.newest.get("downloads", dt.date.min) < newest]
    for ask in asks:
        if ask not in due:
            yield Answer("npm", ask.project, ask.target, ())
    fresh = [ask for ask in due if ask.target and not ask.newest]
    known = [ask for ask in due if ask.target and ask.newest]
    for group, since in ((fresh, newest - dt.timedelta(days=FIRST_SIGHT - 1)), (known, _since(known, newest))):
        unscoped = [ask for ask in group if ask.target and not ask.target.startswith("@")]
        for start in range(0, len(unscoped), BULK_NAMES):
            yield from _fetch_bulk(unscoped[start : start + BULK_NAMES], door, since, newest)
        for ask in group:
            if ask.target.startswith("@"):
                yield _fetch_one(ask, door, since, newest)
    for ask in due:
        if not ask.target:
            yield _fetch_whole(ask, door, newest)


def requests(asks: Sequence[Ask], _outside: Outside, today: dt.date) -> Mapping[str, int]:
    """What `fetch` will ask: a bulk at first sight takes two questions, for npm gives a year at once."""
    newest = today - dt.timedelta(days=SIGNALS[0].lag)
    due = [ask for ask in asks if ask.newest.get("downloads", dt.date.min) < newest]
    number = sum(not ask.target or ask.target.startswith("@") for ask in due)
    bulk = [ask for ask in due if ask.target and not ask.target.startswith("@")]
    known = [ask for ask in bulk if ask.newest]
    for group, days in ((len(bulk) - len(known), FIRST_SIGHT), (len(known), (newest - _since(known, newest)).days + 1)):
        number += -(-group // BULK_NAMES) * (-(-days // BULK_DAYS) if group > 1 else 1)
    return {HOST: number}


def _fetch_whole(ask: Ask, door: Door, newest: dt.date) -> Answer | Failure:
    since = _since([ask], newest) if ask.newest else newest - dt.timedelta(days=FIRST_SIGHT - 1)
    try:
        return _answer(ask, parse_whole(door.json(WHOLE.format(since, newest))), newest)
    except Unanswered as error:
        return Failure("npm", ask.project, ask.target, str(error))


def _since(asks: Sequence[Ask], newest: dt.date) -> dt.date:
    oldest_gap = min((ask.newest["downloads"] for ask in asks), default=newest)
    earliest = newest - dt.timedelta(days=FIRST_SIGHT - 1)
    return max(earliest, oldest_gap - dt.timedelta(days=OVERLAP))


def _fetch_one(ask: Ask, door: Door, since: dt.date, newest: dt.date) -> Answer | Failure:
    try:
        downloads = parse_range(door.json(RANGE.format(since, newest, ask.target)))
        return _answer(ask, downloads, newest)
    except Unanswered as error:
        return Failure("npm", ask.project, ask.target, str(error))


def _fetch_bulk(asks: Sequence[Ask], door: Door, since: dt.date, newest: dt.date) -> Iterator[Answer | Failure]:
    names = sorted({ask.target for ask in asks})
    if len(names) == 1:  # npm answers in another shape when only one package is named
        yield from (_fetch_one(ask, door, since, newest) for ask in asks)
        return
    found: dict[str, dict[dt.date, int]] = {}
    refusal: Unanswered | None = None
    start = since
    while start <= newest and refusal is None:
        end = min(start + dt.timedelta(days=BULK_DAYS - 1), newest)
        try:
            answer = parse_bulk(door.json(RANGE.format(start, end, ",".join(names))), names)
            for name, downloads in answer.items():
                found.setdefault(name, {}).update(downloads)
        except Unanswered as error:
            refusal = error
        start = end + dt.timedelta(days=1)
    for ask in asks:
        if ask.target in found:  # what was read before a refusal is kept
            yield _answer(ask, found[ask.target], newest)
        if refusal is not None or ask.target not in found:
            yield Failure("npm", ask.project, ask.target, NOBODY if refusal is None else str(refusal))


def _answer(ask: Ask, downloads: Mapping[dt.date, int], newest: dt.date) -> Answer | Failure:
    counted = counted_days({day: amount for day, amount in downloads.items() if day <= newest})
    if not counted:
        named = "this package" if ask.target else "all packages together"
        return Failure("npm", ask.project, ask.target, f"gave no downloads on any day for {named}")
    observations = tuple(Observation("downloads", day, amount) for day, amount in sorted(counted.items()))
    return Answer("npm", ask.project, ask.target, observations)


def counted_days(downloads: Mapping[dt.date, int]) -> Mapping[dt.date, int]:
    """The days that npm counted. An exact 0 where a usual day has LARGE or more was not counted, and neither were the
    zeros before the first download: the package was not there, or npm did not say.
    """
    amounts = [amount for amount in downloads.values() if amount]
    if not amounts:
        return {}
    first = min(day for day, amount in downloads.items() if amount)
    large = statistics.median(amounts) >= LARGE
    return {day: amount for day, amount in downloads.items() if day >= first and (amount or not large)}


class _Day(BaseModel):
    day: dt.date
    downloads: NonNegativeInt


class _Whole(BaseModel):
    downloads: list[_Day]


class _Range(_Whole):
    package: str


_WHOLE: Final = TypeAdapter(_Whole)
_RANGE: Final = TypeAdapter(_Range)
_BULK: Final = TypeAdapter(dict[str, _Range | None])


def parse_range(answer: object) -> Mapping[dt.date, int]:
    """Downloads by day of one package. Raises NotFound for `{"error": …}` and Broken for any other shape."""
    _refuse_error(answer)
    return _by_day(shaped(_RANGE, answer))


def parse_bulk(answer: object, names: Sequence[str]) -> Mapping[str, Mapping[dt.date, int]]:
    """Downloads by day of those of several packages that npm has: `null` for one means that there is none."""
    _refuse_error(answer)
    ranges = shaped(_BULK, answer)
    return {name: _by_day(one) for name in names if (one := ranges.get(name)) is not None}


def parse_whole(answer: object) -> Mapping[dt.date, int]:
    """Downloads by day of all packages together. Raises Broken, also for the range of one package."""
    _refuse_error(answer)
    whole = shaped(_WHOLE, answer)
    return _by_day(whole)


def _by_day(one: _Whole) -> Mapping[dt.date, int]:
    return {day.day: day.downloads for day in one.downloads}


def _refuse_error(answer: object) -> None:
    if isinstance(answer, dict) and isinstance(message := answer.get("error"), str):
        raise NotFound(NOBODY) if "not found" in message else Broken("refused the request")
