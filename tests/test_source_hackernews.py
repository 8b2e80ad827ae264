"""Hacker News: what its search answers, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure
from groundswell.sources import hackernews
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
SEPTEMBER, OCTOBER = dt.date(2026, 9, 30), dt.date(2026, 10, 31)


def at(year: int, month: int, day: int, second: int = 0) -> int:
    return int(dt.datetime(year, month, day, tzinfo=dt.UTC).timestamp()) + second


def found(*times: object, total: object = None, first: int = 0) -> dict[str, object]:
    hits = [{"objectID": str(first + n), "created_at_i": when, "_tags": ["story"]} for n, when in enumerate(times)]
    return {"hits": hits, "page": 0, "nbHits": len(times) if total is None else total, "hitsPerPage": 1000}


def run(
    replies: list[dict[str, object] | Reply], *asks: Ask, today: dt.date = TODAY
) -> tuple[list[Answer | Failure], list[dict[str, str]]]:
    given = [one if isinstance(one, Reply) else Reply(json.dumps(one)) for one in replies]
    with scripted(given) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(hackernews.fetch(asks, door, today))
        door.close()
    assert all(request.startswith("/hn.algolia.com/api/v1/search_by_date?") for request in server.requests)
    queries = [parse_qs(urlsplit(request).query) for request in server.requests]
    return outcomes, [{name: values[-1] for name, values in query.items()} for query in queries]


def counts(outcome: Answer | Failure) -> dict[dt.date, float]:
    assert isinstance(outcome, Answer), outcome
    assert {one.signal for one in outcome.observations} <= {"stories"}
    return {one.day: one.value for one in outcome.observations}


def known(newest: dt.date, **state: object) -> Ask:
    return Ask("a/b", "quay crane", state=state, newest={"stories": newest})


def test_one_request_brings_every_month_since_the_first_story() -> None:
    times = (at(2026, 10, 31, 86_399), at(2026, 10, 1), at(2026, 8, 9))
    outcomes, queries = run([found(*times)], Ask("a/b", "quay crane"))
    assert counts(outcomes[0]) == {dt.date(2026, 8, 31): 1, SEPTEMBER: 0, OCTOBER: 2}
    assert isinstance(outcomes[0], Answer)
    assert outcomes[0].state == {"last_count": 2}
    assert len(queries) == 1
    assert queries[0]["query"] == '"quay crane"'
    assert queries[0]["tags"] == "story"
    assert queries[0]["numericFilters"] == f"created_at_i>=0,created_at_i<={at(2026, 11, 1) - 1}"


def test_where_there_are_more_the_older_ones_are_asked_for_and_none_is_counted_twice() -> None:
    shared_second = at(2026, 9, 2)
    first = found(at(2026, 10, 3), shared_second, total=4)
    second = found(shared_second, shared_second, at(2026, 9, 1), first=1)
    outcomes, queries = run([first, second], Ask("a/b", "quay crane"))
    assert counts(outcomes[0]) == {SEPTEMBER: 3, OCTOBER: 1}
    assert queries[1]["numericFilters"] == f"created_at_i>=0,created_at_i<={shared_second}"


def test_the_requests_are_bounded_and_a_month_that_was_not_read_to_its_end_is_left_out() -> None:
    pages: list[dict[str, object] | Reply] = [
        found(at(2026, 10, 28 - 9 * n), at(2026, 10, 27 - 9 * n), total=9_000, first=2 * n) for n in range(2)
    ]
    pages += [found(at(2026, 9, 9), at(2026, 9, 8 - n), total=9_000, first=10 + 2 * n) for n in range(4)]
    outcomes, queries = run(pages, Ask("a/b", "quay crane"))
    assert len(queries) == hackernews.MOST_REQUESTS
    assert counts(outcomes[0]) == {OCTOBER: 4}


def test_a_month_too_full_to_be_read_is_a_failure() -> None:
    pages: list[dict[str, object] | Reply] = [found(at(2026, 10, 28 - n), total=90_000, first=n) for n in range(6)]
    outcomes, _ = run(pages, Ask("a/b", "quay crane"))
    assert isinstance(outcomes[0], Failure)


def test_afterwards_only_the_last_months_are_asked_for_and_may_have_no_story() -> None:
    outcomes, queries = run([found()], known(SEPTEMBER, last_count=3))
    assert counts(outcomes[0]) == {dt.date(2026, 8, 31): 0, SEPTEMBER: 0, OCTOBER: 0}
    assert queries[0]["numericFilters"].startswith(f"created_at_i>={at(2026, 8, 1)},")


def test_a_full_month_that_is_empty_now_is_a_failure() -> None:
    outcomes, _ = run([found(at(2026, 10, 5))], known(SEPTEMBER, last_count=31))
    reason = "gave no story for September 2026, which had 31 before"
    assert outcomes == [Failure("hackernews", "a/b", "quay crane", reason)]


def test_nothing_is_asked_for_when_no_month_is_lacking() -> None:
    outcomes, queries = run([Reply("", 500)], known(OCTOBER))
    assert outcomes == [Answer("hackernews", "a/b", "quay crane", ())]
    assert queries == []
    assert run([Reply("", 500)], known(SEPTEMBER), today=OCTOBER)[1] == []
    assert len(run([found()], known(SEPTEMBER), today=dt.date(2026, 11, 1))[1]) == 1


def test_a_phrase_that_nobody_used_is_a_failure() -> None:
    outcomes, _ = run([found()], Ask("a/b", "quay crane"))
    assert outcomes == [Failure("hackernews", "a/b", "quay crane", "has no story with that phrase")]


def test_the_same_page_again_and_again_is_a_failure() -> None:
    outcomes, queries = run([found(at(2026, 10, 3), total=4)], Ask("a/b", "quay crane"))
    assert isinstance(outcomes[0], Failure)
    assert len(queries) == 2


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "x",
        {},
        {"hits": None, "nbHits": 0},
        {"hits": []},
        found(total=-1),
        found(total="4"),
        found(total=7),
        found(at(2026, 10, 3), total=None) | {"nbHits": None},
        found(-5),
        found("1790000000"),
        found(None),
        found(1_790_000_000_000),
        {"message": "Invalid filter", "status": 400},
    ],
)
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        hackernews.parse(answer)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply("<html>", 200, "text/html"), "answered with text/html instead of JSON"),
        (Reply('{"hits":[', 200), "answered with broken JSON"),
        (Reply("{}", 429), "answered 429 (too many requests)"),
    ],
)
def test_an_answer_without_numbers_is_a_failure(reply: Reply, reason: str) -> None:
    outcomes, _ = run([reply], Ask("a/b", "quay crane"))
    assert outcomes == [Failure("hackernews", "a/b", "quay crane", reason)]


def test_one_phrases_failure_is_not_anothers() -> None:
    outcomes, _ = run([found(), found(at(2026, 10, 3))], Ask("a/b", "nobody"), Ask("c/d", "quay crane"))
    assert [type(outcome) for outcome in outcomes] == [Failure, Answer]


def test_the_documented_example_has_the_keys_that_are_read(shared: Path) -> None:
    answer = json.loads((shared / "samples" / "hackernews-algolia" / "search-doc-example.json").read_text())
    for story in answer["hits"]:
        story["created_at_i"] = at(2026, 10, 3)  # the example has no times
    stories, whole = hackernews.parse(answer)
    assert list(stories) == [story["objectID"] for story in answer["hits"]]
    assert not whole  # it shows one of eleven
