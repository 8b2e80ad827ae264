"""Figures that no metric is made from, and whom to name beside figures that want it."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import html
import json
from pathlib import Path

import pytest

from groundswell import addresses, render, sources, stages
from groundswell.config import Tracker
from groundswell.history import History
from groundswell.models import Card, Growth, Project, Stage
from tests.growing import TODAY, level

SOURCES = sources.load()
SIGNALS = sources.signals(SOURCES)
PAGE = addresses.project_page("acme/rocket")
CREDIT = "packages.ecosyste.ms, CC BY-SA 4.0"
NAMED = Project("acme/rocket", "Rocket", "tools", targets={"discourse": ("a.example",), "ecosystems": ("pypi/rocket",)})
BOOK = History(
    "acme/rocket",
    {
        "discourse.topics:a.example": level(TODAY, 4_321, 0.05),
        "ecosystems.dependent_packages:pypi/rocket": level(TODAY, 987, 0.02),
    },
    observed_since={"discourse.topics:a.example": TODAY - dt.timedelta(days=90)},
)


def card(project: Project = NAMED, book: History = BOOK) -> Card:
    return stages.assess(project, book, SIGNALS, sources.labels(SOURCES), {}, TODAY)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    render.write(folder, [card()], Tracker(title="Test"), TODAY, SOURCES)
    return folder


def test_a_signal_that_no_metric_is_made_from_is_measured_from_its_own_documentation() -> None:
    metric, found = next(one for one in card().others if one[0].key == "discourse.topics")
    assert (metric.label, metric.unit, metric.weight) == ("Discourse: topics", "topics", 0)
    assert metric.meaning == SIGNALS["discourse.topics"].caveat
    assert (found.value, found.observed) == (4_321, TODAY)
    assert isinstance(found.growth, Growth)


def test_it_counts_in_no_stage_and_hides_no_metric() -> None:
    assert "discourse.topics" not in card().metrics
    keys = {metric.key for metric, _ in card().others}
    assert keys == {"discourse.topics", "discourse.posts", "discourse.active_7_days"}
    assert not keys & {part for stage in Stage for part in card().stages[stage].parts}


def test_of_a_place_that_is_not_named_there_is_none() -> None:
    assert card(dataclasses.replace(NAMED, targets={})).others == ()


def test_the_page_shows_it_with_value_day_source_and_caveat(site: Path) -> None:
    text = html.unescape((site / PAGE).read_text())
    rows = text.partition("Other figures, which count in no stage")[2].partition("</tbody>")[0]
    for part in ("Discourse: topics", "4.32k", "22 Nov 2026", ">Discourse</a>", "a.example", "since 24 Aug 2026"):
        assert part in rows, part
    assert SIGNALS["discourse.topics"].caveat in rows
    assert "Discourse: posts" not in rows, "nothing is known of it"


def test_the_health_of_the_data_knows_its_age(site: Path) -> None:
    assert "Discourse: topics of Rocket" in (site / "health.html").read_text()


def test_the_data_have_it_beside_the_metrics(site: Path) -> None:
    (project,) = json.loads((site / "data" / "scorecard.json").read_text())["projects"]
    assert project["other_figures"]["discourse.topics"]["value"] == 4_321
    assert project["other_figures"]["discourse.posts"]["missing"]


@pytest.mark.parametrize("page", ["index.html", "health.html", "methodology.html", PAGE])
def test_who_wants_to_be_named_stands_on_every_page(site: Path, page: str) -> None:
    assert f"With figures of <bdi>{CREDIT}</bdi>." in (site / page).read_text()


def test_who_wants_to_be_named_stands_in_every_data_file(site: Path) -> None:
    whole = json.loads((site / "data" / "scorecard.json").read_text())
    assert whole["credits"] == [CREDIT]
    assert whole["projects"][0]["metrics"]["dependent_packages"]["provenance"]["credit"] == CREDIT
    assert CREDIT in (site / addresses.project_data("acme/rocket")).read_text()
    (row,) = csv.DictReader((site / "data" / "scorecard.csv").read_text().splitlines())
    assert row["credits"] == CREDIT


def test_nobody_is_named_for_figures_that_are_not_there(tmp_path: Path) -> None:
    render.write(tmp_path / "site", [card(book=History("acme/rocket"))], Tracker(title="Test"), TODAY, SOURCES)
    assert CREDIT not in (tmp_path / "site" / "index.html").read_text()
