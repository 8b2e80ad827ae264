"""Against the market: what all of a registry, or the other tracked projects of a size, did over the same window.

Registries grow, and rest in December; neither is a project's doing. What is left of its growth when that is taken out
is `(1+g)/(1+g_market) − 1`. The total of a registry counts the project too, and days that are good or bad for all make
both rise or fall together, so the interval of the difference is wide rather than narrow.
"""

from __future__ import annotations

import bisect
import dataclasses
import datetime as dt
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from groundswell import growth
from groundswell.catalogue import DOWNLOADS, FEWEST_ALIKE, Size, size
from groundswell.history import History, column
from groundswell.models import Against, Card, Growth, Measured, Missing, Signal
from groundswell.pooling import Pooled, of_growth, quotient

SAME_TIME: Final = 7  # days by which two windows may end apart and still be taken for the same


def join(
    cards: Sequence[Card], book: History, signals: Mapping[str, Signal], labels: Mapping[str, str]
) -> tuple[Card, ...]:
    """The cards with each growth of downloads beside its registry's, and of stars beside the projects of a size.

    `book` is the history of the registries' totals. What has a value has an entry, be it the reason why there is none.
    """
    crowd = _Crowd(cards)
    return tuple(
        dataclasses.replace(card, against={**_of_downloads(card, book, signals, labels), **_of_stars(card, crowd)})
        for card in cards
    )


@dataclass(frozen=True, slots=True)
class _Market:
    """What a growth is set against."""

    label: str
    growth: float  # a month, above −1
    low: float | None
    high: float | None
    pooled: Pooled | None  # its log growth with its error; None while how sure it is is not known
    signal: str
    docs: str


def _beside(metric: str, own: Growth, market: _Market) -> Against | Missing:
    if own.month is None:
        return Missing("its numbers are too small for a percentage")
    mine = of_growth(own)
    left = None if mine is None or market.pooled is None else quotient(mine, market.pooled)
    return Against(
        metric=metric,
        market=market.label,
        growth=market.growth,
        low=market.low,
        high=market.high,
        difference=(1 + own.month) / (1 + market.growth) - 1,
        difference_low=None if left is None else left.low,
        difference_high=None if left is None else left.high,
        direction=None if left is None else left.direction,
        end_day=own.end_day,
        signal=market.signal,
        docs=market.docs,
    )


# --- All of a registry -----------------------------------------------------------------------------------------------


def _of_downloads(
    card: Card, book: History, signals: Mapping[str, Signal], labels: Mapping[str, str]
) -> Mapping[str, Against | Missing]:
    found = {key: card.metrics[key] for key in DOWNLOADS if key in card.metrics}
    return {key: _registry(one, book, signals, labels) for key, one in found.items() if one.value is not None}


def _registry(
    measured: Measured, book: History, signals: Mapping[str, Signal], labels: Mapping[str, str]
) -> Against | Missing:
    own = measured.growth
    if isinstance(own, Missing):
        return own
    if measured.growth_from is None or measured.growth_from not in signals:
        return Missing("its growth is from no signal that a registry has a total of")
    name, signal = measured.growth_from, signals[measured.growth_from]
    source = name.partition(".")[0]
    label = labels.get(source, source)
    whole = growth.growth(signal.kind, book.series(column(name, "")), own.end_day, days=signal.days)
    if isinstance(whole, Missing):
        return _no_total(name, label, book, whole)
    if whole.month is None or whole.month <= -1:
        return Missing(f"all of {label} counted next to nothing")
    market = _Market(f"all of {label}", whole.month, whole.low, whole.high, of_growth(whole), name, signal.docs)
    return _beside(measured.metric, own, market)


def _no_total(name: str, label: str, book: History, lack: Missing) -> Missing:
    """Why a registry's growth is not known: it fails, it was never seen, or too little of it was."""
    source, _, key = name.partition(".")
    failed = book.failure(source, "", key)
    if failed is not None:
        return Missing(f"the total of all of {label} is missing: {label} {failed.reason} since {failed.since}")
    if not len(book.series(column(name, ""))):
        return Missing(f"the total of all of {label} is not known")
    return Missing(f"the total of all of {label}: {lack.reason}")


# --- The projects of a size ------------------------------------------------------------------------------------------


class _Crowd:
    """The growth of all projects' stars, by size: looked through once, and not once for each project."""

    def __init__(self, cards: Iterable[Card]) -> None:
        self._rates: dict[Size, dict[dt.date, list[float]]] = {}
        self._near: dict[tuple[Size, dt.date], Sequence[float]] = {}
        for card in cards:
            stars = card.metrics.get("stars")
            if stars is not None and stars.value is not None and (rate := _rate(stars)) is not None:
                assert isinstance(stars.growth, Growth)
                self._rates.setdefault(size(stars.value), {}).setdefault(stars.growth.end_day, []).append(rate)

    def others(self, alike: Size, end: dt.date, own: float | None) -> Sequence[float]:
        """The rates a month of a size whose windows end at nearly the same time, ascending, less one project's own."""
        if (alike, end) not in self._near:
            by_end = self._rates.get(alike, {}).items()
            near = (rate for day, rates in by_end if abs((day - end).days) <= SAME_TIME for rate in rates)
            self._near[alike, end] = sorted(near)
        rates = list(self._near[alike, end])
        if own is not None:
            del rates[bisect.bisect_left(rates, own)]
        return rates


def _rate(stars: Measured) -> float | None:
    """A growth of stars a month, when it is one that others can be set against."""
    if isinstance(stars.growth, Missing) or stars.growth.month == -1:
        return None
    return stars.growth.month


def _of_stars(card: Card, crowd: _Crowd) -> Mapping[str, Against | Missing]:
    measured = card.metrics.get("stars")
    if measured is None or measured.value is None:
        return {}
    return {"stars": _alike(measured, measured.value, crowd)}


def _alike(measured: Measured, stars: float, crowd: _Crowd) -> Against | Missing:
    """The project's growth beside the median of the others of its size. The median is of those projects and stands for
    no larger crowd: it has no interval, and that of the difference is the project's own.
    """
    own = measured.growth
    if isinstance(own, Missing):
        return own
    alike = size(stars)
    rates = crowd.others(alike, own.end_day, _rate(measured))
    if len(rates) < FEWEST_ALIKE:
        few = f"only {len(rates)}" if rates else "none"
        return Missing(f"of the other projects {alike.label} {few} have a growth; {FEWEST_ALIKE} are needed")
    median = statistics.median(rates)
    market = _Market(
        label=f"the median of {len(rates)} other projects {alike.label}",
        growth=median,
        low=None,
        high=None,
        pooled=Pooled(math.log1p(median), 0.0),
        signal=measured.growth_from or "",
        docs=measured.provenance.docs if measured.provenance else "",
    )
    return _beside(measured.metric, own, market)
