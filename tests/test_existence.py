"""Whether what an entry names is there: a mistake when it is not, a warning when nobody could say."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from groundswell import existence
from groundswell.differences import Named
from groundswell.existence import MOST_PACKAGES, MOST_REPOSITORIES, Remark
from groundswell.http import Door, Outside
from groundswell.models import Failure, Project
from tests.scripted import Reply, scripted


def project(name: str) -> Project:
    return Project(name, name.partition("/")[2], "Tools")


def repository(name: str, **others: object) -> Reply:
    return Reply(json.dumps({"full_name": name, "private": False, "archived": False, "disabled": False, **others}))


def said(names: Sequence[str], *replies: Reply, tracked: Sequence[str] = ()) -> tuple[list[Remark], list[str]]:
    new = [project(name) for name in names]
    with scripted(list(replies)) as server:
        door = Door(Outside(stand_in=server.address))
        found = existence.standings(new, door)
        door.close()
    remarks = existence.of_repositories(found, [*new, *map(project, tracked)], new=new)
    return list(remarks), server.requests


def test_a_repository_that_is_there_is_not_spoken_of() -> None:
    assert said(["hill/brook"], repository("Hill/Brook")) == ([], ["/api.github.com/repos/hill/brook"])


@pytest.mark.parametrize(
    ("reply", "text", "mistake"),
    [
        (Reply("{}", 404), "no such repository", True),
        (repository("hill/brook", private=True), "private", True),
        (repository("hill/brook", disabled=True), "closed", True),
        (Reply('{"message": "Repository access blocked"}', 403), "closed", True),
        (repository("hill/brook", archived=True), "archived", False),
        (repository("hill/creek"), "is now called hill/creek", False),
        (Reply("{}", 502), "not verified: GitHub answered 502", False),
        (Reply("<html>"), "not verified: GitHub", False),
        (Reply('{"message": "API rate limit exceeded"}', 403), "not verified: GitHub is left for the next run", False),
        (Reply("[]"), "not verified: GitHub answered in an unknown shape", False),
    ],
)
def test_what_is_said_of_a_repository(reply: Reply, text: str, mistake: bool) -> None:
    (remark,), _ = said(["hill/brook"], reply)
    assert text in remark.text
    assert remark.mistake is mistake


def test_the_new_name_of_a_tracked_repository_is_a_mistake() -> None:
    (remark,), _ = said(["old/name"], repository("New/Name"), tracked=["new/name"])
    assert remark == Remark("old/name", None, "the same repository as new/name, which it is called now", True)


def test_two_former_names_of_one_repository_are_a_mistake() -> None:
    remarks, _ = said(["old/name", "older/name"], repository("new/name"), repository("new/name"))
    assert [(one.project, one.mistake) for one in remarks] == [("old/name", False), ("older/name", True)]


def test_only_so_many_repositories_are_asked_for() -> None:
    names = [f"hill/brook{number}" for number in range(MOST_REPOSITORIES + 10)]
    _, requests = said(names, Reply("{}", 404))
    assert len(requests) == MOST_REPOSITORIES


@pytest.mark.parametrize(
    ("reason", "mistake"),
    [
        ("has no package of that name", True),
        ("has nothing of that name (404)", True),
        ("has no invite of that code, or it has expired (404)", True),
        ("answered 429 (too many requests)", False),
        ("could not be reached (ConnectionError)", False),
        ("has no story with that phrase", False),
    ],
)
def test_a_source_says_whether_a_target_is_there(reason: str, mistake: bool) -> None:
    remark = existence.of_failure(Failure("npm", "hill/brook", "brook", reason), "npm")
    assert remark is not None
    assert remark.mistake is mistake
    assert remark.text.endswith(f"npm {reason}")
    assert remark.text.startswith("not verified") is not mistake


def test_a_figure_that_is_missing_is_no_target_that_is() -> None:
    failure = Failure("npm", "hill/brook", "brook", "has nothing of that name (404)", signals=("downloads",))
    assert existence.of_failure(failure, "npm") is None


def test_nobody_was_asked_is_no_mistake() -> None:
    failure = Failure("npm", "hill/brook", "brook", "has nothing of that name (404)", deferred=True)
    remark = existence.of_failure(failure, "npm")
    assert remark is not None
    assert not remark.mistake


def whose(wanted: Sequence[Named], *replies: Reply) -> tuple[list[Remark], list[str]]:
    with scripted(list(replies)) as server:
        door = Door(Outside(stand_in=server.address))
        found = list(existence.whose([(project("hill/brook"), named) for named in wanted], {}, door))
        door.close()
    return found, server.requests


def page(url: str | None) -> Reply:
    return Reply(json.dumps({"name": "brook", "repository_url": url}))


def test_a_package_whose_page_names_another_repository_is_warned_of() -> None:
    (remark,), _ = whose([("npm", "@hill/brook")], page("https://github.com/other/thing"))
    assert remark == Remark(
        "hill/brook", ("npm", "@hill/brook"), "its own page names another repository: https://github.com/other/thing"
    )


@pytest.mark.parametrize("url", ["https://github.com/Hill/Brook.git", "https://gitlab.com/a/b", None, ""])
def test_a_page_that_names_the_repository_or_none_on_github_is_not_spoken_of(url: str | None) -> None:
    assert whose([("pypi", "brook")], page(url))[0] == []


@pytest.mark.parametrize(
    ("named", "path"),
    [
        (("pypi", "brook"), "pypi.org/packages/brook"),
        (("npm", "@hill/brook"), "npmjs.org/packages/@hill%2Fbrook"),
        (("crates", "brook"), "crates.io/packages/brook"),
        (("cran", "brook"), "cran.r-project.org/packages/brook"),
        (("conda", "conda-forge/brook"), "conda-forge.org/packages/brook"),
        (("docker", "redis"), "hub.docker.com/packages/library%2Fredis"),
        (("docker", "hill/brook"), "hub.docker.com/packages/hill%2Fbrook"),
    ],
)
def test_registries_are_asked_for_by_the_name_that_they_have_there(named: Named, path: str) -> None:
    _, requests = whose([named], Reply("{}", 404))
    assert requests == [f"/packages.ecosyste.ms/api/v1/registries/{path}"]


def test_what_is_no_package_of_a_registry_is_not_asked_for() -> None:
    assert whose([("discourse", "forum.example.org"), ("hackernews", "brook")], page(None)) == ([], [])


def test_when_nobody_says_whose_the_packages_are_that_is_said_once() -> None:
    found, requests = whose([("pypi", "a"), ("pypi", "b")], Reply("{}", 500))
    assert [one.text.partition(":")[0] for one in found] == ["not verified whose it is"]
    assert not found[0].mistake
    assert {"/a" in request for request in requests} == {True}


def test_only_so_many_packages_are_looked_at() -> None:
    _, requests = whose([("pypi", f"brook{number}") for number in range(MOST_PACKAGES + 10)], page(None))
    assert len(requests) == MOST_PACKAGES
