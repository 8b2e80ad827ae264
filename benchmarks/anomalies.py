"""`python -m benchmarks.anomalies --shared DIR`: what is found odd in real figures, and what is where nothing is odd.

The first table holds the real cases that are known by name. The second counts what else is said, for each thousand
weeks of a project's series: of real figures, where most of it is real too but nobody has checked it, and of simulated
ones without anything odd in them, where all of it is false.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from groundswell.anomalies import examine
from groundswell.models import Anomaly, Kind, Oddity, Series, Signal, Values
from groundswell.standstill import of_sources

Books = Mapping[str, Mapping[str, Series]]  # project → metric → series

THOUSAND: Final = 1000
WEEK: Final = 7
SEED: Final = 20_261_122
KINDS: Final = tuple(kind for kind in Oddity if kind is not Oddity.GAP)


def _signal(kind: Kind, unit: str, days: int = 1) -> Signal:
    return Signal(unit, kind, unit, 0, "", "", "", days)


SIGNALS: Final[Mapping[str, Signal]] = {
    "star_count": _signal(Kind.STOCK, "stars"),
    "stars": _signal(Kind.STOCK, "stars"),
    "stars_total": _signal(Kind.STOCK, "stars"),
    "new_stars_day": _signal(Kind.FLOW, "stars"),
    "new_stars_last_7d": _signal(Kind.ROLLING, "stars", 7),
    "new_stars_last_14d": _signal(Kind.ROLLING, "stars", 14),
    "new_stars_last_30d": _signal(Kind.ROLLING, "stars", 30),
    "fork_count": _signal(Kind.STOCK, "forks"),
    "watchers_count": _signal(Kind.STOCK, "watchers"),
    "closed_issue_count": _signal(Kind.COUNTER, "issues"),
    "pr_count": _signal(Kind.COUNTER, "pull requests"),
    "pypi_monthly_downloads": _signal(Kind.ROLLING, "downloads", 30),
    "npm_monthly_downloads": _signal(Kind.ROLLING, "downloads", 30),
    "conda_total_downloads": _signal(Kind.COUNTER, "downloads"),
    "dockerhub_pulls": _signal(Kind.COUNTER, "pulls"),
}
DATASETS: Final = (
    "best-of-ml-python_history",
    "best-of-jupyter_history",
    "cncf_snapshots",
    "cncf_daily_stars",
)


@dataclass(frozen=True, slots=True)
class Case:
    """Something odd that is known to be in a dataset."""

    dataset: str
    project: str | None  # None: all of them
    metric: str
    kinds: frozenset[Oddity]  # any of which tells it rightly
    first: dt.date
    last: dt.date


def _case(dataset: str, project: str | None, metric: str, kinds: Sequence[Oddity], first: str, last: str = "") -> Case:
    day = dt.date.fromisoformat
    return Case(dataset, project, metric, frozenset(kinds), day(first), day(last or first))


_ML, _JUPYTER, _CNCF, _DAILY = DATASETS
CASES: Final = (
    *(_case(_CNCF, None, f"new_stars_last_{days}d", [Oddity.ZERO], "2026-07-23") for days in (7, 14, 30)),
    _case(_ML, "anhaidgroup/deepmatcher", "star_count", [Oddity.FLIP], "2023-04-20", "2024-04-04"),
    _case(_JUPYTER, "jupyterlab/debugger", "star_count", [Oddity.FLIP], "2023-04-20", "2024-03-21"),
    _case(_ML, "geohot/tinygrad", "star_count", [Oddity.ZERO], "2024-02-15"),
    _case(_ML, "intel-analytics/analytics-zoo", "star_count", [Oddity.ZERO], "2024-03-14"),
    _case(_ML, None, "pypi_monthly_downloads", [Oddity.FROZEN], "2025-07-10"),
    _case(_JUPYTER, None, "pypi_monthly_downloads", [Oddity.FROZEN], "2025-07-10"),
    _case(_ML, None, "npm_monthly_downloads", [Oddity.FROZEN], "2025-02-06"),
    _case(_JUPYTER, None, "npm_monthly_downloads", [Oddity.FROZEN], "2025-02-06"),
    _case(_ML, "tensorflow/tensorflow", "pypi_monthly_downloads", [Oddity.GAP], "2025-08-07", "2025-08-21"),
    _case(_ML, "tensorflow/tensorflow", "star_count", [Oddity.GAP], "2024-06-07", "2024-09-04"),
    _case(_JUPYTER, "jupyterlab/jupyterlab", "star_count", [Oddity.GAP], "2024-06-07", "2024-10-16"),
    _case(_ML, "activeloopai/hub", "star_count", [Oddity.EXCURSION], "2021-06-29", "2021-07-01"),
    _case(_DAILY, "inspektor-gadget/inspektor-gadget", "stars_total", [Oddity.EXCURSION], "2023-08-31", "2023-09-01"),
    _case(_DAILY, "wasmCloud/wasmCloud", "stars_total", [Oddity.EXCURSION], "2023-09-01"),
    _case(_DAILY, "openGemini/openGemini", "stars_total", [Oddity.FALL], "2024-12-18"),
    _case(_ML, "nebuly-ai/nebullvm", "star_count", [Oddity.BURST], "2023-02-24", "2023-03-02"),
    _case(_ML, "solegalli/feature_engine", "star_count", [Oddity.STEP], "2021-09-02"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a dataset."""

    anomalies: Mapping[tuple[str, str], tuple[Anomaly, ...]]  # project, metric → what is odd in its series
    standing: Mapping[str, tuple[Anomaly, ...]]  # metric → what is odd in all of its series
    weeks: float  # of all series together
    seconds: float
    series: int = 0

    def per_thousand(self) -> Mapping[Oddity, float]:
        """Anomalies a thousand weeks of a series, by kind; what stands in all series of a metric counts once."""
        counts: Counter[Oddity] = Counter()
        for found in self.anomalies.values():
            counts.update(one.kind for one in found if one.kind is not Oddity.FROZEN and not _of_source(one))
        counts.update(one.kind for found in self.standing.values() for one in found)
        return {kind: THOUSAND * counts[kind] / self.weeks for kind in KINDS}

    def that_is(self, case: Case) -> Anomaly | None:
        """The anomaly that a named case is."""
        pool = self.standing.get(case.metric, ()) if case.project is None else ()
        if case.project is not None:
            pool = self.anomalies.get((case.project, case.metric), ())
        fits = (one for one in pool if one.kind in case.kinds and one.first <= case.first and case.last <= one.last)
        return next(fits, None)


def _of_source(anomaly: Anomaly) -> bool:
    return "series" in anomaly.seen


def search(books: Books, signals: Mapping[str, Signal] = SIGNALS) -> Found:
    """All that is odd in some projects' series."""
    started = time.perf_counter()
    standing = of_sources(books.values(), signals)
    anomalies = {
        (project, metric): examine(metric, series, signals[metric], standing.get(metric, ())).anomalies
        for project, columns in books.items()
        for metric, series in columns.items()
    }
    seconds = time.perf_counter() - started
    spans = [float(one.days[-1] - one.days[0]) for columns in books.values() for one in columns.values()]
    return Found(anomalies, standing, sum(spans) / WEEK, seconds, len(spans))


# --- Real figures ----------------------------------------------------------------------------------------------------


def read(path: Path) -> Books:
    """The series of a file of `date,project,metric,value` that a signal is known for."""
    table = pd.read_csv(path, dtype={"metric": "category", "project": "category", "date": "category"})
    table = table[table["metric"].isin(list(SIGNALS)) & table["value"].notna()]
    days = {date: dt.date.fromisoformat(date).toordinal() for date in table["date"].cat.categories}
    table = table.assign(day=table["date"].astype(str).map(days))
    books: dict[str, dict[str, Series]] = {}
    for (project, metric), rows in table.groupby(["project", "metric"], observed=True):
        last = rows.drop_duplicates("day", keep="last").sort_values("day")
        series = Series(last["day"].to_numpy(np.int64), last["value"].to_numpy(np.float64))
        books.setdefault(str(project), {})[str(metric)] = series
    return books


def real(shared: Path) -> Iterator[tuple[str, Found]]:
    """What is found in each dataset."""
    for name in DATASETS:
        yield name, search(read(shared / "data" / f"{name}.csv.gz"))


# --- Simulated figures without anything odd --------------------------------------------------------------------------

CLEAN_SIGNALS: Final[Mapping[str, Signal]] = {
    "level, daily": _signal(Kind.STOCK, "stars"),
    "level, weekly": _signal(Kind.STOCK, "stars"),
    "amount a day": _signal(Kind.FLOW, "downloads"),
    "running total": _signal(Kind.COUNTER, "pulls"),
    "last 30 days": _signal(Kind.ROLLING, "downloads", 30),
}


@dataclass(frozen=True, slots=True)
class Course:
    """How a simulated series runs."""

    amount: float  # in a month, at its end
    growth: float  # a month
    spread: float  # variance of a week's count over its mean


COURSES: Final = tuple(
    Course(amount, growth, spread)
    for amount in (20, 200, 2_000, 20_000, 200_000)
    for growth in (-0.10, 0.0, 0.05, 0.30)
    for spread in (1.0, 5.0, 30.0)
)
SEASON: Final = np.array([1.15, 1.2, 1.2, 1.15, 1.05, 0.6, 0.65])
DAYS: Final = 728


def clean(rounds: int, seed: int = SEED) -> Books:
    """Series of two years with a weekly season and over-dispersed chance, and nothing else."""
    chance = np.random.default_rng(seed)
    books = {}
    for number, course in enumerate(COURSES * rounds):
        books[f"simulated/{number}"] = _forms(_counts(course, chance))
    return books


def _counts(course: Course, chance: np.random.Generator) -> Values:
    ago = np.arange(DAYS - 1, -1, -1)
    means = course.amount / 30.4375 * (1 + course.growth) ** (-ago / 30.4375) * SEASON[np.arange(DAYS) % WEEK]
    beyond = course.spread - 1
    rates = chance.gamma(np.maximum(means / beyond, 1e-9)) * beyond if beyond else means
    return np.asarray(chance.poisson(rates), dtype=np.float64)


def _forms(counts: Values) -> Mapping[str, Series]:
    """The same counts in each form in which sources give them."""
    days = np.arange(DAYS, dtype=np.int64) + dt.date(2024, 11, 22).toordinal()
    totals = 300 + np.cumsum(counts)
    last = totals[30:] - totals[:-30]
    return {
        "level, daily": Series(days, totals),
        "level, weekly": Series(days[::WEEK], totals[::WEEK]),
        "amount a day": Series(days, counts),
        "running total": Series(days, totals),
        "last 30 days": Series(days[30:], last),
    }


def by_form(books: Books) -> Iterator[tuple[str, Found]]:
    """What is found in each form of simulated series; each has `of_sources` of its own."""
    for form in CLEAN_SIGNALS:
        alone = {project: {form: columns[form]} for project, columns in books.items()}
        yield f"simulated: {form}", search(alone, CLEAN_SIGNALS)


# --- Tables ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Report:
    """The tables, in Markdown."""

    lines: list[str] = field(default_factory=list)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Add a table and a blank line."""
        self.lines += [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
        self.lines += [f"| {' | '.join(row)} |" for row in rows]
        self.lines.append("")


def report(found: Mapping[str, Found], simulated: Mapping[str, Found]) -> str:
    """Both tables."""
    page = Report()
    page.table(("Case", "Found", "What is said"), [_case_row(case, found[case.dataset]) for case in CASES])
    every = {**found, **simulated}
    page.table(
        ("A thousand weeks of a series", "Series", "Weeks", *(kind.value for kind in KINDS), "ms a series"),
        [_rate_row(name, one) for name, one in every.items()],
    )
    return "\n".join(page.lines)


def _case_row(case: Case, found: Found) -> tuple[str, str, str]:
    anomaly = found.that_is(case)
    days = f"{case.first}" if case.first == case.last else f"{case.first} to {case.last}"
    what = f"{case.dataset.partition('_history')[0]}: {case.project or 'all'} {case.metric}, {days}"
    return what, "yes" if anomaly else "**no**", f"{anomaly.kind.value}: {anomaly.says}" if anomaly else ""


def _rate_row(name: str, found: Found) -> tuple[str, ...]:
    rates = found.per_thousand()
    counts = (f"{found.series:,}", f"{found.weeks:,.0f}")
    return name, *counts, *(f"{rates[kind]:.3f}" for kind in KINDS), f"{THOUSAND * found.seconds / found.series:.2f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables. The exit status is 1 when a named case is not found."""
    parser = argparse.ArgumentParser("python -m benchmarks.anomalies", description=__doc__)
    parser.add_argument("--shared", type=Path, required=True, metavar="DIR", help="folder of real figures")
    parser.add_argument("--rounds", type=int, default=10, metavar="N", help="of 60 simulated projects")
    chosen = parser.parse_args(arguments)
    found, simulated = dict(real(chosen.shared)), dict(by_form(clean(chosen.rounds)))
    print(report(found, simulated))
    return int(any(found[case.dataset].that_is(case) is None for case in CASES))


if __name__ == "__main__":
    sys.exit(main())
