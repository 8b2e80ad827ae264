"""What a change of the list brings: what is new, what is gone, and on which line it stands."""

from __future__ import annotations

from pathlib import Path

from groundswell import config, config_yaml, differences, sources
from groundswell.differences import Differences

NAMINGS = sources.namings(sources.load())
BEFORE = """\
projects:
  - github: hill/brook
    category: Tools
    pypi: brook
  - github: hill/gone
"""


def between(tmp_path: Path, after: str, before: str = BEFORE) -> Differences:
    lists = []
    for name, text in (("before", before), ("after", after)):
        path = tmp_path / f"{name}.yaml"
        path.write_text(text)
        lists.append(config.load(path, NAMINGS).projects)
    return differences.between(*lists)


def test_the_same_list_brings_nothing(tmp_path: Path) -> None:
    assert between(tmp_path, BEFORE) == Differences((), (), ())


def test_new_gone_and_changed_are_told_apart(tmp_path: Path) -> None:
    found = between(
        tmp_path,
        "projects:\n  - {github: hill/brook, category: Data, tags: [x], pypi: [brook, brook2], npm: brook}\n"
        "  - {github: new/one, npm: [one, two]}\n",
    )
    assert [project.id for project in found.added] == ["new/one"]
    assert [project.id for project in found.removed] == ["hill/gone"]
    (changed,) = found.changed
    assert set(changed.added) == {("pypi", "brook2"), ("npm", "brook")}
    assert changed.removed == ()
    assert changed.others == ("its category", "its tags")
    named = [(project.id, named) for project, named in found.new_targets]
    assert named[:2] == [("new/one", ("npm", "one")), ("new/one", ("npm", "two"))]
    assert {one for _, one in named[2:]} == set(changed.added)


def test_another_spelling_is_the_same_project_and_the_same_package(tmp_path: Path) -> None:
    found = between(
        tmp_path, "projects:\n  - {github: Hill/Brook, category: Tools, pypi: Brook}\n  - github: hill/gone\n"
    )
    assert found.added == found.removed == ()
    (changed,) = found.changed
    assert changed.added == changed.removed == ()
    assert changed.others == ("the spelling of its repository", "its name")


def test_each_has_the_line_that_it_stands_on(tmp_path: Path) -> None:
    path = tmp_path / "projects.yaml"
    path.write_text(
        "projects:\n  - github: hill/brook\n    npm: one\n    pypi:\n      - a\n      - b\n  - github: x/y\n"
    )
    page = config_yaml.read(path)
    assert differences.line_of(page, "Hill/Brook") == 2
    assert differences.line_of(page, "hill/brook", ("npm", "one")) == 3
    assert differences.line_of(page, "hill/brook", ("pypi", "b")) == 6
    assert differences.line_of(page, "x/y") == 7
    assert differences.line_of(page, "not/there") == 0
