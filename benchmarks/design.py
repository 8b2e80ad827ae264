"""The intervals as the design first gave them, to say what has become of them since (docs/decisions/0006-growth.md)."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from groundswell.dispersion import SMALLEST_EXPECTED, poisson_trend
from groundswell.growth import MEAN_MONTH
from groundswell.models import Growth, Kind, Values

_Z: Final = 1.96
_NONE_SEEN: Final = 3.69


def interval(kind: Kind, found: Growth, amounts: Values) -> tuple[float, float]:
    """`log(F1/F0) ± 1.96·sqrt(φ/F1 + φ/F0)`, of a stock `g ± 1.96·sqrt(φ·max(|n|, 1))/S0`, both scaled to a month."""
    phi, start, end = _phi(amounts), found.start, found.end
    if kind is Kind.STOCK:
        half = _Z * math.sqrt(phi * max(abs(end - start), 1.0)) / start
        return _month(end / start - half), _month(end / start + half)
    if end == 0:
        return -1.0, _month(_NONE_SEEN * phi / start)
    half = _Z * math.sqrt(phi / end + phi / start)
    return _month(end / start * math.exp(-half)), _month(end / start * math.exp(half))


def _phi(amounts: Values) -> float:
    sizes = np.abs(amounts)
    if not sizes.any():
        return 1.0
    usual = poisson_trend(np.arange(len(amounts), dtype=np.float64), sizes)
    expected = usual * (amounts.sum() / sizes.sum())
    chi_square = ((amounts - expected) ** 2 / np.maximum(usual, SMALLEST_EXPECTED)).sum()
    return max(1.0, float(chi_square) / (len(amounts) - 2))


def _month(ratio: float) -> float:
    return float(max(ratio, 0.0) ** (MEAN_MONTH / 28) - 1)
