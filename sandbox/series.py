"""Every series of one invented project from its first day on, made when first asked for, some days ahead."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from sandbox.entry import Entry, Package
from sandbox.model import (
    DAY_ZERO,
    MACHINES,
    PEOPLE,
    WORK,
    Arrivals,
    Counts,
    Course,
    Floats,
    Luck,
    Stock,
    Tickets,
    chance,
    generator,
    seasonal,
    survival,
)
from sandbox.team import CommitLog
from sandbox.voices import Voices

EXODUS_DAY: Final = DAY_ZERO - 150
MIRRORS: Final = 0.05  # of a package's downloads, plus MIRRORS_EACH a day: what mirrors fetch
MIRRORS_EACH: Final = 45
PEOPLE_NOISE: Final = 0.18  # of attention, a day
WORK_NOISE: Final = 0.3  # of work done by few people, a day


@dataclass(frozen=True)
class Series:
    """The series of an entry of the gallery, with a seed for their chance."""

    entry: Entry
    seed: int
    last: int  # the last day that is made

    @property
    def first(self) -> int:
        """The project's first day."""
        return DAY_ZERO + self.entry.born

    # --- Interest ----------------------------------------------------------------------------------------------------

    @cached_property
    def stars(self) -> Stock:
        """Stars, by the day they were given."""
        entry = self.entry
        return self._stock("stars", entry.stars, entry.gains, entry.churn, entry.exodus, look=1.0)

    @cached_property
    def watchers(self) -> Stock:
        """People who are told of everything."""
        entry = self.entry
        total, gains = entry.stars * entry.watchers, entry.gains.times(entry.watchers)
        return self._stock("watchers", total, gains, 0.15, entry.exodus, look=0.3)

    @cached_property
    def forks(self) -> Arrivals:
        """Forks; none is ever deleted here."""
        entry = self.entry
        return self._stock("forks", entry.stars * entry.forks, entry.gains.times(entry.forks), look=0.3).arrivals

    @cached_property
    def sponsors(self) -> Stock | None:
        """Sponsors of the owner; None when it has no sponsors page."""
        if self.entry.sponsors is None:
            return None
        return self._stock("sponsors", self.entry.sponsors, Course(self.entry.sponsors * 0.03 / 28), 0.2)

    # --- Work --------------------------------------------------------------------------------------------------------

    @cached_property
    def issues(self) -> Tickets:
        """Issues."""
        arrivals = self._work("issues", self.entry.issues)
        return Tickets(arrivals, self._luck("issues", int(arrivals.running[-1])), 0.0, 0.86, 25.0)

    @cached_property
    def pulls(self) -> Tickets:
        """Pull requests."""
        arrivals = self._work("pulls", self.entry.pulls)
        return Tickets(arrivals, self._luck("pulls", int(arrivals.running[-1])), 0.72, 0.2, 5.0)

    @cached_property
    def discussions(self) -> Arrivals:
        """Discussions, a third as many as issues."""
        return self._work("discussions", self.entry.issues.times(0.3))

    @cached_property
    def commits(self) -> CommitLog:
        """The commits of the default branch."""
        entry = self.entry
        return CommitLog(entry.repository, self._work("commits", entry.commits), entry.commits, entry.team, self.seed)

    @cached_property
    def voices(self) -> Voices:
        """Who opens issues and pull requests, and who comments."""
        entry = self.entry
        return Voices(entry.repository, self.commits, self.issues, self.pulls, entry.issues, self.seed)

    # --- Use ---------------------------------------------------------------------------------------------------------

    def downloads(self, package: Package, registry: str) -> Arrivals:
        """Downloads of a package of a registry each day, without mirrors."""
        first = self.first if package.born is None else DAY_ZERO + package.born
        means = seasonal(package.daily.means(self._days(first)), first, MACHINES)
        return Arrivals(first, chance(means, package.noise, self.seed, self.entry.repository, registry, package.name))

    def mirrored(self, package: Package) -> Arrivals:
        """Downloads of a package of PyPI each day, with mirrors: always more than without."""
        plain = self.downloads(package, "pypi")
        means = np.asarray(plain.counts, np.float64) * MIRRORS + MIRRORS_EACH
        extra = chance(means, 0.2, self.seed, self.entry.repository, "mirrors", package.name)
        return Arrivals(plain.first, plain.counts + extra)

    # --- How they are made -------------------------------------------------------------------------------------------

    def _days(self, first: int) -> Counts:
        return np.arange(first, self.last + 1)

    def _luck(self, series: str, count: int) -> Luck:
        return generator(self.seed, self.entry.repository, series, "luck").random(count, dtype=np.float32)

    def _work(self, series: str, course: Course) -> Arrivals:
        noise = WORK_NOISE / (1 + course.level / 10) ** 0.5  # many people together are steadier than few
        days = self._days(self.first)
        means = seasonal(course.means(days), self.first, WORK)
        if self.entry.archived is not None:
            means = np.where(days < DAY_ZERO + self.entry.archived, means, 0.0)
        return Arrivals(self.first, chance(means, noise, self.seed, self.entry.repository, series))

    def _stock(
        self, series: str, total: float, gains: Course, churn: float = 0.0, exodus: float = 0.0, look: float = 0.0
    ) -> Stock:
        """`look` is how much of a burst of attention it feels."""
        days = self._days(self.first)
        means = gains.means(days) * self._attention(days, look)
        means *= self._raised(gains, total, means, churn, exodus)
        counts = chance(seasonal(means, self.first, PEOPLE), PEOPLE_NOISE, self.seed, self.entry.repository, series)
        return Stock(Arrivals(self.first, counts), self._luck(series, len(days)), churn, exodus, EXODUS_DAY)

    def _attention(self, days: Counts, look: float) -> Floats:
        burst = self.entry.burst
        return np.ones(len(days)) if burst is None else 1 + look * (burst.factors(days) - 1)

    def _raised(self, gains: Course, total: float, means: Floats, churn: float, exodus: float) -> Floats:
        """Factors that raise the days before the course's turn, so that the gallery's day sees the total."""
        past = np.arange(self.first, DAY_ZERO)
        kept = means[: len(past)] * survival(past, DAY_ZERO, churn, exodus, EXODUS_DAY)
        early = int(np.searchsorted(past, DAY_ZERO + gains.turn))
        factors = np.ones(len(means))
        if early:
            factors[:early] = max(total - float(kept[early:].sum()), 0.0) / float(kept[:early].sum())
        return factors
