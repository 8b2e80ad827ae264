"""Facts about the market: what a registry or the projects of a size did over the same window, and what is left."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from typing import Any

import numpy as np
import pytest

from groundswell import growth, market
from groundswell.catalogue import size
from groundswell.history import Failed, History
from groundswell.models import Against, Card, Direction, Growth, Kind, Measured, Missing, Reading, Series
from tests import cards as made
from tests.growing import LABELS, SIGNALS

END = dt.date(2026, 12, 31)
TOTAL = "pypi.downloads"


def december(level: float, month: float, days: int = 400) -> Series:
    """A flow that grows by so much a month and loses a third in the last days of December, with a little chance."""
    day = np.arange(END.toordinal() - days + 1, END.toordinal() + 1, dtype=np.int64)
    rest = np.where(day > dt.date(2026, 12, 18).toordinal(), 0.66, 1.0)
    chance = np.random.default_rng(3).normal(1, 0.02, days)
    return Series(day, np.round(level * (1 + month) ** ((day - day[-1]) / 30.4375) * rest * chance))


def card(name: str, *, stars: float = 5_000, month: float = 0.02, **metrics: Measured) -> Card:
    own = made.measured("stars", stars, made.growth(month, 0.01, stars, END), growth_from="github.stars")
    every: dict[str, Measured] = {"stars": own, **metrics}
    return Card(made.project(f"o/{name}", name), END, None, every, {}, (), Reading("", ""), None, (), ())


def downloading(series: Series, **more: object) -> Card:
    rate = growth.growth(Kind.FLOW, series, END)
    assert isinstance(rate, Growth)
    fields: dict[str, Any] = {"growth_from": TOTAL, **more}
    return card("loads", pypi_downloads=made.measured("pypi_downloads", 1e6, rate, **fields))


def book(series: Series | None = None, **failures: Failed) -> History:
    return History("market", columns={} if series is None else {TOTAL: series}, failures=failures)


def beside(one: Card, history: History, key: str = "pypi_downloads") -> Against | Missing:
    return market.join([one], history, SIGNALS, LABELS)[0].against[key]


def found(one: Card, history: History) -> Against:
    seen = beside(one, history)
    assert isinstance(seen, Against)
    return seen


def test_a_fall_that_the_whole_registry_shares_is_nobodys_own() -> None:
    project = downloading(december(40_000, 0.02))
    own = project.metrics["pypi_downloads"].growth
    assert isinstance(own, Growth)
    assert own.month is not None
    assert own.month < -0.1, "the project falls in December"
    seen = found(project, book(december(3e9, 0.02)))
    assert seen.growth < -0.1
    assert seen.difference == pytest.approx(0, abs=0.02)
    assert seen.direction is Direction.STEADY


def test_the_difference_is_the_quotient_of_the_growths_with_its_propagated_interval() -> None:
    project, history = downloading(december(40_000, 0.09)), book(december(3e9, 0.03))
    own = project.metrics["pypi_downloads"].growth
    whole = growth.growth(Kind.FLOW, history.columns[TOTAL], END)
    assert isinstance(own, Growth)
    assert isinstance(whole, Growth)
    assert own.month is not None
    assert whole.month is not None
    seen = found(project, history)
    assert (seen.growth, seen.low, seen.high) == (whole.month, whole.low, whole.high)
    assert seen.difference == pytest.approx((1 + own.month) / (1 + whole.month) - 1, abs=1e-12)
    halves = [(math.log1p(one.high or 0) - math.log1p(one.low or 0)) / 2 for one in (own, whole)]
    assert seen.difference_low is not None
    assert seen.difference_high is not None
    assert math.log1p(seen.difference_high) - math.log1p(seen.difference) == pytest.approx(math.hypot(*halves))
    assert seen.difference_low < seen.difference < seen.difference_high
    assert (seen.end_day, seen.market, seen.signal) == (END, "all of PyPI", TOTAL)


def test_both_windows_end_on_the_same_day_although_the_registry_is_seen_further() -> None:
    project = downloading(december(40_000, 0.02).until(END))
    ended = dataclasses.replace(project.metrics["pypi_downloads"])
    earlier = growth.growth(Kind.FLOW, december(40_000, 0.02), dt.date(2026, 12, 10))
    ended = dataclasses.replace(ended, growth=earlier)
    seen = found(dataclasses.replace(project, metrics={"pypi_downloads": ended}), book(december(3e9, 0.02)))
    assert seen.end_day == dt.date(2026, 12, 10)
    assert seen.growth == pytest.approx(0.02, abs=0.01), "Christmas is not in it"


@pytest.mark.parametrize(
    ("history", "says"),
    [
        (book(), "the total of all of PyPI is not known"),
        (
            book(pypi=Failed(dt.date(2026, 12, 30), "answered 429 (too many requests)")),
            "the total of all of PyPI is missing: PyPI answered 429 (too many requests) since 2026-12-30",
        ),
        (book(december(3e9, 0.02, days=40)), "the total of all of PyPI: 12 more days of history needed"),
        (book(december(2, 0.0)), "all of PyPI counted next to nothing"),
    ],
)
def test_without_a_total_the_reason_stands_where_the_number_would(history: History, says: str) -> None:
    seen = beside(downloading(december(40_000, 0.02)), history)
    assert seen == Missing(says)


def test_a_growth_from_another_signal_is_never_set_against_this_total() -> None:
    """A value counted with mirrors and by month, say; also one whose signal nobody knows."""
    history = book(december(3e9, 0.02))
    months = downloading(december(40_000, 0.02), growth_from="pypi.downloads_month")
    assert beside(months, history) == Missing("the total of all of PyPI is not known")
    assert isinstance(beside(downloading(december(40_000, 0.02), growth_from=None), history), Missing)


def test_a_metric_without_a_growth_keeps_its_own_reason() -> None:
    lacking = made.measured("pypi_downloads", 500, Missing("9 more days of history needed"))
    seen = beside(card("x", pypi_downloads=lacking), book(december(3e9, 0.02)))
    assert seen == Missing("9 more days of history needed")


def test_what_has_no_value_has_no_entry() -> None:
    bare = dataclasses.replace(card("x"), metrics={"pypi_downloads": made.absent("pypi_downloads", "not seen yet")})
    assert market.join([bare], book(), SIGNALS, LABELS)[0].against == {}


# --- Stars -----------------------------------------------------------------------------------------------------------


def alike(*months: float, stars: float = 5_000) -> list[Card]:
    return [card(f"p{n}", stars=stars, month=month) for n, month in enumerate(months)]


def test_stars_are_set_against_the_median_of_the_others_of_a_size() -> None:
    cards = [card("own", month=0.10), *alike(0.01, 0.02, 0.03, 0.04, 0.90), *alike(0.5, 0.6, stars=50_000)]
    seen = market.join(cards, book(), SIGNALS, LABELS)[0].against["stars"]
    assert isinstance(seen, Against)
    assert seen.growth == 0.03
    assert seen.market == "the median of 5 other projects with 1,000 to 9,999 stars"
    assert seen.difference == pytest.approx(1.10 / 1.03 - 1, abs=1e-12)
    assert seen.low is None
    assert seen.difference_low == pytest.approx(1.09 / 1.03 - 1, abs=1e-3)
    assert seen.direction is Direction.RISING


def test_a_project_is_left_out_of_its_own_median_and_nobody_else_is() -> None:
    cards = alike(0.01, 0.02, 0.02, 0.03, 0.04, 0.05, 0.90)
    seen = [one.against["stars"] for one in market.join(cards, book(), SIGNALS, LABELS)]
    medians = [one.growth for one in seen if isinstance(one, Against)]
    assert medians == pytest.approx([0.035, 0.035, 0.035, 0.03, 0.025, 0.025, 0.025])


def test_too_few_of_a_size_give_no_median() -> None:
    cards = [card("own"), *alike(0.01, 0.02, 0.03, 0.04)]
    seen = market.join(cards, book(), SIGNALS, LABELS)[0].against["stars"]
    assert seen == Missing("of the other projects with 1,000 to 9,999 stars only 4 have a growth; 5 are needed")


def test_a_project_whose_window_ended_weeks_ago_takes_no_part() -> None:
    old = made.measured("stars", 5_000, made.growth(0.9, 0.01, 5_000, END - dt.timedelta(days=8)))
    cards = [card("own"), *alike(0.01, 0.02, 0.03, 0.04), dataclasses.replace(card("late"), metrics={"stars": old})]
    assert isinstance(market.join(cards, book(), SIGNALS, LABELS)[0].against["stars"], Missing)


@pytest.mark.parametrize(
    ("stars", "label"),
    [
        (0, "with fewer than 1,000 stars"),
        (999, "with fewer than 1,000 stars"),
        (1_000, "with 1,000 to 9,999 stars"),
        (99_999, "with 10,000 to 99,999 stars"),
        (100_000, "with 100,000 stars and more"),
    ],
)
def test_a_size_begins_with_its_least(stars: float, label: str) -> None:
    assert size(stars).label == label
