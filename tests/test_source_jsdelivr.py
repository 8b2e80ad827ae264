"""jsDelivr: what its statistics answer, and what is made of them."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure
from groundswell.sources import jsdelivr
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
NEWEST = dt.date(2026, 11, 20)
HOST = "/data.jsdelivr.com/v1/stats/packages"
NOTHING = Reply('{"status": 404, "message": "Couldn\'t find the requested item."}', 404)


def stats(amounts: list[object], last: dt.date = NEWEST) -> dict[str, object]:
    days = {(last - dt.timedelta(days=len(amounts) - 1 - n)).isoformat(): amount for n, amount in enumerate(amounts)}
    return {"hits": {"rank": 1, "total": 0, "dates": days}, "bandwidth": {"dates": dict.fromkeys(days, 7)}}


def reply(amounts: list[object], last: dt.date = NEWEST) -> Reply:
    return Reply(json.dumps(stats(amounts, last)))


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(jsdelivr.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def known(newest: dt.date) -> Ask:
    return Ask("a/b", "npm/x", newest={"hits": newest})


def values(outcome: Answer | Failure) -> list[float]:
    assert isinstance(outcome, Answer)
    return [one.value for one in outcome.observations]


def test_first_sight_asks_for_last_year_and_for_the_last_365_days() -> None:
    outcomes, requests = run([reply([4], dt.date(2025, 12, 31)), reply([5, 6])], Ask("a/b", "npm/@s/x"))
    assert requests == [f"{HOST}/npm/@s/x?period=2025", f"{HOST}/npm/@s/x?period=year"]
    assert values(outcomes[0]) == [4, 5, 6]


def test_what_was_not_there_last_year_is_there_since() -> None:
    outcomes, _ = run([NOTHING, reply([5, 6])], Ask("a/b", "gh/o/r"))
    assert values(outcomes[0]) == [5, 6]


@pytest.mark.parametrize(("gap", "period"), [(1, "month"), (27, "month"), (28, "quarter"), (88, "year"), (900, "year")])
def test_afterwards_the_shortest_period_that_fills_the_gap_is_asked_for(gap: int, period: str) -> None:
    _, requests = run([reply([5])], known(NEWEST - dt.timedelta(days=gap)))
    assert requests == [f"{HOST}/npm/x?period={period}"]


def test_nothing_is_asked_for_when_no_day_is_lacking() -> None:
    assert run([NOTHING], known(NEWEST)) == ([Answer("jsdelivr", "a/b", "npm/x", ())], [])


def test_days_that_were_filled_with_zeros_were_not_counted() -> None:
    outcomes, _ = run([reply([0, 900, 0, 1000])], known(NEWEST - dt.timedelta(days=2)))
    assert values(outcomes[0]) == [900, 1000]


def test_a_zero_in_a_small_series_is_a_zero() -> None:
    outcomes, _ = run([reply([0, 2, 0, 1])], known(NEWEST - dt.timedelta(days=2)))
    assert values(outcomes[0]) == [2, 0, 1]


def test_a_zero_before_the_first_request_is_one_where_history_goes_further_back() -> None:
    before = dt.date(2026, 1, 1)
    ask = Ask("a/b", "npm/x", newest={"hits": NEWEST - dt.timedelta(days=2)}, oldest={"hits": before})
    outcomes, _ = run([reply([0, 2, 0, 1])], ask)
    assert values(outcomes[0]) == [0, 2, 0, 1]


def test_only_zeros_are_no_answer() -> None:
    outcomes, _ = run([reply([0, 0])], Ask("a/b", "npm/x"))
    assert isinstance(outcomes[0], Failure)


def test_a_day_to_come_is_not_taken() -> None:
    outcomes, _ = run([reply([5, 6, 7], TODAY)], known(NEWEST - dt.timedelta(days=2)))
    assert values(outcomes[0]) == [5]


@pytest.mark.parametrize(
    "answer",
    [None, [], {}, {"hits": None}, {"hits": {"total": 5}}, stats([-1]), stats(["5"]), stats([None]), stats([{}])],
)
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        jsdelivr.parse(answer)


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(Broken):
        jsdelivr.parse({"hits": {"dates": {"2026-02-30": 5}}})


@pytest.mark.parametrize("fault", [NOTHING, Reply("<html>", kind="text/html"), Reply('{"hits'), Reply("null")])
def test_one_that_fails_is_no_fault_of_the_next(fault: Reply) -> None:
    outcomes, _ = run([fault, fault, reply([5]), reply([5])], Ask("a/b", "npm/x"), Ask("a/b", "npm/y"))
    first = [one for one in outcomes if one.target == "npm/x"]
    assert [type(one) for one in first] == [Failure]


def test_after_a_missing_one_the_next_is_answered() -> None:
    outcomes, _ = run([NOTHING, NOTHING, reply([4]), reply([5])], Ask("a/b", "npm/x"), Ask("a/b", "npm/y"))
    assert [type(one) for one in outcomes] == [Failure, Answer]


@pytest.mark.parametrize("name", ["npm/x", "npm/@s/x", "gh/o/r.js"])
def test_what_may_be_named(name: str) -> None:
    assert re.fullmatch(jsdelivr.NAMING.pattern, name)


@pytest.mark.parametrize("name", ["x", "gh/o", "npm/../x", "gh/o/r/files", "npm/x?y"])
def test_what_may_not_be_named(name: str) -> None:
    assert not re.fullmatch(jsdelivr.NAMING.pattern, name)


@pytest.mark.parametrize("kind", ["npm", "gh"])
def test_a_recorded_answer_is_read_as_it_is(shared: Path, kind: str) -> None:
    answer = json.loads((shared / "samples" / "jsdelivr" / f"{kind}-package-stats-week.json").read_text())
    days = jsdelivr.counted_days(jsdelivr.parse(answer))
    assert {day.isoformat(): amount for day, amount in days.items()} == answer["hits"]["dates"]
    assert sum(days.values()) == answer["hits"]["total"]
