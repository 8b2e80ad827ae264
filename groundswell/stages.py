"""Stages: from a project's metrics to its five stages, the movement between them, the reading, and its card."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from groundswell.catalogue import (
    COUNTED_IN_PEOPLE,
    RATIOS,
    STAGES,
    RatioRule,
    is_named,
    metrics_of,
    of_stage,
    other_metrics,
    possible,
)
from groundswell.channels import Channel, Scope, channels
from groundswell.config import Config
from groundswell.figures import own_signals
from groundswell.growth import MEAN_MONTH, SMALLEST_FLOW, SMALLEST_STOCK, WINDOW
from groundswell.history import History
from groundswell.metrics import OLDEST_DAYS, measure_one, months
from groundswell.models import (
    EMPTY_SERIES,
    Anomaly,
    Card,
    Direction,
    Failure,
    Growth,
    Kind,
    Measured,
    Metric,
    Missing,
    Movement,
    Project,
    Ratio,
    RepositoryFacts,
    RepositoryState,
    Series,
    Signal,
    Stage,
    StageState,
)
from groundswell.money import money_and_use
from groundswell.months import month_before, period_days
from groundswell.pooling import Pooled, of_growth, pool, quotient
from groundswell.readings import READINGS, also, read
from groundswell.situation import Situation, of_state
from groundswell.standing import rank
from groundswell.standstill import of_sources

__all__ = ["READINGS", "Thresholds", "assess", "cards", "rank"]

Thresholds = Mapping[Stage, Mapping[str, float]]  # stage → metric key → value from which the stage counts as reached

INDEX_START: Final = 100.0  # where the index of a stage begins
INDEX_MONTHS: Final = 12  # closed months that it is chained over


def cards(
    tracked: Config,
    histories: Mapping[str, History],
    signals: Mapping[str, Signal],
    labels: Mapping[str, str],
    today: dt.date,
) -> tuple[Card, ...]:
    """The card of every tracked project, in the order of the file; without a history all its metrics are missing."""
    standing = of_sources([histories[one.id].columns for one in tracked.projects if one.id in histories], signals)
    return rank(
        assess(
            project,
            histories.get(project.id) or History(project.id),
            signals,
            labels,
            tracked.thresholds,
            today,
            tracked.gate.oldest_days,
            standing,
        )
        for project in tracked.projects
    )


def assess(
    project: Project,
    history: History,
    signals: Mapping[str, Signal],
    labels: Mapping[str, str],
    thresholds: Thresholds,
    today: dt.date,
    oldest_days: int = OLDEST_DAYS,
    standing: Mapping[str, tuple[Anomaly, ...]] | None = None,
) -> Card:
    """All that can be said of a project by itself; percentiles are added by `rank`.

    `standing` says when sources stood still, which only all projects together can tell.
    """
    signals = {**signals, **own_signals(project)}
    scope = Scope(project, history, signals, labels, today, oldest_days, standing or {})
    found = {metric: channels(metric, scope) for metric in metrics_of(project)}
    metrics = {metric.key: measure_one(metric, of_it, scope) for metric, of_it in found.items()}
    others = other_metrics(project, signals, labels)
    logs = {metric: months(of_it) for metric, of_it in found.items() if metric.weight}
    stages = {stage: _stage(stage, project, metrics, logs) for stage in Stage}
    movements = tuple(_movement(start, end, metrics, stages, signals) for start, end in _neighbours())
    money = money_and_use(found, scope)
    known = {metric.key: metric for metric in found}
    situation = Situation(history.facts, metrics, stages, known, money)
    return Card(
        project=project,
        as_of=today,
        facts=history.facts,
        metrics=metrics,
        stages=stages,
        movements=movements,
        reading=read(situation),
        also=also(situation),
        furthest=_furthest(project, metrics, thresholds),
        failures=_failures(project, history),
        notes=_notes(project, history.facts),
        money=money,
        others=tuple((metric, measure_one(metric, channels(metric, scope), scope)) for metric in others),
        anomalies=_odd(found.values()),
        corrections=history.corrections,
    )


# --- One stage -------------------------------------------------------------------------------------------------------


def _stage(
    stage: Stage, project: Project, metrics: Mapping[str, Measured], logs: Mapping[Metric, Mapping[int, float]]
) -> StageState:
    counting = of_stage(stage, project)
    parts = {metric: part for metric in counting if (part := _part(metrics[metric.key])) is not None}
    pooled = pool((metric.weight, part) for metric, part in parts.items())
    whole = possible(stage, project)
    missing = None if pooled is not None else _why_missing(stage, project, metrics)
    return StageState(
        stage=stage,
        growth=None if pooled is None else pooled.growth,
        low=None if pooled is None else pooled.low,
        high=None if pooled is None else pooled.high,
        coverage=sum(metric.weight for metric in parts) / whole if whole else 0.0,
        indicator=_indicator(pooled, counting, metrics),
        percentile=None,
        index=_index({metric: log for metric, log in logs.items() if metric.stage is stage}),
        parts=tuple(metric.key for metric in parts),
        missing=missing,
    )


def _part(measured: Measured) -> Pooled | None:
    return of_growth(measured.growth) if isinstance(measured.growth, Growth) else None


def _is_new(measured: Measured) -> bool:
    return isinstance(measured.growth, Growth) and measured.growth.direction is Direction.NEW


def _indicator(pooled: Pooled | None, counting: Sequence[Metric], metrics: Mapping[str, Measured]) -> Direction | None:
    if pooled is not None:
        return pooled.direction
    return Direction.NEW if any(_is_new(metrics[metric.key]) for metric in counting) else None


def _why_missing(stage: Stage, project: Project, metrics: Mapping[str, Measured]) -> Missing:
    """Why a stage has no growth: nothing is collected for it, its numbers are too small, or what its metrics lack."""
    counting = of_stage(stage, project)
    if not any(is_named(metric, project) or metrics[metric.key].missing is None for metric in counting):
        return Missing(STAGES[stage].unmeasured)
    if any(_is_new(metrics[metric.key]) for metric in counting):
        return Missing("the numbers are too small for a percentage")
    weightiest = sorted(counting, key=lambda metric: -metric.weight)
    seen = [metric for metric in weightiest if metrics[metric.key].missing is None]
    named = [metric for metric in weightiest if is_named(metric, project)]
    metric = (*seen, *named)[0]
    return Missing(f"{metric.noun}: {_lack(metrics[metric.key])}")


def _lack(measured: Measured) -> str:
    if isinstance(measured.growth, Missing):
        return measured.growth.reason
    return measured.growth.unsure.reason if measured.growth.unsure else "how sure its growth is cannot be said"


def _index(logs: Mapping[Metric, Mapping[int, float]]) -> Series:
    """100 twelve months ago, then chained: each closed month's growth is the weighted mean of the metrics' log growths
    that exist. It begins later when fewer months in a row, up to the newest, have any.
    """
    days = sorted(set().union(*(log.keys() for log in logs.values())))
    chain: list[tuple[int, float]] = []
    for day in reversed(days[-INDEX_MONTHS:]):
        if chain and day != month_before(dt.date.fromordinal(chain[-1][0])).toordinal():
            break
        there = [(metric.weight, log[day]) for metric, log in logs.items() if day in log]
        chain.append((day, sum(weight * log for weight, log in there) / sum(weight for weight, _ in there)))
    if not chain:
        return EMPTY_SERIES
    steps = list(reversed(chain))
    start = month_before(dt.date.fromordinal(steps[0][0])).toordinal()
    levels = INDEX_START * np.exp(np.cumsum([0.0, *(log for _, log in steps)]))
    return Series(np.array([start, *(day for day, _ in steps)], dtype=np.int64), levels)


# --- From a stage to the next ----------------------------------------------------------------------------------------


def _neighbours() -> Iterable[tuple[Stage, Stage]]:
    return itertools.pairwise(Stage)


def _movement(
    start: Stage,
    end: Stage,
    metrics: Mapping[str, Measured],
    stages: Mapping[Stage, StageState],
    signals: Mapping[str, Signal],
) -> Movement:
    rules = [rule for rule in RATIOS if (rule.start, rule.end) == (start, end)]
    ratios = tuple(ratio for rule in rules if (ratio := _ratio(rule, metrics, signals)) is not None)
    this, following = of_state(stages[start]), of_state(stages[end])
    if this is None or following is None:
        unseen = start if this is None else end
        reason = stages[unseen].missing
        why = f"{STAGES[unseen].label} has no growth"
        return Movement(start, end, ratios, None, None, None, Missing(f"{why} ({reason.reason})" if reason else why))
    drift = quotient(following, this)
    return Movement(start, end, ratios, drift.growth, drift.low, drift.high)


def _ratio(rule: RatioRule, metrics: Mapping[str, Measured], signals: Mapping[str, Signal]) -> Ratio | None:
    """None when a part of it is missing, when its base is too small to divide by, and when it would mix registries."""
    base = metrics[rule.base]
    parts = [metrics[key] for key in rule.of]
    if base.value is None or base.value < _least(rule, base) or any(part.value is None for part in parts):
        return None
    if rule.registry and not all(_is_of(rule.registry, part) for part in parts):
        return None
    amount = math.fsum(_a_month(part, signals) for part in parts)
    bound = " (at least)" if any(part.at_least for part in parts) else " (at most)" if base.at_least else ""
    return Ratio(rule.key, rule.label + bound, rule.scale * amount / _a_month(base, signals))


def _least(rule: RatioRule, base: Measured) -> float:
    """The least base to divide by: what its kind needs for a percentage, or what the rule says."""
    if rule.smallest is not None:
        return rule.smallest
    assert base.provenance is not None
    return SMALLEST_STOCK if base.provenance.kind is Kind.STOCK else SMALLEST_FLOW


def _is_of(registry: str, measured: Measured) -> bool:
    """Whether all that was added up is of one registry: "pypi/polars" and "pypi.org/polars" are both of "pypi"."""
    targets = measured.provenance.targets if measured.provenance else ()
    return all(target.partition("/")[0].removesuffix(".org") == registry for target in targets)


def _a_month(measured: Measured, signals: Mapping[str, Signal]) -> float:
    """An amount scaled to a mean month of 30.4375 days; levels and numbers of people as they are."""
    assert measured.value is not None
    assert measured.provenance is not None
    assert measured.observed is not None
    kind = measured.provenance.kind
    if kind in (Kind.STOCK, Kind.CLOSING) or measured.metric in COUNTED_IN_PEOPLE:
        return measured.value
    signal = signals[measured.provenance.signal]
    days = {Kind.ROLLING: signal.days, Kind.PERIOD: period_days(measured.observed, signal.months)}
    return measured.value * MEAN_MONTH / days.get(kind, WINDOW)


def _furthest(project: Project, metrics: Mapping[str, Measured], thresholds: Thresholds) -> Stage | None:
    """The last stage that any one of its metrics takes past its threshold. A stage without a threshold cannot be
    passed; one in between that is not passed holds nothing back, for what is not measured may well be there.
    """
    measured = {
        stage: [metrics[metric.key] for metric in metrics_of(project) if metric.stage is stage] for stage in Stage
    }
    reached = [stage for stage in Stage if _passes(measured[stage], thresholds.get(stage, {}))]
    return reached[-1] if reached else None


def _passes(measured: Iterable[Measured], thresholds: Mapping[str, float]) -> bool:
    values = ((one.value, thresholds.get(one.metric)) for one in measured)
    return any(value is not None and least is not None and value >= least for value, least in values)


# --- Beside the numbers ----------------------------------------------------------------------------------------------


def _failures(project: Project, history: History) -> tuple[Failure, ...]:
    """What gives no answer at present, of what the project names today."""
    state = None if history.facts is None else history.facts.state
    found = []
    for name, failed in sorted(history.failures.items()):
        source, _, target = name.partition("#")[0].partition(":")
        if target in project.targets.get(source, ()):
            reason = f"{failed.reason} since {failed.since}"
            known = state if source == "github" else None
            found.append(Failure(source, project.id, target, reason, failed.signals, failed.deferred, known))
    return tuple(found)


def _odd(found: Iterable[Sequence[Channel]]) -> tuple[Anomaly, ...]:
    """What is odd in any series of a project, each once: some metrics are made from the same series."""
    parts = {part.column: part for of_metric in found for channel in of_metric for part in channel.parts}
    anomalies = [one for part in parts.values() for one in part.anomalies]
    return tuple(sorted(anomalies, key=lambda one: (one.first, one.last, one.kind, one.column)))


def _notes(project: Project, facts: RepositoryFacts | None) -> tuple[str, ...]:
    if facts is None:
        return ()
    notes = []
    if facts.name.lower() != project.id.lower():
        notes.append(f"is called {facts.name} on GitHub now; projects.yaml still says {project.id}")
    state = _STATES.get(facts.state)
    if state is not None:
        notes.append(f"{state} since {facts.archived}" if facts.archived and _is_archived(facts) else state)
    return tuple(notes)


def _is_archived(facts: RepositoryFacts) -> bool:
    return facts.state is RepositoryState.ARCHIVED


_STATES: Final[Mapping[RepositoryState, str]] = {
    RepositoryState.ARCHIVED: "is archived on GitHub",
    RepositoryState.EMPTY: "is an empty repository",
    RepositoryState.DISABLED: "is disabled on GitHub",
    RepositoryState.GONE: "is not on GitHub any more, or not public",
    RepositoryState.PRIVATE: "is a private repository: nothing of it is kept or shown",
}
