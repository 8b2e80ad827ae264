"""The gallery with its growth turned round: what rose falls by as much, what fell rises, those who left stay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from sandbox.entry import Entry, Package
from sandbox.model import Course
from sandbox.team import Team

TRICKLE: Final = 0.02  # of the stars that came before still come to a project that people turn away from
MOST_LEAVE: Final = 0.5  # share of all stars that is taken back in 28 days; a project of few weeks grew by more
LEFT_BY: Final = 0.1  # a team with a smaller share of commits by people who return is one that newcomers leave


def turned(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The same projects, of the same size on the gallery's day, with every growth turned round since its turn."""
    return tuple(map(_turned, entries))


def _turned(entry: Entry) -> Entry:
    gains, exodus = _interest(entry)
    return replace(
        entry,
        gains=gains,
        exodus=exodus,
        issues=_course(entry.issues),
        pulls=_course(entry.pulls),
        commits=_course(entry.commits),
        team=_team(entry.team),
        pypi=tuple(map(_package, entry.pypi)),
        npm=tuple(map(_package, entry.npm)),
        figures=tuple(replace(one, growth=-one.growth / (1 + one.growth)) for one in entry.figures),
    )


def _course(course: Course) -> Course:
    return replace(course, growth=-course.growth / (1 + course.growth))


def _package(package: Package) -> Package:
    return replace(package, daily=_course(package.daily))


def _interest(entry: Entry) -> tuple[Course, float]:
    """Stars gained a day and share taken back in 28 days. Stars are a level: that fewer come is not yet a fall."""
    net = 28 * entry.gains.level / entry.stars - entry.exodus
    if net >= 0:
        return entry.gains.times(TRICKLE), min(net, MOST_LEAVE)
    return Course(-net * entry.stars / 28, turn=entry.gains.turn), 0.0


def _team(team: Team) -> Team:
    """A team that newcomers leave becomes one of people who stay; the others are what they were."""
    if team.returning >= LEFT_BY:
        return team
    return replace(team, core=round(team.newcomers), newcomers=float(team.core), returning=1 - team.returning)
