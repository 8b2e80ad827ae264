"""Real figures: growth of an imported history agrees with what is worked out from the same file elsewhere."""

from __future__ import annotations

import datetime as dt
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from groundswell.http import NotFound
from groundswell.sources import npm, pypi

ROOT = Path(__file__).parent.parent
MOST_SECONDS = 120
MOST_MEGABYTES = 1_500


def run(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("file", "renames", "metric", "today", "fewest"),
    [
        (
            "best-of-ml-python_history.csv.gz",
            (
                "star_count=github.stars",
                "fork_count=github.forks",
                "watchers_count=github.watchers",
                "pypi_monthly_downloads=pypi.downloads_last_month",
            ),
            "star_count",
            "2025-10-30",
            851,
        ),
        ("cncf_snapshots.csv.gz", ("stars=github.stars",), "stars", "2026-07-23", 200),
    ],
)
def test_star_growth_of_an_imported_history_equals_an_independent_calculation(
    shared: Path, tmp_path: Path, file: str, renames: tuple[str, ...], metric: str, today: str, fewest: int
) -> None:
    data, memory = shared / "data" / file, str(tmp_path / "history")
    projects, site = str(tmp_path / "projects.yaml"), tmp_path / "site"
    started = time.monotonic()
    taken = [option for rename in renames for option in ("--rename", rename)]
    run("generate.py", "import-history", str(data), *taken, "--write-projects", projects, "--history", memory)
    imported = time.monotonic()
    run("generate.py", "--offline", "--today", today, "--projects", projects, "--history", memory, "--site", str(site))
    ended = time.monotonic()
    memory_used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"\nimport {imported - started:.0f} s, site {ended - imported:.0f} s, largest process {memory_used:.0f} MB")
    cards = json.loads((site / "data" / "scorecard.json").read_text())["projects"]
    grown = [card for card in cards if (card["metrics"]["stars"]["growth"] or {}).get("window") is not None]
    assert len(grown) >= fewest
    assert ended - imported <= MOST_SECONDS
    assert memory_used <= MOST_MEGABYTES
    check = [str(shared / "checks" / "growth.py"), str(site / "data" / "scorecard.json"), str(data), metric, today]
    run(*check)


def test_recorded_answers_of_npm_are_read_as_they_are(shared: Path) -> None:
    samples = shared / "samples" / "npm"
    bulk = json.loads((samples / "shape-range-bulk-unknown-package.json").read_text())[0]["response"]
    for day in bulk["npm"]["downloads"]:  # the recording has its figures blanked
        day["day"] = "2026-01-01"
    assert npm.parse_bulk(bulk, list(bulk)) == {"npm": {next(iter(npm.parse_range(bulk["npm"]))): 0}}
    for name in ("downloads-error-404.json",):
        with pytest.raises(NotFound):
            npm.parse_range(json.loads((samples / name).read_text()))


def test_recorded_answers_of_pypistats_are_read_as_they_are(shared: Path) -> None:
    answer = json.loads((shared / "samples" / "pypistats" / "overall-pip-2days.json").read_text())
    days = pypi.parse_days(answer, today=dt.date(2026, 11, 22))
    wanted = {one["date"]: one["downloads"] for one in answer["data"] if one["category"] == "without_mirrors"}
    assert {one.day.isoformat(): one.value for one in days} == wanted
