"""Made-up situations for readings: stages that grow by so much, people who come and go, money of some years."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from groundswell.catalogue import BY_KEY, metrics_of
from groundswell.models import (
    EMPTY_SERIES,
    NO_COMPANY,
    Anomaly,
    Beside,
    Direction,
    Growth,
    Measured,
    Missing,
    MoneyAndUse,
    Oddity,
    Project,
    RepositoryFacts,
    RepositoryState,
    Stage,
    StageState,
    Yearly,
)
from groundswell.readings import READINGS
from groundswell.situation import Situation

TODAY: Final = dt.date(2026, 11, 22)
LEADING: Final[Mapping[Stage, str]] = {
    Stage.INTENT: "stars",
    Stage.ACTION: "issues_opened",
    Stage.ACTIVATION: "dependent_repositories",
    Stage.MONETIZATION: "sponsors",
    Stage.RETENTION: "active_members",
}
NEW: Final = "new"
Seen = tuple[float, float] | str | None  # growth a month and half of its interval; too small for one; not seen
NOWHERE: Final = Missing("not seen here")


def direction(low: float, high: float) -> Direction:
    """What an interval allows to be said."""
    return Direction.RISING if low > 0 else Direction.FALLING if high < 0 else Direction.STEADY


def grown(month: float, half: float, start: float = 10_000.0) -> Growth:
    """A growth with an even interval."""
    low, high = month - half, month + half
    return Growth(month, month, low, high, direction(low, high), start, start * (1 + month), TODAY, 1.0)


def small(start: float, end: float) -> Growth:
    """A growth whose base is too small."""
    return Growth(None, None, None, None, Direction.NEW, start, end, TODAY)


def measured(key: str, value: float, growth: Growth | Missing = NOWHERE, *, at_least: bool = False) -> Measured:
    """A metric with a value, and maybe a growth."""
    nothing = dict.fromkeys((3, 6, 12), NOWHERE)
    return Measured(key, value, TODAY, growth, nothing, NOWHERE, NOWHERE, None, None, EMPTY_SERIES, at_least=at_least)


def in_a_burst(share: float, *, days_ago: int = 10, half: float = 0.02) -> Measured:
    """Stars that rise, so much of whose gain came in one week that ended so many days ago."""
    growth = grown(0.5, half)
    last = TODAY - dt.timedelta(days=days_ago)
    amount = share * (growth.end - growth.start)
    burst = Anomaly(Oddity.BURST, "github.stars", last - dt.timedelta(days=6), last, {"amount": amount}, "came at once")
    return dataclasses.replace(measured("stars", 15_000, growth), anomalies=(burst,))


def absent(key: str) -> Measured:
    """A metric without a value."""
    nothing = dict.fromkeys((3, 6, 12), NOWHERE)
    return Measured(key, None, None, NOWHERE, nothing, NOWHERE, NOWHERE, NOWHERE, None, EMPTY_SERIES)


def state(stage: Stage, seen: Seen, coverage: float = 1.0) -> StageState:
    """A stage that rests on its leading metric alone."""
    if seen is None:
        return StageState(stage, None, None, None, 0.0, None, None, EMPTY_SERIES, (), NOWHERE)
    if isinstance(seen, str):
        small_numbers = Missing("the numbers are too small for a percentage")
        return StageState(stage, None, None, None, 0.0, Direction.NEW, None, EMPTY_SERIES, (), small_numbers)
    month, half = seen
    low, high = month - half, month + half
    where = direction(low, high)
    return StageState(stage, month, low, high, coverage, where, None, EMPTY_SERIES, (LEADING[stage],))


def money(use: float, revenue: float, years: int = 5, metric: str = "pypi_downloads") -> MoneyAndUse:
    """Growth a year of downloads and of revenue over some years."""
    end = dt.date(2026, 9, 30)
    sides = [Yearly(growth, 1.0, (1 + growth) ** years, "x.y", (), "") for growth in (use, revenue)]
    return MoneyAndUse((Beside(metric, end.replace(year=end.year - years), end, sides[0], sides[1]),), {})


def facts(state: RepositoryState) -> RepositoryFacts:
    """What is known of the repository."""
    return RepositoryFacts("R_1", "a/b", state, archived=dt.date(2026, 5, 1))


def situation(
    interest: Seen = (0.0, 0.02),
    use: Seen = (0.0, 0.02),
    activation: Seen = None,
    payment: Seen = None,
    back: Seen = None,
    *,
    thin: tuple[Stage, ...] = (),
    repository: RepositoryState = RepositoryState.ACTIVE,
    business: MoneyAndUse | Missing = NO_COMPANY,
    figures: Mapping[str, Measured] = MappingProxyType({}),
) -> Situation:
    """A situation; interest and use are steady unless told otherwise, and nothing else is seen.

    `thin` are stages of which little is seen; `figures` are further metrics by their keys.
    """
    given = dict(zip(Stage, (interest, use, activation, payment, back), strict=True))
    named = [metric.key for metric in metrics_of(Project("a/b", "a/b", "x"))]
    metrics = {key: absent(key) for key in (*named, *(key for rule in READINGS for key in rule.metrics))}
    for stage, seen in given.items():
        key = LEADING[stage]
        if isinstance(seen, tuple):
            metrics[key] = measured(key, 10_000.0 * (1 + seen[0]), grown(*seen))
        elif seen is not None:
            metrics[key] = measured(key, 7.0, small(3.0, 7.0))
    stages = {stage: state(stage, seen, 0.2 if stage in thin else 1.0) for stage, seen in given.items()}
    return Situation(facts(repository), metrics | dict(figures), stages, BY_KEY, business)


def people(new: float, returned: float, share: float, active: float | None = None) -> dict[str, Measured]:
    """Contributors of a window: new ones, those seen in the three before, and the share of those that this is."""
    found = {"new_contributors": new, "returning_contributors": returned, "returning_share": share}
    counted = {key: measured(key, value) for key, value in found.items()}
    total = new + returned if active is None else active
    return counted | {"active_contributors": measured("active_contributors", total, small(total, total))}


def organisations(fewest: float, known: float, active: float = 60.0) -> dict[str, Measured]:
    """Organisations of contributors: how many make half of it, and of how many people they are known."""
    found = {"elephant_factor": fewest, "organisation_known_share": known, "active_contributors": active}
    return {key: measured(key, value) for key, value in found.items()}
