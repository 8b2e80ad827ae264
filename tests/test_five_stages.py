"""The five stages alike: what holds of one holds of all, from growth to the way into the next."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import math
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import pytest

from groundswell import sources
from groundswell.catalogue import BY_KEY, DOWNLOADS, ENOUGH_PEOPLE, RATIOS, of_stage, possible
from groundswell.config import DEFAULT_THRESHOLDS
from groundswell.models import Card, Direction, Growth, Kind, Movement, Project, Series, Stage
from groundswell.pooling import TWO_SIDED, of_growth
from groundswell.stages import assess
from groundswell.standing import rank
from tests.growing import TODAY, counter, flow, history, level, rolling

LOADED: Final = sources.load()
SIGNALS: Final = sources.signals(LOADED)
LABELS: Final = sources.labels(LOADED)
TARGETS: Final = {
    "github": ("",),
    "npm": ("x",),
    "ecosystems": ("npmjs/x",),
    "discourse": ("forum.example",),
    "opencollective": ("x",),
}
DAYS: Final = 460  # thirteen closed months
Grown = Callable[[float, float], Series]  # a series that ends at a value and grew by so much a month


def newest(signal: str) -> dt.date:
    return TODAY - dt.timedelta(days=SIGNALS[signal].lag)


def _level(value: float, month: float) -> Series:
    return level(TODAY, value, month, DAYS)


def _flow(value: float, month: float) -> Series:
    return flow(newest("npm.downloads"), value, month, DAYS)


def _rolling(value: float, month: float) -> Series:
    return rolling(newest("discourse.active_30_days"), value, month, DAYS)


OF: Final[Mapping[Stage, tuple[str, str, Grown]]] = {  # a metric of each stage, its column, and how it is made
    Stage.INTENT: ("stars", "github.stars", _level),
    Stage.ACTION: ("npm_downloads", "npm.downloads:x", _flow),
    Stage.ACTIVATION: ("dependent_repositories", "ecosystems.dependent_repositories:npmjs/x", _level),
    Stage.MONETIZATION: ("sponsors", "github.sponsors", _level),
    Stage.RETENTION: ("active_members", "discourse.active_30_days:forum.example", _rolling),
}
STEPS: Final = tuple(itertools.pairwise(Stage))


def card(columns: Mapping[str, Series], name: str = "a/b", targets: Mapping[str, tuple[str, ...]] = TARGETS) -> Card:
    of = Project(name, name, "Databases", (), targets)
    return assess(of, history(columns, name=name), SIGNALS, LABELS, DEFAULT_THRESHOLDS, TODAY)


def grown(**months: float) -> Card:
    """A project whose stages grow by so much a month, by the stage's name; a stage that is not named is not seen."""
    return card({OF[Stage(key)][1]: OF[Stage(key)][2](40_000, month) for key, month in months.items()})


def one(stage: Stage, month: float = 0.05, value: float = 40_000, name: str = "a/b") -> Card:
    _, column, made = OF[stage]
    return card({column: made(value, month)}, name)


def way(of: Card, start: Stage) -> Movement:
    return next(movement for movement in of.movements if movement.start is start)


# --- Growth, coverage, indicator -------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize(
    ("month", "indicator"), [(0.05, Direction.RISING), (0.0, Direction.STEADY), (-0.05, Direction.FALLING)]
)
def test_a_stage_of_one_metric_grows_with_it_and_as_surely(stage: Stage, month: float, indicator: Direction) -> None:
    found = one(stage, month)
    state, metric = found.stages[stage], found.metrics[OF[stage][0]].growth
    assert isinstance(metric, Growth)
    assert metric.month is not None
    assert state.growth == pytest.approx(metric.month)
    assert state.growth == pytest.approx(month, abs=0.004)
    assert state.indicator is indicator
    assert state.low is not None
    assert state.high is not None
    assert state.growth is not None
    assert state.low < state.growth < state.high


@pytest.mark.parametrize("stage", Stage)
def test_the_coverage_of_a_stage_is_the_weight_seen_of_the_weight_possible(stage: Stage) -> None:
    found = one(stage)
    state = found.stages[stage]
    assert state.parts == (OF[stage][0],)
    assert state.coverage == pytest.approx(BY_KEY[OF[stage][0]].weight / possible(stage, found.project))
    assert 0 < state.coverage <= 1


@pytest.mark.parametrize("stage", Stage)
def test_the_others_are_not_measured_and_say_why(stage: Stage) -> None:
    found = one(stage)
    for other in set(Stage) - {stage}:
        state = found.stages[other]
        assert (state.growth, state.low, state.high, state.indicator, state.coverage) == (None, None, None, None, 0)
        assert state.missing is not None
        assert state.missing.reason


@pytest.mark.parametrize("stage", Stage)
def test_the_index_of_a_stage_is_100_twelve_months_ago_and_multiplied_month_by_month(stage: Stage) -> None:
    index = one(stage, 0.03).stages[stage].index
    assert len(index) == 13
    assert index.values[0] == 100
    assert index.values[-1] == pytest.approx(100 * 1.03**12, rel=0.05), "months of 28 to 31 days"


@pytest.mark.parametrize("stage", Stage)
def test_the_percentile_of_a_stage_is_its_level_among_the_tracked_projects(stage: Stage) -> None:
    columns = {
        f"a/{at}": {OF[stage][1]: OF[stage][2](10_000.0 * at, 0.0), **_rest(stage, 10_000.0 * at)} for at in (1, 2, 3)
    }
    found = rank(card(series, name) for name, series in columns.items())
    assert [of.stages[stage].percentile for of in found] == pytest.approx([100 / 6, 50, 500 / 6])


def _rest(stage: Stage, value: float) -> Mapping[str, Series]:
    """The other metrics of a stage that our project can have, so that enough of its weight is there to be compared."""
    named = [metric for metric in of_stage(stage) if set(metric.sources) & set(TARGETS)]
    columns = {}
    for metric in named:
        signal = metric.signals[0]
        target = TARGETS[signal.partition(".")[0]][0]
        made = {Kind.STOCK: level, Kind.FLOW: flow, Kind.COUNTER: counter, Kind.ROLLING: rolling}
        if metric.key != OF[stage][0] and SIGNALS[signal].kind in made:
            column = f"{signal}:{target}" if target else signal
            columns[column] = made[SIGNALS[signal].kind](newest(signal), value, 0.0)
    return columns


@pytest.mark.parametrize("stage", Stage)
def test_a_stage_is_the_furthest_from_its_default_threshold_on(stage: Stage) -> None:
    key, column, made = OF[stage]
    least = DEFAULT_THRESHOLDS[stage][key]
    per_day = 28 if BY_KEY[key].group == "downloads" else 1
    assert card({column: made(math.ceil(least / per_day), 0.0)}).furthest is stage
    assert card({column: made(math.ceil(least / per_day) - 1, 0.0)}).furthest is None


def test_a_figure_too_noisy_to_tell_counts_less_by_the_square_of_its_error() -> None:
    """exp(Σ w·log(1+g) / Σ w) − 1 with w = weight × min(1, (0.10/σ)²), its error as if the figures were independent."""
    noisy = flow(newest("npm.downloads"), 60, 0.1)
    noisy.values[np.random.default_rng(1).integers(0, 400, 40)] *= 30
    found = card({"npm.downloads:x": noisy, "github.issues": counter(TODAY, 60, 0.02)})
    sums, squares, total = 0.0, 0.0, 0.0
    errors = []
    for key in found.stages[Stage.ACTION].parts:
        growth = found.metrics[key].growth
        assert isinstance(growth, Growth)
        part = of_growth(growth)
        assert part is not None
        weight = BY_KEY[key].weight * min(1.0, (0.10 / part.error) ** 2)
        errors.append(part.error)
        sums, total = sums + weight * part.log, total + weight
        squares += (weight * part.error) ** 2
    state = found.stages[Stage.ACTION]
    assert state.growth == pytest.approx(math.expm1(sums / total))
    assert state.low == pytest.approx(math.expm1(sums / total - TWO_SIDED * math.sqrt(squares) / total))
    assert max(errors) > 0.10 > min(errors), "the example holds one of each"


# --- From a stage to the next ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("start", "end"), STEPS)
def test_the_drift_of_every_step_is_the_growth_of_the_next_stage_against_this_one(start: Stage, end: Stage) -> None:
    found = way(grown(**{start.value: 0.02, end.value: 0.08}), start)
    assert found.end is end
    assert found.drift == pytest.approx(1.08 / 1.02 - 1, abs=0.006)
    assert found.low is not None
    assert found.low > 0
    turned = way(grown(**{start.value: 0.08, end.value: 0.02}), start)
    assert turned.drift == pytest.approx(1.02 / 1.08 - 1, abs=0.006)
    assert turned.high is not None
    assert turned.high < 0


@pytest.mark.parametrize(("start", "end"), STEPS)
def test_a_step_of_which_one_end_is_not_seen_has_no_drift_and_says_which(start: Stage, end: Stage) -> None:
    found = way(grown(**{start.value: 0.02}), start)
    assert (found.drift, found.low, found.high) == (None, None, None)
    assert found.missing is not None
    assert found.missing.reason.lower().startswith(f"{end.value} has no growth")


def everything(**changes: Series) -> dict[str, Series]:
    columns = {
        "github.stars": level(TODAY, 20_000, 0.0),
        "npm.downloads:x": flow(newest("npm.downloads"), 1_000, 0.0),
        "github.issues": counter(TODAY, 10, 0.0),
        "github.pull_requests": counter(TODAY, 30, 0.0),
        "github.active_contributors": rolling(newest("github.active_contributors"), 120, 0.0),
        "github.sponsors": level(TODAY, 30, 0.0),
        "ecosystems.dependent_repositories:npmjs/x": level(TODAY, 600, 0.0),
        "opencollective.backers:x": level(TODAY, 90, 0.0),
        "discourse.members:forum.example": level(TODAY, 4_000, 0.0),
        "discourse.active_30_days:forum.example": rolling(newest("discourse.active_30_days"), 500, 0.0),
    }
    return columns | changes


def ratios(of: Card) -> dict[str, float]:
    return {ratio.key: ratio.value for movement in of.movements for ratio in movement.ratios}


A_MONTH: Final = 30.4375


def test_every_step_has_ratios_in_units_that_people_know() -> None:
    found = ratios(card(everything()))
    expected = {
        "npm_downloads_per_star": 1_000 * A_MONTH / 20_000,
        "active_contributors_per_1000_stars": 120 / 20,
        "issues_and_pull_requests_per_1000_stars": 40 * A_MONTH / 20,
        "dependent_repositories_per_1000_npm_downloads": 1000 * 600 / (1_000 * A_MONTH),
        "sponsors_per_1000_dependents": 30 / 0.6,
        "backers_per_1000_dependents": 90 / 0.6,
        "active_members_per_100_forum_members": 100 * 500 / 4_000,
    }
    assert {key: found[key] for key in expected} == pytest.approx(expected)
    for start, end in STEPS:
        assert any((rule.start, rule.end) == (start, end) for rule in RATIOS)


@pytest.mark.parametrize("rule", RATIOS, ids=lambda rule: rule.key)
def test_a_ratio_is_made_of_metrics_that_are_there_and_never_adds_registries(rule: object) -> None:
    assert dataclasses.is_dataclass(rule)
    rules = [one for one in RATIOS if one == rule]
    assert [one.key for one in RATIOS].count(rules[0].key) == 1
    used = [BY_KEY[key] for key in (*rules[0].of, rules[0].base)]
    assert sum(metric.key in DOWNLOADS for metric in used) <= 1
    assert {metric.stage for metric in used} <= set(Stage)


def test_dependents_of_one_registry_are_never_set_against_downloads_of_another() -> None:
    of_pypi = {**TARGETS, "ecosystems": ("pypi/x",)}
    of_both = {**TARGETS, "ecosystems": ("npmjs.org/x", "pypi/x")}
    columns = everything()
    columns |= {f"ecosystems.dependent_repositories:{name}": level(TODAY, 600, 0.0) for name in of_both["ecosystems"]}
    columns["ecosystems.dependent_repositories:pypi/x"] = level(TODAY, 600, 0.0)
    key = "dependent_repositories_per_1000_npm_downloads"
    assert key in ratios(card(columns, targets={**TARGETS, "ecosystems": ("npmjs.org/x",)}))
    assert key not in ratios(card(columns, targets=of_pypi))
    assert key not in ratios(card(columns, targets=of_both))


@pytest.mark.parametrize(
    ("column", "few", "enough", "key"),
    [
        ("github.stars", level(TODAY, 49, 0), level(TODAY, 50, 0), "active_contributors_per_1000_stars"),
        (
            "npm.downloads:x",
            flow(newest("npm.downloads"), 3, 0),
            flow(newest("npm.downloads"), 4, 0),
            "dependent_repositories_per_1000_npm_downloads",
        ),
        (
            "ecosystems.dependent_repositories:npmjs/x",
            level(TODAY, 49, 0),
            level(TODAY, 50, 0),
            "sponsors_per_1000_dependents",
        ),
        (
            "discourse.members:forum.example",
            level(TODAY, 49, 0),
            level(TODAY, 50, 0),
            "active_members_per_100_forum_members",
        ),
    ],
)
def test_a_base_too_small_to_divide_by_gives_no_ratio(column: str, few: Series, enough: Series, key: str) -> None:
    assert key not in ratios(card(everything(**{column: few})))
    assert key in ratios(card(everything(**{column: enough})))


def test_shares_of_people_need_enough_people() -> None:
    """One of twenty is five in a hundred; of fewer, one alone would be more."""
    window = newest("github.active_contributors")

    def of(active: float) -> dict[str, float]:
        counts = {
            "active_contributors": active,
            "new_contributors": 5.0,
            "first_pull_requests_merged": 4.0,
            "returning_contributors": active - 5,
        }
        columns = {f"github.{key}": rolling(window, value, 0.0) for key, value in counts.items()}
        return ratios(card(everything(**columns)))

    assert of(20)["new_per_100_contributors"] == 25
    assert of(20)["first_pull_requests_per_100_contributors"] == 20
    assert of(20)["returning_per_100_contributors"] == 75
    assert {"new_per_100_contributors", "returning_per_100_contributors"}.isdisjoint(of(19))
    assert ENOUGH_PEOPLE == 20


def test_a_ratio_over_a_lower_bound_is_an_upper_one() -> None:
    window = newest("github.active_contributors")
    columns = everything(**{"github.new_contributors": rolling(window, 30.0, 0.0)})
    of = Project("a/b", "a/b", "Databases", (), TARGETS)
    bound = history(columns, at_least={"github.active_contributors": (window,)})
    found = assess(of, bound, SIGNALS, LABELS, DEFAULT_THRESHOLDS, TODAY)
    labels = {ratio.key: ratio.label for movement in found.movements for ratio in movement.ratios}
    assert labels["new_per_100_contributors"] == "new contributors per 100 active contributors (at most)"
    assert labels["active_contributors_per_1000_stars"] == "active contributors per 1,000 stars (at least)"


# --- Little and much -------------------------------------------------------------------------------------------------


def test_a_project_with_a_repository_alone_has_honest_stages() -> None:
    columns = {key: series for key, series in everything().items() if key.startswith("github.")}
    found = card(columns, targets={"github": ("",)})
    assert found.stages[Stage.INTENT].indicator is Direction.STEADY
    assert 0 < found.stages[Stage.ACTION].coverage < 1, "downloads are to be expected, and are not seen"
    for state in found.stages.values():
        assert (state.growth is None) == (state.missing is not None)


def test_a_project_with_everything_shows_all_five_stages_and_all_four_steps() -> None:
    found = card(everything(**{"github.sponsors": level(TODAY, 300, 0.0)}))
    assert all(state.indicator is Direction.STEADY for state in found.stages.values())
    assert all(movement.drift is not None and movement.ratios for movement in found.movements)
    assert found.furthest is Stage.RETENTION
