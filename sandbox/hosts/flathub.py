"""flathub.org: installs of an application, by day.

Shape: github.com/flathub-infra/website, backend/app/routes/stats.py. A name that contains the short name of a project
(after the owner, now or formerly) stands for that project and is installed SHARE times as often as its first package
is downloaded. The last two days are not given; an application that nobody knows is `null` under 404.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.hosts.homebrew import last_days, project_of, use_of
from sandbox.project import date_of
from sandbox.world import World

HOST: Final = "flathub.org"
ADDRESS: Final = re.compile(r"/api/v2/stats/([^/]+)")
SHARE: Final = 0.02
LAG: Final = 2  # days until a day is given
USUAL_DAYS: Final = "180"


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        named = ADDRESS.fullmatch(request.path)
        return Asked(frozenset({named[1].lower()})) if named else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        named = ADDRESS.fullmatch(request.path)
        project = project_of(self.world, named[1]) if named else None
        if named is None or project is None:
            return as_json(None, 404)
        arrivals, today = use_of(project, "flathub", SHARE), self.world.today.toordinal()
        days = request.query.get("days", USUAL_DAYS)
        if not days.isdecimal():
            return as_json({"detail": [{"loc": ["query", "days"], "msg": "Input should be a valid integer"}]}, 422)
        until = today - LAG
        since = arrivals.first if request.query.get("all") == "true" else max(arrivals.first, until - int(days) + 1)
        return as_json(
            {
                "installs_total": last_days(arrivals, today, today),
                "installs_per_day": {
                    date_of(at).isoformat(): int(arrivals.counts[at - arrivals.first]) for at in range(since, until + 1)
                },
                "installs_per_country": {},
                "installs_last_month": last_days(arrivals, today, 30),
                "installs_last_7_days": last_days(arrivals, today, 7),
                "id": named[1],
            }
        )


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it has none
    """Somebody who answers for flathub.org."""
    return _Attendant(world)
