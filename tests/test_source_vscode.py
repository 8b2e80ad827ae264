"""VS Code Marketplace: what it says of extensions, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import vscode
from tests.scripted import Reply, Scripted, scripted

TODAY = dt.date(2026, 11, 22)
YESTERDAY = dt.date(2026, 11, 21)


def extension(name: str, installs: object = 700.0) -> dict[str, object]:
    publisher, _, short = name.partition(".")
    figures: dict[str, object] = {
        "averagerating": 4.25,
        "install": installs,
        "trendingdaily": 0.002,
        "updateCount": 9.0,
    }
    return {
        "publisher": {"publisherName": publisher, "displayName": "Lanterns"},
        "extensionName": short,
        "statistics": [{"statisticName": key, "value": value} for key, value in figures.items()],
    }


def found(*extensions: object) -> dict[str, object]:
    return {"results": [{"extensions": list(extensions), "pagingToken": None, "resultMetadata": []}]}


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], Scripted]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(vscode.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server


def known(target: str, newest: dt.date) -> Ask:
    return Ask("a/b", target, newest={"installs": newest})


def test_installs_are_dated_on_the_day_they_are_read() -> None:
    outcomes, _ = run([Reply(json.dumps(found(extension("lanterns.wick"))))], Ask("a/b", "lanterns.wick"))
    assert outcomes == [Answer("vscode", "a/b", "lanterns.wick", (Observation("installs", TODAY, 700),))]


def test_all_extensions_are_asked_for_at_once() -> None:
    reply = Reply(json.dumps(found(extension("lanterns.oil", 5.0), extension("lanterns.wick"))))
    outcomes, server = run([reply], Ask("a/b", "lanterns.wick"), Ask("c/d", "lanterns.oil"))
    assert [one.observations[0].value for one in outcomes if isinstance(one, Answer)] == [700, 5]
    assert server.requests == ["/marketplace.visualstudio.com/_apis/public/gallery/extensionquery"]
    asked = json.loads(server.bodies[0])
    assert asked["flags"] == 256
    assert [one["value"] for one in asked["filters"][0]["criteria"] if one["filterType"] == 7] == [
        "lanterns.oil",
        "lanterns.wick",
    ]


def test_more_than_a_hundred_are_asked_for_by_the_hundred() -> None:
    names = [f"lanterns.wick{n}" for n in range(101)]
    replies = [Reply(json.dumps(found(*map(extension, part)))) for part in (names[:100], names[100:])]
    outcomes, server = run(replies, *(Ask("a/b", name) for name in names))
    assert len(server.requests) == 2
    assert all(isinstance(outcome, Answer) for outcome in outcomes)


def test_the_case_of_letters_does_not_matter() -> None:
    outcomes, _ = run([Reply(json.dumps(found(extension("Lanterns.wick"))))], Ask("a/b", "lanterns.Wick"))
    assert isinstance(outcomes[0], Answer)


def test_an_extension_that_is_not_in_the_answer_is_a_failure_for_it_alone() -> None:
    reply = Reply(json.dumps(found(extension("lanterns.wick"))))
    outcomes, _ = run([reply], Ask("a/b", "lanterns.none"), Ask("a/b", "lanterns.wick"))
    assert outcomes[0] == Failure("vscode", "a/b", "lanterns.none", "has no extension of that name")
    assert isinstance(outcomes[1], Answer)


@pytest.mark.parametrize("wrong", [-1.0, None, "700", 1.5, True, float("nan"), float("inf")])
def test_a_wrong_number_is_a_failure_for_its_extension_alone(wrong: object) -> None:
    reply = Reply(json.dumps(found(extension("lanterns.oil", wrong), extension("lanterns.wick"))))
    outcomes, _ = run([reply], Ask("a/b", "lanterns.oil"), Ask("a/b", "lanterns.wick"))
    assert [type(outcome) for outcome in outcomes] == [Failure, Answer]


@pytest.mark.parametrize("statistics", [None, [], {}, "x", [{"statisticName": "averagerating", "value": 4.0}], [None]])
def test_statistics_without_installs_are_no_number(statistics: object) -> None:
    with pytest.raises(Broken):
        vscode.parse_statistics(statistics)


@pytest.mark.parametrize(
    "answer", [None, [], "x", {}, {"results": []}, {"results": [{}]}, found(None), found({"extensionName": "wick"})]
)
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        vscode.parse(answer)


def test_a_count_that_was_there_cannot_become_0() -> None:
    outcomes, _ = run([Reply(json.dumps(found(extension("lanterns.wick", 0.0))))], known("lanterns.wick", YESTERDAY))
    assert outcomes == [Failure("vscode", "a/b", "lanterns.wick", "gave 0 for a total that cannot be 0")]


def test_nothing_is_asked_for_when_today_is_there() -> None:
    outcomes, server = run([Reply("", 500)], known("lanterns.wick", TODAY))
    assert (outcomes, server.requests) == ([Answer("vscode", "a/b", "lanterns.wick", ())], [])


@pytest.mark.parametrize(
    "reply",
    [
        Reply("<!DOCTYPE html><title>Visual Studio Marketplace</title>", kind="text/html; charset=utf-8"),
        Reply('{"$id":"1","message":"TF400733: The request has been canceled","errorCode":0}', 500),
        Reply('{"$id":"1","message":"VS403321"}', 400),
        Reply("{}", 429),
        Reply('{"results":[{"exten'),
    ],
)
def test_what_is_no_answer_is_a_failure_for_each_extension(reply: Reply) -> None:
    outcomes, _ = run([reply], Ask("a/b", "lanterns.wick"), known("lanterns.oil", YESTERDAY))
    assert [type(outcome) for outcome in outcomes] == [Failure, Failure]


def test_names_of_extensions() -> None:
    good = ("redhat.vscode-yaml", "13xforever.language-x86-64-assembly", "Vue.volar")
    bad = ("redhat", "redhat.", "redhat/vscode-yaml", ".vscode-yaml", "redhat.vscode yaml", 'a.b"')
    assert all(re.fullmatch(vscode.NAMING.pattern, name) for name in good)
    assert not any(re.fullmatch(vscode.NAMING.pattern, name) for name in bad)


def test_recorded_answers_are_read_as_they_are(shared: Path) -> None:
    samples = shared / "samples" / "vscode-marketplace"
    answer = json.loads((samples / "extensionquery-live-server.json").read_text())
    (name, statistics), *others = vscode.parse(answer).items()
    assert (name, others) == ("ms-vscode.live-server", [])
    assert vscode.parse_statistics(statistics) == 11_966_368
    assert vscode.parse_statistics(json.loads((samples / "statistics-ms-python-2026.json").read_text())) == 231_591_458
