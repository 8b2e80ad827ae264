"""pub.dev: what its score answers, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure
from groundswell.sources import pub
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
YESTERDAY = dt.date(2026, 11, 21)
NOTHING = Reply('{"error": {"code": "NotFound", "message": "Could not find `package \\"x\\"`."}}', 404)


def score(**more: object) -> dict[str, object]:
    return {"grantedPoints": 150, "maxPoints": 160, "likeCount": 8, "downloadCount30Days": 70, "tags": [], **more}


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(pub.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def known(newest: dt.date) -> Ask:
    return Ask("a/b", "x", newest={"downloads_30d": newest, "likes": newest})


def values(outcome: Answer | Failure) -> dict[str, float]:
    assert isinstance(outcome, Answer)
    assert all(one.day == TODAY for one in outcome.observations)
    return {one.signal: one.value for one in outcome.observations}


def test_a_package_has_a_window_of_downloads_and_likes_of_the_day() -> None:
    (answer,), requests = run([Reply(json.dumps(score()))], known(YESTERDAY))
    assert values(answer) == {"downloads_30d": 70, "likes": 8}
    assert requests == ["/pub.dev/api/packages/x/score"]


@pytest.mark.parametrize("downloads", [{"downloadCount30Days": None}, {}])
def test_downloads_that_are_not_there_are_missing_and_not_0(downloads: dict[str, object]) -> None:
    answer = {"likeCount": 8, **downloads}
    outcomes, _ = run([Reply(json.dumps(answer))], Ask("a/b", "x"))
    assert values(outcomes[0]) == {"likes": 8}
    assert isinstance(outcomes[1], Failure)
    assert outcomes[1].signals == ("downloads_30d",)


@pytest.mark.parametrize(
    "answer",
    [None, [], {}, score(likeCount=None), score(likeCount=-1), score(downloadCount30Days="70"), score(likeCount=1.5)],
)
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        pub.parse(answer)


def test_one_package_that_is_not_there_is_no_fault_of_the_next() -> None:
    outcomes, _ = run([NOTHING, Reply(json.dumps(score()))], Ask("a/b", "x"), Ask("a/b", "y"))
    assert [type(one) for one in outcomes] == [Failure, Answer]


@pytest.mark.parametrize("fault", [Reply("<html>", kind="text/html"), Reply('{"like'), Reply("null"), Reply("{}", 500)])
def test_what_is_not_an_answer_is_a_failure(fault: Reply) -> None:
    outcomes, _ = run([fault], Ask("a/b", "x"))
    assert [type(one) for one in outcomes] == [Failure]


def test_nothing_is_asked_for_when_today_is_there() -> None:
    assert run([NOTHING], known(TODAY)) == ([Answer("pub", "a/b", "x", ())], [])


def test_the_documented_answer_is_read_as_it_is(shared: Path) -> None:
    answer = json.loads((shared / "samples" / "pub-dev" / "score-doc.json").read_text())
    assert pub.parse(answer) == {"downloads_30d": answer["downloadCount30Days"], "likes": answer["likeCount"]}
    assert pub.parse(answer) == {"downloads_30d": 11831655, "likes": 8297}
