"""Flathub: what it answers of an application, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure
from groundswell.sources import flathub
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
NEWEST = dt.date(2026, 11, 20)
NOTHING = Reply("null", 404)


def app(amounts: list[object], last: dt.date = NEWEST) -> dict[str, object]:
    first = last - dt.timedelta(days=len(amounts) - 1)
    days = {(first + dt.timedelta(days=n)).isoformat(): amount for n, amount in enumerate(amounts)}
    return {"installs_total": 9, "installs_per_day": days, "installs_per_country": {}, "installs_last_month": 9}


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(flathub.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def known(newest: dt.date) -> Ask:
    return Ask("a/b", "org.a.X", newest={"installs": newest})


def values(outcome: Answer | Failure) -> list[float]:
    assert isinstance(outcome, Answer)
    return [one.value for one in outcome.observations]


def test_first_sight_asks_for_two_years() -> None:
    outcomes, requests = run([Reply(json.dumps(app([5, 6])))], Ask("a/b", "org.a.X"))
    assert requests == ["/flathub.org/api/v2/stats/org.a.X?days=730"]
    assert isinstance(outcomes[0], Answer)
    assert [(one.day, one.value) for one in outcomes[0].observations] == [(dt.date(2026, 11, 19), 5), (NEWEST, 6)]


def test_afterwards_only_the_last_weeks_are_asked_for() -> None:
    _, requests = run([Reply(json.dumps(app([5])))], known(NEWEST - dt.timedelta(days=1)))
    assert requests == ["/flathub.org/api/v2/stats/org.a.X?days=15"]


def test_nothing_is_asked_for_when_no_day_is_lacking() -> None:
    assert run([NOTHING], known(NEWEST)) == ([Answer("flathub", "a/b", "org.a.X", ())], [])


def test_a_zero_in_a_large_series_was_not_counted() -> None:
    assert sorted(flathub.parse(app([900, 0, 1000])).values()) == [900, 1000]


def test_a_zero_in_a_small_series_is_a_zero() -> None:
    assert sorted(flathub.parse(app([2, 0, 1])).values()) == [0, 1, 2]


def test_a_day_to_come_or_longer_ago_than_asked_for_is_not_taken() -> None:
    outcomes, _ = run([Reply(json.dumps(app([5, 6, 7], TODAY)))], Ask("a/b", "org.a.X"))
    assert values(outcomes[0]) == [5]
    old = Reply(json.dumps(app([5], dt.date(2020, 1, 1))))
    assert values(run([old], Ask("a/b", "org.a.X"))[0][0]) == []


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"installs_per_day": None}, app([]), app([0, 0]), app([-1]), app(["5"]), app([7, None])]
)
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        flathub.parse(answer)


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(Broken):
        flathub.parse({"installs_per_day": {"2026-02-30": 5}})


@pytest.mark.parametrize("fault", [NOTHING, Reply("<html>", kind="text/html"), Reply('{"inst'), Reply("null")])
def test_one_that_fails_is_no_fault_of_the_next(fault: Reply) -> None:
    outcomes, _ = run([fault, Reply(json.dumps(app([5])))], Ask("a/b", "org.a.X"), Ask("a/b", "org.a.Y"))
    assert [type(one) for one in outcomes] == [Failure, Answer]


def test_a_recorded_answer_is_read_as_it_is(shared: Path) -> None:
    answer = json.loads((shared / "samples" / "flathub" / "app-stats-calculator-cut.json").read_text())
    assert flathub.parse(answer) == {dt.date(2026, 8, 17): 470}
