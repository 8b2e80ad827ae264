"""Every source asked once for one well-known target: `python -m pytest -m live`. Every other run leaves this out.

With `--sandbox` the stand-ins are asked instead, each for a target that it knows: so CI proves that the set works, and
only somebody who asks for it goes outside.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from groundswell import config, doctor, gather, sources
from groundswell.http import Door
from groundswell.models import Project
from sandbox.github import traffic
from sandbox.server import start

ROOT: Final = Path(__file__).parents[1]
SOURCES: Final = sources.load()
WELL_KNOWN: Final[Mapping[str, str]] = {"goatcounter": "stats.arp242.net"}  # where a source's example is nobody's
OWN: Final = {"traffic"}  # shown to the owner alone: asked for the repository that the run is of
OLDEST: Final = 100  # days beyond a signal's lag: a quarter, and the time that a slow site takes
NEEDS: Final = re.compile(r"\bset [A-Z_]+")  # what a machine lacks is no fault of the source


@dataclass(frozen=True)
class World:
    """Whom to ask, on which day, and for what."""

    door: Door
    today: dt.date
    projects: Mapping[str, Project]  # source → a project that names one target for it


@pytest.fixture(scope="module")
def world(pytestconfig: pytest.Config) -> Iterator[World]:
    with contextlib.ExitStack() as stack:
        address, today, projects = None, dt.datetime.now(dt.UTC).date(), live_projects()
        if pytestconfig.getoption("sandbox"):
            sandbox = stack.enter_context(start())
            address, today, projects = sandbox.address, sandbox.world.today, gallery_projects()
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            patch.setenv("GITHUB_TOKEN", "invented")
            patch.setenv("TRAFFIC_TOKEN", traffic.TOKEN)
            patch.setenv("GITHUB_REPOSITORY", f"{traffic.OWNER}/tracker")
        door = Door(gather.outside(config.Tracker(), SOURCES, address))
        stack.callback(door.close)
        yield World(door, today, projects)


def live_projects() -> Mapping[str, Project]:
    targets = {key: WELL_KNOWN.get(key, source.NAMING.example) for key, source in SOURCES.items()}
    targets |= dict.fromkeys(OWN, os.environ.get("GITHUB_REPOSITORY", ""))
    repository = targets.pop("github")
    projects = {key: Project(repository, key, "live", targets={key: (target,)}) for key, target in targets.items()}
    return projects | {"github": Project(repository, "github", "live", targets={"github": ("",)})}


def gallery_projects() -> Mapping[str, Project]:
    tracked = config.load(ROOT / "sandbox" / "projects.yaml", sources.namings(SOURCES))
    found = {}
    for key in SOURCES:
        project = next(project for project in tracked.projects if project.targets.get(key))
        found[key] = Project(project.id, key, "live", targets={key: project.targets[key][:1]})
    return found


@pytest.mark.live
@pytest.mark.parametrize("key", SOURCES)
def test_a_source_gives_a_recent_figure_of_a_well_known_target(world: World, key: str) -> None:
    project = world.projects[key]
    if key in OWN and not project.targets[key][0]:
        pytest.skip("GITHUB_REPOSITORY is not set, and no other repository's traffic is shown")
    (found,) = doctor.diagnose([project], {key: SOURCES[key]}, world.door, world.today)
    if found.failures and all(NEEDS.search(failure.reason) for failure in found.failures):
        pytest.skip("; ".join(found.wrong))
    assert found.answered, f"{'; '.join(found.wrong)}. {' '.join(found.advice)}"
    assert found.newest is not None
    lag = max(signal.lag for signal in SOURCES[key].SIGNALS)
    assert world.today - dt.timedelta(days=lag + OLDEST) <= found.newest <= world.today


# --- The set itself --------------------------------------------------------------------------------------------------


def test_the_whole_set_passes_against_the_sandbox() -> None:
    command = [sys.executable, "-m", "pytest", "-m", "live", "--sandbox", "-q", "-p", "no:cacheprovider", __file__]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
    assert f"{len(SOURCES)} passed" in ended.stdout
    assert "skipped" not in ended.stdout


def test_no_run_asks_the_world_unless_it_is_told_to() -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", __file__]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert "well_known_target" not in ended.stdout
    assert f"{len(SOURCES)} deselected" in ended.stdout


@pytest.mark.parametrize("key", SOURCES)
def test_every_source_has_a_target_that_may_be_named(key: str) -> None:
    targets = live_projects()[key].targets[key]
    if key not in {*OWN, "github"}:
        assert all(re.fullmatch(SOURCES[key].NAMING.pattern, target) for target in targets)
