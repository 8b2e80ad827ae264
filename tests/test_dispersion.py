"""Facts about the dispersion of counts."""

from __future__ import annotations

import numpy as np
import pytest

from groundswell.dispersion import Amounts, dispersion, even, poisson_trend, spread
from groundswell.models import Values

WEEKS = np.arange(26, dtype=np.float64)


def values(*numbers: float) -> Values:
    return np.array(numbers, dtype=np.float64)


def test_below_eight_amounts_nothing_is_known() -> None:
    assert dispersion(values(*[30] * 7)) is None
    assert dispersion(values(*[30] * 8)) == 1.0


def test_amounts_that_are_not_known_do_not_count() -> None:
    assert dispersion(values(*[30] * 7, *[np.nan] * 19)) is None


def test_it_is_never_below_one() -> None:
    assert dispersion(values(*[1000, 1001] * 13)) == 1.0


def test_without_a_trend_it_is_the_chi_square_around_the_mean() -> None:
    """Symmetrical in time, so the trend is flat at 100: eight times (±20)²/100 is 32, with 6 degrees of freedom."""
    assert dispersion(values(120, 80, 120, 80, 80, 120, 80, 120)) == pytest.approx(32 / 6)


def test_the_trend_solves_the_likelihood_equations() -> None:
    """Σ(y − μ) = 0 and Σ x(y − μ) = 0 single out the likeliest log-linear trend."""
    amounts = np.random.default_rng(5).poisson(40 * np.exp(0.05 * WEEKS)).astype(np.float64)
    trend = poisson_trend(WEEKS, amounts)
    assert (amounts - trend).sum() == pytest.approx(0, abs=1e-6)
    assert ((amounts - trend) * WEEKS).sum() == pytest.approx(0, abs=1e-4)
    assert np.diff(np.log(trend)) == pytest.approx(np.log(trend[1] / trend[0]))


def test_steady_fast_growth_is_no_noise() -> None:
    """A tenth more each week, without any noise, follows the trend."""
    amounts = 1000 * 1.1**WEEKS
    assert poisson_trend(WEEKS, amounts) == pytest.approx(amounts, rel=1e-6)
    assert dispersion(amounts) == 1.0


def test_a_missing_week_keeps_its_place_in_time() -> None:
    amounts = 1000 * 1.1**WEEKS
    amounts[[3, 4, 5, 20]] = np.nan
    assert dispersion(amounts) == 1.0


@pytest.mark.parametrize("phi", [1, 5, 30])
def test_it_recovers_the_dispersion_that_was_simulated(phi: int) -> None:
    rng = np.random.default_rng(7)
    mean = 400 * 1.03**WEEKS
    draws = rng.negative_binomial(mean / (phi - 1), 1 / phi, (300, 26)) if phi > 1 else rng.poisson(mean, (300, 26))
    found = [dispersion(draw.astype(np.float64)) for draw in draws]
    expected = 1.12 if phi == 1 else phi  # φ below 1 is raised to 1, which lifts the mean
    assert np.mean([phi for phi in found if phi is not None]) == pytest.approx(expected, rel=0.07)


@pytest.mark.parametrize(
    "amounts",
    [
        [0] * 26,
        [0] * 25 + [5],
        [5] + [0] * 25,
        [0] * 13 + [1e9] + [0] * 12,
        [1e9] + [0] * 24 + [1],
        [0.001] * 8,
        [1e12, 1] * 13,
        [-1e9, 1e9] * 13,
        [-1] + [0] * 25,
    ],
)
def test_it_is_a_number_whatever_the_amounts(amounts: list[float]) -> None:
    """Zeros, a single burst, and extremes neither fail nor give anything but a finite number of at least 1."""
    phi = dispersion(values(*amounts))
    assert phi is not None
    assert 1 <= phi < np.inf


def test_one_stray_count_after_all_is_over_does_not_weigh_as_a_burst() -> None:
    """The trend leaves all but nothing for that week; it counts as a quarter, so that one seen adds 4 to the χ²."""
    assert dispersion(values(400, 150, 60, 20, 6, 2, *[0] * 19, 1)) == 1.0


def test_a_falling_series_has_the_dispersion_of_its_mirror_image() -> None:
    gains = np.random.default_rng(3).negative_binomial(5, 0.2, 26).astype(np.float64) - 10
    assert (gains < 0).any()
    phi = dispersion(gains)
    assert phi is not None
    assert phi > 2
    assert dispersion(-gains) == pytest.approx(phi)


def test_gains_that_hover_around_zero_vary_by_their_usual_size() -> None:
    """±4 in turns: variance 16 over a size of 4, with 25 degrees of freedom from 26: their slope explains nothing."""
    assert dispersion(values(*[4, -4, -4, 4] * 6, 4, -4)) == pytest.approx(4 * 26 / 25, rel=1e-3)


def test_gains_that_are_partly_losses_are_measured_around_the_net_gain() -> None:
    """+15 and −5 in turns: a mean of 5, a mean size of 10, residuals of ±10, with 7 − (1/2)² degrees of freedom."""
    assert dispersion(values(15, -5, -5, 15, 15, -5, -5, 15)) == pytest.approx(10 * 8 / 6.75)


def test_amounts_of_longer_stretches_are_compared_by_their_length() -> None:
    """Fortnights bring twice as much as weeks, and their middles lie further apart: 10 % a week throughout."""
    ends = np.cumsum([0, 1, 1, 2, 1, 2, 1, 1, 2, 2, 1], dtype=np.float64) - 14
    totals = 1000 * 1.1**ends
    stretches = Amounts(np.diff(totals), (ends[1:] + ends[:-1]) / 2, np.diff(ends))
    found = spread(stretches)
    assert found is not None
    assert found.phi == 1.0
    assert found.usual(-0.5) == pytest.approx(1000 * (1 - 1 / 1.1), rel=0.01)


def test_the_usual_amount_is_that_of_the_trend_at_a_time() -> None:
    found = spread(even(1000 * 1.1**WEEKS))
    assert found is not None
    assert found.usual(-0.5, -1.5) == pytest.approx(1000 * (1.1**25 + 1.1**24))


def test_where_nothing_came_nothing_is_usual() -> None:
    found = spread(even(np.zeros(26)))
    assert found is not None
    assert found.usual(-0.5) == pytest.approx(0)
    assert (found.phi, found.share) == (1.0, 0.0)
