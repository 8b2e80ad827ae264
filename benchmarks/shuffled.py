"""Real series with their weeks in another order: there is no growth in them but by chance, so no arrow is deserved.

The figures are not part of this repository; `python -m benchmarks.calibration --shared FOLDER` reads them.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from groundswell.growth import growth
from groundswell.models import Days, Direction, Growth, Kind, Series, Values
from groundswell.windows import WEEKS, levels

_WEEK: Final = 7
_MONTH: Final = 30  # days of the rolling amounts in these files
_VERDICTS: Final = 5000  # about so many are asked of each metric, if all its series have one
BEFORE_GAPS: Final = dt.date(2024, 6, 5)  # weeks without data follow, more than two years of windows can do without


@dataclass(frozen=True, slots=True)
class Figures:
    """One metric of one file."""

    file: str
    metric: str
    kind: Kind
    last: dt.date | None = None  # what comes later is broken

    @property
    def step(self) -> int:
        """Days of what is put into another order: a week, or a window."""
        return _MONTH if self.kind is Kind.ROLLING else _WEEK


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was said of the shuffled series of one metric."""

    figures: Figures
    series: int  # that had a verdict
    said: int
    moves: int

    @property
    def share(self) -> float:
        """Of the verdicts, those that see a move."""
        return self.moves / self.said if self.said else float("nan")


REAL: Final = (
    Figures("cncf_daily_stars", "new_stars_day", Kind.FLOW, last=dt.date(2026, 7, 22)),
    Figures("cncf_snapshots", "stars", Kind.STOCK),
    Figures("cncf_snapshots", "mentionable_users", Kind.STOCK),
    Figures("cncf_snapshots", "dependencies", Kind.STOCK),
    Figures("cncf_snapshots", "new_commits_last_30d", Kind.ROLLING),
    Figures("best-of-ml-python_history", "star_count", Kind.STOCK),
    Figures("best-of-ml-python_history", "fork_count", Kind.STOCK),
    Figures("best-of-ml-python_history", "watchers_count", Kind.STOCK),
    Figures("best-of-ml-python_history", "open_issue_count", Kind.STOCK),
    Figures("best-of-ml-python_history", "github_dependent_project_count", Kind.STOCK),
    Figures("best-of-ml-python_history", "conda_total_downloads", Kind.COUNTER),
    Figures("best-of-ml-python_history", "pypi_monthly_downloads", Kind.ROLLING, last=BEFORE_GAPS),
    Figures("best-of-jupyter_history", "star_count", Kind.STOCK),
    Figures("best-of-jupyter_history", "fork_count", Kind.STOCK),
    Figures("best-of-jupyter_history", "open_issue_count", Kind.STOCK),
    Figures("best-of-jupyter_history", "github_dependent_project_count", Kind.STOCK),
    Figures("best-of-jupyter_history", "conda_total_downloads", Kind.COUNTER),
    Figures("best-of-jupyter_history", "pypi_monthly_downloads", Kind.ROLLING, last=BEFORE_GAPS),
    Figures("best-of-jupyter_history", "npm_monthly_downloads", Kind.ROLLING),
)


def verdicts(shared: Path) -> Iterator[Verdicts]:
    """For each metric, how often shuffled weeks are called a move."""
    for file in dict.fromkeys(figures.file for figures in REAL):
        table = pd.read_csv(shared / "data" / f"{file}.csv.gz", parse_dates=["date"])
        for figures in REAL:
            if figures.file == file:
                yield _verdicts(figures, table[table["metric"] == figures.metric])


def _verdicts(figures: Figures, table: pd.DataFrame) -> Verdicts:
    series = said = moves = 0
    orders = max(1, _VERDICTS // table["project"].nunique())
    for project, rows in table.groupby("project", sort=True):
        chance = np.random.default_rng(zlib.crc32(f"{figures.file} {figures.metric} {project}".encode()))
        observed = _series(rows, figures.last)
        found = [_shuffled(figures, observed, chance) for _ in range(orders)]
        directions = [one.direction for one in found if one is not None and one.low is not None]
        series += bool(directions)
        said += len(directions)
        moves += sum(direction is not Direction.STEADY for direction in directions)
    return Verdicts(figures, series, said, moves)


def _series(rows: pd.DataFrame, last: dt.date | None) -> Series:
    rows = rows.sort_values("date").drop_duplicates("date").dropna(subset=["value"])
    days = np.array([day.toordinal() for day in rows["date"]], dtype=np.int64)
    series = Series(days, rows["value"].to_numpy(dtype=np.float64))
    return series if last is None else series.until(last)


def _shuffled(figures: Figures, observed: Series, chance: np.random.Generator) -> Growth | None:
    """The growth of a series whose last weeks (or windows) are in an order of chance."""
    if not len(observed):
        return None
    end = observed.last_day
    if figures.kind is Kind.FLOW:
        mixed = _of_flow(observed, chance)
    else:
        ends = end.toordinal() - figures.step * np.arange(WEEKS, -1, -1, dtype=np.int64)
        mixed = _of_levels(figures.kind, ends, levels(observed, ends), chance)
    if mixed is None:
        return None
    found = growth(figures.kind, mixed, end, days=_MONTH)
    return found if isinstance(found, Growth) else None


def _of_flow(observed: Series, chance: np.random.Generator) -> Series | None:
    """Whole weeks change places, their days stay together."""
    first = observed.last_day.toordinal() - _WEEK * WEEKS + 1
    weeks = np.full(_WEEK * WEEKS, np.nan)
    inside = observed.days >= first
    weeks[observed.days[inside] - first] = observed.values[inside]
    if np.isnan(weeks).mean() > 0.1:
        return None
    mixed = chance.permutation(weeks.reshape(WEEKS, _WEEK)).ravel()
    known = np.flatnonzero(np.isfinite(mixed))
    return Series((known + first).astype(np.int64), mixed[known])


def _of_levels(kind: Kind, ends: Days, read: Values, chance: np.random.Generator) -> Series | None:
    """Of a rolling amount the windows change places, of a level its gains less their mean: it comes back to where it
    was. Of a running total the gains change places.
    """
    known = np.flatnonzero(np.isfinite(read))
    if len(known) < len(read):
        first = int(np.flatnonzero(np.isnan(read))[-1]) + 1
        ends, read = ends[first:], read[first:]
    if len(read) < WEEKS // 2:
        return None
    if kind is Kind.ROLLING:
        return Series(ends, chance.permutation(read))
    gains = np.diff(read)
    still = gains - gains.mean() if kind is Kind.STOCK else gains
    return Series(ends, read[0] + np.concatenate([[0.0], np.cumsum(chance.permutation(still))]))
