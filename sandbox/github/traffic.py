"""GitHub's REST answers about the traffic of a repository, for who may read them.

Shape: docs.github.com/en/rest/metrics/traffic. The token TOKEN may read that of the repositories of OWNER, the
tracker's own; to all other tokens, as an Action's always is, and of all other repositories it is refused. Fourteen days
end with today, which is not over; a day on which nobody came is not listed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from sandbox.exchange import Request, Response, as_json
from sandbox.faults import Fault
from sandbox.model import SECONDS, day_of, generator, moment
from sandbox.project import Project, iso

OWNER: Final = "galleyproof"
TOKEN: Final = "sandbox-of-the-owner"  # noqa: S105 - no secret: the sandbox has none
DAYS: Final = 14
DOCS: Final = "https://docs.github.com/rest/metrics/traffic"
SCALES: Final = {"views": 25, "clones": 4}  # for each star, at the least


def traffic(what: str) -> Callable[[Project, Request, Sequence[Fault]], Response]:
    """Who answers about the views, or the clones."""

    def answer(project: Project, request: Request, _faults: Sequence[Fault]) -> Response:
        owner = project.repository.partition("/")[0]
        if owner != OWNER or request.headers.get("authorization", "").rpartition(" ")[2] != TOKEN:
            body = {"message": "Resource not accessible by integration", "documentation_url": DOCS, "status": "403"}
            return as_json(body, 403)
        days = [one for one in _days(project, what) if one["count"]]
        everybody = {name: sum(int(str(one[name])) for one in days) for name in ("count", "uniques")}
        return as_json({**everybody, what: days})

    return answer


def _days(project: Project, what: str) -> list[dict[str, object]]:
    today = day_of(project.now)
    gains = project.series.stars.arrivals
    rows: list[dict[str, object]] = []
    for day in range(max(gains.first, today - DAYS + 1), today + 1):
        luck = generator(project.series.seed, project.repository, what, str(day))
        mean = SCALES[what] * (float(gains.counts[day - gains.first]) + 1)
        count = int(luck.poisson(mean))
        if day == today:
            count = int(count * (project.now % SECONDS) / SECONDS)
        rows.append({"timestamp": iso(moment(day)), "count": count, "uniques": int(np.ceil(count * 0.4))})
    return rows
