"""The methodology: made from the same tables as the figures, so that it cannot say anything else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from groundswell import dispersion, evidence, growth, metrics, pooling, situation, stages, standing, windows
from groundswell.catalogue import (
    BY_KEY,
    ENOUGH_PEOPLE,
    FEWEST_ALIKE,
    METRICS,
    RATIOS,
    SIZES,
    STAGES,
    RatioRule,
    Size,
    StageNote,
    in_words,
)
from groundswell.config_shape import Gate, GatePart
from groundswell.models import Card, Metric, Signal, Stage
from groundswell.pages import worked
from groundswell.pages.setting import Setting
from groundswell.pages.thresholds import Thresholds, thresholds
from groundswell.pages.worked import Worked
from groundswell.readings import READINGS, Rule


@dataclass(frozen=True, slots=True)
class StageSection:
    """A stage with its metrics."""

    note: StageNote
    metrics: tuple[Metric, ...]


@dataclass(frozen=True, slots=True)
class SignalRow:
    """A signal as its source documents it."""

    signal: Signal
    name: str  # "npm.downloads"
    kind: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers in the text, from where the code takes them."""

    window: int = windows.WINDOW
    mean_month: float = growth.MEAN_MONTH
    farthest: int = windows.FARTHEST
    fewest_days: int = windows.FEWEST_DAYS
    smallest_stock: int = growth.SMALLEST_STOCK
    smallest_flow: int = growth.SMALLEST_FLOW
    weeks: int = windows.WEEKS
    fewest_amounts: int = dispersion.FEWEST_AMOUNTS
    two_sided: float = pooling.TWO_SIDED
    noise_floor: float = pooling.NOISE_FLOOR
    oldest_days: int = metrics.OLDEST_DAYS
    fewest_alike: int = FEWEST_ALIKE
    fewest_projects: int = standing.FEWEST_PROJECTS
    least_level: float = 100 * standing.LEAST_LEVEL
    index_months: int = stages.INDEX_MONTHS
    enough_people: int = ENOUGH_PEOPLE
    seen_enough: float = 100 * situation.SEEN_ENOUGH


@dataclass(frozen=True, slots=True)
class View:
    """All that the page shows."""

    numbers: Numbers
    stages: tuple[StageSection, ...]
    sources: tuple[tuple[str, tuple[SignalRow, ...]], ...]
    ratios: tuple[RatioRule, ...]
    sizes: tuple[Size, ...]
    readings: tuple[Rule, ...]
    reached: tuple[tuple[str, str], ...]  # stage, and the levels from which it is reached
    evidence: tuple[tuple[str, str], ...]
    gate: tuple[tuple[str, str], ...]
    example: Worked | None
    thresholds: tuple[Thresholds, ...]


def view(cards: Sequence[Card], setting: Setting) -> View:
    """What the methodology shows: the same for every tracker with the same sources, but for the example."""
    return View(
        numbers=Numbers(),
        stages=tuple(
            StageSection(STAGES[stage], tuple(metric for metric in METRICS if metric.stage is stage)) for stage in Stage
        ),
        sources=_by_source(setting.signals, setting),
        ratios=RATIOS,
        sizes=SIZES[::-1],
        readings=READINGS,
        reached=tuple((STAGES[stage].label, _levels(setting.thresholds.get(stage, {}))) for stage in Stage),
        evidence=tuple((how.value, meaning) for how, meaning in evidence.MEANINGS.items()),
        gate=_gate(setting.gate),
        example=worked.example(cards, setting),
        thresholds=thresholds(),
    )


def _levels(least: Mapping[str, float]) -> str:
    """Any one of them is enough."""
    named = (f"{value:,g} {BY_KEY[key].noun}" for key, value in least.items() if key in BY_KEY)
    return " or ".join(named) or "it cannot be reached"


def _gate(gate: Gate) -> tuple[tuple[str, str], ...]:
    """What a run must not go beyond, each with its limit as projects.yaml has it."""
    described = GatePart.model_fields
    return tuple(
        (described[name].description or name, f"{getattr(gate, name):,g}") for name in described if hasattr(gate, name)
    )


def _by_source(signals: Mapping[str, Signal], setting: Setting) -> tuple[tuple[str, tuple[SignalRow, ...]], ...]:
    rows: dict[str, list[SignalRow]] = defaultdict(list)
    for name, signal in signals.items():
        rows[name.partition(".")[0]].append(SignalRow(signal, name, in_words(signal)))
    return tuple((setting.label(source), tuple(found)) for source, found in rows.items())
