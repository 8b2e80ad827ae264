"""The branch `data`: what `.ci/history` does with it, played against a repository on this disk."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.needs("git", "bash")

SCRIPT = Path(__file__).parents[1] / ".ci" / "history"


@dataclass(frozen=True)
class Run:
    """One run of the workflow: a checkout of its own, and the folder that the history is opened in."""

    checkout: Path

    @property
    def history(self) -> Path:
        """The folder of the history."""
        return self.checkout / "history"

    def open(self, **env: str) -> subprocess.CompletedProcess[str]:
        """Bring the branch."""
        return self._script("open", env)

    def save(self) -> subprocess.CompletedProcess[str]:
        """Commit and push."""
        return self._script("save", {})

    def _script(self, command: str, further: dict[str, str]) -> subprocess.CompletedProcess[str]:
        env = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "GIT_"))}
        env |= {"TRIES_AFTER": "0 0", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull} | further
        return subprocess.run(
            [SCRIPT, command, "history"], cwd=self.checkout, env=env, capture_output=True, text=True, check=False
        )


def git(where: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", where, *arguments], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository with an empty commit on main, and no branch data."""
    place = tmp_path / "origin.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(place))
    tree = git(place, "hash-object", "-w", "-t", "tree", os.devnull)
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    git(place, "update-ref", "refs/heads/main", git(place, *identity, "commit-tree", tree, "-m", "Begin"))
    return place


def new_run(origin: Path, name: str) -> Run:
    place = origin.parent / name
    git(origin.parent, "clone", "--quiet", f"file://{origin}", str(place))
    return Run(place)


def succeed(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def stored(origin: Path, file: str) -> str:
    return git(origin, "show", f"data:{file}")


def first_day(origin: Path) -> None:
    run = new_run(origin, "first")
    succeed(run.open())
    (run.history / "a__a.csv").write_text("date,github.stars\n2026-11-01,10\n")
    succeed(run.save())


def test_the_first_run_begins_the_branch_without_the_files_of_main(origin: Path) -> None:
    first_day(origin)
    assert git(origin, "ls-tree", "--name-only", "-r", "data") == "a__a.csv"
    assert git(origin, "rev-list", "--count", "data") == "1"


def test_a_first_run_that_read_nothing_leaves_no_branch(origin: Path) -> None:
    run = new_run(origin, "first")
    succeed(run.open())
    assert "Nothing was read" in succeed(run.save())
    assert git(origin, "branch", "--list", "data") == ""


def test_the_next_day_finds_the_history_and_adds_to_it(origin: Path) -> None:
    first_day(origin)
    run = new_run(origin, "second")
    succeed(run.open())
    assert (run.history / "a__a.csv").read_text().endswith("2026-11-01,10\n")
    with (run.history / "a__a.csv").open("a") as file:
        file.write("2026-11-02,11\n")
    succeed(run.save())
    assert stored(origin, "a__a.csv").splitlines()[1:] == ["2026-11-01,10", "2026-11-02,11"]
    assert git(origin, "rev-list", "--count", "data") == "2"


def test_a_run_that_found_nothing_new_makes_no_commit(origin: Path) -> None:
    first_day(origin)
    run = new_run(origin, "second")
    succeed(run.open())
    assert "Nothing is new" in succeed(run.save())
    assert git(origin, "rev-list", "--count", "data") == "1"


def test_files_that_a_killed_run_was_writing_are_not_kept(origin: Path) -> None:
    run = new_run(origin, "first")
    succeed(run.open())
    (run.history / ".a__a.csv.new").write_text("date,git")
    (run.history / "b__b.csv").write_text("date\n")
    succeed(run.save())
    assert git(origin, "ls-tree", "--name-only", "-r", "data") == "b__b.csv"


def two_at_once(origin: Path, theirs: str, ours: str) -> tuple[Run, subprocess.CompletedProcess[str]]:
    first_day(origin)
    early, late = new_run(origin, "early"), new_run(origin, "late")
    succeed(early.open())
    succeed(late.open())
    (early.history / theirs).write_text("theirs\n")
    (late.history / ours).write_text("ours\n")
    succeed(early.save())
    return late, late.save()


def test_a_push_that_comes_second_is_put_on_top_of_the_first(origin: Path) -> None:
    _, done = two_at_once(origin, "b__b.csv", "c__c.csv")
    succeed(done)
    assert (stored(origin, "b__b.csv"), stored(origin, "c__c.csv")) == ("theirs", "ours")


def test_two_first_runs_at_once_both_keep_what_they_read(origin: Path) -> None:
    early, late = new_run(origin, "early"), new_run(origin, "late")
    for run, file in ((early, "b__b.csv"), (late, "c__c.csv")):
        succeed(run.open())
        (run.history / file).write_text(f"{file}\n")
    succeed(early.save())
    succeed(late.save())
    assert git(origin, "ls-tree", "--name-only", "-r", "data").split() == ["b__b.csv", "c__c.csv"]


def test_the_same_lines_changed_twice_overwrite_nothing_and_fail(origin: Path) -> None:
    late, done = two_at_once(origin, "b__b.csv", "b__b.csv")
    assert done.returncode == 1
    assert "changed the same lines" in done.stderr
    assert stored(origin, "b__b.csv") == "theirs"
    assert (late.history / "b__b.csv").read_text() == "ours\n"


def test_a_protected_branch_fails_and_says_where_to_look(origin: Path) -> None:
    first_day(origin)
    hook = origin / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'GH013: Repository rule violations' >&2\nexit 1\n")
    hook.chmod(0o755)
    run = new_run(origin, "second")
    succeed(run.open())
    (run.history / "a__a.csv").write_text("date,github.stars\n2026-11-02,11\n")
    done = run.save()
    assert done.returncode == 1
    assert "GH013" in done.stderr
    assert "Is a rule protecting it" in done.stderr


def test_a_repository_that_does_not_answer_is_not_taken_for_one_without_history(origin: Path) -> None:
    first_day(origin)
    run = new_run(origin, "second")
    origin.rename(origin.with_name("moved.git"))
    done = run.open()
    assert done.returncode == 1
    assert "could not be asked" in done.stderr
    assert not run.history.exists()


def test_a_folder_with_files_is_not_written_into(origin: Path) -> None:
    run = new_run(origin, "first")
    run.history.mkdir()
    (run.history / "mine.csv").touch()
    assert "is not empty" in run.open().stderr


def test_the_token_is_given_to_git_by_the_environment_alone(origin: Path, tmp_path: Path) -> None:
    first_day(origin)
    programs = tmp_path / "programs"
    programs.mkdir()
    spy = programs / "git"
    spy.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/arguments\n'
        f'echo "$GIT_CONFIG_KEY_0=$GIT_CONFIG_VALUE_0" >> {tmp_path}/given\n'
        f'exec {shutil.which("git")} "$@"\n'
    )
    spy.chmod(0o755)
    run = new_run(origin, "second")
    done = run.open(
        PATH=f"{programs}:{os.environ['PATH']}", GITHUB_TOKEN="a-token", GITHUB_SERVER_URL="https://example.org"
    )
    hidden = base64.b64encode(b"x-access-token:a-token").decode()
    assert f"http.https://example.org/.extraheader=AUTHORIZATION: basic {hidden}\n" in (tmp_path / "given").read_text()
    for place in (done.stdout + done.stderr, (tmp_path / "arguments").read_text()):
        assert hidden not in place
        assert "a-token" not in place
    config = (run.history / ".git" / "config").read_text()
    assert hidden not in config
