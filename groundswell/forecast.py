"""What a run will ask: how many requests each host gets and how long that takes, worked out before anybody is asked.

Hosts are asked at the same time, each at its pace, so a run takes as long as its slowest host. What is due is not
worked out a second time: a source is asked as in a run, at a door that only counts. Where the number of requests
depends on the answers, the source says it itself (`requests`, see models.SourceModule).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlsplit

from groundswell.collect import once
from groundswell.http import GITHUB, Door, Outside, Unanswered
from groundswell.models import Ask, SourceModule
from groundswell.timing import USUAL_PACE

log = logging.getLogger(__name__)

NOTABLE: Final = 10.0  # seconds, from which on a host has a line of its own
Said = Callable[[Sequence[Ask], Outside, dt.date], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Planned:
    """What one host will be asked."""

    host: str
    requests: int
    seconds: float  # at its pace


class _NotAsked(Unanswered):
    def __init__(self) -> None:
        super().__init__("was not asked: this was only a count")


class _Counting(Door):
    """A door that lets nobody out, and counts who would have gone."""

    def __init__(self, outside: Outside) -> None:
        super().__init__(dataclasses.replace(outside, minutes=0))  # whoever goes round this door finds the time used up
        self.asked: Counter[str] = Counter()

    def json(self, address: str, **_: object) -> object:
        return self._count(urlsplit(address).netloc)

    def table(self, address: str) -> bytes:
        return self._count(urlsplit(address).netloc)

    def github(self, path: str, params: Mapping[str, str] | None = None, *, own: bool = False) -> object:  # noqa: ARG002
        return self._count(GITHUB)

    def _count(self, host: str) -> bytes:
        self.asked[host] += 1
        raise _NotAsked


def forecast(
    asks: Mapping[str, Sequence[Ask]], sources: Mapping[str, SourceModule], outside: Outside, today: dt.date
) -> Sequence[Planned]:
    """What each host will be asked, the one that takes longest first."""
    requests: Counter[str] = Counter()
    for key, wanted in asks.items():
        if wanted:
            requests.update(_requests(key, sources[key], once(sources[key], wanted), outside, today))
    planned: dict[str, Planned] = {}
    for name, number in requests.items():  # "host", or "host/something" that is paced beside it
        host, pace = name.partition("/")[0], outside.paces.get(name, USUAL_PACE)
        before = planned.get(host, Planned(host, 0, 0.0))
        planned[host] = Planned(host, before.requests + number, before.seconds + number * pace)
    return sorted(planned.values(), key=lambda one: (-one.seconds, one.host))


def _requests(
    key: str, source: SourceModule, asks: Sequence[Ask], outside: Outside, today: dt.date
) -> Mapping[str, int]:
    said = cast(Said | None, getattr(source, "requests", None))
    if said is not None:
        return said(asks, outside, today)
    door = _Counting(outside)
    try:
        for _ in source.fetch(asks, door, today):
            pass
    except Exception:
        # The run will meet the same fault, and end with it after the others have answered.
        log.exception("%s: what it will ask could not be counted", key)
        return {}
    return door.asked


def lines(planned: Sequence[Planned]) -> Sequence[str]:
    """The plan as a table: hosts in the order of their time, those that take next to none in one line."""
    if not planned:
        return ("Nothing is due: nobody will be asked.",)
    notable = [one for one in planned if one.seconds >= NOTABLE] or planned[:1]
    rest = planned[len(notable) :]
    rows = [(one.host, one.requests, one.seconds) for one in notable]
    if rest:
        rows.append((f"{len(rest)} more", sum(one.requests for one in rest), max(one.seconds for one in rest)))
    width = max(len(name) for name, _, _ in rows)
    total = sum(one.requests for one in planned)
    return (
        f"To be asked: {total:,} {_plural(total)}, about {in_words(planned[0].seconds)}, hosts at the same time",
        *(f"  {name:{width}}  {number:>6,} {_plural(number):8}  {in_words(time):>9}" for name, number, time in rows),
    )


def table(
    asks: Mapping[str, Sequence[Ask]], sources: Mapping[str, SourceModule], outside: Outside, today: dt.date
) -> str:
    """The plan of a run as it is printed."""
    return "\n".join(lines(forecast(asks, sources, outside, today)))


def _plural(number: int) -> str:
    return "request" if number == 1 else "requests"


def in_words(seconds: float) -> str:
    """A length of time for people: "12 s", "3 min", "1 h 05 min"."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
