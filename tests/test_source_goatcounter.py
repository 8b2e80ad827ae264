"""GoatCounter: what an open visitor counter answers, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import goatcounter
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
JULY, AUGUST, SEPTEMBER = dt.date(2026, 7, 31), dt.date(2026, 8, 31), dt.date(2026, 9, 30)
OCTOBER = dt.date(2026, 10, 31)
HOST = "example.goatcounter.com"
DONE: dict[str, object] = {"filled": True}
SHUT = Reply('{"error":"Need to enable the ‘allow using the visitor counter’ setting"}', 403)
ZERO_404 = Reply('{"count_unique":"0", "count":"0"}', 404)


def counted(count: object) -> Reply:
    return Reply(json.dumps({"count_unique": count, "count": count}))


def run(replies: list[Reply], *asks: Ask, today: dt.date = TODAY) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(goatcounter.fetch(asks, door, today))
        door.close()
    return outcomes, server.requests


def answer(months: dict[dt.date, int], state: dict[str, object]) -> Answer:
    observations = tuple(Observation("visits", month, visits) for month, visits in months.items())
    return Answer("goatcounter", "a/b", HOST, observations, state)


def failure(reason: str) -> Failure:
    return Failure("goatcounter", "a/b", HOST, reason)


def known(oldest: dt.date, newest: dt.date, **state: object) -> Ask:
    return Ask("a/b", HOST, state, {"visits": newest}, {"visits": oldest})


def starts(requests: list[str]) -> list[str]:
    return [request.partition("start=")[2].partition("&")[0] for request in requests]


@pytest.mark.parametrize(
    "text", ["1234", "1,234", "1.234", "1 234", "1\u202f234", "1\u2009234", "1\xa0234", "1'234", "1’234"]
)
def test_a_count_is_a_number_however_its_thousands_are_parted(text: str) -> None:
    assert goatcounter.parse({"count": text}) == 1234


def test_small_and_large_counts_are_read() -> None:
    assert [goatcounter.parse({"count": text}) for text in ("0", "12", "999", "1,234,567")] == [0, 12, 999, 1_234_567]


@pytest.mark.parametrize("text", ["", " ", "-5", "many", "1.5", "1,23", "12k", "1e3", "½", "1234,567", ",123", "٣"])
def test_any_other_text_is_no_number(text: str) -> None:
    with pytest.raises(Broken):
        goatcounter.parse({"count": text})


@pytest.mark.parametrize(
    "whole", [None, [], "x", {}, {"error": "no"}, {"count": None}, {"count": 12}, {"count": ["1"]}]
)
def test_any_other_shape_is_refused(whole: object) -> None:
    with pytest.raises(Broken):
        goatcounter.parse(whole)


def test_first_sight_fills_the_past_back_to_the_month_before_the_site_was_counted() -> None:
    replies = [counted("3,210"), counted("210"), counted("0")]
    outcomes, requests = run(replies, Ask("a/b", "Example.GoatCounter.com"))
    observations = (Observation("visits", SEPTEMBER, 210), Observation("visits", OCTOBER, 3210))
    assert outcomes == [Answer("goatcounter", "a/b", "Example.GoatCounter.com", observations, DONE)]
    assert requests == [
        f"/{HOST}/counter/TOTAL.json?start=2026-10-01&end=2026-11-01",
        f"/{HOST}/counter/TOTAL.json?start=2026-09-01&end=2026-10-01",
        f"/{HOST}/counter/TOTAL.json?start=2026-08-01&end=2026-09-01",
    ]


def test_the_past_is_three_years_at_most() -> None:
    outcomes, requests = run([counted("7")], Ask("a/b", HOST))
    assert len(requests) == 36
    assert starts(requests)[-1] == "2023-11-01"
    assert isinstance(outcomes[0], Answer)
    assert outcomes[0].state == DONE


def test_after_a_long_pause_three_years_are_asked_for_at_most() -> None:
    long_ago = dt.date(2021, 1, 31)
    assert len(run([counted("7")], known(long_ago, long_ago, **DONE))[1]) == 36


def test_nothing_is_asked_for_while_no_month_is_new() -> None:
    outcomes, requests = run([SHUT], known(JULY, OCTOBER, **DONE))
    assert requests == []
    assert outcomes == [answer({}, {})]


def test_a_month_is_new_on_the_day_after_it() -> None:
    last, first = dt.date(2026, 11, 30), dt.date(2026, 12, 1)
    assert run([counted("9")], known(JULY, OCTOBER, **DONE), today=last)[1] == []
    assert starts(run([counted("9")], known(JULY, OCTOBER, **DONE), today=first)[1]) == ["2026-11-01"]


def test_new_months_are_asked_for_oldest_first_so_that_a_refusal_leaves_no_gap() -> None:
    ask = known(JULY, JULY, **DONE)
    outcomes, requests = run([counted("5"), Reply("<html>", 200, "text/html")], ask)
    assert starts(requests) == ["2026-08-01", "2026-09-01"]
    assert outcomes == [answer({AUGUST: 5}, {}), failure("answered with text/html instead of JSON")]


def test_what_was_read_of_the_past_is_kept_and_the_rest_is_asked_for_the_next_time() -> None:
    broken = Reply('{"count"', 200)
    outcomes, _ = run([counted("9"), counted("8"), broken], Ask("a/b", HOST))
    assert outcomes == [
        answer({SEPTEMBER: 8, OCTOBER: 9}, {}),
        failure("answered with broken JSON"),
    ]
    outcomes, requests = run([counted("7"), counted("0")], known(SEPTEMBER, OCTOBER))
    assert starts(requests) == ["2026-08-01", "2026-07-01"]
    assert outcomes == [answer({AUGUST: 7}, DONE)]


def test_a_month_without_visits_is_missing_and_asked_for_again_until_a_later_one_is_there() -> None:
    reason = "gave no visits for the month that ended on {}"
    assert run([counted("0")], Ask("a/b", HOST))[0] == [failure(reason.format(OCTOBER))]
    outcomes, _ = run([counted("0"), counted("6")], known(JULY, AUGUST, **DONE))
    assert outcomes == [answer({OCTOBER: 6}, {}), failure(reason.format(SEPTEMBER))]
    outcomes, requests = run([counted("0")], known(JULY, AUGUST, **DONE))
    assert outcomes == [failure(reason.format(OCTOBER))]
    assert starts(requests) == ["2026-09-01", "2026-10-01"]


def test_a_counter_that_is_not_open_is_said_so_and_is_a_failure_for_that_site_alone() -> None:
    other = Ask("c/d", "other.example", DONE, {"visits": SEPTEMBER}, {"visits": JULY})
    outcomes, _ = run([SHUT, counted("4")], Ask("a/b", HOST), other)
    assert outcomes == [
        failure("answered 403: its owner has not opened the visitor counter"),
        Answer("goatcounter", "c/d", "other.example", (Observation("visits", OCTOBER, 4),)),
    ]


def test_the_zero_under_404_is_no_number() -> None:
    assert run([ZERO_404], Ask("a/b", HOST))[0] == [failure("has nothing of that name (404)")]


def test_a_site_on_a_private_network_is_not_asked() -> None:
    door = Door(Outside())
    reason = "stands on a private network, which is not asked"
    outcomes = list(goatcounter.fetch([Ask("a/b", "127.0.0.1")], door, TODAY))
    assert outcomes == [Failure("goatcounter", "a/b", "127.0.0.1", reason)]
    door.close()


@pytest.mark.parametrize("name", ["example.goatcounter.com", "stats.Example.org"])
def test_a_host_can_be_named(name: str) -> None:
    assert re.fullmatch(goatcounter.NAMING.pattern, name)


@pytest.mark.parametrize("name", ["example", "https://a.goatcounter.com", "a.org/counter", "10.0.0.1", "a.org:80"])
def test_anything_but_a_host_cannot_be_named(name: str) -> None:
    assert not re.fullmatch(goatcounter.NAMING.pattern, name)


def test_the_recorded_template_is_read_as_it_is(shared: Path) -> None:
    recorded = json.loads((shared / "samples" / "goatcounter" / "counter-shape.json").read_text())
    assert goatcounter.parse(recorded) == int("".join(filter(str.isdigit, recorded["count"])))
