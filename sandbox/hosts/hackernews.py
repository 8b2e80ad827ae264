"""hn.algolia.com: stories of Hacker News with a phrase, newest first, at most a thousand at once.

Shape: github.com/algolia/hn-search (app/javascript/views/Api.tsx). Every so many stars of a project come with a story.
A phrase belongs to the project whose short name it contains (`ecosystems.named`); any other has no story.
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
from sandbox.hosts.ecosystems import named
from sandbox.project import Project, number_of
from sandbox.world import World

HOST: Final = "hn.algolia.com"
STARS_A_STORY: Final = 140
MOST_HITS: Final = 1_000
USUAL_HITS: Final = 20
FILTER: Final = re.compile(r"created_at_i(>=|<=|>|<|=)(\d+)")


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        phrase = _phrase(request)
        return Asked(frozenset({phrase})) if phrase else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        if request.path.rstrip("/") != "/api/v1/search_by_date":
            return as_json({"message": "Path not supported by Algolia API", "status": 404}, 404)
        filters = [part for part in request.query.get("numericFilters", "").split(",") if part]
        bounds = [FILTER.fullmatch(part) for part in filters]
        try:
            per_page = min(int(request.query.get("hitsPerPage", USUAL_HITS)), MOST_HITS)
        except ValueError:
            return as_json({"message": "invalid value for hitsPerPage", "status": 400}, 400)
        if not all(bounds):
            return as_json({"message": "invalid numeric filter", "status": 400}, 400)
        project = named(self.world, _phrase(request))
        times = self._stories(project) if project else []
        for bound in filter(None, bounds):
            times = [when for when in times if _holds(when, bound[1], int(bound[2]))]
        hits = [self._hit(project, when) for when in times[:per_page]] if project else []
        pages = -(-min(len(times), MOST_HITS) // per_page) if per_page else 0
        given = {"page": 0, "nbHits": len(times), "nbPages": pages, "hitsPerPage": per_page}
        return as_json({"hits": hits, **given, "exhaustiveNbHits": True, "query": request.query.get("query", "")})

    def _stories(self, project: Project) -> list[int]:
        """Unix seconds, newest first."""
        stars = project.series.stars.arrivals
        times = stars.moments(0, stars.until(self.world.now))[STARS_A_STORY - 1 :: STARS_A_STORY]
        return [int(when) for when in times[::-1]]

    def _hit(self, project: Project, when: int) -> dict[str, object]:
        created = dt.datetime.fromtimestamp(when, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        identity = str(number_of(f"{project.repository} story {when}"))
        return {"objectID": identity, "created_at": created, "created_at_i": when}


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - far above what anybody asks
    """Somebody who answers for hn.algolia.com."""
    return _Attendant(world)


def _phrase(request: Request) -> str:
    return request.query.get("query", "").strip('"').lower()


def _holds(when: int, sign: str, bound: int) -> bool:
    order = (when > bound) - (when < bound)
    return order in {">=": {0, 1}, "<=": {0, -1}, ">": {1}, "<": {-1}, "=": {0}}[sign]
