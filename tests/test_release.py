"""Releases: what a tag must fit, what the release says, and the form of CHANGELOG.md that it is taken from."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tomllib
from pathlib import Path
from typing import Final

import pytest

from groundswell import VERSION
from tests.test_forks import ROOT, Repository, begin

pytestmark = pytest.mark.needs("git", "bash")

CHANGELOG: Final = (ROOT / "CHANGELOG.md").read_text()
SECTION: Final = re.compile(r"^## \[(.+?)\](?: - (\S+))?\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
SECTIONS: Final = SECTION.findall(CHANGELOG)
KINDS: Final = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
FORKS: Final = "**For forks:**"


def number(version: str) -> tuple[int, ...]:
    assert re.fullmatch(r"\d+\.\d+\.\d+", version), version
    return tuple(map(int, version.split(".")))


# --- CHANGELOG.md ----------------------------------------------------------------------------------------------------


def test_the_newest_section_is_of_what_is_not_released_or_of_this_version() -> None:
    assert SECTIONS[0][0] in {"Unreleased", VERSION}
    assert [one for one, _, _ in SECTIONS[1:] if one == "Unreleased"] == []


def test_versions_stand_in_order_each_with_its_day() -> None:
    released = [
        (number(version), dt.date.fromisoformat(day)) for version, day, _ in SECTIONS if version != "Unreleased"
    ]
    assert released == sorted(released, reverse=True)
    assert len({version for version, _ in released}) == len(released)
    assert not released or number(VERSION) >= released[0][0]


@pytest.mark.parametrize(("version", "text"), [(version, text) for version, _, text in SECTIONS])
def test_a_section_has_the_usual_parts_and_ends_with_a_line_for_forks(version: str, text: str) -> None:
    del version
    parts = re.findall(r"^### (.+)$", text, re.MULTILINE)
    assert parts
    assert parts == sorted(parts, key=KINDS.index), "in the usual order, and none besides"
    assert text.count(FORKS) == 1
    last = text.strip().split("\n\n")[-1]
    assert last.startswith(FORKS)
    assert len(last) > len(FORKS) + 10, "what to do, or that nothing is to be done"


def test_the_version_stands_in_two_places_and_is_one() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


# --- A tag -----------------------------------------------------------------------------------------------------------

TEXT: Final = """# Changelog

## [Unreleased]

### Added

- Later.

**For forks:** nothing to do.

## [1.2.0] - 2026-11-20

### Added

- This.

### Fixed

- That.

**For forks:** {forks}

## [1.1.0] - 2026-10-01

### Added

- Before.

**For forks:** nothing.
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with version 1.1.0, and all that 1.2.0 needs but its tag."""
    new = begin(tmp_path / "groundswell")
    new.write("CHANGELOG.md", TEXT.format(forks="nothing to do."))
    new.write("projects.yaml", "projects: []\n")
    (new.place / ".ci").mkdir()
    shutil.copy2(ROOT / ".ci" / "release", new.place / ".ci" / "release")
    state(new, "1.1.0")
    new.git("tag", "v1.1.0")
    state(new, "1.2.0")
    return new


def state(repository: Repository, version: str, package: str | None = None) -> None:
    repository.write("groundswell/__init__.py", f'VERSION: Final = "{version}"\n')
    repository.write("pyproject.toml", f'[project]\nname = "groundswell"\nversion = "{package or version}"\n')
    repository.commit(f"State {version}")


def refusal(repository: Repository, tag: str = "v1.2.0") -> str:
    repository.git("tag", tag)
    return repository.run(".ci/release", "check", tag, status=1).stderr


def test_a_tag_that_all_else_agrees_with_passes_and_its_notes_are_its_section(repository: Repository) -> None:
    repository.git("tag", "v1.2.0")
    assert repository.run(".ci/release", "check", "v1.2.0").stdout == ""
    notes = repository.run(".ci/release", "notes", "v1.2.0").stdout
    assert notes == "### Added\n\n- This.\n\n### Fixed\n\n- That.\n\n**For forks:** nothing to do.\n"


@pytest.mark.parametrize("tag", ["v1.2", "version1.2.0", "v1.2.0-rc1", "v1.2.0x"])
def test_a_tag_that_is_no_version_is_refused(repository: Repository, tag: str) -> None:
    assert f"and not {tag}" in refusal(repository, tag)


def test_another_version_in_the_code_is_refused(repository: Repository) -> None:
    assert "VERSION in groundswell/__init__.py is 1.2.0" in refusal(repository, "v1.3.0")
    state(repository, "1.2.0", package="1.1.9")
    assert "the version in pyproject.toml is 1.1.9" in refusal(repository)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEXT.replace("[1.2.0] - 2026-11-20", "[1.2.0]"), 'no section "## [1.2.0] - " with a date'),
        (TEXT.replace("[1.2.0]", "[1.2.1]"), 'no section "## [1.2.0] - "'),
        (TEXT.replace("**For forks:** {forks}", ""), 'has no line "**For forks:**"'),
    ],
)
def test_a_changelog_that_does_not_tell_it_is_refused(repository: Repository, text: str, said: str) -> None:
    repository.write("CHANGELOG.md", text)
    repository.commit("Otherwise")
    assert said in refusal(repository)


@pytest.mark.parametrize("name", ["projects.yaml", "figures/a.csv", "own/foot.html"])
def test_a_version_that_touches_a_file_of_forks_is_refused_unless_it_says_so(repository: Repository, name: str) -> None:
    repository.write(name, "Otherwise.\n")
    repository.commit("A file that belongs to forks")
    assert f"{name} belongs to forks and was changed since v1.1.0" in refusal(repository)
    repository.write("CHANGELOG.md", TEXT.format(forks=f"`{name}` is another, since it must be."))
    repository.commit("Said on purpose")
    repository.git("tag", "--force", "v1.2.0")
    repository.run(".ci/release", "check", "v1.2.0")


def test_the_first_version_has_none_before_it(repository: Repository) -> None:
    repository.git("tag", "--delete", "v1.1.0")
    repository.git("tag", "v1.2.0")
    repository.run(".ci/release", "check", "v1.2.0")
