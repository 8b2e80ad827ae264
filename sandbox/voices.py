"""Who opens issues and pull requests, and who comments: the team, users, machines, and accounts that are gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sandbox.model import Course, Tickets, day_of, generator
from sandbox.team import BOTS, CommitLog, Draws, Person, person

GHOSTS: Final = 0.02  # share of authors whose account was deleted since
MACHINES: Final = 0.04  # share of issues that machines open
INSIDERS: Final = 0.16  # share of issues from people who commit
ANSWERED: Final = 0.88  # share of issues that somebody answers in the end
GREETED: Final = 0.3  # share of issues that a machine greets at once
ADDED: Final = 0.2  # share of issues to which their author adds something before anybody answers
HOUR: Final = 3_600


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment on an issue."""

    when: int  # Unix seconds
    author: Person | None  # None: the account was deleted


@dataclass(frozen=True)
class Voices:
    """The people around a repository."""

    repository: str
    log: CommitLog
    issues: Tickets
    pulls: Tickets
    course: Course  # of issues
    seed: int

    def opened_pull(self, place: int) -> Person | None:
        """Who offered the change at a place: one of those who commit."""
        kind, which, detail, gone = self._pulls[place].tolist()
        day = day_of(int(self.pulls.opened[place]))
        return None if gone < GHOSTS else self.log.author(day, kind, which, detail)

    def opened_issue(self, place: int) -> Person | None:
        """Who opened the issue at a place: mostly somebody who uses it and commits nothing."""
        kind, which, detail, gone = self._issues[place].tolist()[:4]
        day = day_of(int(self.issues.opened[place]))
        if gone < GHOSTS:
            return None
        if kind < MACHINES:
            return BOTS[int(which * len(BOTS))]
        if kind < MACHINES + INSIDERS:
            return self.log.author(day, self.log.team.bots + which * (1 - self.log.team.bots), which, detail)
        return person(self.repository, "users", int(detail**1.5 * self._crowd))

    def comments(self, place: int, now: int) -> list[Comment]:
        """The comments on the issue at a place up to a moment, oldest first."""
        found = [one for one in self._conversation(place) if one.when <= now]
        return sorted(found, key=lambda one: one.when)

    def _conversation(self, place: int) -> Iterator[Comment]:
        *_, gone, greeted, added, answers = self._issues[place].tolist()
        opened, author = int(self.issues.opened[place]), self.opened_issue(place)
        if greeted < GREETED:
            yield Comment(opened + 15, BOTS[1])
        if added < ADDED:
            yield Comment(opened + HOUR // 2, author)
        if answers < ANSWERED:
            when = opened + 600 + int(self._waits[place] * self.log.team.answers * HOUR)
            helper = person(self.repository, "core", int(self.log.team.core * gone))
            other = person(self.repository, "core", self.log.team.core)
            yield Comment(when, None if answers < GHOSTS else other if helper == author else helper)
            yield Comment(when + HOUR, author)

    @cached_property
    def _crowd(self) -> float:
        """How many people use it so much that they open an issue now and then."""
        return max(6.0, 36 * self.course.level)

    @cached_property
    def _pulls(self) -> Draws:
        return generator(self.seed, self.repository, "pulls by").random((len(self.pulls.luck), 4), dtype="float32")

    @cached_property
    def _issues(self) -> Draws:
        return generator(self.seed, self.repository, "issues by").random((len(self.issues.luck), 7), dtype="float32")

    @cached_property
    def _waits(self) -> Draws:
        return (
            generator(self.seed, self.repository, "answers").exponential(1.0, len(self.issues.luck)).astype("float32")
        )
