"""Editions: what was said of each closed month, kept in `history/editions/2026-10.json` so that it stays said.

A file holds what its page shows and no more. It is written once; what is added to it later are only corrections, beside
what was said. Own figures are in it as their card lets them out: growth, and never a level.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError

from groundswell.history import write_whole
from groundswell.models import Direction, GroundswellError, Stage
from groundswell.months import month_end

FOLDER: Final = "editions"
_NAME: Final = re.compile(r"(\d{4})-(\d{2})\.json")

Rate = Annotated[float, Field(allow_inf_nan=False)]
Id = Annotated[str, Field(pattern=r"\A[\w.-]{1,100}/[\w.-]{1,100}\z")]  # owner/name
Number = Annotated[int, Field(ge=0)]


class BrokenEdition(GroundswellError):
    """An edition's file cannot be read. It is left as it is; nothing is written over it."""


@dataclass(frozen=True, slots=True)
class Rates:
    """A growth a month with its 95 % interval."""

    growth: Rate
    low: Rate
    high: Rate


@dataclass(frozen=True, slots=True)
class Move:
    """How a project moved in a stage."""

    project: Id
    name: str
    rates: Rates
    detail: str  # from what to what its weightiest figure went; nothing where that is its owner's
    witness: str  # sources, and how they are known: "GitHub, npm; observed"


@dataclass(frozen=True, slots=True)
class StageMonth:
    """One stage in a month: how many projects went which way, and those that moved, the surest first."""

    stage: Stage
    rising: Number
    steady: Number
    falling: Number
    new: Number  # with numbers too small for a percentage
    unmeasured: Number
    up: tuple[Move, ...]
    down: tuple[Move, ...]

    @property
    def measured(self) -> int:
        """How many projects have a growth in it."""
        return self.rising + self.steady + self.falling


@dataclass(frozen=True, slots=True)
class News:
    """Something about one project, in words: what it reads now, and before it."""

    project: Id
    name: str
    text: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Some:
    """The first of several news, and how many there are in all."""

    total: Number = 0
    first: tuple[News, ...] = ()


@dataclass(frozen=True, slots=True)
class Swing:
    """A stage of a project whose growth is surely another than a month before, and goes another way."""

    project: Id
    name: str
    stage: Stage
    before: Rates
    after: Rates


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a move that was told would be, worked out again later from what the sources say by then."""

    project: Id
    stage: Stage
    noted: dt.date
    rates: Rates | None  # None: there is no growth any more


@dataclass(frozen=True, slots=True)
class Edition:
    """All that is said of a month."""

    last: dt.date  # the last day of the month
    made: dt.date
    projects: Number  # that it speaks of
    measured: Number  # of these with a growth in any stage
    seen: Number  # of these that were really looked at by the end of the month; all else is filled in
    first: bool  # the month in which this tracker began
    stages: tuple[StageMonth, ...]
    tracked: Some  # for the first time
    newly: Some  # measured for the first time
    turned: Some  # with another reading than a month before
    reached: Some  # a further stage
    bursts: Some
    swings: tuple[Swing, ...]
    sources: tuple[str, ...]
    credits: tuple[str, ...]
    corrected: tuple[Corrected, ...] = ()
    format: Literal[1] = 1

    def as_json(self) -> str:
        """The text of its file: the same for the same edition."""
        return json.dumps(asdict(self), default=dt.date.isoformat, indent=1, ensure_ascii=False) + "\n"

    @property
    def moves(self) -> Mapping[tuple[str, Stage], Move]:
        """Every move that it tells, by project and stage."""
        return {(move.project, one.stage): move for one in self.stages for move in (*one.up, *one.down)}


@dataclass(frozen=True, slots=True)
class Broken:
    """An edition whose file cannot be read: its page says so, and it is not made again."""

    last: dt.date
    why: str  # for the person who can mend it


Kept = Edition | Broken


def load(directory: Path) -> tuple[Kept, ...]:
    """All editions that a history keeps, oldest first. A file that cannot be read is given as such: the months after
    it, and all other pages, do not depend on it.
    """
    files = (directory / FOLDER).glob("*.json") if (directory / FOLDER).is_dir() else ()
    named = ((_month(path), path) for path in sorted(files))
    return tuple(_load(last, path) for last, path in named if last is not None)


def _month(path: Path) -> dt.date | None:
    """The last day of the month that a file is named after; None for a file that is no edition."""
    found = _NAME.fullmatch(path.name)
    if found is None or not (int(found[1]) and 1 <= int(found[2]) <= 12):
        return None
    return month_end(dt.date(int(found[1]), int(found[2]), 1))


def _load(last: dt.date, path: Path) -> Kept:
    try:
        return from_json(path.read_text(encoding="utf-8"), last)
    except (UnicodeDecodeError, BrokenEdition) as error:
        remedy = "bring it back from the branch data, or remove it to have that month made anew from today's history"
        return Broken(last, f"{path.parent.name}/{path.name} cannot be read ({error}); {remedy}")


def from_json(text: str, last: dt.date) -> Edition:
    """The edition of a month. Raises BrokenEdition for any other text."""
    try:
        found = TypeAdapter(Edition).validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise BrokenEdition(f"{where}: {first['msg']}") from None
    if found.last != last:
        raise BrokenEdition(f"it is of the month that ends on {found.last}")
    return found


def save(directory: Path, edition: Edition) -> None:
    """Keep an edition; its file is there whole or not at all."""
    folder = directory / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / f"{edition.last:%Y-%m}.json", edition.as_json())


def readable(kept: Sequence[Kept]) -> tuple[Edition, ...]:
    """Those that can be read, oldest first."""
    return tuple(one for one in kept if isinstance(one, Edition))


def broken(kept: Sequence[Kept]) -> tuple[Broken, ...]:
    """Those that cannot be read."""
    return tuple(one for one in kept if isinstance(one, Broken))


def direction(rates: Rates | None) -> Direction | None:
    """What an interval allows to be said."""
    if rates is None:
        return None
    return Direction.RISING if rates.low > 0 else Direction.FALLING if rates.high < 0 else Direction.STEADY
