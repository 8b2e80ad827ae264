"""Bluesky: what its profiles answer, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import bluesky
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
YESTERDAY = dt.date(2026, 11, 21)
DID = "did:plc:abcdefghijklmnopqrstuvwx"
REFUSED = Reply('{"error":"InvalidRequest","message":"Error: actors must be valid"}', 400)
ADDRESS = "/public.api.bsky.app/xrpc/app.bsky.actor.getProfiles"


def profile(handle: str, followers: object = 21, did: str = "did:plc:x") -> dict[str, object]:
    return {
        "did": did,
        "handle": handle,
        "displayName": handle,
        "labels": [],
        "followersCount": followers,
        "followsCount": 2,
        "postsCount": 3,
    }


def as_reply(*profiles: object) -> Reply:
    return Reply(json.dumps({"profiles": profiles}))


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(bluesky.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def answer(target: str, *values: float) -> Answer:
    return Answer("bluesky", "a/b", target, tuple(Observation("followers", TODAY, value) for value in values))


def failure(target: str, reason: str) -> Failure:
    return Failure("bluesky", "a/b", target, reason)


def test_many_accounts_are_asked_for_at_once_and_found_by_name() -> None:
    reply = as_reply(profile("y.example", 22), profile("x.example", 21), profile("z.example", 23, DID))
    outcomes, requests = run([reply], *(Ask("a/b", name) for name in ("X.example", "y.example", DID)))
    assert outcomes == [answer("X.example", 21), answer("y.example", 22), answer(DID, 23)]
    assert requests == [f"{ADDRESS}?actors={DID.replace(':', '%3A')}&actors=x.example&actors=y.example"]


def test_no_more_than_25_are_asked_for_at_once() -> None:
    names = [f"n{place:02}.example" for place in range(26)]
    replies = [as_reply(*map(profile, names[:25])), as_reply(profile(names[25]))]
    outcomes, requests = run(replies, *(Ask("a/b", name) for name in names))
    assert [request.count("actors=") for request in requests] == [25, 1]
    assert outcomes == [answer(name, 21) for name in names]


def test_accounts_that_have_today_are_not_asked_for() -> None:
    known = [
        Ask("a/b", "x.example", newest={"followers": TODAY}),
        Ask("a/b", "y.example", newest={"followers": YESTERDAY}),
    ]
    outcomes, requests = run([as_reply(profile("y.example"))], *known)
    assert outcomes == [answer("x.example"), answer("y.example", 21)]
    assert requests == [f"{ADDRESS}?actors=y.example"]
    assert run([REFUSED], known[0]) == ([answer("x.example")], [])


def test_an_account_that_is_left_out_is_not_there() -> None:
    outcomes, _ = run([as_reply(profile("y.example"))], Ask("a/b", "x.example"), Ask("a/b", "y.example"))
    assert outcomes == [failure("x.example", "has no account of that name"), answer("y.example", 21)]


@pytest.mark.parametrize("followers", [None, "21", -1, 2.5, True])
def test_a_profile_without_a_number_is_a_failure_for_it_alone(followers: object) -> None:
    reply = as_reply(profile("x.example", followers), profile("y.example"))
    outcomes, _ = run([reply], Ask("a/b", "x.example"), Ask("a/b", "y.example"))
    assert [type(outcome) for outcome in outcomes] == [Failure, Answer]


@pytest.mark.parametrize("whole", [None, [], "x", {}, {"profiles": None}, {"profiles": [None]}, {"profiles": [{}]}])
def test_any_other_shape_is_refused(whole: object) -> None:
    with pytest.raises(Broken):
        bluesky.parse(whole)


def test_a_name_that_spoils_the_question_spoils_it_for_itself_alone() -> None:
    replies = [REFUSED, REFUSED, as_reply(profile("y.example"))]
    outcomes, requests = run(replies, Ask("a/b", "x.example"), Ask("a/b", "y.example"))
    assert outcomes == [failure("x.example", "answered 400"), answer("y.example", 21)]
    assert [request.partition("?")[2] for request in requests[1:]] == ["actors=x.example", "actors=y.example"]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply("<!DOCTYPE html>", 200, "text/html"), "answered with text/html instead of JSON"),
        (Reply("{}", 429), "answered 429 (too many requests)"),
        (Reply('{"profiles": [', 200), "answered with broken JSON"),
    ],
)
def test_no_answer_is_a_failure_for_each_account_and_no_reason_to_ask_one_by_one(reply: Reply, reason: str) -> None:
    outcomes, requests = run([reply], Ask("a/b", "x.example"), Ask("a/b", "y.example"))
    assert outcomes == [failure("x.example", reason), failure("y.example", reason)]
    assert len(set(requests)) == 1


def test_followers_that_were_seen_before_are_not_all_gone() -> None:
    reply = as_reply(profile("x.example", 0), profile("y.example", 0))
    outcomes, _ = run([reply], Ask("a/b", "x.example", newest={"followers": YESTERDAY}), Ask("a/b", "y.example"))
    assert outcomes == [failure("x.example", "gave 0 for a total that cannot be 0"), answer("y.example", 0)]


@pytest.mark.parametrize("name", ["bsky.app", "Some-Body.bsky.social", DID])
def test_an_account_can_be_named(name: str) -> None:
    assert re.fullmatch(bluesky.NAMING.pattern, name)


@pytest.mark.parametrize("name", ["@bsky.app", "bsky", "https://bsky.app", "a.b/c", "a.b&actors=c.d", "did:plc:x"])
def test_anything_else_cannot_be_named(name: str) -> None:
    assert not re.fullmatch(bluesky.NAMING.pattern, name)
