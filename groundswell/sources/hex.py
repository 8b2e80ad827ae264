"""Hex: the running total of a package's downloads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Broken, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "Hex"
NAMING = Naming(r"[a-z][a-z0-9_]{0,127}", "phoenix", "a package on Hex")
SIGNALS = (
    Signal(
        "downloads",
        Kind.COUNTER,
        "downloads",
        lag=0,
        backfill="nothing: only the total of today is given",
        docs="https://github.com/hexpm/specifications/blob/HEAD/apiary.apib",
        caveat="Every fetch of any version counts, most of them by build machines.",
    ),
)
PACE = {"hex.pm": 0.7}  # a hundred requests a minute are allowed

PACKAGE: Final = "https://hex.pm/api/packages/{}"


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request a package, unless today's total is there already."""
    for ask in asks:
        if ask.newest.get("downloads", dt.date.min) >= today:
            yield Answer("hex", ask.project, ask.target, ())
            continue
        try:
            total = parse_package(door.json(PACKAGE.format(ask.target)), ask.target)
            if total == 0 and "downloads" in ask.newest:
                raise Broken("gave 0 for a total that cannot be 0")
        except Unanswered as error:
            yield Failure("hex", ask.project, ask.target, str(error))
        else:
            yield Answer("hex", ask.project, ask.target, (Observation("downloads", today, total),))


class _Downloads(BaseModel):
    all: Annotated[int, Field(strict=True, ge=0)]


class _Package(BaseModel):
    name: str
    downloads: _Downloads


_PACKAGE: Final = TypeAdapter(_Package)


def parse_package(answer: object, name: str) -> int:
    """Downloads of all versions of a package until now. Raises Broken, also for the answer about another package."""
    package = shaped(_PACKAGE, answer)
    if package.name != name:
        raise Broken("answered about another package")
    return package.downloads.all
