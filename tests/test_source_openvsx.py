"""Open VSX: what it says of an extension, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import openvsx
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
YESTERDAY = dt.date(2026, 11, 21)
NOT_FOUND = Reply('{"error":"Extension not found: lanterns.none"}', 404)


def extension(downloads: object = 700) -> dict[str, object]:
    return {
        "namespace": "lanterns",
        "name": "wick",
        "version": "1.2.0",
        "averageRating": 4.5,
        "downloadCount": downloads,
        "reviewCount": 2,
    }


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(openvsx.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def known(target: str, newest: dt.date) -> Ask:
    return Ask("a/b", target, newest={"downloads": newest})


def test_downloads_are_dated_on_the_day_they_are_read() -> None:
    outcomes, _ = run([Reply(json.dumps(extension()))], Ask("a/b", "lanterns.wick"))
    assert outcomes == [Answer("openvsx", "a/b", "lanterns.wick", (Observation("downloads", TODAY, 700),))]


def test_an_extension_may_be_named_by_identifier_or_address() -> None:
    _, requests = run([Reply(json.dumps(extension()))], Ask("a/b", "lanterns.wick"), Ask("a/b", "lanterns/wick"))
    assert requests == ["/open-vsx.org/api/lanterns/wick"] * 2


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "x",
        {},
        {"error": "Extension not found: lanterns.wick"},
        *(extension(wrong) for wrong in (-1, None, "700", 1.5, True)),
    ],
)
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        openvsx.parse(answer)


def test_a_total_that_was_there_cannot_become_0() -> None:
    outcomes, _ = run([Reply(json.dumps(extension(0)))], known("lanterns.wick", YESTERDAY))
    assert outcomes == [Failure("openvsx", "a/b", "lanterns.wick", "gave 0 for a total that cannot be 0")]


def test_a_new_extension_has_0_downloads() -> None:
    outcomes, _ = run([Reply(json.dumps(extension(0)))], Ask("a/b", "lanterns.wick"))
    assert isinstance(outcomes[0], Answer)
    assert outcomes[0].observations == (Observation("downloads", TODAY, 0),)


def test_nothing_is_asked_for_when_today_is_there() -> None:
    outcomes, requests = run([NOT_FOUND], known("lanterns.wick", TODAY))
    assert (outcomes, requests) == ([Answer("openvsx", "a/b", "lanterns.wick", ())], [])


def test_an_extension_that_is_not_there_is_a_failure_for_it_alone() -> None:
    outcomes, _ = run(
        [NOT_FOUND, Reply(json.dumps(extension()))], Ask("a/b", "lanterns.none"), Ask("a/b", "lanterns.wick")
    )
    assert [type(outcome) for outcome in outcomes] == [Failure, Answer]


@pytest.mark.parametrize(
    "reply",
    [
        Reply("<!DOCTYPE html><title>Open VSX Registry</title>", kind="text/html"),
        Reply('{"status":429,"error":"Too Many Requests","message":"You have exhausted your API Request Quota"}', 429),
        Reply("<html><h1>503 Service Unavailable</h1></html>", 503, "text/html"),
        Reply('{"downloadCount": 7'),
    ],
)
def test_what_is_no_answer_is_a_failure_for_each_extension(reply: Reply) -> None:
    outcomes, _ = run([reply], Ask("a/b", "lanterns.wick"), known("lanterns.oil", YESTERDAY))
    assert [type(outcome) for outcome in outcomes] == [Failure, Failure]


def test_names_of_extensions() -> None:
    good = ("redhat.vscode-yaml", "redhat/vscode-yaml", "13xforever.language-x86-64-assembly", "Vue.volar")
    bad = ("redhat", "redhat.", "a/b/c", "a.b.c", "a/..", "a/b?c", "redhat vscode-yaml")
    assert all(re.fullmatch(openvsx.NAMING.pattern, name) for name in good)
    assert not any(re.fullmatch(openvsx.NAMING.pattern, name) for name in bad)


def test_a_recorded_answer_is_read_as_it_is(shared: Path) -> None:
    answer = json.loads((shared / "samples" / "openvsx" / "extension-vscode-yaml.json").read_text())
    assert openvsx.parse(answer) == answer["downloadCount"] == 1_524_693
