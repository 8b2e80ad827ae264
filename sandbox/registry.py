"""Whole registries: the downloads of all their packages together, which grow whatever any one project does, and rest
when the people who start the build machines do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from sandbox.model import MACHINES, Counts, Course, Floats, generator, seasonal

FIRST: Final = dt.date(2015, 1, 10).toordinal()
NOISE: Final = 0.015  # of a day around its mean: so many packages together are steady
DEPTH: Final = 0.38  # share that is missing at Christmas
SLOPE: Final = 9.0  # days on either side within which it comes and goes


@dataclass(frozen=True, slots=True)
class Whole:
    """The downloads of a whole registry by day."""

    first: int
    counts: Counts

    def on(self, day: int) -> int:
        """The downloads of a day."""
        return int(self.counts[day - self.first])


REGISTRIES: Final[Mapping[str, Course]] = {
    "npm": Course(11.5e9, growth=0.021, earlier=0.016, turn=-300),
    "pypi": Course(2.9e9, growth=0.034, earlier=0.024, turn=-300),
}


@lru_cache
def whole(registry: str, last: int, seed: int) -> Whole:
    """The downloads of a registry up to a day; the same seed gives the same figures, whatever that day is."""
    days = np.arange(FIRST, last + 1)
    spread = generator(seed, registry, "whole").gamma(1 / NOISE**2, NOISE**2, len(days))
    means = seasonal(REGISTRIES[registry].means(days) * _rests(days), FIRST, MACHINES)
    return Whole(FIRST, np.round(means * spread).astype(np.int64))


def _rests(days: Counts) -> Floats:
    """What is left of each day in the weeks around Christmas."""
    dates = [dt.date.fromordinal(day) for day in days.tolist()]
    middles = np.array([dt.date(one.year - (one.month < 7), 12, 27).toordinal() for one in dates])
    return np.asarray(1 - DEPTH * np.exp(-0.5 * ((days - middles) / SLOPE) ** 2))
