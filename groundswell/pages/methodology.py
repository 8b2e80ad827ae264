"""The methodology: made from the same tables as the figures, so that it cannot say anything else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from groundswell import dispersion, growth, metrics, pooling, windows
from groundswell.catalogue import FEWEST_ALIKE, METRICS, RATIOS, SIZES, STAGES, RatioRule, Size, StageNote, in_words
from groundswell.models import Card, Metric, Signal, Stage
from groundswell.pages.setting import Setting
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


@dataclass(frozen=True, slots=True)
class View:
    """All that the page shows."""

    numbers: Numbers
    stages: tuple[StageSection, ...]
    sources: tuple[tuple[str, tuple[SignalRow, ...]], ...]
    ratios: tuple[RatioRule, ...]
    sizes: tuple[Size, ...]
    readings: tuple[Rule, ...]


def view(_: Sequence[Card], setting: Setting) -> View:
    """What the methodology shows: the same for every tracker with the same sources."""
    return View(
        numbers=Numbers(),
        stages=tuple(
            StageSection(STAGES[stage], tuple(metric for metric in METRICS if metric.stage is stage)) for stage in Stage
        ),
        sources=_by_source(setting.signals, setting),
        ratios=RATIOS,
        sizes=SIZES[::-1],
        readings=READINGS,
    )


def _by_source(signals: Mapping[str, Signal], setting: Setting) -> tuple[tuple[str, tuple[SignalRow, ...]], ...]:
    rows: dict[str, list[SignalRow]] = defaultdict(list)
    for name, signal in signals.items():
        rows[name.partition(".")[0]].append(SignalRow(signal, name, in_words(signal)))
    return tuple((setting.label(source), tuple(found)) for source, found in rows.items())
