"""Series whose true growth is known: counts drawn around a rate that is chosen."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from groundswell.growth import MEAN_MONTH
from groundswell.models import Kind, Series, Values

END: Final = dt.date(2026, 11, 22)
SEASON: Final = np.array([1.2, 1.25, 1.2, 1.15, 1.1, 0.6, 0.5])  # of a week, from Monday on; its mean is 1
WINDOW: Final = 28
_STEPS: Final = (-1, 0, 1)  # days by which observations that are not quite regular come early or late

Table = npt.NDArray[np.float64]  # a row a series, a column a day


@dataclass(frozen=True, slots=True)
class Scene:
    """How a series comes about, and what is seen of it."""

    kind: Kind
    a_month: float  # amount (gains and losses, for a stock) in 28 days, in the middle of the last two windows
    phi: int  # variance of a day's amount over its mean: 1 is a Poisson count
    growth: float = 0.0  # of the rate, a month
    net: float = 1.0  # of the gains and losses of a stock: 1 are gains alone, 0 as many losses, −1 losses alone
    base: float = 0.0  # level of a stock 28 days before the end; 0 is ten months' gains
    weeks: int = 26  # of history (windows, for a rolling amount)
    drift: float = 0.0  # standard deviation of the step that the log of the rate takes each week
    unseen: float = 0.0  # share of the days that are not seen
    every: int = 1  # days between two observations
    jitter: bool = False  # whether these come up to a day early or late

    @property
    def name(self) -> str:
        """Seeds its chance: what is drawn for a scene does not depend on what else is drawn."""
        return repr(self)


@dataclass(frozen=True, slots=True)
class Case:
    """One series, its growth a month as its rates have it, and its amounts by the week or window, all of them."""

    series: Series
    truth: float
    amounts: Values


def cases(scene: Scene, runs: int) -> Iterator[Case]:
    """As many series of a scene as asked for, always the same ones."""
    rng = np.random.default_rng(zlib.crc32(scene.name.encode()))
    days = 7 * scene.weeks if scene.kind is not Kind.ROLLING else WINDOW * scene.weeks
    rates = _rates(scene, days, runs, rng)
    gains = _drawn(rates * (1 + scene.net) / 2, scene.phi, rng) - _drawn(rates * (1 - scene.net) / 2, scene.phi, rng)
    made = {Kind.STOCK: _stock, Kind.ROLLING: _rolling}.get(scene.kind, _amounts)
    for rate, gain in zip(rates, gains, strict=True):
        series, truth = made(scene, rate, gain)
        span = WINDOW if scene.kind is Kind.ROLLING else 7
        yield Case(_seen(scene, series, rng), truth, gain.reshape(-1, span).sum(axis=1)[-26:])


def _rates(scene: Scene, days: int, runs: int, rng: np.random.Generator) -> Table:
    day = np.arange(1 - days, 1)
    mean = scene.a_month / WINDOW * (1 + scene.growth) ** ((day + WINDOW / 2) / MEAN_MONTH)
    rates = np.tile(mean * SEASON[(END.toordinal() - 1 + day) % 7], (runs, 1))
    if scene.drift:
        steps = np.cumsum(rng.normal(0.0, scene.drift, (runs, days // 7)), axis=1)
        rates *= np.exp(np.repeat(steps - steps[:, -4:-3], 7, axis=1))
    return np.asarray(rates)


def _drawn(rates: Table, phi: int, rng: np.random.Generator) -> Table:
    """Poisson counts, or negative binomial ones whose variance is φ times their mean."""
    if not rates.any():
        return np.zeros_like(rates)
    counts = rng.poisson(rates) if phi == 1 else rng.negative_binomial(rates / (phi - 1), 1 / phi)
    return np.asarray(counts, dtype=np.float64)


def _a_month(ratio: float) -> float:
    return float(ratio ** (MEAN_MONTH / WINDOW) - 1)


def _amounts(scene: Scene, rate: Values, gain: Values) -> tuple[Series, float]:
    truth = _a_month(rate[-WINDOW:].sum() / rate[-2 * WINDOW : -WINDOW].sum())
    if scene.kind is Kind.COUNTER:
        return _daily(np.concatenate([[1000.0], 1000 + np.cumsum(gain)])), truth
    return _daily(gain), truth


def _rolling(scene: Scene, rate: Values, gain: Values) -> tuple[Series, float]:
    totals = np.concatenate([[0.0], np.cumsum(gain)])
    rolled = totals[WINDOW:] - totals[:-WINDOW]
    return _daily(rolled), _amounts(scene, rate, gain)[1]


def _stock(scene: Scene, rate: Values, gain: Values) -> tuple[Series, float]:
    """A level that is `base` 28 days before the end, whatever came before."""
    base = scene.base or 10 * scene.a_month
    levels = np.concatenate([[0.0], np.cumsum(gain)])
    truth = _a_month(max(0.0, 1 + scene.net * rate[-WINDOW:].sum() / base))
    return _daily(levels - levels[-1 - WINDOW] + base), truth


def _daily(values: Values) -> Series:
    last = END.toordinal()
    return Series(np.arange(last - len(values) + 1, last + 1, dtype=np.int64), values)


def _seen(scene: Scene, series: Series, rng: np.random.Generator) -> Series:
    """What is left of a series when some of its days are not looked at; the last one always is."""
    seen = rng.random(len(series)) >= scene.unseen if scene.unseen else np.ones(len(series), dtype=np.bool_)
    if scene.every > 1:
        looks = np.zeros(len(series), dtype=np.bool_)
        place = len(series) - 1
        while place >= 0:
            looks[place] = True
            place -= scene.every + (int(rng.choice(_STEPS)) if scene.jitter else 0)
        seen &= looks
    seen[-1] = True
    return series if seen.all() else Series(series.days[seen], series.values[seen])
