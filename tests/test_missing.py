"""Missing is never zero: what happens to the numbers when observations are taken away, whichever they are.

What holds, for figures that are above 0 and totals that only rise:

- Nothing becomes 0, and no growth a fall to nothing.
- No number appears. A day that is taken away at the end moves T back; what is said then is what the whole history said
  up to that day, or nothing. Up to a fixed T, whatever was missing stays missing.
- A number stays, goes missing, or changes within what was observed around it: a level between its neighbours, an amount
  between 28 of the smallest and 28 of the largest days of its window.
- No interval and no direction appear where there was none.

What cannot hold: that a number never changes (a missing day is filled), and that a direction never does (the spread of
what is left is another). A reset and an outage are seen by what is around them, and not without it.
docs/decisions/0006-growth.md says why.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundswell.growth import growth
from groundswell.history import History
from groundswell.metrics import METRICS
from groundswell.models import EMPTY_SERIES, Card, Direction, Growth, Kind, Measured, Missing, Series, Stage
from groundswell.stages import assess
from tests.growing import LABELS, SIGNALS, TODAY, history, newest, project

KINDS: Final = tuple(Kind)
OF: Final = project(npm=["x"], pypi=["y", "z"])
COLUMNS: Final = {
    name: [f"{name}:{target}" if target else name for target in OF.targets[name.partition(".")[0]]] for name in SIGNALS
}
Hole = tuple[int, int, int]  # first day back, how many days, one of how many stays

holes = st.lists(st.tuples(st.integers(0, 250), st.integers(1, 90), st.integers(1, 30)), min_size=1, max_size=4)
seeds = st.integers(0, 2**32 - 1)


def whole(kind: Kind, seed: int, end: dt.date = TODAY, days: int = 260) -> Series:
    """Figures above 0, one a day (or a month); totals that only rise."""
    rng = np.random.default_rng(seed)
    size = 10 ** rng.uniform(0, 4)
    amounts = 1 + rng.negative_binomial(2, 2 / (2 + size), days).astype(np.float64)
    if kind.by_calendar:
        ends = [day for day in range(end.toordinal() - 1000, end.toordinal() + 1) if _is_month_end(day)]
        return Series(np.array(ends, dtype=np.int64), 100 + amounts[: len(ends)])
    values = 60 + np.cumsum(amounts) if kind in (Kind.STOCK, Kind.COUNTER) else amounts
    return Series(np.arange(end.toordinal() - days + 1, end.toordinal() + 1, dtype=np.int64), values)


def _is_month_end(day: int) -> bool:
    return dt.date.fromordinal(day + 1).day == 1


def less(series: Series, cut: list[Hole], *, last: bool) -> Series:
    """A series without the observations in the holes; `last` keeps the last one."""
    stays = np.ones(len(series), dtype=np.bool_)
    for back, many, every in cut:
        inside = (series.days <= series.days[-1] - back) & (series.days > series.days[-1] - back - many)
        stays &= ~inside | (series.days % every == 0) * (every > 1)
    stays[-1] |= last
    return Series(series.days[stays], series.values[stays])


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=seeds, first=holes, more=holes)
def test_up_to_a_day_nothing_appears_and_nothing_becomes_zero(
    kind: Kind, seed: int, first: list[Hole], more: list[Hole]
) -> None:
    full = less(whole(kind, seed), first, last=True)
    left = less(full, more, last=True)
    before, after = (growth(kind, one, TODAY, days=28) for one in (full, left))
    if isinstance(after, Missing):
        assert after.reason
        return
    assert isinstance(before, Growth), f"appeared: {after}, where {before.reason}"
    assert after.start > 0
    assert after.end > 0
    assert after.month is None or after.month > -1
    if before.low is None and before.direction is not Direction.NEW and after.direction is not Direction.NEW:
        assert after.low is None
        assert after.direction is None
        assert after.unsure is not None
    for seen, end in ((after.start, after.end_day - dt.timedelta(days=28)), (after.end, after.end_day)):
        low, high = around(kind, full, end.toordinal())
        assert low - 1e-6 <= seen <= high + 1e-6


def around(kind: Kind, full: Series, day: int) -> tuple[float, float]:
    """The least and the greatest that the observations around a day allow."""
    if kind.by_calendar:
        return float(full.values.min()), float(full.values.max())
    if kind is Kind.FLOW:
        inside = full.values[(full.days > day - 28) & (full.days <= day)]
        return 28 * float(inside.min()), 28 * float(inside.max())
    if kind is Kind.COUNTER:
        inside = full.values[(full.days >= day - 28 - 14) & (full.days <= day + 14)]
        return 0.0, 28 / 24 * float(inside[-1] - inside[0])
    near = full.values[np.abs(full.days - day) <= 14]
    return float(near.min()), float(near.max())


# --- The whole card --------------------------------------------------------------------------------------------------


def card(columns: Mapping[str, Series], today: dt.date = TODAY) -> Card:
    kept = {name: one.until(today) for name, one in columns.items()}
    known: History = history({name: one for name, one in kept.items() if len(one)})
    return assess(OF, known, SIGNALS, LABELS, {stage: {"stars": 1.0} for stage in Stage}, today)


def reasoned(measured: Measured) -> None:
    """Whatever is not there says why."""
    assert (measured.value is None) is (measured.missing is not None)
    assert measured.missing is None or measured.missing.reason
    for one in (measured.growth, measured.year_on_year, measured.acceleration, *measured.compound.values()):
        assert not isinstance(one, Missing) or one.reason


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=seeds, first=holes, more=holes, dropped=st.sets(st.sampled_from(sorted(SIGNALS))))
def test_a_card_of_less_says_less_and_never_zero(
    seed: int, first: list[Hole], more: list[Hole], dropped: set[str]
) -> None:
    full, left = {}, {}
    for place, (name, columns) in enumerate(COLUMNS.items()):
        for column in columns:
            made = whole(SIGNALS[name].kind, seed + place, newest(name), 400)
            full[column] = less(made, first, last=True)
            left[column] = EMPTY_SERIES if name in dropped else less(full[column], more, last=False)
    before, after = card(full), card(left)
    for metric in METRICS:
        was, now = before.metrics[metric.key], after.metrics[metric.key]
        reasoned(now)
        if now.value is None:
            continue
        assert now.value > 0
        assert now.observed is not None
        assert now.provenance is not None
        seen = [day for target in now.provenance.targets for day in _days(left, now.provenance.signal, target)]
        assert now.observed.toordinal() in seen, "a value is of a day that was observed"
        assert was.value is not None or _said_then(full, metric.key, now.observed), "a value appeared"
        if isinstance(now.growth, Growth):
            assert now.growth.start > 0
            assert now.growth.end > 0
            assert now.growth.month is None or now.growth.month > -1
    for stage in Stage:
        state = after.stages[stage]
        assert (state.growth is None) is (state.missing is not None)
        assert set(state.parts) <= {key for key, one in after.metrics.items() if isinstance(one.growth, Growth)}


def _days(columns: Mapping[str, Series], signal: str, target: str) -> list[int]:
    return [int(day) for day in columns[f"{signal}:{target}" if target else signal].days]


def _said_then(full: Mapping[str, Series], key: str, day: dt.date) -> bool:
    """Whether the whole history, on some day from that one on, had a value of the metric of that day or a later one."""
    days = (day + dt.timedelta(days=more) for more in range(17))
    return any(card(full, one).metrics[key].value is not None for one in days)


def test_a_metric_without_any_observation_left_is_missing_everywhere() -> None:
    gone = card({"github.stars": EMPTY_SERIES}).metrics["stars"]
    assert gone.value is None
    assert gone.missing is not None
    assert isinstance(gone.growth, Missing)
