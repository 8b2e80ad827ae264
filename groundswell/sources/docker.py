"""Docker Hub: how often an image was pulled in all, and its stars. An image without a namespace is an official one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Broken, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "Docker Hub"
NAMING = Naming(
    r"(?:[a-z0-9][a-z0-9_-]{1,254}/)?[a-z0-9]+(?:(?:[.]|_{1,2}|-+)[a-z0-9]+)*",
    "datasetteproject/datasette",
    'an image on Docker Hub, an official one by its name alone ("redis")',
)
SIGNALS = (
    Signal(
        "pulls",
        Kind.COUNTER,
        "pulls",
        lag=0,
        backfill="none: only the total of the day is given",
        docs="https://docs.docker.com/reference/api/hub/latest/",
        caveat="Counts every request for an image's manifest: build machines and clusters weigh far more than people.",
    ),
    Signal(
        "stars",
        Kind.STOCK,
        "stars",
        lag=0,
        backfill="none: only the level of the day is given",
        docs="https://docs.docker.com/reference/api/hub/latest/",
        caveat="Few people give stars on Docker Hub, and they are not the stars on GitHub.",
    ),
)
PACE = {"hub.docker.com": 0.5}

REPOSITORY: Final = "https://hub.docker.com/v2/repositories/{}"
OFFICIAL: Final = "library/"


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request an image, unless its total of today is there already."""
    for ask in asks:
        if ask.newest.get("pulls", dt.date.min) >= today:
            yield Answer("docker", ask.project, ask.target, ())
        else:
            yield _fetch_one(ask, door, today)


def _fetch_one(ask: Ask, door: Door, today: dt.date) -> Answer | Failure:
    place = ask.target if "/" in ask.target else OFFICIAL + ask.target
    try:
        observations = parse(door.json(REPOSITORY.format(place)), today)
        if "pulls" in ask.newest and observations[0].value == 0:
            raise Broken("gave 0 for a total that cannot be 0")
    except Unanswered as error:
        return Failure("docker", ask.project, ask.target, str(error))
    return Answer("docker", ask.project, ask.target, observations)


Count = Annotated[int, Field(strict=True, ge=0)]


class _Repository(BaseModel):
    pull_count: Count
    star_count: Count


_REPOSITORY: Final = TypeAdapter(_Repository)


def parse(answer: object, today: dt.date) -> tuple[Observation, Observation]:
    """All pulls and the stars of one image, on the day they were read. Raises Broken."""
    found = shaped(_REPOSITORY, answer)
    return Observation("pulls", today, found.pull_count), Observation("stars", today, found.star_count)
