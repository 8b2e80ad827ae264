"""Who commits: a core that stays, newcomers who return or do not, and bots."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from sandbox.model import Arrivals, Course, day_of, generator

Draws = npt.NDArray[np.float32]

SYLLABLES: Final = (
    "bra",
    "cel",
    "dov",
    "fen",
    "gil",
    "hap",
    "jor",
    "kes",
    "lum",
    "mip",
    "nol",
    "pru",
    "quo",
    "rin",
    "sov",
)
ADDRESS: Final = re.compile(rf"(\d+\+)?({'|'.join(SYLLABLES)}){{3}}-\d+@[a-z.]+")  # of an invented person
HOUSE_STYLES: Final = ("@{0}", "{1}", "{0} ", "@{0} ")
COMPANIES: Final = (
    "@quillforge",
    "Quillforge",
    "Saltmarsh Analytics",
    "saltmarsh analytics ",
    "University of Oxbow",
    "@bluegate @bluegate-labs",
    "Bluegate",
    "Ferrous & Sons",
    "Copperline",
    "@copperline",
    "Tern Systems",
    "Northmoor Institute",
)
"""Employers as people write them: the same one in several ways."""
NOWHERE: Final = (None, None, None, None, None, "", "Freelance", "-")
WEEKS_BACK: Final = 26  # how far back a returning contributor may have begun
UNKNOWN: Final = 0.08  # share of people whose e-mail address belongs to no account


@dataclass(frozen=True, slots=True)
class Person:
    """Who a commit is from."""

    name: str
    email: str
    login: str | None  # None when the address belongs to no account
    company: str | None = None  # as it stands in the public profile, free text


@dataclass(frozen=True, slots=True)
class Team:
    """What the contributors of a project are like."""

    core: int  # people who commit all year
    newcomers: float  # people who commit for the first time, a week
    returning: float  # of the commits from outside the core, the share by people who began in an earlier week
    outside: float = 0.35  # share of commits from outside the core
    bots: float = 0.12  # share of commits by machines
    house: float = 0.3  # share of the core that says it works for the owner
    employed: float = 0.45  # share of all others that name an organisation
    answers: float = 16.0  # mean hours until somebody answers an issue


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of the default branch."""

    oid: str
    when: int  # Unix seconds
    author: Person


BOTS: Final = (
    Person("tidybot[bot]", "4711001+tidybot[bot]@users.noreply.github.com", "tidybot[bot]"),
    Person("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com", None),
    Person("Release Robot", "release-bot@ci.example", None),
)


@dataclass(frozen=True)
class CommitLog:
    """All commits of a repository's default branch, also those still to come; made when they are asked for."""

    repository: str
    arrivals: Arrivals
    course: Course
    team: Team
    seed: int

    def window(self, now: int, since: int | None = None, until: int | None = None) -> range:
        """The commits from a moment to a moment, both included and none after now, as places (oldest first)."""
        stop = self.arrivals.until(now if until is None else min(until, now))
        start = 0 if since is None else self.arrivals.until(since - 1)
        return range(start, max(start, stop))

    def by(self, emails: frozenset[str], places: range) -> list[int]:
        """Those of the places whose commits are from one of these e-mail addresses."""
        draws = self._draws[places.start : places.stop]
        machines = [place for place, bot in enumerate(BOTS) if bot.email in emails]
        found = (draws[:, 0] < self.team.bots) & np.isin((draws[:, 1] * len(BOTS)).astype(np.int64), machines)
        if any(ADDRESS.fullmatch(email) for email in emails):  # who is a person is worked out one by one
            found |= np.array([commit.author.email in emails for commit in self.made(places)], np.bool_)
        return (places.start + np.flatnonzero(found)).tolist()

    def at(self, place: int) -> Commit:
        """The commit at a place."""
        return self.made(range(place, place + 1))[0]

    def made(self, places: Sequence[int]) -> list[Commit]:
        """The commits at ascending places."""
        if not places:
            return []
        start = places[0]
        moments = self.arrivals.moments(start, places[-1] + 1).tolist()
        chosen = self._draws[np.asarray(places)].tolist()
        return [
            Commit(self.oid(place), moments[place - start], self.author(day_of(moments[place - start]), *draw))
            for place, draw in zip(places, chosen, strict=True)
        ]

    @cached_property
    def _draws(self) -> Draws:
        """Three numbers from 0 to 1 for each commit, which decide whose it is."""
        total = int(self.arrivals.running[-1])
        return generator(self.seed, self.repository, "authors").random((total, 3), dtype=np.float32)

    def oid(self, place: int) -> str:
        """The hash of the commit at a place."""
        return hashlib.sha1(f"{self.repository}:{place}".encode(), usedforsecurity=False).hexdigest()

    def author(self, day: int, kind: float, which: float, detail: float) -> Person:
        """Somebody who commits on a day, by three numbers from 0 to 1."""
        if kind < self.team.bots:
            return BOTS[int(which * len(BOTS))]
        if kind < self.team.bots + (1 - self.team.bots) * (1 - self.team.outside):
            return self._employed(person(self.repository, "core", int(self.team.core * which**2)), self.team.house)
        week = day // 7
        if which < self.team.returning:
            week = max(week - 1 - int(which / self.team.returning * WEEKS_BACK), self.arrivals.first // 7)
        return self._employed(person(self.repository, f"week {week}", int(detail * self.newcomers(week))), 0.0)

    def _employed(self, somebody: Person, house: float) -> Person:
        """With what the public profile says of an employer; `house` is the chance that it is the owner."""
        if somebody.login is None:
            return somebody
        luck = hashlib.sha1(f"{somebody.login} works".encode(), usedforsecurity=False).digest()
        if luck[0] < house * 256:
            owner = self.repository.partition("/")[0]
            return replace(somebody, company=HOUSE_STYLES[luck[1] % len(HOUSE_STYLES)].format(owner, owner.title()))
        named = luck[2] < self.team.employed * 256
        return replace(somebody, company=COMPANIES[luck[3] % len(COMPANIES)] if named else NOWHERE[luck[3] % 8])

    def newcomers(self, week: int) -> int:
        """How many people begin in a week; moves with the commits."""
        pace = float(self.course.means(np.array([7 * week + 3]))[0]) / self.course.level
        return max(1, round(self.team.newcomers * pace))

    def people(self, now: int) -> int:
        """About how many people had contributed by a moment."""
        weeks = range(self.arrivals.first // 7, day_of(now) // 7 + 1)
        return self.team.core + sum(self.newcomers(week) for week in weeks)


@lru_cache(maxsize=20_000)
def person(repository: str, group: str, place: int) -> Person:
    """An invented person, the same one for the same place."""
    digest = hashlib.sha1(f"{repository}/{group}/{place}".encode(), usedforsecurity=False).digest()
    login = "".join(SYLLABLES[byte % len(SYLLABLES)] for byte in digest[:3]) + f"-{int.from_bytes(digest[3:6]) % 99991}"
    if digest[6] < UNKNOWN * 256:
        return Person(login, f"{login}@laptop.example", None)
    if digest[7] % 2:
        return Person(login, f"{int.from_bytes(digest[8:11])}+{login}@users.noreply.github.com", login)
    return Person(login, f"{login}@mail.example", login)
