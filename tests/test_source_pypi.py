"""PyPI: what pypistats and ClickHouse answer, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure
from groundswell.sources import pypi
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
DAYS = json.dumps(
    {
        "data": [
            {"category": "with_mirrors", "date": "2026-11-20", "downloads": 120},
            {"category": "without_mirrors", "date": "2026-11-20", "downloads": 100},
            {"category": "without_mirrors", "date": "2026-11-21", "downloads": 0},
            {"category": "without_mirrors", "date": "2026-11-22", "downloads": 3},
        ],
        "package": "anvil",
        "type": "overall_downloads",
    }
)
MONTHS = json.dumps(
    {
        "meta": [{"name": "project", "type": "String"}],
        "data": [
            {"project": "anvil", "month": "2026-09-01", "downloads": "9007199254740993"},
            {"project": "anvil", "month": "2026-10-01", "downloads": 4200},
            {"project": "anvil", "month": "2026-11-01", "downloads": "7"},
        ],
        "rows": 3,
    }
)


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(pypi.fetch(asks, door, TODAY))
        door.close()
    return outcomes, [*server.requests, *filter(None, server.bodies)]


def test_days_are_those_without_mirrors_that_are_over() -> None:
    days = pypi.parse_days(json.loads(DAYS), TODAY)
    assert [(one.day.isoformat(), one.value) for one in days] == [("2026-11-20", 100), ("2026-11-21", 0)]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"data": [], "package": "anvil", "type": "overall_downloads"},
        {"data": [{"category": "without_mirrors", "date": "2026-11-20", "downloads": -1}], "type": "overall_downloads"},
        {"data": [{"category": "without_mirrors", "date": "soon", "downloads": 1}], "type": "overall_downloads"},
        {
            "data": [{"category": "without_mirrors", "date": "2026-11-20", "downloads": None}],
            "type": "overall_downloads",
        },
        {"data": [{"category": "without_mirrors", "date": "2026-11-20", "downloads": 1}], "type": "python_major"},
    ],
)
def test_any_other_shape_of_days_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        pypi.parse_days(answer, TODAY)


def test_months_are_closed_ones_dated_on_their_last_day() -> None:
    months = pypi.parse_months(json.loads(MONTHS), dt.date(2026, 10, 31))
    assert [(one.day.isoformat(), one.value) for one in months["anvil"]] == [
        ("2026-09-30", 9007199254740993),
        ("2026-10-31", 4200),
    ]


@pytest.mark.parametrize("answer", [None, {"data": None}, {"data": [{"project": "a", "month": "x", "downloads": 1}]}])
def test_any_other_shape_of_months_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        pypi.parse_months(answer, dt.date(2026, 10, 31))


def test_one_query_for_the_months_of_all_packages_then_one_request_a_package() -> None:
    outcomes, requests = run([Reply(MONTHS), Reply(DAYS)], Ask("a/b", "Anvil"), Ask("c/d", "zeta.x_y"))
    assert [type(outcome) for outcome in outcomes] == [Answer] * 4
    assert requests[:3] == [
        "/sql-clickhouse.clickhouse.com/?user=demo&default_format=JSON",
        "/pypistats.org/api/packages/anvil/overall?mirrors=false",
        "/pypistats.org/api/packages/zeta-x-y/overall?mirrors=false",
    ]
    assert "project IN ('anvil', 'zeta-x-y')" in requests[3]
    assert "month >= '2021-11-01' AND month <= '2026-10-01'" in requests[3]


def test_what_is_there_already_is_not_asked_for_again() -> None:
    ask = Ask("a/b", "anvil", {"months": "2026-10-31"}, {"downloads": dt.date(2026, 11, 21)})
    outcomes, requests = run([Reply(DAYS)], ask)
    assert outcomes == [Answer("pypi", "a/b", "anvil", ())]
    assert requests == []


def test_a_package_that_is_not_there_costs_only_itself() -> None:
    ask = Ask("a/b", "nobody", {"months": "2026-10-31"})
    other = Ask("a/b", "anvil", {"months": "2026-10-31"})
    outcomes, _ = run([Reply("404", 404, "text/html"), Reply(DAYS)], ask, other)
    assert isinstance(outcomes[0], Failure)
    assert "404" in outcomes[0].reason
    assert isinstance(outcomes[1], Answer)


def test_pypistats_down_leaves_the_months() -> None:
    page = Reply('<a href="/api/#etiquette">429 RATE LIMIT EXCEEDED</a>', 429, "text/html")
    outcomes, _ = run([Reply(MONTHS), page], Ask("a/b", "anvil"), Ask("c/d", "zeta"))
    assert [type(outcome) for outcome in outcomes] == [Answer, Answer, Failure, Failure]
    assert isinstance(outcomes[2], Failure)
    assert outcomes[2].reason == "answered 429 (too many requests)"


def test_clickhouse_down_leaves_the_days_and_is_asked_again_next_time() -> None:
    outcomes, _ = run([Reply("no", 400, "text/plain"), Reply(DAYS)], Ask("a/b", "anvil"))
    failure, answer = outcomes
    assert isinstance(failure, Failure)
    assert failure.signals == ("downloads_month",)
    assert isinstance(answer, Answer)
    assert "months" not in answer.state


def test_months_are_noted_only_when_they_came() -> None:
    outcomes, _ = run([Reply(MONTHS), Reply(DAYS)], Ask("a/b", "anvil"))
    assert isinstance(outcomes[0], Answer)
    assert outcomes[0].state == {"months": "2026-10-31"}


def test_all_packages_together_have_a_name_at_pypistats_and_no_months() -> None:
    outcomes, asked = run([Reply(DAYS)], Ask("market", ""))
    assert asked == ["/pypistats.org/api/packages/__all__/overall?mirrors=false"]
    assert [(type(one), one.target) for one in outcomes] == [(Answer, "")]
    assert run([], Ask("market", "", newest={"downloads": dt.date(2026, 11, 21)}))[1] == []
