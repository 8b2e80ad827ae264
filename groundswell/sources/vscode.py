"""VS Code Marketplace: how often an extension was installed, many extensions at a time.

The count is a level, not a running total: from one hour to the next the Marketplace gives now a higher and now a lower
number (github.com/microsoft/vsmarketplace, issues 973 and 1218). Were its differences added up as downloads are, every
fall would be left out and every rise counted.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Broken, NotFound, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "VS Code Marketplace"
NAMING = Naming(
    r"[A-Za-z0-9][A-Za-z0-9-]*[.][A-Za-z0-9][A-Za-z0-9._-]*",
    "redhat.vscode-yaml",
    "an extension on the VS Code Marketplace, by its identifier",
)
SIGNALS = (
    Signal(
        "installs",
        Kind.STOCK,
        "installs",
        lag=0,
        backfill="none: only the number of the day is given",
        docs="https://github.com/microsoft/vsmarketplace/issues/1218",
        caveat="Installations since the beginning, without updates and never less those who uninstall; it wavers by a "
        "little from hour to hour, so it is taken as a level.",
    ),
)
PACE = {"marketplace.visualstudio.com": 2.0}

QUERY: Final = "https://marketplace.visualstudio.com/_apis/public/gallery/extensionquery"
HEADERS: Final = {"Accept": "application/json;api-version=7.2-preview.1", "Content-Type": "application/json"}
MOST: Final = 100  # extensions in one question
PRODUCT: Final = {"filterType": 8, "value": "Microsoft.VisualStudio.Code"}
BY_NAME: Final = 7
STATISTICS: Final = 256


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """All extensions that lack the number of today, by the hundred."""
    due = [ask for ask in asks if ask.newest.get("installs", dt.date.min) < today]
    for ask in asks:
        if ask not in due:
            yield Answer("vscode", ask.project, ask.target, ())
    for start in range(0, len(due), MOST):
        part = due[start : start + MOST]
        try:
            found = parse(door.json(QUERY, body=_query([ask.target for ask in part]), headers=HEADERS))
        except Unanswered as error:
            yield from (Failure("vscode", ask.project, ask.target, str(error)) for ask in part)
        else:
            yield from (_answer(ask, found, today) for ask in part)


def _query(names: Sequence[str]) -> str:
    criteria = [PRODUCT, *({"filterType": BY_NAME, "value": name} for name in sorted(set(names)))]
    page = {"criteria": criteria, "pageNumber": 1, "pageSize": MOST, "sortBy": 0, "sortOrder": 0}
    return json.dumps({"filters": [page], "assetTypes": [], "flags": STATISTICS})


def _answer(ask: Ask, found: Mapping[str, object], today: dt.date) -> Answer | Failure:
    try:
        if ask.target.lower() not in found:
            raise NotFound("has no extension of that name")
        installs = parse_statistics(found[ask.target.lower()])
        if "installs" in ask.newest and installs == 0:
            raise Broken("gave 0 for a total that cannot be 0")
    except Unanswered as error:
        return Failure("vscode", ask.project, ask.target, str(error))
    return Answer("vscode", ask.project, ask.target, (Observation("installs", today, installs),))


class _Publisher(BaseModel):
    publisherName: str  # noqa: N815 - the Marketplace's own names, here and below


class _Extension(BaseModel):
    publisher: _Publisher
    extensionName: str  # noqa: N815
    statistics: object = None  # checked for each extension alone


class _Result(BaseModel):
    extensions: list[_Extension]


class _Found(BaseModel):
    results: Annotated[list[_Result], Field(min_length=1)]


class _Statistic(BaseModel):
    statisticName: str  # noqa: N815
    value: object  # others than the installs may be anything


class _Installs(BaseModel):
    install: Annotated[float, Field(strict=True, ge=0, multiple_of=1, allow_inf_nan=False)]


_FOUND: Final = TypeAdapter(_Found)
_LIST: Final = TypeAdapter(list[_Statistic])
_INSTALLS: Final = TypeAdapter(_Installs)


def parse(answer: object) -> Mapping[str, object]:
    """Identifier in lower case → statistics as given, of each extension that there is. Raises Broken."""
    return {
        f"{one.publisher.publisherName}.{one.extensionName}".lower(): one.statistics
        for result in shaped(_FOUND, answer).results
        for one in result.extensions
    }


def parse_statistics(statistics: object) -> float:
    """The installs, which come as a decimal number. Raises Broken."""
    for statistic in shaped(_LIST, statistics):
        if statistic.statisticName == "install":
            return shaped(_INSTALLS, {"install": statistic.value}).install
    raise Broken("gave no number of installs")
