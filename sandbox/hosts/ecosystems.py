"""packages.ecosyste.ms: one package of a registry, with how many repositories and packages depend on it.

Shape: github.com/ecosyste-ms/packages (app/views/api/v1/packages/_package.json.jbuilder); keys that nobody reads here
are left out. A name belongs to the project whose short name it contains (`named`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.model import moment
from sandbox.project import Project, iso, number_of
from sandbox.world import World

HOST: Final = "packages.ecosyste.ms"
LOOKUP: Final = "/api/v1/packages/lookup"
USUAL_PAGE: Final = 100
ADDRESS: Final = re.compile(r"/api/v1/registries/([^/]+)/packages/(.+)")
DOWNLOADS_EACH: Final = 1_500  # downloads in all that come to one repository that depends on it
PACKAGES_SHARE: Final = 12  # repositories that come to one package
SYNCED_EVERY: Final = 7  # days


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        if request.path == LOOKUP:
            return Asked(frozenset({_repository(request.query)}))
        address = ADDRESS.fullmatch(request.path)
        return Asked(frozenset({f"{address[1]}/{address[2]}".lower()})) if address else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        if request.path == LOOKUP:
            return as_json(self._lookup(request.query))
        address = ADDRESS.fullmatch(request.path)
        project = named(self.world, address[2]) if address else None
        if address is None or project is None:
            return as_json({"error": "not found"}, 404)
        return as_json(self._package(project, address[1], address[2]))

    def _package(self, project: Project, registry: str, name: str) -> dict[str, object]:
        today = self.world.today.toordinal()
        synced = moment(max(today - (today + number_of(name)) % SYNCED_EVERY, project.series.first))
        downloads = [project.series.downloads(one, "pypi") for one in project.entry.pypi]
        downloads += [project.series.downloads(one, "npm") for one in project.entry.npm]
        repositories = sum(one.until(synced) for one in downloads) // DOWNLOADS_EACH
        return {
            "id": number_of(f"{registry}/{name}"),
            "name": name,
            "repository_url": f"https://github.com/{project.repository}",
            "last_synced_at": iso(synced),
            "dependent_packages_count": repositories // PACKAGES_SHARE,
            "dependent_repos_count": repositories,
        }

    def _lookup(self, query: Mapping[str, str]) -> list[dict[str, object]]:
        """The packages whose page names a repository, a page of them; a name of the past is not followed."""
        project = self.world.repository(_repository(query), follow=False)
        if project is None:
            return []
        day = self.world.today.toordinal()
        named = [("pypi", one) for one in project.entry.pypi] + [("npmjs", one) for one in project.entry.npm]
        found = []
        for registry, one in named:
            arrivals = project.series.downloads(one, registry.partition(".")[0].removesuffix("js"))
            downloads = arrivals.until(moment(day)) - arrivals.until(moment(max(day - 30, arrivals.first)))
            found.append(
                {
                    **self._package(project, registry, one.name),
                    "status": "active",
                    "downloads": downloads,
                    "downloads_period": "last-month",
                    "registry": {"name": f"{registry}.org"},
                }
            )
        found.sort(key=lambda package: -int(str(package["downloads"])))
        size = int(query.get("per_page", USUAL_PAGE))
        start = (int(query.get("page", 1)) - 1) * size
        return found[start : start + size]


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - far above what anybody asks
    """Somebody who answers for packages.ecosyste.ms."""
    return _Attendant(world)


def _repository(query: Mapping[str, str]) -> str:
    return query.get("repository_url", "").removeprefix("https://github.com/").lower()


def named(world: World, text: str) -> Project | None:
    """The project whose short name (after the owner, as it is or was) a text contains, letters and digits alone.

    Where the short names of several are in it, the longest counts.
    """
    plain = _plain(text)
    names = {
        short: entry.repository
        for entry in world.entries
        for name in (entry.repository, entry.former)
        if name and (short := _plain(name.partition("/")[2])) and short in plain
    }
    return world.repository(names[max(names, key=len)]) if names else None


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
