"""What somebody might have noted of the invented projects before: weekly levels, as `import-history` takes them, with
the mistakes that such lists have.
"""

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


SOMETHING_ELSE: Final[Mapping[tuple[str, str], Mapping[int, int]]] = {
    ("patchworklab/holeycloth", "github.stars"): {12: 0},
    ("patchworklab/holeycloth", "github.forks"): {31: 41, 27: 41, 26: 42, 20: 42},
}
"""Repository and signal → weeks ago → what was noted then although it was not so: a failed look, and a namesake's."""

STOOD_STILL: Final[Mapping[str, int]] = {"github.issues": 16}
"""Signal → weeks ago when whoever noted it was given the answers of the week before once more, for all projects."""


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
                value = SOMETHING_ELSE.get((entry.repository, signal), {}).get(weeks, level(project))
                if STOOD_STILL.get(signal) == weeks and (before := world.on(then.today - dt.timedelta(days=WEEK))):
                    last = before.repository(entry.repository)
                    value = None if last is None else level(last)
                if value is not None:
                    yield f"{then.today},{entry.listed},{signal},{value}"
