"""Pooling: means and quotients of log growths, and how sure they are."""

from __future__ import annotations

import math

import pytest

from groundswell.models import Direction
from groundswell.pooling import NOISE_FLOOR, TWO_SIDED, Pooled, of_interval, pool, quotient, weight_of


def test_a_mean_of_growths_is_a_mean_of_logs_by_weight() -> None:
    found = pool([(3, Pooled(math.log(1.10), 0.01)), (1, Pooled(math.log(0.90), 0.01))])
    assert found is not None
    assert found.growth == pytest.approx(math.exp((3 * math.log(1.1) + math.log(0.9)) / 4) - 1)


def test_the_error_of_a_mean_is_propagated() -> None:
    found = pool([(2, Pooled(0.0, 0.03)), (1, Pooled(0.0, 0.06))])
    assert found is not None
    assert found.error == pytest.approx(math.sqrt((2 * 0.03) ** 2 + 0.06**2) / 3)
    assert math.log1p(found.high) == pytest.approx(TWO_SIDED * found.error)


def test_a_figure_too_noisy_to_tell_counts_less() -> None:
    assert weight_of(3, Pooled(0.5, NOISE_FLOOR)) == 3
    assert weight_of(3, Pooled(0.5, 2 * NOISE_FLOOR)) == pytest.approx(3 / 4)
    found = pool([(1, Pooled(0.0, 0.01)), (1, Pooled(1.0, 1.0))])
    assert found is not None
    assert found.log == pytest.approx(0.01 / 1.01)


def test_nothing_or_nothing_of_weight_has_no_mean() -> None:
    assert pool([]) is None
    assert pool([(0, Pooled(0.1, 0.01))]) is None


def test_an_interval_gives_back_its_log_growth_and_error() -> None:
    before = Pooled(0.05, 0.02)
    after = of_interval(before.growth, before.low, before.high)
    assert (after.log, after.error) == pytest.approx((before.log, before.error))


def test_an_interval_down_to_nothing_is_read_from_its_upper_half() -> None:
    found = of_interval(0.0, -1.0, math.expm1(TWO_SIDED * 0.3))
    assert (found.log, found.error) == pytest.approx((0.0, 0.3))


def test_a_fall_to_nothing_is_a_fall_and_does_not_drop_out() -> None:
    found = of_interval(-1.0, -1.0, -0.99)
    assert found.direction is Direction.FALLING
    assert found.high == pytest.approx(-0.99)
    assert found.growth < -0.99


def test_a_move_is_a_move_only_when_its_interval_leaves_out_0() -> None:
    assert Pooled(0.05, 0.02).direction is Direction.RISING
    assert Pooled(0.05, 0.03).direction is Direction.STEADY
    assert Pooled(-0.05, 0.02).direction is Direction.FALLING


def test_a_drift_is_the_quotient_of_two_growths_and_less_sure_than_either() -> None:
    drift = quotient(Pooled(math.log(1.10), 0.03), Pooled(math.log(1.04), 0.04))
    assert drift.growth == pytest.approx(1.10 / 1.04 - 1)
    assert drift.error == pytest.approx(0.05)
