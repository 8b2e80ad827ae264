"""Facts about growth: each clause of its definition, and how often its intervals hold the truth.

| clause of the definition | where it is tested |
|---|---|
| a month is 28 days, shown as a mean month | *a month is the window scaled to a mean month* |
| T, the last complete day | *what lies after the end is not looked at*; lags: tests/test_metrics.py |
| stock: S(T)/S(T−28) − 1, interpolated over 14 days at most | *Stock*; tests/test_windows.py |
| flow: 28 days over 28 days, 24 of them observed | *Flow* |
| flow: missing days as their weekday, an exact 0 is a missing day | tests/test_windows.py |
| counter: differences; a fall is a reset, and marked | *Counter*; marks: tests/test_anomalies.py |
| rolling: one length earlier | *Rolling* |
| period: closed periods, per day | *Period*, *Quarters* |
| compound over 3, 6, 12 months; year on year; acceleration | *Compound, year on year, acceleration* |
| base below 50 or 100 is new | *a … base below … is new*, in each part |
| φ: Pearson χ²/df, 26 weeks, at least 8, at least 1 | tests/test_dispersion.py |
| intervals of flow and stock; rising, falling, steady | *the interval of …*, *Directions*; tests/test_calibration.py |
| rankings by the lower end | *ten out of twenty do not beat …* |
| missing is a value with a reason | *reason(…)* throughout; tests/test_missing.py |
| all of it, against a second calculation | tests/test_growth_independently.py |
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable

import numpy as np
import pytest

from groundswell.dispersion import poisson_trend
from groundswell.growth import acceleration, compound, growth, month_index, year_on_year
from groundswell.models import EMPTY_SERIES, Direction, Growth, Kind, Missing, Series

END = dt.date(2026, 11, 22)
T = END.toordinal()
SCALE = 30.4375 / 28
EVERY_KIND = tuple(Kind)


def series(observed: dict[int, float]) -> Series:
    """Days counted from T (0, −1, …) and their values."""
    days = sorted(observed)
    return Series(np.array([T + day for day in days], dtype=np.int64), np.array([observed[day] for day in days], float))


def daily(*values: float) -> Series:
    """One value a day, the last on T."""
    return series({place - len(values) + 1: value for place, value in enumerate(values)})


def monthly(*values: float, last: tuple[int, int] = (2026, 10)) -> Series:
    """One value a month, dated on its last day; the last in the month named."""
    months = [12 * last[0] + last[1] - back for back in range(len(values) - 1, -1, -1)]
    ends = [dt.date(month // 12, month % 12 + 1, 1).toordinal() - 1 for month in months]
    return Series(np.array(ends, dtype=np.int64), np.array(values, float))


def grown(kind: Kind, given: Series, end: dt.date = END, days: int = 28) -> Growth:
    found = growth(kind, given, end, days=days)
    assert isinstance(found, Growth), found.reason
    return found


STUDENT_6, STUDENT_24 = 2.447, 2.064  # 97.5 % points of Student's t, as printed in tables


def reason(found: object) -> str:
    assert isinstance(found, Missing)
    return found.reason


def in_months(window: float) -> float:
    return float((1 + window) ** SCALE - 1)


# --- Stock


def test_a_stock_grows_by_its_level_over_the_level_28_days_before() -> None:
    found = grown(Kind.STOCK, series({-29: 7, -28: 1000, -27: 9, 0: 1100}))
    assert found.window == pytest.approx(0.1, abs=1e-12)
    assert (found.start, found.end, found.end_day) == (1000, 1100, END)


def test_the_level_28_days_before_is_interpolated() -> None:
    assert grown(Kind.STOCK, series({-35: 900, -21: 1100, 0: 1250})).window == pytest.approx(0.25)


def test_what_lies_after_the_end_is_not_looked_at() -> None:
    """A day between two observations is not the last day of a series just because more came later."""
    assert reason(growth(Kind.STOCK, series({-28: 1000, -1: 1100, 1: 1200}), END)) == "no observation on 2026-11-22"
    later = monthly(300, 310, 900, last=(2026, 11))
    assert grown(Kind.PERIOD, later).end_day == dt.date(2026, 10, 31)


def test_a_stock_without_an_observation_on_the_last_day_has_no_growth() -> None:
    assert reason(growth(Kind.STOCK, series({-28: 1000, -1: 1100}), END)) == "no observation on 2026-11-22"


def test_days_of_history_still_needed_are_counted_from_the_first_observation() -> None:
    given = series({-19: 1000, 0: 1100})
    assert reason(growth(Kind.STOCK, given, END)) == "9 more days of history needed"
    assert reason(growth(Kind.STOCK, series({-27: 100, 0: 110}), END)) == "1 more day of history needed"
    in_nine_days = Series(np.append(given.days, T + 9), np.append(given.values, 1210.0))
    assert isinstance(growth(Kind.STOCK, in_nine_days, END + dt.timedelta(days=9)), Growth)


def test_a_gap_around_the_day_compared_with_is_said() -> None:
    found = growth(Kind.STOCK, series({-38: 900, -20: 1000, 0: 1100}), END)
    assert reason(found) == "the observations around 2026-10-25 lie 18 days apart, more than 14"


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_an_empty_series_has_a_reason_for_everything(kind: Kind) -> None:
    assert reason(growth(kind, EMPTY_SERIES, END)) == "no observation yet"
    assert reason(compound(kind, EMPTY_SERIES, END, 3)) == "no observation yet"
    assert reason(year_on_year(kind, EMPTY_SERIES, END)) == "no observation yet"
    assert reason(acceleration(kind, EMPTY_SERIES, END)) == "no observation yet"
    assert len(month_index(kind, EMPTY_SERIES, END)) == 0


def test_a_stock_base_below_50_is_new_and_no_percentage() -> None:
    found = grown(Kind.STOCK, daily(*np.linspace(49, 400, 29)))
    assert found.direction is Direction.NEW
    assert (found.window, found.month, found.low, found.high) == (None, None, None, None)
    assert (found.start, found.end) == (49, 400)
    assert grown(Kind.STOCK, daily(*np.linspace(50, 400, 29))).window == pytest.approx(7)


def test_a_stock_that_vanishes_falls_by_a_hundred_per_cent() -> None:
    found = grown(Kind.STOCK, daily(*np.linspace(7000, 5000, 100), 0))
    assert (found.window, found.month, found.low) == (-1, -1, -1)


# --- A mean month


def test_a_month_is_the_window_scaled_to_a_mean_month() -> None:
    found = grown(Kind.STOCK, daily(*np.linspace(1000, 1300, 29)))
    assert found.window == pytest.approx(0.3)
    assert found.month == pytest.approx(1.3**SCALE - 1, abs=1e-12)


def test_the_interval_of_a_stock_is_that_of_its_usual_gain() -> None:
    """Weekly gains of 7 and 21, symmetrical in time and so without a trend, around their mean of 350/26. Nothing was
    lost, so it reaches further up: as far as a gain that would vary by its own size, as far as that is by bursts.
    """
    weeks = [7.0, 21] * 6 + [7, 7] + [21, 7] * 6
    found = grown(Kind.STOCK, daily(1000, *1000 + np.cumsum(np.repeat(np.array(weeks) / 7, 7))))
    phi = sum((week - 350 / 26) ** 2 for week in weeks) / (350 / 26) / 24
    assert found.dispersion == pytest.approx(phi)
    variance = phi * 4 * 350 / 26
    burst = STUDENT_24**2 * (phi - 1)
    up = (burst + math.sqrt(burst**2 + 4 * STUDENT_24**2 * variance)) / 2
    assert found.low == pytest.approx(in_months((56 - STUDENT_24 * math.sqrt(variance)) / 1294), rel=1e-3)
    assert found.high == pytest.approx(in_months((56 + up) / 1294), rel=1e-3)


def test_a_small_gain_is_as_unsure_as_the_usual_one() -> None:
    """Forty won and lost in turns: the last four weeks make up for each other, which says nothing of how sure it is."""
    hovering = [40.0, -40, -40, 40, 40, -40] * 4 + [40, -40]
    found = grown(Kind.STOCK, daily(1000, *1000 + np.cumsum(np.repeat(np.array(hovering) / 7, 7))))
    assert found.window == pytest.approx(0)
    assert found.low is not None
    assert found.low < -0.15
    assert found.direction is Direction.STEADY


def test_a_level_that_is_seen_once_in_a_fortnight_is_no_surer_than_one_seen_every_day() -> None:
    """The same level, whose gains are 10 and 200 a fortnight in turns."""
    levels = 10_000 + np.cumsum(np.repeat(np.array([10.0, 200, 200, 10] * 4) / 14, 14))
    every_day = daily(*levels)
    fortnights = Series(every_day.days[::-1][::14][::-1], every_day.values[::-1][::14][::-1])
    seldom, often = grown(Kind.STOCK, fortnights), grown(Kind.STOCK, every_day)
    assert (seldom.low, often.low) != (None, None)
    assert seldom.low is not None
    assert often.low is not None
    assert seldom.low <= often.low


def test_a_stock_that_stands_still_has_the_interval_of_one_gained() -> None:
    found = grown(Kind.STOCK, daily(*[1000.0] * 100))
    assert (found.window, found.dispersion, found.direction) == (0, 1, Direction.STEADY)
    assert found.high == pytest.approx(in_months(1.96 / 1000))


# --- Flow


def test_a_flow_grows_by_its_28_days_over_the_28_before() -> None:
    found = grown(Kind.FLOW, daily(*[9.0] * 5, *[10.0] * 28, *[12.0] * 28))
    assert found.window == pytest.approx(0.2)
    assert (found.start, found.end) == (280, 336)


def test_weekends_do_not_look_like_growth() -> None:
    """Whatever the weekday of T, four whole weeks hold the same weekdays."""
    given = daily(*[100.0, 110, 120, 130, 140, 40, 30] * 12)
    for back in range(7):
        assert grown(Kind.FLOW, given, END - dt.timedelta(days=back)).window == pytest.approx(0)


def test_the_interval_of_a_flow_is_one_of_logs() -> None:
    """Weeks of 70 and 140 in turns: symmetrical, so φ = Σ 35²/105 / df over eight weeks, 6 degrees of freedom."""
    weeks = [70.0, 140, 140, 70, 70, 140, 140, 70]
    found = grown(Kind.FLOW, daily(*np.repeat(np.array(weeks) / 7, 7)))
    phi = 8 * 35**2 / 105 / 6
    assert found.dispersion == pytest.approx(phi)
    half = STUDENT_6 * math.sqrt(phi / 420 + phi / 420)
    assert found.low == pytest.approx(math.exp(-half * SCALE) - 1, rel=1e-3)
    assert found.high == pytest.approx(math.exp(half * SCALE) - 1, rel=1e-3)


def test_the_interval_of_a_flow_counts_each_window_half_as_it_is_and_half_as_expected() -> None:
    """Twenty-six weeks without a trend, at 1,000 a week in the mean, of which the last four brought 800 each."""
    weeks = np.array([1100.0, 900] * 9 + [1200, 1200, 1200, 1200] + [800, 800, 800, 800])
    found = grown(Kind.FLOW, daily(*(np.repeat(weeks / 7, 7) + np.resize([1.0, -1, 0, 2, -2, 3, -3], 182))))
    trend = poisson_trend(np.arange(26.0), weeks)
    phi = ((weeks - trend) ** 2 / trend).sum() / 24
    assert found.dispersion == pytest.approx(phi)
    errors = 1.96 + 8 / 26 * (STUDENT_24 - 1.96)
    half = errors * math.sqrt(phi * 2 / (3200 + trend[-4:].sum()) + phi * 2 / (4800 + trend[-8:-4].sum()))
    assert found.low == pytest.approx(math.exp((math.log(2 / 3) - half) * SCALE) - 1, rel=1e-3)
    assert found.high == pytest.approx(math.exp((math.log(2 / 3) + half) * SCALE) - 1, rel=1e-3)


def test_days_that_were_not_seen_make_a_flow_less_sure() -> None:
    amounts = np.random.default_rng(8).negative_binomial(20, 0.1, 182).astype(float)
    whole = grown(Kind.FLOW, daily(*amounts))
    holes = ~np.isin(np.arange(182), [181 - day for day in (1, 9, 17, 24)])
    holed = grown(Kind.FLOW, Series(daily(*amounts).days[holes], amounts[holes]))
    assert holed.dispersion is not None
    assert whole.dispersion is not None
    assert _width(holed) / math.sqrt(holed.dispersion) > 1.03 * _width(whole) / math.sqrt(whole.dispersion)


def _width(found: Growth) -> float:
    assert found.low is not None
    assert found.high is not None
    return math.log1p(found.high) - math.log1p(found.low)


def test_a_flow_base_below_100_is_new_and_no_percentage() -> None:
    found = grown(Kind.FLOW, daily(*[3.0] * 15, *[4.0] * 12, 6, *[8.0] * 28))
    assert (found.start, found.end) == (99, 224)
    assert found.direction is Direction.NEW
    assert found.window is None
    assert grown(Kind.FLOW, daily(*[3.0] * 15, *[4.0] * 12, 7, *[8.0] * 28)).window == pytest.approx(1.24)


def test_a_flow_needs_24_days_in_both_windows() -> None:
    given = daily(*[10.0] * 56)
    holes = T + np.array([-1, -3, -5, -7, -9])
    few = Series(given.days[~np.isin(given.days, holes)], np.full(51, 10.0))
    found = growth(Kind.FLOW, few, END)
    assert reason(found) == "only 23 of the 28 days up to 2026-11-22 were observed, 24 are needed"
    earlier = Series(given.days[~np.isin(given.days, holes - 28)], np.full(51, 10.0))
    assert "up to 2026-10-25" in reason(growth(Kind.FLOW, earlier, END))


@pytest.mark.parametrize("lacking", [1, 9, 40])
def test_a_young_flow_says_after_how_many_more_days_it_has_a_growth(lacking: int) -> None:
    """24 days of the first window and 28 of the second are the least: with 52 − n days, n more are needed."""
    given = daily(*[10.0] * (52 - lacking))
    plural = "" if lacking == 1 else "s"
    assert reason(growth(Kind.FLOW, given, END)) == f"{lacking} more day{plural} of history needed"
    assert isinstance(growth(Kind.FLOW, daily(*[10.0] * 52), END), Growth)
    assert isinstance(growth(Kind.FLOW, daily(*[10.0] * 51), END), Missing)


def test_an_outage_is_no_fall() -> None:
    given = daily(*[500.0] * 84)
    given.values[-2:] = 0
    assert grown(Kind.FLOW, given).window == pytest.approx(0)


def test_a_flow_that_stops_falls_by_a_hundred_per_cent_and_surely() -> None:
    """Poisson, nothing seen: up to 3.69 may have been meant, of a base of 140."""
    found = grown(Kind.FLOW, daily(*[5.0, 5] * 28, *[0.0] * 28))
    assert (found.window, found.month, found.low) == (-1, -1, -1)
    assert found.dispersion is not None
    assert found.high == pytest.approx(in_months(3.69 * found.dispersion / 140 - 1))


def test_a_flow_that_stops_is_no_sure_fall_when_it_comes_in_bursts() -> None:
    bursts = np.zeros(182)
    bursts[[10, 60, 110, 140]] = 150
    found = grown(Kind.FLOW, daily(*bursts))
    assert found.window == -1
    assert found.direction is Direction.STEADY


# --- Directions


@pytest.mark.parametrize(
    ("weekly", "direction"), [(1.02, Direction.RISING), (1.0, Direction.STEADY), (0.98, Direction.FALLING)]
)
def test_the_direction_is_that_of_the_whole_interval(weekly: float, direction: Direction) -> None:
    found = grown(Kind.FLOW, daily(*1000 * weekly ** (np.arange(200) / 7)))
    assert found.low is not None
    assert found.high is not None
    assert found.direction is direction
    assert (found.low > 0, found.high < 0) == (direction is Direction.RISING, direction is Direction.FALLING)


def test_ten_out_of_twenty_do_not_beat_ten_thousand_out_of_a_hundred_thousand() -> None:
    """A large percentage of little has the lower lower end."""
    rng = np.random.default_rng(4)
    small = grown(Kind.STOCK, daily(*60 + np.cumsum(rng.poisson(0.2, 120))))
    large = grown(Kind.STOCK, daily(*100_000 + np.cumsum(rng.poisson(360, 120))))
    assert small.low is not None
    assert large.low is not None
    assert small.low < large.low


@pytest.mark.parametrize(
    ("kind", "given", "days", "unsure"),
    [
        (Kind.STOCK, daily(*range(1000, 1050)), 1, "8 weeks of history needed to say how sure, 7 there"),
        (Kind.FLOW, daily(*[10.0] * 55), 1, "8 weeks of history needed to say how sure, 7 there"),
        (Kind.COUNTER, daily(*range(0, 560, 10)), 1, "8 weeks of history needed to say how sure, 7 there"),
        (Kind.ROLLING, daily(*[500.0] * 100), 28, "8 windows of 28 days of history needed to say how sure, 4 there"),
        (Kind.PERIOD, monthly(310, 280, 310), 1, "8 months of history needed to say how sure, 3 there"),
    ],
)
def test_with_too_little_history_there_is_a_growth_but_no_direction(
    kind: Kind, given: Series, days: int, unsure: str
) -> None:
    found = grown(kind, given, days=days)
    assert found.window is not None
    assert (found.low, found.high, found.direction, found.dispersion) == (None, None, None, None)
    assert found.unsure == Missing(unsure)


def test_an_interval_is_finite_even_when_nothing_can_be_said() -> None:
    bursts = np.zeros(182)
    bursts[[3, 150]] = 1e9
    bursts[-1] = 1
    found = grown(Kind.FLOW, daily(*bursts))
    assert found.high is not None
    assert math.isfinite(found.high)
    assert found.direction is Direction.STEADY


# --- Counter


def test_a_counter_grows_as_the_flow_of_its_differences() -> None:
    amounts = np.random.default_rng(1).poisson(15, 100).astype(float)
    counted, flowed = grown(Kind.COUNTER, daily(0, *np.cumsum(amounts))), grown(Kind.FLOW, daily(*amounts))
    assert counted == flowed


def test_a_counter_that_was_reset_grows_on() -> None:
    totals = np.cumsum([10.0] * 80)
    totals[60:] -= totals[60]
    assert grown(Kind.COUNTER, daily(*totals)).window == pytest.approx(0)


def test_a_counter_seen_once_a_week_has_a_growth() -> None:
    amounts = [50.0 + 2 * week for week in range(12)]
    given = series({-7 * (11 - week): total for week, total in enumerate(np.cumsum(amounts))})
    assert grown(Kind.COUNTER, given).window == pytest.approx(sum(amounts[-4:]) / sum(amounts[-8:-4]) - 1)


def test_a_counter_seen_once_says_how_many_more_days() -> None:
    """The first amount is that of the day after; 52 of them are needed."""
    assert reason(growth(Kind.COUNTER, daily(5), END)) == "52 more days of history needed"
    assert reason(growth(Kind.COUNTER, daily(*range(52)), END)) == "1 more day of history needed"


# --- Rolling


def test_a_rolling_amount_is_compared_with_the_one_a_length_earlier() -> None:
    given = series({-30: 500, -28: 600, 0: 660})
    assert grown(Kind.ROLLING, given, days=28).window == pytest.approx(0.1)
    assert grown(Kind.ROLLING, given, days=30).end == 660


def test_a_rolling_length_other_than_28_days_is_scaled() -> None:
    found = grown(Kind.ROLLING, series({-30: 500, 0: 550}), days=30)
    assert found.window == pytest.approx(1.1 ** (28 / 30) - 1)
    assert found.month == pytest.approx(1.1 ** (30.4375 / 30) - 1)


def test_a_rolling_amount_is_read_between_observations() -> None:
    assert grown(Kind.ROLLING, series({-31: 500, -25: 560, 0: 636}), days=28).window == pytest.approx(0.2)


def test_the_interval_of_a_rolling_amount_is_that_of_its_windows_that_do_not_overlap() -> None:
    """Seen every fortnight: what lies between two windows, however wild, does not count."""
    windows = [400.0, 500, 500, 400, 400, 500, 500, 400]
    given = series({-14 * back: windows[back // 2] if back % 2 == 0 else 90_000 for back in range(15)})
    found = grown(Kind.ROLLING, given, days=28)
    phi = 8 * 50**2 / 450 / 6
    assert found.dispersion == pytest.approx(phi)
    errors = 1.96 + 2 / 8 * (STUDENT_6 - 1.96)
    half = errors * math.sqrt(phi * 2 / (500 + 450) + phi * 2 / (400 + 450))
    assert found.low == pytest.approx(math.exp((math.log(0.8) - half) * SCALE) - 1, rel=1e-3)


def test_a_rolling_base_below_100_is_new() -> None:
    assert grown(Kind.ROLLING, series({-28: 99, 0: 300}), days=28).direction is Direction.NEW


def test_people_in_a_window_have_a_percentage_from_50_on() -> None:
    """Most of them were there in the window before, as in a level."""

    def people(start: float) -> Growth | Missing:
        return growth(Kind.ROLLING, series({-28: start, 0: 66}), END, days=28, people=True)

    few, enough = people(49), people(50)
    assert isinstance(few, Growth)
    assert isinstance(enough, Growth)
    assert few.direction is Direction.NEW
    assert enough.window == pytest.approx(0.32)
    assert grown(Kind.ROLLING, series({-28: 50, 0: 66}), days=28).direction is Direction.NEW


# --- Period


def test_a_period_is_compared_per_day_of_the_month() -> None:
    """310 in October and 300 in September are both ten a day."""
    found = grown(Kind.PERIOD, monthly(300, 310))
    assert found.month == pytest.approx(0)
    assert (found.start, found.end, found.end_day) == (300, 310, dt.date(2026, 10, 31))


def test_the_month_of_a_period_is_its_growth_from_month_to_month() -> None:
    found = grown(Kind.PERIOD, monthly(300, 341))
    assert found.month == pytest.approx(0.1)
    assert found.window == pytest.approx(1.1 ** (28 / 30.4375) - 1)


def test_the_interval_of_a_period_is_that_of_its_months() -> None:
    """Ten and twelve a day from March to October; amounts vary as those of mean months, the last two are as counted,
    and to be expected were eleven a day, by trend of a month of mean length.
    """
    per_day = np.array([10.0, 12, 12, 10, 10, 12, 12, 10])
    found = grown(Kind.PERIOD, monthly(*per_day * [31, 30, 31, 30, 31, 31, 30, 31]))
    phi = 8 * 30.4375 * 1**2 / 11 / 6
    assert found.dispersion == pytest.approx(phi)
    errors = 1.96 + 2 / 8 * (STUDENT_6 - 1.96)
    half = errors * math.sqrt(phi * 2 / (310 + 11 * 30.4375) + phi * 2 / (360 + 11 * 30.4375))
    assert found.low == pytest.approx(10 / 12 * math.exp(-half) - 1, rel=1e-3)
    assert found.high == pytest.approx(10 / 12 * math.exp(half) - 1, rel=3e-3)


def test_a_month_that_is_lacking_is_named() -> None:
    given = monthly(300, 310, 320)
    holed = Series(given.days[[0, 2]], given.values[[0, 2]])
    assert reason(growth(Kind.PERIOD, holed, END)) == "no figure for the month that ended on 2026-09-30"
    assert reason(growth(Kind.PERIOD, monthly(310), END)) == "1 more month of history needed"
    assert reason(compound(Kind.PERIOD, monthly(300, 310), END, 6)) == "5 more months of history needed"


# --- Quarters


def quarterly(*values: float, last: tuple[int, int] = (2026, 10)) -> Series:
    """One value a quarter, dated on the last day of the month it ends with; the last in the month named."""
    every = monthly(*np.repeat(values, 3), last=last)
    return Series(every.days[2::3], every.values[2::3])


def test_a_quarter_is_compared_per_day_of_the_quarter() -> None:
    """August to October has 92 days, February to April 89."""
    found = grown_by_quarter(Kind.PERIOD, quarterly(890, 920, last=(2026, 7)))
    assert (found.start, found.end, found.end_day) == (890, 920, dt.date(2026, 7, 31))
    assert found.month == pytest.approx(0)


def test_the_month_of_a_quarter_is_the_third_root_of_its_growth() -> None:
    found = grown_by_quarter(Kind.PERIOD, quarterly(920, 920 * 1.331))
    assert found.month == pytest.approx(0.1)
    assert found.window == pytest.approx(1.1 ** (28 / 30.4375) - 1)


def test_the_interval_of_a_quarter_is_that_of_its_quarters() -> None:
    with_eight = grown_by_quarter(Kind.PERIOD, quarterly(*[900.0, 950] * 4))
    assert with_eight.low is not None
    with_seven = grown_by_quarter(Kind.PERIOD, quarterly(*[900.0, 950] * 3, 900))
    assert with_seven.unsure == Missing("8 quarters of history needed to say how sure, 7 there")


def test_compound_growth_of_quarters_is_a_month_and_from_quarter_to_quarter() -> None:
    """Of quarters that end with January, April, July and October; a year apart they have the same days."""
    given = quarterly(1000, 1100, 1210, 1331, 2000)
    assert compound(Kind.PERIOD, given, END, 12, period=3) == pytest.approx(2 ** (1 / 12) - 1)
    assert year_on_year(Kind.PERIOD, given, END, period=3) == pytest.approx(1)
    assert compound(Kind.PERIOD, given, END, 3, period=3) == pytest.approx((2000 / 1331) ** (1 / 3) - 1)


def test_growth_over_part_of_a_period_is_not_told() -> None:
    assert reason(compound(Kind.PERIOD, quarterly(500, 600), END, 3, period=12)) == "its figures are of 12 months each"


def test_a_quarter_that_is_lacking_is_named() -> None:
    given = quarterly(300, 310, 320)
    holed = Series(given.days[[0, 2]], given.values[[0, 2]])
    assert reason(growth(Kind.PERIOD, holed, END, period=3)) == "no figure for the quarter that ended on 2026-07-31"
    assert reason(growth(Kind.CLOSING, quarterly(310), END, period=3)) == "3 more months of history needed"


def test_acceleration_of_quarters_is_told_in_28_days() -> None:
    given = quarterly(920, 920 * 1.1, 920 * 1.21 * 1.1, last=(2026, 9))
    per_day = [given.values[0] / 90, given.values[1] / 91, given.values[2] / 92]
    change = math.log(per_day[2] / per_day[1]) - math.log(per_day[1] / per_day[0])
    assert acceleration(Kind.PERIOD, given, END, period=3) == pytest.approx(change * 28 / (3 * 30.4375))


def test_the_months_of_a_quarter_have_equal_parts_of_its_growth_in_the_index() -> None:
    """What each month brought is not known, so none is said to have stood still while another jumped."""
    found = month_index(Kind.CLOSING, quarterly(*[1000.0] * 5, 1331), END, period=3)
    assert found.last_day == dt.date(2026, 10, 31)
    assert len(found) == 13
    assert found.values[-4:] == pytest.approx([1000, 1100, 1210, 1331])


def test_a_quarter_that_is_lacking_leaves_its_months_out_of_the_index() -> None:
    given = quarterly(1000, 1000, 1000, 1331)
    holed = Series(given.days[[0, 1, 3]], given.values[[0, 1, 3]])
    found = month_index(Kind.CLOSING, holed, END, period=3)
    assert [str(dt.date.fromordinal(day)) for day in found.days.tolist()] == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
        "2026-10-31",
    ]


def test_a_closing_level_is_compared_with_the_one_a_period_before() -> None:
    """Three months apart no level may be read between them, and none is needed. It is not an amount: no day counts."""
    found = grown_by_quarter(Kind.CLOSING, quarterly(1000, 1331))
    assert found.month == pytest.approx(0.1)
    assert (found.start, found.end, found.end_day) == (1000, 1331, dt.date(2026, 10, 31))
    assert grown(Kind.CLOSING, monthly(1000, 1100)).month == pytest.approx(0.1)


def test_a_closing_level_below_50_is_new() -> None:
    assert grown_by_quarter(Kind.CLOSING, quarterly(49, 90)).direction is Direction.NEW
    assert grown_by_quarter(Kind.CLOSING, quarterly(50, 90)).direction is None


def test_the_interval_of_a_closing_level_is_that_of_its_gains() -> None:
    levels = 10_000 + np.cumsum([100.0, 300, 300, 100, 100, 300, 300, 100])
    found = grown_by_quarter(Kind.CLOSING, quarterly(10_000, *levels))
    assert found.low is not None
    assert found.direction is Direction.STEADY
    assert grown_by_quarter(Kind.CLOSING, quarterly(*levels)).unsure == Missing(
        "8 quarters of history needed to say how sure, 7 there"
    )


def grown_by_quarter(kind: Kind, given: Series) -> Growth:
    found = growth(kind, given, END, period=3)
    assert isinstance(found, Growth), found.reason
    return found


# --- Compound, year on year, acceleration


def test_compound_growth_of_a_stock_is_over_calendar_months() -> None:
    """Three months before 22 November is 22 August, 92 days back."""
    given = series({-92: 1000, 0: 1331})
    assert compound(Kind.STOCK, given, END, 3) == pytest.approx(0.1)


def test_a_day_that_a_month_lacks_is_its_last() -> None:
    """Three months before 31 May is 28 February."""
    days = [dt.date(2026, 2, 28).toordinal(), dt.date(2026, 5, 31).toordinal()]
    given = Series(np.array(days, dtype=np.int64), np.array([1000.0, 1331]))
    assert compound(Kind.STOCK, given, dt.date(2026, 5, 31), 3) == pytest.approx(0.1)


def test_other_days_stay_the_same_day() -> None:
    days = [dt.date(2026, 3, 30).toordinal(), dt.date(2026, 4, 30).toordinal()]
    given = Series(np.array(days, dtype=np.int64), np.array([1000.0, 1100]))
    assert compound(Kind.STOCK, given, dt.date(2026, 4, 30), 1) == pytest.approx(0.1)


def test_compound_growth_of_a_flow_is_that_of_its_28_days() -> None:
    given = daily(*[10.0] * 40, *[77.0] * 64, *[20.0] * 28)
    assert compound(Kind.FLOW, given, END, 3) == pytest.approx(2 ** (1 / 3) - 1)


def test_compound_growth_of_a_period_is_from_month_end_to_month_end() -> None:
    """September has 30 days, June too: 300 to 600 doubles in three months; T may be any later day."""
    given = monthly(300, 900, 900, 600, last=(2026, 9))
    assert compound(Kind.PERIOD, given, END, 3) == pytest.approx(2 ** (1 / 3) - 1)


def test_compound_growth_of_a_rolling_amount_is_that_of_its_values() -> None:
    assert compound(Kind.ROLLING, series({-92: 200, 0: 400}), END, 3, days=28) == pytest.approx(2 ** (1 / 3) - 1)


def test_a_small_base_has_no_compound_growth() -> None:
    assert reason(compound(Kind.STOCK, series({-92: 49, 0: 1331}), END, 3)) == (
        "the base of 49 on 2026-08-22 is below 50"
    )
    assert "below 100" in reason(year_on_year(Kind.ROLLING, series({-365: 99, 0: 1331}), END, days=28))


def test_history_that_compound_growth_still_needs_is_counted() -> None:
    assert reason(compound(Kind.STOCK, series({-82: 500, 0: 600}), END, 3)) == "10 more days of history needed"


def test_year_on_year_is_the_growth_of_twelve_months_as_a_whole() -> None:
    assert year_on_year(Kind.STOCK, series({-365: 1000, 0: 1500}), END) == pytest.approx(0.5)


def test_year_on_year_of_a_period_is_month_against_month_per_day() -> None:
    """February 2024 had 29 days, February 2025 28."""
    given = monthly(290, *[500] * 11, 560, last=(2025, 2))
    assert year_on_year(Kind.PERIOD, given, END) == pytest.approx(1)


def test_acceleration_is_this_windows_log_growth_less_the_one_before() -> None:
    given = series({-56: 1000, -28: 1100, 0: 1320})
    assert acceleration(Kind.STOCK, given, END) == pytest.approx(math.log(1.2) - math.log(1.1))
    flow = daily(*[10.0] * 28, *[11.0] * 28, *[13.2] * 28)
    assert acceleration(Kind.FLOW, flow, END) == pytest.approx(math.log(1.2) - math.log(1.1))


def test_steady_relative_growth_does_not_accelerate() -> None:
    given = series({-28 * back: 1000 * 1.3**-back for back in range(3)})
    assert acceleration(Kind.STOCK, given, END) == pytest.approx(0)


def test_acceleration_needs_two_windows_and_their_bases() -> None:
    assert reason(acceleration(Kind.STOCK, series({-28: 1000, 0: 1100}), END)) == "28 more days of history needed"
    assert "below 50" in reason(acceleration(Kind.STOCK, series({-56: 40, -28: 100, 0: 1100}), END))
    assert "fell to 0" in reason(acceleration(Kind.STOCK, series({-56: 400, -28: 100, 0: 0}), END))


# --- Month index


def test_the_month_index_holds_twelve_closed_months_and_their_base() -> None:
    """On 22 November the last closed month is October; the base is the October of the year before."""
    found = month_index(Kind.STOCK, daily(*range(2000, 2500)), END)
    assert len(found) == 13
    assert dt.date.fromordinal(int(found.days[0])) == dt.date(2025, 10, 31)
    assert found.last_day == dt.date(2026, 10, 31)
    assert found.values[-1] == 2499 - 22


def test_a_month_is_closed_on_its_last_day() -> None:
    given = daily(*range(100))
    assert month_index(Kind.STOCK, given, dt.date(2026, 10, 30)).last_day == dt.date(2026, 9, 30)
    assert month_index(Kind.STOCK, given, dt.date(2026, 10, 31)).last_day == dt.date(2026, 10, 31)


def test_months_without_a_value_are_left_out() -> None:
    flow = daily(*[10.0] * 120)
    gap = (flow.days < T - 60) | (flow.days > T - 50)
    found = month_index(Kind.FLOW, Series(flow.days[gap], flow.values[gap]), END)
    assert [str(dt.date.fromordinal(day)) for day in found.days.tolist()] == ["2026-08-31", "2026-10-31"]
    assert found.values.tolist() == [280, 280]


def test_a_period_in_the_month_index_is_scaled_to_a_mean_month() -> None:
    found = month_index(Kind.PERIOD, monthly(*[100.0] * 20, 300, 310), END)
    assert len(found) == 13
    assert found.values[-2:] == pytest.approx([304.375, 304.375])


# --- How often the interval holds the truth

SEASON = np.array([1.2, 1.25, 1.2, 1.15, 1.1, 0.6, 0.5])


def counts(rng: np.random.Generator, a_month: float, phi: int, month_growth: float) -> Series:
    """Half a year of daily counts with a weekly season, whose two last windows grow as told."""
    days = np.arange(-202, 1)
    mean = a_month / 28 * (1 + month_growth) ** ((days + 14) / 30.4375) * SEASON[days % 7]
    drawn = rng.poisson(mean) if phi == 1 else rng.negative_binomial(mean / (phi - 1), 1 / phi)
    return Series((T + days).astype(np.int64), drawn.astype(float))


def held(pick: Callable[[np.random.Generator], float], runs: int) -> tuple[float, float]:
    """The shares of simulated series whose interval holds the true growth, and which are said to move."""
    rng = np.random.default_rng(20261122)
    holds, moves = [], []
    for _ in range(runs):
        true = pick(rng)
        a_month, phi = 10 ** rng.uniform(2, math.log10(200_000)), int(rng.choice([1, 3, 10, 30]))
        found = growth(Kind.FLOW, counts(rng, a_month, phi, true), END)
        if isinstance(found, Growth) and found.low is not None and found.high is not None:
            holds.append(found.low <= true <= found.high)
            moves.append(found.direction is not Direction.STEADY)
    assert len(holds) > 0.9 * runs
    return float(np.mean(holds)), float(np.mean(moves))


def test_the_interval_holds_the_truth_in_19_cases_of_20() -> None:
    """Counts from 100 to 200,000 a month, dispersion 1 to 30, growth of −30 to +30 % a month."""
    share, _ = held(lambda rng: float(rng.uniform(-0.3, 0.3)), 1500)
    assert 0.92 <= share <= 0.99


def test_noise_is_seldom_called_a_move() -> None:
    _, moves = held(lambda _: 0.0, 500)
    assert moves < 0.07
