"""Packagist: what its download statistics answer, and what is made of them."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, NotFound, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import packagist
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
CLOSED = dt.date(2026, 10, 31)
STATS = "/packagist.org/packages/{}/stats/all.json?average=monthly&from={}&to={}"
NOT_FOUND = Reply('{"status":"error","message":"Package not found"}', 404)


def stats(means: list[object], labels: list[str] | None = None, **changed: object) -> dict[str, object]:
    named = labels if labels is not None else [f"2026-{10 - n:02}" for n in range(len(means))][::-1]
    return {"labels": named, "values": {"lamp/lamp": means}, "average": "monthly"} | changed


def run(replies: list[Reply], *asks: Ask, today: dt.date = TODAY) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(packagist.fetch(asks, door, today))
        door.close()
    return outcomes, server.requests


def known(target: str, newest: dt.date) -> Ask:
    return Ask("a/b", target, newest={"downloads_month": newest})


def test_the_mean_of_a_months_days_is_multiplied_back() -> None:
    outcomes, _ = run(
        [Reply(json.dumps(stats([10, 2, 3], ["2026-02", "2026-09", "2026-10"])))], Ask("a/b", "lamp/lamp")
    )
    assert isinstance(outcomes[0], Answer)
    assert outcomes[0].observations == (
        Observation("downloads_month", dt.date(2026, 2, 28), 280),
        Observation("downloads_month", dt.date(2026, 9, 30), 60),
        Observation("downloads_month", dt.date(2026, 10, 31), 93),
    )


def test_first_sight_asks_for_everything_and_only_for_whole_months() -> None:
    _, requests = run([Reply(json.dumps(stats([5])))], Ask("a/b", "lamp/lamp"))
    assert requests == [STATS.format("lamp/lamp", "2012-05-01", "2026-10-31")]


def test_afterwards_only_some_months_are_asked_for() -> None:
    _, requests = run([Reply(json.dumps(stats([5])))], known("lamp/lamp", dt.date(2026, 9, 30)))
    assert requests == [STATS.format("lamp/lamp", "2026-06-01", "2026-10-31")]


def test_nothing_is_asked_for_while_the_last_closed_month_is_there() -> None:
    outcomes, requests = run([NOT_FOUND], known("lamp/lamp", CLOSED))
    assert (outcomes, requests) == ([Answer("packagist", "a/b", "lamp/lamp", ())], [])


def test_a_month_is_closed_when_its_last_day_is_two_days_old() -> None:
    ask = known("lamp/lamp", CLOSED)
    assert run([Reply(json.dumps(stats([5])))], ask, today=dt.date(2026, 12, 1))[1] == []
    requests = run([Reply(json.dumps(stats([5])))], ask, today=dt.date(2026, 12, 2))[1]
    assert requests == [STATS.format("lamp/lamp", "2026-07-01", "2026-11-30")]


def test_a_month_that_is_not_over_is_not_taken() -> None:
    assert packagist.parse(stats([5, 6], ["2026-10", "2026-11"]), CLOSED) == {CLOSED: 5}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "x",
        {},
        stats([-1]),
        stats([None]),
        stats(["5"]),
        stats([True]),
        stats([1.5]),
        stats([float("nan")]),
        stats([5], ["2026-10-01"]),
        stats([5], ["2026-13"]),
        stats([5], ["2026-09", "2026-10"]),
        stats([5], average="daily"),
        stats([5], values=[[0]]),
        stats([5], values={}),
        stats([5], values={"lamp/lamp": [5], "lamp/oil": [6]}),
    ],
)
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        packagist.parse(answer, CLOSED)


def test_a_whole_number_may_be_written_with_a_point() -> None:
    assert packagist.parse(stats([5.0]), CLOSED) == {CLOSED: 5}


def test_a_zero_in_a_large_series_was_not_counted() -> None:
    months = packagist.parse(stats([0, 900, 0, 1_000, 1_100]), CLOSED)
    assert list(packagist.counted_months(months).values()) == [900, 1_000, 1_100]


def test_a_zero_in_a_small_series_is_a_zero() -> None:
    months = packagist.parse(stats([0, 2, 0, 1]), CLOSED)
    assert list(packagist.counted_months(months).values()) == [2, 0, 1]  # the first lies before the first download


def test_only_zeros_are_no_answer() -> None:
    outcomes, _ = run([Reply(json.dumps(stats([0, 0])))], known("lamp/lamp", dt.date(2026, 8, 31)))
    assert outcomes == [Failure("packagist", "a/b", "lamp/lamp", "gave no downloads in any month that is over")]


def test_a_package_that_is_not_there_is_a_failure_for_it_alone() -> None:
    outcomes, _ = run([NOT_FOUND, Reply(json.dumps(stats([5])))], Ask("a/b", "lamp/none"), Ask("a/b", "lamp/lamp"))
    assert [type(outcome) for outcome in outcomes] == [Failure, Answer]


@pytest.mark.parametrize(
    "reply",
    [
        Reply("<!DOCTYPE html><title>Packagist</title>", kind="text/html; charset=UTF-8"),
        Reply("This page is temporarily disabled, please come back later.", 502, "text/html"),
        Reply("{}", 429),
        Reply('{"labels":["2026-'),
    ],
)
def test_what_is_no_answer_is_a_failure_for_each_package(reply: Reply) -> None:
    outcomes, _ = run([reply], Ask("a/b", "lamp/lamp"), Ask("a/b", "lamp/oil"))
    assert [type(outcome) for outcome in outcomes] == [Failure, Failure]


def test_names_of_packages() -> None:
    good = ("monolog/monolog", "league/oauth2-client", "a.b/c_d--e", "Corveda/php-sandbox")
    bad = ("monolog", "monolog/", "/monolog", "a/b/c", "a/../b", "a/b?c", "-a/b", "a/b ")
    assert all(re.fullmatch(packagist.NAMING.pattern, name) for name in good)
    assert not any(re.fullmatch(packagist.NAMING.pattern, name) for name in bad)


def test_a_recorded_error_is_a_package_that_is_not_there(shared: Path) -> None:
    recorded = Reply((shared / "samples" / "packagist" / "error-404.json").read_text(), 404)
    with scripted([recorded]) as server:
        door = Door(Outside(stand_in=server.address))
        with pytest.raises(NotFound):
            door.json(packagist.STATS.format("lamp/none"))
        door.close()
