"""pub.dev: downloads and likes of Dart and Flutter packages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, NonNegativeInt, Strict, TypeAdapter

from groundswell.http import Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "pub.dev"
NAMING = Naming(r"[a-z_][a-z0-9_]{0,63}", "http", "a package on pub.dev")
SIGNALS = (
    Signal(
        "downloads_30d",
        Kind.ROLLING,
        "downloads",
        lag=0,
        backfill="none: pub.dev gives today's window alone",
        docs="https://pub.dev/help/scoring",
        caveat="Every fetch of the package's archive counts, most of them by build machines.",
        days=30,
    ),
    Signal(
        "likes",
        Kind.STOCK,
        "likes",
        lag=0,
        backfill="none: pub.dev gives today's number alone",
        docs="https://pub.dev/help/scoring",
        caveat="A like says that somebody looked, not that anybody uses it.",
    ),
)
PACE = {"pub.dev": 0.5}

ADDRESS: Final = "https://pub.dev/api/packages/{}/score"


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request a package, unless today's numbers are there already."""
    for ask in asks:
        if all(ask.newest.get(signal.key, dt.date.min) >= today for signal in SIGNALS):
            yield Answer("pub", ask.project, ask.target, ())
            continue
        try:
            figures = parse(door.json(ADDRESS.format(ask.target)))
        except Unanswered as error:
            yield Failure("pub", ask.project, ask.target, str(error))
            continue
        lacking = tuple(signal.key for signal in SIGNALS if signal.key not in figures)
        observations = tuple(Observation(key, today, amount) for key, amount in figures.items())
        yield Answer("pub", ask.project, ask.target, observations)
        if lacking:
            reason = "gave no number of downloads: it counts a new package only after some days"
            yield Failure("pub", ask.project, ask.target, reason, signals=lacking)


_Amount = Annotated[NonNegativeInt, Strict()]


class _Score(BaseModel):
    downloads: _Amount | None = Field(alias="downloadCount30Days", default=None)
    likes: _Amount = Field(alias="likeCount")


_SCORE: Final = TypeAdapter(_Score)


def parse(answer: object) -> Mapping[str, int]:
    """Signal → number; downloads only where they are given. Raises Broken."""
    score = shaped(_SCORE, answer)
    likes = {"likes": score.likes}
    return likes if score.downloads is None else {"downloads_30d": score.downloads, **likes}
