"""RubyGems: what its totals answer, and what is made of them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import rubygems
from sandbox.server import start
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
YESTERDAY = dt.date(2026, 11, 21)
NOBODY = Reply("This rubygem could not be found.", 404, "text/plain; charset=utf-8")


def gem(name: str, downloads: object) -> Reply:
    return Reply(json.dumps({"name": name, "downloads": downloads, "version": "1.0", "version_downloads": 1}))


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(rubygems.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


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
    outcomes, requests = run([gem("x-y.z", 4_321)], Ask("a/b", "x-y.z"))
    assert outcomes == [Answer("rubygems", "a/b", "x-y.z", (Observation("downloads", TODAY, 4_321),))]
    assert requests == ["/rubygems.org/api/v1/gems/x-y.z.json"]


def test_nothing_is_asked_for_when_today_is_there() -> None:
    outcomes, requests = run([NOBODY], Ask("a/b", "x", newest={"downloads": TODAY}))
    assert outcomes == [Answer("rubygems", "a/b", "x", ())]
    assert requests == []


def test_a_gem_that_is_not_there_is_a_failure_for_itself_alone() -> None:
    outcomes, _ = run([NOBODY, gem("x", 5)], Ask("a/b", "y"), Ask("c/d", "x"))
    assert outcomes == [
        Failure("rubygems", "a/b", "y", "has nothing of that name (404)"),
        Answer("rubygems", "c/d", "x", (Observation("downloads", TODAY, 5),)),
    ]


def test_a_zero_is_a_total_at_first_sight_and_never_afterwards() -> None:
    outcomes, _ = run([gem("x", 0)], Ask("a/b", "x"))
    assert total(outcomes[0]) == 0
    assert reason(gem("x", 0), before=True) == "gave 0 for a total that cannot be 0"


def test_the_answer_about_another_gem_is_refused() -> None:
    assert reason(gem("X", 5)) == "answered about another gem"


@pytest.mark.parametrize("amount", ["7", None, -7, 7.5, True])
def test_what_is_not_an_amount_is_refused(amount: object) -> None:
    assert "unknown shape (downloads: " in reason(gem("x", amount))


@pytest.mark.parametrize("answer", [None, [], "x", 5, {}, {"name": "x"}, {"downloads": 5}])
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        rubygems.parse_gem(answer, "x")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply("<html></html>", kind="text/html"), "answered with text/html instead of JSON"),
        (Reply('{"name": "x", "downlo'), "answered with broken JSON"),
        (Reply("", 429, "text/plain"), "answered 429 (too many requests)"),
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
            found, lacking = rubygems.fetch((Ask("a/b", "galley-setter"), Ask("c/d", "nobody-has-this")), door, today)
            door.close()
        assert lacking == Failure("rubygems", "c/d", "nobody-has-this", "has nothing of that name (404)")
        seen.append(total(found))
    assert 0 < seen[0] < seen[1]


@pytest.mark.parametrize("file", ["gem-rubystats.json", "gem-rails-doc-2026.json"])
def test_a_recorded_answer_is_read_exactly(shared: Path, file: str) -> None:
    answer = json.loads((shared / "samples" / "rubygems" / file).read_text())
    assert rubygems.parse_gem(answer, answer["name"]) == answer["downloads"] > 0
