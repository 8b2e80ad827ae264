"""Standing: where each project stands, stage by stage, among all tracked projects; their cards together can tell."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from groundswell.catalogue import of_stage, possible
from groundswell.models import Card, Project, Stage

FEWEST_PROJECTS: Final = 3  # for a percentile
LEAST_LEVEL: Final = 0.5  # share of a stage's possible weight that must have a value for its level to be compared


def rank(alone: Iterable[Card]) -> tuple[Card, ...]:
    """The cards with each stage's percentile among them.

    A stage's level is the weighted mean of the percentiles of its metrics' values; a project whose values carry less
    than half of the possible weight is not compared, so that what is missing cannot lift it. None below 3 projects.
    """
    found = tuple(alone)
    metrics = {
        metric.key: _percentiles([card.metrics[metric.key].value for card in found])
        for stage in Stage
        for metric in of_stage(stage)
    }
    levels = {
        stage: _percentiles([_level(stage, card.project, at, metrics) for at, card in enumerate(found)])
        for stage in Stage
    }
    return tuple(
        dataclasses.replace(
            card,
            stages={
                stage: dataclasses.replace(state, percentile=levels[stage][at]) for stage, state in card.stages.items()
            },
        )
        for at, card in enumerate(found)
    )


def _level(stage: Stage, project: Project, at: int, metrics: Mapping[str, Sequence[float | None]]) -> float | None:
    there = [(metric.weight, value) for metric in of_stage(stage) if (value := metrics[metric.key][at]) is not None]
    weight = math.fsum(weight for weight, _ in there)
    public = dataclasses.replace(project, figures=())  # an owner's own figures have nothing to be compared with
    if not there or weight < LEAST_LEVEL * possible(stage, public):
        return None
    return math.fsum(weight * value for weight, value in there) / weight


def _percentiles(values: Sequence[float | None]) -> list[float | None]:
    """For each value the share of known values below it, in per cent, equal ones counted half; None for unknown ones,
    and for all when fewer than 3 are known.
    """
    known = np.sort(np.array([value for value in values if value is not None], dtype=np.float64))
    if len(known) < FEWEST_PROJECTS:
        return [None] * len(values)
    return [
        None
        if value is None
        else float(50 * (np.searchsorted(known, value, "left") + np.searchsorted(known, value, "right")) / len(known))
        for value in values
    ]
