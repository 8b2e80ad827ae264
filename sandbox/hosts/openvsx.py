"""open-vsx.org: downloads of extensions.

Shape: recorded answers of `/api/{namespace}/{extension}`. An extension belongs to the project whose short name (after
the owner, now or before a rename) stands anywhere in the extension's name: `lanternworks/brightlantern-vscode`.
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
from sandbox.world import World

HOST: Final = "open-vsx.org"
ADDRESS: Final = re.compile(r"/api/([^/]+)/([^/]+)")
SHARE: Final = 50  # of so many uses of the project, one is a download of its extension


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        named = ADDRESS.fullmatch(request.path)
        if named is None:
            return Asked(size=0)
        space, name = named[1].lower(), named[2].lower()
        return Asked(frozenset({f"{space}.{name}", f"{space}/{name}", name}))

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        named = ADDRESS.fullmatch(request.path)
        project = project_named(self.world, named[2]) if named else None
        if named is None:
            return as_json({"status": 404, "error": "Not Found", "path": request.path}, 404)
        if project is None:
            return as_json({"error": f"Extension not found: {named[1]}.{named[2]}"}, 404)
        return as_json(
            {
                "namespaceUrl": f"https://{HOST}/api/{named[1]}",
                "name": named[2],
                "namespace": named[1],
                "version": project.releases[-1].tag.removeprefix("v") if project.releases else "0.1.0",
                "preRelease": False,
                "verified": True,
                "averageRating": 4.5,
                "downloadCount": usage(project).until(project.now) // SHARE,
                "reviewCount": project.series.watchers.level(project.now) // 20,
                "displayName": project.entry.name,
                "description": project.entry.story,
                "license": project.entry.licence,
                "repository": f"https://github.com/{project.repository}",
                "deprecated": False,
                "downloadable": True,
            }
        )


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it has none that are counted
    """Somebody who answers for open-vsx.org."""
    return _Attendant(world)
