"""Growth against a second calculation, written from the definition alone: plain loops over days, no array, nothing of
the tracker's own. On made-up series full of holes, and on real figures.
"""

from __future__ import annotations

import calendar
import csv
import datetime as dt
import gzip
import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from groundswell.growth import growth
from groundswell.models import Direction, Growth, Kind, Missing, Series

Observed = Mapping[int, float]  # ordinal of a day → value
Ratio = float | None  # V(T)/V one window before; None: missing, or too small a base

# --- The definition, read a second time ------------------------------------------------------------------------------


def level(seen: Observed, day: int) -> float | None:
    if day in seen:
        return seen[day]
    before = next((one for one in range(day - 1, day - 14, -1) if one in seen), None)
    after = next((one for one in range(day + 1, day + 14) if one in seen), None)
    if before is None or after is None or after - before > 14:
        return None
    return seen[before] + (seen[after] - seen[before]) * (day - before) / (after - before)


def is_outage(seen: Observed, day: int) -> bool:
    """An exact 0 among days that are too large for it: at least half of the same weekdays around have 20 or more."""
    if seen[day] != 0:
        return False
    around = [seen[day + 7 * week] for week in range(-8, 9) if week and day + 7 * week in seen]
    large = [value for value in around if value >= 20]
    return bool(large) and 2 * len(large) >= len(around)


def amount(seen: Observed, day: int) -> float | None:
    window = {one: seen[one] for one in range(day - 27, day + 1) if one in seen}
    if len(window) < 24:
        return None
    total = 0.0
    for one in range(day - 27, day + 1):
        alike = [value for other, value in window.items() if (other - one) % 7 == 0]
        usual = alike or list(window.values())
        total += window[one] if one in window else sum(usual) / len(usual)
    return total


def stock(seen: Observed, end: int, _: int) -> Ratio:
    if end not in seen:
        return None
    start = level(seen, end - 28)
    return None if start is None or start < 50 else seen[end] / start


def flow(seen: Observed, end: int, _: int) -> Ratio:
    counted = {day: value for day, value in seen.items() if not is_outage(seen, day)}
    start, now = amount(counted, end - 28), amount(counted, end)
    return None if start is None or now is None or start < 100 else now / start


def counter(seen: Observed, end: int, _: int) -> Ratio:
    def differences(totals: Observed) -> dict[int, float]:
        found: dict[int, float] = {}
        known = sorted(totals)
        for first, last in itertools.pairwise(known):
            if last - first <= 14 and totals[last] >= totals[first]:
                for day in range(first + 1, last + 1):
                    found[day] = (totals[last] - totals[first]) / (last - first)
        return found

    amounts = differences(seen)
    asleep = {day for day in amounts if is_outage(amounts, day)}
    if asleep:
        amounts = differences({day: value for day, value in seen.items() if day not in asleep})
    start, now = amount(amounts, end - 28), amount(amounts, end)
    return None if start is None or now is None or start < 100 else now / start


def rolling(seen: Observed, end: int, days: int) -> Ratio:
    if end not in seen:
        return None
    start = level(seen, end - days)
    return None if start is None or start < 100 else seen[end] / start


def period(seen: Observed, end: int, months: int) -> Ratio:
    last = max((day for day in seen if day <= end), default=None)
    if last is None:
        return None
    before, length = last, []
    for _ in range(2):
        first = before
        for _ in range(months):
            date = dt.date.fromordinal(first)
            first -= calendar.monthrange(date.year, date.month)[1]
        length.append(before - first)
        before = first
    start = seen.get(last - length[0])
    if start is None or start < 100:
        return None
    return (seen[last] / length[0]) / (start / length[1])


SECOND: Mapping[Kind, Callable[[Observed, int, int], Ratio]] = {
    Kind.STOCK: stock,
    Kind.FLOW: flow,
    Kind.COUNTER: counter,
    Kind.ROLLING: rolling,
    Kind.PERIOD: period,
}


def same(kind: Kind, seen: Observed, end: int, *, days: int = 28, months: int = 1) -> bool | None:
    """Whether both say the same; None where both say nothing."""
    until = {day: value for day, value in seen.items() if day <= end}
    ratio = SECOND[kind](until, end, months if kind is Kind.PERIOD else days)
    known = sorted(seen)
    series = Series(np.array(known, dtype=np.int64), np.array([seen[day] for day in known]))
    found = growth(kind, series, dt.date.fromordinal(end), days=days, period=months)
    if isinstance(found, Missing) or found.direction is Direction.NEW:
        assert ratio is None, (kind, found, ratio)
        return None
    assert ratio is not None, (kind, found)
    assert isinstance(found, Growth)
    assert found.window is not None
    assert found.month is not None
    length = {Kind.ROLLING: float(days), Kind.PERIOD: months * 30.4375}.get(kind, 28.0)
    assert found.window == pytest.approx(ratio ** (28 / length) - 1, rel=1e-9, abs=1e-9)
    assert found.month == pytest.approx(ratio ** (30.4375 / length) - 1, rel=1e-9, abs=1e-9)
    return True


# --- Made-up series with gaps ----------------------------------------------------------------------------------------

END = dt.date(2026, 10, 31).toordinal()


def holed(kind: Kind, chance: random.Random, months: int) -> dict[int, float]:
    """Values that wander, on days of which some are lacking: one by one, for a week, or all but every few days."""
    if kind is Kind.PERIOD:
        day, ends = END, []
        for _ in range(30):
            ends.append(day)
            date = dt.date.fromordinal(day)
            day -= calendar.monthrange(date.year, date.month)[1]
        days = ends[::months][::-1]
    else:
        days = list(range(END - 120, END + 1))
    size = 10 ** chance.uniform(0.5, 4)
    value, seen = 50 * size, {}
    for day in days:
        drawn = float(chance.randint(0, int(2 * size)))
        value += chance.choice((1, 1, 1, -1)) * drawn if kind is Kind.STOCK else drawn
        seen[day] = value if kind in (Kind.STOCK, Kind.COUNTER) else drawn if kind is Kind.FLOW else 300 + drawn
    step, share, hole = chance.choice((1, 1, 3, 7, 13)), chance.choice((0, 0.03, 0.1)), chance.randint(1, 20)
    start = chance.choice(days)
    for place, day in enumerate(days):
        far = kind is not Kind.PERIOD and kind is not Kind.FLOW and (END - day) % step
        if far or chance.random() < share or (start <= day < start + hole and chance.random() < 0.5):
            seen.pop(day)
        elif kind is Kind.FLOW and place % 37 == 0:
            seen[day] = 0.0  # an outage, or a true zero
        elif kind is Kind.COUNTER and place == len(days) // 2 and chance.random() < 0.3:
            for later in days[place:]:
                if later in seen:
                    seen[later] -= 0.9 * seen[day]  # a reset
    return seen


@pytest.mark.parametrize("kind", SECOND)
def test_growth_of_series_with_gaps_is_what_the_definition_says(kind: Kind) -> None:
    chance = random.Random(f"{kind} 2026")
    found = []
    for _ in range(300):
        months = chance.choice((1, 3)) if kind is Kind.PERIOD else 1
        seen = holed(kind, chance, months)
        if seen:
            found.append(same(kind, seen, END, days=chance.choice((7, 28, 30)), months=months))
    assert found.count(True) > 60  # and both say nothing of the others


# --- Real figures ----------------------------------------------------------------------------------------------------


def figures(path: Path, *metrics: str) -> dict[str, dict[str, dict[int, float]]]:
    """Metric → project → day → value."""
    found: dict[str, dict[str, dict[int, float]]] = {metric: defaultdict(dict) for metric in metrics}
    with gzip.open(path, "rt") as file:
        for day, project, metric, value in csv.reader(file):
            if metric in found and value:
                found[metric][project.lower()][dt.date.fromisoformat(day).toordinal()] = float(value)
    return found


def by_month(seen: Observed) -> dict[int, float]:
    """Amounts of closed months, of days that were all seen."""
    months: dict[int, float] = defaultdict(float)
    days: dict[int, int] = defaultdict(int)
    for day, value in seen.items():
        date = dt.date.fromordinal(day)
        last = date.replace(day=calendar.monthrange(date.year, date.month)[1])
        months[last.toordinal()] += value
        days[last.toordinal()] += 1
    return {last: value for last, value in months.items() if days[last] == dt.date.fromordinal(last).day}


def series_of(shared: Path, kind: Kind) -> Iterator[tuple[Observed, int, int]]:
    """What there is of a kind: observations, T, days of the window."""
    data = shared / "data"
    if kind in (Kind.FLOW, Kind.PERIOD, Kind.STOCK):
        name = "stars_total" if kind is Kind.STOCK else "new_stars_day"
        for seen in figures(data / "cncf_daily_stars.csv.gz", name)[name].values():
            for last in ("2026-07-22", "2025-12-31", "2024-03-17"):
                yield (by_month(seen) if kind is Kind.PERIOD else seen), dt.date.fromisoformat(last).toordinal(), 28
    else:
        name = "conda_total_downloads" if kind is Kind.COUNTER else "pypi_monthly_downloads"
        for seen in figures(data / "best-of-jupyter_history.csv.gz", name)[name].values():
            days = sorted(seen)
            for end in (days[-1], days[len(days) // 2], days[len(days) // 3]):
                yield seen, end, 30


@pytest.mark.parametrize("kind", SECOND)
def test_growth_of_real_figures_is_what_the_definition_says(shared: Path, kind: Kind) -> None:
    found = [
        same(kind, seen, end, days=days) for seen, end, days in series_of(shared, kind) if seen and min(seen) <= end
    ]
    print(f"\n{kind}: {found.count(True)} growths agree, {found.count(None)} times both say nothing")
    assert found.count(True) > 60


def gaps(pairs: Iterator[tuple[str, Observed, Observed, int]]) -> dict[str, list[float]]:
    """Project → how far two growths of 28 days up to a day lie apart."""
    found: dict[str, list[float]] = defaultdict(list)
    for project, one, other, end in pairs:
        both = [growth(Kind.STOCK, _series(seen), dt.date.fromordinal(end)) for seen in (one, other)]
        windows = [each.window for each in both if isinstance(each, Growth) and each.window is not None]
        if len(windows) == 2:
            found[project].append(abs(windows[0] - windows[1]))
    return found


def told(found: Mapping[str, list[float]]) -> tuple[float, float]:
    """The shares of the growths, and of the projects by their usual one, that lie within 0.25 points of each other."""
    every = [gap for one in found.values() for gap in one]
    alone = [sorted(one)[len(one) // 2] <= 0.0025 for one in found.values()]
    shares = sum(gap <= 0.0025 for gap in every) / len(every), sum(alone) / len(alone)
    print(
        f"\n{len(found)} projects, {len(every)} growths: {100 * shares[0]:.1f} % within 0.25 points, the usual one of "
        f"{100 * shares[1]:.1f} % of the projects"
    )
    return shares


def test_a_growth_from_figures_a_week_apart_is_that_from_daily_ones(shared: Path) -> None:
    """The same list looked at every day, and on days 6 to 9 apart, so that the level 28 days before is interpolated."""

    def pairs() -> Iterator[tuple[str, Observed, Observed, int]]:
        chance = random.Random(2026)
        for project, seen in figures(shared / "data" / "cncf_snapshots.csv.gz", "stars")["stars"].items():
            day, looks = max(seen), []
            while day >= max(seen) - 200:
                looks.append(day)
                day -= chance.randint(6, 9)
            seldom = {one: seen[one] for one in looks if one in seen}
            yield from ((project, seen, seldom, end) for end in looks[:12] if end in seen)

    growths, projects = told(gaps(pairs()))
    assert growths >= 0.95
    assert projects >= 0.95


def test_two_trackers_of_the_same_projects_see_the_same_growth(shared: Path) -> None:
    """Both lists of the best hold some projects, which each looked at for itself, on days of their own."""
    lists = [
        figures(shared / "data" / f"best-of-{one}_history.csv.gz", "star_count") for one in ("jupyter", "ml-python")
    ]
    one, other = (found["star_count"] for found in lists)

    def pairs() -> Iterator[tuple[str, Observed, Observed, int]]:
        for project in sorted(set(one) & set(other)):
            for end in sorted(set(one[project]) & set(other[project]))[::4]:
                yield project, one[project], other[project], end

    growths, projects = told(gaps(pairs()))
    assert growths >= 0.95
    assert projects >= 0.95


def _series(seen: Observed) -> Series:
    days = sorted(seen)
    return Series(np.array(days, dtype=np.int64), np.array([seen[day] for day in days]))
