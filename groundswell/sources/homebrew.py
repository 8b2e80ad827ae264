"""Homebrew: installs of formulae and casks in the last 30, 90 and 365 days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, NonNegativeInt, Strict, TypeAdapter

from groundswell.http import Broken, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "Homebrew"
NAMING = Naming(
    r"(?:cask/)?[a-z0-9][a-z0-9+_.@-]{0,99}",
    "datasette",
    "a formula of Homebrew, or cask/ and the name of a cask",
)
PACE = {"formulae.brew.sh": 0.5}

WINDOWS: Final[Mapping[str, int]] = {"installs_30d": 30, "installs_90d": 90, "installs_365d": 365}
SIGNALS = tuple(
    Signal(
        key,
        Kind.ROLLING,
        "installs",
        lag=0,
        backfill="none: Homebrew gives today's windows alone",
        docs="https://formulae.brew.sh/docs/api/",
        caveat="Installs that somebody asked for, not those as part of another formula; whoever switched Homebrew's "
        "analytics off, or uses a tap of the project's own, is not counted.",
        days=days,
    )
    for key, days in WINDOWS.items()
)

FORMULA: Final = "https://formulae.brew.sh/api/formula/{}.json"
CASK: Final = "https://formulae.brew.sh/api/cask/{}.json"


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request a formula or cask, unless today's windows are there already."""
    for ask in asks:
        if all(ask.newest.get(key, dt.date.min) >= today for key in WINDOWS):
            yield Answer("homebrew", ask.project, ask.target, ())
            continue
        kind, name = (CASK, ask.target[5:]) if ask.target.startswith("cask/") else (FORMULA, ask.target)
        try:
            installs = parse(door.json(kind.format(name)), name)
            if not installs["installs_365d"] and "installs_365d" in ask.newest:
                raise Broken("gave 0 installs in a year, where it had given a number before")
        except Unanswered as error:
            yield Failure("homebrew", ask.project, ask.target, str(error))
        else:
            observations = tuple(Observation(key, today, amount) for key, amount in installs.items())
            yield Answer("homebrew", ask.project, ask.target, observations)


_Amount = Annotated[NonNegativeInt, Strict()]


class _Windows(BaseModel):
    days_30: dict[str, _Amount] = Field(alias="30d")
    days_90: dict[str, _Amount] = Field(alias="90d")
    days_365: dict[str, _Amount] = Field(alias="365d")


class _Analytics(BaseModel):
    install: _Windows
    install_on_request: _Windows | None = None  # a cask is never part of another: it has `install` alone


class _Page(BaseModel):
    analytics: _Analytics


_PAGE: Final = TypeAdapter(_Page)


def parse(answer: object, name: str) -> Mapping[str, int]:
    """Signal → installs on request, all options of the formula (`name --HEAD`) added up. Raises Broken."""
    analytics = shaped(_PAGE, answer).analytics
    found = analytics.install_on_request or analytics.install
    windows = (found.days_30, found.days_90, found.days_365)
    return {key: _added(window, name) for key, window in zip(WINDOWS, windows, strict=True)}


def _added(window: Mapping[str, int], name: str) -> int:
    own = [amount for key, amount in window.items() if key == name or key.startswith(f"{name} ")]
    if not own:
        raise Broken("gave no installs under this name")
    return sum(own)
