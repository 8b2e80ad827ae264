"""The arithmetic of docs/scale.md is what the code says."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks import scale, year
from groundswell.turns import BUDGET

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "scale.md").read_text()


def test_the_tables_of_the_page_are_those_that_the_code_makes() -> None:
    for table in (scale.of_sizes(), scale.of_ways()):
        assert "\n".join(table) in PAGE, "make them anew with `python -m benchmarks.scale`"


def test_the_budget_is_the_one_that_is_held() -> None:
    held = (ROOT / "tests" / "test_budget.py").read_text()
    assert f"points <= {scale.POINTS_A_DAY}\n" in held
    assert f"requests <= {BUDGET}\n" in held
    assert re.search(rf"first\.points <= {scale.POINTS_AT_FIRST:.0f} \* new", held)
    assert re.search(rf"first\.requests <= {scale.REQUESTS_AT_FIRST:.0f} \* new", held)


def test_a_year_of_100_projects_is_below_what_the_benchmark_allows() -> None:
    assert scale.PACKED_A_YEAR * 100 / 1_000 < year.MOST_MEGABYTES


def test_what_one_run_cannot_read_eight_machines_can() -> None:
    assert max(scale.minutes(10_000)) > scale.MINUTES
    assert max(scale.minutes(10_000, 8)) < scale.MINUTES
