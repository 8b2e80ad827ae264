"""GitHub traffic: views, visitors and clones of the tracker's own repositories, which GitHub itself keeps for 14 days.

Only a token with the right to read a repository's administration is shown its traffic, and the token of an Action never
has it. So this source has a token of its own, TRAFFIC_TOKEN, with limits of its own: it is sent to GitHub alone, by
this source alone, and only about repositories of the tracker's owner. Two requests a repository and day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AliasChoices, AwareDatetime, BaseModel, Field, TypeAdapter

from groundswell.http import GITHUB, Broken, Forbidden, LimitReached, NotFound, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "GitHub traffic"
NAMING = Naming(
    r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}/(?!\.{1,2}$)(?!.*\.git$)[A-Za-z0-9._-]{1,100}",
    "your-name/your-project",
    "a repository of your own on GitHub, as owner/name",
)
_DOCS: Final = "https://docs.github.com/en/rest/metrics/traffic"
_BACKFILL: Final = "13 days"
SIGNALS = (
    Signal(
        "views",
        Kind.FLOW,
        "views",
        lag=1,
        backfill=_BACKFILL,
        docs=_DOCS,
        caveat="Pages of the repository that were opened on GitHub, by its own maintainers too.",
    ),
    Signal(
        "visitors",
        Kind.FLOW,
        "visitors",
        lag=1,
        backfill=_BACKFILL,
        docs=_DOCS,
        caveat="People who opened the repository on a day; one who comes on several days counts on each, so that a "
        "month has more visitors than people.",
    ),
    Signal(
        "clones",
        Kind.FLOW,
        "clones",
        lag=1,
        backfill=_BACKFILL,
        docs=_DOCS,
        caveat="Most clones are made by build machines, the project's own among them.",
    ),
)
PACE = {GITHUB: 0.25}

TRAFFIC: Final = "/repos/{}/traffic/{}"
LISTED: Final = 14  # days
DAYS: Final = LISTED - 1  # that are over and whole
OVERLAP: Final = 3  # days asked for again, since GitHub may count late
PARTS: Final[Mapping[str, tuple[str, ...]]] = {"views": ("views", "visitors"), "clones": ("clones",)}
RIGHT: Final = "set TRAFFIC_TOKEN to one with the right to read this repository's administration"
NO_TOKEN: Final = f"shows nothing without a token: {RIGHT}"
NO_RIGHT: Final = f"is not shown to this token ({{}}): {RIGHT}"
NOT_OURS: Final = "is read of the tracker owner's repositories alone, and this one is {}'s"
OWNER_UNKNOWN: Final = "is read of the tracker owner's repositories alone: set GITHUB_REPOSITORY to the tracker's"


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """Views with visitors, then clones, each as an answer of its own; nothing when yesterday is there."""
    for ask in asks:
        if (reason := _not_to_ask(ask, door)) is not None:
            yield Failure("traffic", ask.project, ask.target, reason)
        else:
            yield from _fetch_one(ask, door, today)


def _not_to_ask(ask: Ask, door: Door) -> str | None:
    """Why the owner's token is not shown for a repository."""
    owner = ask.target.partition("/")[0]
    if door.outside.owners_token is None:
        return NO_TOKEN
    if door.outside.owner is None:
        return OWNER_UNKNOWN
    return None if owner.casefold() == door.outside.owner.casefold() else NOT_OURS.format(owner)


def _fetch_one(ask: Ask, door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    for part, signals in PARTS.items():
        if ask.newest.get(part, dt.date.min) >= today - dt.timedelta(days=1):
            yield Answer("traffic", ask.project, ask.target, ())
            continue
        try:
            days = parse(door.github(TRAFFIC.format(ask.target, part), {"per": "day"}, own=True))
            yield _answer(ask, part, days, today)
        except (Forbidden, NotFound) as error:
            reason = NO_RIGHT.format(404 if isinstance(error, NotFound) else 403)
            yield Failure("traffic", ask.project, ask.target, reason)
            return
        except Unanswered as error:
            late = isinstance(error, LimitReached)
            yield Failure("traffic", ask.project, ask.target, str(error), signals=signals, deferred=late)


def _answer(ask: Ask, part: str, days: Mapping[dt.date, tuple[int, int]], today: dt.date) -> Answer:
    """The days that are over; of those that are known already only the last ones, for the oldest may be cut off."""
    since = max(today - dt.timedelta(days=DAYS), ask.newest.get(part, dt.date(1970, 1, 1)) - dt.timedelta(days=OVERLAP))
    observations = tuple(
        Observation(signal, day, amount)
        for day, amounts in sorted(days.items())
        if since <= day < today
        for signal, amount in zip(PARTS[part], amounts, strict=False)
    )
    if not observations:
        raise Broken(f"gave no {part} on any of the last days")
    return Answer("traffic", ask.project, ask.target, observations)


Whole = Annotated[int, Field(strict=True, ge=0)]


class _Day(BaseModel):
    timestamp: AwareDatetime
    count: Whole
    uniques: Whole


class _Traffic(BaseModel):
    count: Whole
    days: list[_Day] = Field(validation_alias=AliasChoices(*PARTS))


_TRAFFIC: Final = TypeAdapter(_Traffic)


def parse(answer: object) -> Mapping[dt.date, tuple[int, int]]:
    """Views (or clones) and those who made them, by day. Raises Broken.

    GitHub leaves a day out on which there was nothing: between two days that it lists, such a day is a zero, when the
    listed days add up to the whole; otherwise it is missing.
    """
    found = shaped(_TRAFFIC, answer)
    days = {day.timestamp.date(): (day.count, day.uniques) for day in found.days}
    if sum(count for count, _ in days.values()) == found.count:
        for between in range(1, min((max(days) - min(days)).days, LISTED) if days else 0):
            days.setdefault(max(days) - dt.timedelta(days=between), (0, 0))
    return days
