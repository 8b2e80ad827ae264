"""conda: the running total of a package's downloads from a channel of anaconda.org."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Broken, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "conda"
NAMING = Naming(
    r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9_][A-Za-z0-9._-]*",
    "conda-forge/numpy",
    "a package of a channel on anaconda.org",
)
SIGNALS = (
    Signal(
        "downloads",
        Kind.COUNTER,
        "downloads",
        lag=0,
        backfill="nothing: only the total of today is given",
        docs="https://api.anaconda.org/docs",
        caveat="Fetches of all files that are still there, by machines too; a file that is taken away takes its "
        "downloads with it.",
    ),
)
PACE = {"api.anaconda.org": 0.5}

PACKAGE: Final = "https://api.anaconda.org/package/{}"


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request a package, unless today's total is there already."""
    for ask in asks:
        if ask.newest.get("downloads", dt.date.min) >= today:
            yield Answer("conda", ask.project, ask.target, ())
            continue
        try:
            total = parse_package(door.json(PACKAGE.format(ask.target)), ask.target)
            if total == 0 and "downloads" in ask.newest:
                raise Broken("gave 0 for a total that cannot be 0")
        except Unanswered as error:
            yield Failure("conda", ask.project, ask.target, str(error))
        else:
            yield Answer("conda", ask.project, ask.target, (Observation("downloads", today, total),))


Count = Annotated[int, Field(strict=True, ge=0)]


class _File(BaseModel):
    ndownloads: Count | None = None


class _Package(BaseModel):
    name: str | None = None
    ndownloads: Count | None = None
    files: list[_File]


_PACKAGE: Final = TypeAdapter(_Package)


def parse_package(answer: object, target: str) -> int:
    """Downloads of all files of a package until now; the package's own total only where not every file says its own,
    so that the same thing is counted each day. Raises Broken, also for the answer about another package.
    """
    package = shaped(_PACKAGE, answer)
    if package.name is not None and package.name.lower() != target.partition("/")[2].lower():
        raise Broken("answered about another package")
    each = [file.ndownloads for file in package.files if file.ndownloads is not None]
    if each and len(each) == len(package.files):
        return sum(each)
    if package.ndownloads is None:
        raise Broken("gave no downloads for this package")
    return package.ndownloads
