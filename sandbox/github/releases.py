"""GitHub's REST answer about the releases of a repository and how often their files were downloaded.

Shape: docs.github.com/en/rest/releases/releases#list-releases, the fields that say something. A release gets a third of
what the project's first package is downloaded (its stars, where it has none) until the next one is there; candidates
have no files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sandbox.exchange import Request, Response, as_json
from sandbox.faults import Fault
from sandbox.model import Arrivals
from sandbox.project import Project, iso, number_of

USUAL: Final = 30  # on a page
MOST: Final = 100
SHARE: Final = 3


def releases(project: Project, request: Request, _faults: Sequence[Fault]) -> Response:
    """The newest releases first."""
    page, size = int(request.query.get("page", 1)), min(int(request.query.get("per_page", USUAL)), MOST)
    return as_json(_all(project)[(page - 1) * size : page * size])


def _all(project: Project) -> list[dict[str, object]]:
    used, made = _use(project), project.releases
    ends = [*[release.when for release in made if not release.prerelease][1:], project.now]
    rows: list[dict[str, object]] = []
    for release in made:
        files: list[dict[str, object]] = []
        if not release.prerelease:
            count = (used.until(ends.pop(0)) - used.until(release.when)) // SHARE
            files = _files(project, release.tag, count)
        rows.append(
            {
                "id": number_of(f"{project.repository} {release.tag}"),
                "tag_name": release.tag,
                "draft": False,
                "prerelease": release.prerelease,
                "published_at": iso(release.when),
                "assets": files,
            }
        )
    return rows[::-1]


def _files(project: Project, tag: str, count: int) -> list[dict[str, object]]:
    name = project.repository.partition("/")[2]
    parts = {"linux": count * 2 // 3, "macos": count - count * 2 // 3}
    return [
        {"name": f"{name}-{tag}-{system}.tar.gz", "state": "uploaded", "download_count": part}
        for system, part in parts.items()
    ]


def _use(project: Project) -> Arrivals:
    entry, series = project.entry, project.series
    if entry.pypi:
        return series.downloads(entry.pypi[0], "pypi")
    return series.downloads(entry.npm[0], "npm") if entry.npm else series.stars.arrivals
