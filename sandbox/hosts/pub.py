"""pub.dev: downloads in 30 days and likes of a package.

Shape: github.com/dart-lang/pub-dev, doc/help-api.md. A name that contains the short name of a project (after the owner,
now or formerly) stands for that project: its downloads are SHARE times those of its first package, its likes LIKES
times its stars.
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
from sandbox.world import World

HOST: Final = "pub.dev"
ADDRESS: Final = re.compile(r"/api/packages/([^/]+)/score")
SHARE: Final = 0.3
LIKES: Final = 0.05


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
            message = f'Could not find `package "{named[1] if named else request.path}"`.'
            return as_json({"error": {"code": "NotFound", "message": message}}, 404)
        arrivals = use_of(project, "pub", SHARE)
        return as_json(
            {
                "grantedPoints": 150,
                "maxPoints": 160,
                "likeCount": round(project.series.stars.level(project.now) * LIKES),
                "downloadCount30Days": last_days(arrivals, self.world.today.toordinal(), 30),
                "tags": ["sdk:dart", "platform:web"],
            }
        )


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it has none that are counted
    """Somebody who answers for pub.dev."""
    return _Attendant(world)
