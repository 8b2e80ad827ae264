"""`python -m benchmarks.scale`: what a day costs for so many projects, as the tables of docs/scale.md.

Paces, budgets and limits are the code's own. What a project takes of each is measured: by `tests/test_budget.py` (which
holds points and requests to these bounds) and by `python -m benchmarks.year`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final

from groundswell import sources
from groundswell.sources.github.transport import BETWEEN_QUERIES, BETWEEN_REQUESTS
from groundswell.tokens import LEAST, RESERVE
from groundswell.turns import BUDGET

SIZES: Final = (100, 1_000, 10_000)
POINTS_A_DAY: Final = 0.4  # of a project, at most: a query is a point and takes a second at least
POINTS_AT_FIRST: Final = 6.0  # of a project that is new, at most
REQUESTS_AT_FIRST: Final = 4.0
OF_PYPI: Final = 0.55  # projects with a package there, in the mix of the sandbox; each is a request a day
KILOBYTES: Final = 60  # of a project's files after a year with a source or three
PACKED_A_YEAR: Final = 59  # kilobytes of the branch that a year of a project takes
PERSONAL: Final = 5_000  # points, and requests, an hour of a personal token or an App's installation
MINUTES: Final = 75  # that a run asks, as a rule


@dataclass(frozen=True, slots=True)
class Way:
    """With what a run asks."""

    name: str
    tokens: int
    limit: int  # of each token, an hour
    machines: int = 1

    @property
    def points(self) -> int:
        """That a run may use of one hour: of each limit, a reserve is left to others."""
        return self.tokens * (self.limit - min(RESERVE, self.limit // 20))


WAYS: Final = (
    Way("the token of a run", 1, LEAST),
    Way("a personal token, or an App", 1, PERSONAL),
    Way("four machines, the token of a run", 1, LEAST, 4),
    Way("eight machines, eight personal tokens", 8, PERSONAL, 8),
)


def minutes(projects: int, machines: int = 1) -> tuple[float, float]:
    """Minutes of GitHub, and of the slowest registry, on machines that ask side by side."""
    mine = projects / machines
    github = POINTS_A_DAY * mine * BETWEEN_QUERIES + BUDGET * mine * BETWEEN_REQUESTS
    return github / 60, OF_PYPI * mine * sources.load()["pypi"].PACE["pypistats.org"] / 60


def of_sizes() -> Iterator[str]:
    """What a day takes, and what it leaves behind."""
    yield "| projects | points a day | REST requests a day | history, MB | a year of the branch, MB |"
    yield "|---|---|---|---|---|"
    for size in SIZES:
        cells = (POINTS_A_DAY * size, BUDGET * size, KILOBYTES * size / 1_000, PACKED_A_YEAR * size / 1_000)
        yield f"| {size:,} | {cells[0]:,.0f} | {cells[1]:,.0f} | {cells[2]:,.0f} | {cells[3]:,.0f} |"


def of_ways() -> Iterator[str]:
    """With what so many projects are read every day, and how many runs the first sight takes."""
    yield "| asked with | projects | hours' limits a day | minutes of GitHub, of PyPI | runs for the first sight |"
    yield "|---|---|---|---|---|"
    for way in WAYS:
        for size in SIZES:
            hours = max(POINTS_A_DAY, BUDGET) * size / way.points
            github, pypi = minutes(size, way.machines)
            runs = ceil(max(POINTS_AT_FIRST, REQUESTS_AT_FIRST) * size / way.points)
            too_long = "" if max(github, pypi) <= MINUTES else " (more than a run has)"
            yield f"| {way.name} | {size:,} | {hours:.1f} | {github:,.0f}, {pypi:,.0f}{too_long} | {runs} |"


def main() -> int:
    """Print both tables."""
    print(*of_sizes(), "", *of_ways(), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
