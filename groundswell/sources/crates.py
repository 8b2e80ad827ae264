"""crates.io: daily downloads of the last 90 days.

The answer has two parts: the five newest versions one by one, and all older ones together. A day is their sum.
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Broken, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "crates.io"
NAMING = Naming(r"[A-Za-z][A-Za-z0-9_-]{0,63}", "serde", "a crate on crates.io")
SIGNALS = (
    Signal(
        "downloads",
        Kind.FLOW,
        "downloads",
        lag=1,
        backfill="90 days",
        docs="https://crates.io/data-access",
        caveat="Every fetch of any version counts, most of them by build machines; mirrors are counted too.",
    ),
)
PACE = {"crates.io": 1.1}  # one request a second is allowed

DOWNLOADS: Final = "https://crates.io/api/v1/crates/{}/downloads"
LARGE: Final = 20  # downloads on a usual day, above which a day without any was not counted


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request a crate, unless yesterday is there already. All 90 days are taken anew each time: late counts are
    put right, and there is no smaller question.
    """
    newest = today - dt.timedelta(days=SIGNALS[0].lag)
    for ask in asks:
        if ask.newest.get("downloads", dt.date.min) >= newest:
            yield Answer("crates", ask.project, ask.target, ())
            continue
        try:
            counted = counted_days(parse_downloads(door.json(DOWNLOADS.format(ask.target), signed=True)), newest)
            if not counted:
                raise Broken("gave no downloads on any day for this crate")
        except Unanswered as error:
            yield Failure("crates", ask.project, ask.target, str(error))
        else:
            observations = tuple(Observation("downloads", day, amount) for day, amount in counted.items())
            yield Answer("crates", ask.project, ask.target, observations)


def counted_days(downloads: Mapping[dt.date, int], newest: dt.date) -> Mapping[dt.date, int]:
    """The complete days in order. crates.io leaves out days without a download: from the first one on they are 0 in a
    small series, and were not counted where a usual day has LARGE or more.
    """
    amounts = {day: amount for day, amount in downloads.items() if amount and day <= newest}
    if not amounts:
        return {}
    first = min(amounts)
    large = statistics.median(amounts.values()) >= LARGE
    days = (first + dt.timedelta(days=n) for n in range((newest - first).days + 1))
    return {day: amounts.get(day, 0) for day in days if day in amounts or not large}


class _Day(BaseModel):
    date: dt.date
    downloads: Annotated[int, Field(strict=True, ge=0)]


class _Meta(BaseModel):
    extra_downloads: list[_Day]


class _Downloads(BaseModel):
    version_downloads: list[_Day]
    meta: _Meta


_DOWNLOADS: Final = TypeAdapter(_Downloads)


def parse_downloads(answer: object) -> Mapping[dt.date, int]:
    """Downloads by day: the newest versions and `extra_downloads` together. Raises Broken."""
    parts = shaped(_DOWNLOADS, answer)
    total: Counter[dt.date] = Counter()
    for day in (*parts.version_downloads, *parts.meta.extra_downloads):
        total[day.date] += day.downloads
    return total
