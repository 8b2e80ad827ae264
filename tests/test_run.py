"""The whole run, over real HTTP against the sandbox: what is published, what is refused, and what survives a kill."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from groundswell import config, history, runs, sources
from groundswell.runs import STOPPED, Run
from sandbox.github import traffic
from sandbox.server import Sandbox, start
from tests import warm

ROOT = Path(__file__).parent.parent
TODAY = dt.date(2026, 11, 20)
TOKEN = "invented-token-0123456789"
PROJECTS = ROOT / "sandbox" / "projects.yaml"
NAMES = [project.id for project in config.load(PROJECTS, sources.namings(sources.load())).projects]


@dataclass
class Tracker:
    """A tracker in a folder of its own, and the sandbox that it asks."""

    folder: Path
    sandbox: Sandbox

    def command(self, day: dt.date, *options: str, projects: Path = PROJECTS) -> list[str]:
        where = ["--projects", str(projects), "--history", str(self.folder / "history"), "--site", str(self.site)]
        return [
            *(sys.executable, "generate.py", *where),
            *("--stand-in", self.sandbox.address, "--today", day.isoformat()),
            *options,
        ]

    def run(self, day: dt.date, *options: str, projects: Path = PROJECTS) -> subprocess.CompletedProcess[str]:
        _, _, *arguments = self.command(day, *options, projects=projects)
        return warm.run(arguments, environment())

    @property
    def site(self) -> Path:
        return self.folder / "site"

    @property
    def cards(self) -> Mapping[str, Any]:
        scorecard = json.loads((self.site / "data" / "scorecard.json").read_text())
        return {project["id"]: project for project in scorecard["projects"]}


def environment() -> dict[str, str]:
    return {
        **os.environ,
        "GITHUB_TOKEN": TOKEN,
        "TRAFFIC_TOKEN": traffic.TOKEN,
        "GITHUB_REPOSITORY": f"{traffic.OWNER}/tracker",
        "NO_PROXY": "127.0.0.1",
        "SEC_CONTACT": "tests@example.org",
    }


@pytest.fixture
def tracker(tmp_path: Path) -> Iterator[Tracker]:
    """A tracker before its first run."""
    with start(today=TODAY) as sandbox:
        yield Tracker(tmp_path, sandbox)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tracker, subprocess.CompletedProcess[str]]]:
    """A first run on the gallery, and how it ended; only to be looked at."""
    with start(today=TODAY) as sandbox:
        tracker = Tracker(tmp_path_factory.mktemp("first"), sandbox)
        yield tracker, tracker.run(TODAY, "--chatty", "--summary", str(tracker.folder / "summary.md"))


@pytest.fixture
def published(tracker: Tracker, first_run: tuple[Tracker, subprocess.CompletedProcess[str]]) -> Tracker:
    """A tracker that has published once."""
    shutil.copytree(first_run[0].folder, tracker.folder, dirs_exist_ok=True)
    return tracker


def files(folder: Path) -> Mapping[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_first_run_publishes_every_project_with_stars_growth_and_stages(
    first_run: tuple[Tracker, subprocess.CompletedProcess[str]],
) -> None:
    tracker, ended = first_run
    assert ended.returncode == 0, ended.stderr
    assert list(tracker.cards) == NAMES
    for card in tracker.cards.values():
        assert card["metrics"]["stars"]["value"] > 0
        assert card["metrics"]["stars"]["observed"] == TODAY.isoformat()
        assert card["metrics"]["stars"]["growth"]["direction"] in {"rising", "steady", "falling", "new"}
        assert set(card["stages"]) == {"intent", "action", "activation", "monetization", "retention"}
    page = (tracker.site / "index.html").read_text()
    assert all(card["name"] in page for card in tracker.cards.values())
    plan, *hosts, end = ended.stdout.splitlines()
    assert plan.startswith("To be asked: ")
    assert all(" request" in line for line in hosts)
    assert "gaps" in end
    assert "\x1b" not in ended.stdout, "a run that is not on a terminal draws no bars"


def test_the_record_of_a_run_counts_what_the_other_side_saw(
    first_run: tuple[Tracker, subprocess.CompletedProcess[str]],
) -> None:
    tracker, _ = first_run
    seen = Counter(one.host for one in tracker.sandbox.log)
    (row,) = runs.load(tracker.folder / "history")
    assert row.requests == seen
    assert row.points == sum(one.points for one in tracker.sandbox.log if one.path == "/graphql")
    assert (row.status, row.projects, row.newest) == ("0", len(NAMES), TODAY)
    assert "## The site was built" in (tracker.folder / "summary.md").read_text()


def test_the_total_of_each_registry_is_asked_for_once(
    first_run: tuple[Tracker, subprocess.CompletedProcess[str]],
) -> None:
    tracker, _ = first_run
    totals = [
        seen.path
        for seen in tracker.sandbox.log
        if "/__all__/" in seen.path or (seen.host == "api.npmjs.org" and seen.path.count("/") == 3)
    ]
    assert sorted(totals) == [
        "/api/packages/__all__/overall?mirrors=false",
        "/downloads/range/2025-05-28:2026-11-18",
    ]
    whole = history.load(tracker.folder / "history", history.MARKET)
    assert {name: len(series) for name, series in whole.columns.items()} == {
        "npm.downloads": 540,
        "pypi.downloads": 180,
    }
    tallybench = tracker.cards["steadyhand/tallybench"]["metrics"]
    assert tallybench["npm_downloads"]["against"]["market"] == "all of npm"
    assert tallybench["pypi_downloads"]["against"]["growth"] > 0


def test_a_total_that_cannot_be_had_stops_no_run_and_is_missing_with_its_reason(published: Tracker) -> None:
    (published.folder / "history" / "market.csv").unlink()
    (published.folder / "history" / "market.json").unlink()
    published.sandbox.move_to(TODAY + dt.timedelta(days=1))
    published.sandbox.order("status", host="pypistats.org", path="__all__", status=503)
    published.sandbox.order("zeros", host="api.npmjs.org", path="/downloads/range/2025-05-29:2026-11-19", times=1)
    ended = published.run(TODAY + dt.timedelta(days=1))
    assert ended.returncode == 0, ended.stderr
    metrics = published.cards["steadyhand/tallybench"]["metrics"]
    assert metrics["pypi_downloads"]["growth"]["month"] > 0
    assert metrics["pypi_downloads"]["against"] == {
        "missing": "the total of all of PyPI is missing: PyPI answered 503 (a fault of its own) since 2026-11-21"
    }
    assert metrics["npm_downloads"]["against"]["missing"].startswith("the total of all of npm is missing: npm gave no")
    page = (published.site / "projects" / "steadyhand__tallybench.html").read_text()
    assert "The total of all of PyPI is missing: PyPI answered 503" in page


def test_two_runs_on_the_same_input_give_the_same_bytes(published: Tracker) -> None:
    first = files(published.site)
    shutil.rmtree(published.site)
    assert published.run(TODAY, "--offline").returncode == 0
    assert files(published.site) == first
    assert published.run(TODAY).returncode == 0
    assert files(published.site) == first


def test_a_day_of_gaps_still_publishes_the_rest_and_says_why(tracker: Tracker) -> None:
    gone, refused = NAMES[0], NAMES[1]
    tracker.sandbox.order("missing", target=gone)
    tracker.sandbox.order("refused", target=refused, field="watchers")
    tracker.sandbox.order("html", host="api.npmjs.org", status=429)
    tracker.sandbox.order("status", host="pypistats.org", status=503)
    ended = tracker.run(TODAY)
    assert ended.returncode == 0, ended.stderr
    cards = tracker.cards
    assert cards[gone]["metrics"]["stars"]["value"] is None
    assert "deleted, private or misspelt" in cards[gone]["metrics"]["stars"]["missing"]
    assert cards[refused]["metrics"]["stars"]["value"] > 0
    assert cards[refused]["metrics"]["watchers"]["value"] is None
    assert cards[refused]["metrics"]["watchers"]["missing"]
    for card in cards.values():
        npm = card["metrics"]["npm_downloads"]
        assert npm["value"] is None
        assert "429" in npm["missing"] or "no npm package is named" in npm["missing"]
    others = [card for name, card in cards.items() if name != gone]
    assert all(card["metrics"]["stars"]["value"] > 0 for card in others)
    page = (tracker.site / "index.html").read_text()
    assert "answered 429 (too many requests)" in page
    assert "503" in page


def test_a_bad_day_after_a_good_one_publishes_nothing_and_says_why(published: Tracker) -> None:
    before = files(published.site)
    published.sandbox.move_to(TODAY + dt.timedelta(days=1))
    published.sandbox.order("status", host="api.github.com", status=503)
    ended = published.run(TODAY + dt.timedelta(days=1))
    assert ended.returncode == 3, ended.stderr
    assert "GitHub" in ended.stderr or "github" in ended.stderr
    assert files(published.site) == before


def test_a_second_day_goes_on_from_the_first(published: Tracker) -> None:
    stars = published.cards[NAMES[2]]["metrics"]["stars"]
    published.sandbox.move_to(TODAY + dt.timedelta(days=1))
    assert published.run(TODAY + dt.timedelta(days=1)).returncode == 0
    assert published.cards[NAMES[2]]["metrics"]["stars"]["observed"] == "2026-11-21"
    series = history.load(published.folder / "history", NAMES[2]).series("github.stars").until(TODAY)
    assert series.values[-1] == stars["value"]


def test_when_nobody_can_be_reached_the_last_site_stays(published: Tracker) -> None:
    before = files(published.site)
    published.sandbox.order("reset")
    ended = published.run(TODAY + dt.timedelta(days=1))
    assert ended.returncode == 4, ended.stderr
    assert files(published.site) == before


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("projects:\n  - github: acme\n", "projects.yaml:2: "),
        ("projects:\n  - github: !!python/object/apply:os.system ['true']\n", "projects.yaml:2: "),
    ],
)
def test_a_wrong_list_is_named_line_by_line(tmp_path: Path, text: str, line: str) -> None:
    (tmp_path / "projects.yaml").write_text(text)
    for command in (["check"], ["--offline", "--history", str(tmp_path / "h"), "--site", str(tmp_path / "s")]):
        ended = warm.run([*command, "--projects", str(tmp_path / "projects.yaml")], environment())
        assert ended.returncode == 2
        assert line in ended.stderr
        assert "Traceback" not in ended.stderr
    assert not (tmp_path / "s").exists()


def test_the_token_is_nowhere_in_what_a_run_writes(
    first_run: tuple[Tracker, subprocess.CompletedProcess[str]],
) -> None:
    tracker, ended = first_run
    written = b"".join([*files(tracker.site).values(), *files(tracker.folder / "history").values()])
    assert TOKEN.encode() not in written
    assert TOKEN not in ended.stdout + ended.stderr
    assert "points" in ended.stderr, "what GitHub charged is in the log"


def test_only_one_project_is_asked_for_and_all_are_shown(published: Tracker) -> None:
    published.sandbox.forget()
    assert published.run(TODAY, "--only", NAMES[3].upper()).returncode == 0
    assert {name for seen in published.sandbox.log if seen.host == "api.github.com" for name in seen.names} == {
        NAMES[3]
    }
    assert list(published.cards) == NAMES


def test_a_kill_at_any_moment_leaves_a_history_that_loads(tracker: Tracker) -> None:
    """Eight days' runs, each ended by SIGKILL at another moment after it began to write: no day is lost."""
    chance = random.Random(4)
    folder = tracker.folder / "history"
    kept: dict[tuple[str, str], set[int]] = {}
    for day in range(8):
        today = TODAY + dt.timedelta(days=day)
        tracker.sandbox.move_to(today)
        before = newest(folder)
        running = subprocess.Popen(
            tracker.command(today), cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while running.poll() is None and newest(folder) == before:
            time.sleep(0.002)
        time.sleep(chance.random() * 0.8)
        running.kill()
        if running.wait() != 0:
            assert runs.load(folder)[-1] == Run(today, STOPPED, projects=len(NAMES), seconds=0)
        for name in NAMES:
            for column, series in history.load(folder, name).columns.items():
                assert kept.get((name, column), set()) <= set(series.days.tolist()), f"{name} lost days of {column}"
                kept[name, column] = set(series.days.tolist())
    assert kept
    assert tracker.run(TODAY + dt.timedelta(days=8)).returncode == 0


def newest(folder: Path) -> float:
    return max((path.stat().st_mtime for path in folder.glob("*__*.csv")), default=0)


def test_the_history_of_a_renamed_project_goes_on_under_its_new_name(published: Tracker, tmp_path: Path) -> None:
    renamed = {
        name: card["repository"]
        for name, card in published.cards.items()
        if card.get("repository", name).lower() != name.lower()
    }
    assert len(renamed) == 1
    ((old, new),) = renamed.items()
    projects = tmp_path / "projects.yaml"
    projects.write_text(PROJECTS.read_text().replace(old, new))
    ended = published.run(TODAY, "--offline", projects=projects)
    assert ended.returncode == 0, ended.stderr
    assert published.cards[new]["metrics"]["stars"]["value"] > 0
