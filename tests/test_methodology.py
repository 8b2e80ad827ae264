"""The methodology: a worked example that anybody can redo, and every threshold, formula and rule from the code."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest

from groundswell import config, render, sources
from groundswell.catalogue import METRICS, RATIOS
from groundswell.config_shape import Gate, Tracker
from groundswell.models import Card, Stage
from groundswell.pages import worked
from groundswell.pages.setting import Setting
from groundswell.pages.thresholds import DECISIVE, thresholds
from groundswell.readings import READINGS
from groundswell.stages import assess
from groundswell.standing import rank
from tests.cards import TODAY
from tests.growing import LABELS, SIGNALS, counter, flow, history, level, newest, project
from tests.test_house import constants

LOADED: Final = sources.load()
SETTING: Final = Setting(Tracker(title="Test"), TODAY, sources.labels(LOADED), sources.signals(LOADED))
MADE_OF: Final = {"stars": 0.05, "watchers": 0.02, "forks": 0.03}


def projects() -> tuple[Card, ...]:
    """Three projects that grow, with gains that scatter a little from week to week."""
    found = []
    for at in (1, 2, 3):
        columns = {f"github.{key}": level(TODAY, 9_000 * at, month) for key, month in MADE_OF.items()}
        for series in columns.values():
            series.values[:-1] -= 3 * (series.days[:-1] // 7 % 3)
        columns["npm.downloads:x"] = flow(newest("npm.downloads"), 4_000, 0.03)
        columns |= {f"github.{key}": counter(TODAY, 40, 0.02) for key in ("issues", "pull_requests")}
        of = project(name=f"a/{at}", npm=["x"])
        found.append(assess(of, history(columns, name=f"a/{at}"), SIGNALS, LABELS, config.DEFAULT_THRESHOLDS, TODAY))
    return rank(found)


def page(folder: Path, chosen: tuple[Card, ...], judged: config.Config | None = None) -> str:
    render.write(folder, chosen, Tracker(title="Test"), TODAY, sources.load(), judged=judged)
    return (folder / "methodology.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page(tmp_path_factory.mktemp("methodology") / "site", projects())


class Numbers(HTMLParser):
    """The numbers of the example by their names, as the page has them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.exact: dict[str, str] = {}
        self.shown: dict[str, str] = {}
        self.here = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "data":
            self.here = found["data-of"] or ""
            self.exact[self.here] = found["value"] or ""

    def handle_endtag(self, tag: str) -> None:
        self.here = "" if tag == "data" else self.here

    def handle_data(self, data: str) -> None:
        if self.here:
            self.shown[self.here] = data


# --- The example -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def numbers(text: str) -> Mapping[str, float]:
    return {name: float(value) for name, value in Numbers(text).exact.items() if value}


def test_the_growth_of_the_example_follows_from_its_two_levels(numbers: Mapping[str, float]) -> None:
    n, power = numbers, 30.4375 / 28
    assert n["g"] == pytest.approx(n["s1"] / n["s0"] - 1, abs=1e-12)
    assert n["month"] == pytest.approx((1 + n["g"]) ** power - 1, abs=1e-9)
    assert n["scatter"] == pytest.approx(math.sqrt(n["phi"] * n["usual"]), rel=1e-9)
    assert n["least"] <= n["s1"] - n["s0"] - 1.96 * n["scatter"] + 1e-9
    assert n["most"] >= n["s1"] - n["s0"] + 1.96 * n["scatter"] - 1e-9
    assert n["low"] == pytest.approx((1 + n["least"] / n["s0"]) ** power - 1, abs=1e-9)
    assert n["high"] == pytest.approx((1 + n["most"] / n["s0"]) ** power - 1, abs=1e-9)


def test_the_direction_of_the_example_is_what_its_interval_allows(text: str, numbers: Mapping[str, float]) -> None:
    low, high = numbers["low"], numbers["high"]
    expected = "rising" if low > 0 else "falling" if high < 0 else "steady"
    assert Numbers(text).shown["direction"] == expected


def test_the_stage_of_the_example_follows_from_its_parts(numbers: Mapping[str, float]) -> None:
    n = numbers
    keys = [name.removeprefix("weight-") for name in n if name.startswith("weight-")]
    assert keys == list(MADE_OF)
    total = logs = squares = weights = 0.0
    for key in keys:
        log = math.log(1 + n[f"growth-{key}"])
        error = (math.log(1 + n[f"high-{key}"]) - math.log(1 + n[f"low-{key}"])) / (2 * 1.96)
        counts = n[f"weight-{key}"] * min(1, (0.10 / error) ** 2)
        assert (n[f"log-{key}"], n[f"error-{key}"], n[f"counts-{key}"]) == pytest.approx((log, error, counts), rel=1e-9)
        total, logs, squares = total + counts, logs + counts * log, squares + (counts * error) ** 2
        weights += n[f"weight-{key}"]
    error = math.sqrt(squares) / total
    assert n["stage"] == pytest.approx(math.exp(logs / total) - 1, abs=1e-9)
    assert n["stage-error"] == pytest.approx(error, rel=1e-6)
    assert n["stage-low"] == pytest.approx(math.exp(logs / total - 1.96 * error) - 1, abs=1e-9)
    assert n["stage-high"] == pytest.approx(math.exp(logs / total + 1.96 * error) - 1, abs=1e-9)
    assert n["coverage"] == pytest.approx(weights / n["possible"])


def test_the_movement_of_the_example_follows_from_its_two_stages(numbers: Mapping[str, float]) -> None:
    n = numbers
    assert n["drift"] == pytest.approx((1 + n["next"]) / (1 + n["stage"]) - 1, abs=1e-9)
    error = math.hypot(n["next-error"], n["stage-error"])
    assert n["drift-low"] == pytest.approx(math.exp(math.log(1 + n["drift"]) - 1.96 * error) - 1, abs=1e-9)
    assert n["drift-high"] == pytest.approx(math.exp(math.log(1 + n["drift"]) + 1.96 * error) - 1, abs=1e-9)


def test_the_reading_of_the_example_is_that_of_its_project(text: str) -> None:
    found = worked.example(projects(), SETTING)
    assert found is not None
    card = next(one for one in projects() if one.project.name == found.name)
    assert html.escape(card.reading.text) in text
    assert f'href="#reading-{card.reading.key}"' in text


def test_the_example_is_of_the_project_of_which_most_is_measured() -> None:
    found = worked.example(projects(), SETTING)
    assert found is not None
    assert found.name == "a/1"


def test_where_nothing_can_be_worked_out_whole_there_is_no_example(tmp_path: Path) -> None:
    assert worked.example((), SETTING) is None
    assert 'id="example"' not in page(tmp_path / "site", ())


# --- From the code ---------------------------------------------------------------------------------------------------


def test_every_threshold_of_the_code_stands_on_the_page_and_says_what_it_is(text: str) -> None:
    rows = {row.name: row for group in thresholds() for row in group.rows}
    wanted = [name for module in DECISIVE for name in constants(module.__name__.rpartition(".")[2])]
    assert sorted(rows) == sorted(wanted)
    assert [name for name, row in rows.items() if not row.says] == [], "put a comment behind it"
    for name, row in rows.items():
        assert (
            f'<code>{name}</code></th><td class="n">{row.value}</td><td>{html.escape(row.says, quote=False)[:20]}'
            in (text.replace("&#39;", "'").replace("&#34;", '"'))
        )


def test_every_metric_ratio_and_rule_stands_on_the_page(text: str) -> None:
    plain = html.unescape(text)
    for metric in METRICS:
        assert f'id="metric-{metric.key}"' in text
        assert metric.formula in plain
    assert [ratio.label for ratio in RATIOS if f"<li>{ratio.label}</li>" not in plain] == []
    for rule in READINGS:
        assert f'id="reading-{rule.key}"' in text
        assert rule.when in plain
        assert rule.idea in plain


def test_the_thresholds_of_the_stages_and_of_the_gate_are_those_of_the_file(tmp_path: Path) -> None:
    judged = config.Config(
        Tracker(), (), {**config.DEFAULT_THRESHOLDS, Stage.INTENT: {"stars": 777}}, Gate(most_lost_points=13.5), ()
    )
    text = page(tmp_path / "site", (), judged)
    assert "<dt>Intent</dt><dd>777 stars</dd>" in text
    assert "<dt>13.5</dt>" in text
    assert "<dt>20</dt>" not in text
    assert re.search(r"<dt>Retention</dt><dd>\d+ active forum members or ", text)
