"""registry.terraform.io: downloads of modules and providers.

Shape: a recorded answer of `/v1/modules/{namespace}/{name}/{provider}`; for providers what servers of the same
interface answer (`/v2/providers/{namespace}/{name}`, and `/v2/providers/{number}/downloads/summary`). A module or a
provider belongs to the project whose short name (after the owner, now or before a rename) stands anywhere in its name:
`oldmill/creakwheel`, `oldmill/creakwheel-cluster/aws`.
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
from sandbox.model import SECONDS
from sandbox.project import Project
from sandbox.world import World

HOST: Final = "registry.terraform.io"
MODULE: Final = re.compile(r"/v1/modules/(([^/]+)/([^/]+)/([^/]+))")
PROVIDER: Final = re.compile(r"/v2/providers/(([^/]+)/([^/]+))")
SUMMARY: Final = re.compile(r"/v2/providers/([0-9]{1,18})/downloads/summary")
WINDOWS: Final = {"week": 7, "month": 30, "year": 365}
MODULE_SHARE: Final = 6  # of so many uses of the project, one is a download of its module
PROVIDER_SHARE: Final = 3


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        named = MODULE.fullmatch(request.path) or PROVIDER.fullmatch(request.path)
        if named is not None:
            return Asked(frozenset({named[1].lower(), named[3].lower()}))
        project = self._numbered(request)
        return Asked(frozenset({project.repository.lower()})) if project else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        module, provider = MODULE.fullmatch(request.path), PROVIDER.fullmatch(request.path)
        numbered = self._numbered(request)
        if module and (project := project_named(self.world, module[3])):
            return as_json(_module(project, module))
        if provider and (project := project_named(self.world, provider[3])):
            return as_json({"data": _provider(project, provider)})
        if numbered:
            return as_json({"data": _summary(numbered)})
        return as_json({"errors": ["Not Found"]}, 404)

    def _numbered(self, request: Request) -> Project | None:
        number = SUMMARY.fullmatch(request.path)
        return self.world.by_number(int(number[1])) if number else None


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it has none that are counted
    """Somebody who answers for registry.terraform.io."""
    return _Attendant(world)


def _module(project: Project, named: re.Match[str]) -> dict[str, object]:
    version = project.releases[-1].tag if project.releases else "v0.1.0"
    return {
        "id": f"{named[1]}/{version.removeprefix('v')}",
        "owner": named[2],
        "namespace": named[2],
        "name": named[3],
        "version": version.removeprefix("v"),
        "provider": named[4],
        "description": project.entry.story,
        "source": f"https://github.com/{project.repository}",
        "tag": version,
        "downloads": usage(project).until(project.now) // MODULE_SHARE,
        "verified": False,
    }


def _provider(project: Project, named: re.Match[str]) -> dict[str, object]:
    total = usage(project).until(project.now) // PROVIDER_SHARE
    attributes = {"full-name": named[1], "namespace": named[2], "name": named[3], "downloads": total}
    return {"type": "providers", "id": str(project.number), "attributes": attributes}


def _summary(project: Project) -> dict[str, object]:
    use = usage(project)
    total = use.until(project.now) // PROVIDER_SHARE
    amounts = {
        window: total - use.until(project.now - days * SECONDS) // PROVIDER_SHARE for window, days in WINDOWS.items()
    }
    return {"type": "provider-downloads-summary", "id": str(project.number), "attributes": {**amounts, "total": total}}
