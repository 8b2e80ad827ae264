"""What many projects come to, stage by stage: how many rise and fall, and the median of their growth."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from groundswell import wording
from groundswell.catalogue import STAGES
from groundswell.models import Card, Direction, Stage
from groundswell.pages import shown, table
from groundswell.pages.shown import Mark

FEWEST: Final = 3  # projects, for a median


@dataclass(frozen=True, slots=True)
class Count:
    """How many projects go one way."""

    mark: Mark
    number: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A stage over many projects."""

    label: str
    meaning: str
    counts: tuple[Count, ...]  # one for each direction, and for what is not measured
    median: str
    title: str  # of how many it is, or why there is none


def of_stages(cards: Sequence[Card]) -> tuple[Summary, ...]:
    """A summary for each stage."""
    return tuple(_of(stage, cards) for stage in Stage)


def _of(stage: Stage, cards: Sequence[Card]) -> Summary:
    states = [card.stages[stage] for card in cards]
    rates = [state.growth for state in states if state.growth is not None]
    median, title = median_of(rates)
    return Summary(
        label=STAGES[stage].label,
        meaning=table.meaning(stage),
        counts=tuple(
            Count(shown.mark(way), f"{sum(state.indicator is way for state in states):,}") for way in (*Direction, None)
        ),
        median=median,
        title=title,
    )


def median_of(rates: Sequence[float]) -> tuple[str, str]:
    """The median of growths with how many it is of; a dash and the reason when they are too few to have one."""
    if len(rates) < FEWEST:
        few = wording.several(len(rates), "project has", "projects have")
        return wording.NOTHING, f"{few} a growth; a median needs {FEWEST}"
    return wording.percent(statistics.median(rates)), f"median of {len(rates):,} projects"
