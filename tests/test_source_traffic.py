"""GitHub traffic: what the views and clones of one's own repositories answer, and what is made of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping

import pytest

from groundswell.history import History, append, known
from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure
from groundswell.sources import github, traffic
from sandbox.github import traffic as stand_in
from sandbox.server import start
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
YESTERDAY = dt.date(2026, 11, 21)
ASK = Ask("a/b", "a/b")
SIGNALS = ("views", "visitors", "clones")


def owners(address: str) -> Outside:
    return Outside(token="runs-own", owners_token=stand_in.TOKEN, owner=stand_in.OWNER, stand_in=address)


def listed(part: str, days: Mapping[int, tuple[object, object]], total: int | None = None) -> dict[str, object]:
    """An answer that lists days by how many of them ago they were."""
    rows = [
        {"timestamp": f"{TODAY - dt.timedelta(days=ago)}T00:00:00Z", "count": count, "uniques": uniques}
        for ago, (count, uniques) in sorted(days.items(), reverse=True)
    ]
    whole = sum(count for count, _ in days.values() if isinstance(count, int)) if total is None else total
    return {"count": whole, "uniques": 1, part: rows}


def views(days: Mapping[int, tuple[object, object]]) -> Reply:
    return Reply(json.dumps(listed("views", days)))


def clones(days: Mapping[int, tuple[object, object]]) -> Reply:
    return Reply(json.dumps(listed("clones", days)))


def refused(message: str, status: int = 403) -> Reply:
    return Reply(json.dumps({"message": message, "status": str(status)}), status)


def run(
    replies: list[Reply], *asks: Ask, token: str | None = "invented", owner: str | None = "a"
) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(token="runs-own", owners_token=token, owner=owner, stand_in=server.address))
        outcomes = list(traffic.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def seen(outcome: Answer | Failure) -> list[tuple[str, int, float]]:
    """Signal, days ago, amount."""
    assert isinstance(outcome, Answer), outcome
    return [(one.signal, (TODAY - one.day).days, one.value) for one in outcome.observations]


def newest(views: int, clones: int) -> Ask:
    days = {"views": views, "visitors": views, "clones": clones}
    return Ask("a/b", "a/b", newest={signal: TODAY - dt.timedelta(days=ago) for signal, ago in days.items()})


def test_views_visitors_and_clones_are_flows_of_the_days_that_are_over() -> None:
    outcomes, requests = run([views({2: (9, 4), 1: (8, 3), 0: (1, 1)}), clones({1: (5, 2)})], ASK)
    assert [seen(one) for one in outcomes] == [
        [("views", 2, 9), ("visitors", 2, 4), ("views", 1, 8), ("visitors", 1, 3)],
        [("clones", 1, 5)],
    ]
    assert requests == [
        "/api.github.com/repos/a/b/traffic/views?per=day",
        "/api.github.com/repos/a/b/traffic/clones?per=day",
    ]


def test_first_sight_takes_all_days_but_the_one_at_the_edge() -> None:
    every = {ago: (ago + 1, 1) for ago in range(15)}
    outcomes, _ = run([views(every), clones(every)], ASK)
    assert [ago for signal, ago, _ in seen(outcomes[0]) if signal == "views"] == list(range(13, 0, -1))


def test_afterwards_only_the_last_days_are_taken_so_that_a_day_that_is_cut_off_replaces_no_whole_one() -> None:
    every = dict.fromkeys(range(14), (5, 1))
    outcomes, _ = run([views(every), clones(every)], newest(2, 4))
    assert [ago for signal, ago, _ in seen(outcomes[0]) if signal == "views"] == [5, 4, 3, 2, 1]
    assert [ago for _, ago, _ in seen(outcomes[1])] == [7, 6, 5, 4, 3, 2, 1]


def test_nothing_is_asked_for_when_yesterday_is_there() -> None:
    outcomes, requests = run([refused("x")], newest(1, 1))
    assert [seen(one) for one in outcomes] == [[], []]
    assert requests == []


def test_only_what_lacks_yesterday_is_asked_for() -> None:
    _, requests = run([clones({1: (5, 2)})], newest(1, 2))
    assert requests == ["/api.github.com/repos/a/b/traffic/clones?per=day"]


def test_a_day_that_github_leaves_out_between_two_others_is_a_zero_when_the_rest_is_the_whole() -> None:
    assert traffic.parse(listed("clones", {4: (5, 2), 1: (6, 3)})) == {
        TODAY - dt.timedelta(days=ago): amounts for ago, amounts in {4: (5, 2), 3: (0, 0), 2: (0, 0), 1: (6, 3)}.items()
    }


def test_a_day_that_github_leaves_out_of_a_greater_whole_is_missing() -> None:
    assert len(traffic.parse(listed("views", {4: (5, 2), 1: (6, 3)}, total=12))) == 2


def test_days_that_lie_years_apart_are_not_filled() -> None:
    assert len(traffic.parse(listed("views", {9_000: (5, 2), 1: (6, 3)}))) <= 15


@pytest.mark.parametrize("days", [{}, {0: (3, 1)}, {20: (3, 1)}])
def test_no_day_that_counts_is_a_failure_of_that_signal_alone(days: Mapping[int, tuple[int, int]]) -> None:
    outcomes, _ = run([views({1: (8, 3)}), clones(days)], ASK)
    assert seen(outcomes[0])
    assert outcomes[1] == Failure(
        "traffic", "a/b", "a/b", "gave no clones on any of the last days", signals=("clones",)
    )


def test_without_a_token_nobody_is_asked_and_the_reason_says_which_one_is_needed() -> None:
    outcomes, requests = run([refused("x")], ASK, token=None)
    ((outcome,), _) = outcomes, requests
    assert isinstance(outcome, Failure)
    assert "without a token" in outcome.reason
    assert "set TRAFFIC_TOKEN to one with the right to read this repository's administration" in outcome.reason
    assert requests == []


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (refused("Resource not accessible by integration"), "403"),
        (refused("Must have push access to repository"), "403"),
        (refused("Not Found", 404), "404"),
    ],
)
def test_a_token_without_the_right_is_refused_once_and_the_reason_says_which_one_is_needed(
    reply: Reply, status: str
) -> None:
    outcomes, requests = run([reply, views({1: (8, 3)}), clones({1: (5, 2)})], Ask("x/y", "a/y"), ASK)
    assert [type(one) for one in outcomes] == [Failure, Answer, Answer]
    assert isinstance(outcomes[0], Failure)
    assert status in outcomes[0].reason
    assert "the right to read this repository's administration" in outcomes[0].reason
    assert outcomes[0].signals == ()
    assert len(requests) == 3


def test_a_spent_limit_leaves_all_for_the_next_run() -> None:
    spent = Reply("{}", 403, headers=(("X-RateLimit-Remaining", "0"), ("X-RateLimit-Limit", "1000")))
    outcomes, requests = run([spent], ASK, Ask("c/d", "a/d"))
    assert all(isinstance(one, Failure) and one.deferred for one in outcomes)
    assert len(requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "x",
        {},
        {"count": 5},
        {"count": 5, "views": None},
        {"views": []},
        {"count": 5, "views": [None]},
        listed("views", {1: (-1, 1)}),
        listed("views", {1: ("5", 1)}),
        listed("views", {1: (5, None)}),
        listed("views", {1: (5, 1.5)}),
        listed("views", {1: (True, 1)}),
        {"count": 5, "views": [{"timestamp": "2026-11-31T00:00:00Z", "count": 5, "uniques": 1}]},
        {"count": 5, "views": [{"timestamp": "2026-11-21", "count": 5, "uniques": 1}]},
    ],
)
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        traffic.parse(answer)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply("<html></html>", kind="text/html"), "text/html instead of JSON"),
        (Reply('{"count": 1'), "broken JSON"),
        (Reply("", 429), "429"),
        (Reply("", 502), "502"),
        (Reply("{}", 401), "refuses the token"),
    ],
)
def test_what_is_not_an_answer_has_a_reason_for_each_part(reply: Reply, why: str) -> None:
    outcomes, _ = run([reply], ASK)
    assert [one.signals for one in outcomes if isinstance(one, Failure)] == [("views", "visitors"), ("clones",)]
    assert all(isinstance(one, Failure) and why in one.reason for one in outcomes)


def test_what_was_read_before_a_fault_is_kept() -> None:
    outcomes, _ = run([views({1: (8, 3)}), Reply("<html>", kind="text/html")], ASK)
    assert [type(one) for one in outcomes] == [Answer, Failure]


def test_a_repository_is_named_as_it_is_for_github() -> None:
    assert traffic.NAMING.pattern == github.NAMING.pattern


def test_the_history_keeps_what_github_forgets_and_overlapping_days_agree() -> None:
    """Forty runs on the stand-in: every day since the thirteenth before the first is there, and stays what it was."""
    book = History("galleyproof/galleyproof")
    first = TODAY - dt.timedelta(days=13)
    with start(today=TODAY) as sandbox:
        for number in range(0, 40, 4):
            day = TODAY + dt.timedelta(days=number)
            sandbox.move_to(day)
            door = Door(owners(sandbox.address))
            before = book.series("traffic.views:galleyproof/galleyproof")
            ask = known(book, "traffic", "galleyproof/galleyproof", SIGNALS)
            for outcome in traffic.fetch([ask], door, day):
                assert isinstance(outcome, Answer), outcome
                book = append(book, outcome, day)
            door.close()
            after = book.series("traffic.views:galleyproof/galleyproof")
            assert after.values[: len(before)].tolist() == before.values.tolist()
    for signal in SIGNALS:
        series = book.series(f"traffic.{signal}:galleyproof/galleyproof")
        assert series.days.tolist() == list(range(first.toordinal(), day.toordinal()))
        assert series.values.min() >= 0


def test_the_stand_in_refuses_the_traffic_of_others_and_of_nobody() -> None:
    with start(today=TODAY) as sandbox:
        door = Door(dataclasses.replace(owners(sandbox.address), owner="lanternworks"))
        (outcome,) = traffic.fetch([Ask("o/p", "lanternworks/brightlantern")], door, TODAY)
        door.close()
    assert isinstance(outcome, Failure)
    assert "403" in outcome.reason


def test_the_owners_token_is_shown_for_the_owners_repositories_alone() -> None:
    outcomes, requests = run([views({1: (8, 3)}), clones({1: (5, 2)})], Ask("c/d", "c/d"), Ask("a/b", "A/b"))
    assert outcomes[0] == Failure(
        "traffic", "c/d", "c/d", "is read of the tracker owner's repositories alone, and this one is c's"
    )
    assert len(requests) == 2
    outcomes, requests = run([refused("x")], ASK, owner=None)
    assert "set GITHUB_REPOSITORY" in outcomes[0].reason  # type: ignore[union-attr]
    assert requests == []
