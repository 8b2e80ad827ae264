"""The index of a relative-only figure: that it tells the growth, and that it does not tell the level."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundswell import own_index
from groundswell.figure_table import Levels
from groundswell.models import EMPTY_SERIES, Kind, OwnFigure
from groundswell.own_index import NoIndex
from tests.owners import figure

LAST = dt.date(2026, 11, 19)
STOCK = figure(kind=Kind.STOCK)


def levels(values: Sequence[object], last: dt.date = LAST) -> Levels:
    first = last - dt.timedelta(days=len(values) - 1)
    return Levels({first + dt.timedelta(days=n): Decimal(str(value)) for n, value in enumerate(values)})


def index(values: Sequence[object], wanted: OwnFigure = STOCK) -> Mapping[dt.date, float]:
    return own_index.index(levels(values), wanted, EMPTY_SERIES, None).values


def walk(seed: int, start: int, count: int, spread: float = 0.02) -> list[int]:
    """Whole numbers that go up and down."""
    chance = np.random.default_rng(seed)
    return [round(value) for value in start * np.exp(np.cumsum(chance.normal(0.001, spread, count)))]


def test_it_is_100_on_the_newest_day_and_goes_in_steps() -> None:
    found = list(index(walk(1, 40_000, 60)).values())
    assert found[-1] == 100
    assert all((2 * point).is_integer() for point in found)


def test_it_tells_the_growth_to_a_step() -> None:
    values = walk(2, 48_213, 60)
    found = list(index(values).values())
    assert abs(found[-1] / found[-29] - values[-1] / values[-29]) < 0.01


def test_a_flow_is_100_in_the_mean_of_its_last_four_weeks() -> None:
    values = [30_011 + n if n % 7 < 5 else 9_007 for n in range(60)]
    found = list(index(values, figure(kind=Kind.FLOW)).values())
    assert sum(found[-28:]) / 28 == pytest.approx(100, abs=0.25)


def test_it_goes_on_when_days_are_added() -> None:
    values = walk(3, 50_000, 60)
    first = own_index.index(levels(values[:50], LAST - dt.timedelta(days=10)), STOCK, EMPTY_SERIES, None)
    then = own_index.index(levels(values), STOCK, own_index.series(first.values), first.base)
    assert then.base == first.base
    assert {day: then.values[day] for day in first.values} == first.values


def test_a_table_that_lost_its_beginning_goes_on_at_the_same_height() -> None:
    values = walk(4, 50_000, 90)
    first = own_index.index(levels(values[:50], LAST - dt.timedelta(days=40)), STOCK, EMPTY_SERIES, None)
    whole = own_index.index(levels(values), STOCK, own_index.series(first.values), first.base).values
    beheaded = own_index.index(levels(values[-60:]), STOCK, own_index.series(whole), first.base).values
    assert all(abs(beheaded[day] - whole[day]) <= 0.5 for day in beheaded)


def test_a_table_that_has_nothing_in_common_with_the_one_before_is_refused() -> None:
    first = own_index.index(levels(walk(5, 50_000, 20), LAST - dt.timedelta(days=60)), STOCK, EMPTY_SERIES, None)
    with pytest.raises(NoIndex, match="no day in common"):
        own_index.index(levels(walk(5, 50_000, 20)), STOCK, own_index.series(first.values), first.base)


def test_a_published_point_does_not_flicker_and_a_correction_is_followed() -> None:
    values: list[float] = [*walk(6, 50_000, 40)]
    first = own_index.index(levels(values), STOCK, EMPTY_SERIES, None)
    published = own_index.series(first.values)
    values[3] *= 1.002  # less than a step
    values[5] *= 1.5
    then = own_index.index(levels([round(value, 2) for value in values]), STOCK, published, first.base).values
    days = list(first.values)
    assert then[days[3]] == first.values[days[3]]
    assert then[days[5]] > 1.4 * first.values[days[5]]


@pytest.mark.parametrize(
    ("values", "step"),
    [
        (walk(7, 30, 60, 0.1), 0.5),  # thirty organisations
        (walk(7, 700, 60), 0.5),
        ([1000 * one for one in walk(8, 300, 60)], 0.5),  # large, but told in thousands
        ([1000 * one for one in walk(8, 300, 60)] + [300_001], 0.5),  # all but one
        ([one / 10 for one in walk(9, 300, 60)], 0.5),
        (walk(7, 70, 60), 5),
    ],
)
def test_numbers_so_small_or_round_that_an_index_would_tell_them_have_none(
    values: Sequence[object], step: float
) -> None:
    with pytest.raises(NoIndex, match="too small or too round"):
        index(values, figure(kind=Kind.STOCK, rounding=step))


def test_a_table_may_begin_with_one_number_and_may_stand_still() -> None:
    assert list(index([50_021]).values()) == [100]
    assert set(index([50_021] * 9).values()) == {100}
    for few in ([4], [3, 4], [4] * 9, [700_000, 800_000]):
        with pytest.raises(NoIndex):
            index(few)


def test_larger_steps_hide_smaller_numbers() -> None:
    assert index(walk(7, 700, 60), figure(kind=Kind.STOCK, rounding=1))
    assert index(walk(7, 160, 60), figure(kind=Kind.STOCK, rounding=5))


def test_an_index_cannot_begin_from_nothing() -> None:
    with pytest.raises(NoIndex, match="newest number is 0"):
        index([40_000, 0])


def test_no_message_tells_a_level() -> None:
    for values in ([48213] * 3, [40_000, 0], [7, 7]):
        try:
            index(values, figure(kind=Kind.STOCK, rounding=0.5))
        except NoIndex as error:
            assert not any(str(value) in str(error) for value in values if value)


# --- Whoever has the index tries to get the levels back --------------------------------------------------------------


def fitting(points: Sequence[float], step: float, most: int) -> list[int]:
    """The base levels up to `most` from which whole levels lead to all of the points: what an index leaves open."""
    found = []
    for base in range(1, most + 1):
        unit = 100 / base
        if all(
            math.floor((point + step / 2) / unit + 1e-9) >= math.ceil((point - step / 2) / unit - 1e-9)
            for point in points
        ):
            found.append(base)
    return found


def reconstructed(points: Sequence[float], largest: int) -> set[int]:
    """Whole numbers whose ratios are the growths between neighbours, as continued fractions find them."""
    found: set[int] = set()
    for before, after in itertools.pairwise(points):
        if before > 0:
            ratio = Fraction(after / before).limit_denominator(largest)
            found |= {ratio.numerator, ratio.denominator}
    return found


def test_the_attack_finds_what_an_exact_index_gives_away() -> None:
    """So that what follows proves something: with all digits, or on small numbers, the levels come back."""
    values = walk(11, 1_700, 300)
    exact = [100 * value / values[-1] for value in values]
    assert fitting(exact, 1e-9, values[-1])[0] == values[-1] // math.gcd(*values)
    assert set(values) & reconstructed(exact, 3_000)
    small = walk(12, 60, 300)
    rounded = [round(200 * value / small[-1]) / 2 for value in small]
    assert fitting(rounded, 0.5, 3 * small[-1] // 2) == [small[-1]]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("step", [0.5, 1.0, 5.0])
def test_from_a_published_index_every_larger_level_is_as_possible_as_the_true_one(seed: int, step: float) -> None:
    """None is singled out: all bases from the least on that could lead to such an index do lead to it."""
    least = round(100 / step)
    values = walk(seed, 8 * least + 37 * seed, 400)
    points = list(index(values, figure(kind=Kind.STOCK, rounding=step)).values())
    possible = fitting(points, step, 14 * least)
    assert possible[-(14 * least - least) :] == list(range(least + 1, 14 * least + 1))
    assert not {value for value in values if value > 3 * least} & reconstructed(points, 20 * least)


@given(st.integers(1_000, 10**9), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_levels_ten_times_as_large_look_the_same_to_a_step(start: int, seed: int) -> None:
    """What is published hardly depends on the level: the same course at ten times the height moves no point by more
    than a step.
    """
    course = walk(seed, start, 80)
    try:
        low, high = index(course), index([10 * value + seed % 7 for value in course])
    except NoIndex:
        return
    assert all(abs(low[day] - high[day]) <= 0.5 + 1e-9 for day in low)


def test_how_often_each_step_is_met_does_not_tell_the_level() -> None:
    """Where few units make a step, some steps hold one unit more than others, and a long history would show which. With
    five units and more to a step the true level does not stand out among others by its likelihood.
    """
    values = [1_000 + n % 397 for n in range(0, 397 * 5, 5)]
    points = np.array(list(index(values, figure(kind=Kind.STOCK, rounding=0.5)).values()))
    scores = {}
    for base in range(400, 4_000, 1):
        units = np.arange(int(base * points.min() / 100) - 3, int(base * points.max() / 100) + 4)
        steps = np.round(200 * units / base) / 2
        counts = {step: int(count) for step, count in zip(*np.unique(steps, return_counts=True), strict=True)}
        expected = np.array([counts.get(point, 0) for point in points])
        scores[base] = float(np.log(np.maximum(expected, 1e-9)).sum() - len(points) * math.log(base))
    true = scores[values[-1]]
    better = sum(score >= true for score in scores.values())
    assert better > 20
