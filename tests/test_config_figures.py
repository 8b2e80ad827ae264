"""Own figures in `projects.yaml`: what an entry comes to, and what is said of each mistake in one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import pytest

from groundswell import config
from groundswell.figures import USUAL
from groundswell.models import OWN, Kind, Origin, OwnFigure, Project, Stage

TODAY: Final = dt.date(2026, 11, 22)
LAMPS: Final = "key: lamps, from: a.csv, label: Lamps, unit: lamps, stage: action, kind: stock"
A_SOURCE: Final = (
    "expected a file such as figures/name.csv, an address that begins with https://, or env:FIGURES, found"
)
INSIDE: Final = "expected a path inside the repository, such as figures/name.csv, found"
VARIABLE: Final = "expected env:FIGURES, or env: and a name that begins with FIGURES_, found"
LARGE: Final = "one of 0.1, 0.2, 0.5, 1, 2, 5, 10"


def loaded(folder: Path, *lines: str) -> config.Config:
    path = folder / "projects.yaml"
    rows = ["projects:", "  - github: c/d", "  - github: a/b", "    figures:", *(f"      - {{{one}}}" for one in lines)]
    path.write_text("\n".join(rows) + "\n")
    return config.load(path, {}, today=TODAY, metrics={"stars": Stage.INTENT})


def figure(folder: Path, line: str) -> OwnFigure:
    found = loaded(folder, line)
    assert not found.mistakes, found.mistakes
    (brought,) = found.projects[1].figures
    return brought


def project(folder: Path, line: str) -> Project:
    return loaded(folder, line).projects[1]


@pytest.mark.parametrize("key", USUAL)
def test_a_usual_figure_needs_its_key_and_its_table_alone(tmp_path: Path, key: str) -> None:
    found = figure(tmp_path, f"key: {key}, from: figures/b.csv")
    usual = USUAL[key]
    assert (found.label, found.unit, found.stage) == (usual.label, usual.unit, usual.stage)
    assert found.column == key
    assert found.place == "figures/b.csv"
    assert found.relative
    assert found.weight == 0 or found.unit != "per cent"


def test_whatever_is_usual_can_be_said_otherwise(tmp_path: Path) -> None:
    more = "column: a b, label: Sales, unit: euros, stage: retention, kind: flow, weight: 1, publish: absolute"
    found = figure(tmp_path, f"key: revenue, from: b.csv, {more}")
    assert (found.column, found.label, found.unit) == ("a b", "Sales", "euros")
    assert (found.stage, found.kind, found.weight, found.relative) == (Stage.RETENTION, Kind.FLOW, 1, False)


@pytest.mark.parametrize(
    ("written", "kind", "months"),
    [
        ("kind: stock", Kind.STOCK, 1),
        ("kind: stock, every: month", Kind.CLOSING, 1),
        ("kind: stock, every: quarter", Kind.CLOSING, 3),
        ("kind: flow", Kind.FLOW, 1),
        ("kind: flow, every: month", Kind.PERIOD, 1),
        ("kind: period", Kind.PERIOD, 1),
        ("kind: period, every: quarter", Kind.PERIOD, 3),
        ("kind: period, every: day", Kind.FLOW, 1),
    ],
)
def test_kind_and_time_together_say_how_it_is_compared(tmp_path: Path, written: str, kind: Kind, months: int) -> None:
    found = figure(tmp_path, f"key: revenue, from: b.csv, {written}")
    assert (found.kind, found.months) == (kind, months)


@pytest.mark.parametrize(
    ("written", "origin", "place"),
    [
        ("figures/b c.csv", Origin.FILE, "figures/b c.csv"),
        ("'https://b.example/figures?sheet=2'", Origin.ADDRESS, "https://b.example/figures?sheet=2"),
        ("'env:FIGURES'", Origin.ENVIRONMENT, "FIGURES"),
        ("'env:FIGURES_OF_B'", Origin.ENVIRONMENT, "FIGURES_OF_B"),
    ],
)
def test_a_table_is_a_file_an_address_or_a_variable(tmp_path: Path, written: str, origin: Origin, place: str) -> None:
    found = figure(tmp_path, f"key: revenue, from: {written}")
    assert (found.origin, found.place) == (origin, place)


def test_a_project_that_brings_figures_has_a_target_for_them(tmp_path: Path) -> None:
    assert project(tmp_path, "key: revenue, from: b.csv").targets[OWN] == ("",)


def test_where_a_figure_is_from_is_not_in_what_is_printed_of_it(tmp_path: Path) -> None:
    found = figure(tmp_path, "key: revenue, from: 'https://b.example/hidden-word'")
    assert "hidden-word" not in repr(found)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("key: revenue", "the key 'from' is missing"),
        ("from: b.csv", "the key 'key' is missing"),
        ("key: revenue, form: b.csv", "unknown key 'form'; did you mean 'from'?"),
        ("key: revenue, file: b.csv", "unknown key 'file'; did you mean 'from'?"),
        ("key: revenue, from: /etc/b.csv", f"from: {INSIDE} '/etc/b.csv'"),
        ("key: revenue, from: ../b.csv", f"from: {INSIDE} '../b.csv'"),
        ("key: revenue, from: figures/../../b.csv", f"from: {INSIDE} 'figures/../../b.csv'"),
        ("key: revenue, from: 'C:\\b.csv'", f"from: {INSIDE} 'C:\\b.csv'"),
        ("key: revenue, from: .git/b.csv", f"from: {A_SOURCE} '.git/b.csv'"),
        ("key: revenue, from: b.xlsx", f"from: {A_SOURCE} 'b.xlsx'"),
        ("key: revenue, from: 7", f"from: {A_SOURCE} the number 7"),
        (
            "key: revenue, from: 'http://b.example/x'",
            f"from: {A_SOURCE} 'http://b.example/x'; write https://b.example/x",
        ),
        ("key: revenue, from: 'env:GITHUB_TOKEN'", f"from: {VARIABLE} 'env:GITHUB_TOKEN'"),
        ("key: revenue, from: 'env:FIGURESQUE'", f"from: {VARIABLE} 'env:FIGURESQUE'"),
        (
            "key: revenue, from: b.csv, publish: relativ",
            "expected one of: relative, absolute, found 'relativ'; did you",
        ),
        ("key: revenue, from: b.csv, publish: no", "publish: expected one of: relative, absolute, found"),
        ("key: revenue, from: b.csv, kind: counter", "kind: expected one of: stock, flow, period, found 'counter'"),
        ("key: revenue, from: b.csv, every: week", "every: expected one of: day, month, quarter, found 'week'"),
        ("key: revenue, from: b.csv, stage: monetisation", "'monetisation'; did you mean 'monetization'?"),
        ("key: revenue, from: b.csv, rounding: 0.01", f"rounding: expected {LARGE}, found the number 0.01"),
        ("key: revenue, from: b.csv, weight: -1", "weight: expected at least 0, found the number -1"),
        (
            "key: revenue, from: b.csv, publish: absolute, rounding: 1",
            "expected no rounding, since 'publish: absolute'",
        ),
        ("key: net_revenue_retention, from: b.csv, weight: 1", "expected no weight, since a share"),
        ("key: Paying Users, from: b.csv", "found 'Paying Users'; write paying_users"),
        ("key: revenues, from: b.csv", "found no label, no unit, no stage, no kind; did you mean 'revenue'?"),
        (f"{LAMPS.replace('unit: lamps, ', '')}", "since this key is a new one, found no unit"),
    ],
)
def test_a_mistake_is_said_with_its_line_and_costs_only_its_entry(tmp_path: Path, line: str, said: str) -> None:
    found = loaded(tmp_path, line)
    (mistake,) = found.mistakes
    assert str(mistake).startswith(f"{tmp_path}/projects.yaml:5: a/b: figures item 1")
    assert said in str(mistake)
    assert [one.id for one in found.projects] == ["c/d"]


def test_a_figure_is_brought_once(tmp_path: Path) -> None:
    (mistake,) = loaded(tmp_path, "key: revenue, from: b.csv", "key: revenue, from: c.csv").mistakes
    assert "expected each name once, found 'revenue' twice" in str(mistake)


def test_a_figure_may_have_a_threshold_in_its_stage(tmp_path: Path) -> None:
    path = tmp_path / "projects.yaml"
    tail = "projects:\n  - github: a/b\n    figures:\n      - {key: revenue, from: b.csv, publish: absolute}\n"
    path.write_text("stages: {thresholds: {monetization: {own_revenue: 10}}}\n" + tail)
    found = config.load(path, {}, today=TODAY, metrics={"stars": Stage.INTENT})
    assert found.thresholds[Stage.MONETIZATION] == {"own_revenue": 10}
    path.write_text("stages: {thresholds: {retention: {own_revenue: 10}}}\n" + tail)
    with pytest.raises(config.ConfigError):
        config.load(path, {}, today=TODAY, metrics={"stars": Stage.INTENT})
