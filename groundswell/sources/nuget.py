"""NuGet: the running totals of packages' downloads, several packages in one search."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Broken, NotFound, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door, Outside

LABEL = "NuGet"
NAMING = Naming(r"(?=.{1,100}$)[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*", "Newtonsoft.Json", "a package on NuGet")
SIGNALS = (
    Signal(
        "downloads",
        Kind.COUNTER,
        "downloads",
        lag=0,
        backfill="nothing: only the total of today is given",
        docs="https://learn.microsoft.com/en-us/nuget/api/search-query-service-resource",
        caveat="Every fetch of any version counts, most of them by build machines.",
    ),
)
HOST: Final = "azuresearch-usnc.nuget.org"
PACE = {HOST: 0.5}

SEARCH: Final = "https://azuresearch-usnc.nuget.org/query"
NAMES: Final = 20  # packages in one search


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """All packages that lack today's total, NAMES at a time. What such a search does not bring, or brings as 0, is
    asked for alone.
    """
    due = [ask for ask in asks if ask.newest.get("downloads", dt.date.min) < today]
    yield from (Answer("nuget", ask.project, ask.target, ()) for ask in asks if ask not in due)
    for start in range(0, len(due), NAMES):
        group = due[start : start + NAMES]
        names = sorted({ask.target for ask in group})
        totals = _search(door, names) if len(names) > 1 else {}
        for ask in group:
            yield _fetch_one(ask, door, today, totals.get(ask.target.lower()) or None)


def requests(asks: Sequence[Ask], _outside: Outside, today: dt.date) -> Mapping[str, int]:
    """What `fetch` will ask, when every search brings what it is asked for."""
    due = sum(ask.newest.get("downloads", dt.date.min) < today for ask in asks)
    return {HOST: -(-due // NAMES)}


def _search(door: Door, names: Sequence[str]) -> Mapping[str, int]:
    """What a search for several packages brings: nothing when it fails, since each can be asked for alone."""
    try:
        return parse_search(_ask(door, names))
    except Unanswered:
        return {}


def _fetch_one(ask: Ask, door: Door, today: dt.date, total: int | None) -> Answer | Failure:
    try:
        if total is None:
            total = parse_package(_ask(door, [ask.target]), ask.target)
        if total == 0 and "downloads" in ask.newest:
            raise Broken("gave 0 for a total that cannot be 0")
    except Unanswered as error:
        return Failure("nuget", ask.project, ask.target, str(error))
    return Answer("nuget", ask.project, ask.target, (Observation("downloads", today, total),))


def _ask(door: Door, names: Sequence[str]) -> object:
    query = " ".join(f"packageid:{name}" for name in names)  # NAMING lets no space or colon through
    params = {"q": query, "prerelease": "true", "semVerLevel": "2.0.0", "take": str(len(names))}
    return door.json(SEARCH, params=params)


class _Package(BaseModel):
    id: str
    totalDownloads: Annotated[int, Field(strict=True, ge=0)]  # noqa: N815 - NuGet's word


class _Search(BaseModel):
    data: list[object]


_PACKAGE: Final = TypeAdapter(_Package)
_SEARCH: Final = TypeAdapter(_Search)


def parse_search(answer: object) -> Mapping[str, int]:
    """Package in lower case → downloads of all its versions until now. One that cannot be read is left out, for its
    fault is not the others'. Raises Broken when there is no list of packages at all.
    """
    found = {}
    for one in shaped(_SEARCH, answer).data:
        try:
            package = shaped(_PACKAGE, one)
        except Broken:
            continue
        found[package.id.lower()] = package.totalDownloads
    return found


def parse_package(answer: object, name: str) -> int:
    """Downloads of the one package that was asked for. Raises NotFound when there is none, and Broken."""
    packages = [shaped(_PACKAGE, one) for one in shaped(_SEARCH, answer).data]
    if not packages:
        raise NotFound("has no package of that name")
    totals = [package.totalDownloads for package in packages if package.id.lower() == name.lower()]
    if len(totals) != 1:
        raise Broken("answered about another package")
    return totals[0]
