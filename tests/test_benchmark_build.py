"""The measurement of how long making the site takes: what it measures, and what it says."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks import build
from benchmarks.build import Cost, Measured

COST = Cost(seconds=19.0, work=30.0, largest=300.0, together=600.0)
FIRST = Measured("list, from nothing", 900, replace(COST, seconds=59.0), chart=0.02)
AGAIN = Measured("list, one new day", 900, COST, chart=0.02)


def test_a_site_is_built_from_nothing_and_again_with_one_new_day(tmp_path: Path) -> None:
    last = build.LAST + dt.timedelta(days=1)
    first, again = build.build("simulated", build.simulated(3), last, tmp_path / "three")
    assert (first.projects, again.projects) == (3, 3)
    assert first.cost.work > 0
    assert first.cost.together >= first.cost.largest > 50
    scorecard = (tmp_path / "three" / "site" / "data" / "scorecard.json").read_text()
    assert scorecard.count(f'"observed":"{last}"') >= 3


def test_the_work_of_a_process_counts_that_nobody_waits_for() -> None:
    busy = "import time\nwhile time.process_time() < 0.6: pass"
    left = "os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT); os._exit(0)"
    start = f"import os, subprocess, sys; child = subprocess.Popen([sys.executable, '-c', {busy!r}]); {left}"
    with subprocess.Popen([sys.executable, "-c", start]) as parent:
        watch = build.Watch(parent.pid)
        watch.start()
        parent.wait()
        watch.end()
    assert watch.work > 0.5


def test_simulated_projects_are_always_the_same() -> None:
    assert list(build.simulated(2)) == list(build.simulated(2))
    assert len({row[1] for row in build.simulated(2)}) == 2


def test_the_cost_of_a_project_is_told_in_plain_charts() -> None:
    assert round(AGAIN.charts, 3) == round(30 / 900 / 0.02, 3)
    assert build.line(AGAIN).endswith("| 20.0 | 1.67 |")
    assert build.line(AGAIN).count("|") == len(build.HEAD) + 1


def test_what_takes_too_long_or_too_much_memory_is_said() -> None:
    assert build.too_much(FIRST, AGAIN) == []
    slow = replace(AGAIN, cost=replace(COST, seconds=20.1, together=1_501.0))
    assert build.too_much(FIRST, slow) == [
        "list, one new day: 20.1 s; at most 20 s are allowed",
        "list, one new day: 1,501 MB; at most 1,500 MB are allowed",
    ]
