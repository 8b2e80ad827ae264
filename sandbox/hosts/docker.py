"""hub.docker.com: pulls and stars of images.

Shape: recorded answers of `/v2/repositories/{namespace}/{name}`. An image belongs to the project whose short name
(after the owner, now or before a rename) stands anywhere in the image's name: `lanternworks/brightlantern-server`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.likeness import project_named, usage
from sandbox.project import date_of, number_of
from sandbox.world import World

HOST: Final = "hub.docker.com"
ADDRESS: Final = re.compile(r"/v2/repositories/([^/]+)/([^/]+)/?")


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        named = ADDRESS.fullmatch(request.path)
        return Asked(frozenset({f"{named[1]}/{named[2]}".lower(), named[2].lower()})) if named else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        named = ADDRESS.fullmatch(request.path)
        project = project_named(self.world, named[2]) if named else None
        if named is None or project is None:
            return as_json({"message": "object not found", "errinfo": {}}, 404)
        return as_json(
            {
                "user": named[1],
                "name": named[2],
                "namespace": named[1],
                "repository_type": "image",
                "status": 1,
                "description": project.entry.story,
                "is_private": False,
                "star_count": project.series.watchers.level(project.now) // 4,
                "pull_count": usage(project).until(project.now) * 7 // 10,
                "date_registered": f"{date_of(project.series.first).isoformat()}T08:00:00.000000Z",
                "storage_size": number_of(project.repository),
            }
        )


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it has none that are counted
    """Somebody who answers for hub.docker.com."""
    return _Attendant(world)
