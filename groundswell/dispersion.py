"""How much more than by chance alone a count varies from week to week: the φ behind every interval.

A Poisson count varies by its own size (φ = 1). Real counts vary by φ times that, and an interval that leaves this out
takes noise for growth. φ is measured around a log-linear trend, so that steady growth does not count as noise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from groundswell.models import Values

FEWEST_AMOUNTS = 8  # below this, too little is known to say how sure a growth is
SMALLEST_EXPECTED = 0.25  # an expected amount counts as no less: one stray count must not weigh as ten
_STEEPEST = 40.0  # a trend from one end to the other by more than e^80 is cut off there
_MOST_STEPS = 100  # towards the trend
_CLOSE = 1e-10  # to the trend that is sought: nearer than any digit shown
_LARGEST_LOG = 300.0  # a trend that is drawn out beyond its amounts stays a number
_NOTHING = -_LARGEST_LOG  # log of the usual size where nothing ever came


@dataclass(frozen=True, slots=True)
class Amounts:
    """What came in stretches of time, oldest first: only the known ones. Time is counted in stretches of usual length
    (weeks, windows, periods) up to the last day: the last stretch, if it is one long, has its middle at −0.5.
    """

    values: Values
    middles: Values
    lengths: Values

    def __len__(self) -> int:
        return len(self.values)


def even(values: Values) -> Amounts:
    """Amounts of stretches of equal length, the last of which ends on the last day; NaN where one is not known."""
    places = np.flatnonzero(np.isfinite(values))
    return Amounts(values[places], (places - len(values) + 0.5).astype(np.float64), np.ones(len(places)))


@dataclass(frozen=True, slots=True)
class Spread:
    """How much amounts vary, around what."""

    phi: float  # at least 1
    freedom: float  # degrees of freedom that φ is known by
    share: float  # what the amounts come to, of what their sizes come to: 1 without losses, 0 when they hover
    many: int  # how many amounts
    _level: float  # log of the usual size at the time 0
    _slope: float

    def usual(self, *middles: float) -> float:
        """The sizes that the trend expects of stretches of length 1 with these middles, added up."""
        return math.fsum(math.exp(min(self._level + self._slope * middle, _LARGEST_LOG)) for middle in middles)


def dispersion(amounts: Values) -> float | None:
    """φ of amounts at equal distances in time, NaN where one is not known."""
    found = spread(even(amounts))
    return None if found is None else found.phi


def spread(amounts: Amounts) -> Spread | None:
    """φ: Pearson's χ² of amounts around their log-linear Poisson trend, divided by its degrees of freedom; at least 1.

    None below 8 known amounts.

    Amounts may be negative (weekly gains of a level). The trend is then that of their sizes |y|, which a Poisson trend
    can follow whatever the signs, and the amounts are expected at that size times the net share s = Σy/Σ|y|. Without
    negative amounts this is the plain χ²; a series that only falls has the φ of its mirror image; for gains that hover
    around 0, φ is their variance over their usual size, so that a gain must stand out from the hovering to be a move.

    Of n amounts a level and a slope leave n − 2 degrees of freedom. Where amounts hover, the slope of their sizes takes
    nothing from their own scatter: n − 1 − s² in general.
    """
    many = len(amounts)
    if many < FEWEST_AMOUNTS:
        return None
    sizes = np.abs(amounts.values)
    total = float(sizes.sum())
    if total == 0:
        return Spread(1.0, many - 2.0, 0.0, many, _NOTHING, 0.0)
    level, slope = _trend(amounts.middles, sizes, amounts.lengths)
    usual = amounts.lengths * np.exp(level + slope * amounts.middles)
    share = float(amounts.values.sum()) / total
    chi_square = float(((amounts.values - usual * share) ** 2 / np.maximum(usual, SMALLEST_EXPECTED)).sum())
    freedom = many - 1 - share**2
    return Spread(max(1.0, chi_square / freedom), freedom, share, many, level, slope)


def poisson_trend(places: Values, amounts: Values) -> Values:
    """The expected amounts exp(a + b·place) that make the amounts likeliest, if these are Poisson counts.

    `places` must differ; `amounts` must not be negative, nor all 0.
    """
    level, slope = _trend(places, amounts, np.ones(len(places)))
    return np.asarray(np.exp(level + slope * places))


def _trend(places: Values, amounts: Values, lengths: Values) -> tuple[float, float]:
    """a and b of the likeliest trend length·exp(a + b·place).

    For a given b the best a is known (the totals agree), so one equation in b is left: the trend's centre of gravity in
    time is that of the amounts. The centre grows with b, so Newton's steps, kept between bounds that only close in,
    always arrive; where the best b is infinite (all amounts in the first or the last place) they end at the steepest
    trend allowed.
    """
    middle, half = (places[-1] + places[0]) / 2, (places[-1] - places[0]) / 2
    x = (places - middle) / half
    total = amounts.sum()
    centre = amounts @ x / total
    low, high, slope = -_STEEPEST, _STEEPEST, 0.0
    whole = lengths.sum()
    for _ in range(_MOST_STEPS):
        weights = lengths * np.exp(slope * x)
        whole = weights.sum()
        found = weights @ x / whole
        short = centre - found
        if abs(short) < _CLOSE:
            break
        low, high = (slope, high) if short > 0 else (low, slope)
        spread = weights @ (x * x) / whole - found * found
        newton = slope + short / spread if spread > _CLOSE else np.inf
        slope = float(newton) if low < newton < high else (low + high) / 2
    return float(np.log(total / whole) - slope * middle / half), float(slope / half)
