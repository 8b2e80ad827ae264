"""All invented projects on one day, found by the names that people ask for."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from sandbox.entry import Entry, Package
from sandbox.github.issues import Desk
from sandbox.model import DAY_ZERO, moment
from sandbox.project import Project, node_id, repository_number, ticket_of
from sandbox.registry import Whole, whole
from sandbox.series import Series

HOUR: Final = 6  # UTC: it is always six in the morning, when a scheduled run would look
KEPT: Final = 1_024  # projects whose series are kept in memory
AHEAD: Final = 180  # days that are made beyond the gallery's day, or beyond today when that is later


class World:
    """The invented projects as they are on a day at six in the morning. The same seed gives the same figures.

    Projects that begin after the day do not exist yet.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        today: dt.date,
        seed: int = 1,
        series: _Shelf | None = None,
        desk: Desk | None = None,
    ) -> None:
        self.today = today
        self.desk = desk or Desk()  # what trackers write in their own repositories
        self.now = moment(today.toordinal(), HOUR * 3600)
        self._all, self._seed = tuple(entries), seed
        self._series = series or _Shelf(seed, max(DAY_ZERO, today.toordinal()) + AHEAD)
        self.entries = tuple(entry for entry in entries if DAY_ZERO + entry.born <= today.toordinal())
        self._entries = {entry.repository.lower(): entry for entry in self.entries}
        self._owners = {name.partition("/")[0]: entry for name, entry in reversed(self._entries.items())}
        self._former = {entry.former.lower(): entry for entry in self.entries if entry.former}
        self._pypi = {pypi_name(one.name): (entry, one) for entry in self.entries for one in entry.pypi}
        self._npm = {one.name: (entry, one) for entry in self.entries for one in entry.npm}
        self._numbers = {repository_number(entry.repository): entry for entry in self.entries}
        self._nodes = {node_id("R", number): entry for number, entry in self._numbers.items()}

    def on(self, today: dt.date) -> World:
        """The same projects on another day."""
        enough = today.toordinal() < self._series.last
        return World(self._all, today, self._seed, self._series if enough else None, self.desk)

    def whole(self, registry: str) -> Whole:
        """The downloads of all packages of a registry together: "npm" or "pypi"."""
        return whole(registry, self.today.toordinal(), self._seed)

    def repository(self, name: str, *, follow: bool = True) -> Project | None:
        """The project with this `owner/name`, in any case of letters; also by a former name, unless told otherwise."""
        entry = self._entries.get(name.lower())
        if entry is None and follow:
            entry = self._former.get(name.lower())
        return self._project(entry)

    def by_number(self, number: int) -> Project | None:
        """The project whose repository has this numeric id."""
        return self._project(self._numbers.get(number))

    def by_node(self, identity: str) -> Project | None:
        """The project whose repository, or one of whose issues, has this global id."""
        ticket = ticket_of(identity)
        return self._project(self._nodes.get(identity)) if ticket is None else self.by_number(ticket[0])

    def owned(self, login: str) -> Project | None:
        """The first project of an owner, which stands for the owner where that is asked for."""
        return self._project(self._owners.get(login.lower()))

    def pypi(self, name: str) -> tuple[Project, Package] | None:
        """The package of this name on PyPI, however its dots and dashes are written."""
        found = self._pypi.get(pypi_name(name))
        return None if found is None else (self._present(found[0]), found[1])

    def npm(self, name: str) -> tuple[Project, Package] | None:
        """The package of this name on npm."""
        found = self._npm.get(name)
        return None if found is None else (self._present(found[0]), found[1])

    def _project(self, entry: Entry | None) -> Project | None:
        return None if entry is None else self._present(entry)

    def _present(self, entry: Entry) -> Project:
        return Project(self._series.of(entry), self.now)


class _Shelf:
    """The series that have been made, shared by the same world on several days."""

    def __init__(self, seed: int, last: int) -> None:
        def made(entry: Entry) -> Series:
            return Series(entry, seed, last)

        self.last = last
        self.of: Callable[[Entry], Series] = lru_cache(maxsize=KEPT)(made)


def pypi_name(name: str) -> str:
    """A package's name as PyPI normalises it."""
    return re.sub(r"[-_.]+", "-", name).lower()
