"""Facts about what is odd in a series: what is found, what is not, and what growth makes of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from benchmarks import anomalies as benchmark
from groundswell.anomalies import KEPT_OUT, Examined, examine, unexamined
from groundswell.metrics import measure
from groundswell.models import Anomaly, Growth, Kind, Measured, Missing, Oddity, Series, Signal
from groundswell.standstill import FEWEST_SERIES, of_sources
from tests.growing import SIGNALS, TODAY, daily, flow, history, level, project

DAY = TODAY.toordinal()


def signal(kind: Kind, unit: str = "stars", days: int = 1) -> Signal:
    return Signal("x", kind, unit, 0, "", "", "", days)


def looked(values: Sequence[float], kind: Kind = Kind.STOCK, *, step: int = 1, days: int = 1) -> Examined:
    """A series that ends today, an observation every `step` days."""
    places = DAY - step * np.arange(len(values) - 1, -1, -1, dtype=np.int64)
    return examine("x", Series(places, np.array(values, dtype=np.float64)), signal(kind, days=days))


def of(kind: Oddity, found: Examined) -> list[Anomaly]:
    return [one for one in found.anomalies if one.kind is kind]


def only(kind: Oddity, found: Examined) -> Anomaly:
    assert [one.kind for one in found.anomalies] == [kind], [one.says for one in found.anomalies]
    return found.anomalies[0]


def rising(count: int, start: float = 4_000, gain: float = 5) -> list[float]:
    return [start + gain * place for place in range(count)]


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


# --- Levels that leap ------------------------------------------------------------------------------------------------


def test_an_even_series_has_nothing_odd() -> None:
    found = looked(rising(400))
    assert found.anomalies == ()
    assert len(found.apart) == 0
    assert found.basis.values.tolist() == found.kept.values.tolist() == rising(400)


def test_answers_of_something_else_in_turn_are_a_flip_and_kept_out() -> None:
    values = rising(100)
    for place in (40, 41, 50, 60, 61, 62):
        values[place] = 480 + place % 3
    found = looked(values, step=7)
    flip = only(Oddity.FLIP, found)
    assert (flip.first, flip.last) == (ago(7 * 59), ago(7 * 37))
    assert (flip.seen["times"], flip.seen["observations"]) == (3, 6)
    assert (flip.seen["to_low"], flip.seen["to_high"], flip.seen["from_low"]) == (480, 482, 4_195)
    assert found.apart.values.max() == 482
    assert found.basis.values.min() == 4_000


def test_numbers_of_a_namesake_a_hundred_times_as_large_are_kept_out_too() -> None:
    values = rising(100, 250, 1)
    for place in (40, 60):
        values[place] = 24_000
    assert only(Oddity.FLIP, found := looked(values, step=7)).seen["times"] == 2
    assert found.basis.values.max() == 349


def test_one_day_at_nothing_is_a_fall_to_zero_and_kept_out() -> None:
    values = rising(100, 22_000)
    values[70] = 28
    found = looked(values)
    zero = only(Oddity.ZERO, found)
    assert zero.first == zero.last == ago(29)
    assert zero.says == (
        f"fell from 22,345 to 28 stars on {ago(29)} and stood at 22,355 again on {ago(28)}; kept out of growth"
    )
    assert found.apart.values.tolist() == [28]


def test_a_fall_to_nothing_is_not_believed_for_four_weeks_and_then_it_is() -> None:
    young = looked([*rising(100), *[3] * 28])
    assert only(Oddity.ZERO, young).says.endswith("not believed yet; those 28 observations are kept out of growth")
    assert young.kept.last_day == ago(28)
    old = looked([*rising(100), *[3] * 29])
    step = only(Oddity.STEP, old)
    assert (step.first, step.seen) == (ago(28), {"from": 4_495, "to": 3})
    assert len(old.apart) == 0
    assert old.basis.values.tolist() == [3] * 29
    assert len(old.whole) == 129


def test_where_a_source_flipped_before_a_new_level_must_last_three_months() -> None:
    flips = [*rising(60), 480, 480, *rising(10, 4_300), 480, *rising(10, 4_350)]
    assert of(Oddity.STEP, looked([*flips, *[480] * 60])) == []
    assert len(of(Oddity.STEP, looked([*flips, *[480] * 95]))) == 1


def test_a_level_ten_times_as_high_without_anybody_after_it_is_not_believed_at_once() -> None:
    before = rising(60, 250, 1)
    assert only(Oddity.EXCURSION, looked([*before, *rising(10, 24_000, 1)])).seen["from"] == 309
    assert only(Oddity.STEP, looked([*before, *rising(40, 24_000, 1)])).seen["to"] == 24_000


def test_a_level_ten_times_as_high_to_which_people_go_on_coming_is_a_fact() -> None:
    crowd = [*rising(200, 250, 1), 5_000, 7_500, 8_600, 9_000, *rising(60, 9_100, 40)]
    found = looked(crowd)
    assert {one.kind for one in found.anomalies} == {Oddity.BURST}
    assert found.basis.values.tolist() == crowd


def test_a_level_that_is_always_restless_does_not_leap() -> None:
    chance = np.random.default_rng(5)
    assert looked((1_000 * np.exp(chance.normal(0, 0.3, 200))).tolist(), step=7).apart.values.tolist() == []


def test_a_small_fall_that_lasts_is_a_fact_and_stays_in() -> None:
    values = [*rising(100, 1_000, 1), *rising(50, 1_040, 1)]
    found = looked(values)
    fall = only(Oddity.FALL, found)
    assert (fall.first, fall.seen["from"], fall.seen["to"]) == (ago(49), 1_099, 1_040)
    assert found.basis.values.tolist() == values


# --- Running totals, amounts, windows --------------------------------------------------------------------------------


def test_a_running_total_that_begins_anew_is_a_reset_and_goes_on_at_once() -> None:
    found = looked([*rising(60), *rising(60, 0)], Kind.COUNTER)
    assert only(Oddity.RESET, found).first == ago(59)
    assert set(found.basis.values.tolist()) == {5.0}
    assert len(found.basis) == 118


def test_a_running_total_that_is_back_after_a_day_at_nothing_brings_no_flood() -> None:
    values = rising(120)
    values[80] = 0
    found = looked(values, Kind.COUNTER)
    assert only(Oddity.ZERO, found).first == ago(39)
    assert found.basis.values.tolist() == [5.0] * 119


def test_a_running_total_that_leaps_for_good_counts_all_but_the_leap() -> None:
    found = looked([*rising(60, 98), *rising(60, 60_000)], Kind.COUNTER)
    assert only(Oddity.STEP, found).seen["to"] == 60_000
    assert found.basis.values.tolist() == [5.0] * 118


def test_zeros_that_no_chance_makes_are_said_in_one_sentence() -> None:
    amounts = [500.0] * 120
    amounts[60] = amounts[63] = 0
    found = looked(amounts, Kind.FLOW)
    assert only(Oddity.ZERO, found).says == (
        f"0 stars on 2 days from {ago(59)} to {ago(56)}, where 500 a day are usual: not counted, and kept out of growth"
    )


def test_a_window_of_weeks_does_not_empty_in_a_day() -> None:
    values = [300.0] * 60
    values[40] = 0
    assert only(Oddity.ZERO, looked(values, Kind.ROLLING, days=28)).first == ago(19)
    assert only(Oddity.ZERO, looked([*[300.0] * 60, 0], Kind.ROLLING, days=28)).first == TODAY
    assert looked([*[30.0] * 60, 0], Kind.ROLLING, days=28).anomalies == ()
    assert looked([*[300.0] * 60, 0], Kind.ROLLING, days=1).anomalies == ()


def test_a_long_gap_is_named_and_is_no_anomaly() -> None:
    whole = level(TODAY, 5_000, 0.01, 200)
    holed = Series(np.delete(whole.days, range(50, 140)), np.delete(whole.values, range(50, 140)))
    found = examine("x", holed, signal(Kind.STOCK))
    gap = only(Oddity.GAP, found)
    assert gap.says == f"not observed from {ago(149)} to {ago(60)}, 90 days"
    assert Oddity.GAP not in KEPT_OUT


# --- Bursts ----------------------------------------------------------------------------------------------------------


def gains(count: int = 400, each: float = 4) -> list[float]:
    return [each] * count


@pytest.mark.parametrize("kind", [Kind.STOCK, Kind.FLOW, Kind.COUNTER])
def test_a_day_that_brings_a_third_of_the_year_is_a_burst_and_stays_in_growth(kind: Kind) -> None:
    amounts = gains()
    amounts[300] = 800
    found = looked(amounts if kind is Kind.FLOW else (900 + np.cumsum(amounts)).tolist(), kind)
    burst = only(Oddity.BURST, found)
    assert burst.first == burst.last == ago(99)
    assert burst.seen["share"] == pytest.approx(800 / (363 * 4 + 800))
    assert burst.says == f"36 % of a year's stars came on one day, {ago(99)}: 800, where 4 are usual"
    assert len(found.apart) == 0
    assert Oddity.BURST not in KEPT_OUT


def test_a_week_among_weekly_observations_is_a_burst() -> None:
    amounts = gains(80, 30)
    amounts[60] = 500
    assert only(Oddity.BURST, looked(np.cumsum(amounts).tolist(), step=7)).says.startswith(
        f"25 % of a year's stars came in the week to {ago(7 * 19)}: 500, where 30"
    )


def test_the_same_week_is_none_in_a_series_whose_weeks_differ_as_much() -> None:
    amounts = gains(80, 30)
    amounts[60] = 500
    amounts[4::6] = [420] * len(amounts[4::6])
    assert of(Oddity.BURST, looked(np.cumsum(amounts).tolist(), step=7)) == []


def test_fast_growth_is_no_burst() -> None:
    found = examine("x", level(TODAY, 90_000, 0.40), signal(Kind.STOCK))
    assert found.anomalies == ()


def test_a_weekly_season_is_no_burst() -> None:
    assert looked([1_000, 1_200, 1_100, 1_000, 900, 10, 12] * 60, Kind.FLOW).anomalies == ()


# --- Sources that stand still ----------------------------------------------------------------------------------------

FREEZING = {"pypi.downloads_last_month": SIGNALS["pypi.downloads_last_month"]}


def moving(number: int, frozen: Sequence[int] = (), days: int = 90) -> Series:
    """Amounts that move every day, except on so many days before today."""
    values = [1_000 * (number + 1) + 7 * place + (place * (number + 3)) % 5 for place in range(days)]
    for back in sorted(frozen, reverse=True):
        values[days - 1 - back] = values[days - 2 - back]
    return daily(TODAY, values)


def books(*series: Series) -> list[Mapping[str, Series]]:
    return [{f"pypi.downloads_last_month:p{number}": one} for number, one in enumerate(series)]


def test_many_series_unchanged_at_once_are_a_frozen_source() -> None:
    found = of_sources(books(*(moving(n, (10, 9, 8)) for n in range(6))), FREEZING)
    (frozen,) = found["pypi.downloads_last_month"]
    assert (frozen.kind, frozen.first, frozen.last) == (Oddity.FROZEN, ago(10), ago(8))
    assert frozen.seen == {"series": 6, "share": 1.0}


def test_one_series_that_stands_still_is_not() -> None:
    assert of_sources(books(*(moving(n, (10,) if n == 2 else ()) for n in range(6))), FREEZING) == {}


def test_of_too_few_series_nothing_is_said_about_their_source() -> None:
    assert of_sources(books(*(moving(n, (10,)) for n in range(FEWEST_SERIES - 1))), FREEZING) == {}
    assert of_sources(books(*(moving(n, (10,)) for n in range(FEWEST_SERIES))), FREEZING) != {}


def test_series_that_rest_in_most_weeks_say_nothing_when_they_rest() -> None:
    resting = daily(TODAY, [place // 10 for place in range(90)])
    assert of_sources(books(*[resting] * 20), FREEZING) == {}


def test_a_day_after_weekly_observations_is_no_freeze() -> None:
    days = np.array([*range(DAY - 700, DAY - 6, 7), DAY - 6], dtype=np.int64)
    values = np.array([*range(100, 100 + len(days) - 1), 100 + len(days) - 2], dtype=np.float64)
    assert of_sources(books(*[Series(days, values)] * 20), FREEZING) == {}


def test_zeros_of_a_whole_source_are_found_where_each_alone_could_be_true() -> None:
    series = [daily(TODAY, [5 + (place * (n + 2)) % 7 for place in range(60)] + [0]) for n in range(12)]
    (zero,) = of_sources(books(*series), FREEZING)["pypi.downloads_last_month"]
    assert (zero.kind, zero.first) == (Oddity.ZERO, TODAY)
    found = examine("x", series[0], FREEZING["pypi.downloads_last_month"], [zero])
    assert found.kept.last_day == ago(1)
    assert found.apart.values.tolist() == [0]


def test_only_what_stood_still_is_kept_out_of_a_frozen_source() -> None:
    (frozen,) = of_sources(books(*(moving(n, (5, 4)) for n in range(9)), moving(9)), FREEZING).values()
    kind = FREEZING["pypi.downloads_last_month"]
    assert examine("x", moving(0, (5, 4)), kind, frozen).apart.days.tolist() == [DAY - 5, DAY - 4]
    assert len(examine("x", moving(9), kind, frozen).apart) == 0


# --- What growth makes of it -----------------------------------------------------------------------------------------


def stars(series: Series) -> Measured:
    return measure(project(), history({"github.stars": series}), SIGNALS, TODAY)["stars"]


def grown(measured: Measured) -> Growth:
    assert isinstance(measured.growth, Growth), measured.growth
    return measured.growth


def replaced(series: Series, values: Mapping[int, float]) -> Series:
    """With other values so many days ago."""
    new = series.values.copy()
    for back, value in values.items():
        new[len(new) - 1 - back] = value
    return Series(series.days, new)


LEVEL = level(TODAY, 5_000, 0.03)


@pytest.mark.parametrize("back", [10, 28, 40])
def test_growth_is_the_same_without_the_days_on_which_something_else_was_seen(back: int) -> None:
    odd = stars(replaced(LEVEL, {back: 12, back + 3: 12}))
    assert grown(odd).month == pytest.approx(grown(stars(LEVEL)).month, abs=0.002)
    assert odd.apart.values.tolist() == [12, 12]
    assert odd.series.values.min() > 3_000


def test_a_level_that_fell_today_keeps_the_last_one_with_its_age_and_the_reason() -> None:
    measured = stars(replaced(LEVEL, {0: 0}))
    assert (measured.value, measured.observed) == (LEVEL.values[-2], ago(1))
    assert measured.stale == Missing(
        f"last seen {ago(1)}, 1 day ago: fell from 4,995 to 0 things on {TODAY}; not believed yet; kept out of growth"
    )


def test_from_a_step_on_growth_begins_anew_and_says_so() -> None:
    values = [*rising(300, 9_000), *rising(29, 600, 2)]
    measured = stars(daily(TODAY, values))
    assert grown(measured).start == 600
    assert any("growth begins anew" in note for note in measured.notes)
    assert len(measured.series) == 329
    younger = stars(daily(TODAY, [*rising(300, 9_000), *rising(27, 600, 2)]))
    assert younger.value != 600


def test_how_much_of_a_growth_came_in_one_day_is_said_beside_it() -> None:
    values = 5_000 + np.cumsum([4.0] * 390 + [150.0] + [4.0] * 9)
    measured = stars(daily(TODAY, values))
    assert f"58 % of this growth came on one day, {ago(9)}" in measured.notes
    assert grown(measured).end - grown(measured).start == 27 * 4 + 150


def test_a_burst_before_the_window_is_not_said_beside_growth() -> None:
    values = 5_000 + np.cumsum([4.0] * 330 + [150.0] + [4.0] * 69)
    assert not any("came on one day" in note for note in stars(daily(TODAY, values)).notes)


def test_the_share_of_an_amount_is_that_of_the_newest_window() -> None:
    newest = TODAY - dt.timedelta(days=1)
    amounts = flow(newest, 40, 0.0)
    measured = measure(
        project(pypi=["one"]), history({"pypi.downloads:one": replaced(amounts, {9: 900})}), SIGNALS, TODAY
    )["pypi_downloads"]
    assert f"45 % of the things of these 28 days came on one day, {ago(10)}" in measured.notes


# --- Real figures, and simulated ones without anything odd -----------------------------------------------------------


@cache
def real(shared: Path) -> Mapping[str, benchmark.Found]:
    return dict(benchmark.real(shared))


@pytest.mark.parametrize("case", benchmark.CASES, ids=lambda one: f"{one.project or 'all'} {one.metric} {one.first}")
def test_a_known_case_in_real_figures_is_found(shared: Path, case: benchmark.Case) -> None:
    assert real(shared)[case.dataset].that_is(case) is not None


MOST_IN_REAL = {
    "best-of-ml-python_history": {Oddity.BURST: 0.6, Oddity.FALL: 1.2},
    "best-of-jupyter_history": {Oddity.BURST: 0.4, Oddity.FALL: 0.9, Oddity.FLIP: 0.06},
    "cncf_snapshots": {Oddity.BURST: 0.6, Oddity.ZERO: 0.6},
    "cncf_daily_stars": {Oddity.BURST: 2.0, Oddity.FALL: 0.1},
}


@pytest.mark.parametrize("dataset", benchmark.DATASETS)
def test_in_real_figures_little_else_is_said(shared: Path, dataset: str) -> None:
    for kind, rate in real(shared)[dataset].per_thousand().items():
        assert rate <= MOST_IN_REAL[dataset].get(kind, 0.05), kind


def test_where_nothing_is_odd_next_to_nothing_is_said() -> None:
    for form, found in benchmark.by_form(benchmark.clean(3)):
        for kind, rate in found.per_thousand().items():
            most = {Oddity.BURST: 0.4}.get(kind, 0.05)
            if (form, kind) == ("simulated: amount a day", Oddity.ZERO):
                most = 3.0  # `without_outages`: zeros of very restless amounts, whose days count as missing, not as 0
            assert rate <= most, (form, kind)


def test_where_counts_are_no_more_restless_than_five_times_chance_no_burst_is_said() -> None:
    found = benchmark.search(benchmark.clean(2), benchmark.CLEAN_SIGNALS)
    calm = {f"simulated/{n}" for n, course in enumerate(benchmark.COURSES * 2) if course.spread <= 5}
    said = [
        one for (name, _), odd in found.anomalies.items() if name in calm for one in odd if one.kind is Oddity.BURST
    ]
    assert said == []


# --- What is not odd, stays as it is ---------------------------------------------------------------------------------


def untouched(series: Series, found: Examined, kind: Signal) -> bool:
    """Whether what is compared is what it would be if nobody had looked."""
    plain = unexamined(series, kind).basis
    return np.array_equal(plain.days, found.basis.days) and np.array_equal(plain.values, found.basis.values)


def test_a_series_of_which_nothing_is_kept_out_is_compared_as_if_nobody_had_looked() -> None:
    for columns in benchmark.clean(1).values():
        for form, series in columns.items():
            kind = benchmark.CLEAN_SIGNALS[form]
            found = examine(form, series, kind)
            said = {one.kind for one in found.anomalies} & KEPT_OUT - {Oddity.RESET}
            assert said or (untouched(series, found, kind) and not len(found.apart)), form


def test_in_real_figures_few_series_are_touched_and_each_has_its_reason(shared: Path) -> None:
    touched = whole = 0
    for name in ("best-of-jupyter_history", "cncf_daily_stars"):
        books = benchmark.read(shared / "data" / f"{name}.csv.gz")
        standing = of_sources(books.values(), benchmark.SIGNALS)
        for columns in books.values():
            for metric, series in columns.items():
                kind = benchmark.SIGNALS[metric]
                found = examine(metric, series, kind, standing.get(metric, ()))
                whole += 1
                if not untouched(series, found, kind):
                    touched += metric not in standing  # a source that stood still touches all of its series
                    assert {one.kind for one in found.anomalies} & KEPT_OUT, (name, metric)
    assert touched / whole <= 0.02
