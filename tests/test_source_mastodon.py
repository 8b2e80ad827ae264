"""Mastodon: what looking up an account answers, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import mastodon
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
YESTERDAY = dt.date(2026, 11, 21)
TARGET = "@Brightlantern@toots.example"


def account(followers: object = 321, acct: object = "brightlantern") -> dict[str, object]:
    return {
        "id": "11",
        "username": "brightlantern",
        "acct": acct,
        "note": "<p>Answers</p>",
        "created_at": "2024-02-03T00:00:00.000Z",
        "followers_count": followers,
        "following_count": 4,
        "fields": [],
    }


def as_reply(answer: object) -> Reply:
    return Reply(json.dumps(answer))


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(mastodon.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def seen(day: dt.date) -> Ask:
    return Ask("a/b", TARGET, newest={"followers": day})


def reasons(outcomes: list[Answer | Failure]) -> list[str]:
    return [outcome.reason for outcome in outcomes if isinstance(outcome, Failure)]


def test_the_followers_of_today_are_dated_today() -> None:
    outcomes, requests = run([as_reply(account())], seen(YESTERDAY))
    assert outcomes == [Answer("mastodon", "a/b", TARGET, (Observation("followers", TODAY, 321),))]
    assert requests == ["/toots.example/api/v1/accounts/lookup?acct=Brightlantern"]


def test_nothing_is_asked_for_when_today_is_there() -> None:
    outcomes, requests = run([as_reply(account())], seen(TODAY))
    assert outcomes == [Answer("mastodon", "a/b", TARGET, ())]
    assert requests == []


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "x",
        {},
        {"error": "Record not found"},
        account(None),
        account("321"),
        account(-1),
        account(3.5),
        account(True),
        account(acct=None),
        account(acct="somebody"),
        account(acct="brightlantern@elsewhere.example"),
    ],
)
def test_any_other_shape_and_any_other_account_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        mastodon.parse(answer, "Brightlantern")


def test_an_account_that_is_not_there_is_said_so() -> None:
    outcomes, _ = run([Reply('{"error":"Record not found"}', 404)], Ask("a/b", TARGET))
    assert reasons(outcomes) == ["has no account of that name there (404)"]


def test_an_instance_that_answers_only_its_members_is_a_failure() -> None:
    outcomes, _ = run([Reply('{"error":"This API requires an authenticated user"}', 401)], Ask("a/b", TARGET))
    assert reasons(outcomes) == ["answered 401"]


def test_a_page_instead_of_json_is_a_failure_for_that_account_alone() -> None:
    page = Reply("<!DOCTYPE html><title>Down for repairs</title>", 200, "text/html; charset=utf-8")
    outcomes, _ = run([page, as_reply(account())], Ask("a/b", TARGET), Ask("c/d", "@brightlantern@other.example"))
    assert reasons(outcomes) == ["answered with text/html instead of JSON"]
    assert isinstance(outcomes[1], Answer)


def test_an_instance_that_refuses_is_asked_once_for_all_its_accounts() -> None:
    outcomes, requests = run([Reply("{}", 429)], Ask("a/b", TARGET), Ask("c/d", "@other@toots.example"))
    assert reasons(outcomes) == ["answered 429 (too many requests)"] * 2
    assert {request.partition("=")[2] for request in requests} == {"Brightlantern"}


def test_followers_that_were_seen_before_are_not_all_gone() -> None:
    outcomes, _ = run([as_reply(account(0))], seen(YESTERDAY))
    assert reasons(outcomes) == ["gave 0 for a total that cannot be 0"]


def test_a_new_account_may_have_no_followers() -> None:
    outcomes, _ = run([as_reply(account(0))], Ask("a/b", TARGET))
    assert outcomes == [Answer("mastodon", "a/b", TARGET, (Observation("followers", TODAY, 0),))]


def test_an_instance_on_a_private_network_is_not_asked() -> None:
    door = Door(Outside())
    reason = "stands on a private network, which is not asked"
    outcomes = list(mastodon.fetch([Ask("a/b", "@a@127.0.0.1")], door, TODAY))
    assert outcomes == [Failure("mastodon", "a/b", "@a@127.0.0.1", reason)]
    door.close()


@pytest.mark.parametrize("name", ["@Mastodon@mastodon.social", "@a_b1@xn--80ak6aa92e.xn--p1ai"])
def test_an_account_can_be_named(name: str) -> None:
    assert re.fullmatch(mastodon.NAMING.pattern, name)


@pytest.mark.parametrize(
    "name", ["@a", "a@b.org", "@a@b", "@a@127.0.0.1", "@a@b.org:80", "@a@b.org/x", "@@b.org", "@a b@c.org"]
)
def test_anything_else_cannot_be_named(name: str) -> None:
    assert not re.fullmatch(mastodon.NAMING.pattern, name)


def test_the_recorded_answer_is_read_as_it_is(shared: Path) -> None:
    samples = shared / "samples" / "mastodon"
    answer = json.loads((samples / "account-lookup.json").read_text())
    assert mastodon.parse(answer, answer["username"]) == answer["followers_count"]
    with pytest.raises(Broken):
        mastodon.parse(json.loads((samples / "lookup-error-404.json").read_text()), "a")
