"""GitHub releases: downloads of the files that a repository's releases offer, added up, in turn.

The turn is a week, and longer when many projects name theirs (see `turns`). How many pages a repository has is noted,
so that the next turn can be reckoned with them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import GITHUB, Broken, LimitReached, NotFound, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal
from groundswell.turns import WEEK, turns

if TYPE_CHECKING:
    from groundswell.http import Door, Outside

LABEL = "GitHub releases"
NAMING = Naming(
    r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}/(?!\.{1,2}$)(?!.*\.git$)[A-Za-z0-9._-]{1,100}",
    "simonw/datasette-app",
    "a repository on GitHub whose releases have files, as owner/name",
)
SIGNALS = (
    Signal(
        "downloads",
        Kind.COUNTER,
        "downloads",
        lag=0,
        backfill="nothing: only the total of the day is given",
        docs="https://docs.github.com/en/rest/releases/releases#list-releases",
        caveat="Files that a project attaches to its releases, read every 7 to 11 days; the source archives that "
        "GitHub makes by itself are not counted, and a file that is replaced begins again at 0.",
    ),
)
PACE = {GITHUB: 0.25}

RELEASES: Final = "/repos/{}/releases"
A_PAGE: Final = 100
MOST_PAGES: Final = 5  # a total over the newest ones alone would lose the downloads of those that leave the list
LATEST: Final = 13  # days, since growth reads across gaps of at most 14


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """The repositories whose turn it is, the longest-waiting first."""
    due = due_today(asks, door.outside, today)
    for ask in asks:
        if ask not in due:
            yield Answer("releases", ask.project, ask.target, ())
    for ask in due:
        yield _fetch_one(ask, door, today)


def due_today(asks: Sequence[Ask], outside: Outside, today: dt.date) -> list[Ask]:
    """Whose turn it is, also beside what other machines ask in the same run."""
    beside = outside.beside.get("releases", ())
    due = in_turn([*asks, *beside], today, turn_of([*asks, *beside], outside))
    return [ask for ask in due if ask not in beside]


def turn_of(asks: Sequence[Ask], outside: Outside) -> int:
    """Days between two readings of a repository."""
    projects = outside.pages.get("github", 0)
    return turns(projects, outside.pages.get("releases", len(asks))).releases if projects else WEEK


def in_turn(asks: Sequence[Ask], today: dt.date, turn: int = WEEK) -> list[Ask]:
    """Those never read, or not for LATEST days; and of those whose turn has come only as many in a run as keep it
    even, so that what was first read on one day spreads.
    """
    waiting = sorted(asks, key=lambda ask: (_last_read(ask), ask.project, ask.target))
    overdue = [ask for ask in waiting if _last_read(ask) <= today - dt.timedelta(days=LATEST)]
    due = [ask for ask in waiting if ask not in overdue and _last_read(ask) <= today - dt.timedelta(days=turn)]
    return overdue + due[: -(-len(asks) // turn)]


def requests(asks: Sequence[Ask], outside: Outside, today: dt.date) -> Mapping[str, int]:
    """What `fetch` will ask: as many pages as there were the last time."""
    due = due_today(asks, outside, today)
    return {GITHUB: sum(pages if isinstance(pages := ask.state.get("pages"), int) else 1 for ask in due)}


def _last_read(ask: Ask) -> dt.date:
    return ask.newest.get("downloads", dt.date.min)


def _fetch_one(ask: Ask, door: Door, today: dt.date) -> Answer | Failure:
    try:
        total, pages = _total(ask, door)
        if total == 0 and "downloads" in ask.newest:
            raise Broken("gave 0 for a total that cannot be 0")
    except Unanswered as error:
        reason = "has no repository of that name (404)" if isinstance(error, NotFound) else str(error)
        return Failure("releases", ask.project, ask.target, reason, deferred=isinstance(error, LimitReached))
    note = {"pages": pages} if pages > 1 or "pages" in ask.state else {}
    return Answer("releases", ask.project, ask.target, (Observation("downloads", today, total),), note)


def _total(ask: Ask, door: Door) -> tuple[int, int]:
    """All downloads, and how many pages of releases they are on."""
    found: dict[int, int | None] = {}  # a release that moved to the next page in between counts once
    for page in range(1, MOST_PAGES + 1):
        asked = {"per_page": str(A_PAGE), "page": str(page)}
        releases = parse(door.github(RELEASES.format(ask.target), asked))
        found.update(releases)
        if len(releases) < A_PAGE:
            break
    else:
        raise Broken(f"has {A_PAGE * MOST_PAGES:,} releases or more there, too many to add up")
    counts = [count for count in found.values() if count is not None]
    if not counts:
        raise Broken("has no release with files there")
    return sum(counts), page


Whole = Annotated[int, Field(strict=True, ge=0)]


class _Asset(BaseModel):
    download_count: Whole


class _Release(BaseModel):
    id: Whole
    assets: list[_Asset]


_RELEASES: Final = TypeAdapter(list[_Release])


def parse(answer: object) -> Mapping[int, int | None]:
    """Downloads of the files of each release by its id; None for a release without files. Raises Broken."""
    return {
        release.id: sum(asset.download_count for asset in release.assets) if release.assets else None
        for release in shaped(_RELEASES, answer)
    }
