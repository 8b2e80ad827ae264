"""What the gallery's table says of an invented project."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.figures import Figure
from sandbox.model import Burst, Course
from sandbox.team import Team


@dataclass(frozen=True, slots=True)
class Package:
    """A package that an invented project publishes. Days count from the gallery's day."""

    name: str
    daily: Course  # downloads a day
    born: int | None = None  # its first day; None is the project's
    noise: float = 0.08
    uncounted: tuple[int, ...] = ()  # days that npm gives as 0: an outage of its counting
    absent: tuple[int, ...] = ()  # days that pypistats leaves out


@dataclass(frozen=True, slots=True)
class Event:
    """What the tracker file notes of a project; the day counts from the gallery's day."""

    day: int
    title: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One invented project. Days count from the gallery's day."""

    repository: str  # "owner/name" as it is now
    name: str
    category: str
    story: str  # its description on GitHub
    born: int  # its first day, negative
    stars: int  # on the gallery's day
    gains: Course  # stars gained
    issues: Course
    pulls: Course
    commits: Course
    team: Team
    tags: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    language: str = "Python"
    licence: str | None = "MIT"  # SPDX identifier
    pypi: tuple[Package, ...] = ()
    npm: tuple[Package, ...] = ()
    forks: float = 0.1  # for each star
    watchers: float = 0.015  # for each star
    churn: float = 0.06  # share of stars that are taken back in the long run
    exodus: float = 0.0  # share of all stars that is taken back in 28 days, lately
    sponsors: int | None = None  # of the owner; None: it has no sponsors page
    by_user: bool = False  # the owner is a person, not an organization
    release_days: int = 28  # days between two releases
    former: str | None = None  # "owner/name" before it was renamed
    archived: int | None = None  # the day on which it was archived
    burst: Burst | None = None
    events: tuple[Event, ...] = ()
    figures: tuple[Figure, ...] = ()  # what its owner brings

    @property
    def listed(self) -> str:
        """The name by which a tracker file names it: the former one, so that renames have to be followed."""
        return self.former or self.repository
