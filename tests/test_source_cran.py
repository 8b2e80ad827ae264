"""CRAN: what the log of its mirror answers, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, NotFound, Outside
from groundswell.models import Answer, Ask, Failure
from groundswell.sources import cran
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
NEWEST = dt.date(2026, 11, 20)
REFUSAL = Reply('{ "error": "Invalid query",   "info": "https://github.com/metacran/cranlogs.app" }', 404)


def package(name: str, amounts: list[object], first: dt.date = NEWEST) -> dict[str, object]:
    days = [
        {"day": (first + dt.timedelta(days=n)).isoformat(), "downloads": amount} for n, amount in enumerate(amounts)
    ]
    return {"downloads": days, "start": "", "end": "", "package": name}


def reply(*packages: dict[str, object]) -> Reply:
    return Reply(json.dumps(packages))


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(cran.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def known(target: str, newest: dt.date) -> Ask:
    return Ask("a/b", target, newest={"downloads": newest})


def values(outcome: Answer | Failure) -> list[float]:
    assert isinstance(outcome, Answer)
    return [one.value for one in outcome.observations]


def test_first_sight_asks_for_two_years_of_all_packages_at_once() -> None:
    outcomes, requests = run([reply(package("x", [5]), package("y", [6]))], Ask("a/b", "y"), Ask("a/b", "x"))
    assert requests == ["/cranlogs.r-pkg.org/downloads/daily/2024-11-21:2026-11-20/x,y"]
    assert [values(one) for one in outcomes] == [[6], [5]]


def test_afterwards_only_the_last_weeks_are_asked_for() -> None:
    _, requests = run([reply(package("x", [5]))], known("x", dt.date(2026, 11, 18)))
    assert requests == ["/cranlogs.r-pkg.org/downloads/daily/2026-11-04:2026-11-20/x"]


def test_nothing_is_asked_for_when_no_day_is_lacking() -> None:
    assert run([REFUSAL], known("x", NEWEST)) == ([Answer("cran", "a/b", "x", ())], [])


def test_more_packages_than_go_into_one_request_are_asked_for_in_several() -> None:
    asks = [Ask("a/b", f"p{n}") for n in range(cran.NAMES + 1)]
    _, requests = run([reply(package("x", [5]))], *asks)
    assert len(requests) == 2


@pytest.mark.parametrize(
    "missing", [[], [package("zzz", [])], [package("zzz", [0, 0])], [package("zzz", [-1])], [{"package": "zzz"}]]
)
def test_a_package_that_is_not_there_or_broken_is_no_fault_of_the_next(missing: list[dict[str, object]]) -> None:
    outcomes, _ = run([reply(package("x", [5]), *missing)], Ask("a/b", "zzz"), Ask("a/b", "x"))
    assert [(one.target, type(one)) for one in outcomes] == [("zzz", Failure), ("x", Answer)]


def test_zeros_before_the_first_download_and_in_a_large_series_were_not_counted() -> None:
    first = NEWEST - dt.timedelta(days=4)
    outcomes, _ = run([reply(package("x", [0, 900, 0, 1000, 1100], first))], Ask("a/b", "x"))
    assert values(outcomes[0]) == [900, 1000, 1100]


def test_a_zero_in_a_small_series_is_a_zero() -> None:
    days = {NEWEST - dt.timedelta(days=n): amount for n, amount in enumerate([2, 0, 1, 0])}
    assert sorted(cran.counted_days(days).values()) == [0, 1, 2]  # the oldest zero lies before the first download
    assert sorted(cran.counted_days(days, known_since=min(days)).values()) == [0, 0, 1, 2]


def test_a_quiet_package_with_a_history_has_its_zeros() -> None:
    first = NEWEST - dt.timedelta(days=2)
    ask = Ask("a/b", "x", newest={"downloads": first}, oldest={"downloads": dt.date(2026, 1, 1)})
    assert values(run([reply(package("x", [0, 0, 2], first))], ask)[0][0]) == [0, 0, 2]


def test_a_day_to_come_is_not_taken() -> None:
    outcomes, _ = run([reply(package("x", [5, 6, 7]))], Ask("a/b", "x"))
    assert values(outcomes[0]) == [5]


@pytest.mark.parametrize("answer", [None, {}, "x", [None], [{"downloads": 1}], {"error": "Invalid query"}])
def test_any_other_shape_of_the_whole_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        cran.parse(answer)


@pytest.mark.parametrize("amount", [None, "5", -1, 1.5])
def test_a_day_that_is_no_number_is_refused(amount: object) -> None:
    with pytest.raises(Broken):
        cran.parse_days(package("x", [7, amount]))


def test_a_package_without_an_entry_is_not_there() -> None:
    with pytest.raises(NotFound):
        cran.parse_days(None)


@pytest.mark.parametrize("fault", [REFUSAL, Reply("<html>", kind="text/html"), Reply("[{"), Reply("null"), Reply("[]")])
def test_what_is_not_an_answer_is_a_failure_for_each_package(fault: Reply) -> None:
    outcomes, _ = run([fault], Ask("a/b", "x"), Ask("c/d", "y"))
    assert [type(one) for one in outcomes] == [Failure, Failure]


def test_the_documented_answer_is_read_as_it_is(shared: Path) -> None:
    answer = json.loads((shared / "samples" / "cran" / "daily-doc.json").read_text())
    days = cran.parse_days(cran.parse(answer)["ggplot2"])
    assert days == {dt.date(2014, 9, 27): 1581, dt.date(2014, 10, 4): 2395}


def test_a_documented_total_is_not_taken_for_days(shared: Path) -> None:
    answer = json.loads((shared / "samples" / "cran" / "total-doc.json").read_text())
    with pytest.raises(Broken):
        cran.parse_days(cran.parse(answer)["ggplot2"])
