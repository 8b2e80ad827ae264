"""Discourse: members, topics, posts and active members of a forum, as it gives them to everybody; their stickiness."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AliasChoices, BaseModel, Field, TypeAdapter

from groundswell.http import Broken, NotFound, Unanswered, shaped
from groundswell.models import PER_CENT, Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "Discourse"
NAMING = Naming(
    r"(?=.{4,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]",
    "discuss.python.org",
    "the host of a Discourse forum",
    shared=True,
    names_host=True,
)
_DOCS: Final = "https://docs.discourse.org/"
_TODAY_ONLY: Final = "none: the forum gives today's number only"
SIGNALS = (
    Signal(
        "members",
        Kind.STOCK,
        "members",
        lag=0,
        backfill=_TODAY_ONLY,
        docs=_DOCS,
        caveat="Everybody who signed up, confirmed it and is not suspended; most of them never wrote a line.",
    ),
    Signal(
        "topics",
        Kind.STOCK,
        "topics",
        lag=0,
        backfill=_TODAY_ONLY,
        docs=_DOCS,
        caveat="Topics that stand there now: what moderators delete is gone from the number.",
    ),
    Signal(
        "posts",
        Kind.STOCK,
        "posts",
        lag=0,
        backfill=_TODAY_ONLY,
        docs=_DOCS,
        caveat="Posts that stand there now, private messages and those of bots too; deleted ones no longer count.",
    ),
    Signal(
        "active_7_days",
        Kind.ROLLING,
        "members",
        lag=0,
        backfill=_TODAY_ONLY,
        docs=_DOCS,
        caveat="Members who came while signed in, whether they wrote or not; most readers never sign in.",
        days=7,
    ),
    Signal(
        "active_30_days",
        Kind.ROLLING,
        "members",
        lag=0,
        backfill=_TODAY_ONLY,
        docs=_DOCS,
        caveat="Members who came while signed in, whether they wrote or not; most readers never sign in.",
        days=30,
    ),
    Signal(
        "stickiness",
        Kind.ROLLING,
        PER_CENT,
        lag=0,
        backfill="none: worked out from the two numbers of active members on the day that they are read",
        docs=_DOCS,
        caveat="Members seen in 7 days, of those seen in 30; in a small forum a handful of people move it.",
        days=30,
    ),
)
PACE: Mapping[str, float] = {}  # every forum is a host of its own, and gets the usual pace

PLACES: Final = ("site/statistics.json", "about.json")  # the second where the owner has closed the first
TOTALS: Final = ("members", "topics", "posts")


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request a forum, two where the first place is closed; none where today's numbers are there."""
    for ask in asks:
        if all(ask.newest.get(signal.key, dt.date.min) >= today for signal in SIGNALS if not signal.is_share):
            yield Answer("discourse", ask.project, ask.target, ())
            continue
        try:
            numbers = _read(ask.target.lower(), door)
            if any(numbers[key] == 0 and key in ask.newest for key in TOTALS):  # then nothing in it can be believed
                raise Broken("gave 0 for a total that cannot be 0")
        except Unanswered as error:
            yield Failure("discourse", ask.project, ask.target, str(error))
        else:
            observations = tuple(Observation(key, today, number) for key, number in numbers.items())
            yield Answer("discourse", ask.project, ask.target, observations)


def _read(host: str, door: Door) -> Mapping[str, float]:
    first, second = (f"https://{host}/{place}" for place in PLACES)
    try:
        return parse(door.json(first, stranger=True))
    except (NotFound, Broken):
        return parse(door.json(second, stranger=True))


_Count = Annotated[int, Field(strict=True, ge=0)]


class _Statistics(BaseModel):
    members: _Count = Field(validation_alias=AliasChoices("users_count", "user_count"))
    topics: _Count = Field(validation_alias=AliasChoices("topics_count", "topic_count"))
    posts: _Count = Field(validation_alias=AliasChoices("posts_count", "post_count"))
    active_7_days: _Count = Field(validation_alias="active_users_7_days")
    active_30_days: _Count = Field(validation_alias="active_users_30_days")


class _Stats(BaseModel):
    stats: _Statistics


class _About(BaseModel):
    about: _Stats


_STATISTICS: Final = TypeAdapter(_Statistics)
_ABOUT: Final = TypeAdapter(_About)


def parse(answer: object) -> Mapping[str, float]:
    """Signal key → number, from either place and in the newer (`users_count`) or older (`user_count`) spelling; and the
    share `stickiness`, where there is one.

    Raises Broken.
    """
    if isinstance(answer, dict) and "about" in answer:
        return _numbers(shaped(_ABOUT, answer).about.stats)
    return _numbers(shaped(_STATISTICS, answer))


def _numbers(given: _Statistics) -> Mapping[str, float]:
    """The numbers, and the share of the members of 30 days who were there in the last 7.

    Nobody in 30 days leaves no share to speak of; more people in 7 days than in 30 is a contradiction (the forum counts
    both at different times), and no share either.
    """
    numbers: dict[str, float] = given.model_dump()
    if 0 < given.active_30_days >= given.active_7_days:
        numbers["stickiness"] = round(100 * given.active_7_days / given.active_30_days, 2)
    return numbers
