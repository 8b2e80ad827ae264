"""What is odd in the data: found, named and dated, and kept out of growth where growth would lie.

One series is looked at by `examine`; that a source stood still cannot be told from one of its series (`standstill`).
Nothing is ever turned into 0, and nothing is said about why something came.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from groundswell import bursts, strays
from groundswell.models import EMPTY_SERIES, PER_CENT, Anomaly, Days, Kind, Oddity, Series, Signal
from groundswell.strays import BELIEVED, Strays, Visit
from groundswell.windows import FARTHEST, differences, without_outages

KEPT_OUT: Final = frozenset({Oddity.RESET, Oddity.ZERO, Oddity.FLIP, Oddity.EXCURSION, Oddity.STEP, Oddity.FROZEN})
ANOMALIES: Final = frozenset(Oddity) - {Oddity.GAP}

NOTHING_LEFT: Final = 0.05  # of what it was: a level this low has fallen to zero, whatever stray few are counted there
FLIPS: Final = 2  # times that a source must have answered for something else before it is said to do so in turn
LEAST_FALL: Final = 0.02  # of a level at once, and …
FEWEST_FALLEN: Final = 20  # … so many things, and …
FALL_BEYOND: Final = 10.0  # … times the usual change of the series: taken back by people, it would come bit by bit
ROLLING_LARGE: Final = 20  # in a window of days, which was 0 for a while and then as before
ROLLING_SURE: Final = 200  # in one that is 0 since then
TOGETHER: Final = 28  # days between two uncounted days that are told in one sentence
_LEAST_GAP: Final = 3  # times the usual distance of a series' observations

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Examined:
    """A series with what is odd in it taken apart."""

    kept: Series  # as seen, without what is kept out
    apart: Series  # what is kept out
    whole: Series  # levels of a stock, amounts of a flow (of a running total, its differences): what a chart shows
    basis: Series  # the same as far as it can be compared: not from before a step
    anomalies: tuple[Anomaly, ...]  # oldest first; gaps are among them


def examine(column: str, series: Series, signal: Signal, standing: Sequence[Anomaly] = ()) -> Examined:
    """One series, seen up to its newest day. `standing`: what `standstill.of_sources` found for its signal."""
    if not len(series):
        return Examined(series, EMPTY_SERIES, series, series, ())
    look = _Look(column, signal.unit, signal.kind)
    out = np.zeros(len(series), dtype=np.bool_)
    found: list[Anomaly] = []
    for one in standing:
        still = _stood_still(series, one)
        if still.any():
            found.append(replace(one, column=column))
            out |= still
    kept, steps = _where(series, ~out), EMPTY_SERIES.days
    astray = _astray(signal, kept)
    if astray.visits or astray.steps:
        found += look.visits(kept, astray)
        found += [look.step(kept, place) for place in astray.steps]
        steps = kept.days[np.array(astray.steps, dtype=np.intp)]
        out[~out] = astray.out
        kept = _where(kept, ~astray.out)
    whole, basis = _compared(signal.kind, kept, steps)
    if signal.kind is Kind.FLOW:
        found += look.uncounted(kept, whole)
    found += look.falls(kept, steps)
    found += look.bursts(kept, whole, steps, signal)
    found += look.gaps(series)
    found.sort(key=lambda one: (one.first, one.kind))
    return Examined(kept, _where(series, out), whole, basis, tuple(found))


def unexamined(series: Series, signal: Signal) -> Examined:
    """A series that is taken as it is told."""
    whole, basis = _compared(signal.kind, series, EMPTY_SERIES.days)
    return Examined(series, EMPTY_SERIES, whole, basis, ())


def _where(series: Series, flags: Flags) -> Series:
    return series if flags.all() else Series(series.days[flags], series.values[flags])


def _astray(signal: Signal, series: Series) -> Strays:
    if signal.kind in (Kind.STOCK, Kind.COUNTER) and signal.unit != PER_CENT:
        return strays.find(series, falls_count=signal.kind is Kind.STOCK)
    if signal.kind is Kind.ROLLING and signal.unit != PER_CENT:
        return _emptied(series, signal.days)
    return Strays(np.zeros(len(series), dtype=np.bool_), (), ())


def _emptied(series: Series, days: int) -> Strays:
    """Amounts of the last days that were 0 all at once: what was in the window yesterday is still in it today, unless
    it came on the one day that left. So a 0 is a failure when the amount is back after it; and while it is not, when it
    was so large that it cannot have come on one day.
    """
    out = np.zeros(len(series), dtype=np.bool_)
    visits = []
    zeros = series.values == 0
    if zeros.any():
        starts = np.flatnonzero(zeros[1:] & ~zeros[:-1]) + 1
        for start in starts.tolist():
            stop = len(series) if zeros[start:].all() else start + int(np.argmin(zeros[start:]))
            before, ended = series.values[start - 1], stop < len(series)
            sudden = 2 * (series.days[start] - series.days[start - 1]) <= days
            brief = series.days[stop - 1] - series.days[start] < BELIEVED
            known = before >= ROLLING_LARGE and 2 * series.values[stop] >= before if ended else before >= ROLLING_SURE
            if sudden and brief and known:
                out[start:stop] = True
                visits.append(Visit(start, stop, start - 1, stop if ended else None))
    return Strays(out, tuple(visits), ())


def _compared(kind: Kind, series: Series, steps: Days) -> tuple[Series, Series]:
    """What a chart shows of a series, and what of that can be compared."""
    if kind is Kind.FLOW:
        whole = without_outages(series)
        return whole, whole
    if kind is Kind.COUNTER and not len(steps):
        whole = differences(series)
        return whole, whole
    if kind is Kind.COUNTER:
        cuts = np.searchsorted(series.days, steps)
        parts = [
            differences(Series(days, values))
            for days, values in zip(np.split(series.days, cuts), np.split(series.values, cuts), strict=True)
        ]
        whole = _joined(parts)
        return whole, whole
    if kind is not Kind.STOCK or not len(steps):
        return series, series
    start = int(np.searchsorted(series.days, steps[-1]))
    return series, Series(series.days[start:], series.values[start:])


def _joined(parts: Iterable[Series]) -> Series:
    known = list(parts)
    return Series(np.concatenate([one.days for one in known]), np.concatenate([one.values for one in known]))


# --- One series, in words --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Look:
    """What is found in a series, said."""

    column: str
    unit: str
    kind: Kind

    def _anomaly(self, kind: Oddity, first: int, last: int, seen: Mapping[str, float], says: str) -> Anomaly:
        return Anomaly(kind, self.column, dt.date.fromordinal(first), dt.date.fromordinal(last), seen, says)

    def visits(self, series: Series, found: Strays) -> Iterator[Anomaly]:
        """Where the series was something else: alike places again and again are one flip."""
        for group in _alike(series, found.visits):
            if len(group) >= FLIPS and self.kind is not Kind.ROLLING:
                yield self._flip(series, group)
            else:
                yield from (self._visit(series, visit) for visit in group)

    def _flip(self, series: Series, group: Sequence[Visit]) -> Anomaly:
        away = np.concatenate([series.values[one.start : one.stop] for one in group])
        home = np.array([series.values[one.home] for one in group])
        first, last = int(series.days[group[0].start]), int(series.days[group[-1].stop - 1])
        seen = _ends("from", home) | _ends("to", away) | {"times": len(group), "observations": len(away)}
        says = (
            f"{_between(away)} {self.unit} instead of {_between(home)}, {len(group)} times between {_day(first)} and "
            f"{_day(last)}: the source answers for two different things in turn; {_kept_out(len(away))}"
        )
        return self._anomaly(Oddity.FLIP, first, last, seen, says)

    def _visit(self, series: Series, visit: Visit) -> Anomaly:
        home, there = float(series.values[visit.home]), series.values[visit.start : visit.stop]
        low, first, last = float(there[0]), int(series.days[visit.start]), int(series.days[visit.stop - 1])
        seen = {"from": home, "to": low, "observations": len(there)}
        verb = "fell" if low < home else "leapt"
        says = f"{verb} from {_number(home)} to {_number(low)} {self.unit} on {_day(first)}"
        if visit.back is None:
            says += "; not believed yet"
        else:
            back = float(series.values[visit.back])
            seen["back"] = back
            says += f" and stood at {_number(back)} again on {_day(int(series.days[visit.back]))}"
        kind = Oddity.ZERO if low <= NOTHING_LEFT * home else Oddity.EXCURSION
        return self._anomaly(kind, first, last, seen, f"{says}; {_kept_out(len(there))}")

    def step(self, series: Series, place: int) -> Anomaly:
        """Another level, for good."""
        before, now, day = float(series.values[place - 1]), float(series.values[place]), int(series.days[place])
        says = f"moved from {_number(before)} to {_number(now)} {self.unit} on {_day(day)}, and stayed there: growth "
        says += "leaves the step out" if self.kind is Kind.COUNTER else "begins anew on that day"
        return self._anomaly(Oddity.STEP, day, day, {"from": before, "to": now}, says)

    def uncounted(self, seen: Series, whole: Series) -> Iterator[Anomaly]:
        """Zeros in a flow that no chance makes, those close together in one."""
        days = np.setdiff1d(seen.days, whole.days, assume_unique=True)
        if not len(days):
            return
        for group in np.split(days, np.flatnonzero(np.diff(days) > TOGETHER) + 1):
            first, last = int(group[0]), int(group[-1])
            usual = float(np.median(whole.values[(whole.days >= first - TOGETHER) & (whole.days <= last + TOGETHER)]))
            when = f"on {_day(first)}" if first == last else f"on {len(group)} days from {_day(first)} to {_day(last)}"
            says = f"0 {self.unit} {when}, where {_number(usual)} a day are usual: not counted, and kept out of growth"
            yield self._anomaly(Oddity.ZERO, first, last, {"days": len(group), "usual": usual}, says)

    def falls(self, series: Series, steps: Days) -> Iterator[Anomaly]:
        """What a level lost at once for good, and where a running total began anew."""
        if self.kind not in (Kind.STOCK, Kind.COUNTER) or self.unit == PER_CENT or len(series) < 2:
            return
        lost = -np.diff(series.values)
        far = (lost >= FEWEST_FALLEN) & (lost >= LEAST_FALL * series.values[:-1])
        if not far.any():
            return
        usual = float(np.median(np.abs(lost)))
        far &= (lost >= FALL_BEYOND * usual) & ~np.isin(series.days[1:], steps)
        for place in np.flatnonzero(far).tolist():
            before, now, day = float(series.values[place]), float(series.values[place + 1]), int(series.days[place + 1])
            seen = {"from": before, "to": now, "usual": usual}
            if self.kind is Kind.COUNTER:
                says = f"the running total fell from {_number(before)} to {_number(now)} {self.unit} on {_day(day)}: "
                says += "what came that day is not known"
                yield self._anomaly(Oddity.RESET, day, day, seen, says)
            else:
                says = (
                    f"{_number(before - now)} {self.unit} less on {_day(day)}: from {_number(before)} to {_number(now)}"
                )
                yield self._anomaly(Oddity.FALL, day, day, seen, says)

    def bursts(self, kept: Series, whole: Series, steps: Days, signal: Signal) -> Iterator[Anomaly]:
        """Days and weeks that brought far more than usual."""
        days, amounts, single = _amounts(self.kind, kept, whole, steps, signal)
        for one in bursts.find(days, amounts, single):
            when = f"on one day, {_day(one.first)}" if one.first == one.last else f"in the week to {_day(one.last)}"
            seen = {"amount": one.amount, "usual": one.usual, "share": one.share}
            says = (
                f"{100 * one.share:.0f} % of a year's {self.unit} came {when}: {_number(one.amount)}, "
                f"where {_number(one.usual)} {'is' if round(one.usual) == 1 else 'are'} usual"
            )
            yield self._anomaly(Oddity.BURST, one.first, one.last, seen, says)

    def gaps(self, series: Series) -> Iterator[Anomaly]:
        """Long stretches without an observation."""
        if self.kind.by_calendar or len(series) < 2:
            return
        apart = np.diff(series.days)
        if int(apart.max()) <= FARTHEST:
            return
        for place in np.flatnonzero(apart > max(FARTHEST, _LEAST_GAP * _middle(apart))).tolist():
            first, last = int(series.days[place]) + 1, int(series.days[place + 1]) - 1
            days = last - first + 1
            says = f"not observed from {_day(first)} to {_day(last)}, {days} days"
            yield self._anomaly(Oddity.GAP, first, last, {"days": days}, says)


def _alike(series: Series, visits: Sequence[Visit]) -> list[list[Visit]]:
    """Visits by the place that they led to, in the order in which it was first seen."""
    groups: list[list[Visit]] = []
    for visit in visits:
        for group in groups:
            if strays.alike(float(series.values[group[-1].stop - 1]), float(series.values[visit.start])):
                group.append(visit)
                break
        else:
            groups.append([visit])
    return groups


def _amounts(
    kind: Kind, kept: Series, whole: Series, steps: Days, signal: Signal
) -> tuple[Days, npt.NDArray[np.float64], Flags]:
    """Amounts a day for `bursts`, and whether each is its own day's; of a level, its gains."""
    nothing = EMPTY_SERIES.days, EMPTY_SERIES.values, np.empty(0, dtype=np.bool_)
    if signal.unit == PER_CENT or not len(whole):
        return nothing
    if kind is Kind.FLOW:
        return whole.days, whole.values, np.ones(len(whole), dtype=np.bool_)
    if kind not in (Kind.STOCK, Kind.COUNTER) or len(kept) < 2:
        return nothing
    apart, gains = np.diff(kept.days), np.diff(kept.values)
    if float((gains / apart).max()) * bursts.WEEK < bursts.FEWEST:
        return nothing
    if kind is Kind.COUNTER:
        return whole.days, whole.values, _alone(whole.days, kept.days[1:][apart == 1])
    usable = apart <= FARTHEST
    if len(steps):
        usable &= ~np.isin(kept.days[1:], steps)
    lengths = apart[usable]
    before = np.repeat(kept.days[:-1][usable] - (np.cumsum(lengths) - lengths), lengths)
    days: Days = before + np.arange(1, len(before) + 1)
    return days, np.repeat(gains[usable] / lengths, lengths), np.repeat(lengths == 1, lengths)


def _alone(days: Days, known: Days) -> Flags:
    """Which of some days are among others; both ascend."""
    if not len(known):
        return np.zeros(len(days), dtype=np.bool_)
    return np.asarray(known[np.minimum(np.searchsorted(known, days), len(known) - 1)] == days)


def _middle(values: Days) -> float:
    """The median, the upper one of two: many times as fast as the exact one, which nothing here needs."""
    return float(np.partition(values, len(values) // 2)[len(values) // 2])


# --- Of a whole source -----------------------------------------------------------------------------------------------


def _stood_still(series: Series, found: Anomaly) -> Flags:
    """The observations of a series that a finding about its whole source concerns."""
    inside = (series.days >= found.first.toordinal()) & (series.days <= found.last.toordinal())
    if found.kind is Oddity.FROZEN:
        inside[1:] &= series.values[1:] == series.values[:-1]
        inside[:1] = False
        return inside
    return np.asarray(inside & (series.values == 0))


# --- Words -----------------------------------------------------------------------------------------------------------


def _day(ordinal: int) -> str:
    return dt.date.fromordinal(ordinal).isoformat()


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or float(value).is_integer() else f"{value:.1f}"


def _between(values: npt.NDArray[np.float64]) -> str:
    low, high = float(values.min()), float(values.max())
    return _number(low) if low == high else f"{_number(low)} to {_number(high)}"


def _ends(name: str, values: npt.NDArray[np.float64]) -> dict[str, float]:
    return {f"{name}_low": float(values.min()), f"{name}_high": float(values.max())}


def _kept_out(observations: int) -> str:
    return "kept out of growth" if observations == 1 else f"those {observations} observations are kept out of growth"
