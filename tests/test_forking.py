"""docs/forking.md: what it tells people to write is right; what it tells them to run is run elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from groundswell import config, metrics, sources
from groundswell.licences import LICENCES

ROOT: Final = Path(__file__).parents[1]
GUIDE: Final = (ROOT / "docs" / "forking.md").read_text()
PARTS: Final = [block for block in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL) if "runs-on:" not in block]
RUN_ELSEWHERE: Final = {  # command → the test that carries it out, or has its like
    ".ci/later-version": "test_forks",
    "git": "test_forks",
    "python": "test_forks",
    "GITHUB_TOKEN=…": "test_run",
}


@pytest.mark.parametrize("part", PARTS)
def test_what_goes_into_projects_yaml_has_no_mistake(part: str, tmp_path: Path) -> None:
    entry = part if part.startswith("  - github") else "  - github: acme/anvil\n"
    path = tmp_path / "projects.yaml"
    path.write_text(f"{'' if part == entry else part}projects:\n{entry}")
    counted = {metric.key: metric.stage for metric in metrics.METRICS}
    found = config.load(path, sources.namings(sources.load()), metrics=counted)
    assert [str(mistake) for mistake in found.mistakes] == []
    assert [project.id for project in found.projects] == ["acme/anvil"]


def test_there_is_something_to_look_at() -> None:
    assert len(PARTS) >= 2


def test_every_command_is_one_that_a_test_carries_out() -> None:
    lines = [line.strip() for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) for line in block.splitlines()]
    assert {line.split()[0] for line in lines if line} <= set(RUN_ELSEWHERE), "let a test run it, and name that here"


def test_the_licences_that_the_list_names_are_known_ones() -> None:
    named = re.findall(r"^  license: .*$", (ROOT / "projects.yaml").read_text(), re.MULTILINE)
    assert {word for line in named for word in re.findall(r"CC[\w.-]+\d", line)} <= set(LICENCES)
