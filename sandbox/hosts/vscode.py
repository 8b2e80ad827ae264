"""marketplace.visualstudio.com: installs of VS Code extensions, many in one answer.

Shape: recorded answers of `extensionquery`. Only extensions by name (filter 7) are given, each with its statistics,
which waver by a little from day to day. An extension belongs to the project whose short name (after the owner, now or
before a rename) stands anywhere in the extension's name: `lanternworks.brightlantern-vscode`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.likeness import project_named, usage
from sandbox.project import Project, number_of
from sandbox.world import World

HOST: Final = "marketplace.visualstudio.com"
PATH: Final = "/_apis/public/gallery/extensionquery"
BY_NAME: Final = 7
STATISTICS: Final = 256
SHARE: Final = 60  # of so many uses of the project, one is an installation of its extension
WAVER: Final = 2_000  # installs of which the count may lack one


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        names = _names(request)
        short = {name.rpartition(".")[2] for name in names}
        return Asked(frozenset(name.lower() for name in {*names, *short}), len(names))

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        if request.path != PATH or request.method != "POST":
            return as_json({"$id": "1", "message": "The controller for this path was not found."}, 404)
        flags = _body(request).get("flags")
        wanted = isinstance(flags, int) and bool(flags & STATISTICS)
        found = [(name, project_named(self.world, name.partition(".")[2])) for name in _names(request)]
        given = [self._extension(name, project, wanted) for name, project in found if project is not None]
        counted = {"metadataType": "ResultCount", "metadataItems": [{"name": "TotalCount", "count": len(given)}]}
        return as_json({"results": [{"extensions": given, "pagingToken": None, "resultMetadata": [counted]}]})

    def _extension(self, name: str, project: Project, wanted: bool) -> dict[str, object]:
        publisher, _, short = name.partition(".")
        installs = usage(project).until(project.now) // SHARE
        installs -= number_of(f"{name} {self.world.today}") % (installs // WAVER + 1)
        figures = {"install": float(installs), "averagerating": 4.5, "updateCount": float(installs * 2)}
        statistics = [{"statisticName": key, "value": value} for key, value in figures.items()]
        return {
            "publisher": {"publisherName": publisher, "displayName": publisher, "isDomainVerified": False},
            "extensionName": short,
            "displayName": project.entry.name,
            "flags": "validated, public",
            "shortDescription": project.entry.story,
            **({"statistics": statistics} if wanted else {}),
            "deploymentType": 0,
        }


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it has none that are counted
    """Somebody who answers for marketplace.visualstudio.com."""
    return _Attendant(world)


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _names(request: Request) -> list[str]:
    """The extensions that are asked for by name; none in a question that makes no sense."""
    try:
        criteria = [one for page in _body(request)["filters"] for one in page["criteria"]]
        return [str(one["value"]) for one in criteria if one["filterType"] == BY_NAME]
    except (KeyError, TypeError):
        return []
