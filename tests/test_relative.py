"""A figure of which growth alone is shown: no value, an index, and an interval that knows of the rounding."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

import numpy as np
import pytest

from groundswell import own_index
from groundswell.figure_table import Levels
from groundswell.history import History
from groundswell.models import (
    EMPTY_SERIES,
    OWN,
    Card,
    Direction,
    Growth,
    Kind,
    Missing,
    OwnFigure,
    Project,
    Series,
    Stage,
)
from groundswell.stages import assess
from tests.owners import figure, month_ends

TODAY = dt.date(2026, 11, 20)


def days_of(wanted: OwnFigure, count: int) -> list[dt.date]:
    if wanted.kind.by_calendar:
        return list(month_ends(TODAY, count))
    last = TODAY - dt.timedelta(days=wanted.kind is Kind.FLOW)
    return [last - dt.timedelta(days=n) for n in range(count - 1, -1, -1)]


def course(wanted: OwnFigure, start: float, growth: float, count: int, noise: float = 0.0) -> dict[dt.date, int]:
    """Levels or amounts that grow by so much a month."""
    chance = np.random.default_rng(7)
    days = days_of(wanted, count)
    return {
        day: round(start * (1 + growth) ** ((day - days[0]).days / 30.4375) * math.exp(noise * chance.normal()))
        for day in days
    }


def card(wanted: OwnFigure, levels: dict[dt.date, int]) -> Card:
    values = {day: Decimal(value) for day, value in levels.items()}
    column = (
        own_index.index(Levels(values), wanted, EMPTY_SERIES, None).values
        if wanted.relative
        else {day: float(value) for day, value in values.items()}
    )
    project = Project("a/b", "B", "X", targets={"github": ("",), OWN: ("",)}, figures=(wanted,))
    history = History("a/b", {f"figures.{wanted.signal}": own_index.series(column)})
    return assess(project, history, {}, {}, {wanted.stage: {wanted.metric: 1.0}}, TODAY)


KINDS = (
    (Kind.STOCK, 200, 1),
    (Kind.FLOW, 200, 1),
    (Kind.PERIOD, 26, 1),
    (Kind.CLOSING, 26, 1),
)


@pytest.mark.parametrize(("kind", "count", "months"), KINDS)
def test_there_is_no_value_and_nothing_is_made_from_one(kind: Kind, count: int, months: int) -> None:
    seen = card(figure(kind=kind, months=months), course(figure(kind=kind), 48_213, 0.04, count))
    found = seen.metrics["own_revenue"]
    assert found.value is None
    assert found.missing is None
    assert found.relative
    assert seen.furthest is None
    assert all(not movement.ratios for movement in seen.movements)
    assert isinstance(found.growth, Growth)
    assert found.growth.dispersion is None
    assert max(found.growth.start, found.growth.end, *found.series.values) < 200


@pytest.mark.parametrize(("kind", "count", "months"), KINDS)
def test_its_growth_agrees_with_that_of_the_levels(kind: Kind, count: int, months: int) -> None:
    levels = course(figure(kind=kind), 48_213, 0.04, count, noise=0.01)
    hidden = card(figure(kind=kind, months=months), levels).metrics["own_revenue"].growth
    shown = card(figure(kind=kind, months=months, relative=False), levels).metrics["own_revenue"].growth
    assert isinstance(hidden, Growth)
    assert isinstance(shown, Growth)
    assert hidden.month == pytest.approx(shown.month, abs=0.008)
    assert hidden.low is not None
    assert hidden.high is not None
    assert hidden.low < shown.month < hidden.high  # type: ignore[operator]


def test_its_interval_does_not_depend_on_the_level() -> None:
    """Of counts the width of an interval tells the size; of an index it tells the scatter alone."""
    wanted = figure(kind=Kind.FLOW)
    widths = []
    for start in (4_821, 482_130, 48_213_000):
        found = card(wanted, course(wanted, start, 0.03, 200, noise=0.05)).metrics["own_revenue"].growth
        assert isinstance(found, Growth)
        assert found.low is not None
        assert found.high is not None
        widths.append(found.high - found.low)
    assert max(widths) < 1.03 * min(widths)


def test_rounding_alone_is_no_move() -> None:
    wanted = figure(kind=Kind.PERIOD)
    levels = dict.fromkeys(days_of(wanted, 26), 100_000)
    last = max(levels)
    levels[last] = 100_001
    index = dict.fromkeys(levels, 100.0) | {last: 100.5}
    project = Project("a/b", "B", "X", targets={"github": ("",), OWN: ("",)}, figures=(wanted,))
    seen = assess(project, History("a/b", {f"figures.{wanted.signal}": own_index.series(index)}), {}, {}, {}, TODAY)
    found = seen.metrics["own_revenue"].growth
    assert isinstance(found, Growth)
    assert found.direction is Direction.STEADY


def test_an_interval_is_never_narrower_than_the_steps_make_it() -> None:
    """Of a level that never moves an index in steps says less than the level does."""
    wanted = figure(kind=Kind.CLOSING, rounding=2.0)
    found = card(wanted, dict.fromkeys(days_of(wanted, 26), 50_021)).metrics["own_revenue"].growth
    assert isinstance(found, Growth)
    assert found.month == 0
    assert found.low is not None
    assert found.low == pytest.approx(-1.96 * 2 / math.sqrt(12) * math.sqrt(2) / 100, abs=0.0004)
    assert found.high == pytest.approx(-found.low, abs=0.0005)


@pytest.mark.parametrize(("growth", "direction"), [(0.05, Direction.RISING), (-0.05, Direction.FALLING)])
def test_its_direction_is_that_of_the_levels(growth: float, direction: Direction) -> None:
    wanted = figure(kind=Kind.CLOSING)
    state = card(wanted, course(wanted, 48_213, growth, 26, noise=0.004)).stages[Stage.MONETIZATION]
    assert state.indicator is direction
    assert state.parts == ("own_revenue",)


def test_from_an_index_of_0_there_is_no_rate() -> None:
    wanted = figure(kind=Kind.STOCK)
    levels = dict.fromkeys(days_of(wanted, 60), 3) | dict.fromkeys(days_of(wanted, 20), 900_001)
    found = card(wanted, levels).metrics["own_revenue"]
    assert isinstance(found.growth, Missing)
    assert "index was 0" in found.growth.reason
    assert not isinstance(found.compound[3], float)


def test_the_index_of_a_flow_is_shown_by_the_week() -> None:
    wanted = figure(kind=Kind.FLOW)
    found = card(wanted, course(wanted, 48_213, 0.0, 200, noise=0.05)).metrics["own_revenue"]
    assert set(np.diff(found.series.days)) == {7}
    assert found.series.values.mean() == pytest.approx(100, rel=0.05)
    assert isinstance(found.series, Series)
