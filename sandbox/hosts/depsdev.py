"""api.deps.dev: the package versions that come from a repository.

Shape: github.com/google/deps.dev (api/v3/api.proto, GetProjectPackageVersions). Packages on PyPI come with an
attestation in their newest version, those on npm have only their metadata to say so; and for each project with a
package on npm it names one more, `create-<name>`, that nobody else knows of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.project import Project
from sandbox.world import World, pypi_name

HOST: Final = "api.deps.dev"
ADDRESS: Final = re.compile(r"/v3/projects/github\.com/([^/]+/[^/:]+):packageversions")
VERSIONS: Final = ("0.9.0", "1.0.0")


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        address = ADDRESS.fullmatch(request.path)
        return Asked(frozenset({address[1].lower()})) if address else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        address = ADDRESS.fullmatch(request.path)
        project = self.world.repository(address[1]) if address else None
        if project is None:
            return as_json({"code": 5, "message": "project not found", "details": []}, 404)
        return as_json({"versions": list(_versions(project))})


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - its limit is not published
    """Somebody who answers for api.deps.dev."""
    return _Attendant(world)


def _versions(project: Project) -> Iterator[dict[str, object]]:
    source = f"https://github.com/{project.repository}"
    for package in project.entry.pypi:
        name = pypi_name(package.name)
        signed = {"type": "publish", "verified": True, "sourceRepository": source}
        yield _version("PYPI", name, VERSIONS[-1], "PYPI_PUBLISH_ATTESTATION", signed)
        yield from (_version("PYPI", name, version, "UNVERIFIED_METADATA") for version in VERSIONS[:-1])
    names = [package.name for package in project.entry.npm]
    for name in [*names, *([f"create-{project.repository.partition('/')[2].lower()}"] if names else [])]:
        yield from (_version("NPM", name, version, "UNVERIFIED_METADATA") for version in VERSIONS)


def _version(system: str, name: str, version: str, provenance: str, *attestations: object) -> dict[str, object]:
    return {
        "versionKey": {"system": system, "name": name, "version": version},
        "slsaProvenances": [],
        "attestations": list(attestations),
        "relationType": "SOURCE_REPO",
        "relationProvenance": provenance,
    }
