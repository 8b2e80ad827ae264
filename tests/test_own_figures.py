"""The owner's own figures among the metrics of a project: they count in their stage, and in no other project."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io

import numpy as np

from groundswell import data_files
from groundswell.catalogue import METRICS, metric_of, metrics_of, of_stage, possible
from groundswell.figures import own_signals
from groundswell.history import History
from groundswell.models import OWN, Card, Kind, Origin, OwnFigure, Project, Series, Stage
from groundswell.stages import assess, rank

TODAY = dt.date(2026, 11, 20)
REVENUE = OwnFigure(
    key="revenue",
    label="Revenue",
    unit="euros",
    stage=Stage.MONETIZATION,
    kind=Kind.FLOW,
    weight=3,
    origin=Origin.FILE,
    place="figures/kelp.csv",
    column="revenue",
    relative=False,
)


def project(*figures: OwnFigure, name: str = "tidewater/kelp") -> Project:
    return Project(name, "Kelp", "Databases", targets={"github": ("",), OWN: ("",)}, figures=figures)


def card(*figures: OwnFigure, columns: dict[str, Series] | None = None, name: str = "tidewater/kelp") -> Card:
    brought = project(*figures, name=name)
    return assess(brought, History(brought.id, columns or {}), {}, {}, {}, TODAY)


def daily(first: float, growth: float, days: int = 200) -> Series:
    """Amounts that end yesterday."""
    last = TODAY.toordinal() - 1
    at = np.arange(last - days + 1, last + 1, dtype=np.int64)
    chance = np.random.default_rng(4)
    return Series(at, chance.poisson(first * (1 + growth) ** ((at - at[0]) / 30.4375)).astype(np.float64))


def test_a_figure_of_the_owners_own_is_a_metric_of_that_project_alone() -> None:
    mine = metrics_of(project(REVENUE))
    assert [metric.key for metric in mine[len(METRICS) :]] == ["own_revenue"]
    assert metrics_of(project()) == METRICS
    assert metric_of("own_revenue", project(REVENUE)).label == "Revenue"
    assert own_signals(project(REVENUE))["figures.revenue"].unit == "euros"


def test_it_counts_in_what_its_stage_could_show() -> None:
    assert possible(Stage.MONETIZATION, project(REVENUE)) == possible(Stage.MONETIZATION, project()) + 3
    assert possible(Stage.RETENTION, project(REVENUE)) == possible(Stage.RETENTION, project())
    assert "own_revenue" in [metric.key for metric in of_stage(Stage.MONETIZATION, project(REVENUE))]


def test_it_makes_the_growth_of_its_stage() -> None:
    seen = card(REVENUE, columns={"figures.revenue": daily(4000, 0.1)})
    state = seen.stages[Stage.MONETIZATION]
    assert state.parts == ("own_revenue",)
    assert state.growth is not None
    assert abs(state.growth - 0.1) < 0.02
    assert state.coverage == 3 / possible(Stage.MONETIZATION, project(REVENUE))


def test_without_a_value_it_is_missing_and_lowers_the_coverage() -> None:
    seen = card(REVENUE)
    assert seen.metrics["own_revenue"].missing is not None
    assert seen.stages[Stage.MONETIZATION].coverage == 0


def test_nobody_is_compared_with_it() -> None:
    """A percentile needs the same figure of others: what an owner brings does not hide the place of the public ones."""
    bare = [card(name=f"tidewater/kelp{n}") for n in range(3)]
    ranked = rank([*bare, card(REVENUE, columns={"figures.revenue": daily(4000, 0.1)})])
    assert ranked[-1].stages[Stage.MONETIZATION].percentile is None


def test_its_columns_stand_behind_all_others_and_are_empty_for_who_brings_none() -> None:
    table = data_files.scorecard_csv([card(REVENUE, columns={"figures.revenue": daily(4000, 0.1)}), card(name="a/b")])
    first, second = csv.DictReader(io.StringIO(table))
    assert float(first["own_revenue"]) > 4000
    assert second["own_revenue"] == ""
    assert list(first).index("own_revenue") > list(first).index("reading")


def test_a_figure_never_shares_a_column_with_its_own_index() -> None:
    assert dataclasses.replace(REVENUE, relative=True).signal != REVENUE.signal
