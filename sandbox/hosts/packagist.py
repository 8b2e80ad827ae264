"""packagist.org: downloads from Packagist, as the mean of a month's days, or by day.

Shape: github.com/composer/packagist, PackageStatsController and PackageStatsProvider. Means are rounded up and taken
over the days that were asked for; two days are not counted yet. A package belongs to the project whose short name
(after the owner, now or before a rename) stands anywhere in the package's name: `lanternworks/brightlantern-php`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.likeness import project_named, usage
from sandbox.project import Project
from sandbox.world import World

HOST: Final = "packagist.org"
ADDRESS: Final = re.compile(r"/packages/([^/]+/([^/]+))/stats/all[.]json")
LAG: Final = 2  # days until a day is counted
FIRST_DAY: Final = dt.date(2012, 4, 13)


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        named = ADDRESS.fullmatch(request.path)
        return Asked(frozenset({named[1].lower(), named[2].lower()})) if named else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        named = ADDRESS.fullmatch(request.path)
        project = project_named(self.world, named[2]) if named else None
        if named is None or project is None:
            return as_json({"status": "error", "message": "Package not found"}, 404)
        try:
            start = dt.date.fromisoformat(request.query.get("from", FIRST_DAY.isoformat()))
            newest = self.world.today - dt.timedelta(days=LAG)
            end = dt.date.fromisoformat(request.query.get("to", newest.isoformat()))
        except ValueError:
            return as_json({"status": "error", "message": "Bad Request"}, 400)
        average = request.query.get("average", "daily")
        parts: dict[str, list[int]] = {}
        for day, count in self._counted(project, start, end):
            parts.setdefault(day.strftime("%Y-%m") if average == "monthly" else day.isoformat(), []).append(count)
        means = [-(-sum(counts) // len(counts)) for counts in parts.values()]
        return as_json({"labels": list(parts), "values": {named[1].lower(): means}, "average": average})

    def _counted(self, project: Project, start: dt.date, end: dt.date) -> Iterator[tuple[dt.date, int]]:
        arrivals = usage(project)
        newest = self.world.today.toordinal() - LAG
        for day in range(start.toordinal(), end.toordinal() + 1):
            known = arrivals.first <= day <= newest
            yield dt.date.fromordinal(day), int(arrivals.counts[day - arrivals.first]) // 4 if known else 0


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it has none that are counted
    """Somebody who answers for packagist.org."""
    return _Attendant(world)
