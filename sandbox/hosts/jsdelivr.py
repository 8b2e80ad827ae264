"""data.jsdelivr.com: requests for the files of a package or repository, by day.

Shape: github.com/jsdelivr/data.jsdelivr.com (v1). A name that contains the short name of a project (after the owner,
now or formerly) stands for that project and is asked for SHARE times as often as its first package is downloaded.
Floating periods end on the day before yesterday; days without a figure are filled with 0.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.hosts.homebrew import project_of, use_of
from sandbox.model import Arrivals
from sandbox.world import World

HOST: Final = "data.jsdelivr.com"
ADDRESS: Final = re.compile(r"/v1/stats/packages/((?:npm|gh)/(?:[^/]+/)?([^/]+))")
SHARE: Final = 0.6
LAG: Final = 2  # days until a day is counted
BYTES: Final = 14_000  # of a request
FLOATING: Final[Mapping[str, int]] = {"day": 1, "week": 7, "month": 30, "quarter": 90, "year": 365}


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        named = ADDRESS.fullmatch(request.path)
        return Asked(frozenset({named[1].lower()})) if named else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        named = ADDRESS.fullmatch(request.path)
        project = project_of(self.world, named[2]) if named else None
        if named is None or project is None:
            return as_json({"status": 404, "message": "Couldn't find the requested resource."}, 404)
        period = request.query.get("period", "month")
        days = self._days(period)
        if days is None:
            return as_json({"status": 400, "message": "Invalid query parameter `period`."}, 400)
        hits = self._counted(use_of(project, named[1].partition("/")[0] + " jsdelivr", SHARE), *days)
        return as_json(
            {
                "hits": {"rank": 100, "typeRank": 50, "total": sum(hits.values()), "dates": hits},
                "bandwidth": {
                    "rank": 100,
                    "typeRank": 50,
                    "total": sum(hits.values()) * BYTES,
                    "dates": {day: count * BYTES for day, count in hits.items()},
                },
                "links": {"self": f"https://{HOST}{request.path}?period={period}"},
            }
        )

    def _days(self, period: str) -> tuple[int, int] | None:
        newest = self.world.today.toordinal() - LAG
        if period in FLOATING:
            return newest - FLOATING[period] + 1, newest
        if not re.fullmatch(r"2\d{3}", period):
            return None
        return dt.date(int(period), 1, 1).toordinal(), dt.date(int(period), 12, 31).toordinal()

    def _counted(self, arrivals: Arrivals, first: int, last: int) -> dict[str, int]:
        newest = self.world.today.toordinal() - LAG
        known = range(arrivals.first, newest + 1)
        return {
            dt.date.fromordinal(at).isoformat(): int(arrivals.counts[at - arrivals.first]) if at in known else 0
            for at in range(first, last + 1)
        }


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it has none
    """Somebody who answers for data.jsdelivr.com."""
    return _Attendant(world)
