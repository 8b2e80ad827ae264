"""npm: what its download counts answer, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from groundswell.http import Broken, Door, NotFound, Outside
from groundswell.models import Answer, Ask, Failure
from groundswell.sources import npm
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
NEWEST = dt.date(2026, 11, 20)
CLOUDFLARE = Reply("<!DOCTYPE html><title>Access denied</title>", 429, "text/html; charset=UTF-8")


def ranged(package: str, amounts: list[object], first: dt.date = NEWEST) -> dict[str, object]:
    days = [
        {"downloads": amount, "day": (first + dt.timedelta(days=n)).isoformat()} for n, amount in enumerate(amounts)
    ]
    return {"downloads": days, "start": "", "end": "", "package": package}


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(npm.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def known(target: str, newest: dt.date) -> Ask:
    return Ask("a/b", target, newest={"downloads": newest})


def test_a_range_is_downloads_by_day() -> None:
    assert npm.parse_range(ranged("x", [5, 0])) == {NEWEST: 5, dt.date(2026, 11, 21): 0}


def test_null_in_a_bulk_answer_is_a_package_that_is_not_there() -> None:
    assert npm.parse_bulk({"x": ranged("x", [5]), "y": None}, ["x", "y"]) == {"x": {NEWEST: 5}}


def test_an_error_is_never_a_number() -> None:
    with pytest.raises(NotFound):
        npm.parse_range({"error": "package zzz not found"})
    with pytest.raises(Broken):
        npm.parse_bulk({"error": ""}, ["x", "@y/z"])


@pytest.mark.parametrize("answer", [None, [], "x", {}, ranged("x", [-1]), ranged("x", [None]), {"downloads": {}}])
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        npm.parse_range(answer)


def test_a_zero_in_a_large_series_was_not_counted() -> None:
    days = {NEWEST - dt.timedelta(days=n): amount for n, amount in enumerate([900, 0, 1000, 1100])}
    assert sorted(npm.counted_days(days).values()) == [900, 1000, 1100]


def test_a_zero_in_a_small_series_is_a_zero() -> None:
    days = {NEWEST - dt.timedelta(days=n): amount for n, amount in enumerate([2, 0, 1, 3, 0])}
    assert sorted(npm.counted_days(days).values()) == [0, 1, 2, 3]  # the oldest zero lies before the first download


def test_only_zeros_are_no_answer() -> None:
    outcomes, _ = run([Reply(json.dumps(ranged("x", [0, 0])))], Ask("a/b", "x"))
    assert isinstance(outcomes[0], Failure)


def test_first_sight_asks_for_18_months_in_bulk_and_for_scoped_names_alone() -> None:
    bulk = Reply(json.dumps({"x": ranged("x", [5]), "y": ranged("y", [6])}))
    scoped = Reply(json.dumps(ranged("@s/z", [7])))
    outcomes, requests = run([bulk, bulk, scoped], Ask("a/b", "x"), Ask("a/b", "@s/z"), Ask("c/d", "y"))
    assert requests == [
        "/api.npmjs.org/downloads/range/2025-05-30:2026-05-29/x,y",
        "/api.npmjs.org/downloads/range/2026-05-30:2026-11-20/x,y",
        "/api.npmjs.org/downloads/range/2025-05-30:2026-11-20/@s/z",
    ]
    assert {(outcome.target, type(outcome)) for outcome in outcomes} == {("x", Answer), ("y", Answer), ("@s/z", Answer)}


def test_afterwards_only_the_last_weeks_are_asked_for() -> None:
    _, requests = run([Reply(json.dumps(ranged("x", [5])))], known("x", dt.date(2026, 11, 18)))
    assert requests == ["/api.npmjs.org/downloads/range/2026-10-21:2026-11-20/x"]


def test_nothing_is_asked_for_when_no_day_is_lacking() -> None:
    outcomes, requests = run([CLOUDFLARE], known("x", NEWEST))
    assert outcomes == [Answer("npm", "a/b", "x", ())]
    assert requests == []


def test_the_html_page_under_429_is_a_failure_for_each_package() -> None:
    outcomes, _ = run([CLOUDFLARE], Ask("a/b", "x"), Ask("a/b", "y"), Ask("a/b", "@s/z"))
    assert [outcome.reason for outcome in outcomes if isinstance(outcome, Failure)] == [
        "answered 429 (too many requests)"
    ] * 3


def test_what_was_read_before_a_refusal_is_kept() -> None:
    bulk = Reply(json.dumps({"x": ranged("x", [5]), "y": ranged("y", [6])}))
    outcomes, _ = run([bulk, CLOUDFLARE], Ask("a/b", "x"), Ask("a/b", "y"))
    assert [type(outcome) for outcome in outcomes] == [Answer, Failure, Answer, Failure]


def test_a_day_to_come_is_not_taken() -> None:
    outcomes, _ = run([Reply(json.dumps(ranged("x", [5, 6, 7])))], Ask("a/b", "x"))
    assert isinstance(outcomes[0], Answer)
    assert [one.day for one in outcomes[0].observations] == [NEWEST]


# --- All packages together -------------------------------------------------------------------------------------------


def test_the_whole_registry_is_asked_for_last_and_without_a_name() -> None:
    whole = ranged("", [9_000_000_000])
    del whole["package"]
    replies = [Reply(json.dumps(ranged("x", [5]))), Reply(json.dumps(whole))]
    outcomes, requests = run(replies, known("", dt.date(2026, 11, 19)), known("x", dt.date(2026, 11, 19)))
    assert requests == [
        "/api.npmjs.org/downloads/range/2026-10-22:2026-11-20/x",
        "/api.npmjs.org/downloads/range/2026-10-22:2026-11-20",
    ]
    assert isinstance(outcomes[-1], Answer)
    assert (outcomes[-1].target, outcomes[-1].observations[0].value) == ("", 9_000_000_000)


def test_the_whole_registry_reaches_back_18_months_at_first_and_is_not_asked_for_twice_a_day() -> None:
    whole = ranged("", [7])
    del whole["package"]
    _, requests = run([Reply(json.dumps(whole))], Ask("market", ""))
    assert requests == ["/api.npmjs.org/downloads/range/2025-05-30:2026-11-20"]
    assert run([CLOUDFLARE], known("", NEWEST))[1] == []


@pytest.mark.parametrize("reply", [CLOUDFLARE, Reply('{"error": "invalid date"}', 400), Reply("[]"), Reply("null")])
def test_a_total_that_fails_costs_no_package_its_answer(reply: Reply) -> None:
    outcomes, _ = run(
        [Reply(json.dumps(ranged("x", [5]))), reply], known("x", dt.date(2026, 11, 19)), Ask("market", "")
    )
    assert [(type(one), one.target) for one in outcomes] == [(Answer, "x"), (Failure, "")]
