"""pypistats.org: downloads from PyPI by day, 180 days back; `__all__` is all packages together.

Shape: github.com/psf/pypistats.org (views/api.py, views/error.py). An unknown package is answered with the text 404.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.entry import Package
from sandbox.exchange import Asked, Request, Response, as_html, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.model import DAY_ZERO, Arrivals
from sandbox.project import Project, date_of
from sandbox.world import World, pypi_name

HOST: Final = "pypistats.org"
DAYS_BACK: Final = 180
ALL: Final = "__all__"
MIRRORS: Final = 1.12  # with mirrors, for each download of all packages without
ADDRESS: Final = re.compile(r"/api/packages/([^/]+)/(overall|recent)/?")


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        named = ADDRESS.fullmatch(request.path)
        if named and named[1] == ALL:
            return Asked(frozenset({ALL}))
        return Asked(frozenset({pypi_name(named[1]), named[1].lower()})) if named else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        named = ADDRESS.fullmatch(request.path)
        if named is not None and named[1] == ALL and named[2] == "overall":
            rows = list(self._whole(request.query.get("mirrors")))
            return as_json({"data": rows, "package": ALL, "type": "overall_downloads"})
        found = self.world.pypi(named[1]) if named else None
        if named is None or found is None:
            return as_html("404", 404)
        package = pypi_name(named[1])
        if named[2] == "recent":
            return as_json({"data": self._recent(*found), "package": package, "type": "recent_downloads"})
        rows = list(self._overall(*found, request.query.get("mirrors")))
        return as_json({"data": rows, "package": package, "type": "overall_downloads"})

    def _overall(self, project: Project, package: Package, mirrors: str | None) -> Iterator[dict[str, object]]:
        absent = {DAY_ZERO + day for day in package.absent}
        for category in _wanted(mirrors):
            arrivals = (
                project.series.mirrored(package)
                if category == "with_mirrors"
                else project.series.downloads(package, "pypi")
            )
            for day, count in self._counted(arrivals):
                if day not in absent:
                    yield {"category": category, "date": date_of(day).isoformat(), "downloads": count}

    def _whole(self, mirrors: str | None) -> Iterator[dict[str, object]]:
        whole, today = self.world.whole("pypi"), self.world.today.toordinal()
        for category in _wanted(mirrors):
            for day in range(today - DAYS_BACK, today):
                count = round(whole.on(day) * (MIRRORS if category == "with_mirrors" else 1))
                yield {"category": category, "date": date_of(day).isoformat(), "downloads": count}

    def _recent(self, project: Project, package: Package) -> dict[str, int]:
        counts = [count for _, count in self._counted(project.series.downloads(package, "pypi"))]
        return {f"last_{name}": sum(counts[-days:]) for name, days in (("day", 1), ("month", 30), ("week", 7))}

    def _counted(self, arrivals: Arrivals) -> Iterator[tuple[int, int]]:
        today = self.world.today.toordinal()
        for day in range(max(arrivals.first, today - DAYS_BACK), today):
            yield day, int(arrivals.counts[day - arrivals.first])


def _wanted(mirrors: str | None) -> Sequence[str]:
    """The categories that a question is about."""
    wanted = {"true": ("with_mirrors",), "false": ("without_mirrors",)}
    return wanted.get((mirrors or "").lower(), ("with_mirrors", "without_mirrors"))


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it has none that are counted
    """Somebody who answers for pypistats.org."""
    return _Attendant(world)
