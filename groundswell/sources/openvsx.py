"""Open VSX: how often an extension was downloaded in all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Broken, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "Open VSX"
NAMING = Naming(
    r"[A-Za-z0-9_~$+-]+[./][A-Za-z0-9_~$+-]+",
    "redhat.vscode-yaml",
    "an extension on Open VSX, by its identifier or as in its address",
)
SIGNALS = (
    Signal(
        "downloads",
        Kind.COUNTER,
        "downloads",
        lag=0,
        backfill="none: only the total of the day is given",
        docs="https://open-vsx.org/swagger-ui/index.html",
        caveat="Counts every download, updates and those by machines included; editors of Microsoft's own do not ask "
        "here.",
    ),
)
PACE = {"open-vsx.org": 1.0}

EXTENSION: Final = "https://open-vsx.org/api/{}"


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request an extension, unless its total of today is there already."""
    for ask in asks:
        if ask.newest.get("downloads", dt.date.min) >= today:
            yield Answer("openvsx", ask.project, ask.target, ())
        else:
            yield _fetch_one(ask, door, today)


def _fetch_one(ask: Ask, door: Door, today: dt.date) -> Answer | Failure:
    try:
        downloads = parse(door.json(EXTENSION.format(ask.target.replace(".", "/"))))
        if "downloads" in ask.newest and downloads == 0:
            raise Broken("gave 0 for a total that cannot be 0")
    except Unanswered as error:
        return Failure("openvsx", ask.project, ask.target, str(error))
    return Answer("openvsx", ask.project, ask.target, (Observation("downloads", today, downloads),))


class _Extension(BaseModel):
    downloadCount: Annotated[int, Field(strict=True, ge=0)]  # noqa: N815 - Open VSX's own name


_EXTENSION: Final = TypeAdapter(_Extension)


def parse(answer: object) -> int:
    """All downloads of one extension. Raises Broken."""
    return shaped(_EXTENSION, answer).downloadCount
