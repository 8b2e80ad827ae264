"""How sure a growth is: the 95 % intervals around a gain and around a ratio, from how much the amounts vary.

docs/calibration.md says how often they hold the truth, and docs/decisions/0006-growth.md how they were found.
"""

from __future__ import annotations

import math

from groundswell.dispersion import Spread

Pair = tuple[float, float]  # of the window before, and of the last

_Z = 1.96  # standard errors to either side of a 95 % interval, where φ is known
_NONE_SEEN = 3.69  # −ln 0.025: the largest mean of a Poisson count that still leaves 2.5 % for seeing none


def of_gain(gain: float, usual: float, spread: Spread) -> tuple[float, float]:
    """The least and the greatest gain that 95 % leave open, where gains of a size `usual` are to be expected.

    The variance is φ times the usual size, not the size of this gain, which is small where a level hovers. Gains that
    come in bursts lack one more often than they have one too many, so the side to which they go reaches further: as far
    as the gain whose own variance, φ times itself, would still allow what was seen.
    """
    errors = _errors(spread, spread.share**2)
    variance = max(usual, 1.0)
    half = errors * math.sqrt(spread.phi * variance)
    burst = errors**2 * (spread.phi - 1) * spread.share**3 * abs(spread.share)
    reach = math.sqrt(burst**2 + 4 * half**2)
    return gain + min(-half, (burst - reach) / 2), gain + max(half, (burst + reach) / 2)


def of_ratio(amounts: Pair, usual: Pair, filled: Pair, spread: Spread, compared: int) -> tuple[float, float]:
    """How far below and above the log of the ratio of two amounts the interval reaches; `usual` were to be expected.

    Each counts with the mean of what it is and what the trend expects: by itself a low amount, of which there are more
    than high ones where they come in bursts, would be taken for very unsure. `filled` raises the variances for days
    that were not seen. `compared` is how many of the amounts that tell φ are in the two windows: the fewer, the more
    does a window off the trend raise φ by itself, and the less is to be added for not knowing φ. Beside so few bursts
    that one of the amounts may have missed them by chance, the interval reaches as far as that.
    """
    errors = _errors(spread, compared / spread.many)
    parts = zip(amounts, usual, filled, strict=True)
    half = errors * math.sqrt(math.fsum(spread.phi * more * 2 / (seen + expected) for seen, expected, more in parts))
    before, now = (math.log(_most_behind(amount, errors**2 * spread.phi) / amount) for amount in amounts)
    return max(half, before), max(half, now)


def most_behind_nothing(spread: Spread) -> float:
    """The largest amount to be expected that still leaves 2.5 % for seeing none."""
    return _NONE_SEEN * spread.phi


def _most_behind(amount: float, scatter: float) -> float:
    """The largest m that lies no more than sqrt(scatter·m) above an amount."""
    return amount + scatter / 2 + math.sqrt(scatter * amount + scatter**2 / 4)


def _errors(spread: Spread, weight: float) -> float:
    """Standard errors to either side: 1.96, and so far as φ is known from few amounts more, as Student's t has it."""
    return _Z if spread.phi <= 1 else _Z + weight * (_student(spread.freedom) - _Z)


def _student(freedom: float) -> float:
    """The 97.5 % point of Student's t from 5 degrees of freedom on, to 0.005 (Abramowitz and Stegun 26.7.5)."""
    z = _Z
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
