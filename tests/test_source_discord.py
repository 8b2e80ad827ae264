"""Discord: what an invite answers, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import discord
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
YESTERDAY = dt.date(2026, 11, 21)
GONE = Reply('{"message": "Unknown Invite", "code": 10006}', 404)
LIMITED = Reply('{"message": "You are being rate limited.", "retry_after": 0.01, "global": false}', 429)


def invite(members: object = 540, online: object = 61, code: object = "abc-Def") -> dict[str, object]:
    return {
        "type": 0,
        "code": code,
        "expires_at": None,
        "guild": {"id": "1", "name": "Somewhere", "premium_subscription_count": 7},
        "channel": {"id": "2", "name": "welcome", "type": 0},
        "approximate_member_count": members,
        "approximate_presence_count": online,
    }


def as_reply(answer: object) -> Reply:
    return Reply(json.dumps(answer))


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(discord.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def seen(day: dt.date) -> Ask:
    return Ask("a/b", "abc-Def", newest={"members": day, "online": day})


def read(members: int, online: int) -> Answer:
    observations = (Observation("members", TODAY, members), Observation("online", TODAY, online))
    return Answer("discord", "a/b", "abc-Def", observations)


def failure(reason: str) -> Failure:
    return Failure("discord", "a/b", "abc-Def", reason)


def test_members_and_those_online_are_dated_today() -> None:
    outcomes, requests = run([as_reply(invite())], seen(YESTERDAY))
    assert outcomes == [read(540, 61)]
    assert requests == ["/discord.com/api/v10/invites/abc-Def?with_counts=true"]


def test_nothing_is_asked_for_when_today_is_there() -> None:
    outcomes, requests = run([GONE], seen(TODAY))
    assert outcomes == [Answer("discord", "a/b", "abc-Def", ())]
    assert requests == []


def test_nobody_online_can_be() -> None:
    outcomes, _ = run([as_reply(invite(online=0))], seen(YESTERDAY))
    assert outcomes == [read(540, 0)]


def test_a_server_without_members_cannot_be() -> None:
    outcomes, _ = run([as_reply(invite(0, 0))], Ask("a/b", "abc-Def"))
    assert outcomes == [failure("gave 0 for a total that cannot be 0")]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "x",
        {},
        invite(None),
        invite("540"),
        invite(-1),
        invite(5.5),
        invite(True),
        invite(online=None),
        invite(online=-1),
        invite(code=None),
        invite(code="other"),
        {key: value for key, value in invite().items() if not key.startswith("approximate")},
    ],
)
def test_any_other_shape_and_any_other_invite_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        discord.parse(answer, "abc-Def")


def test_an_invite_that_is_gone_is_a_failure_for_it_alone() -> None:
    outcomes, _ = run([GONE, as_reply(invite())], Ask("c/d", "old"), Ask("a/b", "abc-Def"))
    reason = "has no invite of that code, or it has expired (404)"
    assert outcomes == [Failure("discord", "c/d", "old", reason), read(540, 61)]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (LIMITED, "answered 429 (too many requests)"),
        (Reply("<!DOCTYPE html>", 200, "text/html"), "answered with text/html instead of JSON"),
        (Reply("<!DOCTYPE html>", 403, "text/html"), "answered 403"),
        (Reply('{"code": "abc', 200), "answered with broken JSON"),
    ],
)
def test_no_answer_is_a_failure(reply: Reply, reason: str) -> None:
    outcomes, _ = run([reply], Ask("a/b", "abc-Def"))
    assert outcomes == [failure(reason)]


@pytest.mark.parametrize(
    ("name", "can"), [("rust-lang", True), ("aB3", True), ("a/b", False), ("a?b", False), ("", False)]
)
def test_only_a_code_can_be_named(name: str, can: bool) -> None:
    assert bool(re.fullmatch(discord.NAMING.pattern, name)) is can


def test_the_documented_example_has_no_counts_and_gives_no_number(shared: Path) -> None:
    answer = json.loads((shared / "samples" / "discord" / "invite-doc-without-counts.json").read_text())
    with pytest.raises(Broken, match="approximate_member_count"):
        discord.parse(answer, answer["code"])
    counted = answer | {"approximate_member_count": 8, "approximate_presence_count": 3}
    assert discord.parse(counted, answer["code"]) == (8, 3)
