"""wikimedia.org: page views of an article, by month and by people.

Shape: doc.wikimedia.org/generated-data-platform/aqs/analytics-api (page views). Months begin with July 2015; a month
that is not over is given as far as it is; an unknown title, and a time without one view, is a 404. A title belongs to
the project whose short name it contains (`ecosystems.named`).
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
from sandbox.hosts.ecosystems import named
from sandbox.model import moment
from sandbox.project import Project
from sandbox.world import World

HOST: Final = "wikimedia.org"
FIRST_MONTH: Final = dt.date(2015, 7, 1)
VIEWS_A_STAR: Final = 9  # who hears of it looks it up first
ADDRESS: Final = re.compile(
    r"/api/rest_v1/metrics/pageviews/per-article/([a-z-]+\.wikipedia)/all-access/user/(.+)/monthly/(\d{8})(?:00)?/(\d{8})(?:00)?"
)


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        address = ADDRESS.fullmatch(request.path)
        names = {address[2].lower(), f"{address[1]}/{address[2]}".lower()} if address else set()
        return Asked(frozenset(names), 1 if address else 0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        address = ADDRESS.fullmatch(request.path)
        if address is None:
            return _problem(404, "Not found.")
        try:
            start, end = (
                dt.datetime.strptime(text, "%Y%m%d").replace(tzinfo=dt.UTC).date() for text in address.groups()[2:]
            )
        except ValueError:
            return _problem(400, "start or end timestamp is invalid, must be a valid date in YYYYMMDD format")
        project = named(self.world, address[2])
        given = {"project": address[1], "article": address[2], "granularity": "monthly"}
        seen = {"access": "all-access", "agent": "user"}
        months = list(self._months(project, start, end)) if project else []
        if not months:
            return _problem(404, "The date(s) you used are valid, but we either do not have data for those date(s).")
        items = [{**given, "timestamp": f"{month:%Y%m}0100", **seen, "views": views} for month, views in months]
        return as_json({"items": items})

    def _months(self, project: Project, start: dt.date, end: dt.date) -> Iterator[tuple[dt.date, int]]:
        stars = project.series.stars.arrivals
        month = max(start, FIRST_MONTH, dt.date.fromordinal(project.series.first)).replace(day=1)
        while month <= min(end, self.world.today):
            following = (month + dt.timedelta(days=31)).replace(day=1)
            seen = stars.until(min(moment(following.toordinal()), self.world.now)) - stars.until(
                moment(month.toordinal())
            )
            if seen:
                yield month, VIEWS_A_STAR * seen
            month = following


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - far above what anybody asks
    """Somebody who answers for wikimedia.org."""
    return _Attendant(world)


def _problem(status: int, detail: str) -> Response:
    body = {"type": "about:blank", "title": "Not Found" if status == 404 else "Bad Request", "status": status}
    return as_json({**body, "detail": detail}, status, {"Content-Type": "application/problem+json"})
