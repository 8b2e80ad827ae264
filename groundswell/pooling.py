"""Pooling of growths: weighted means of log growths, with intervals by propagation.

A growth of 5 % is taken as log(1.05): means and quotients of growths are then sums and differences, and an interval
goes through them by the usual rule for independent errors.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from groundswell.models import Direction, Growth

TWO_SIDED: Final = 1.96  # standard errors on either side of a 95 % interval
_HALF_AN_EVENT: Final = math.log(3.69 / 0.5)  # none seen leaves a mean of up to 3.69 open (−ln 0.025)
NOISE_FLOOR: Final = 0.10  # standard error of a log growth a month beyond which a figure counts less


@dataclass(frozen=True, slots=True)
class Pooled:
    """A log growth a month and its standard error."""

    log: float
    error: float

    @property
    def growth(self) -> float:
        """Relative growth a month."""
        return math.expm1(self.log)

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval of the growth."""
        return math.expm1(self.log - TWO_SIDED * self.error)

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval of the growth."""
        return math.expm1(self.log + TWO_SIDED * self.error)

    @property
    def direction(self) -> Direction:
        """Rising or falling when the whole interval lies on one side of 0, else steady."""
        if self.log > TWO_SIDED * self.error:
            return Direction.RISING
        return Direction.FALLING if self.log < -TWO_SIDED * self.error else Direction.STEADY


def of_growth(growth: Growth) -> Pooled | None:
    """The log growth a month of a growth; None while it has no percentage or no interval."""
    if growth.month is None or growth.low is None or growth.high is None:
        return None
    return of_interval(growth.month, growth.low, growth.high)


def of_interval(growth: float, low: float, high: float) -> Pooled:
    """The same from a growth and the ends of its 95 % interval.

    An interval that reaches down to −100 % has no lower end in logarithms: its upper half says how sure it is. A fall
    to nothing has no logarithm either, but must not drop out, which would lift the mean: it counts as if half an event
    had been seen, and lies below the upper end by as much as half an event is less than the most that may be missed.
    """
    up = math.log1p(high)
    if growth <= -1.0:
        return Pooled(up - _HALF_AN_EVENT, _HALF_AN_EVENT / TWO_SIDED)
    log = math.log1p(growth)
    if low <= -1.0:
        return Pooled(log, max(0.0, up - log) / TWO_SIDED)
    return Pooled(log, max(0.0, up - math.log1p(low)) / (2 * TWO_SIDED))


def weight_of(weight: float, pooled: Pooled) -> float:
    """`weight × min(1, (0.10/σ)²)`: a figure too noisy to tell counts less."""
    return weight if pooled.error <= NOISE_FLOOR else weight * (NOISE_FLOOR / pooled.error) ** 2


def pool(parts: Iterable[tuple[float, Pooled]]) -> Pooled | None:
    """The mean of log growths, each with its weight in the catalogue: `Σ w·log(1+g) / Σ w`, w by `weight_of`.

    Its error is `sqrt(Σ (w·σ)²) / Σ w`, as if the parts were independent. None when nothing has a weight.
    """
    weighted = [(weight_of(weight, part), part) for weight, part in parts]
    total = sum(weight for weight, _ in weighted)
    if total <= 0:
        return None
    log = sum(weight * part.log for weight, part in weighted) / total
    return Pooled(log, math.sqrt(sum((weight * part.error) ** 2 for weight, part in weighted)) / total)


def quotient(above: Pooled, below: Pooled) -> Pooled:
    """`(1+g_above)/(1+g_below)`: how one growth drifts against another."""
    return Pooled(above.log - below.log, math.hypot(above.error, below.error))
