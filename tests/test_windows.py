"""Facts about levels and amounts read from a series."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from groundswell.models import EMPTY_SERIES, Series
from groundswell.windows import (
    amount,
    differences,
    filling,
    level,
    levels,
    observed_days,
    resets,
    weekly_amounts,
    weekly_gains,
    without_outages,
)

T = dt.date(2026, 11, 22).toordinal()  # a Sunday


def series(observed: dict[int, float]) -> Series:
    """Days counted from T (0, −1, …) and their values."""
    days = sorted(observed)
    return Series(np.array([T + day for day in days], dtype=np.int64), np.array([observed[day] for day in days], float))


def daily(*values: float) -> Series:
    """One value a day, the last on T."""
    return series({place - len(values) + 1: value for place, value in enumerate(values)})


def without(given: Series, *days: int) -> Series:
    """The series without some days, counted from T."""
    kept = ~np.isin(given.days, T + np.array(days))
    return Series(given.days[kept], given.values[kept])


WEEKDAYS = [100.0, 110, 120, 130, 140, 40, 30]  # Monday to Sunday: 670 a week


# --- Levels


def test_an_observed_day_has_its_own_level() -> None:
    assert level(series({-3: 10, 0: 40}), T - 3) == 10


def test_a_level_lies_on_the_line_between_its_neighbours() -> None:
    assert level(series({-10: 100, 0: 200}), T - 3) == 170


def test_neighbours_may_be_fourteen_days_apart_and_no_more() -> None:
    assert level(series({-14: 0, 0: 14}), T - 1) == 13
    assert level(series({-15: 0, 0: 15}), T - 1) is None


def test_an_observed_day_needs_no_neighbour() -> None:
    assert level(series({-300: 7, 0: 15}), T - 300) == 7


def test_before_the_first_and_after_the_last_observation_there_is_no_level() -> None:
    given = series({-5: 1, 0: 2})
    assert level(given, T - 6) is None
    assert level(given, T + 1) is None
    assert level(EMPTY_SERIES, T) is None


def test_levels_of_many_days_agree_with_one_at_a_time() -> None:
    given = series({-40: 3, -30: 9, -10: 5, -3: 8, 0: 1})
    days = np.arange(T - 45, T + 5)
    one_by_one = [np.nan if (found := level(given, day)) is None else found for day in days.tolist()]
    np.testing.assert_array_equal(levels(given, days), one_by_one)


def test_weekly_gains_are_differences_of_levels_a_week_apart() -> None:
    gains = weekly_gains(series({-21: 100, -14: 130, -7: 120, 0: 125}), T)
    assert gains.values.tolist() == [30, -10, 5]
    assert gains.middles.tolist() == [-2.5, -1.5, -0.5]
    assert gains.lengths.tolist() == [1, 1, 1]


def test_a_level_that_is_seen_once_in_a_fortnight_has_gains_of_a_fortnight() -> None:
    """Read between its observations, each gain would be shared out over two weeks, which then look alike."""
    gains = weekly_gains(series({-28: 100, -14: 130, 0: 120}), T)
    assert gains.values.tolist() == [30, -10]
    assert gains.middles.tolist() == [-3, -1]
    assert gains.lengths.tolist() == [2, 2]


def test_where_the_end_of_a_week_was_not_seen_the_week_ends_with_the_observation_before() -> None:
    gains = weekly_gains(series({-22: 100, -14: 130, -9: 120, -3: 90, 0: 125}), T)
    assert gains.values.tolist() == [30, -10, 5]
    assert (7 * gains.lengths).tolist() == pytest.approx([8, 5, 9])
    assert (7 * gains.middles).tolist() == pytest.approx([-18, -11.5, -4.5])


def test_nothing_is_gained_over_a_gap_of_more_than_fourteen_days() -> None:
    gains = weekly_gains(series({-36: 100, -29: 110, -14: 130, -7: 120, 0: 125}), T)
    assert gains.values.tolist() == [10, -10, 5]
    assert gains.middles.tolist() == pytest.approx([-32.5 / 7, -1.5, -0.5])


# --- Counters


def test_the_flow_of_a_counter_is_its_difference_to_the_day_before() -> None:
    flow = differences(daily(5, 8, 8, 14))
    assert flow.days.tolist() == [T - 2, T - 1, T]
    assert flow.values.tolist() == [3, 0, 6]


def test_a_difference_over_a_gap_is_spread_evenly_over_its_days() -> None:
    flow = differences(series({-8: 100, -1: 170, 0: 175}))
    assert flow.days.tolist() == list(range(T - 7, T + 1))
    assert flow.values.tolist() == [10] * 7 + [5]


def test_a_counter_seen_once_a_week_is_a_whole_flow() -> None:
    weekly = series({-7 * week: 1000 - 70 * week for week in range(10)})
    assert amount(differences(weekly), T) == 280


def test_the_days_of_a_gap_longer_than_fourteen_days_are_missing() -> None:
    assert len(differences(series({-14: 0, 0: 28}))) == 14
    assert len(differences(series({-15: 0, 0: 30}))) == 0


def test_a_fall_makes_its_day_missing_and_is_marked() -> None:
    given = daily(100, 110, 20, 25)
    assert differences(given).days.tolist() == [T - 2, T]
    assert resets(given).tolist() == [T - 1]


def test_a_total_that_stands_still_was_not_reset() -> None:
    assert len(resets(daily(5, 5, 6))) == 0


def test_a_fall_over_a_gap_makes_all_its_days_missing() -> None:
    assert differences(series({-5: 100, -4: 104, 0: 3})).days.tolist() == [T - 4]


def test_a_large_counter_that_stands_still_is_not_counted_twice() -> None:
    """A total handed out again on T−10 is no day without downloads: the two days until the next share what came."""
    totals = np.cumsum([50.0] * 60)
    totals[-11] = totals[-12]
    flow = differences(daily(*totals))
    assert flow.values.tolist() == [50] * 59
    assert amount(flow, T) == 28 * 50


def test_a_large_counter_that_stands_still_at_the_end_is_missing_there() -> None:
    totals = np.cumsum([50.0] * 60)
    totals[-3:] = totals[-3]
    assert differences(daily(*totals)).days[-1] == T - 2


def test_a_small_counter_may_stand_still() -> None:
    assert differences(daily(3, 5, 5, 5, 6)).values.tolist() == [2, 0, 0, 1]


def test_a_counter_seen_once_has_no_flow() -> None:
    assert len(differences(daily(5))) == 0
    assert len(resets(daily(5))) == 0


# --- Amounts


def test_an_amount_is_the_sum_of_the_28_days_up_to_the_day() -> None:
    assert amount(daily(1000, *range(1, 29), 1000), T - 1) == sum(range(1, 29))


def test_a_missing_day_counts_as_the_mean_of_the_same_weekday_in_the_window() -> None:
    whole = daily(*WEEKDAYS * 3, 100, 110, 120, 130, 140, 40, 30)
    assert amount(without(whole, -1, -2), T) == pytest.approx(4 * 670)
    louder = daily(*WEEKDAYS * 3, 100, 110, 120, 130, 140, 70, 30)
    assert amount(without(louder, -8), T) == pytest.approx(4 * 670 + 30 + (40 + 40 + 70) / 3 - 40)


def test_days_outside_the_window_fill_nothing() -> None:
    given = daily(*[9000.0] * 28, *WEEKDAYS * 4)
    assert amount(without(given, -5), T) == pytest.approx(4 * 670)


def test_four_days_may_be_missing_and_no_more() -> None:
    whole = daily(*[10.0] * 28)
    assert amount(without(whole, -1, -9, -12, -20), T) == 280
    assert amount(without(whole, -1, -9, -12, -20, -27), T) is None


def test_a_weekday_missing_in_every_week_counts_as_the_mean_of_all_observed_days() -> None:
    whole = daily(*WEEKDAYS * 4)
    assert amount(without(whole, 0, -7, -14, -21), T) == pytest.approx(4 * 640 * 7 / 6)


def test_another_length_needs_the_same_share_of_days() -> None:
    whole = daily(*[10.0] * 28)
    assert amount(without(whole, -1), T, 7) == pytest.approx(70)
    assert amount(without(whole, -1, -2), T, 7) is None


def test_nothing_observed_is_no_amount() -> None:
    assert amount(EMPTY_SERIES, T) is None
    assert observed_days(EMPTY_SERIES, T) == 0


def test_observed_days_are_those_inside_the_window() -> None:
    assert observed_days(without(daily(*[1.0] * 60), -3, -27, -28), T) == 26


# --- Outages


def test_a_zero_in_a_large_series_is_a_missing_day() -> None:
    given = daily(*WEEKDAYS * 8)
    given.values[-3] = 0
    assert (T - 2) not in without_outages(given).days
    assert amount(given, T) == pytest.approx(4 * 670)


def test_more_than_four_zeros_in_a_large_series_leave_no_amount() -> None:
    given = daily(*WEEKDAYS * 8)
    given.values[-5:] = 0
    assert amount(given, T) is None


def test_small_counts_keep_their_zeros() -> None:
    given = daily(*[3.0, 0, 1, 4, 0, 2, 19] * 8)
    assert amount(given, T) == 4 * 29
    assert without_outages(given) is given


@pytest.mark.parametrize(("usual", "kept"), [(19.0, True), (20.0, False)])
def test_a_zero_is_an_outage_from_twenty_a_day_on(usual: float, kept: bool) -> None:
    given = daily(*[usual] * 112)
    given.values[-30] = 0
    assert ((T - 29) in without_outages(given).days) is kept


def test_days_of_rest_are_true_zeros() -> None:
    """A package that nobody fetches on a Sunday is not missing on Sundays, however large its Mondays."""
    assert amount(daily(*[900.0, 900, 900, 900, 900, 200, 0] * 8), T) == 4 * 4700


def test_a_burst_now_and_then_does_not_make_zeros_an_outage() -> None:
    quiet = np.zeros(112)
    quiet[[10, 45, 80, 100]] = 5000
    assert len(without_outages(daily(*quiet))) == 112


def test_an_outage_of_four_weeks_up_to_the_end_is_not_believed() -> None:
    given = daily(*[300.0] * 112)
    given.values[-28:] = 0
    assert len(without_outages(given)) == 112 - 28


def test_zeros_that_stay_for_months_are_believed() -> None:
    given = daily(*[300.0] * 112, *[0.0] * 112)
    assert amount(given, T) == 0


# --- Weekly amounts


def test_weekly_amounts_are_26_whole_weeks_up_to_the_day() -> None:
    found = weekly_amounts(daily(*np.arange(210.0)), T)
    assert found.values.tolist() == [49 * week + 21 for week in range(4, 30)]
    assert found.middles.tolist() == [week - 25.5 for week in range(26)]
    assert (found.lengths == 1).all()


def test_one_missing_day_in_a_week_is_filled_from_the_weeks_before() -> None:
    found = weekly_amounts(without(daily(*WEEKDAYS * 30), -2, -30), T)
    assert found.values == pytest.approx([670] * 26)


def test_a_week_with_two_missing_days_is_not_known() -> None:
    found = weekly_amounts(without(daily(*WEEKDAYS * 30), -8, -9), T)
    assert found.middles.tolist() == [-0.5 - week for week in range(25, -1, -1) if week != 1]


def test_weeks_before_the_first_observation_are_not_known() -> None:
    found = weekly_amounts(daily(*WEEKDAYS * 5), T)
    assert found.middles.tolist() == [-4.5, -3.5, -2.5, -1.5, -0.5]


def test_a_running_total_seen_now_and_then_has_the_amounts_between_its_observations() -> None:
    """Weeks that cut across its observations would mix two of them each, and look calmer than it is."""
    totals: dict[int, float] = {0: 2000, -8: 1200, -16: 1000, -24: 840, -32: 800, -40: 0}
    found = weekly_amounts(differences(series(totals)), T)
    assert found.values.tolist() == pytest.approx([800, 40, 160, 200, 800])
    assert (7 * found.lengths).tolist() == pytest.approx([8] * 5)
    assert (7 * found.middles).tolist() == pytest.approx([-36, -28, -20, -12, -4])


def test_a_running_total_seen_on_the_same_weekday_has_the_amounts_of_its_weeks() -> None:
    totals: dict[int, float] = {-7 * week: 10_000 - 90 * week**2 for week in range(9)}
    found = weekly_amounts(differences(series(totals)), T)
    assert found.values.tolist() == pytest.approx([90 * (week**2 - (week - 1) ** 2) for week in range(8, 0, -1)])


def test_a_running_total_seen_once_in_a_fortnight_has_no_weeks() -> None:
    totals: dict[int, float] = {-14 * back: 10_000 - 90 * back**2 for back in range(6)}
    found = weekly_amounts(differences(series(totals)), T)
    assert found.values.tolist() == pytest.approx([90 * (back**2 - (back - 1) ** 2) for back in range(5, 0, -1)])
    assert (found.lengths == 2).all()


def test_days_without_an_amount_are_no_sign_of_a_total_seen_now_and_then() -> None:
    given = np.zeros(100)
    given[::9] = 5
    found = weekly_amounts(daily(*given), T)
    assert (found.lengths == 1).all()


def test_filled_days_raise_the_variance() -> None:
    """Three of four Mondays, each counted four thirds: 4/3 for a seventh of the days."""
    assert filling(daily(*WEEKDAYS * 4), T) == 1
    assert filling(without(daily(*WEEKDAYS * 4), -3), T) == pytest.approx((6 + 4 / 3) / 7)
    assert filling(without(daily(*WEEKDAYS * 4), -3, -10, -2, -5), T) == pytest.approx((4 + 2 * 4 / 3 + 4 / 2) / 7)
