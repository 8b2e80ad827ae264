"""Which invented project a name of some registry is meant for, and how much that project is used."""

from __future__ import annotations

from sandbox.model import Arrivals
from sandbox.project import Project
from sandbox.world import World


def project_named(world: World, name: str) -> Project | None:
    """The project whose short name stands in a name; the longest where there are several."""
    short = {
        one.rpartition("/")[2].lower(): entry.repository
        for entry in world.entries
        for one in (entry.repository, entry.former)
        if one
    }
    found = [one for one in short if one in name.lower()]
    return world.repository(short[max(found, key=len)]) if found else None


def usage(project: Project) -> Arrivals:
    """How the project is used: the downloads of its first package, or its stars where it has none."""
    series, entry = project.series, project.entry
    if entry.pypi:
        return series.downloads(entry.pypi[0], "pypi")
    return series.downloads(entry.npm[0], "npm") if entry.npm else series.stars.arrivals
