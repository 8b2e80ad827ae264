"""cranlogs.r-pkg.org: daily downloads of R packages, several at once.

Shape: github.com/r-hub/cranlogs.app. A name that contains the short name of a project (after the owner, now or
formerly) stands for that project and is downloaded SHARE times as often as its first package. A name that nobody knows
has zeros, and so have days that are not counted yet.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.hosts.homebrew import project_of, use_of
from sandbox.world import World

HOST: Final = "cranlogs.r-pkg.org"
ADDRESS: Final = re.compile(r"/downloads/daily/(\d{4}-\d\d-\d\d):(\d{4}-\d\d-\d\d)/(.+)")
SHARE: Final = 0.05
LAG: Final = 2  # days until a day is counted


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        question = ADDRESS.fullmatch(request.path)
        names = question[3].split(",") if question else []
        return Asked(frozenset(name.lower() for name in names), len(names))

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        question = ADDRESS.fullmatch(request.path)
        if question is None:
            return as_json({"error": "Invalid query", "info": "https://github.com/metacran/cranlogs.app"}, 404)
        start, end = dt.date.fromisoformat(question[1]), dt.date.fromisoformat(question[2])
        return as_json(
            [
                {"downloads": self._days(name, start, end), "start": question[1], "end": question[2], "package": name}
                for name in question[3].split(",")
            ]
        )

    def _days(self, name: str, start: dt.date, end: dt.date) -> list[dict[str, object]]:
        project = project_of(self.world, name)
        arrivals = use_of(project, "cran", SHARE) if project else None
        days: list[dict[str, object]] = []
        for at in range(start.toordinal(), end.toordinal() + 1):
            known = arrivals is not None and arrivals.first <= at <= self.world.today.toordinal() - LAG
            count = int(arrivals.counts[at - arrivals.first]) if arrivals and known else 0
            days.append({"day": dt.date.fromordinal(at).isoformat(), "downloads": count})
        return days


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it has none
    """Somebody who answers for cranlogs.r-pkg.org."""
    return _Attendant(world)
