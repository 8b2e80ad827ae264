"""The invented projects, read by a real run: each is what its story says, and the opposite with its growth turned.

A project that was made to show something else (a change of name, holes in its figures) may have any reading that its
figures bear; what it must not have is one of a fall.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from groundswell.readings import READINGS
from sandbox import demo, gallery
from sandbox.server import start
from sandbox.turned import turned
from tests.test_run import ROOT, TODAY, environment

Card = Mapping[str, Any]

CALM: Final = {"steady", "interest_rises", "use_rises", "use_outruns_attention", "everything_moves"}
FALLS: Final = {"fading", "thin_top", "use_fades"}
STORIES: Final[Mapping[str, tuple[set[str], set[str]]]] = {  # repository → its readings, and those when it is turned
    "lanternworks/brightlantern": ({"everything_moves"}, {"fading"}),
    "oldmill/creakwheel": ({"fading"}, {"everything_moves", "use_outruns_attention"}),
    "greatharbour/hullspine": ({"money_follows_use"}, {"thin_top"}),  # steady, at a company whose revenue grows
    "firstfrost/sproutling": ({"too_small"}, {"too_small"}),  # whichever way it goes
    "glassfront/showpane": ({"interest_without_use"}, {"thin_top"}),
    "quietcellar/underpipe": ({"use_outruns_attention"}, {"use_fades", "fading"}),
    "galleyproof/galleyproof": (CALM, FALLS),
    "lastlight/duskbox": ({"archived"}, {"archived"}),
    "brightday/suddenbloom": ({"one_burst"}, {"not_enough_seen"}),  # the video brings fewer than go away
    "patchworklab/holeycloth": ({"one_organisation"}, FALLS),
    "revolvingdoor/turnspindle": ({"newcomers_leave"}, FALLS),
    "steadyhand/tallybench": ({"everything_moves"}, {"fading"}),
}
ALIKE: Final = {"firstfrost/sproutling", "lastlight/duskbox"}  # not read by their growth


def cards(site: Path) -> Mapping[str, Card]:
    """The cards by the names that the tracker file has."""
    return {one["id"]: one for one in json.loads((site / "data" / "scorecard.json").read_text())["projects"]}


@pytest.fixture(scope="module")
def as_told(demo_folder: Path) -> Mapping[str, Card]:
    return cards(demo_folder / "site")


@pytest.fixture(scope="module")
def turned_round(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Card]:
    folder = tmp_path_factory.mktemp("turned")
    where = ["--site", str(folder / "site"), "--history", str(folder / "history")]
    assert demo.main([*where, "--turned"]) == 0
    return cards(folder / "site")


LISTED: Final = {entry.repository: entry.listed for entry in gallery.PROJECTS}


def test_every_project_of_the_gallery_has_a_story() -> None:
    assert set(STORIES) == set(LISTED)
    assert set().union(*(told | other for told, other in STORIES.values())) <= {rule.key for rule in READINGS}
    assert {name for name, (told, other) in STORIES.items() if told & other} == ALIKE


@pytest.mark.parametrize("name", STORIES)
def test_a_project_has_the_reading_that_it_was_made_for(name: str, as_told: Mapping[str, Card]) -> None:
    reading = as_told[LISTED[name]]["reading"]
    assert reading["key"] in STORIES[name][0], reading["text"]


@pytest.mark.parametrize("name", STORIES)
def test_growth_turned_round_turns_the_reading(name: str, turned_round: Mapping[str, Card]) -> None:
    reading = turned_round[LISTED[name]]["reading"]
    assert reading["key"] in STORIES[name][1], reading["text"]


def test_turned_round_the_projects_are_of_the_same_size(
    as_told: Mapping[str, Card], turned_round: Mapping[str, Card]
) -> None:
    """So that it is their growth that turns the reading, and nothing else."""
    for name in set(STORIES) - ALIKE:
        one, other = (cards[LISTED[name]]["metrics"]["stars"]["value"] for cards in (as_told, turned_round))
        assert other == pytest.approx(one, rel=0.25), name
    assert len(turned(gallery.PROJECTS)) == len(gallery.PROJECTS)


def test_the_steady_giant_also_says_that_it_is_steady(as_told: Mapping[str, Card]) -> None:
    assert [one["key"] for one in as_told["greatharbour/hullspine"]["also"]] == ["steady"]


# --- Little and much -------------------------------------------------------------------------------------------------


def test_a_project_with_everything_shows_everything(as_told: Mapping[str, Card]) -> None:
    card = as_told["steadyhand/tallybench"]
    assert [stage for stage, state in card["stages"].items() if state["indicator"] in {None, "new"}] == []
    assert [step for step, way in card["movement"].items() if way["drift"] is None or not way["ratios"]] == []
    assert all(0 < state["coverage"] <= 1 for state in card["stages"].values())


def test_a_project_with_a_repository_alone_has_honest_stages(tmp_path: Path) -> None:
    projects = tmp_path / "projects.yaml"
    projects.write_text("projects:\n  - github: steadyhand/tallybench\n", encoding="utf-8")
    with start(today=TODAY) as sandbox:
        where = ["--projects", str(projects), "--history", str(tmp_path / "history"), "--site", str(tmp_path / "site")]
        command = [sys.executable, "generate.py", *where, "--stand-in", sandbox.address, "--today", TODAY.isoformat()]
        ended = subprocess.run(command, cwd=ROOT, env=environment(), text=True, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr
    (card,) = json.loads((tmp_path / "site" / "data" / "scorecard.json").read_text())["projects"]
    stages = card["stages"]
    assert stages["intent"]["indicator"] == "rising"
    assert stages["intent"]["metrics"] == ["stars"], "GitHub gives a past of stars alone on a first day"
    assert stages["intent"]["coverage"] == pytest.approx(3 / 5)
    assert 0 < stages["action"]["coverage"] < 1, "downloads are to be expected, and are not seen"
    for state in stages.values():
        assert (state["growth"] is None) == (state["missing"] is not None)
    for metric in card["metrics"].values():
        assert (metric["value"] is None) <= (metric["missing"] is not None)
