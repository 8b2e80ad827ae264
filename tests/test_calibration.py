"""The intervals of growth hold the truth as often as docs/calibration.md says, and that is often enough."""

from __future__ import annotations

import re

import pytest

from benchmarks import calibration
from benchmarks.calibration import LEAST, MOST, PAGE, TABLES, Outcome, Table, beyond, line
from groundswell.models import Kind

DRAWN_AGAIN = {"Flows": 2, "Counters": 1, "Stocks: three gains to one loss": 1, "Few weeks of stocks: gains alone": 4}
TOO_LITTLE = "| 20, 30 |"  # eight to ten weeks of bursts of which there is less than one a week: not to be known


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(("title", "place"), DRAWN_AGAIN.items())
def test_the_page_is_what_the_code_does(title: str, place: int) -> None:
    """Some rows of it, drawn again. All of it: `python -m benchmarks.calibration --check`."""
    [table] = [one for one in TABLES if one.title == title]
    assert line(table, place) in page().splitlines(), "run `python -m benchmarks.calibration`"


def test_the_page_has_every_table_and_every_row() -> None:
    for table in TABLES:
        part = page().partition(f"### {table.title}\n")[2].partition("###")[0]
        names = [row.split(" | ")[0].removeprefix("| ") for row in part.splitlines() if row.startswith("| ")]
        assert names == [table.corner, *(name for name, _ in table.rows)]


def test_no_cell_lies_beyond_the_bounds_but_for_what_cannot_be_known() -> None:
    simulated = page().partition(calibration.REAL_BEGINS)[0]
    beyond_bounds = [row for row in simulated.splitlines() if "**" in row]
    assert [row[: len(TOO_LITTLE)] for row in beyond_bounds] == [TOO_LITTLE]


def test_every_kind_and_every_size_is_looked_at() -> None:
    scenes = {scene for table in TABLES for cell in table.cells for scene in cell.scenes}
    assert {scene.kind for scene in scenes} >= {Kind.STOCK, Kind.FLOW, Kind.COUNTER, Kind.ROLLING}
    assert {scene.phi for scene in scenes} >= {1, 3, 10, 30}
    assert {scene.a_month for scene in scenes} >= {20, 200, 2_000, 20_000, 200_000}
    assert {scene.growth for scene in scenes} >= {-0.3, 0.0, 0.3}


def test_on_real_figures_in_an_order_of_chance_hardly_any_move_is_seen() -> None:
    rows = page().partition(calibration.REAL_BEGINS)[2].splitlines()
    shares = [float(found[1]) for row in rows if (found := re.search(r"\| \**([0-9.]+) %\** \|$", row))]
    assert len(shares) == 19
    assert max(shares) <= 6.0


@pytest.mark.parametrize(
    ("held", "outside"), [(9_300, False), (9_800, False), (9_150, True), (9_860, True), (9_240, False), (9_830, False)]
)
def test_a_cell_is_beyond_the_bounds_when_chance_does_not_explain_it(held: int, outside: bool) -> None:
    assert beyond(Outcome(10_000, 10_000, held, 0, 0, 0), MOST) is outside


def test_an_interval_that_is_too_narrow_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 1.5 standard errors instead of 1.96, flows hold the truth in 87 of 100 cases."""
    table: Table = TABLES[0]
    cell = table.rows[1][1][3]
    assert not beyond(cell.outcome(calibration.outcome), MOST)
    monkeypatch.setattr("groundswell.intervals._Z", 1.5)
    narrow = cell.outcome(calibration.outcome)
    assert beyond(narrow, MOST)
    assert narrow.coverage < LEAST
