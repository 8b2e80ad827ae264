"""How often what GitHub counts is read again by REST, so that all of it together stays within a budget.

Two things are read in turn: the star history of every project, a request each, and the releases of those projects that
name them, a request a page. While two projects in five name theirs, both have a weekly turn (1/7 + 0.4/7 = 0.2). When
more do, releases wait longer, up to what growth can read across; and when that is not enough, the star history does,
which loses nothing by it, since it gives every day of the past.
"""

from __future__ import annotations

from math import ceil
from typing import Final, NamedTuple

BUDGET: Final = 0.2  # REST requests a project and day, from everything
WEEK: Final = 7  # days
LONGEST_OF_RELEASES: Final = 11  # days: growth reads across 14, and whoever is not read in time needs some to spare
LONGEST_OF_STARS: Final = 28  # days


class Turns(NamedTuple):
    """Days between two readings."""

    stars: int
    releases: int


def turns(projects: int, pages: int) -> Turns:
    """The turns for so many tracked projects, and so many pages of releases that they have together."""
    share = pages / max(projects, 1)
    releases = min(LONGEST_OF_RELEASES, max(WEEK, ceil(share / (BUDGET - 1 / WEEK))))
    left = BUDGET - share / releases
    return Turns(min(LONGEST_OF_STARS, max(WEEK, ceil(1 / left))) if left > 0 else LONGEST_OF_STARS, releases)
