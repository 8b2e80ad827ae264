"""Wikipedia: what its page views answer, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import wikipedia
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
CLOSED = dt.date(2026, 10, 31)
ADDRESS = "/wikimedia.org/api/rest_v1/metrics/pageviews/per-article/{}/all-access/user/{}/monthly/{}/{}"
NOTHING = Reply(
    '{"type":"about:blank","title":"Not Found","status":404,"detail":"no data"}', 404, "application/problem+json"
)


def month(stamp: object, views: object, **more: object) -> dict[str, object]:
    given = {"project": "en.wikipedia", "article": "Quay_crane", "granularity": "monthly", "access": "all-access"}
    return {**given, "timestamp": stamp, "agent": "user", "views": views, **more}


def items(*months: dict[str, object]) -> dict[str, object]:
    return {"items": list(months)}


def run(reply: Reply, *asks: Ask, today: dt.date = TODAY) -> tuple[list[Answer | Failure], list[str]]:
    with scripted([reply]) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(wikipedia.fetch(asks, door, today))
        door.close()
    return outcomes, server.requests


GOOD = Reply(json.dumps(items(month("2026090100", 500), month("2026100100", 640))))


def test_first_sight_asks_for_every_month_since_2015_and_ends_with_the_last_closed_one() -> None:
    outcomes, requests = run(GOOD, Ask("a/b", "quay crane/Tower"))
    views = (Observation("views", dt.date(2026, 9, 30), 500), Observation("views", CLOSED, 640))
    assert outcomes == [Answer("wikipedia", "a/b", "quay crane/Tower", views)]
    assert requests == [ADDRESS.format("en.wikipedia", "Quay_crane%2FTower", "20150701", "20261031")]


def test_another_language_stands_before_the_title() -> None:
    _, requests = run(GOOD, Ask("a/b", "de.wikipedia/Ölkran"))
    assert requests == [ADDRESS.format("de.wikipedia", "%C3%96lkran", "20150701", "20261031")]


def test_afterwards_only_the_last_months_are_asked_for() -> None:
    _, requests = run(GOOD, Ask("a/b", "Quay", newest={"views": dt.date(2026, 9, 30)}))
    assert requests == [ADDRESS.format("en.wikipedia", "Quay", "20260801", "20261031")]


def test_nothing_is_asked_for_when_no_month_is_lacking() -> None:
    outcomes, requests = run(Reply("", 500), Ask("a/b", "Quay", newest={"views": CLOSED}))
    assert outcomes == [Answer("wikipedia", "a/b", "Quay", ())]
    assert requests == []


def test_a_month_is_not_closed_before_it_is_counted() -> None:
    known = Ask("a/b", "Quay", newest={"views": dt.date(2026, 9, 30)})
    assert run(GOOD, known, today=dt.date(2026, 11, 1))[1] == []
    assert len(run(GOOD, known, today=dt.date(2026, 11, 2))[1]) == 1


def test_a_month_that_is_not_over_is_not_taken() -> None:
    answer = items(month("2026100100", 640), month("2026110100", 90))
    assert wikipedia.parse(answer, CLOSED) == (Observation("views", CLOSED, 640),)


def test_a_zero_is_no_number() -> None:
    answer = items(month("2026090100", 0), month("2026100100", 640))
    assert wikipedia.parse(answer, CLOSED) == (Observation("views", CLOSED, 640),)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "x",
        {},
        items(),
        {"items": None},
        items(month("2026100100", -1)),
        items(month("2026100100", None)),
        items(month("2026100100", "640")),
        items(month("2026130100", 640)),
        items(month("20261001", 640)),
        items(month(2026100100, 640)),
        items(month("2026100100", 640, agent="all-agents")),
        items(month("2026100100", 640, granularity="daily")),
        items(month("2026100100", 0)),
    ],
)
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        wikipedia.parse(answer, CLOSED)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (NOTHING, "has no views of an article of that title since July 2015 (404)"),
        (Reply("Too many requests", 429, "text/plain"), "answered 429 (too many requests)"),
        (Reply("Please set a user-agent", 403, "text/plain"), "answered 403"),
        (Reply("<html>", 200, "text/html"), "answered with text/html instead of JSON"),
        (Reply('{"items":[{', 200), "answered with broken JSON"),
    ],
)
def test_an_answer_without_numbers_is_a_failure(reply: Reply, reason: str) -> None:
    outcomes, _ = run(reply, Ask("a/b", "Quay"))
    assert outcomes == [Failure("wikipedia", "a/b", "Quay", reason)]


def test_one_articles_failure_is_not_anothers() -> None:
    with scripted([NOTHING, GOOD]) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(wikipedia.fetch([Ask("a/b", "None"), Ask("c/d", "Quay")], door, TODAY))
        door.close()
    assert [type(outcome) for outcome in outcomes] == [Failure, Answer]


def test_the_recorded_answer_is_read_as_it_is(shared: Path) -> None:
    answer = json.loads((shared / "samples" / "wikipedia-pageviews" / "per-article-monthly.json").read_text())
    asked = dt.date(2020, 8, 31)  # it was asked for in September 2020: that month is not whole
    wanted = {one["timestamp"][:6]: one["views"] for one in answer["items"] if one["timestamp"] < "2020090100"}
    assert {f"{one.day:%Y%m}": one.value for one in wikipedia.parse(answer, asked)} == wanted
