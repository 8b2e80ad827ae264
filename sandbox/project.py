"""One invented project at a moment, and how ids and times are written."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sandbox.entry import Entry
from sandbox.model import DAY_ZERO, moment
from sandbox.series import Series


@dataclass(frozen=True, slots=True)
class Release:
    """One published release."""

    tag: str
    when: int  # Unix seconds
    prerelease: bool


@dataclass(frozen=True)
class Project:
    """The series of a project, and the moment (Unix seconds) at which somebody looks at them."""

    series: Series
    now: int

    @property
    def entry(self) -> Entry:
        """What the gallery's table says of it."""
        return self.series.entry

    @property
    def repository(self) -> str:
        """`owner/name` as it is now."""
        return self.entry.repository

    @property
    def names(self) -> tuple[str, ...]:
        """`owner/name` as it is now, and as it was before."""
        return (self.repository, self.entry.former) if self.entry.former else (self.repository,)

    @property
    def number(self) -> int:
        """GitHub's numeric id of the repository."""
        return repository_number(self.repository)

    @property
    def node_id(self) -> str:
        """GitHub's global id of the repository."""
        return node_id("R", self.number)

    @property
    def archived(self) -> int | None:
        """The moment at which it was archived, if that has come."""
        if self.entry.archived is None:
            return None
        when = moment(DAY_ZERO + self.entry.archived, 9 * 3600)
        return when if when <= self.now else None

    @cached_property
    def releases(self) -> tuple[Release, ...]:
        """All releases until now, oldest first; every sixth is a candidate."""
        every, made = self.entry.release_days, []
        last = self.archived or self.now
        for place, day in enumerate(range(self.series.first + min(every, 10), self.series.last, every)):
            luck = number_of(f"{self.repository} release {place}")
            when = moment(day + luck % max(1, every // 3), 8 * 3600 + luck % 30_000)
            if when > last:
                break
            candidate = place % 6 == 5
            made.append(Release(f"v{place // 12}.{place % 12}.0{'-rc.1' if candidate else ''}", when, candidate))
        return tuple(made)


def repository_number(name: str) -> int:
    """GitHub's numeric id of the repository `owner/name`."""
    return 100_000_000 + number_of(name)


@lru_cache(maxsize=100_000)
def number_of(text: str) -> int:
    """A number below 2³⁰ that belongs to a text."""
    return int.from_bytes(hashlib.sha1(text.encode(), usedforsecurity=False).digest()[:4]) >> 2


def node_id(kind: str, number: int) -> str:
    """A global id as GitHub writes them: a kind, and something that nobody is meant to read."""
    return f"{kind}_kgDO{base64.urlsafe_b64encode(number.to_bytes(5)).decode().rstrip('=')}"


def ticket_id(kind: str, repository: int, place: int) -> str:
    """The global id of an issue or a pull request of a repository."""
    return f"{kind}_kwDO{base64.urlsafe_b64encode(f'{repository}:{place}'.encode()).decode().rstrip('=')}"


def ticket_of(identity: str) -> tuple[int, int] | None:
    """The number of the repository, and the place, of an issue's global id; None when it is no issue's."""
    kind, _, text = identity.partition("_kwDO")
    if kind != "I":
        return None
    try:
        repository, _, place = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(":")
        return int(repository), int(place)
    except ValueError:
        return None


@lru_cache(maxsize=100_000)
def iso(when: int) -> str:
    """A moment as GitHub writes it: `2026-11-20T06:00:00Z`."""
    return dt.datetime.fromtimestamp(when, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def date_of(day: int) -> dt.date:
    """The date of a day."""
    return dt.date.fromordinal(day)


def week_start(day: int) -> int:
    """The Sunday on or before a day."""
    return day - day % 7
