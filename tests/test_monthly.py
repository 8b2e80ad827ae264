"""Series by closed months."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.models import EMPTY_SERIES, Kind, Series
from groundswell.monthly import MOST_MONTHS, all_months, closed_months
from groundswell.months import month_end

TODAY = dt.date(2026, 11, 22)


def daily(first: dt.date, last: dt.date, value: float = 1.0) -> Series:
    days = np.arange(first.toordinal(), last.toordinal() + 1, dtype=np.int64)
    return Series(days, np.full(len(days), value))


def without(series: Series, *days: dt.date) -> Series:
    keep = ~np.isin(series.days, [day.toordinal() for day in days])
    return Series(series.days[keep], series.values[keep])


def test_the_running_month_is_left_out() -> None:
    months = closed_months(daily(dt.date(2026, 9, 1), TODAY), Kind.FLOW, TODAY)
    assert [month.last for month in months] == [dt.date(2026, 10, 31), dt.date(2026, 9, 30)]


def test_a_month_that_ends_today_is_closed() -> None:
    months = closed_months(daily(dt.date(2026, 10, 1), TODAY), Kind.FLOW, dt.date(2026, 10, 31))
    assert months[0].value == 31


def test_amounts_of_a_whole_month_are_summed() -> None:
    october, september = closed_months(daily(dt.date(2026, 9, 1), TODAY, 2.0), Kind.FLOW, TODAY)
    assert (october.value, october.about) == (62, False)
    assert (september.value, september.about) == (60, False)


def test_a_missing_day_is_taken_as_the_mean_and_said_so() -> None:
    gap = without(daily(dt.date(2026, 10, 1), TODAY, 2.0), dt.date(2026, 10, 7), dt.date(2026, 10, 8))
    month = closed_months(gap, Kind.COUNTER, TODAY)[0]
    assert month.value == pytest.approx(62)
    assert month.about


def test_a_month_with_too_few_days_is_missing_and_not_small() -> None:
    months = closed_months(daily(dt.date(2026, 9, 20), dt.date(2026, 10, 20)), Kind.FLOW, TODAY)
    assert months == ()
    months = closed_months(daily(dt.date(2026, 9, 1), dt.date(2026, 10, 20)), Kind.FLOW, TODAY)
    assert [month.value for month in months] == [None, 30]


def test_a_level_is_the_last_one_of_the_month_unless_it_is_too_old() -> None:
    days = [dt.date(2026, 9, 12), dt.date(2026, 10, 20)]
    levels = Series(np.array([day.toordinal() for day in days]), np.array([5.0, 7.0]))
    october, *rest = closed_months(levels, Kind.STOCK, TODAY)
    assert october.value == 7
    assert rest == []


def test_a_period_counts_in_its_own_month_only() -> None:
    periods = Series(np.array([dt.date(2026, 9, 30).toordinal()]), np.array([12.0]))
    assert [month.value for month in closed_months(periods, Kind.PERIOD, TODAY)] == [None, 12]


def test_of_quarters_only_the_months_they_end_with_are_shown() -> None:
    """A company's quarters may end with January, April, July and October."""
    ends = [dt.date(2025, 10, 31), dt.date(2026, 4, 30), dt.date(2026, 7, 31)]
    quarters = Series(np.array([day.toordinal() for day in ends]), np.array([12.0, 14, 15]))
    for kind in (Kind.PERIOD, Kind.CLOSING):
        months = closed_months(quarters, kind, TODAY, period=3)
        assert [month.value for month in months] == [None, 15, 14, None, 12]
        assert months[0].last == dt.date(2026, 10, 31)


def test_there_are_at_most_as_many_months_as_asked_for() -> None:
    assert len(closed_months(daily(dt.date(2020, 1, 1), TODAY), Kind.STOCK, TODAY)) == 24


def test_nothing_has_no_months() -> None:
    assert closed_months(EMPTY_SERIES, Kind.STOCK, TODAY) == ()


@given(
    kind=st.sampled_from(Kind),
    offsets=st.sets(st.integers(0, 500), min_size=1, max_size=120),
    period=st.sampled_from([1, 3]),
    whole=st.booleans(),
)
def test_all_months_at_once_are_the_closed_months(kind: Kind, offsets: set[int], period: int, whole: bool) -> None:
    """Whatever the kind, the gaps and the first day."""
    days = np.array(sorted(range(500) if whole else offsets), dtype=np.int64) + dt.date(2025, 6, 20).toordinal()
    if kind.by_calendar:
        days = np.unique([month_end(dt.date.fromordinal(int(day))).toordinal() for day in days])
    series = Series(days, (days % 17).astype(np.float64))
    one_by_one = closed_months(series, kind, TODAY, most=MOST_MONTHS, period=period)[::-1]
    at_once = all_months(series, kind, TODAY, period=period)
    assert list(at_once.lasts) == [month.last for month in one_by_one]
    assert at_once.about.tolist() == [month.about for month in one_by_one]
    values = [None if np.isnan(value) else value for value in at_once.values.tolist()]
    assert values == [month.value if month.value is None else pytest.approx(month.value) for month in one_by_one]


def test_of_nothing_there_are_no_months() -> None:
    assert all_months(EMPTY_SERIES, Kind.FLOW, TODAY).lasts == ()
