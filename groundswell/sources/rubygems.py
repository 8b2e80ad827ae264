"""RubyGems: the running total of a gem's downloads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Broken, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "RubyGems"
NAMING = Naming(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}", "rails", "a gem on RubyGems")
SIGNALS = (
    Signal(
        "downloads",
        Kind.COUNTER,
        "downloads",
        lag=0,
        backfill="nothing: only the total of today is given",
        docs="https://guides.rubygems.org/rubygems-org-api/",
        caveat="Every fetch of any version since the gem's first day counts, most of them by build machines.",
    ),
)
PACE = {"rubygems.org": 0.5}

GEM: Final = "https://rubygems.org/api/v1/gems/{}.json"


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request a gem, unless today's total is there already."""
    for ask in asks:
        if ask.newest.get("downloads", dt.date.min) >= today:
            yield Answer("rubygems", ask.project, ask.target, ())
            continue
        try:
            total = parse_gem(door.json(GEM.format(ask.target)), ask.target)
            if total == 0 and "downloads" in ask.newest:
                raise Broken("gave 0 for a total that cannot be 0")
        except Unanswered as error:
            yield Failure("rubygems", ask.project, ask.target, str(error))
        else:
            yield Answer("rubygems", ask.project, ask.target, (Observation("downloads", today, total),))


class _Gem(BaseModel):
    name: str
    downloads: Annotated[int, Field(strict=True, ge=0)]


_GEM: Final = TypeAdapter(_Gem)


def parse_gem(answer: object, name: str) -> int:
    """Downloads of all versions of a gem until now. Raises Broken, also for the answer about another gem."""
    gem = shaped(_GEM, answer)
    if gem.name != name:
        raise Broken("answered about another gem")
    return gem.downloads
