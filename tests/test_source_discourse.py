"""Discourse: what a forum's statistics answer, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import discourse
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
YESTERDAY = dt.date(2026, 11, 21)
NUMBERS = {"members": 320, "topics": 45, "posts": 678, "active_7_days": 12, "active_30_days": 34, "stickiness": 35.29}
NEWER = {
    "users_count": 320,
    "topics_count": 45,
    "posts_count": 678,
    "active_users_7_days": 12,
    "active_users_30_days": 34,
    "likes_count": 99,
    "users_7_days": 5,
}
OLDER = {key.replace("s_count", "_count"): number for key, number in NEWER.items()}
HOST = "forum.example.org"
FRONT_PAGE = Reply("<!DOCTYPE html><title>Forum</title>", 200, "text/html; charset=utf-8")
LOGIN_ONLY = Reply('{"errors":["You need to be logged in to do that."],"error_type":"not_logged_in"}', 403)


def as_reply(answer: object) -> Reply:
    return Reply(json.dumps(answer))


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(discourse.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def seen(day: dt.date) -> Ask:
    return Ask("a/b", HOST, newest={signal.key: day for signal in discourse.SIGNALS})


@pytest.mark.parametrize("answer", [NEWER, OLDER, {"about": {"stats": NEWER}}, {"about": {"stats": OLDER}}])
def test_both_spellings_and_both_places_are_read(answer: object) -> None:
    assert discourse.parse(answer) == NUMBERS


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "x",
        {},
        {"about": None},
        {"about": {"stats": {}}},
        NEWER | {"users_count": None},
        NEWER | {"users_count": "320"},
        NEWER | {"posts_count": -1},
        NEWER | {"topics_count": 4.5},
        NEWER | {"active_users_7_days": True},
        {key: number for key, number in NEWER.items() if key != "active_users_30_days"},
    ],
)
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        discourse.parse(answer)


def test_stickiness_is_the_share_of_the_month_s_members_who_came_in_the_week() -> None:
    assert discourse.parse(NEWER | {"active_users_7_days": 17, "active_users_30_days": 34})["stickiness"] == 50


@pytest.mark.parametrize(("week", "month"), [(0, 0), (35, 34)])
def test_there_is_no_share_of_nobody_nor_of_fewer_than_it_counts(week: int, month: int) -> None:
    numbers = discourse.parse(NEWER | {"active_users_7_days": week, "active_users_30_days": month})
    assert numbers == {key: number for key, number in NUMBERS.items() if key != "stickiness"} | {
        "active_7_days": week,
        "active_30_days": month,
    }


def test_today_s_numbers_are_dated_today() -> None:
    outcomes, requests = run([as_reply(NEWER)], Ask("a/b", "Forum.Example.org"))
    observations = tuple(Observation(key, TODAY, number) for key, number in NUMBERS.items())
    assert outcomes == [Answer("discourse", "a/b", "Forum.Example.org", observations)]
    assert requests == ["/forum.example.org/site/statistics.json"]


@pytest.mark.parametrize("closed", [FRONT_PAGE, Reply("{}", 404), LOGIN_ONLY, as_reply({})])
def test_a_forum_that_closed_the_first_place_is_asked_at_the_second(closed: Reply) -> None:
    outcomes, requests = run([closed, as_reply({"about": {"stats": NEWER}})], seen(YESTERDAY))
    assert isinstance(outcomes[0], Answer)
    assert {one.signal: one.value for one in outcomes[0].observations} == NUMBERS
    assert requests[1:] == [f"/{HOST}/about.json"]


def test_a_forum_that_moves_to_its_front_page_is_asked_at_the_second_place() -> None:
    moved = Reply("", 302, "text/html", headers=(("Location", "/"),))
    outcomes, _ = run([moved, FRONT_PAGE, as_reply({"about": {"stats": OLDER}})], Ask("a/b", HOST))
    assert [type(outcome) for outcome in outcomes] == [Answer]


def test_a_forum_for_members_only_is_a_failure() -> None:
    outcomes, _ = run([LOGIN_ONLY], Ask("a/b", HOST))
    assert outcomes == [Failure("discourse", "a/b", HOST, "answered 403")]


def test_a_forum_with_a_fault_of_its_own_is_not_asked_again() -> None:
    outcomes, requests = run([Reply("", 502)], Ask("a/b", HOST), Ask("c/d", HOST))
    assert [type(outcome) for outcome in outcomes] == [Failure, Failure]
    assert set(requests) == {f"/{HOST}/site/statistics.json"}


def test_one_forum_s_failure_is_not_another_s() -> None:
    outcomes, _ = run([FRONT_PAGE, FRONT_PAGE, as_reply(OLDER)], Ask("a/b", HOST), Ask("c/d", "talk.example.org"))
    assert [type(outcome) for outcome in outcomes] == [Failure, Answer]


def test_nothing_is_asked_for_when_today_is_there() -> None:
    outcomes, requests = run([FRONT_PAGE], seen(TODAY))
    assert outcomes == [Answer("discourse", "a/b", HOST, ())]
    assert requests == []


@pytest.mark.parametrize("key", ["users_count", "topics_count", "posts_count"])
def test_a_total_that_was_seen_before_cannot_be_zero_and_spoils_the_rest(key: str) -> None:
    outcomes, _ = run([as_reply(NEWER | {key: 0})], seen(YESTERDAY))
    assert outcomes == [Failure("discourse", "a/b", HOST, "gave 0 for a total that cannot be 0")]


def test_a_week_in_which_nobody_came_can_be() -> None:
    outcomes, _ = run([as_reply(NEWER | {"active_users_7_days": 0})], seen(YESTERDAY))
    assert isinstance(outcomes[0], Answer)
    assert {one.signal: one.value for one in outcomes[0].observations} == NUMBERS | {
        "active_7_days": 0,
        "stickiness": 0,
    }


def test_a_new_forum_may_begin_with_nothing() -> None:
    outcomes, _ = run([as_reply(dict.fromkeys(NEWER, 0))], Ask("a/b", HOST))
    assert isinstance(outcomes[0], Answer)
    assert {one.value for one in outcomes[0].observations} == {0}


def test_a_forum_on_a_private_network_is_not_asked() -> None:
    door = Door(Outside())
    reason = "stands on a private network, which is not asked"
    outcomes = list(discourse.fetch([Ask("a/b", "127.0.0.1")], door, TODAY))
    assert outcomes == [Failure("discourse", "a/b", "127.0.0.1", reason)]
    door.close()


@pytest.mark.parametrize("name", ["discuss.python.org", "Forum.Example.org", "talk.xn--80ak6aa92e.xn--p1ai", "a-b.dev"])
def test_a_host_can_be_named(name: str) -> None:
    assert re.fullmatch(discourse.NAMING.pattern, name)


@pytest.mark.parametrize(
    "name",
    [
        "https://a.org",
        "a.org/forum",
        "a.org:8443",
        "user@a.org",
        "127.0.0.1",
        "localhost",
        "-a.org",
        "a..org",
        "a.org.",
    ],
)
def test_anything_but_a_host_cannot_be_named(name: str) -> None:
    assert not re.fullmatch(discourse.NAMING.pattern, name)


def test_the_recorded_answer_is_read_as_it_is(shared: Path) -> None:
    answer = json.loads((shared / "samples" / "discourse" / "site-statistics-singular-form.json").read_text())
    assert discourse.parse(answer) == {
        "members": answer["user_count"],
        "topics": answer["topic_count"],
        "posts": answer["post_count"],
        "active_7_days": answer["active_users_7_days"],
        "active_30_days": answer["active_users_30_days"],
        "stickiness": round(100 * answer["active_users_7_days"] / answer["active_users_30_days"], 2),
    }
