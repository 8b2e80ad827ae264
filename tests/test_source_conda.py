"""conda: what anaconda.org's totals answer, and what is made of them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import conda
from sandbox.server import start
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
YESTERDAY = dt.date(2026, 11, 21)
NOBODY = Reply('{"error": "\\"y\\" could not be found"}', 404)


def shape(name: str, *files: object, **more: object) -> dict[str, object]:
    return {"name": name, "files": [{"version": "1.0", "ndownloads": one} for one in files], **more}


def package(name: str, *files: object, **more: object) -> Reply:
    return Reply(json.dumps(shape(name, *files, **more)))


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(conda.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def reason(reply: Reply, *, before: bool = False) -> str:
    ask = Ask("a/b", "c/x", newest={"downloads": YESTERDAY} if before else {})
    ((outcome,), _) = run([reply], ask)
    assert isinstance(outcome, Failure)
    return outcome.reason


def total(outcome: Answer | Failure) -> float:
    assert isinstance(outcome, Answer)
    (observation,) = outcome.observations
    return observation.value


def test_the_total_of_all_files_is_dated_on_the_day_it_is_read() -> None:
    outcomes, requests = run([package("x_y", 4_000, 0, 321)], Ask("a/b", "conda-forge/x_y"))
    assert outcomes == [Answer("conda", "a/b", "conda-forge/x_y", (Observation("downloads", TODAY, 4_321),))]
    assert requests == ["/api.anaconda.org/package/conda-forge/x_y"]


def test_the_files_count_where_each_says_its_own_and_the_package_otherwise() -> None:
    assert conda.parse_package(shape("x", 3, 4, ndownloads=99), "c/x") == 7
    assert conda.parse_package(shape("x", 3, None, ndownloads=99), "c/x") == 99
    assert conda.parse_package({"files": [{"version": "1.0"}], "ndownloads": 99}, "c/x") == 99


@pytest.mark.parametrize("files", [(), (None,), (3, None)])
def test_without_a_whole_count_there_is_none(files: tuple[object, ...]) -> None:
    assert reason(package("x", *files)) == "gave no downloads for this package"


def test_nothing_is_asked_for_when_today_is_there() -> None:
    outcomes, requests = run([NOBODY], Ask("a/b", "c/x", newest={"downloads": TODAY}))
    assert outcomes == [Answer("conda", "a/b", "c/x", ())]
    assert requests == []


def test_a_package_that_is_not_there_is_a_failure_for_itself_alone() -> None:
    outcomes, _ = run([NOBODY, package("x", 5)], Ask("a/b", "c/y"), Ask("c/d", "c/x"))
    assert outcomes == [
        Failure("conda", "a/b", "c/y", "has nothing of that name (404)"),
        Answer("conda", "c/d", "c/x", (Observation("downloads", TODAY, 5),)),
    ]


def test_a_zero_is_a_total_at_first_sight_and_never_afterwards() -> None:
    outcomes, _ = run([package("x", 0)], Ask("a/b", "c/x"))
    assert total(outcomes[0]) == 0
    assert reason(package("x", 0), before=True) == "gave 0 for a total that cannot be 0"


def test_the_answer_about_another_package_is_refused() -> None:
    assert reason(package("xx", 5)) == "answered about another package"
    assert conda.parse_package(shape("X", 5), "c/x") == 5


@pytest.mark.parametrize("amount", ["7", -7, 7.5, True])
def test_what_is_not_an_amount_is_refused(amount: object) -> None:
    assert "unknown shape (files.1.ndownloads: " in reason(package("x", 5, amount))
    assert "unknown shape (ndownloads: " in reason(package("x", 5, ndownloads=amount))


@pytest.mark.parametrize("answer", [None, [], "x", 5, {}, {"ndownloads": 5}, {"name": "x", "files": [None]}])
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        conda.parse_package(answer, "c/x")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply("<html></html>", kind="text/html"), "answered with text/html instead of JSON"),
        (Reply('{"name": "x", "fil'), "answered with broken JSON"),
        (Reply("", 429, "text/plain"), "answered 429 (too many requests)"),
        (Reply("", 502, "text/html"), "answered 502"),
    ],
)
def test_what_is_not_an_answer_has_a_reason(reply: Reply, why: str) -> None:
    assert why in reason(reply)


def test_the_stand_in_gives_a_total_that_grows() -> None:
    seen = []
    for today in (TODAY, TODAY + dt.timedelta(days=1)):
        with start(today=today) as sandbox:
            door = Door(Outside(agent="tracker", stand_in=sandbox.address))
            asks = (Ask("a/b", "conda-forge/tallybench"), Ask("c/d", "conda-forge/nobody"))
            found, lacking = conda.fetch(asks, door, today)
            door.close()
        assert lacking == Failure("conda", "c/d", "conda-forge/nobody", "has nothing of that name (404)")
        seen.append(total(found))
    assert 0 < seen[0] < seen[1]


def test_a_recorded_answer_is_read_exactly(shared: Path) -> None:
    answer = json.loads((shared / "samples" / "conda" / "package-numpy-trimmed.json").read_text())
    assert conda.parse_package(answer, "conda-forge/numpy") == answer["ndownloads"] > 0
