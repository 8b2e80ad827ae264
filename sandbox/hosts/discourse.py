"""forum.galley-setter.example: the forum of the gallery's Galleyproof, a Discourse.

Shape: github.com/discourse/discourse (site_controller.rb, about.rb). No other invented project has a forum; in a world
without that project nothing is found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.model import Arrivals
from sandbox.project import Project
from sandbox.world import World

HOST: Final = "forum.galley-setter.example"
REPOSITORY: Final = "inkbarn/galley-setter"
PLACES: Final = ("/site/statistics.json", "/about.json")
MEMBERS: Final = 0.35  # for each person who ever gave a star
TOPICS: Final = 2.2  # for each issue
POSTS: Final = 6.4  # for each topic
ACTIVE: Final[Mapping[int, float]] = {7: 5.1, 30: 2.9}  # days → members seen in them for each issue or pull request


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:  # noqa: ARG002 - every question is about the forum
        return Asked(frozenset({HOST}))

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        project = self.world.repository(REPOSITORY)
        if project is None or request.path not in PLACES:
            errors = ["The requested URL or resource could not be found."]
            return as_json({"errors": errors, "error_type": "not_found"}, 404)
        statistics = _statistics(project)
        if request.path == PLACES[0]:
            return as_json(statistics)
        return as_json({"about": {"title": project.entry.name, "stats": statistics}})


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it has none that are counted
    """Somebody who answers for the forum."""
    return _Attendant(world)


def _statistics(project: Project) -> Mapping[str, int]:
    series, now = project.series, project.now
    issues, pulls, stars = series.issues.arrivals, series.pulls.arrivals, series.stars.arrivals
    topics = TOPICS * issues.until(now)
    numbers = {
        "topics_count": topics,
        "posts_count": POSTS * topics,
        "users_count": MEMBERS * stars.until(now),
        "likes_count": POSTS * topics / 2,
    }
    for days, share in ACTIVE.items():
        work = _lately(issues, now, days) + _lately(pulls, now, days)
        numbers[f"topics_{days}_days"] = TOPICS * _lately(issues, now, days)
        numbers[f"posts_{days}_days"] = POSTS * TOPICS * _lately(issues, now, days)
        numbers[f"users_{days}_days"] = MEMBERS * _lately(stars, now, days)
        numbers[f"active_users_{days}_days"] = share * work
    return {name: round(number) for name, number in numbers.items()}


def _lately(arrivals: Arrivals, now: int, days: int) -> int:
    return int(np.sum(arrivals.day_counts(now)[-days:]))
