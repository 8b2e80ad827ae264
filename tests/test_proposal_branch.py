"""The branch of a proposal: what `.ci/propose` does with it, played against a repository on this disk."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.needs("git", "bash")

SCRIPT = Path(__file__).parents[1] / ".ci" / "propose"
MESSAGE = "Add the project that #7 proposes"
PERSON = ("-c", "user.name=a", "-c", "user.email=a@example.org")


def git(where: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", where, *arguments], check=True, capture_output=True, text=True).stdout.strip()


@dataclass(frozen=True)
class Origin:
    """The tracker's repository, with a list on main."""

    place: Path

    def propose(self, text: str, number: str = "7", message: str = MESSAGE) -> subprocess.CompletedProcess[str]:
        """One run: a fresh shallow checkout of main, the entry, the script."""
        checkout = self.place.with_name(f"run-{len(list(self.place.parent.iterdir()))}")
        git(self.place.parent, "clone", "--quiet", "--depth=1", "--branch=main", f"file://{self.place}", str(checkout))
        with (checkout / "projects.yaml").open("a") as file:
            file.write(text)
        (checkout / "other.txt").write_text("not to be committed")
        env = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "GIT_"))}
        env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GITHUB_TOKEN": "invented"}
        return subprocess.run(
            [SCRIPT, number, message], cwd=checkout, env=env, capture_output=True, text=True, check=False
        )

    def list_on(self, branch: str = "propose/7") -> str:
        return git(self.place, "show", f"{branch}:projects.yaml")


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    place = tmp_path / "origin.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(place))
    first = tmp_path / "first"
    git(tmp_path, "clone", "--quiet", str(place), str(first))
    (first / "projects.yaml").write_text("projects:\n")
    git(first, "add", "projects.yaml")
    git(first, *PERSON, "commit", "--quiet", "-m", "Begin")
    git(first, "push", "--quiet", "origin", "HEAD:main")
    return Origin(place)


def test_a_first_proposal_is_one_commit_on_a_branch_of_its_own(origin: Origin) -> None:
    ended = origin.propose("  - github: hill/brook\n")
    assert (ended.returncode, ended.stdout) == (0, "pushed\n"), ended.stderr
    assert origin.list_on() == "projects:\n  - github: hill/brook"
    assert origin.list_on("main") == "projects:"
    assert git(origin.place, "log", "--format=%an: %s", "main..propose/7") == f"github-actions[bot]: {MESSAGE}"
    assert git(origin.place, "ls-tree", "--name-only", "propose/7") == "projects.yaml"


def test_an_edit_takes_the_place_of_the_commit(origin: Origin) -> None:
    origin.propose("  - github: hill/brook\n")
    ended = origin.propose("  - github: hill/creek\n")
    assert (ended.returncode, ended.stdout) == (0, "pushed\n"), ended.stderr
    assert origin.list_on() == "projects:\n  - github: hill/creek"
    assert git(origin.place, "rev-list", "--count", "main..propose/7") == "1"


def test_an_edit_that_changes_nothing_pushes_nothing(origin: Origin) -> None:
    origin.propose("  - github: hill/brook\n")
    before = git(origin.place, "rev-parse", "propose/7")
    assert origin.propose("  - github: hill/brook\n").stdout == "pushed\n"
    assert git(origin.place, "rev-parse", "propose/7") == before


def test_what_somebody_else_did_on_the_branch_is_not_overwritten(origin: Origin, tmp_path: Path) -> None:
    origin.propose("  - github: hill/brook\n")
    theirs = tmp_path / "theirs"
    git(tmp_path, "clone", "--quiet", "--branch=propose/7", str(origin.place), str(theirs))
    git(theirs, *PERSON, "commit", "--quiet", "--allow-empty", "-m", "Mine")
    git(theirs, "push", "--quiet", "origin", "HEAD:propose/7")
    before = git(origin.place, "rev-parse", "propose/7")
    ended = origin.propose("  - github: hill/creek\n")
    assert (ended.returncode, ended.stdout) == (0, "theirs\n")
    assert git(origin.place, "rev-parse", "propose/7") == before


def test_main_is_never_pushed_to(origin: Origin) -> None:
    before = git(origin.place, "rev-parse", "main")
    origin.propose("  - github: hill/brook\n")
    assert git(origin.place, "rev-parse", "main") == before


@pytest.mark.parametrize("number", ["", "0", "7; id", "../main", "-f", "7\n8", "main"])
def test_what_is_no_number_is_refused(origin: Origin, number: str) -> None:
    assert origin.propose("  - github: hill/brook\n", number).returncode == 1
    assert git(origin.place, "branch", "--format=%(refname:short)") == "main"


def test_nothing_new_is_loud(origin: Origin) -> None:
    ended = origin.propose("")
    assert ended.returncode == 1
    assert "nothing to propose" in ended.stderr


def test_a_refused_push_is_loud(origin: Origin) -> None:
    hook = origin.place / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    ended = origin.propose("  - github: hill/brook\n")
    assert ended.returncode == 1
    assert "refused the push" in ended.stderr
    assert ended.stdout == ""
