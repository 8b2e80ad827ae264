"""Hex: what its totals answer, and what is made of them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import hex as hex_source
from sandbox.server import start
from tests.scripted import Reply, Scripted, scripted

TODAY = dt.date(2026, 11, 22)
YESTERDAY = dt.date(2026, 11, 21)
NOBODY = Reply('{"status": 404, "message": "not found"}', 404)
NO_AGENT = Reply('{"status": 400, "message": "User-Agent header is required"}', 400)


def package(name: str, downloads: object) -> Reply:
    return Reply(json.dumps({"name": name, "downloads": downloads, "repository": "hexpm"}))


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], Scripted]:
    with scripted(replies) as server:
        door = Door(Outside(agent="tracker (+https://tracker.example)", stand_in=server.address))
        outcomes = list(hex_source.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server


def reason(reply: Reply, *, before: bool = False) -> str:
    ask = Ask("a/b", "x", newest={"downloads": YESTERDAY} if before else {})
    ((outcome,), _) = run([reply], ask)
    assert isinstance(outcome, Failure)
    return outcome.reason


def total(outcome: Answer | Failure) -> float:
    assert isinstance(outcome, Answer)
    (observation,) = outcome.observations
    return observation.value


def test_the_total_is_dated_on_the_day_it_is_read() -> None:
    outcomes, server = run([package("x_y", {"all": 4_321, "recent": 20, "week": 5, "day": 1})], Ask("a/b", "x_y"))
    assert outcomes == [Answer("hex", "a/b", "x_y", (Observation("downloads", TODAY, 4_321),))]
    assert server.requests == ["/hex.pm/api/packages/x_y"]
    assert server.agents == ["tracker (+https://tracker.example)"]


def test_nothing_is_asked_for_when_today_is_there() -> None:
    outcomes, server = run([NOBODY], Ask("a/b", "x", newest={"downloads": TODAY}))
    assert outcomes == [Answer("hex", "a/b", "x", ())]
    assert server.requests == []


def test_a_package_that_is_not_there_is_a_failure_for_itself_alone() -> None:
    outcomes, _ = run([NOBODY, package("x", {"all": 5})], Ask("a/b", "y"), Ask("c/d", "x"))
    assert outcomes == [
        Failure("hex", "a/b", "y", "has nothing of that name (404)"),
        Answer("hex", "c/d", "x", (Observation("downloads", TODAY, 5),)),
    ]


def test_a_zero_is_a_total_at_first_sight_and_never_afterwards() -> None:
    outcomes, _ = run([package("x", {"all": 0})], Ask("a/b", "x"))
    assert total(outcomes[0]) == 0
    assert reason(package("x", {"all": 0}), before=True) == "gave 0 for a total that cannot be 0"


def test_the_answer_about_another_package_is_refused() -> None:
    assert reason(package("xx", {"all": 5})) == "answered about another package"


@pytest.mark.parametrize("amount", ["7", None, -7, 7.5, True])
def test_what_is_not_an_amount_is_refused(amount: object) -> None:
    assert "unknown shape (downloads.all: " in reason(package("x", {"all": amount}))


@pytest.mark.parametrize("downloads", [None, {}, [], 7, {"recent": 3, "week": 1}])
def test_downloads_without_a_total_are_refused(downloads: object) -> None:
    assert "unknown shape (downloads" in reason(package("x", downloads))


@pytest.mark.parametrize("answer", [None, [], "x", 5, {}, {"name": "x"}, {"downloads": {"all": 5}}])
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        hex_source.parse_package(answer, "x")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (NO_AGENT, "answered 400"),
        (Reply("<html></html>", kind="text/html"), "answered with text/html instead of JSON"),
        (Reply('{"name": "x", "downlo'), "answered with broken JSON"),
        (Reply('{"status": 429}', 429), "answered 429 (too many requests)"),
        (Reply("", 500, "text/html"), "answered 500"),
    ],
)
def test_what_is_not_an_answer_has_a_reason(reply: Reply, why: str) -> None:
    assert why in reason(reply)


def test_the_stand_in_gives_a_total_that_grows() -> None:
    seen = []
    for today in (TODAY, TODAY + dt.timedelta(days=1)):
        with start(today=today) as sandbox:
            door = Door(Outside(agent="tracker", stand_in=sandbox.address))
            found, lacking = hex_source.fetch((Ask("a/b", "galley_setter"), Ask("c/d", "nobody")), door, today)
            door.close()
        assert lacking == Failure("hex", "c/d", "nobody", "has nothing of that name (404)")
        seen.append(total(found))
    assert 0 < seen[0] < seen[1]


def test_recorded_answers_are_read_exactly(shared: Path) -> None:
    samples = shared / "samples" / "hex"
    recorded = json.loads((samples / "packages-page-first3.json").read_text())
    for one in recorded:
        assert hex_source.parse_package(one, one["name"]) == one["downloads"]["all"] > 0
    assert len(recorded) == 3
    with pytest.raises(Broken):  # of one version the downloads are null
        hex_source.parse_package(json.loads((samples / "release-0.1.0.json").read_text()), "phoenix_copy")
