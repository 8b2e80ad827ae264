"""How much more than by chance alone a count varies from week to week: the φ behind every interval.

A Poisson count varies by its own size (φ = 1). Real counts vary by φ times that, and an interval that leaves this out
takes noise for growth. φ is measured around a log-linear trend, so that steady growth does not count as noise.
"""

from __future__ import annotations

import numpy as np

from groundswell.models import Values

FEWEST_AMOUNTS = 8  # below this, too little is known to say how sure a growth is
SMALLEST_EXPECTED = 0.25  # an expected amount counts as no less: one stray count must not weigh as ten
_STEEPEST = 40.0  # a trend from one end to the other by more than e^80 is cut off there
_MOST_STEPS = 100
_CLOSE = 1e-10


def dispersion(amounts: Values) -> float | None:
    """φ: Pearson's χ² of amounts around their log-linear Poisson trend, divided by its degrees of freedom; at least 1.

    `amounts` stand at equal distances in time, NaN where one is not known. None below 8 known amounts.

    Amounts may be negative (weekly gains of a level). The trend is then that of their sizes |y|, which a Poisson trend
    can follow whatever the signs, and the amounts are expected at that size times the net share Σy/Σ|y|. Without
    negative amounts this is the plain χ²; a series that only falls has the φ of its mirror image; for gains that hover
    around 0, φ is their variance over their usual size, so that a gain must stand out from the hovering to be a move.
    """
    places = np.flatnonzero(np.isfinite(amounts))
    if len(places) < FEWEST_AMOUNTS:
        return None
    known = amounts[places]
    sizes = np.abs(known)
    total = float(sizes.sum())
    if total == 0:
        return 1.0
    usual = poisson_trend(places.astype(np.float64), sizes)
    expected = usual * (float(known.sum()) / total)
    chi_square = float(((known - expected) ** 2 / np.maximum(usual, SMALLEST_EXPECTED)).sum())
    return max(1.0, chi_square / (len(known) - 2))


def poisson_trend(places: Values, amounts: Values) -> Values:
    """The expected amounts exp(a + b·place) that make the amounts likeliest, if these are Poisson counts.

    `places` must differ; `amounts` must not be negative, nor all 0. For a given b the best a is known (the totals
    agree), so one equation in b is left: the trend's centre of gravity in time is that of the amounts. The centre grows
    with b, so Newton's steps, kept between bounds that only close in, always arrive; where the best b is infinite (all
    amounts in the first or the last place) they end at the steepest trend allowed.
    """
    middle, half = (places[-1] + places[0]) / 2, (places[-1] - places[0]) / 2
    x = (places - middle) / half
    total = amounts.sum()
    centre = amounts @ x / total
    low, high, slope = -_STEEPEST, _STEEPEST, 0.0
    shares = np.full_like(x, 1 / len(x))
    for _ in range(_MOST_STEPS):
        weights = np.exp(slope * x)
        shares = weights / weights.sum()
        found = shares @ x
        short = centre - found
        if abs(short) < _CLOSE:
            break
        low, high = (slope, high) if short > 0 else (low, slope)
        spread = shares @ (x * x) - found * found
        newton = slope + short / spread if spread > _CLOSE else np.inf
        slope = float(newton) if low < newton < high else (low + high) / 2
    return np.asarray(total * shares)
