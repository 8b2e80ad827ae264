"""Stages: their growth, coverage, index and indicator, the way from one to the next, and where a project stands."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping

import numpy as np
import pytest

from groundswell.config import Config
from groundswell.config_shape import Gate, Tracker
from groundswell.history import Failed, History
from groundswell.models import Card, Direction, Growth, Missing, Movement, Project, RepositoryState, Series, Stage
from groundswell.pooling import of_growth, pool
from groundswell.stages import Thresholds, assess, cards
from groundswell.standing import rank
from tests.growing import (
    LABELS,
    SIGNALS,
    TODAY,
    counter,
    daily,
    facts,
    flow,
    history,
    level,
    newest,
    project,
    rolling,
    without,
)

NPM = newest("npm.downloads")
THRESHOLDS: Thresholds = {Stage.INTENT: {"stars": 100}, Stage.ACTION: {"npm_downloads": 1000, "commits": 10}}


def card(of: Project, what: History, thresholds: Thresholds = THRESHOLDS) -> Card:
    return assess(of, what, SIGNALS, LABELS, thresholds, TODAY)


def stars_only(value: float = 50_000, month: float = 0.05, name: str = "a/b") -> Card:
    return card(project(name=name), history({"github.stars": level(TODAY, value, month)}, name=name))


def lively(stars: float = 0.05, downloads: float = 0.02, name: str = "a/b") -> tuple[Project, History]:
    columns = {
        "github.stars": level(TODAY, 50_000, stars),
        "npm.downloads:x": flow(NPM, 20_000, downloads),
        "github.issues": counter(TODAY, 60, downloads),
        "github.active_contributors": rolling(newest("github.active_contributors"), 240, 0.0),
    }
    return project(name=name, npm=["x"]), history(columns, name=name)


def movement(of: Card, start: Stage = Stage.INTENT) -> Movement:
    return next(one for one in of.movements if one.start is start)


# --- Growth, coverage, indicator -------------------------------------------------------------------------------------


def test_a_stage_grows_by_the_weighted_mean_of_its_metrics() -> None:
    columns = {"github.stars": level(TODAY, 50_000, 0.05), "github.forks": level(TODAY, 9_000, 0.01)}
    found = card(project(), history(columns))
    parts = []
    for key, weight in (("stars", 3), ("forks", 1)):
        growth = found.metrics[key].growth
        assert isinstance(growth, Growth)
        part = of_growth(growth)
        assert part is not None
        parts.append((weight, part))
    expected = pool(parts)
    assert expected is not None
    intent = found.stages[Stage.INTENT]
    assert (intent.growth, intent.low, intent.high) == (expected.growth, expected.low, expected.high)
    assert intent.growth == pytest.approx(1.05**0.75 * 1.01**0.25 - 1, abs=0.002)
    assert intent.parts == ("stars", "forks")


def test_coverage_is_the_weight_seen_of_the_weight_possible() -> None:
    assert stars_only().stages[Stage.INTENT].coverage == pytest.approx(3 / 5)
    found = card(*lively())
    assert found.stages[Stage.ACTION].coverage == pytest.approx((3 + 2 + 2) / 11)


def test_a_registry_without_a_named_package_is_no_gap_but_no_registry_at_all_is_one() -> None:
    columns = {
        "github.issues": counter(TODAY, 60, 0.0),
        "github.pull_requests": counter(TODAY, 60, 0.0),
        "github.active_contributors": rolling(newest("github.active_contributors"), 240, 0.0),
        "github.issue_authors": rolling(newest("github.issue_authors"), 300, 0.0),
        "github.commits": rolling(newest("github.commits"), 900, 0.0),
    }
    with_npm = {**columns, "npm.downloads:x": flow(NPM, 20_000, 0.0)}
    assert card(project(npm=["x"]), history(with_npm)).stages[Stage.ACTION].coverage == 1
    assert card(project(), history(columns)).stages[Stage.ACTION].coverage == pytest.approx(8 / 11)


def test_a_metric_too_small_for_a_percentage_is_not_covered() -> None:
    columns = {"github.stars": level(TODAY, 50_000, 0.05), "github.watchers": level(TODAY, 30, 0.0)}
    intent = card(project(), history(columns)).stages[Stage.INTENT]
    assert intent.coverage == pytest.approx(3 / 5)
    assert intent.parts == ("stars",)


def test_a_stage_with_nothing_but_small_numbers_is_new_and_has_no_growth() -> None:
    intent = stars_only(value=20).stages[Stage.INTENT]
    assert intent.indicator is Direction.NEW
    assert (intent.growth, intent.low, intent.high) == (None, None, None)
    assert intent.missing == Missing("the numbers are too small for a percentage")


def test_a_growth_without_an_interval_does_not_count_and_the_stage_says_why() -> None:
    short = history({"github.stars": level(TODAY, 50_000, 0.05, days=40)})
    found = card(project(), short)
    growth = found.metrics["stars"].growth
    assert isinstance(growth, Growth)
    assert growth.month is not None
    assert growth.unsure is not None
    intent = found.stages[Stage.INTENT]
    assert intent.growth is None
    assert intent.indicator is None
    assert intent.missing == Missing(f"stars: {growth.unsure.reason}")


def test_releases_are_shown_and_do_not_count() -> None:
    found = card(project(), history({"github.releases": counter(TODAY, 10, 0.2)}))
    assert found.metrics["releases"].value is not None
    assert found.stages[Stage.ACTION].parts == ()
    assert found.stages[Stage.ACTION].coverage == 0
    assert len(found.stages[Stage.ACTION].index) == 0


@pytest.mark.parametrize(
    ("month", "indicator"), [(0.05, Direction.RISING), (0.0, Direction.STEADY), (-0.05, Direction.FALLING)]
)
def test_the_indicator_says_what_the_interval_allows(month: float, indicator: Direction) -> None:
    assert stars_only(month=month).stages[Stage.INTENT].indicator is indicator


def test_a_stage_of_which_nothing_is_seen_is_not_measured_and_not_0() -> None:
    found = stars_only()
    for stage, lacks in (
        (Stage.ACTIVATION, "first pull requests merged: not seen yet"),
        (Stage.RETENTION, "returning contributors: not seen yet"),
    ):
        state = found.stages[stage]
        assert (state.growth, state.indicator, state.percentile) == (None, None, None)
        assert state.missing == Missing(lacks)


def test_of_a_project_without_a_history_nothing_is_0() -> None:
    found = card(project(npm=["x"]), History("a/b"))
    assert set(found.stages) == set(Stage)
    for state in found.stages.values():
        assert state.growth is None
        assert state.indicator is None
        assert state.missing is not None
    assert all(one.drift is None and one.missing is not None and not one.ratios for one in found.movements)
    assert found.furthest is None
    assert found.reading.key == "not_enough_seen"


# --- Index -----------------------------------------------------------------------------------------------------------


def test_the_index_is_100_twelve_months_ago_and_chained_by_months() -> None:
    index = stars_only(month=0.03).stages[Stage.INTENT].index
    assert len(index) == 13
    assert dt.date.fromordinal(int(index.days[0])) == dt.date(2025, 10, 31)
    assert index.last_day == dt.date(2026, 10, 31)
    assert index.values[0] == 100
    assert index.values[-1] == pytest.approx(100 * 1.03**12, rel=0.005)


def test_a_month_of_the_index_is_the_weighted_mean_of_the_metrics_that_have_it() -> None:
    """Forks are known for three months only: before that the index goes with the stars alone."""
    columns = {"github.stars": level(TODAY, 50_000, 0.04), "github.forks": level(TODAY, 9_000, 0.0, days=100)}
    steps = np.diff(np.log(card(project(), history(columns)).stages[Stage.INTENT].index.values)) / math.log(1.04)
    assert len(steps) == 12
    assert steps[:-2] == pytest.approx(np.ones(10), abs=0.12)
    assert steps[-2:] == pytest.approx([0.75, 0.75], abs=0.05)


def test_a_gap_breaks_the_chain_and_the_index_begins_after_it() -> None:
    hole = [dt.date(2026, 5, 20) + dt.timedelta(days=at) for at in range(25)]
    found = card(project(), history({"github.stars": without(level(TODAY, 50_000, 0.03), hole)}))
    index = found.stages[Stage.INTENT].index
    assert dt.date.fromordinal(int(index.days[0])) == dt.date(2026, 6, 30)
    assert index.values[0] == 100


# --- Movement --------------------------------------------------------------------------------------------------------


def test_ratios_are_in_units_of_a_mean_month() -> None:
    columns = {
        "github.stars": level(TODAY, 2_000, 0.0),
        "npm.downloads:x": daily(NPM, [1000.0] * 60),
        "github.issues": counter(TODAY, 10, 0.0, days=60),
        "github.pull_requests": counter(TODAY, 30, 0.0, days=60),
        "github.active_contributors": rolling(newest("github.active_contributors"), 120, 0.0),
    }
    ratios = {one.key: one for one in movement(card(project(npm=["x"]), history(columns))).ratios}
    assert ratios["npm_downloads_per_star"].value == pytest.approx(1000 * 30.4375 / 2000)
    assert ratios["npm_downloads_per_star"].label == "npm downloads a month per star"
    assert ratios["issues_and_pull_requests_per_1000_stars"].value == pytest.approx(40 * 30.4375 / 2)
    assert ratios["active_contributors_per_1000_stars"].value == 60
    assert "pypi_downloads_per_star" not in ratios


def test_half_of_a_sum_gives_no_ratio() -> None:
    columns = {"github.stars": level(TODAY, 2_000, 0.0), "github.issues": counter(TODAY, 10, 0.0)}
    assert movement(card(project(), history(columns))).ratios == ()


def test_a_ratio_of_a_lower_bound_says_so() -> None:
    end = newest("github.active_contributors")
    columns = {"github.stars": level(TODAY, 2_000, 0.0), "github.active_contributors": rolling(end, 120, 0.0)}
    found = card(project(), history(columns, at_least={"github.active_contributors": (end,)}))
    (ratio,) = movement(found).ratios
    assert ratio.label == "active contributors per 1,000 stars (at least)"


def test_a_few_stars_are_nothing_to_divide_by() -> None:
    columns = {"github.stars": level(TODAY, 49, 0.0), "npm.downloads:x": flow(NPM, 1000, 0.0)}
    assert movement(card(project(npm=["x"]), history(columns))).ratios == ()


def test_the_drift_is_the_growth_of_the_next_stage_against_this_one() -> None:
    found = card(*lively(stars=0.05, downloads=0.02))
    intent, action, drift = found.stages[Stage.INTENT], found.stages[Stage.ACTION], movement(found)
    assert intent.growth is not None
    assert action.growth is not None
    assert drift.drift == pytest.approx((1 + action.growth) / (1 + intent.growth) - 1)
    assert drift.drift is not None
    assert drift.low is not None
    assert drift.high is not None
    assert drift.low < drift.drift < drift.high
    assert drift.missing is None


def test_every_other_movement_is_there_and_says_what_it_lacks() -> None:
    found = card(*lively())
    assert [(one.start, one.end) for one in found.movements] == list(zip(list(Stage), list(Stage)[1:], strict=False))
    for one in found.movements[1:]:
        assert one.drift is None
        assert one.missing is not None
    assert movement(found, Stage.ACTION).missing == Missing(
        "Activation has no growth (first pull requests merged: not seen yet)"
    )


# --- Furthest stage --------------------------------------------------------------------------------------------------


def test_any_one_metric_takes_a_stage_past_its_threshold() -> None:
    assert stars_only(value=120).furthest is Stage.INTENT
    assert stars_only(value=90).furthest is None
    assert card(*lively()).furthest is Stage.ACTION


def test_a_stage_that_is_not_reached_holds_no_later_one_back() -> None:
    what = history({"github.stars": level(TODAY, 500, 0.0), "github.sponsors": level(TODAY, 12, 0.0)})
    assert card(project(), what, {**THRESHOLDS, Stage.MONETIZATION: {"sponsors": 10}}).furthest is Stage.MONETIZATION
    assert card(project(), what).furthest is Stage.INTENT


# --- Among the others ------------------------------------------------------------------------------------------------


def percentiles(found: tuple[Card, ...], stage: Stage = Stage.INTENT) -> list[float | None]:
    return [one.stages[stage].percentile for one in found]


def test_a_percentile_is_the_share_below_with_equals_counted_half() -> None:
    values = (100, 300, 300, 900)
    found = rank(stars_only(value=value, name=f"a/{at}") for at, value in enumerate(values))
    assert percentiles(found) == [12.5, 50.0, 50.0, 87.5]
    assert percentiles(found, Stage.RETENTION) == [None] * 4


def test_below_three_projects_there_is_no_percentile() -> None:
    assert percentiles(rank([stars_only(name="a/1"), stars_only(name="a/2")])) == [None, None]


def test_what_is_missing_does_not_lift_a_project() -> None:
    """Of the last one only the forks are seen, a fifth of the weight: it is not compared at all."""

    def of(name: str, **values: float) -> Card:
        columns = {f"github.{key}": level(TODAY, value, 0.0) for key, value in values.items()}
        return card(project(name=name), history(columns, name=name))

    full = [of(f"a/{at}", stars=1000 * at, forks=100 * at, watchers=100 * at) for at in (1, 2, 3)]
    assert percentiles(rank([*full, of("a/4", forks=10_000)])) == pytest.approx([100 / 6, 50, 500 / 6, None])


def test_cards_stand_in_the_order_of_the_file_also_those_without_a_history() -> None:
    known = [lively(name=f"a/{at}") for at in (3, 1, 2)]
    tracked = Config(Tracker(), (*(of for of, _ in known), project(name="a/9")), THRESHOLDS, Gate(), ())
    found = cards(tracked, {what.project: what for _, what in known}, SIGNALS, LABELS, TODAY)
    assert [one.project.id for one in found] == ["a/3", "a/1", "a/2", "a/9"]
    assert percentiles(found) == [50.0, 50.0, 50.0, None]
    assert all(one.as_of == TODAY for one in found)


def test_the_age_at_which_a_value_goes_missing_is_that_of_the_file() -> None:
    old = history({"github.stars": level(TODAY - dt.timedelta(days=10), 5000, 0.0)})
    for oldest, there in ((10, True), (9, False)):
        tracked = Config(Tracker(), (project(),), THRESHOLDS, dataclasses.replace(Gate(), oldest_days=oldest), ())
        (found,) = cards(tracked, {"a/b": old}, SIGNALS, LABELS, TODAY)
        assert (found.metrics["stars"].value is not None) is there


# --- Beside the numbers ----------------------------------------------------------------------------------------------


def failing(of: Project, failures: Mapping[str, Failed]) -> Card:
    return card(of, history({}, failures=failures))


def test_failures_are_those_of_what_the_project_names_today() -> None:
    banned = Failed(dt.date(2026, 11, 19), "answered 429 (too many requests)")
    found = failing(project(npm=["@a/x"]), {"npm:@a/x": banned, "npm:old": banned, "github#sponsors": banned})
    assert [(one.source, one.target) for one in found.failures] == [("github", ""), ("npm", "@a/x")]
    assert found.failures[1].reason == "answered 429 (too many requests) since 2026-11-19"
    assert found.failures[1].project == "a/b"


def test_a_renamed_repository_is_noted() -> None:
    renamed = card(project(), history({}, facts=facts(name="new/name")))
    assert renamed.notes == ("is called new/name on GitHub now; projects.yaml still says a/b",)
    assert card(project(), history({}, facts=facts(name="A/B"))).notes == ()


def test_an_archived_repository_is_noted_with_its_day() -> None:
    archived = card(project(), history({}, facts=facts(RepositoryState.ARCHIVED)))
    assert archived.notes == ("is archived on GitHub since 2026-05-01",)
    assert archived.facts is not None


def test_the_same_history_gives_the_same_card() -> None:
    of, what = lively()
    one, two = card(of, what), card(of, what)
    assert one.stages[Stage.INTENT].growth == two.stages[Stage.INTENT].growth
    assert one.reading == two.reading
    assert one.movements == two.movements


def test_a_series_of_strange_size_breaks_nothing() -> None:
    """Nothing at all, one observation, a huge number."""
    empty = Series(np.empty(0, dtype=np.int64), np.empty(0))
    columns = {"github.stars": empty, "github.forks": daily(TODAY, [3]), "github.watchers": daily(TODAY, [1e15])}
    found = card(project(), history(columns))
    assert found.metrics["stars"].value is None
    assert found.metrics["forks"].value == 3
    assert found.stages[Stage.INTENT].growth is None
