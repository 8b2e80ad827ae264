"""What somebody might have noted of the invented projects before: weekly levels, as `import-history` takes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from sandbox.model import Stock
from sandbox.project import Project
from sandbox.world import World

WEEK: Final = 7  # days

LEVELS: Final[Mapping[str, Callable[[Project], int | None]]] = {
    "github.forks": lambda project: project.series.forks.until(project.now),
    "github.issues": lambda project: project.series.issues.arrivals.until(project.now),
    "github.pull_requests": lambda project: project.series.pulls.arrivals.until(project.now),
    "github.releases": lambda project: len(project.releases),
    "github.sponsors": lambda project: _level(project.series.sponsors, project.now),
    "github.stars": lambda project: project.series.stars.level(project.now),
    "github.watchers": lambda project: project.series.watchers.level(project.now),
}
"""Signals that no source gives for days gone by, or not as they were."""


def _level(stock: Stock | None, when: int) -> int | None:
    return None if stock is None else stock.level(when)


def tidy(world: World, days: int) -> Iterator[str]:
    """Lines of `date,project,metric,value` for the weeks of that many days before today, and a head."""
    yield "date,project,metric,value"
    for weeks in range(days // WEEK, 0, -1):
        then = world.on(world.today - dt.timedelta(weeks=weeks))
        for entry in then.entries:
            project = then.repository(entry.repository)
            assert project is not None, "an entry of a world is in it"
            for signal, level in LEVELS.items():
                value = level(project)
                if value is not None:
                    yield f"{then.today},{entry.listed},{signal},{value}"
