"""ecosyste.ms: what it says of a package's dependents, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import ecosystems
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
TARGET = "npmjs.org/@quay/crane"


def package(repositories: object = 410, packages: object = 37) -> dict[str, object]:
    return {
        "id": 5,
        "name": "@quay/crane",
        "ecosystem": "npm",
        "downloads": 9,
        "downloads_period": "last-month",
        "dependent_repos_count": repositories,
        "dependent_packages_count": packages,
        "docker_dependents_count": None,
        "last_synced_at": "2026-11-03T08:00:00.000Z",
    }


def run(reply: Reply, *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted([reply]) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(ecosystems.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def test_both_levels_are_dated_on_the_day_they_are_read() -> None:
    outcomes, requests = run(Reply(json.dumps(package())), Ask("a/b", TARGET))
    levels = {"dependent_repositories": 410, "dependent_packages": 37}
    observations = tuple(Observation(key, TODAY, level) for key, level in levels.items())
    assert outcomes == [Answer("ecosystems", "a/b", TARGET, observations, state=levels)]
    assert requests == ["/packages.ecosyste.ms/api/v1/registries/npmjs.org/packages/@quay%2Fcrane"]


def test_nothing_is_asked_for_when_today_is_there() -> None:
    newest = {"dependent_repositories": TODAY, "dependent_packages": TODAY}
    outcomes, requests = run(Reply("", 500), Ask("a/b", TARGET, newest=newest))
    assert outcomes == [Answer("ecosystems", "a/b", TARGET, ())]
    assert requests == []


def test_null_is_a_failure_of_that_number_alone() -> None:
    outcomes, _ = run(Reply(json.dumps(package(repositories=None))), Ask("a/b", TARGET))
    assert [type(outcome) for outcome in outcomes] == [Answer, Failure]
    assert isinstance(outcomes[0], Answer)
    assert isinstance(outcomes[1], Failure)
    assert [one.signal for one in outcomes[0].observations] == ["dependent_packages"]
    assert outcomes[1].signals == ("dependent_repositories",)


def test_a_fall_from_many_to_exactly_none_is_no_number() -> None:
    before = {"dependent_repositories": 410, "dependent_packages": 1}
    outcomes, _ = run(Reply(json.dumps(package(0, 0))), Ask("a/b", TARGET, state=before))
    assert isinstance(outcomes[0], Answer)
    assert outcomes[0].observations == (Observation("dependent_packages", TODAY, 0),)  # one may well go
    assert outcomes[1:] == [
        Failure("ecosystems", "a/b", TARGET, "gave 0 where there were 410 before", signals=("dependent_repositories",))
    ]


def test_a_package_that_nobody_depends_on_has_none() -> None:
    assert set(ecosystems.parse(package(0, 0)).values()) == {0}


@pytest.mark.parametrize(
    "answer",
    [None, [], "x", {}, {"error": "not found"}, package(-1), package("410"), package(True), package(3.5), [package()]],
)
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        ecosystems.parse(answer)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply('{"error":"not found"}', 404), "has nothing of that name (404)"),
        (Reply("<html>", 200, "text/html"), "answered with text/html instead of JSON"),
        (Reply('{"dependent_repos_count": 4', 200), "answered with broken JSON"),
        (Reply("slow down", 429, "text/plain"), "answered 429 (too many requests)"),
    ],
)
def test_an_answer_without_numbers_is_a_failure(reply: Reply, reason: str) -> None:
    outcomes, _ = run(reply, Ask("a/b", TARGET))
    assert outcomes == [Failure("ecosystems", "a/b", TARGET, reason)]


def test_one_packages_failure_is_not_anothers() -> None:
    with scripted([Reply("{}", 404), Reply(json.dumps(package()))]) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(ecosystems.fetch([Ask("a/b", "pypi/none"), Ask("c/d", TARGET)], door, TODAY))
        door.close()
    assert [type(outcome) for outcome in outcomes] == [Failure, Answer]


def test_every_signal_names_whom_to_credit() -> None:
    assert all(signal.credit == "packages.ecosyste.ms, CC BY-SA 4.0" for signal in ecosystems.SIGNALS)


def test_the_keys_are_those_that_the_site_gives(shared: Path) -> None:
    given = (shared / "samples" / "ecosystems" / "package-keys.txt").read_text()
    assert all(f":{key}," in given for key in ecosystems._Package.model_fields)
