"""WordPress: daily downloads and active installs of plugins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, NonNegativeInt, Strict, TypeAdapter

from groundswell.http import Broken, NotFound, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "WordPress"
NAMING = Naming(r"[a-z0-9_-]{1,200}", "akismet", "a plugin on WordPress.org")
SIGNALS = (
    Signal(
        "downloads",
        Kind.FLOW,
        "downloads",
        lag=1,
        backfill="two years",
        docs="https://codex.wordpress.org/WordPress.org_API",
        caveat="Every update of a site that has the plugin counts, so a release raises it for days.",
    ),
    Signal(
        "active_installs",
        Kind.STOCK,
        "sites",
        lag=0,
        backfill="none: WordPress gives today's number alone",
        docs="https://codex.wordpress.org/WordPress.org_API",
        caveat="Given with one digit that counts, so it stands still for months and then leaps.",
    ),
)
PACE = {"api.wordpress.org": 1.0}

DOWNLOADS: Final = "https://api.wordpress.org/stats/plugin/1.0/downloads.php"
PLUGIN: Final = "https://api.wordpress.org/plugins/info/1.2/"
FIRST_SIGHT: Final = 730  # days, the most that WordPress gives
OVERLAP: Final = 7  # days asked for again
NOTICED: Final = 100  # active installs, from which on a fall to 0 (fewer than 10) is not believed


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """Two requests a plugin, each only where something is lacking."""
    for ask in asks:
        since = ask.newest.get("downloads")
        here = ask.newest.get("active_installs", dt.date.min) >= today
        try:
            yield Answer("wordpress", ask.project, ask.target, () if here else _installs(ask, door, today))
        except NotFound as error:
            yield Failure("wordpress", ask.project, ask.target, str(error))
            continue
        except Unanswered as error:
            yield Failure("wordpress", ask.project, ask.target, str(error), signals=("active_installs",))
        yesterday = today - dt.timedelta(days=1)
        if since is not None and since >= yesterday:
            continue
        days = FIRST_SIGHT if since is None else min(FIRST_SIGHT, (today - since).days + OVERLAP)
        try:
            answer = door.json(DOWNLOADS, params={"slug": ask.target, "limit": str(days)})
            downloads = parse_days(answer, ask.oldest.get("downloads"))
        except Unanswered as error:
            yield Failure("wordpress", ask.project, ask.target, str(error), signals=("downloads",))
            continue
        complete = sorted(day for day in downloads if day <= yesterday)
        observations = tuple(Observation("downloads", day, downloads[day]) for day in complete)
        yield Answer("wordpress", ask.project, ask.target, observations)


def _installs(ask: Ask, door: Door, today: dt.date) -> tuple[Observation, ...]:
    question = {
        "action": "plugin_information",
        "request[slug]": ask.target,
        "request[fields][active_installs]": "1",
        "request[fields][sections]": "0",  # the plugin's whole page
    }
    installs = parse_installs(door.json(PLUGIN, params=question))
    if installs == 0 and ask.first_observed.get("active_installs", (today, 0))[1] >= NOTICED:
        raise Broken("gave fewer than 10 active installs, where it had given hundreds before")
    return (Observation("active_installs", today, installs),)


class _Plugin(BaseModel):
    slug: str
    active_installs: Annotated[NonNegativeInt, Strict()]


_PLUGIN: Final = TypeAdapter(_Plugin)
_DAYS: Final = TypeAdapter(dict[dt.date, NonNegativeInt])  # numbers, or strings of digits: PHP does not mind which


def parse_installs(answer: object) -> int:
    """Active installs. Raises NotFound for `{"error": …}` (no such plugin, or closed) and Broken for another shape."""
    if isinstance(answer, dict) and isinstance(answer.get("error"), str):
        raise NotFound("has closed this plugin" if answer["error"] == "closed" else "has no plugin of that name")
    return shaped(_PLUGIN, answer).active_installs


def parse_days(answer: object, known_since: dt.date | None = None) -> Mapping[dt.date, int]:
    """Downloads by day, from the first download (or the first day in history) on. Raises Broken."""
    days = shaped(_DAYS, answer)
    if not any(days.values()):
        raise Broken("gave no downloads on any day for this plugin")
    first = min(known_since or dt.date.max, *(day for day, amount in days.items() if amount))
    return {day: amount for day, amount in days.items() if day >= first}
