"""formulae.brew.sh: installs of a formula or a cask in the last 30, 90 and 365 days.

Shape: formulae.brew.sh/docs/api. A name that contains the short name of a project (after the owner, now or formerly)
stands for that project; it is installed from here FORMULA or CASK times as often as its first package is downloaded,
and HEAD of that with `--HEAD`. Whatever is asked for, a name that nobody knows is a page under 404.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sandbox.entry import Package
from sandbox.exchange import Asked, Request, Response, as_html, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.model import Arrivals
from sandbox.project import Project
from sandbox.world import World

HOST: Final = "formulae.brew.sh"
ADDRESS: Final = re.compile(r"/api/(formula|cask)/([^/]+)\.json")
FORMULA: Final = 0.004
CASK: Final = 0.002
HEAD: Final = 0.01
DEPENDENT: Final = 1.4  # installs in all to one on request
WINDOWS: Final = (30, 90, 365)


def project_of(world: World, target: str) -> Project | None:
    """The project whose short name a target's name contains, the longest where there are several."""
    name, longest, found = target.lower(), 0, None
    for entry in world.entries:
        for repository in filter(None, (entry.repository, entry.former)):
            short = repository.lower().partition("/")[2]
            if short in name and len(short) > longest:
                longest, found = len(short), entry.repository
    return world.repository(found) if found else None


def use_of(project: Project, registry: str, share: float) -> Arrivals:
    """What is fetched from a registry each day: a share of the downloads of the project's first package."""
    entry = project.entry
    first = next(iter((*entry.pypi, *entry.npm)), Package(entry.name, entry.gains.times(100)))
    return project.series.downloads(replace(first, daily=first.daily.times(share)), registry)


def last_days(arrivals: Arrivals, today: int, days: int) -> int:
    """The amount of the last days before today."""
    until = max(today - arrivals.first, 0)
    return int(arrivals.counts[max(until - days, 0) : until].sum())


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        named = ADDRESS.fullmatch(request.path)
        return Asked(frozenset({named[2].lower()})) if named else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        named = ADDRESS.fullmatch(request.path)
        project = project_of(self.world, named[2]) if named else None
        if named is None or project is None:
            return as_html("<!DOCTYPE html><title>Page not found</title>", 404)
        kind, name = named[1], named[2]
        arrivals = use_of(project, f"homebrew {kind}", FORMULA if kind == "formula" else CASK)
        today = self.world.today.toordinal()
        amounts = {days: last_days(arrivals, today, days) for days in WINDOWS}
        if kind == "cask":
            plain = {f"{days}d": {name: amount} for days, amount in amounts.items()}
            return as_json({"token": name, "analytics": {"install": plain}})
        asked_for = {f"{days}d": _options(name, amount) for days, amount in amounts.items()}
        every = {f"{days}d": _options(name, round(amount * DEPENDENT)) for days, amount in amounts.items()}
        faulty = {"30d": {name: 0}}
        analytics = {"install": every, "install_on_request": asked_for, "build_error": faulty}
        return as_json({"name": name, "analytics": analytics, "generated_date": self.world.today.isoformat()})


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it has none
    """Somebody who answers for formulae.brew.sh."""
    return _Attendant(world)


def _options(name: str, amount: int) -> dict[str, int]:
    head = round(amount * HEAD)
    return {name: amount - head, f"{name} --HEAD": head} if head else {name: amount}
