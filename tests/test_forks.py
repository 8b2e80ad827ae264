"""Keeping up: forks and copies from the template take in a later version without a conflict, and go on with their past.

The later version is this one. The one before is made from it: every template, workflow and document had a line more or
less, a file was there that is not any more, and another was not there yet. The history is one that the version before
the format was raised has written, a year of it. The commands are those of docs/forking.md.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from groundswell import VERSION

pytestmark = pytest.mark.needs("git", "bash")

ROOT: Final = Path(__file__).parents[1]
OLD_HISTORY: Final = ROOT / "tests" / "data" / "history-1"
DAY: Final = dt.date(2026, 11, 20)
PROJECTS: Final = "tracker:\n  title: Seedlings\n\nprojects:\n  - github: firstfrost/sproutling\n    pypi: sproutling\n"
IDENTITY: Final = {
    f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}
CHANGED_BY_THE_VERSION: Final = re.compile(
    r"(templates|docs|\.ci|\.github)/.*|groundswell/[a-m]\w*\.py|README\.md|Makefile"
)
NEW, OLD, OTHER = "actions/checkout@3", "actions/checkout@0", "actions/checkout@1"
YOURS: Final = {"projects.yaml", "figures/sproutling.csv", "own/foot.html", "own/about.html", "own/style.css"}


@dataclass(frozen=True)
class Repository:
    """A repository on this disk."""

    place: Path

    def git(self, *arguments: str) -> str:
        return self.run("git", *arguments).stdout.strip()

    def run(self, *command: str, status: int = 0) -> subprocess.CompletedProcess[str]:
        env = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "GIT_"))}
        env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PYTHONPATH": ""} | IDENTITY
        done = subprocess.run(command, cwd=self.place, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == status, f"{command}: {done.stdout}{done.stderr}"
        return done

    def write(self, name: str, text: str) -> None:
        (self.place / name).parent.mkdir(parents=True, exist_ok=True)
        (self.place / name).write_text(text)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)


def begin(place: Path) -> Repository:
    place.mkdir()
    new = Repository(place)
    new.git("init", "--quiet", "--initial-branch=main")
    return new


def tracked_files() -> list[str]:
    """The files of this repository, save those that are a tracker's own."""
    listed = Repository(ROOT).git("ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    own = ("own/", "figures/", ".github/dependabot.yml")
    return [name for name in listed if name and not name.startswith(own) and (ROOT / name).is_file()]


def copy_here(to: Path) -> None:
    for name in tracked_files():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, to / name)


def renew_actions(repository: Repository, before: str, after: str) -> None:
    """Other versions of the actions in every workflow."""
    changed = 0
    for path in (repository.place / ".github" / "workflows").glob("*.yml"):
        text = path.read_text()
        changed += text.count(before)
        path.write_text(text.replace(before, after))
    assert changed


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The repository with the version before, some commits after it, and, as a tag, this version."""
    up = begin(tmp_path_factory.mktemp("upstream") / "groundswell")
    copy_here(up.place)
    for name in tracked_files():
        path = up.place / name
        if CHANGED_BY_THE_VERSION.fullmatch(name) and path.suffix != ".json":
            lines = path.read_text().splitlines(keepends=True)
            path.write_text("".join([*lines[: len(lines) // 2], "\n", *lines[len(lines) // 2 : -1]]))
    up.write("groundswell/__init__.py", '"""Before."""\n\nVERSION: Final = "0.0.9"\n')
    renew_actions(up, NEW, OLD)
    up.write(".github/dependabot.yml", "version: 2\n")
    up.write("groundswell/gone.py", '"""Not there any more in the later version."""\n')
    up.write("requirements.txt", (up.place / "requirements.txt").read_text().replace("==", "==0."))
    (up.place / "groundswell" / "migrations.py").unlink()
    up.commit("The version before")
    up.git("tag", "v0.0.9")
    up.write("docs/later.md", "Not in a version yet.\n")
    up.commit("More, on the way to the next version")
    up.git("tag", "copied")  # nobody else sees it: its name does not begin with v
    copy_here(up.place)
    for name in ("groundswell/gone.py", "docs/later.md"):
        (up.place / name).unlink()
    up.write(".github/dependabot.yml", "version: 2\nupdates: []\n")
    up.commit("The later version")
    up.git("tag", f"v{VERSION}")
    up.git("tag", f"v{VERSION}-rc1", "HEAD~1")
    return up


def year_of_history(origin: Repository, folder: Path) -> None:
    """A branch data as the version before has left it."""
    data = begin(folder)
    data.git("switch", "--quiet", "--orphan", "data")
    shutil.copytree(OLD_HISTORY, data.place, dirs_exist_ok=True)
    path = data.place / "firstfrost__sproutling.csv"
    head, *rows = csv.reader(path.read_text().splitlines())
    first, stars = dt.date.fromisoformat(rows[0][0]), head.index("github.stars")
    for ago in range(1, 366 - len(rows)):
        day = first - dt.timedelta(days=ago)
        rows.insert(
            0, [day.isoformat(), *(str(60 - ago // 10) if place == stars else "" for place in range(1, len(head)))]
        )
    path.write_text("".join(",".join(row) + "\n" for row in [head, *rows]))
    data.commit("History of 2026-11-20")
    data.git("push", "--quiet", str(origin.place), "data")


def fork(upstream: Repository, folder: Path) -> Repository:
    Repository(upstream.place).git("clone", "--quiet", "--bare", str(upstream.place), str(folder / "origin.git"))
    origin = Repository(folder / "origin.git")
    origin.git("update-ref", "refs/heads/main", "copied^{commit}")
    return cloned(origin, folder)


def from_template(upstream: Repository, folder: Path) -> Repository:
    """A copy as *Use this template* makes it: the files of the newest commit, in a first commit of its own."""
    new = begin(folder / "new")
    archive = folder / "files.tar"
    upstream.git("archive", "--output", str(archive), "copied")
    new.run("tar", "-xf", str(archive))
    new.commit("Initial commit")
    Repository(folder).git("clone", "--quiet", "--bare", str(new.place), str(folder / "origin.git"))
    return cloned(Repository(folder / "origin.git"), folder)


def cloned(origin: Repository, folder: Path) -> Repository:
    Repository(folder).git("clone", "--quiet", f"file://{origin.place}", str(folder / "tracker"))
    return Repository(folder / "tracker")


def make_it_ones_own(tracker: Repository) -> None:
    tracker.write("projects.yaml", PROJECTS)
    tracker.write("figures/sproutling.csv", "date,customers\n2026-09,120\n")
    tracker.write("own/foot.html", "<p>Imprint of the seedlings</p>\n")
    tracker.write(
        "own/about.html", '{% extends "groundswell/about.html" %}\n{% block content %}{{ super() }}{% endblock %}\n'
    )
    tracker.write("own/style.css", ":root { --link: #123456; }\n")
    tracker.commit("Track the seedlings")
    tracker.write("README.md", "# Seedlings\n\nWritten anew.\n")
    tracker.git("rm", "--quiet", ".github/dependabot.yml")
    tracker.write("requirements.txt", (tracker.place / "requirements.txt").read_text().replace("==0.", "==1."))
    renew_actions(tracker, OLD, OTHER)
    tracker.commit("A README of our own; newer packages and actions, as Dependabot proposed them before it was removed")
    tracker.git("push", "--quiet", "origin", "main")


KINDS: Final = {"fork": fork, "copy from the template": from_template}


@pytest.fixture(params=KINDS)
def tracker(request: pytest.FixtureRequest, upstream: Repository, tmp_path: Path) -> Repository:
    made = KINDS[request.param](upstream, tmp_path)
    make_it_ones_own(made)
    return made


def commands(section: str) -> list[str]:
    """What a section of docs/forking.md says to do."""
    text = (ROOT / "docs" / "forking.md").read_text().partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    (block,) = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [line.strip() for line in str(block).splitlines() if line.strip()]


def take_in(tracker: Repository, upstream: Repository) -> str:
    address = f"file://{upstream.place}"
    return "".join(
        tracker.run("sh", "-c", line.replace("ADDRESS", address)).stdout for line in commands("Later versions")
    )


def test_a_later_version_is_taken_in_without_a_conflict_and_what_is_ones_own_stays(
    tracker: Repository, upstream: Repository
) -> None:
    mine = {name: (tracker.place / name).read_bytes() for name in (*YOURS, "README.md")}
    assert "Taken in" in take_in(tracker, upstream)
    assert {name: (tracker.place / name).read_bytes() for name in mine} == mine
    there = upstream.git("rev-parse", f"v{VERSION}^{{commit}}")
    differing = set(tracker.git("diff", "--name-only", there, "HEAD").splitlines())
    assert differing == {*mine, ".github/dependabot.yml"}, "all else is as the version has it"
    assert not (tracker.place / ".github/dependabot.yml").exists(), "what was removed stays removed"
    assert tracker.git("status", "--porcelain") == ""
    assert tracker.git("rev-parse", "origin/main") == tracker.git("rev-parse", "HEAD")
    assert tracker.git("tag") in {"", "copied\nv0.0.9\n" + f"v{VERSION}\nv{VERSION}-rc1"}, "a pushed tag is a release"
    assert "You have it already" in tracker.run(".ci/later-version").stdout


def test_the_next_run_goes_on_with_the_history_in_the_new_format(upstream: Repository, tmp_path: Path) -> None:
    tracker = from_template(upstream, tmp_path)
    make_it_ones_own(tracker)
    year_of_history(Repository(tmp_path / "origin.git"), tmp_path / "data")
    take_in(tracker, upstream)
    table = (tmp_path / "data" / "firstfrost__sproutling.csv").read_bytes()

    said = ""
    for line in commands("The branch `data`"):  # open the branch, build from it
        command = line.replace("https://github.com/OWNER/NAME.git", f"file://{tmp_path / 'origin.git'}")
        command = re.sub("^python generate.py", f"{sys.executable} generate.py --today {DAY}", command)
        said += tracker.run("sh", "-c", command).stdout
    assert "The history is brought to format 2" in said
    tracker.run(".ci/history", "save", "history")

    origin = Repository(tmp_path / "origin.git")
    assert "Format 1." in origin.git("show", "data~1:README.md"), "the old one stays reachable"
    assert "Format 2." in origin.git("show", "data:README.md")
    assert (tracker.place / "history" / "firstfrost__sproutling.csv").read_bytes() == table
    assert len(table.splitlines()) == 366
    new = begin(tmp_path / "elsewhere")
    for line in commands("Move it, or end it"):
        command = line.replace("https://github.com/OWNER/NAME.git", f"file://{origin.place}")
        (tmp_path / "moved").mkdir(exist_ok=True)
        moving = Repository(tmp_path / "moved")
        moving.run("sh", "-c", command.replace("https://github.com/NEW-OWNER/NEW-NAME.git", f"file://{new.place}"))
    assert new.git("rev-parse", "data") == origin.git("rev-parse", "data")
    page = (tracker.place / "site" / "projects" / "firstfrost__sproutling.html").read_text()
    assert "Imprint of the seedlings" in page
    assert "own/style.css?" in page
    assert "Seedlings" in (tracker.place / "site" / "about.html").read_text()


def test_what_both_have_changed_is_named_and_waits(upstream: Repository, tmp_path: Path) -> None:
    tracker = from_template(upstream, tmp_path)
    path = tracker.place / "templates" / "base.html"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[: len(lines) // 2], "<!-- mine -->\n", *lines[len(lines) // 2 + 1 :]]))
    tracker.commit("Changed in the template itself")
    said = tracker.run(".ci/later-version", f"file://{upstream.place}", status=1).stderr
    assert [line.strip() for line in said.splitlines()[1:-1]] == ["templates/base.html"]
    assert "git merge --abort" in said
    tracker.git("merge", "--abort")
    assert "<!-- mine -->" in path.read_text()


def test_a_certain_version_can_be_named_and_none_is_taken_in_over_changes(upstream: Repository, tmp_path: Path) -> None:
    tracker = from_template(upstream, tmp_path)
    assert "You have it already" in tracker.run(".ci/later-version", f"file://{upstream.place}", "v0.0.9").stdout
    assert "no version and no branch v7" in tracker.run(".ci/later-version", "v7.0.0", status=1).stderr
    tracker.write("README.md", "Not committed.\n")
    assert "Commit what you have changed first" in tracker.run(".ci/later-version", status=1).stderr


def test_without_an_address_it_is_asked_for(upstream: Repository, tmp_path: Path) -> None:
    assert "Say where" in from_template(upstream, tmp_path).run(".ci/later-version", status=1).stderr
