"""The gate in whole runs: the silent outage of July 2026, at once and by small steps, and each threshold from below and
from above. Nothing of a bad day reaches the site; what passes shows its age.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from groundswell import history
from groundswell.history import stem
from sandbox import tracker as entries
from sandbox.hosts import Limits
from sandbox.server import Sandbox, start
from tests.test_run import TODAY, Tracker, files

REAL_CASE = 517  # projects
MIDDLE = 40  # few enough for a run in seconds, enough for shares
FEW = 20


def listed(folder: Path, sandbox: Sandbox, gate: str = "") -> Path:
    """The tracker file of all projects of a sandbox, with thresholds of its own."""
    path = folder / "projects.yaml"
    path.write_text(entries.text(sandbox.world.entries) + (f"gate: {gate}\n" if gate else ""), encoding="utf-8")
    return path


@dataclass
class Days:
    """A tracker that goes on from day to day."""

    tracker: Tracker
    projects: Path
    today: dt.date = TODAY

    def next(self, days: int = 1) -> subprocess.CompletedProcess[str]:
        """The run of a later day."""
        self.today += dt.timedelta(days=days)
        self.tracker.sandbox.move_to(self.today)
        return self.tracker.run(self.today, projects=self.projects)

    @property
    def site(self) -> Mapping[str, bytes]:
        return files(self.tracker.site)

    def page(self, project: str) -> str:
        return (self.tracker.site / "projects" / f"{stem(project)}.html").read_text(encoding="utf-8")


def begun(folder: Path, sandbox: Sandbox, gate: str = "") -> Days:
    """A tracker after its first run."""
    folder.mkdir(parents=True, exist_ok=True)
    days = Days(Tracker(folder, sandbox), listed(folder, sandbox, gate))
    ended = days.tracker.run(TODAY, projects=days.projects)
    assert ended.returncode == 0, ended.stderr
    return days


# --- The real case ---------------------------------------------------------------------------------------------------


def test_null_for_nearly_all_of_517_projects_publishes_nothing(tmp_path: Path) -> None:
    with start(today=TODAY, projects=REAL_CASE, limits=Limits(points=100_000, requests=100_000)) as sandbox:
        days = begun(tmp_path, sandbox)
        before, shown = days.site, days.tracker.cards
        assert sum(card["metrics"]["stars"]["value"] is not None for card in shown.values()) == REAL_CASE
        sandbox.order("nulls", share=0.998)
        ended = days.next()
        assert ended.returncode == 3, ended.stderr
        assert days.site == before, "the last site stays byte for byte"
        said = ended.stderr
        assert "Nothing is published; the last site stays" in said
        assert f"of {REAL_CASE} targets failed, more than 50 %; most often github refuses to show" in said
        assert "github.stars" in said
        again = days.next(days=20)
        assert again.returncode == 3, "three weeks of it do not make it usual"
        assert days.site == before


def lasting(days: Days, steps: int, order: Callable[[int], None]) -> list[int]:
    """The exit statuses of runs on one day after another, each with its faults."""
    statuses = []
    for step in range(1, steps + 1):
        days.tracker.sandbox.faults.clear()
        order(step)
        statuses.append(days.next().returncode)
    return statuses


def nulled(sandbox: Sandbox, share: float) -> int:
    """How many repositories are null at a share."""
    sandbox.faults.clear()
    sandbox.order("nulls", share=share)
    names = [entry.repository for entry in sandbox.world.entries]
    aliases = " ".join(
        f'r{place}: repository(owner: "{name.partition("/")[0]}", name: "{name.partition("/")[2]}") {{ id }}'
        for place, name in enumerate(names)
    )
    headers = {"Authorization": "Bearer x"}
    url = f"{sandbox.address}/api.github.com/graphql"
    data = requests.post(url, json={"query": f"{{ {aliases} }}"}, headers=headers, timeout=10).json()["data"]
    return sum(value is None for value in data.values())


@pytest.mark.parametrize(("gate", "creeps"), [("", False), ("{baseline_days: 1}", True)])
def test_nulls_that_come_by_small_steps_are_stopped_where_they_add_up(tmp_path: Path, gate: str, creeps: bool) -> None:
    """Each day some 7 % more of the repositories are null. A gate that remembers one day lets twice as much pass."""
    with start(today=TODAY, projects=MIDDLE) as sandbox:
        days = begun(tmp_path, sandbox, gate)
        shares = [0.07 * step for step in range(1, 6)]
        counts = [nulled(sandbox, share) for share in shares]
        lost = [100 * count / MIDDLE for count in counts]
        assert all(after - before < 20 for before, after in zip([0, *lost], lost, strict=False)), "no step is large"
        assert lost[-1] > 20
        statuses = lasting(days, len(shares), lambda step: sandbox.order("nulls", share=shares[step - 1]))
        if creeps:
            assert statuses == [0] * len(shares)
            return
        assert statuses == [0 if points <= 20 else 3 for points in lost]
        assert (
            json.loads((days.tracker.folder / "history" / "published.json").read_text())["as_of"]
            == (TODAY + dt.timedelta(days=statuses.index(3))).isoformat()
        ), "what was published last is what the next run is held against"


# --- Ordinary weeks --------------------------------------------------------------------------------------------------


def test_ordinary_weeks_of_the_gallery_are_published(tmp_path: Path) -> None:
    """Runs the next day, after a week, after pauses: what is read in turn, or only at first sight, is no loss."""
    with start(today=TODAY) as sandbox:
        days = begun(tmp_path, sandbox)
        for pause in (1, 7, 8, 14, 15):
            ended = days.next(pause)
            assert ended.returncode == 0, ended.stderr


# --- Every threshold -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    """A tracker of twenty projects after its first run; only to be copied."""
    with start(today=TODAY, projects=FEW) as sandbox:
        yield begun(tmp_path_factory.mktemp("first"), sandbox)


@pytest.fixture
def days(first: Days, tmp_path: Path) -> Iterator[Days]:
    """A tracker that has published once, and a sandbox without faults."""
    shutil.copytree(first.tracker.folder, tmp_path / "tracker")
    sandbox = first.tracker.sandbox
    sandbox.move_to(TODAY)
    yield Days(Tracker(tmp_path / "tracker", sandbox), tmp_path / "tracker" / "projects.yaml")
    sandbox.faults.clear()


def repositories(days: Days, count: int, least: int = 50) -> list[str]:
    """Some projects with enough stars to count."""
    world = days.tracker.sandbox.world
    return [entry.repository for entry in world.entries if entry.stars >= least][:count]


def gone(count: int) -> Callable[[Days], None]:
    def order(days: Days) -> None:
        for name in repositories(days, count):
            days.tracker.sandbox.order("missing", target=name)

    return order


def jumping(count: int, factor: float) -> Callable[[Days], None]:
    def order(days: Days) -> None:
        for name in repositories(days, count):
            days.tracker.sandbox.order("recount", target=name, factor=factor)

    return order


def failing(more_than_half: bool) -> Callable[[Days], None]:
    """Half of the packages on PyPI, or one more; lost values are left out of account."""

    def order(days: Days) -> None:
        world = days.tracker.sandbox.world
        packages = [package.name for entry in world.entries for package in entry.pypi]
        for name in packages[: len(packages) // 2 + more_than_half]:
            days.tracker.sandbox.order("html", host="pypistats.org", target=name, status=404)
        listed(days.tracker.folder, days.tracker.sandbox, "{most_lost_points: 100}")

    return order


@dataclass(frozen=True)
class Case:
    """A day with faults, and what the gate says of it."""

    order: Callable[[Days], None]
    says: str | None = None  # None is published
    after: int = 1  # days

    @property
    def status(self) -> int:
        return 0 if self.says is None else 3


CASES: Mapping[str, Case] = {
    "20 points lose their fresh values": Case(gone(4)),
    "25 points lose their fresh values": Case(gone(5), "github.stars"),
    "half of a source's targets fail": Case(failing(more_than_half=False)),
    "more than half of a source's targets fail": Case(failing(more_than_half=True), "targets failed, more than 50 %"),
    "5 % of the stars jump": Case(jumping(1, 3.0)),
    "10 % of the stars jump": Case(jumping(2, 3.0), "stars: 2 of "),
    "all stars rise by nearly half": Case(jumping(FEW, 1.45)),
    "all stars rise by more than half": Case(jumping(FEW, 1.55), "changed by more than 50 %"),
    "all stars fall by nearly half": Case(jumping(FEW, 0.55)),
    "all stars fall by more than half": Case(jumping(FEW, 0.45), "changed by more than 50 %"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_threshold_lets_pass_what_lies_below_and_stops_what_lies_above(days: Days, case: Case) -> None:
    before = days.site
    case.order(days)
    ended = days.next(case.after)
    assert ended.returncode == case.status, ended.stderr
    if case.says is None:
        assert days.site != before
    else:
        assert case.says in ended.stderr
        assert days.site == before


def test_what_passes_the_gate_shows_the_age_of_what_failed(days: Days) -> None:
    """Four of twenty repositories answer nothing: their pages say since when, and the scorecard says it too."""
    gone(4)(days)
    assert days.next().returncode == 0
    (name, *_) = repositories(days, 4)
    stars = days.tracker.cards[name]["metrics"]["stars"]
    assert stars["observed"] == TODAY.isoformat()
    assert stars["stale"].startswith(f"last seen {TODAY}, 1 day ago: GitHub does not show this repository")
    page = days.page(name)
    assert '<small class="old">yesterday</small>' in page
    assert "Last seen 20 November 2026, 1 day ago: GitHub does not show this repository" in page
    table = (days.tracker.site / "index.html").read_text(encoding="utf-8").partition('<table class="projects"')[2]
    pages = [f"{stem(one)}.html" for one in repositories(days, 5)]
    rows = [next(row for row in table.split("<tr") if page in row) for page in pages]
    assert [re.search(r'<td class="f stale"[^>]*>yesterday<', row) is not None for row in rows] == [True] * 4 + [False]
    other = repositories(days, 5)[-1]
    assert "yesterday</small>" not in days.page(other).partition("five stages")[0]


@pytest.mark.parametrize(("after", "shown"), [(14, True), (15, False)])
def test_a_value_is_shown_with_its_age_for_14_days_and_is_missing_after_that(
    days: Days, after: int, shown: bool
) -> None:
    gone(1)(days)
    (name,) = repositories(days, 1)
    ended = days.next(after)
    assert ended.returncode == 0, ended.stderr
    stars = days.tracker.cards[name]["metrics"]["stars"]
    assert (stars["value"] is not None) is shown
    said = stars["stale"] if shown else stars["missing"]
    assert said.startswith(f"last seen {TODAY}, {after} days ago: GitHub does not show this repository")
    assert f"Last seen 20 November 2026, {after} days ago" in days.page(name)
    assert (f'<small class="old">{after} days old</small>' in days.page(name)) is shown
    kept = history.load(days.tracker.folder / "history", name).series("github.stars")
    assert kept.last_day == TODAY, "nothing was written for the days without an answer"


def test_the_days_for_which_a_value_is_shown_can_be_set(days: Days) -> None:
    listed(days.tracker.folder, days.tracker.sandbox, "{oldest_days: 7}")
    gone(1)(days)
    (name,) = repositories(days, 1)
    assert days.next(8).returncode == 0
    assert days.tracker.cards[name]["metrics"]["stars"]["value"] is None


SET: Mapping[str, tuple[str, Callable[[Days], None], int]] = {  # thresholds → faults that these let pass, or stop
    "{most_lost_points: 19}": ("stricter", gone(4), 3),
    "{most_lost_points: 25}": ("laxer", gone(5), 0),
    "{most_jumping_share: 0.1}": ("laxer", jumping(2, 3.0), 0),
    "{jump: 0.4}": ("stricter", jumping(FEW, 1.45), 3),
    "{jump: 0.6}": ("laxer", jumping(FEW, 1.55), 0),
    "{fewest: 6}": ("laxer", gone(5), 0),
    "{smallest_stars: 1000000}": ("laxer", jumping(FEW, 3.0), 0),
}


@pytest.mark.parametrize("gate", SET)
def test_thresholds_of_the_trackers_own_are_heeded(days: Days, gate: str) -> None:
    _, order, status = SET[gate]
    order(days)
    listed(days.tracker.folder, days.tracker.sandbox, gate)
    assert days.next().returncode == status


def test_two_days_of_jumps_that_pass_alone_do_not_pass_together(days: Days) -> None:
    """One of twenty jumps on the first day, one on the second, one on the third: three are no chance any more."""
    statuses = []
    for count in (1, 2, 3):
        days.tracker.sandbox.faults.clear()
        jumping(count, 3.0)(days)
        statuses.append(days.next().returncode)
    assert statuses == [0, 0, 3]
