"""Sources that stood still: many series of one signal unchanged at once, or 0 at once.

It cannot be told from one series, which may rest; it takes all projects. What such a day says is yesterday's answer
handed out again, or no answer at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from groundswell.models import Anomaly, Days, Oddity, Series, Signal

USUALLY: Final = 0.2  # share of its days on which a series may stand still (or be 0) that still "usually moves"
FEWEST_STEPS: Final = 8  # changes of a series from which it is known whether it usually moves
FEWEST_SERIES: Final = 5  # that usually move; of fewer, nothing is said about their source
NEARLY_ALL: Final = 0.8  # of those series must have stood still at once

Flags = npt.NDArray[np.bool_]


def of_sources(
    books: Iterable[Mapping[str, Series]], signals: Mapping[str, Signal]
) -> Mapping[str, tuple[Anomaly, ...]]:
    """Signal → the days on which many of its series stood still at once, or were 0 at once.

    `books` are the columns of each project. Looked at are series that usually move (at most one in five of their
    observations is what the one before was; for zeros likewise): a list of contributors stands still in most weeks, and
    says nothing when it does.
    """
    counts: dict[str, _Together] = {}
    for columns in books:
        for column, series in columns.items():
            name = column.partition(":")[0]
            signal = signals.get(name)
            if signal is not None and not signal.kind.by_calendar and len(series) > FEWEST_STEPS:
                counts.setdefault(name, _Together()).add(series)
    found = {name: tuple(together.anomalies(name)) for name, together in sorted(counts.items())}
    return {name: anomalies for name, anomalies in found.items() if anomalies}


class _Together:
    """How many series of a signal were seen on each day, and how many of them stood still or were 0."""

    def __init__(self) -> None:
        self._steps: list[tuple[Days, Flags]] = []
        self._zeros: list[tuple[Days, Flags]] = []

    def add(self, series: Series) -> None:
        """Count a series in, where it usually moves: from day to day as from week to week, or it is not looked at."""
        apart = np.diff(series.days)
        usual = 2 * apart >= np.median(apart)
        still = (series.values[1:] == series.values[:-1])[usual]
        if still.mean() <= USUALLY:
            self._steps.append((series.days[1:][usual], still))
        zero = (series.values == 0) & np.logical_or.accumulate(series.values != 0)  # before it began, 0 is right
        if zero.mean() <= USUALLY:
            self._zeros.append((series.days, zero))

    def anomalies(self, name: str) -> Iterator[Anomaly]:
        """The days on which nearly all did the same, those in a row in one."""
        for run in _runs(self._steps):
            says = f"the source stood still {run.when}, for {run.share} that usually move; kept out of growth"
            yield Anomaly(Oddity.FROZEN, name, run.first, run.last, run.seen, says)
        for run in _runs(self._zeros):
            says = f"the source was not read or not counted {run.when}: 0 for {run.share} that usually are not; "
            yield Anomaly(Oddity.ZERO, name, run.first, run.last, run.seen, f"{says}kept out of growth")


@dataclass(frozen=True, slots=True)
class _Run:
    """Days in a row on which nearly all series did the same."""

    first: dt.date
    last: dt.date
    seen: Mapping[str, float]

    @property
    def when(self) -> str:
        return f"on {self.first}" if self.first == self.last else f"from {self.first} to {self.last}"

    @property
    def share(self) -> str:
        return f"{100 * self.seen['share']:.0f} % of its {self.seen['series']:.0f} series"


def _runs(series: Sequence[tuple[Days, Flags]]) -> Iterator[_Run]:
    if len(series) < FEWEST_SERIES:
        return
    low = min(int(days[0]) for days, _ in series)
    length = max(int(days[-1]) for days, _ in series) - low + 1
    seen, flagged = np.zeros(length, dtype=np.int64), np.zeros(length, dtype=np.int64)
    for days, flags in series:
        seen[days - low] += 1
        flagged[days - low] += flags
    looked = np.flatnonzero(seen >= FEWEST_SERIES)
    together = flagged[looked] >= NEARLY_ALL * seen[looked]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], together.astype(np.int64), [0]])))
    for start, stop in edges.reshape(-1, 2).tolist():
        days = looked[start:stop]
        share = float(flagged[days].sum() / seen[days].sum())
        first, last = (dt.date.fromordinal(low + int(day)) for day in (days[0], days[-1]))
        yield _Run(first, last, {"series": int(seen[days].max()), "share": share})
