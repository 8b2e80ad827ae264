"""Flathub: daily installs of desktop applications."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, NonNegativeInt, Strict, TypeAdapter

from groundswell.http import Broken, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "Flathub"
NAMING = Naming(r"[A-Za-z_][A-Za-z0-9_.-]{5,254}", "org.gnome.Calculator", "an application on Flathub")
SIGNALS = (
    Signal(
        "installs",
        Kind.FLOW,
        "installs",
        lag=2,
        backfill="two years",
        docs="https://flathub.org/api/v2/docs",
        caveat="Installs from Flathub alone, updates left out; the same person on a second machine counts again.",
    ),
)
PACE = {"flathub.org": 1.0}

ADDRESS: Final = "https://flathub.org/api/v2/stats/{}"
FIRST_SIGHT: Final = 730  # days; Flathub's own record goes back to April 2018
OVERLAP: Final = 14  # days asked for again
LARGE: Final = 20  # installs on a usual day, above which a day with exactly 0 was not counted


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request an application, unless no day is lacking."""
    newest = today - dt.timedelta(days=SIGNALS[0].lag)
    for ask in asks:
        known = ask.newest.get("installs")
        if known is not None and known >= newest:
            yield Answer("flathub", ask.project, ask.target, ())
            continue
        days = FIRST_SIGHT if known is None else min(FIRST_SIGHT, (newest - known).days + OVERLAP)
        try:
            installs = parse(door.json(ADDRESS.format(ask.target), params={"days": str(days)}))
        except Unanswered as error:
            yield Failure("flathub", ask.project, ask.target, str(error))
            continue
        since = newest - dt.timedelta(days=days - 1)
        counted = sorted(day for day in installs if since <= day <= newest)
        observations = tuple(Observation("installs", day, installs[day]) for day in counted)
        yield Answer("flathub", ask.project, ask.target, observations)


class _App(BaseModel):
    installs_per_day: dict[dt.date, Annotated[NonNegativeInt, Strict()]]


_APP: Final = TypeAdapter(_App)


def parse(answer: object) -> Mapping[dt.date, int]:
    """Installs by day, without days on which an application of this size cannot have had exactly 0. Raises Broken."""
    days = shaped(_APP, answer).installs_per_day
    amounts = [amount for amount in days.values() if amount]
    if not amounts:
        raise Broken("gave no installs on any day for this application")
    large = statistics.median(amounts) >= LARGE
    return {day: amount for day, amount in days.items() if amount or not large}
